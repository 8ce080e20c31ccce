"""Who is asking: a token in the header and nothing else; and how often."""

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from accounts.models import ApiToken, User
from recommendations.actions.join import found, give_role
from recommendations.api import app
from recommendations.models import Vote
from tests.conftest import MONDAY, SATURDAY
from tests.recommendations.api.conftest import token_of

BOARD = "/communities/custserv/board"
WEEK = "/communities/custserv/weeks/current"


def test_a_token_in_the_header_opens_the_desk(ask, community, ada):
    assert ask("GET", WEEK, by=ada).status_code == 200


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer ff_wrong", "Basic YWRhOmFkYQ==", "Token x", "Bearer \x00", "Bearer é"]
)
def test_no_token_or_a_wrong_one_opens_nothing_and_says_which_is_wanted(ask, community, header):
    response = ask("GET", WEEK, Authorization=header)

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert "Authorization: Bearer TOKEN" in response.data["detail"]


def test_a_wrong_token_is_a_fault_even_where_anyone_may_read(ask, community):
    assert ask("GET", BOARD).status_code == 200
    assert ask("GET", BOARD, Authorization="Bearer ff_wrong").status_code == 401


def test_a_token_is_taken_from_the_header_alone(ask, community, ada):
    token = token_of(ada)

    for attempt in (f"{WEEK}?token={token}", f"{WEEK}?access_token={token}", f"{WEEK}?Authorization=Bearer%20{token}"):
        assert ask("GET", attempt).status_code == 401
    assert ask("GET", WEEK, Cookie=f"token={token}; Authorization=Bearer {token}").status_code == 401


def test_a_session_is_nobody_here(ask, community, edition, ada, nominated):
    nomination = nominated("rosa", by=ada)
    client = Client()
    client.force_login(ada)

    board = client.get(f"/api/v1{BOARD}").json()

    assert client.get(f"/api/v1{WEEK}").status_code == 401
    assert client.put(f"/api/v1/nominations/{nomination.pk}/vote").status_code == 401
    assert [card["voted"] for card in board["nominations"]] == [False]


def test_a_token_needs_no_cross_site_token(ask, community, edition, grace, ada, nominated):
    nomination = nominated("rosa", by=grace)

    assert ask("PUT", f"/nominations/{nomination.pk}/vote", by=ada).status_code == 200  # `ask` checks them


def test_the_token_of_somebody_who_may_not_sign_in_any_more_is_void(ask, community, ada):
    token = token_of(ada)
    ada.is_active = False
    ada.save()

    assert ask("GET", WEEK, Authorization=f"Bearer {token}").status_code == 401


def test_a_token_that_was_taken_back_is_void(ask, community, ada):
    token = token_of(ada)
    ApiToken.objects.all().delete()

    assert ask("GET", WEEK, Authorization=f"Bearer {token}").status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", WEEK),
        ("POST", f"{WEEK}/compile"),
        ("POST", f"{WEEK}/hold"),
        ("POST", f"{WEEK}/skip"),
        ("GET", "/communities/custserv/deliveries"),
    ],
)
def test_the_curator_of_another_community_has_no_desk_here(ask, edition, person, grace, method, path):
    mallory = person("Mallory")
    found(by=mallory, at=SATURDAY, name="Elsewhere", slug="elsewhere", hashtag="elsewhere")

    for stranger in (mallory, grace):
        response = ask(method, path, {"why": "Because I can."} if method == "POST" else None, by=stranger)
        assert response.status_code == 403
        assert response.data["detail"] == "This is for the community's curators."
    edition.refresh_from_db()
    assert (edition.state, edition.is_held) == ("open", False)


def test_a_curator_who_was_named_meanwhile_has_one(ask, community, grace, curator):
    give_role(membership=community.memberships.get(user=grace), role="curator", by=curator)

    assert ask("GET", WEEK, by=grace).status_code == 200


def test_a_vote_is_its_owners_and_only_members_vote(ask, edition, person, grace, ada, nominated):
    nomination = nominated("rosa", by=grace)
    stranger = person("Mallory")

    refused = ask("PUT", f"/nominations/{nomination.pk}/vote", by=stranger)
    taken_back = ask("DELETE", f"/nominations/{nomination.pk}/vote", by=ada)

    assert (refused.status_code, taken_back.status_code) == (409, 200)
    assert list(Vote.objects.values_list("voter", flat=True)) == [grace.pk]


def test_the_descriptions_need_no_token(ask, client):
    assert ask("GET", "/openapi.json").data["info"]["title"] == "Follow Friday"
    assert b"swagger-ui" in client.get("/api/v1/docs").content


class TestLimits:
    @pytest.fixture(autouse=True)
    def three(self, monkeypatch):
        monkeypatch.setattr(app, "PEOPLE", 3)
        monkeypatch.setattr(app, "ADDRESSES", 2)

    def test_too_many_questions_are_put_off_until_the_next_minute(self, ask, community):
        given = [ask("GET", BOARD) for _ in range(3)]

        assert [response.status_code for response in given] == [200, 200, 429]
        assert given[-1].data["detail"] == "That was too much at once. Wait a little, please."
        wait = int(given[-1]["Retry-After"])
        assert 1 <= wait <= 61
        with time_machine.travel(MONDAY.timestamp() + wait):
            assert ask("GET", BOARD).status_code == 200

    def test_people_are_counted_apart_even_when_they_share_a_name(self, ask, community, person, ada):
        namesake = person("Ada the second")
        User.objects.update(display_name="Ada")

        assert [ask("GET", BOARD, by=ada).status_code for _ in range(4)] == [200, 200, 200, 429]
        assert ask("GET", BOARD, by=namesake).status_code == 200
        assert ask("GET", BOARD).status_code == 200

    def test_addresses_are_counted_apart_and_nobody_chooses_their_own(self, ask, community, client):
        for number in range(2):
            assert ask("GET", BOARD, **{"X-Forwarded-For": f"192.0.2.{number}"}).status_code == 200

        assert ask("GET", BOARD, **{"X-Forwarded-For": "192.0.2.9"}).status_code == 429
        assert client.get(f"/api/v1{BOARD}", REMOTE_ADDR="198.51.100.7").status_code == 200

    def test_a_count_that_a_full_cache_threw_out_refuses_nobody(self, ask, community, monkeypatch):
        monkeypatch.setattr(cache, "add", lambda *_: False)

        assert ask("GET", BOARD).status_code == 200
