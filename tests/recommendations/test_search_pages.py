"""The search page and the pages of hashtags."""

import pytest
from django.test import Client
from django.utils import timezone

from recommendations import tasks
from recommendations.models import Findable, Profile, Quote
from tests.recommendations.readers import published, somebody


@pytest.fixture
def out(community, grace):
    """Joan and Alan are out; Joan for #a11y."""
    profiles = [somebody("joan@quiet.example"), somebody("alan@bletchley.example", members_only=True)]
    edition = published(community, profiles)
    for entry, text in zip(edition.entries.all(), ["Patient teacher of #a11y, always.", "Breaks codes."], strict=True):
        Quote.objects.create(entry=entry, position=0, author=grace, text=text)
    make_findable(profiles)
    return edition


def make_findable(profiles):
    Findable.objects.mark("profile", [profile.pk for profile in profiles], timezone.now())
    tasks.sweep(at=timezone.now(), run=tasks.at_once)


def get(address, **query):
    return Client().get(address, query)


def test_who_is_looked_for_is_shown_with_what_was_said(out):
    page = get("/search/", q="patient").content.decode()

    assert "Joan" in page
    assert "Patient teacher of #a11y, always." in page
    assert "Grace" in page
    assert 'value="patient"' in page
    assert "noindex" in page


def test_what_was_taken_for_a_slip_is_said(out):
    page = get("/search/", q="pateint").content.decode()

    assert "Nobody has “pateint” here. Shown instead: patient." in page
    assert "Joan" in page


def test_who_is_for_members_only_is_found_by_who_is_signed_in(out, client, grace):
    client.force_login(grace)

    assert "Alan" not in get("/search/", q="codes").content.decode()
    assert "Alan" in client.get("/search/", {"q": "codes"}).content.decode()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Whom are you looking for?"),
        ("zebras", "Nothing found."),
        ("???", "Type a word or two."),
        ("\x00", "Whom are you looking for?"),
        ("<script>" * 1_000, "Nothing found."),
        ("\ud800", "Type a word or two."),
        ("a" * 100_000, "Nothing found."),
    ],
)
def test_whatever_is_typed_there_is_an_answer(out, typed, said):
    answer = Client().get("/search/", {"q": typed.encode("utf-8", "replace").decode()})

    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert "<script>" not in answer.content.decode().replace("<script src", "")


def test_a_hashtag_has_one_page(out):
    page = get("/tags/a11y/")

    assert "Joan" in page.content.decode()
    assert "noindex" not in page.content.decode()
    moved = get("/tags/A11Y/")
    assert (moved.status_code, moved["Location"]) == (301, "/tags/a11y/")
    assert "Customer Service" in get("/tags/custserv/").content.decode()


@pytest.mark.parametrize("name", ["a b", "--", "%00", "a.b"])
def test_what_is_no_hashtag_has_no_page(out, name):
    assert get(f"/tags/{name}/").status_code == 404


def test_a_hashtag_nobody_used_is_an_empty_page(out):
    assert "Nothing found." in get("/tags/quiet/").content.decode()


def test_many_are_paged_and_asked_for_in_as_many_queries(community, grace, django_assert_max_num_queries):
    profiles = [somebody(f"joan{number}@quiet.example") for number in range(23)]
    published(community, profiles)
    make_findable(profiles)

    with django_assert_max_num_queries(9):
        first = get("/search/", q="quiet").content.decode()
    second = get("/search/", q="quiet", page="2").content.decode()

    names = {f"@joan{number}@quiet.example" for number in range(23)}
    assert {each for each in names if each in first} | {each for each in names if each in second} == names
    assert "?q=quiet&amp;page=2" in first


def test_who_is_found_by_an_old_index_and_declined_since_is_not_shown(out):
    Profile.objects.filter(name="joan").update(word="declined")

    assert "Joan" not in get("/search/", q="patient").content.decode()
