"""Whoever nominated first cannot take others' votes away: not by withdrawing, not by leaving."""

from datetime import timedelta

import pytest
import time_machine

from recommendations.actions import Refused
from recommendations.actions.compile import compile_edition
from recommendations.actions.compose import outline
from recommendations.actions.erase import erase
from recommendations.actions.give_reason import give_reason
from recommendations.actions.nominate import nominate, withdraw
from recommendations.actions.publish import publish
from recommendations.actions.vote import approve
from recommendations.models import Edition, Membership, Nomination, Notification, Vote
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
    assert withdraw(by=grace, nomination=hostage, at=MONDAY) is True

    hostage.refresh_from_db()
    assert (hostage.nominator, hostage.reason) == (None, "")
    assert not Vote.objects.filter(voter=grace).exists()


def test_a_nomination_without_anyone_elses_vote_goes(nominated, grace):
    alone = nominated("emma", by=grace)

    assert withdraw(by=grace, nomination=alone, at=MONDAY) is False
    assert not Nomination.objects.exists()


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


def test_the_board_shows_them_and_asks_why(hostage, grace, client):
    withdraw(by=grace, nomination=hostage, at=MONDAY)

    with time_machine.travel(MONDAY, tick=False):
        page = client.get("/c/custserv/").content.decode()

    assert str(hostage.profile.handle) in page
    assert "Nobody has said why yet." in page
    assert "20 members" not in page  # counts are hidden until it closes


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
