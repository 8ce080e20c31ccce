"""Every refusal is problem+json, says what helps, and shows nothing of our inside."""

import json

import pytest
from django.http import HttpResponse

from recommendations.api import boards
from recommendations.api.problems import ProblemMiddleware

BOARD = "/communities/custserv/board"
NOMINATIONS = "/communities/custserv/nominations"
GOOD = {"handle": "@rosa@social.example", "reason": "She answers every question, and kindly."}

PROBLEMS = {
    "no JSON": (400, "POST", NOMINATIONS, b"{not json"),
    "no UTF-8": (400, "POST", NOMINATIONS, b'{"handle": "\xff"}'),
    "no such community": (404, "GET", "/communities/nobody/board", None),
    "no such address": (404, "GET", "/nothing/here", None),
    "no address at all": (404, "GET", "/", None),
    "a method that is not for it": (405, "PATCH", BOARD, None),
    "no nomination": (404, "PUT", "/nominations/4711/vote", None),
    "a number past all numbers": (422, "PUT", f"/nominations/{10**30}/vote", None),
    "a week that is none": (422, "GET", "/communities/custserv/weeks/someday", None),
    "a deed that is none": (422, "POST", "/communities/custserv/weeks/current/burn", None),
    "a broken cursor": (422, "GET", "/communities?cursor=abc", None),
    "a page too long": (422, "GET", "/communities?page_size=101", None),
    "too much": (413, "POST", NOMINATIONS, {**GOOD, "reason": "x" * 4_100_000}),
    "no handle": (422, "POST", NOMINATIONS, {"reason": GOOD["reason"]}),
    "a handle that is a list": (422, "POST", NOMINATIONS, {**GOOD, "handle": ["@rosa@social.example"]}),
    "a body that is a list": (422, "POST", NOMINATIONS, [GOOD]),
    "a word too many": (422, "POST", NOMINATIONS, {**GOOD, "resaon": "?"}),
    "a lone surrogate": (422, "POST", NOMINATIONS, b'{"handle": "\\ud800", "reason": "x"}'),
    "a reason for a vote that is a number": (422, "PUT", "/nominations/1/vote", {"reason": 7}),
    "nothing readable as a handle": (422, "POST", NOMINATIONS, {**GOOD, "handle": "rosa"}),
    "a reason too short": (409, "POST", NOMINATIONS, {**GOOD, "reason": "nice"}),
}


@pytest.mark.parametrize(("status", "method", "path", "body"), PROBLEMS.values(), ids=PROBLEMS)
def test_a_refusal_is_a_problem_with_a_detail(ask, community, ada, status, method, path, body):
    response = ask(method, path, body, by=ada)

    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response.data["status"] == status
    assert response.data["type"] == "about:blank"
    assert response.data["title"]
    assert response.data["detail"]
    assert "Traceback" not in response.content.decode()


def test_what_could_not_be_read_is_named(ask, community, ada):
    response = ask("POST", NOMINATIONS, {"handle": 7, "reason": "x"}, by=ada)

    assert response.data["errors"] == [{"where": ["body", "body", "handle"], "what": "Input should be a valid string"}]
    assert response.data["detail"] == "handle: Input should be a valid string"


def test_a_refusal_names_the_field_it_is_about(ask, community, ada):
    reason = ask("POST", NOMINATIONS, {**GOOD, "reason": "nice"}, by=ada)
    handle = ask("POST", NOMINATIONS, {**GOOD, "handle": "rosa"}, by=ada)

    assert reason.data["field"] == "reason"
    assert handle.data["field"] == "handle"
    assert handle.data["detail"].startswith("Which network is “rosa” on?")


def test_another_method_is_told_which_ones_there_are(ask, community):
    response = ask("TRACE", BOARD)

    assert response.status_code == 405
    assert response["Allow"] == "GET"


def test_our_own_fault_is_a_problem_too_and_tells_nothing(ask, community, monkeypatch):
    def break_it(*_args):
        raise RuntimeError("the secret of the inside")

    monkeypatch.setattr(boards, "board_for", break_it)

    response = ask("GET", BOARD)

    assert (response.status_code, response["Content-Type"]) == (500, "application/problem+json")
    assert "inside" not in response.content.decode()
    assert "written down" in response.data["detail"]


def test_a_status_without_words_of_ours_is_called_by_its_name(rf):
    middleware = ProblemMiddleware(lambda _request: HttpResponse("<h1>No</h1>", status=410))

    response = middleware(rf.get("/api/v1/communities"))

    assert json.loads(response.content)["detail"] == "Gone"


def test_pages_for_people_stay_pages(client, db):
    assert client.get("/nothing/here")["Content-Type"] == "text/html; charset=utf-8"
