"""Terms: texts are found however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.terms import LONGEST, distance, is_near, pattern, read, slips, spelled, terms


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ada Lovelace", ["ada", "lovelace"]),
        ("Ada ada ADA", ["ada"]),
        ("@alice.smith@example.social", ["alice", "smith", "example", "social"]),
        ("snake_case__name_", ["snake", "case", "name"]),
        ("Quỳnh Nguyễn, İpek Çelik", ["quynh", "nguyen", "ipek", "celik"]),
        ("Straße ﬁne Ｗｉｄｅ", ["strasse", "fine", "wide"]),
        ("we love #A11y and #Open_Source!", ["we", "love", "a11y", "#a11y", "and", "open", "source", "#open_source"]),
        ("مَرْيَم الحداد", ["مريم", "الحداد"]),
        ("שָׁלוֹם", ["שלום"]),
        ("東京タワー a東b", ["東京", "京タ", "タワ", "ワー", "a", "東", "b"]),
        ("", []),
        ("… 🙂 --- ___ # \x00 \ud800", []),
    ],
)
def test_a_text_becomes_terms(text, found):
    assert terms(text) == found


@given(st.text())
def test_whatever_is_written_terms_are_short_and_come_back_from_their_spelling(text):
    for term in terms(text):
        assert 0 < len(term) <= LONGEST + 1
        assert read(spelled(term)) == term
        assert spelled(term).isascii()
        assert spelled(term).isalnum()


@given(st.text(), st.text())
def test_what_begins_alike_is_spelled_alike(one, other):
    assert spelled(one + other).startswith(spelled(one)[:-2] if one.endswith("\ud800") else spelled(one))


def test_a_word_is_looked_for_by_its_beginning_and_a_hashtag_whole():
    assert pattern("ada") == "x616461*"
    assert pattern("#ada") == "x23616461"


@pytest.mark.parametrize("slip", ["grcae", "grae", "gracee", "grxce", "race", "graec"])
def test_a_slip_shares_a_key_with_what_was_meant(slip):
    assert slips(slip) & slips("grace")
    assert is_near(slip, "grace")


@pytest.mark.parametrize(("one", "other"), [("grace", "alan"), ("rosa", "ross"[:3] + "se"), ("carmen", "armand")])
def test_another_word_is_no_slip(one, other):
    assert not (slips(one) & slips(other) and is_near(one, other))


def test_short_words_and_hashtags_have_no_slips():
    assert slips("ada") == slips("#grace") == frozenset()


@pytest.mark.parametrize(
    ("one", "other", "far"),
    [("", "", 0), ("", "ab", 2), ("ab", "ba", 1), ("abc", "abd", 1), ("kitten", "sitting", 3)],
)
def test_distance(one, other, far):
    assert distance(one, other) == distance(other, one) == far
