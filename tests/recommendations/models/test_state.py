"""States move along the drawn arrows, once."""

import pytest
from django.db.models import Q

from recommendations.models import Channel, Edition, Membership, NativeList, Post
from recommendations.models.state import IllegalMove, Overtaken

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", [Channel, Edition, Membership, NativeList, Post])
def test_every_drawing_names_every_state_and_leads_to_states_only(model):
    assert set(model.MOVES) == set(model.State)
    assert set().union(*model.MOVES.values()) <= set(model.State)


def test_a_move_sets_state_and_fields_in_row_and_object(edition):
    edition.move("skipped", title="Nothing this week")

    assert (edition.state, edition.title) == ("skipped", "Nothing this week")
    edition.refresh_from_db()
    assert (edition.state, edition.title) == ("skipped", "Nothing this week")


def test_a_move_that_is_not_drawn_is_refused(edition):
    with pytest.raises(IllegalMove, match="open -> published"):
        edition.move("published")

    assert Edition.objects.get(pk=edition.pk).state == "open"


def test_the_second_of_two_loses_and_changes_nothing(edition):
    other = Edition.objects.get(pk=edition.pk)
    edition.move("skipped", title="First")

    with pytest.raises(Overtaken):
        other.move("compiling", title="Second")

    edition.refresh_from_db()
    assert (edition.state, edition.title, other.state) == ("skipped", "First", "open")


def test_a_condition_that_does_not_hold_stops_the_move(edition):
    with pytest.raises(Overtaken):
        edition.move("skipped", only_if=Q(title="Something else"))

    assert Edition.objects.get(pk=edition.pk).state == "open"
