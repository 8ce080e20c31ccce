"""Idempotency-Key: what is sent twice is done once, and answered twice."""

import pytest
from django.db.models import F

from recommendations.actions import Refused
from recommendations.api import boards
from recommendations.consent import Word
from recommendations.models import Edition, Moderation, Nomination, OnceKey, Profile, Vote
from recommendations.models.once_key import STARTED_FOR
from tests.recommendations.actions.conftest import draft

__all__ = ["draft"]

KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
BODY = {"handle": "@rosa@social.example", "reason": "She answers every question, and is kind about it."}
NOMINATIONS = "/communities/custserv/nominations"
HOLD = "/communities/custserv/weeks/2026-W45/hold"


def test_a_nomination_sent_again_gets_the_same_answer(ask, grace, edition, on_mastodon):
    on_mastodon("rosa")

    first, second = (ask("POST", NOMINATIONS, BODY, by=grace, **KEY) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.data == second.data
    assert Nomination.objects.count() == 1


def test_the_answer_holds_when_the_board_has_moved_on(ask, grace, edition, on_mastodon):
    on_mastodon("rosa")
    first = ask("POST", NOMINATIONS, BODY, by=grace, **KEY)
    Nomination.objects.all().delete()

    assert ask("POST", NOMINATIONS, BODY, by=grace, **KEY).data == first.data
    assert Nomination.objects.count() == 0


def test_a_kept_answer_names_nobody_but_by_the_handle_that_was_sent(ask, grace, edition, on_mastodon):
    on_mastodon("rosa")
    ask("POST", NOMINATIONS, BODY, by=grace, **KEY)
    Profile.objects.update(word=Word.DECLINED)

    assert Profile.objects.get().display_name not in ask("POST", NOMINATIONS, BODY, by=grace, **KEY).data["detail"]


def test_another_request_with_the_same_key_is_refused(ask, grace, edition, on_mastodon):
    for name in ("rosa", "emma"):
        on_mastodon(name)
    ask("POST", NOMINATIONS, BODY, by=grace, **KEY)

    response = ask("POST", NOMINATIONS, BODY | {"handle": "@emma@social.example"}, by=grace, **KEY)

    assert response.status_code == 422
    assert "Idempotency-Key" in response.data["detail"]
    assert Nomination.objects.count() == 1


def test_with_a_key_the_week_is_named(ask, ada, edition):
    """Sent again, `current` would be the week after; and so it would if the first was killed half way."""
    response = ask("POST", "/communities/custserv/weeks/current/compile", by=ada, **KEY)

    assert (response.status_code, response.data["detail"].partition(":")[0]) == (422, "Name the week")
    assert [each.state for each in Edition.objects.all()] == ["open"]
    named = "/communities/custserv/weeks/2026-W45/compile"
    assert [ask("POST", named, by=ada, **KEY).data["week"] for _ in range(2)] == ["2026-W45"] * 2
    assert Edition.objects.filter(state="open").get().week == "2026-W46"


def test_what_was_refused_may_be_tried_again(ask, grace, edition, on_mastodon, monkeypatch):
    on_mastodon("rosa")

    def refuse(**_asked):
        raise Refused("Not now.")

    with monkeypatch.context() as patch:
        patch.setattr(boards.nominating, "nominate", refuse)
        assert ask("POST", NOMINATIONS, BODY, by=grace, **KEY).status_code == 409
    unreadable = ask("POST", NOMINATIONS, BODY | {"handle": "@@"}, by=grace, **KEY)

    assert unreadable.status_code == 422
    assert ask("POST", NOMINATIONS, BODY, by=grace, **KEY).status_code == 201


def test_the_first_is_still_being_worked_on(ask, grace, edition, on_mastodon, monkeypatch):
    on_mastodon("rosa")
    with monkeypatch.context() as killed:  # what would keep the answer, or let it go, is never reached
        killed.setattr(type(OnceKey.objects.all()), "finish", lambda *_a, **_k: None)
        ask("POST", NOMINATIONS, BODY, by=grace, **KEY)

    waits = ask("POST", NOMINATIONS, BODY, by=grace, **KEY)
    OnceKey.objects.update(at=F("at") - STARTED_FOR)
    later = ask("POST", NOMINATIONS, BODY, by=grace, **KEY)

    assert (waits.status_code, waits.headers["Retry-After"]) == (409, "120")
    assert later.status_code == 201
    assert Nomination.objects.count() == 1


def test_keys_are_of_one_person(ask, grace, alan, edition, on_mastodon):
    on_mastodon("rosa")

    assert ask("POST", NOMINATIONS, BODY, by=grace, **KEY).data["seconded"] is False
    assert ask("POST", NOMINATIONS, BODY, by=alan, **KEY).data["seconded"] is True


def test_a_late_copy_of_a_vote_does_not_bring_it_back(ask, alan, edition, nominated, grace):
    vote = f"/nominations/{nominated('rosa', by=grace).pk}/vote"
    ask("PUT", vote, by=alan, **KEY)
    ask("DELETE", vote, by=alan)

    assert ask("PUT", vote, by=alan, **KEY).status_code == 200
    assert not Vote.objects.filter(voter=alan).exists()


def test_a_deed_is_done_once_and_what_stands_now_is_read(ask, ada, draft):
    first, second = (ask("POST", HOLD, {"why": "It waits."}, by=ada, **KEY) for _ in range(2))

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.data == second.data
    assert Moderation.objects.filter(kind="hold").count() == 1
    assert OnceKey.objects.get().answer["body"] is None


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_must_have_a_sensible_length(ask, grace, edition, key):
    response = ask("POST", NOMINATIONS, BODY, by=grace, **{"Idempotency-Key": key})

    assert response.status_code == 422
    assert "Idempotency-Key" in response.data["detail"]


def test_the_header_is_documented_at_everything_that_writes(ask, db):
    paths = ask("GET", "/openapi.json").data["paths"]
    writing = {
        f"{method} {path}": each for path, all in paths.items() for method, each in all.items() if method != "get"
    }

    assert len(writing) == 4
    for name, operation in writing.items():
        assert "Idempotency-Key" in [each["name"] for each in operation.get("parameters", [])], name
