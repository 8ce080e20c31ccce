"""Approve, hold, let go on, skip."""

import pytest

from recommendations.actions import Refused
from recommendations.actions.publish import publish
from recommendations.actions.review import approve, hold, skip, unapprove, unhold
from recommendations.models import Community, Edition, Moderation
from tests.conftest import FRIDAY, MONDAY, THURSDAY

pytestmark = pytest.mark.django_db


def due(at):
    return list(Edition.objects.due_to_publish(at))


def test_an_approved_edition_is_due_at_its_slot_and_not_before(draft, curator):
    approve(edition=draft, by=curator, at=THURSDAY)

    assert due(THURSDAY) == []
    assert due(FRIDAY) == [draft]


def test_without_approval_it_waits_unless_the_community_says_otherwise(draft, community):
    assert due(FRIDAY) == []

    Community.objects.filter(pk=community.pk).update(unreviewed=Community.Unreviewed.PUBLISH)
    assert due(FRIDAY) == [draft]
    Community.objects.filter(pk=community.pk).update(unreviewed=Community.Unreviewed.WAIT, review=False)
    assert due(FRIDAY) == [draft]


def test_an_approval_can_be_taken_back(draft, curator):
    approve(edition=draft, by=curator, at=THURSDAY)

    unapprove(edition=draft, by=curator)

    assert due(FRIDAY) == []


def test_only_a_compiled_edition_is_approved(edition, curator):
    with pytest.raises(Refused, match="compiled"):
        approve(edition=edition, by=curator)


def test_nothing_moves_while_it_is_held(draft, curator):
    approve(edition=draft, by=curator, at=THURSDAY)
    hold(edition=draft, by=curator, why="We ask Rosa first.", at=THURSDAY)

    assert due(FRIDAY) == []
    with pytest.raises(Refused, match="We ask Rosa first"):
        publish(edition=draft, by=curator, at=FRIDAY)
    unhold(edition=draft, by=curator)

    assert due(FRIDAY) == [draft]
    assert list(Moderation.objects.values_list("kind", flat=True)) == ["unhold", "hold"]


def test_an_open_edition_can_be_held_too(edition, curator):
    hold(edition=edition, by=curator, why="A holiday.", at=MONDAY)

    assert list(Edition.objects.due_to_compile(THURSDAY)) == []


def test_holding_and_skipping_want_a_reason(draft, curator):
    with pytest.raises(Refused, match="Say why"):
        hold(edition=draft, by=curator, why=" ")
    with pytest.raises(Refused, match="Say why"):
        skip(edition=draft, by=curator, why="")

    assert not Moderation.objects.exists()


def test_a_skipped_week_is_followed_by_the_next(edition, curator, community):
    skip(edition=edition, by=curator, why="Nobody had time.", at=MONDAY)

    edition.refresh_from_db()
    assert edition.state == "skipped"
    assert community.editions.get(state="open").week == "2026-W46"


def test_what_is_out_can_be_neither_held_nor_skipped(published, curator):
    with pytest.raises(Refused, match="nothing left to hold"):
        hold(edition=published, by=curator, why="Too late.")
    with pytest.raises(Refused, match="cannot be skipped"):
        skip(edition=published, by=curator, why="Too late.")


def test_what_moved_on_meanwhile_is_not_overwritten(draft, curator):
    seen = Edition.objects.get(pk=draft.pk)
    publish(edition=draft, at=FRIDAY)

    with pytest.raises(Refused, match="moved on"):
        hold(edition=seen, by=curator, why="Wait!")

    assert Edition.objects.get(pk=draft.pk).held_at is None


def test_only_curators_of_this_community_decide(draft, community, grace, person):
    member = community.memberships.get(user=grace)

    for deed in (approve, unapprove, unhold):
        with pytest.raises(Refused, match="Only curators"):
            deed(edition=draft, by=member)


def test_a_curator_of_another_community_decides_nothing_here(draft, grace):
    from recommendations.actions.join import found

    elsewhere = found(by=grace, at=MONDAY, name="Gardeners", slug="gardeners", hashtag="gardening")

    with pytest.raises(Refused, match="Only curators"):
        approve(edition=draft, by=elsewhere.memberships.get(user=grace))
