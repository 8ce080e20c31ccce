"""Charts: numbers in, coordinates out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.charts import ROW, TALLEST, bars, recommendations_map, width_of


def test_the_tallest_bar_fills_the_height_and_nothing_is_no_bar():
    assert [(bar.x, bar.y, bar.height) for bar in bars([0, 5, 10])] == [(0, 60, 0), (11, 30, 30), (22, 0, 60)]
    assert width_of([0, 5, 10]) == 30


@given(st.lists(st.integers(0, 10**9), max_size=60))
def test_every_bar_stands_on_the_line_and_whatever_is_not_nothing_is_seen(values):
    for bar in bars(values):
        assert bar.y + bar.height == pytest.approx(TALLEST)
        assert (bar.height >= 1) == (bar.value > 0)
        assert bar.x + 8 <= width_of(values)


def test_no_values_are_an_empty_chart():
    assert bars([]) == []
    assert width_of([]) == 1
    assert recommendations_map([], most=5).height == ROW


def test_who_gave_most_comes_first_and_a_pair_that_comes_again_is_wider():
    drawn = recommendations_map([(1, 10), (2, 10), (2, 11), (2, 11)], most=5)

    assert [(name.key, name.number) for name in drawn.givers] == [(2, 3), (1, 1)]
    assert [(name.key, name.number) for name in drawn.people] == [(10, 2), (11, 2)]
    assert [curve.width for curve in drawn.curves] == [1.5, 1.5, 2.0]
    assert drawn.curves[0].path == "M0 39 C50 39 50 13 100 13"


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(100, 130)), max_size=200))
def test_a_map_has_so_many_names_and_no_curve_leads_outside(pairs):
    drawn = recommendations_map(pairs, most=4)

    assert len(drawn.givers) <= 4
    assert len(drawn.people) <= 4
    assert sum(name.number for name in drawn.people) == sum(name.number for name in drawn.givers)
    assert len(drawn.curves) <= 16
