"""The page on which a server's people follow others, as the server itself names it, however strange its answer."""

import json
from collections.abc import Iterator

import pytest

from recommendations.networks.base import Options, Rejected, Unavailable
from recommendations.networks.guard import Forbidden
from recommendations.networks.http import Client, client
from recommendations.networks.subscribing import REL, filled, template_of, usual_template
from tests.fakes.internet import Internet, Reply, Request

TEMPLATE = "https://home.test/authorize_interaction?uri={uri}"


@pytest.fixture
def internet() -> Iterator[Internet]:
    with Internet() as there:
        yield there


@pytest.fixture
def http(internet: Internet) -> Client:
    return client(Options(ca_file=str(internet.ca_file)))


def jrd(*links: object) -> Reply:
    return Reply(200, json.dumps({"subject": "acct:ada@home.test", "links": list(links)}).encode())


def test_a_server_is_asked_about_the_account_or_about_itself(internet: Internet, http: Client) -> None:
    asked: list[Request] = []

    def respond(request: Request) -> Reply:
        asked.append(request)
        return jrd({"rel": "self", "href": "https://home.test/users/ada"}, {"rel": REL, "template": TEMPLATE})

    internet.serve("home.test", respond)

    assert template_of("home.test", "ada", http=http) == TEMPLATE
    assert template_of("home.test", "", http=http) == TEMPLATE
    assert [request.path.partition("?")[2] for request in asked] == [
        "resource=acct%3Aada%40home.test", "resource=https%3A%2F%2Fhome.test",
    ]  # fmt: skip


def test_another_host_counts_where_the_servers_own_webfinger_names_it(internet: Internet, http: Client) -> None:
    internet.serve("home.test", lambda _: jrd({"rel": REL, "template": "https://social.home.test/follow?acct={uri}"}))

    assert template_of("home.test", "ada", http=http) == "https://social.home.test/follow?acct={uri}"


def test_a_server_may_send_on_to_another_ones_webfinger_but_not_to_anybodys_file(
    internet: Internet, http: Client
) -> None:
    paths = iter(["/.well-known/webfinger?resource=x", "/uploads/mine.json"])
    internet.serve("home.test", lambda _: Reply(302, headers={"Location": f"https://social.home.test{next(paths)}"}))
    internet.serve("social.home.test", lambda _: jrd({"rel": REL, "template": TEMPLATE}))

    assert template_of("home.test", "ada", http=http) == TEMPLATE
    assert template_of("home.test", "ada", http=http) == ""


@pytest.mark.parametrize(
    "template",
    [
        None, 7, [], {}, "", "{uri}", "/authorize?uri={uri}", "http://home.test/?uri={uri}",
        "javascript:alert('{uri}')", "//home.test/?uri={uri}", "https://home.test/", "https://home.test/?a={uri}&b={uri}",
        "https://{uri}/",
        "https://{uri}.evil.test/", "https://home.test:8443/?uri={uri}", "https://ada:secret@home.test/?uri={uri}",
        "https://localhost/?uri={uri}", "https://127.0.0.1/?uri={uri}", "https://[::1]/?uri={uri}", "https://[/?uri={uri}",
        "https://home.test/#{uri}", "https://home.test/?uri={uri}\r\nSet-Cookie: a=b", 'https://home.test/">{uri}',
        "https://home.test/ ?uri={uri}", "https://home.test/?uri={uri}" + "x" * 1_000, "data:text/html,{uri}",
        "https://HOME.test\\@evil.test/?uri={uri}", "https://home.test/\u202e?uri={uri}", "https://\ud800.test/?uri={uri}",
    ],
)  # fmt: skip
def test_what_is_no_https_page_with_one_place_for_whom_is_none(
    internet: Internet, http: Client, template: object
) -> None:
    internet.serve("home.test", lambda _: jrd({"rel": REL, "template": template}))

    assert template_of("home.test", "ada", http=http) == ""


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"null", b"{}", b'{"links": 7}', b'{"links": [7, null, "x", {}]}', b"\xff\xfe", b"NaN"],
)
def test_what_is_no_webfinger_names_nothing(internet: Internet, http: Client, body: bytes) -> None:
    internet.serve("home.test", lambda _: Reply(200, body))

    assert template_of("home.test", "ada", http=http) == ""


@pytest.mark.parametrize("status", [204, 400, 401, 403, 404, 410, 418])
def test_who_refuses_to_say_names_nothing(internet: Internet, http: Client, status: int) -> None:
    internet.serve("home.test", lambda _: Reply(status))

    assert template_of("home.test", "ada", http=http) == ""


@pytest.mark.parametrize("status", [429, 500, 503])
def test_who_cannot_answer_is_unavailable(internet: Internet, http: Client, status: int) -> None:
    internet.serve("home.test", lambda _: Reply(status))

    with pytest.raises(Unavailable):
        template_of("home.test", "ada", http=http)


def test_nobody_leads_us_into_a_private_network(internet: Internet, http: Client) -> None:
    internet.serve("home.test", lambda _: Reply(302, headers={"Location": "https://localhost/.well-known/webfinger"}))

    with pytest.raises(Forbidden):
        template_of("home.test", "ada", http=http)


def test_an_endless_answer_and_an_endless_way_end(internet: Internet, http: Client) -> None:
    internet.serve("home.test", lambda _: Reply(200, b" " * 2_000_000))
    internet.serve("round.test", lambda _: Reply(302, headers={"Location": "https://round.test/"}))

    with pytest.raises((Rejected, Unavailable)):
        template_of("home.test", "ada", http=http)
    with pytest.raises(Rejected):
        template_of("round.test", "", http=http)


def test_whom_is_filled_in_so_that_nothing_else_of_the_address_changes() -> None:
    address = filled(usual_template("home.test"), "https://quiet.example/@joan?a=b&c#d")

    assert address == (
        "https://home.test/authorize_interaction?uri=https%3A%2F%2Fquiet.example%2F%40joan%3Fa%3Db%26c%23d"
    )
