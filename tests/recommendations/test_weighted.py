"""X's own counting, by its own vectors, and in its corners. Ten thousand texts more: test_counting.py."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.weighted import urls, weighted
from tests.growth import assert_grows_at_most

VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "twitter_text"


def vectors(name: str) -> list[dict[str, Any]]:
    return list(json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("vector", vectors("weighted"), ids=lambda vector: vector["description"][:50])
def test_a_text_is_as_long_as_x_says(vector: dict[str, Any]) -> None:
    assert weighted(vector["text"]) == vector["weightedLength"]


@pytest.mark.parametrize("vector", vectors("urls"), ids=lambda vector: vector["text"][:50])
def test_what_x_links_is_a_url(vector: dict[str, Any]) -> None:
    assert urls(vector["text"]) == vector["urls"]


def test_the_vectors_are_all_there() -> None:
    assert (len(vectors("weighted")), len(vectors("urls"))) == (23, 98)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("Hello, world! 👋", 16),
        ("e\u0301", 1),
        ("漢字", 4),
        ("한", 2),
        ("\u2060", 2),
        ("\u200d", 1),
        ("\ufe0f", 2),
        ("👩‍👩‍👧‍👦", 2),
        ("👩🏻‍❤️‍👨🏿", 2),
        ("🏳️‍🌈🏴‍☠️", 4),
        ("🇩🇪🇫🇷", 4),
        ("🇦🇦", 4),  # no country's
        ("🏴󠁧󠁢󠁳󠁣󠁴󠁿", 2),
        ("1️⃣", 2),
        ("☝️🏽", 2),
        ("😀\u200d😀", 5),  # joined, and still two
        ("🫷🏽", 4),  # newer than the emoji X surely knows: in parts
        ("\ud83d\ude00", 4),  # halves of characters
        ("http://t.co/" + "a" * 40, 23),
        ("http://t.co/" + "a" * 41, 53),
        ("https://example.com/" + "a" * 2_000, 23),
        ("https://example.com/" + "a" * 4_200, 4_220),
        ("http://xn--は.com", 17),
        ("http://" + "a" * 64 + ".com", 75),
    ],
)
def test_weights(text: str, length: int) -> None:
    assert weighted(text) == length


@given(st.text(max_size=200), st.sampled_from(["", "http://", "a.com", "🇩", "👩\u200d"]))
def test_no_text_weighs_less_than_its_urls_or_is_an_error(text: str, more: str) -> None:
    text = more.join([text, text])

    assert weighted(text) >= 23 * len(urls(text))


@pytest.mark.parametrize(
    "piece", ["a.", "é.", "漢", "a.com.", "http://a(", "http://a.com/" + "(a)!", "\u0301\u0323", "👩\u200d"]
)
@pytest.mark.parametrize(
    ("size", "factor"),
    [(1_000, 4.5), (250_000, 2.5)],  # URLs are sought in short texts alone, and finding them takes the square
    ids=["short", "long"],
)
def test_a_longer_text_takes_in_proportion_longer_to_weigh(piece: str, size: int, factor: float) -> None:
    assert_grows_at_most(weighted, lambda length: (piece * length)[: length - 5] + ".-.co", size, factor=factor)
