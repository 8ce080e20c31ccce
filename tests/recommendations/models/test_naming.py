"""What a new community may be called, made of its name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.models import Community
from recommendations.models.community import HASHTAG
from recommendations.models.naming import HASHTAG_MAX, SLUG_MAX, free_slug, hashtag_of


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("Night shift", "NightShift"),
        ("customer service", "CustomerService"),
        ("庭の写真", "庭の写真"),
        ("R.E.M. fans", "REMFans"),
        ("Crème brûlée", "CrèmeBrûlée"),
        ("مجتمع القهوة", "مجتمعالقهوة"),
        ("हिन्दी सेवा", "हिन्दीसेवा"),
        *((nothing, "") for nothing in ("2026", "!!!", "", "\x00")),
    ],
)
def test_a_hashtag_begins_each_word_with_a_capital(name, tag):
    assert hashtag_of(name) == tag


@given(st.text(max_size=80))
def test_a_proposed_hashtag_is_one_that_may_be_kept_or_none(name):
    tag = hashtag_of(name)

    assert len(tag) <= HASHTAG_MAX
    assert tag == "" or HASHTAG.fullmatch(tag)


@pytest.mark.django_db
def test_an_address_is_one_that_nobody_has(community):
    assert free_slug("Night shift") == "night-shift"
    assert free_slug("custserv") == "custserv-2"
    Community.objects.create(name="Again", slug="custserv-2", hashtag="again")
    assert free_slug("Custserv!") == "custserv-3"
    assert free_slug("New") == "new-2"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["庭の写真", "", "!!!", "\x00", "---"])
def test_a_name_without_a_latin_letter_makes_no_address(name):
    assert free_slug(name) == ""


@pytest.mark.django_db
def test_a_long_name_makes_an_address_that_fits():
    assert len(free_slug("word " * 100)) <= SLUG_MAX
