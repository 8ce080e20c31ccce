"""Integers of a query as an array, on each database the same."""

import numpy as np
import pytest
from django.db.models import Value

from recommendations.models import Nomination, Profile, Vote
from recommendations.models.columns import columns

pytestmark = pytest.mark.django_db


@pytest.fixture
def on_board(edition):
    """A nomination with the nominator's own vote: on_board("rosa", by=grace)."""

    def make(name, *, by):
        profile = Profile.objects.create(network="x", name=name, uri=f"x:{name}")
        nomination = Nomination.objects.create(edition=edition, profile=profile, nominator=by, reason="Why not?")
        Vote.objects.create(nomination=nomination, voter=by)
        return nomination

    return make


def test_they_are_read_as_they_are(edition, grace, alan, on_board):
    first, second = on_board("rosa", by=grace), on_board("emma", by=alan)
    rows = Vote.objects.filter(nomination__edition=edition)

    read = columns(rows.annotate(far=Value(2**40), below=Value(-7)), "nomination", "voter", "far", "below")

    assert sorted(read.tolist()) == sorted([[first.pk, grace.pk, 2**40, -7], [second.pk, alan.pk, 2**40, -7]])
    assert read.dtype == np.int64


def test_of_no_rows_there_are_no_integers(edition):
    assert columns(Vote.objects.filter(nomination__edition=edition), "nomination", "voter").shape == (0, 2)


def test_what_a_query_compares_with_is_no_part_of_its_words(edition, grace, on_board):
    nomination = on_board("rosa", by=grace)
    named = Nomination.objects.filter(edition=edition).exclude(reason="%s'; DROP TABLE x; --").order_by("reason")

    assert columns(named, "pk").tolist() == [[nomination.pk]]
