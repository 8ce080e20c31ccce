"""Too much in too short a time is stopped, with a word on when to go on; newcomers may do less, and link nowhere."""

from datetime import timedelta

import pytest

from accounts.models import User
from recommendations import limits
from recommendations.actions import Refused, TooSoon
from recommendations.actions.comment import comment
from recommendations.actions.nominate import edit_reason, nominate
from recommendations.actions.vote import approve, take_back
from recommendations.limits import Allowance, Deed
from recommendations.models import Membership, Nomination, Profile
from tests.conftest import FRIDAY, MONDAY
from tests.recommendations.actions.conftest import REASON

pytestmark = pytest.mark.django_db

LINKED = f"{REASON} See https://shop.example for more."


@pytest.fixture(autouse=True)
def _everybody_has_been_here_for_long(community, ada, grace, alan):
    User.objects.update(date_joined=MONDAY - timedelta(days=30))
    Membership.objects.update(joined_at=MONDAY - timedelta(days=30))
    for user in (ada, grace, alan):
        user.refresh_from_db()


def allow(monkeypatch, deed, hour, day):
    monkeypatch.setitem(limits.ALLOWED, deed, Allowance(hour, day))


def test_as_many_nominations_as_one_may_and_then_a_word_on_when(monkeypatch, nominated, grace):
    allow(monkeypatch, Deed.NOMINATE, 2, 3)
    for name in ("rosa", "emma"):
        nominated(name, by=grace)

    with pytest.raises(TooSoon, match=r"go on at 2 November 2026, 13:00\.") as refusal:
        nominated("clara", by=grace)

    assert refusal.value.again_at == MONDAY + timedelta(hours=1)
    assert not Nomination.objects.filter(profile__name="clara").exists()


def test_nobody_is_looked_up_for_who_comes_too_often(monkeypatch, nominated, grace, on_mastodon):
    allow(monkeypatch, Deed.NOMINATE, 1, 1)
    nomination = nominated("rosa", by=grace)

    with pytest.raises(TooSoon):
        nominate(by=grace, edition=nomination.edition, handle=on_mastodon("emma"), reason=REASON, at=MONDAY)

    assert not Profile.objects.filter(name="emma").exists()


def test_votes_are_counted_and_one_may_always_take_one_back(monkeypatch, nominated, grace, alan):
    rosa, emma = nominated("rosa", by=grace), nominated("emma", by=grace)
    allow(monkeypatch, Deed.VOTE, 1, 1)
    approve(by=alan, nomination=rosa, at=MONDAY)

    with pytest.raises(TooSoon):
        approve(by=alan, nomination=emma, at=MONDAY)
    take_back(by=alan, nomination=rosa, at=MONDAY)

    approve(by=alan, nomination=emma, at=MONDAY)


def test_seconds_have_a_limit_of_their_own(monkeypatch, nominated, grace, alan):
    rosa, emma = nominated("rosa", by=grace), nominated("emma", by=grace)
    allow(monkeypatch, Deed.SECOND, 1, 1)
    approve(by=alan, nomination=rosa, reason=REASON, at=MONDAY)

    with pytest.raises(TooSoon):
        approve(by=alan, nomination=emma, reason=REASON, at=MONDAY)

    approve(by=alan, nomination=emma, at=MONDAY)
    approve(by=alan, nomination=rosa, reason=f"{REASON} Really.", at=MONDAY)


def test_comments_are_counted(monkeypatch, published, grace):
    allow(monkeypatch, Deed.COMMENT, 1, 1)
    comment(by=grace, edition=published, text="Well chosen.", at=FRIDAY)

    with pytest.raises(TooSoon):
        comment(by=grace, edition=published, text="And again.", at=FRIDAY + timedelta(minutes=5))


def test_who_is_new_in_the_community_may_do_less(monkeypatch, nominated, grace):
    monkeypatch.setitem(limits.NEWCOMERS, Deed.NOMINATE, Allowance(1, 1))
    Membership.objects.filter(user=grace).update(joined_at=MONDAY - timedelta(hours=23))
    nominated("rosa", by=grace)

    with pytest.raises(TooSoon):
        nominated("emma", by=grace)


def test_who_is_new_altogether_may_do_less(monkeypatch, nominated, grace):
    monkeypatch.setitem(limits.NEWCOMERS, Deed.NOMINATE, Allowance(1, 1))
    grace.date_joined = MONDAY - timedelta(hours=23)
    nominated("rosa", by=grace)

    with pytest.raises(TooSoon):
        nominated("emma", by=grace)


def test_newcomers_link_nowhere(nominated, grace):
    grace.date_joined = MONDAY - timedelta(hours=1)

    with pytest.raises(Refused, match="Links can be put in once") as refusal:
        nominated("clara", by=grace, reason=LINKED)

    assert refusal.value.field == "reason"


def test_newcomers_comments_link_nowhere_either(published, grace):
    grace.date_joined = FRIDAY - timedelta(hours=1)

    with pytest.raises(Refused, match="Links can be put in once"):
        comment(by=grace, edition=published, text="See https://shop.example", at=FRIDAY)


def test_a_link_does_not_come_in_by_a_second_or_an_edit(nominated, grace, alan):
    rosa = nominated("rosa", by=grace)
    for user in (grace, alan):
        user.date_joined = MONDAY - timedelta(hours=1)

    with pytest.raises(Refused, match="Links can be put in once"):
        approve(by=alan, nomination=rosa, reason=LINKED, at=MONDAY)
    with pytest.raises(Refused, match="Links can be put in once"):
        edit_reason(by=grace, nomination=rosa, reason=LINKED, at=MONDAY)


def test_who_has_been_here_for_a_day_may_link(nominated, grace):
    nominated("rosa", by=grace, reason=LINKED)

    assert Nomination.objects.get().reason == LINKED


def test_a_suspended_member_is_told_until_when(nominated, grace, alan):
    rosa = nominated("rosa", by=grace)
    Membership.objects.filter(user=alan).update(suspended_until=MONDAY + timedelta(days=2))

    with pytest.raises(Refused, match="take part again from 4 November 2026, 12:00"):
        approve(by=alan, nomination=rosa, at=MONDAY)
    with pytest.raises(Refused, match="take part again"):
        nominated("emma", by=alan)
