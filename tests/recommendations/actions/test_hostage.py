"""Whoever nominated first cannot take others' votes away: not by withdrawing, not by leaving."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine

from recommendations.actions import Refused
from recommendations.actions.compile import compile_edition
from recommendations.actions.compose import outline
from recommendations.actions.erase import erase
from recommendations.actions.give_reason import give_reason
from recommendations.actions.nominate import nominate, withdraw
from recommendations.actions.publish import publish
from recommendations.actions.vote import approve, take_back
from recommendations.models import Block, Edition, Membership, Nomination, Notification, Quote, Vote
from recommendations.models.board import board_for, nominations_left
from tests.conftest import FRIDAY, MONDAY, SATURDAY, THURSDAY

pytestmark = pytest.mark.django_db

JUST_BEFORE = THURSDAY - timedelta(minutes=1)
WHY = "He explains what nobody else has time for."


@pytest.fixture
def crowd(community, person):
    """Twenty members who vote and say nothing."""
    users = [person(f"Voter{number}") for number in range(20)]
    Membership.objects.bulk_create(
        Membership(community=community, user=user, joined_at=SATURDAY - timedelta(hours=1)) for user in users
    )
    return users


@pytest.fixture
def hostage(nominated, grace, crowd):
    """Rosa, nominated by Grace, with twenty bare votes of others."""
    rosa = nominated("rosa", by=grace)
    for user in crowd:
        approve(by=user, nomination=rosa, at=MONDAY)
    return Nomination.objects.select_related("edition__community", "profile").get(pk=rosa.pk)


def leave_it(how, hostage, grace):
    if how == "withdraw":
        withdraw(by=grace, nomination=hostage, at=JUST_BEFORE)
    else:
        erase(user=grace, at=JUST_BEFORE)


@pytest.mark.parametrize("how", ["withdraw", "erase"])
def test_twenty_votes_stay_when_the_nominator_goes_a_minute_before_closing(hostage, edition, grace, crowd, how):
    leave_it(how, hostage, grace)
    compile_edition(edition=edition, at=THURSDAY)

    entry = edition.entries.get()
    assert (entry.profile, entry.supporters, entry.rank) == (hostage.profile, 20, 1)
    assert not entry.quotes.exists()
    assert Vote.objects.filter(nomination=hostage).count() == 20


def test_only_the_nominators_name_reason_and_vote_go(hostage, grace):
    assert withdraw(by=grace, nomination=hostage, at=MONDAY) is False

    hostage.refresh_from_db()
    assert (hostage.nominator, hostage.reason) == (None, "")
    assert not Vote.objects.filter(voter=grace).exists()


def test_withdrawing_tells_nothing_of_secret_votes(nominated, grace, alan, community, edition):
    """Whether someone voted for them or not, the same is left to see: a card that stayed would tell."""
    seen = []
    for name, voted in (("emma", False), ("rosa", True)):
        nomination = nominated(name, by=grace)
        if voted:
            approve(by=alan, nomination=nomination, at=MONDAY)
        stays = withdraw(by=grace, nomination=nomination, at=MONDAY)
        board = board_for(community, community.membership_of(grace), MONDAY)
        seen.append((stays, [card.profile for card in board.cards], nominations_left(edition, grace.pk)))
        again = nominate(by=grace, edition=edition, handle=nomination.profile.handle, reason=WHY, at=MONDAY)
        seen.append((again.seconded, nominations_left(edition, grace.pk)))
        withdraw(by=grace, nomination=again.nomination, at=MONDAY)

    assert seen[:2] == seen[2:]


def test_a_nomination_that_nobody_votes_for_is_not_listed(nominated, grace, edition):
    withdraw(by=grace, nomination=nominated("emma", by=grace), at=MONDAY)
    compile_edition(edition=edition, at=THURSDAY)

    assert not edition.entries.exists()


def test_withdrawing_does_not_make_room_for_ever_more(edition, grace, alan, on_mastodon, community):
    allowed = community.nominations_per_week
    for number in range(2 * allowed):
        at = MONDAY + timedelta(hours=number)  # so often in one hour is refused in any case
        outcome = nominate(by=grace, edition=edition, handle=on_mastodon(f"one{number}"), reason=WHY, at=at)
        approve(by=alan, nomination=outcome.nomination, at=at)
        withdraw(by=grace, nomination=outcome.nomination, at=at)
        take_back(by=alan, nomination=Nomination.objects.get(pk=outcome.nomination.pk), at=at)

    with pytest.raises(Refused, match="nominations for this week"):
        nominate(by=grace, edition=edition, handle=on_mastodon("onemore"), reason=WHY, at=MONDAY + timedelta(days=2))
    board = board_for(community, community.membership_of(alan), MONDAY)
    assert board.cards == []
    assert nominations_left(edition, alan.pk) == allowed


def test_who_inherits_a_nomination_may_still_make_their_own(nominated, edition, grace, alan, community):
    for name in ("emma", "rosa", "clara"):
        nomination = nominated(name, by=grace)
        approve(by=alan, nomination=nomination, reason=WHY, at=MONDAY)
        withdraw(by=grace, nomination=nomination, at=MONDAY)

    assert Nomination.objects.filter(nominator=alan).count() == 3
    assert nominations_left(edition, alan.pk) == community.nominations_per_week


@pytest.mark.parametrize("how", ["leads", "inherits", "is all that is heard"])
def test_someone_who_is_blocked_takes_nobodys_votes_along(hostage, edition, grace, alan, how):
    block = partial(Block.objects.create, profile=hostage.profile)
    if how == "leads":
        block(blocked=alan)
        withdraw(by=grace, nomination=hostage, at=MONDAY)
        approve(by=alan, nomination=Nomination.objects.get(), reason=WHY, at=MONDAY)
    elif how == "inherits":
        block(blocked=alan)
        approve(by=alan, nomination=hostage, reason=WHY, at=MONDAY)
        withdraw(by=grace, nomination=Nomination.objects.get(), at=MONDAY)
    else:
        block(blocked=grace)
        approve(by=alan, nomination=hostage, reason=WHY, at=MONDAY)
        take_back(by=alan, nomination=hostage, at=MONDAY)
    compile_edition(edition=edition, at=THURSDAY)

    entry = edition.entries.get()
    assert entry.supporters == 20
    assert not entry.quotes.exists()


@pytest.mark.parametrize("by_nominating", [True, False])
def test_the_next_reason_leads(hostage, edition, grace, alan, on_mastodon, by_nominating):
    withdraw(by=grace, nomination=hostage, at=MONDAY)

    if by_nominating:
        nominate(by=alan, edition=edition, handle=on_mastodon("rosa"), reason=WHY, at=MONDAY)
    else:
        approve(by=alan, nomination=Nomination.objects.get(), reason=WHY, at=MONDAY)

    hostage.refresh_from_db()
    assert (hostage.nominator, hostage.reason) == (alan, WHY)
    assert Vote.objects.get(voter=alan).reason == ""


def test_the_board_shows_them_to_their_voters_and_asks_why(hostage, grace, alan, crowd, client):
    withdraw(by=grace, nomination=hostage, at=MONDAY)

    with time_machine.travel(MONDAY, tick=False):
        pages = []
        for reader in (crowd[0], alan):
            client.force_login(reader)
            pages.append(client.get("/c/custserv/").content.decode())

    assert str(hostage.profile.handle) in pages[0]
    assert "Nobody has said why yet." in pages[0]
    assert "20 members" not in pages[0]  # counts are hidden until it closes
    assert str(hostage.profile.handle) not in pages[1]


def test_voters_and_curators_are_asked_for_a_reason_and_nobody_else(hostage, edition, grace, alan, ada, crowd):
    withdraw(by=grace, nomination=hostage, at=JUST_BEFORE)

    compile_edition(edition=edition, at=THURSDAY)

    asked = Notification.objects.filter(kind="reason")
    assert set(asked.values_list("user", flat=True)) == {ada.pk, *(user.pk for user in crowd)}
    entry = edition.entries.get()
    assert {each.link for each in asked} == {f"/c/custserv/entries/{entry.pk}/reason/"}
    assert "Rosa" in asked[0].sentence


def test_a_voter_gives_the_reason_until_publication(hostage, edition, grace, alan, crowd, client, channel):
    withdraw(by=grace, nomination=hostage, at=JUST_BEFORE)
    compile_edition(edition=edition, at=THURSDAY)
    entry = edition.entries.get()
    address = f"/c/custserv/entries/{entry.pk}/reason/"
    client.force_login(crowd[0])

    with time_machine.travel(THURSDAY, tick=False):
        asked = client.get(address)
        short = client.post(address, {"reason": "Nice."})
        done = client.post(address, {"reason": WHY})
        again = client.get(address)

    assert (asked.status_code, short.status_code, done.status_code, again.status_code) == (200, 422, 302, 404)
    assert "Nice.</textarea>" in short.content.decode()
    assert [(quote.author, quote.text) for quote in entry.quotes.all()] == [(crowd[0], WHY)]


@pytest.mark.parametrize("who", ["a stranger", "a member who did not vote", "the nominator who left"])
def test_who_is_not_asked_finds_no_page_and_learns_no_name(hostage, edition, grace, alan, person, client, who):
    withdraw(by=grace, nomination=hostage, at=JUST_BEFORE)
    compile_edition(edition=edition, at=THURSDAY)
    entry = edition.entries.get()
    reader = {"a stranger": person("Stranger"), "a member who did not vote": alan, "the nominator who left": grace}[who]
    client.force_login(reader)

    answer = client.get(f"/c/custserv/entries/{entry.pk}/reason/")

    assert answer.status_code == 404
    assert "Rosa" not in answer.content.decode()
    with pytest.raises(Refused):
        give_reason(entry=entry, by=reader, reason=WHY, at=THURSDAY)


def test_without_a_reason_the_list_says_how_many_recommend_them(hostage, edition, grace, channel, client, ada):
    withdraw(by=grace, nomination=hostage, at=JUST_BEFORE)
    compile_edition(edition=edition, at=THURSDAY)
    draft = Edition.objects.select_related("community").get(pk=edition.pk)

    out = publish(edition=draft, at=FRIDAY)

    page = client.get("/c/custserv/editions/1/").content.decode()
    assert "Recommended by 20 members" in page
    assert "Recommended by 20 members" in client.get("/c/custserv/feed.json").content.decode()
    assert [person.by for person in outline(out, channel).people] == ["Recommended by 20 members"]
    with pytest.raises(Refused):
        give_reason(entry=out.entries.get(), by=ada, reason=WHY, at=FRIDAY)


def test_who_is_blocked_is_not_asked_and_finds_no_form(hostage, edition, grace, ada, crowd, client):
    withdraw(by=grace, nomination=hostage, at=JUST_BEFORE)
    for user in (crowd[0], ada):
        Block.objects.create(profile=hostage.profile, blocked=user)

    compile_edition(edition=edition, at=THURSDAY)

    asked = set(Notification.objects.filter(kind="reason").values_list("user", flat=True))
    assert asked == {user.pk for user in crowd[1:]}
    entry = edition.entries.get()
    client.force_login(crowd[0])
    with time_machine.travel(THURSDAY, tick=False):
        assert client.get(f"/c/custserv/entries/{entry.pk}/reason/").status_code == 404
    for user in (crowd[0], ada):
        with pytest.raises(Refused, match="needs no reason any more"):
            give_reason(entry=entry, by=user, reason=WHY, at=THURSDAY)


@pytest.mark.parametrize("mark", ["vetoed_at", "hidden_at"])
def test_whose_reason_was_taken_off_gives_no_other(hostage, edition, grace, crowd, mark):
    compile_edition(edition=edition, at=THURSDAY)
    entry = edition.entries.get()
    Quote.objects.filter(entry=entry, author=grace).update(**{mark: THURSDAY})

    with pytest.raises(Refused, match="needs no reason any more"):
        give_reason(entry=entry, by=grace, reason=WHY, at=THURSDAY)
    give_reason(entry=entry, by=crowd[0], reason=WHY, at=THURSDAY)

    assert [quote.text for quote in entry.quotes.readable()] == [WHY]
