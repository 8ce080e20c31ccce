"""The first steps of a new community: taken as they are proposed, done in other ways, put away."""

import pytest

from recommendations.actions import Refused
from recommendations.actions.begin import FIRST_GUESTS, put_away, take, usual_values
from recommendations.actions.join import found
from recommendations.actions.nominate import nominate
from recommendations.models import Channel, Community
from recommendations.models.beginning import Step, beginning
from tests.conftest import MONDAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(person):
    """Barbara, who has just founded a community."""
    made = found(by=person("Barbara"), at=MONDAY, name="Night shift", slug="night-shift", hashtag="NightShift")
    return made.memberships.select_related("community", "user").get()


def left(membership):
    return [str(each) for each in beginning(Community.objects.get(pk=membership.community_id)).left]


def test_a_new_community_has_everything_before_it(mine):
    steps = beginning(mine.community)

    assert (steps.count, steps.shown) == (0, True)
    assert steps.left == list(Step)


def test_each_step_is_taken_as_it_is_proposed_and_twice_does_no_harm(mine):
    for step in ("values", "week", "invite", "channel"):
        take(step=step, by=mine)
        take(step=step, by=mine)

    assert left(mine) == ["nominate"]
    mine.community.refresh_from_db()
    assert mine.community.values == usual_values("en")
    assert mine.community.values.startswith("- Recommend people, with a reason.")
    assert mine.community.invitations.get().uses_left == FIRST_GUESTS


def test_what_was_written_already_is_not_written_over(mine):
    Community.objects.filter(pk=mine.community_id).update(values="Be brief.")

    take(step="values", by=mine)

    mine.community.refresh_from_db()
    assert mine.community.values == "Be brief."


def test_steps_are_done_by_doing_them(mine, on_mastodon, person, django_assert_num_queries):
    community = mine.community
    edition = community.editions.select_related("community").get()
    nominate(by=mine.user, edition=edition, handle=on_mastodon("rosa"), reason="She answers everybody.", at=MONDAY)
    Community.objects.filter(pk=community.pk).update(values="Be kind.")
    community.memberships.create(user=person("Edsger"))
    Channel.objects.create(community=community, network="x", uri="x:1", name="night")
    community.editions.create(
        week="2026-W40", state="published", number=1, opens_at=MONDAY, closes_at=MONDAY, publishes_at=MONDAY
    )
    community.refresh_from_db()

    with django_assert_num_queries(1):
        steps = beginning(community)

    assert (steps.left, steps.shown) == ([], False)


@pytest.mark.parametrize("step", ["nominate", "", "everything", "\x00", "x" * 1_000_000])
def test_what_is_no_step_or_cannot_be_done_for_somebody_is_refused(mine, step):
    with pytest.raises(Refused, match="cannot be done for you"):
        take(step=step, by=mine)

    assert len(left(mine)) == len(Step)


def test_they_are_put_away(mine):
    put_away(by=mine, at=MONDAY)

    mine.community.refresh_from_db()
    assert (mine.community.begun_at, beginning(mine.community).shown) == (MONDAY, False)


def test_members_take_no_steps(mine, community, grace):
    member = community.memberships.select_related("community").get(user=grace)

    for deed in (lambda: take(step="values", by=member), lambda: put_away(by=member)):
        with pytest.raises(Refused, match="Only curators"):
            deed()
