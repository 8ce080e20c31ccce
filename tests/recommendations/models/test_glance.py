"""Communities at a glance: how their boards stand, what came out last, and where most was voted lately."""

from datetime import timedelta

import pytest
import time_machine

from recommendations.actions.join import found
from recommendations.models import Community, Edition
from recommendations.models.glance import at_a_glance, busiest, by_name
from tests.conftest import FRIDAY, MONDAY
from tests.recommendations.readers import published

pytestmark = pytest.mark.django_db


@pytest.fixture
def gardens(ada):
    return found(by=ada, name="Gardens", slug="gardens", hashtag="gardens", at=MONDAY - timedelta(days=9))


def test_an_open_board_and_the_newest_edition_are_told(community):
    with time_machine.travel(MONDAY - timedelta(days=3), tick=False):
        published(community, [], number=1)
    with time_machine.travel(MONDAY - timedelta(days=2), tick=False):
        second = published(community, [], number=2)

    (seen,) = at_a_glance([community], MONDAY)

    assert seen.board.week == "2026-W45"
    assert seen.is_open
    assert seen.latest == second


def test_a_board_that_opens_later_is_told_as_such(community):
    (seen,) = at_a_glance([community], MONDAY - timedelta(days=3))

    assert seen.board is not None
    assert not seen.is_open


def test_a_community_without_board_or_edition_is_still_one(community):
    Edition.objects.all().delete()

    (seen,) = at_a_glance([community], MONDAY)

    assert (seen.board, seen.latest, seen.is_open) == (None, None, False)


def test_their_order_is_kept_and_two_queries_are_enough(community, gardens, django_assert_num_queries):
    with django_assert_num_queries(2):
        seen = at_a_glance([gardens, community], MONDAY)

    assert [each.community.slug for each in seen] == ["gardens", "custserv"]


def test_where_more_voted_lately_comes_first_and_who_ended_is_left_out(community, gardens, ada):
    quiet = found(by=ada, name="A quiet one", slug="quiet", hashtag="quiet")
    ended = found(by=ada, name="An ended one", slug="ended", hashtag="ended")
    Community.objects.filter(pk=ended.pk).update(archived_at=MONDAY)
    with time_machine.travel(MONDAY - timedelta(weeks=9), tick=False):
        published(community, [], number=1)
    with time_machine.travel(MONDAY, tick=False):
        published(gardens, [], number=1)
    Edition.objects.filter(community=community, number=1).update(ballots=500)
    Edition.objects.filter(community=gardens, number=1).update(ballots=3)

    assert list(busiest(FRIDAY)) == [gardens, quiet, community]


def test_by_name_those_that_ended_come_last(community, gardens):
    Community.objects.filter(pk=community.pk).update(archived_at=MONDAY)

    assert [each.slug for each in by_name()] == ["gardens", "custserv"]
