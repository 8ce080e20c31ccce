"""Where members take part: the card beneath the nominate box, the ballot, who may only read for a while."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from recommendations import limits
from recommendations.actions.comment import comment
from recommendations.actions.vote import approve
from recommendations.consent import Signal
from recommendations.handles import Handle, Network
from recommendations.limits import Allowance, Deed
from recommendations.models import Edition, Membership, Nomination, Profile, Vote
from tests.conftest import FRIDAY, MONDAY
from tests.recommendations.actions.conftest import REASON, channel, draft, nominated, on_mastodon, published
from tests.recommendations.test_hostile_input import TEXTS

__all__ = ["channel", "draft", "nominated", "on_mastodon", "published"]
pytestmark = pytest.mark.django_db

BOARD, NOMINATE, PEEK = "/c/custserv/", "/c/custserv/nominate/", "/c/custserv/nominate/peek/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def as_grace(client: Client, edition: Edition, grace: User) -> Iterator[Client]:
    """Grace is signed in, she is not new, and it is Monday."""
    User.objects.update(date_joined=MONDAY - timedelta(days=9))
    Membership.objects.update(joined_at=MONDAY - timedelta(days=9))
    with time_machine.travel(MONDAY, tick=False):
        client.force_login(grace)
        yield client


def look(client: Client, handle: str, network: str = "") -> str:
    """What the card says."""
    response = client.post(PEEK, {"handle": handle, "network": network}, headers=HTMX)
    assert response.status_code == 200
    return words(response.content)


def words(page: bytes) -> str:
    """A page's words, without its elements and with its blanks as one."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.decode()).split())


# --- The card beneath the box


def test_the_card_shows_who_it_is_and_writes_nothing(as_grace: Client, on_mastodon: Callable[..., Handle]) -> None:
    handle = on_mastodon("rosa", bio="<b>Answers</b> questions.", signal=Signal.UNKNOWN)

    page = look(as_grace, str(handle))

    assert "Rosa Mastodon @rosa@social.example seen by members only &lt;b&gt;Answers&lt;/b&gt; questions." in page
    assert page.endswith("Not on the board yet. Tell us why. Recommend them")
    assert not Profile.objects.exists()
    assert not Nomination.objects.exists()


def test_who_is_on_the_board_is_to_be_seconded(
    as_grace: Client, nominated: Callable[..., Nomination], alan: User
) -> None:
    nominated("rosa", by=alan)

    page = look(as_grace, "@rosa@social.example")

    assert REASON in page
    assert page.endswith("Already on the board: second them? Second them")


def test_who_is_not_found_is_shown_by_the_handle(as_grace: Client) -> None:
    page = look(as_grace, "nobody@social.example")

    assert "@nobody@social.example not found yet: we keep looking" in page
    assert "You can nominate them all the same." in page


def test_a_name_on_x_is_shown_as_it_was_typed(as_grace: Client, fake_networks: Any) -> None:
    fake_networks[Network.X].add_person(Handle(Network.X, "rosa"), checked=False)

    assert "@rosa as it was typed: nobody checked" in look(as_grace, "@rosa", "x")


def test_who_moved_is_said_to_have(as_grace: Client, on_mastodon: Callable[..., Handle]) -> None:
    on_mastodon("rosa_old", moved_to=on_mastodon("rosa"))

    assert "They have moved to @rosa@social.example ." in look(as_grace, "@rosa_old@social.example")


def test_of_who_declined_nothing_but_that_is_told(as_grace: Client, on_mastodon: Callable[..., Handle]) -> None:
    on_mastodon("rosa", signal=Signal.DECLINED, bio="Leave me be")

    page = look(as_grace, "@rosa@social.example")

    assert page == "They have asked not to be listed, and that is for good. Recommend them"


@pytest.mark.parametrize("typed", ["", "@al", "alice", "@alice@exam"])
def test_half_a_handle_asks_nobody(as_grace: Client, fake_networks: Any, typed: str) -> None:
    page = look(as_grace, typed)

    assert page.startswith("Type a whole handle, and see here whom it means.")
    assert all(network.calls == [] for network in fake_networks.values())


def test_what_is_wrong_with_half_a_handle_is_there_for_when_nobody_types_any_more(as_grace: Client) -> None:
    page = as_grace.post(PEEK, {"handle": "alice"}, headers=HTMX).content.decode()

    assert '<p class="verdict unreadable">Which network is “alice” on?' in page


@pytest.mark.parametrize("part", range(10))
def test_whatever_is_typed_is_answered_and_nothing_is_written(
    as_grace: Client, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    monkeypatch.setitem(limits.ALLOWED, Deed.PEEK, Allowance(10**6, 10**6))
    for typed in TEXTS[part::10]:
        response = as_grace.post(PEEK, {"handle": typed}, headers=HTMX)
        assert response.status_code == 200, ascii(typed[:80])
        assert len(response.content) < 5_000

    assert not Profile.objects.exists()


def test_a_network_that_is_none_asks_nobody(as_grace: Client, fake_networks: Any) -> None:
    assert look(as_grace, "@rosa@social.example", "\x00<").startswith("Type a whole handle")
    assert all(network.calls == [] for network in fake_networks.values())


def test_who_looks_too_often_is_asked_to_wait_and_may_nominate(
    as_grace: Client, on_mastodon: Callable[..., Handle], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(limits.ALLOWED, Deed.PEEK, Allowance(1, 1))
    handle = str(on_mastodon("rosa"))
    look(as_grace, handle)

    response = as_grace.post(PEEK, {"handle": handle}, headers=HTMX)

    assert response.status_code == 429
    assert int(response["Retry-After"]) == 3600
    assert "You have looked many people up." in words(response.content)
    assert as_grace.post(NOMINATE, {"handle": handle, "reason": REASON}).status_code == 302


def test_only_members_may_look(as_grace: Client, person: Callable[..., User], fake_networks: Any) -> None:
    stranger = Client()
    mallory = Client()
    mallory.force_login(person("Mallory"))

    for client, said in ((stranger, "You are not signed in any more."), (mallory, "Join the community first")):
        response = client.post(PEEK, {"handle": "@rosa@social.example"}, headers=HTMX)
        assert response.status_code == 403
        assert said in words(response.content)

    assert all(network.calls == [] for network in fake_networks.values())


def test_without_a_board_the_card_says_so(as_grace: Client) -> None:
    Edition.objects.update(state=Edition.State.SKIPPED)

    response = as_grace.post(PEEK, {"handle": "@rosa@social.example"}, headers=HTMX)

    assert response.status_code == 403
    assert "There is no open board just now." in words(response.content)


def test_a_look_is_no_link(as_grace: Client) -> None:
    assert as_grace.get(PEEK).status_code == 405
    assert Client(enforce_csrf_checks=True).post(PEEK, {"handle": "@rosa@social.example"}).status_code == 403
    assert as_grace.post("/c/nowhere/nominate/peek/", {"handle": "x"}).status_code == 404


def test_the_place_for_the_card_is_on_members_pages_alone(as_grace: Client, person: Callable[..., User]) -> None:
    mallory = Client()
    mallory.force_login(person("Mallory"))

    assert b'id="peek"' in as_grace.get(NOMINATE).content
    assert b'id="peek"' not in mallory.get(NOMINATE).content


def test_a_refused_reason_shows_the_card_of_the_handle_that_is_still_there(as_grace: Client) -> None:
    readable = as_grace.post(NOMINATE, {"handle": "@rosa@social.example", "reason": "Short."}).content
    unreadable = as_grace.post(NOMINATE, {"handle": "@@@", "reason": "Short."}).content

    assert b'hx-trigger="load, input' in readable
    assert b'hx-trigger="input' in unreadable


# --- The ballot


def test_the_ballot_says_how_many_votes_are_used_and_for_whom(
    as_grace: Client, nominated: Callable[..., Nomination], grace: User, alan: User
) -> None:
    nominated("rosa", by=grace)
    emma = nominated("emma", by=alan)
    approve(by=grace, nomination=emma, at=MONDAY + timedelta(minutes=1))

    page = as_grace.get(BOARD).content.decode()

    assert "2 of 10 votes used." in page
    assert page.count('<i class="given">') == 2
    assert page.count("<i></i>") == 8
    links = re.findall(r'<li><a href="/c/custserv/(#nomination-\d+)"><bdi>(\w+)</bdi></a></li>', page)
    assert links == [(f"#nomination-{emma.pk - 1}", "Rosa"), (f"#nomination-{emma.pk}", "Emma")]


def test_a_vote_by_htmx_brings_the_ballot_along(
    as_grace: Client, nominated: Callable[..., Nomination], alan: User
) -> None:
    emma = nominated("emma", by=alan, signal=Signal.UNKNOWN)

    given = as_grace.post(f"{BOARD}nominations/{emma.pk}/vote/", {"deed": "give"}, headers=HTMX).content.decode()
    taken = as_grace.post(f"{BOARD}nominations/{emma.pk}/vote/", {"deed": "take_back"}, headers=HTMX).content.decode()

    assert '<p id="ballot-line" hx-swap-oob="outerMorph">' in given
    assert "1 of 10 votes used." in given
    assert "2 people have voted." in given
    assert "seen by members only" in given
    assert f'#nomination-{emma.pk}"><bdi>Emma</bdi>' in given
    assert "0 of 10 votes used." in taken
    assert "Nobody so far." in taken
    assert "1 person has voted." in taken


def test_votes_for_who_has_left_the_board_are_counted_and_not_named(
    as_grace: Client, nominated: Callable[..., Nomination], grace: User, alan: User
) -> None:
    emma = nominated("emma", by=alan)
    approve(by=grace, nomination=emma, at=MONDAY)
    Profile.objects.update(signal=Signal.DECLINED)
    nominated("rosa", by=alan)

    page = as_grace.get(BOARD).content.decode()

    assert "1 of 10 votes used." in page
    assert "And 1 who is not on the board any more." in words(page.encode())
    assert "Emma" not in page


def test_a_ballot_costs_the_same_few_queries_however_full_it_is(
    as_grace: Client,
    edition: Edition,
    grace: User,
    alan: User,
) -> None:
    people = [
        Nomination.objects.create(
            edition=edition,
            profile=Profile.objects.create(
                network="mastodon",
                name=f"person{number}",
                host="people.example",
                uri=f"https://people.example/{number}",
            ),
            nominator=alan,
            reason=REASON,
        )
        for number in range(10)
    ]

    def queries_of_a_vote(nomination: Nomination) -> int:
        with CaptureQueriesContext(connection) as caught:
            response = as_grace.post(f"{BOARD}nominations/{nomination.pk}/vote/", {"deed": "give"}, headers=HTMX)
        assert response.status_code == 200
        return len(caught)

    first = queries_of_a_vote(people[0])
    for nomination in people[1:9]:
        Vote.objects.create(nomination=nomination, voter=grace, created_at=MONDAY)
    last = queries_of_a_vote(people[9])

    assert last == first <= 30
    assert as_grace.get(BOARD).content.count(b'<li><a href="/c/custserv/#') == 10


def test_who_may_not_vote_has_no_ballot(as_grace: Client, nominated: Callable[..., Nomination], alan: User) -> None:
    nominated("rosa", by=alan)

    assert b"Your ballot" in as_grace.get(BOARD).content
    assert b"Your ballot" not in Client().get(BOARD).content


# --- Without htmx, a page answers


def test_a_vote_leads_back_to_the_card(as_grace: Client, nominated: Callable[..., Nomination], alan: User) -> None:
    emma = nominated("emma", by=alan)

    response = as_grace.post(f"{BOARD}nominations/{emma.pk}/vote/", {"deed": "give"})

    assert (response.status_code, response["Location"]) == (302, f"{BOARD}#nomination-{emma.pk}")


def test_a_second_that_is_refused_has_a_page_with_what_was_typed(
    as_grace: Client, nominated: Callable[..., Nomination], alan: User
) -> None:
    emma = nominated("emma", by=alan)

    response = as_grace.post(f"{BOARD}nominations/{emma.pk}/vote/", {"deed": "second", "reason": "Short."})

    assert response.status_code == 422
    assert "Short.</textarea>" in response.content.decode()
    assert f'data-draft="second-{emma.pk}"' in response.content.decode()


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["a page", "a piece"])
def test_a_vote_stays_secret_whatever_stands_in_the_box_beside_it(
    as_grace: Client, nominated: Callable[..., Nomination], grace: User, alan: User, headers: dict[str, str]
) -> None:
    emma = nominated("emma", by=alan)

    response = as_grace.post(
        f"{BOARD}nominations/{emma.pk}/vote/",
        {"deed": "give", "reason": "Written, and not yet meant."},
        headers=headers,
    )

    page = response.content.decode()
    assert response.status_code == 200
    assert emma.votes.get(voter=grace).reason == ""
    assert "Written, and not yet meant.</textarea>" in page
    assert "Your vote is given, and is secret." in page


def test_a_nomination_is_edited_and_withdrawn_by_who_made_it(
    as_grace: Client, nominated: Callable[..., Nomination], grace: User, alan: User
) -> None:
    mine, others = nominated("rosa", by=grace), nominated("emma", by=alan)

    for nomination, status in ((mine, 302), (others, 404)):
        address = f"{BOARD}nominations/{nomination.pk}/"
        assert as_grace.post(address, {"reason": "She taught me nearly all I know."}).status_code == status
        assert as_grace.post(f"{address}withdraw/").status_code == status

    assert dict(Nomination.objects.values_list("pk", "reason")) == {mine.pk: "", others.pk: REASON}


# --- Who may only read for a while


@pytest.fixture
def suspended(as_grace: Client, grace: User) -> Client:
    """Grace, until Wednesday noon."""
    Membership.objects.filter(user=grace).update(suspended_until=MONDAY + timedelta(days=2))
    return as_grace


NOTICE = "You may read here, and take part again from 4 November 2026, 12:00. Why, your page on decisions says."


def test_the_board_of_a_suspended_member_says_until_when_in_place_of_its_buttons(
    suspended: Client, nominated: Callable[..., Nomination], alan: User
) -> None:
    nominated("rosa", by=alan)

    page = suspended.get(BOARD).content

    assert NOTICE in words(page)
    assert b'href="/me/decisions/"' in page
    assert b"Rosa" in page
    for missing in (b"Nominate somebody", b"/vote/", b"Your ballot", b"Join "):
        assert missing not in page


def test_a_suspended_members_empty_board_invites_to_nothing(suspended: Client) -> None:
    page = words(suspended.get(BOARD).content)

    assert NOTICE in page
    assert "Be the first" not in page
    assert "be the first" not in page


def test_the_nominate_page_of_a_suspended_member_has_no_form_and_loses_nothing_that_was_sent(
    suspended: Client,
) -> None:
    page = suspended.get(NOMINATE).content
    sent = suspended.post(NOMINATE, {"handle": "@rosa@social.example", "reason": REASON})

    assert NOTICE in words(page)
    assert b"<textarea" not in page
    assert sent.status_code == 422
    assert REASON in sent.content.decode()
    assert b'id="peek"' not in sent.content


def test_an_edition_tells_a_suspended_member_instead_of_asking_for_a_comment(
    client: Client, published: Edition, grace: User, alan: User
) -> None:
    comment(by=alan, edition=published, text="Well chosen.", at=FRIDAY)
    Membership.objects.filter(user=grace).update(suspended_until=FRIDAY + timedelta(days=2))
    client.force_login(grace)

    with time_machine.travel(FRIDAY, tick=False):
        page = client.get(f"{BOARD}editions/1/").content

    assert "You may read here, and take part again from 8 November 2026, 09:00." in words(page)
    assert b"Well chosen." in page
    assert b"<textarea" not in page
    assert b"Become one." not in page
