"""The judge of growth itself, with a cost that is counted and not measured."""

from collections.abc import Callable

import pytest

from tests.growth import assert_grows_at_most


def steps(work: Callable[[], object]) -> float:
    """Return the cost that the work itself tells."""
    told = work()
    assert isinstance(told, (int, float))
    return float(told)


def test_work_that_grows_with_its_input_passes() -> None:
    assert_grows_at_most(len, "a".__mul__, 1_000, cost=steps)


def test_work_that_does_not_grow_passes() -> None:
    assert_grows_at_most(lambda _: 7, "a".__mul__, 1_000, cost=steps)


def test_work_that_grows_with_the_square_of_its_input_fails() -> None:
    with pytest.raises(AssertionError, match=r"costs 4\.0 times"):
        assert_grows_at_most(lambda text: len(text) ** 2, "a".__mul__, 1_000, cost=steps)


def test_a_larger_factor_may_be_asked_for() -> None:
    assert_grows_at_most(lambda text: len(text) ** 2, "a".__mul__, 1_000, factor=4.5, cost=steps)


def test_one_slow_run_is_forgiven() -> None:
    costs = iter([10, 900, 10, 20])

    assert_grows_at_most(lambda _: next(costs), "a".__mul__, 1_000, cost=steps)


def test_what_costs_nothing_worth_measuring_is_not_judged() -> None:
    costs = iter([0.0001, 0.0009] * 20)

    assert_grows_at_most(lambda _: next(costs), "a".__mul__, 1_000, cost=steps)
