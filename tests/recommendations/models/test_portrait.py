"""A community and a person as their published weeks show them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from recommendations.consent import Viewer
from recommendations.models import Profile, Quote
from recommendations.models.portrait import WEEKS, participation, weeks_of, who_recommends_whom
from tests.recommendations.readers import published, somebody


@pytest.fixture
def out(community, grace, alan):
    """Joan, recommended by Grace and Alan; Rosa by Grace; Emma, for members only, by Alan."""
    joan, rosa = somebody("joan@quiet.example"), somebody("rosa@tea.example")
    emma = somebody("emma@sea.example", members_only=True)
    edition = published(community, [joan, rosa, emma])
    for profile, author in ((joan, grace), (joan, alan), (rosa, grace), (emma, alan)):
        entry = edition.entries.get(profile=profile)
        Quote.objects.create(entry=entry, position=entry.quotes.count(), author=author, text="Kind, always.")
    return edition


def pairs(community, viewer=Viewer.PUBLIC):
    return {(str(giver), profile.name) for giver, profile, _ in who_recommends_whom(community, viewer=viewer).pairs}


def test_who_recommends_whom_is_told_of_those_who_may_be_seen(out, community):
    assert pairs(community) == {("Grace", "joan"), ("Alan", "joan"), ("Grace", "rosa")}
    assert ("Alan", "emma") in pairs(community, Viewer.MEMBER)


def test_who_declines_or_takes_a_reason_back_is_not_on_the_map(out, community):
    Profile.objects.filter(name="rosa").update(word="declined")
    Quote.objects.filter(author__display_name="Alan", entry__profile__name="joan").update(vetoed_at=timezone.now())

    assert pairs(community) == {("Grace", "joan")}


def test_the_map_takes_few_queries(out, community, django_assert_num_queries):
    with django_assert_num_queries(4):
        who_recommends_whom(community, viewer=Viewer.PUBLIC)


def test_editions_that_were_voted_on_are_told_oldest_first(out, community):
    assert participation(community) == []
    type(out).objects.update(special=False, ballots=7)

    (edition,) = participation(community)
    assert (edition.ballots, edition.listed) == (7, 3)


def test_weeks_are_counted_from_this_one_back(out):
    entries = list(out.entries.select_related("edition"))
    now = timezone.now()

    assert weeks_of(entries, now=now)[-1] == 3
    assert weeks_of(entries, now=now + timedelta(weeks=5))[-6] == 3
    assert sum(weeks_of(entries, now=now + timedelta(weeks=WEEKS))) == 0
    assert sum(weeks_of(entries, now=now - timedelta(weeks=2))) == 0


def test_the_page_tells_it_in_a_picture_and_in_words(out):
    type(out).objects.update(special=False, ballots=7)

    page = Client().get("/c/custserv/about/").content.decode()

    assert page.count("<path") == 3
    assert "3 members nominate and vote." in page
    assert '<a href="/p/mastodon/rosa@tea.example/"><bdi>Rosa</bdi></a>' in page
    assert "Emma" not in page


def test_a_community_that_has_nothing_out_yet_says_so(community):
    assert "When the first edition is out" in Client().get("/c/custserv/about/").content.decode()


def test_a_persons_page_shows_their_weeks(out):
    page = Client().get("/p/mastodon/joan@quiet.example/").content.decode()

    assert "Recommended in 1 of the last 52 weeks." in page
    assert page.count("<rect") == 1
