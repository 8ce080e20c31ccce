"""Who may see a nomination by its address: asked before anything is shown, for pages, pieces of them and the API."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import ApiToken, User
from recommendations.consent import Signal, Word
from recommendations.models import Block, Edition, Membership, Nomination, Profile, Vote
from tests.conftest import MONDAY, THURSDAY
from tests.recommendations.actions.conftest import REASON, nominated, on_mastodon

__all__ = ["nominated", "on_mastodon"]
pytestmark = pytest.mark.django_db

BOARD = "/c/custserv/"
OTHER = "Another reason, which is just as good."
HTMX = {"HX-Request": "true"}
SPOILT: dict[str, Callable[[Nomination], Any]] = {
    "hidden": lambda made: Nomination.objects.filter(pk=made.pk).update(hidden_at=MONDAY),
    "vetoed": lambda made: Nomination.objects.filter(pk=made.pk).update(vetoed_at=MONDAY),
    "declined": lambda made: Profile.objects.filter(pk=made.profile_id).update(word=Word.DECLINED),
    "members only": lambda made: Profile.objects.filter(pk=made.profile_id).update(signal=Signal.UNKNOWN),
    "closed": lambda made: Edition.objects.filter(pk=made.edition_id).update(state=Edition.State.PUBLISHED, number=1),
}


@pytest.fixture(autouse=True)
def _monday(edition: Edition) -> Iterator[None]:
    User.objects.update(date_joined=MONDAY - timedelta(days=9))
    Membership.objects.update(joined_at=MONDAY - timedelta(days=9))
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def rosa(nominated: Callable[..., Nomination], grace: User) -> Nomination:
    """Grace nominated Rosa."""
    return nominated("rosa", by=grace)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def edit_page(made: Nomination) -> str:
    return f"{BOARD}nominations/{made.pk}/"


def vote_page(made: Nomination) -> str:
    return f"{BOARD}nominations/{made.pk}/vote/"


def api(user: User, method: str, made: Nomination) -> Any:
    headers = {"Authorization": f"Bearer {ApiToken.objects.issue(user, 'test')[1]}"}
    return Client().generic(method, f"/api/v1/nominations/{made.pk}/vote", headers=headers)


@pytest.mark.parametrize("who", ["stranger", "member", "curator"])
@pytest.mark.parametrize("spoilt", ["", *SPOILT])
def test_nobody_but_the_nominator_gets_the_page_that_edits_a_reason(
    rosa: Nomination, person: Callable[..., User], alan: User, ada: User, who: str, spoilt: str
) -> None:
    reader = {"stranger": person("Mallory"), "member": alan, "curator": ada}[who]
    SPOILT.get(spoilt, lambda _: None)(rosa)

    answers = [signed_in(reader).get(edit_page(rosa)), signed_in(reader).post(edit_page(rosa), {"reason": OTHER})]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert not any(REASON in answer.content.decode() or "rosa" in answer.content.decode() for answer in answers)


def test_the_nominator_edits_a_reason(rosa: Nomination, grace: User) -> None:
    assert REASON in signed_in(grace).get(edit_page(rosa)).content.decode()
    assert signed_in(grace).post(edit_page(rosa), {"reason": OTHER}).status_code == 302


@pytest.mark.parametrize("spoilt", ["hidden", "vetoed"])
def test_a_reason_that_was_taken_away_is_neither_shown_to_its_author_nor_edited(
    rosa: Nomination, grace: User, spoilt: str
) -> None:
    SPOILT[spoilt](rosa)

    seen = signed_in(grace).get(edit_page(rosa))
    sent = signed_in(grace).post(edit_page(rosa), {"reason": OTHER})

    rosa.refresh_from_db()
    assert (seen.status_code, sent.status_code) == (200, 422)
    assert REASON not in seen.content.decode()
    assert "This reason was removed, so it cannot be edited." in seen.content.decode()
    assert f"{edit_page(rosa)}withdraw/" in seen.content.decode()
    assert rosa.reason == REASON


@pytest.mark.parametrize("spoilt", ["hidden_at", "vetoed_at"])
def test_a_second_that_was_taken_away_is_neither_shown_to_its_author_nor_edited(
    rosa: Nomination, alan: User, spoilt: str
) -> None:
    Vote.objects.create(nomination=rosa, voter=alan, reason=OTHER, **{spoilt: MONDAY})

    board = signed_in(alan).get(BOARD).content.decode()
    answer = signed_in(alan).post(vote_page(rosa), {"deed": "second", "reason": "Said again, in other words."})

    assert OTHER not in board
    assert answer.status_code == 422
    assert rosa.votes.get(voter=alan).reason == OTHER


def test_whom_one_nominated_and_who_declined_is_not_shown_to_the_nominator_either(
    rosa: Nomination, grace: User
) -> None:
    SPOILT["declined"](rosa)

    answers = [signed_in(grace).get(edit_page(rosa)), signed_in(grace).post(edit_page(rosa), {"reason": OTHER})]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert signed_in(grace).post(f"{edit_page(rosa)}withdraw/").status_code == 302
    assert not Nomination.objects.exclude(reason="").exists()


@pytest.mark.parametrize("state", [Membership.State.LEFT, Membership.State.BANNED])
def test_a_nominator_who_is_no_member_any_more_has_no_page_to_edit(
    rosa: Nomination, grace: User, state: Membership.State
) -> None:
    Membership.objects.filter(user=grace).update(state=state)

    assert signed_in(grace).get(edit_page(rosa)).status_code == 404


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "piece"])
@pytest.mark.parametrize("spoilt", ["declined", "members only", "closed"])
def test_a_vote_of_a_stranger_tells_no_name(
    rosa: Nomination, person: Callable[..., User], spoilt: str, headers: dict[str, str]
) -> None:
    SPOILT[spoilt](rosa)
    mallory = person("Mallory")

    there = signed_in(mallory).post(vote_page(rosa), {"deed": "give"}, headers=headers)
    nothing = signed_in(mallory).post(f"{BOARD}nominations/4711/vote/", {"deed": "give"}, headers=headers)

    assert there.status_code == nothing.status_code == 404
    assert "osa" not in there.content.decode().replace("mosaic", "")


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "piece"])
def test_a_vote_for_who_declined_tells_members_no_name(rosa: Nomination, alan: User, headers: dict[str, str]) -> None:
    SPOILT["declined"](rosa)

    answer = signed_in(alan).post(vote_page(rosa), {"deed": "give"}, headers=headers)

    assert answer.status_code == 404
    assert "@rosa" not in answer.content.decode()
    assert not rosa.votes.filter(voter=alan).exists()


def test_a_vote_for_who_is_heard_by_nobody_any_more_is_a_vote_for_nothing(rosa: Nomination, alan: User) -> None:
    Block.objects.create(profile=rosa.profile, blocked=rosa.nominator)

    assert signed_in(alan).post(vote_page(rosa), {"deed": "give"}).status_code == 404
    assert api(alan, "PUT", rosa).status_code == 404


@pytest.mark.parametrize("spoilt", ["declined", "members only", "closed"])
def test_the_api_has_no_nomination_that_its_reader_may_not_see(
    rosa: Nomination, person: Callable[..., User], spoilt: str
) -> None:
    SPOILT[spoilt](rosa)

    answers = [api(person(f"Mallory{number}"), method, rosa) for number, method in enumerate(("PUT", "DELETE"))]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_a_vote_for_who_declined_since_may_be_taken_back_by_the_api(rosa: Nomination, alan: User) -> None:
    Vote.objects.create(nomination=rosa, voter=alan)
    SPOILT["declined"](rosa)

    answer = api(alan, "DELETE", rosa)

    assert answer.status_code == 200
    assert not rosa.votes.filter(voter=alan).exists()


def test_a_member_whose_vote_comes_too_late_is_told_so(rosa: Nomination, alan: User) -> None:
    SPOILT["closed"](rosa)

    with time_machine.travel(THURSDAY, tick=False):
        answer = signed_in(alan).post(vote_page(rosa), {"deed": "give"})

    assert answer.status_code == 422
    assert "Voting is closed for this week" in answer.content.decode()


def test_a_nomination_has_no_address_in_another_community(rosa: Nomination, grace: User, ada: User) -> None:
    from recommendations.actions.join import found

    found(by=ada, at=MONDAY, name="Other", slug="other", hashtag="other")

    for path in ("", "withdraw/", "vote/"):
        assert signed_in(grace).post(f"/c/other/nominations/{rosa.pk}/{path}", {"reason": OTHER}).status_code == 404


def test_my_page_does_not_name_who_declined_nor_repeat_a_reason_that_was_taken_away(
    rosa: Nomination, nominated: Callable[..., Nomination], grace: User, alan: User
) -> None:
    hidden = nominated("emma", by=grace, reason="A reason that a curator has hidden since.")
    Vote.objects.create(nomination=rosa, voter=alan, reason=OTHER)
    Vote.objects.create(nomination=hidden, voter=alan, reason="A second that was vetoed.", vetoed_at=MONDAY)
    SPOILT["declined"](rosa)
    SPOILT["hidden"](hidden)

    pages = {user: signed_in(user).get("/me/").content.decode() for user in (grace, alan)}

    for page in pages.values():
        assert "<bdi>Emma</bdi>" in page
        assert "<bdi>Rosa</bdi>" not in page
        assert not any(said in page for said in (REASON, OTHER, hidden.reason, "A second that was vetoed."))
