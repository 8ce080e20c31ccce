"""The pages that say how a ranking is made: the rules, an edition's own count, and what its curator sees of it."""

import re
from hashlib import sha256
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from recommendations.explanation import Explanation, Totals, Void
from recommendations.models import Edition
from tests.conftest import FRIDAY, THURSDAY
from tests.recommendations.actions.conftest import channel, draft, nominated, on_mastodon, published
from tests.recommendations.test_pages import queries

__all__ = ["channel", "draft", "nominated", "on_mastodon", "published"]
pytestmark = pytest.mark.django_db

EDITION = "/c/custserv/editions/1/"
BALLOTS = f"{EDITION}ballots.json"
RULES = "/how-we-rank/"
DESK = "/desk/custserv/2026-W45/"
LOOK = "worth a look"
PUBLIC = (EDITION, BALLOTS, f"{EDITION}embed/", "/c/custserv/feed.json", "/api/v1/communities/custserv/editions/1")


def read(address: str, client: Client | None = None) -> str:
    """The page, with its words in one line."""
    answer = (client or Client()).get(address)
    assert answer.status_code == 200
    return unescape(re.sub(r"\s+", " ", answer.content.decode()))


def suspicious(edition: Edition, **fields: Any) -> None:
    """The first on the list is supported by four new people of one circle, who came in together."""
    why = Explanation(6, 4, 0, {Void.NEWCOMER: 2}, (900, 300, 100), new=4, alike=3, rounded=1300)
    first = edition.entries.ranked()[0]
    first.explanation, first.score, first.supporters = why.as_json(), why.score, why.supporters
    first.save()
    tally = Totals(36, {Void.NEWCOMER: 4}, {Void.NEWCOMER: 3}).as_json()
    Edition.objects.filter(pk=edition.pk).update(method="circles", method_pinned=True, tally=tally, **fields)


@pytest.fixture
def desk(client: Client, ada: User) -> Client:
    """Ada at her desk."""
    client.force_login(ada)
    return client


# --- The rules


def test_the_rules_stand_on_a_page_that_asks_the_database_nothing(client: Client) -> None:
    page = read(RULES)

    assert queries(client, RULES) == 0
    main = page.partition("<main")[2].partition("</main>")[0]
    assert len(re.sub(r"<[^>]*>", "", main).split()) < 380  # a screen
    for rule in (
        "up to 10 people",
        "first two editions",
        "If you recommend someone with a reason, their vote for you does not count that week",
        "next 8 editions",
        "nobody sees before the list is out",
        "fewer than 100 people vote in a usual week, or fewer than 4 editions",
        "1/16 of a voice",
        "4 of the last 8 editions",
        "never whose",
        "from 3 people on",
    ):
        assert rule in page


def test_the_picture_of_circles_is_drawn_to_scale_and_told_in_words() -> None:
    page = read(RULES)

    assert (
        "twelve in one circle √12 times that, 3,464; five in five 5,000; "
        "one split over four, alone in each, 4 × √¼ times that: 2,000." in page
    )
    crowd, apart = (int(width) for width in re.findall(r'<line class="(?:alike|apart)" x1="0" x2="(\d+)"', page))
    assert crowd / apart == pytest.approx(3464 / 5000, abs=0.001)
    assert page.count('class="ring" cx=') == 5
    assert 'role="img" aria-labelledby="voices-said"' in page
    assert "style=" not in page


@pytest.mark.parametrize("address", ["/", "/c/custserv/about/", EDITION])
def test_whoever_wonders_finds_the_rules(published: Edition, address: str) -> None:
    assert f'href="{RULES}"' in read(address)


# --- An edition


def test_an_edition_says_how_it_was_counted_and_where_to_check_it(published: Edition) -> None:
    page = read(EDITION)

    assert "One vote made one point, as it is where a community has just begun" in page
    assert re.search(r"\d votes counted\.", page)
    assert f'<a href="{EDITION}my-ballot/">Check your ballot</a>' in page
    assert f'<a href="{BALLOTS}">one file</a>' in page


def test_an_edition_tells_its_seed_and_that_it_was_secret(client: Client, published: Edition) -> None:
    page = read(EDITION)
    board = read("/c/custserv/")

    now_open = published.community.editions.get(state="open")
    assert published.seed in page
    assert "secret until the list was out" in page
    assert f"<code>{sha256(now_open.seed.encode()).hexdigest()[:16]}</code>" in board
    assert now_open.seed not in board + client.get("/api/v1/communities/custserv/board").content.decode()
    assert queries(client, EDITION) > 0


def test_an_edition_says_what_did_not_count_and_rounds_points(published: Edition) -> None:
    suspicious(published, ballots=30)

    page = read(EDITION)

    assert "Votes were counted in circles: the community has chosen so. 36 votes counted. 4 votes came" in page
    assert "4 votes counted for them, worth about 1,300 points: the more alike people vote" in page


def test_an_edition_of_before_seeds_were_sealed_does_not_say_it_was(published: Edition) -> None:
    Edition.objects.filter(pk=published.pk).update(tally={}, usual_ballots=0, ballots=45, seed="0123456789abcdef")

    page = read(EDITION)

    assert "45 people voted. One vote made one point. Between equals lots are drawn, by the seed" in page
    assert "secret until" not in page


def test_a_special_edition_was_not_voted_for(client: Client, published: Edition) -> None:
    Edition.objects.filter(pk=published.pk).update(special=True, method="chosen", tally={}, ballots=0)

    page = read(EDITION)

    assert "were chosen by a curator" in page
    assert "ballots.json" not in page
    assert "One vote" not in page


# --- The curator's desk


def test_a_curator_sees_what_is_worth_a_look_and_how_the_votes_were_counted(desk: Client, draft: Edition) -> None:
    suspicious(draft)

    with time_machine.travel(THURSDAY, tick=False):
        page = read(DESK, desk)

    first, second = page.split('<li id="entry-')[1:3]
    assert first.count(LOOK) == 3
    assert "4 people support them, and none has voted in any of the last editions" in first
    assert "3 of the 4 people who support them came in together" in first
    assert "One circle gives 69 % of their points" in first
    assert "4 votes counted for them, worth about 1,300 points" in first
    assert "6 people" not in first  # how many of their votes did not count would betray some of them
    assert LOOK not in second
    assert "36 votes counted. 4 votes came from members who joined after voting had begun" in page


def test_hints_are_for_curators_alone(published: Edition, grace: User) -> None:
    suspicious(published)
    member = Client()
    member.force_login(grace)

    with time_machine.travel(FRIDAY, tick=False):
        pages = [read(EDITION, member), *map(read, PUBLIC)]

    assert not [page for page in pages if LOOK in page or '"new"' in page or '"alike"' in page]
