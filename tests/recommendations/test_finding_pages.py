"""Finding a community: on the first page, and among hundreds. And what its feeds are."""

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations import tasks
from recommendations.actions.archive import archive
from recommendations.actions.join import found
from recommendations.models import Community, Findable, Gathering
from tests.conftest import MONDAY
from tests.recommendations.readers import published

HOSTILE = [
    "\x00",
    "<script>alert(1)</script>",
    "a" * 100_000,
    "???",
    "'; DROP TABLE",
    "*",
    '"',
    "\u202e",
    "#",
    "AND OR NOT",
]


@pytest.fixture(autouse=True)
def _on_monday():
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def gardens(ada):
    """Another community, about gardens."""
    return found(
        by=ada, name="Seeds and spades", slug="seeds", hashtag="gardens", description="Growing things, slowly."
    )


def read(*communities):
    Findable.objects.mark("community", [each.pk for each in communities], timezone.now())
    tasks.sweep(at=timezone.now(), run=tasks.at_once)


def text(address, **query):
    answer = Client().get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_first_page_has_a_box_to_search_in_that_works_by_itself(community):
    page = text("/")

    assert 'role="search" action="/search/"' in page
    assert 'name="q"' in page


def test_the_first_page_tells_of_communities_and_when_their_boards_close(community):
    published(community, [], number=1)

    page = text("/")

    assert "#custserv" in page
    assert "closes" in page
    assert 'href="/c/custserv/editions/1/"' in page


def test_without_a_community_one_is_asked_to_found_it(db):
    assert "Yours could be the first." in text("/")
    assert "Yours could be the first." in text("/c/")


@pytest.mark.parametrize("words", ["slowly", "#gardens", "gardens", "seeds", "growng"])
def test_communities_are_found_by_words_hashtags_and_slips(community, gardens, words):
    read(community, gardens)

    page = text("/c/", q=words)

    assert "Seeds and spades" in page
    assert "Customer Service" not in page
    assert f'value="{words}"' in page


def test_what_was_taken_for_a_slip_is_said_there_too(community, gardens):
    read(community, gardens)

    assert "No community has “growng”. Shown instead: growing." in text("/c/", q="growng")


def test_where_nothing_fits_all_can_be_seen(community):
    page = text("/c/", q="zebras")

    assert "No community fits these words." in page
    assert 'href="/c/"' in page


@pytest.mark.parametrize("typed", HOSTILE)
def test_whatever_is_looked_for_there_is_an_answer(community, typed):
    assert "<script>alert" not in text("/c/", q=typed)


def test_one_that_has_ended_says_so(community, ada):
    archive(by=community.membership_of(ada), with_members=True, at=MONDAY)

    assert "has ended" in text("/c/")
    assert "#custserv" not in text("/")
    board = text("/c/custserv/")
    assert "This community has ended" in board
    assert "opens soon" not in board
    assert "Join" not in board


def test_hundreds_are_on_several_pages_in_as_many_queries(community):
    with CaptureQueriesContext(connection) as few:
        text("/c/")
    Community.objects.bulk_create(
        Community(slug=f"c{number}", name=f"Community {number:03}", hashtag=f"tag{number}") for number in range(120)
    )

    with CaptureQueriesContext(connection) as many:
        first = text("/c/")

    assert len(many) == len(few) <= 8
    assert "Community 039" in first
    assert "Community 040" not in first
    assert "?page=2" in first
    assert "Community 040" in text("/c/", page="2")


def test_pages_of_what_was_found_keep_the_words(community):
    made = Community.objects.bulk_create(
        Community(slug=f"c{number}", name=f"Choir {number:03}", hashtag=f"tag{number}") for number in range(50)
    )
    read(*made)

    page = text("/c/", q="choir")

    assert "?q=choir&amp;page=2" in page


# Feeds


def test_the_sites_feeds_are_explained_and_can_be_copied(community):
    page = text("/feeds/")

    assert "http://localhost:8000/feed.atom" in page
    assert "http://localhost:8000/feed.json" in page
    assert 'href="/c/custserv/feeds/"' in page
    assert 'rel="alternate" type="application/atom+xml"' in page


def test_a_communitys_feeds_name_its_day_and_its_gathering(community):
    assert "gathering.ics" not in text("/c/custserv/feeds/")
    Gathering.objects.create(community=community, weekday=1, time="19:00")

    page = text("/c/custserv/feeds/")

    assert "http://localhost:8000/c/custserv/feed.atom" in page
    assert "http://localhost:8000/c/custserv/gathering.ics" in page
    assert "on Friday" in page
    assert 'href="/feeds/"' in page


def test_members_learn_there_that_they_may_have_editions_by_mail(client, community, grace):
    client.force_login(grace)

    assert "/me/notifications/settings/" in client.get("/c/custserv/feeds/").content.decode()


def test_every_page_leads_to_its_feeds(community):
    assert 'href="/feeds/"' in text("/")
    assert 'href="/c/custserv/feeds/"' in text("/c/custserv/")


def test_a_community_that_is_not_there_has_no_feeds(db):
    assert Client().get("/c/nowhere/feeds/").status_code == 404
