"""What an edition leaves for the rankings after it."""

from datetime import timedelta

import numpy as np
import pytest

from recommendations.actions.erase import erase
from recommendations.models import Edition, Ledger
from recommendations.models.ledger import history, packed, unpacked
from recommendations.rules import HISTORY_EDITIONS
from tests.conftest import MONDAY, SATURDAY
from tests.recommendations.actions.test_compile import ids

pytestmark = pytest.mark.django_db


def closed(community, week, state="published"):
    then = SATURDAY - timedelta(weeks=30 - week)
    return Edition.objects.create(
        community=community, week=f"2026-W{week}", state=state, number=week if state == "published" else None,
        ballots=5, opens_at=then, closes_at=then, publishes_at=then, published_at=then,
    )  # fmt: skip


def keep(edition, *users):
    Ledger.objects.keep(edition, turnout=ids(*users), backing=ids(), praise=ids())


@pytest.mark.parametrize("numbers", [[], [0], [2**32 - 1], [2**32], [7, 2**40, 0]])
def test_integers_come_back_as_they_were(numbers):
    assert unpacked(memoryview(packed(np.array(numbers, dtype=np.int64)))).tolist() == numbers


def test_small_integers_take_four_bytes_each():
    assert len(packed(np.arange(1000))) == 4001


def test_only_the_last_editions_are_kept_and_read(community, edition, grace, alan):
    weeks = [closed(community, week) for week in range(10, 10 + HISTORY_EDITIONS + 2)]
    for each in weeks:
        keep(each, grace, alan)

    assert set(Ledger.objects.values_list("edition", flat=True)) == {each.pk for each in weeks[2:]}
    turnout, backing, praise = history(Ledger.objects.before(edition))
    assert [sorted(each.tolist()) for each in turnout] == [[grace.pk, alan.pk]] * HISTORY_EDITIONS
    assert (backing.shape, praise.shape) == ((0, 2), (0, 2))


def test_a_skipped_edition_is_no_history(community, edition, grace):
    keep(closed(community, 10), grace)
    skipped = closed(community, 11, state="ready")
    keep(skipped, grace)
    Edition.objects.filter(pk=skipped.pk).update(state="skipped")

    assert len(history(Ledger.objects.before(edition))[0]) == 1


def test_an_edition_is_no_history_of_itself(community, edition, grace):
    keep(edition, grace)

    assert history(Ledger.objects.before(edition))[0] == ()


def test_a_second_worker_writes_the_same_row(community, grace, alan):
    before = closed(community, 10)
    keep(before, grace)
    keep(before, alan)

    assert unpacked(Ledger.objects.get().turnout).tolist() == [alan.pk]


def test_who_is_erased_is_in_no_ledger(community, edition, grace, alan, ada):
    before = closed(community, 10)
    Ledger.objects.keep(
        before,
        turnout=ids(grace, alan),
        backing=ids((grace, ada), (alan, ada)),
        praise=ids((grace, alan), (alan, grace), (alan, ada)),
    )

    erase(user=grace, at=MONDAY)

    ledger = Ledger.objects.get()
    assert unpacked(ledger.turnout).tolist() == [alan.pk]
    assert unpacked(ledger.backing).tolist() == [alan.pk, ada.pk]
    assert unpacked(ledger.praise).tolist() == [alan.pk, ada.pk]
