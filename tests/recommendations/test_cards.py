"""A person's card: what is filled in cannot become HTML, in any language, and what is misspelt in it is an error.

What it shows to whom is for the tests of the pages.
"""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.forms.utils import ErrorDict, ErrorList
from django.template import engines
from django.utils import translation
from jinja2 import UndefinedError

from accounts.models import User
from recommendations.models import Community, Edition, Entry, Nomination, Profile, Vote
from recommendations.models.board import Card
from recommendations.models.entry import Quote
from recommendations.models.reading import Line
from recommendations.templatetags.cards import card

EVIL = "<img src=x onerror='alert(1)'>\"&"
SAFE = "&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&#34;&amp;"
HERE = Community(slug="custserv", language="en")


def evil() -> Profile:
    return Profile(
        network="mastodon", name="eve", host="e.example", display_name=EVIL, page_url="https://e.example/@eve"
    )


def on_the_board(**fields: object) -> Card:
    led = Nomination(pk=7, reason=EVIL, nominator=User(display_name=EVIL))
    second = Vote(pk=8, reason=EVIL, voter=User(display_name=EVIL))
    return Card(led, evil(), seconds=[second], **fields)  # type: ignore[arg-type]


def in_an_edition() -> Line:
    entry = Entry(pk=7, rank=1, computed_rank=1, profile=evil(), edition=Edition(community=HERE))
    quotes = [Quote(pk=pk, author=User(display_name=EVIL), text=EVIL) for pk in (1, 2)]
    return Line(rank=1, shown=True, entry=entry, quotes=quotes, explanation=None)


@pytest.mark.parametrize("language", ["en", "de", "ar"])
@pytest.mark.parametrize("vote", [None, Vote(pk=9, reason=EVIL)])
def test_nothing_that_people_write_becomes_html_on_the_board(language: str, vote: Vote | None) -> None:
    refused = ErrorDict({"reason": ErrorList([EVIL])})

    with translation.override(language):
        shown = card(on_the_board(vote=vote), community=HERE, votable=True, csrf_token="t")
        again = card(on_the_board(vote=vote), community=HERE, votable=True, csrf_token="t", refused=refused, typed=EVIL)

    assert "<img" not in shown + again
    assert shown.count(SAFE) == 6 + (vote is not None)  # the name and its button, two reasons, two authors, one's own
    assert again.count(SAFE) == 8  # what was typed instead of one's own reason, and what was wrong with it


def test_nothing_that_people_write_becomes_html_in_an_edition() -> None:
    shown = card(in_an_edition(), community=HERE)

    assert "<img" not in shown
    assert shown.count(SAFE) == 5
    assert "<form" not in shown


def test_an_address_that_is_not_of_the_web_is_no_link() -> None:
    it = on_the_board()
    it.profile.page_url = "javascript:alert(1)"

    assert "javascript:" not in card(it, community=HERE)
    assert "<bdi>@eve@e.example</bdi>" in card(it, community=HERE)


@time_machine.travel(datetime(2026, 11, 20, tzinfo=UTC), tick=False)
def test_since_when_somebody_is_silent_is_told_in_the_readers_language() -> None:
    it = on_the_board()
    it.profile.last_active_on = date(2026, 3, 1)

    with translation.override("de"):
        assert "März 2026" in card(it, community=HERE)
    assert "silent since March 2026" in card(it, community=HERE)


def test_a_name_that_does_not_exist_is_an_error_in_a_card() -> None:
    with pytest.raises(UndefinedError):
        engines["jinja2"].from_string("{{ card.no_such_thing }}").render({"card": on_the_board()})
