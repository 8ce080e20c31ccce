"""Feeds, the calendar and the import list, read by other people's parsers."""

import csv
import io
import json
from datetime import date, datetime, time, timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import atoma
import feedparser
import icalendar
import jsonschema
import pytest
import time_machine
from dateutil.rrule import rrulestr
from django.core.cache import cache

from recommendations.actions.compile import compile_edition
from recommendations.actions.edit_draft import rewrite
from recommendations.actions.join import found
from recommendations.actions.look_up import look_again
from recommendations.actions.publish import publish
from recommendations.consent import Word
from recommendations.models import Community, Edition, Gathering, Profile
from tests.conftest import FRIDAY, MONDAY, SATURDAY, THURSDAY
from tests.recommendations.actions.conftest import nominated, on_mastodon

__all__ = ["nominated", "on_mastodon"]
pytestmark = pytest.mark.django_db

ATOM, JSON = "/c/custserv/feed.atom", "/c/custserv/feed.json"
FEEDS = [ATOM, JSON, "/feed.atom", "/feed.json"]
HOSTILE = '</content>]]>" onload=x & <script>alert(1)</script> \x01\x0b\x1f\ufffe\uffff \u202e\U0001f98a'

# https://www.jsonfeed.org/version/1.1/ as a schema: what must be there, and of which kind the rest is.
ADDRESS = {"type": "string", "pattern": "^https?://"}
AUTHORS = {
    "type": "array",
    "items": {
        "type": "object",
        "minProperties": 1,
        "properties": {"name": {"type": "string"}, "url": ADDRESS, "avatar": ADDRESS},
        "additionalProperties": False,
    },
}
JSON_FEED = {
    "type": "object",
    "required": ["version", "title", "items"],
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": {"type": "string", "minLength": 1},
        "home_page_url": ADDRESS,
        "feed_url": ADDRESS,
        "description": {"type": "string"},
        "language": {"type": "string", "pattern": "^[a-z]{2,3}(-[A-Za-z0-9]+)*$"},
        "authors": AUTHORS,
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id"],
                "anyOf": [{"required": ["content_html"]}, {"required": ["content_text"]}],
                "properties": {
                    "id": {"type": "string", "minLength": 1},
                    "url": ADDRESS,
                    "title": {"type": "string"},
                    "content_html": {"type": "string"},
                    "image": ADDRESS,
                    "date_published": {"type": "string", "format": "date-time"},
                    "date_modified": {"type": "string", "format": "date-time"},
                    "authors": AUTHORS,
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}


@pytest.fixture
def draft(edition, grace, nominated):
    """2026-W45, ready: Rosa and Emma."""
    for name in ("rosa", "emma"):
        nominated(name, by=grace)
    return compile_edition(edition=edition, at=THURSDAY)


@pytest.fixture
def published(draft):
    """And out as number 1."""
    return publish(edition=draft, at=FRIDAY)


def atom(client, path=ATOM):
    """The feed as feedparser sees it, without complaint, and as atoma does."""
    response = client.get(path)
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    parsed = feedparser.parse(response.content, response_headers={"content-type": response["Content-Type"]})
    assert not parsed.bozo, parsed.bozo_exception
    return parsed, atoma.parse_atom_bytes(response.content)


def json_feed(client, path=JSON):
    """The feed as the specification has it, and as atoma sees it."""
    response = client.get(path)
    assert response["Content-Type"] == "application/feed+json"
    feed = json.loads(response.content)
    jsonschema.validate(feed, JSON_FEED, format_checker=jsonschema.FormatChecker())
    return feed, atoma.parse_json_feed_bytes(response.content)


def test_atom_is_read_by_two_parsers_alike(client, published):
    first, second = atom(client)

    assert first.version == "atom10"
    assert first.feed.title == second.title.value == "Customer Service"
    assert first.feed.link == "http://localhost:8000/c/custserv/"
    assert first.feed.id == second.id_
    (entry,), (same,) = first.entries, second.entries
    assert entry.title == same.title.value == "#custserv recommends (No. 1)"
    assert entry.id == same.id_ == "tag:localhost,2026-11-06:edition/custserv/1"
    assert entry.link.startswith("http://localhost:8000/c/custserv/editions/1/")
    assert same.published == FRIDAY
    assert entry.content[0].type == "text/html"
    assert same.content.value == entry.content[0].value
    assert "She answers every question" in same.content.value


def test_json_feed_is_as_its_specification_has_it(client, published):
    feed, parsed = json_feed(client)

    assert feed["feed_url"] == f"http://localhost:8000{JSON}"
    (item,), (same,) = feed["items"], parsed.items
    assert item["id"] == same.id_ == "tag:localhost,2026-11-06:edition/custserv/1"
    assert same.date_published == FRIDAY
    assert item["tags"] == ["custserv"]
    assert item["image"].startswith("http://localhost:8000/media/editions/")
    assert "Rosa" in item["content_html"]


def test_both_tell_the_same(client, published):
    assert atom(client)[1].entries[0].content.value == json_feed(client)[0]["items"][0]["content_html"]
    assert atom(client)[1].entries[0].id_ == json_feed(client)[0]["items"][0]["id"]


def test_the_sites_own_feeds_name_the_community(client, published, ada):
    found(by=ada, at=SATURDAY, name="Elsewhere", slug="elsewhere", hashtag="elsewhere")

    assert atom(client, "/feed.atom")[0].entries[0].title == "Customer Service: #custserv recommends (No. 1)"
    assert json_feed(client, "/feed.json")[0]["items"][0]["title"] == "Customer Service: #custserv recommends (No. 1)"
    assert atom(client, "/c/elsewhere/feed.atom")[0].entries == []


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_without_editions_is_a_feed_and_stays_the_same(client, community, path):
    read = atom if path.endswith("atom") else json_feed
    read(client, path)
    with time_machine.travel(MONDAY + timedelta(days=365)):
        later = client.get(path).content

    assert later == client.get(path).content


def test_there_is_no_feed_of_nobody(client, db):
    assert client.get("/c/nobody/feed.atom").status_code == 404
    assert client.get("/c/nobody/gathering.ics").status_code == 404


def test_ids_stay_when_the_edition_is_edited_and_dates_tell_of_it(client, published, curator):
    before, _ = json_feed(client)
    Edition.objects.filter(pk=published.pk).update(title="Another title", updated_at=FRIDAY + timedelta(days=1))
    cache.clear()  # as the verbs do, through pages_changed

    after, _ = json_feed(client)
    entry = atom(client)[1].entries[0]

    assert after["items"][0]["id"] == before["items"][0]["id"] == entry.id_
    assert after["items"][0]["date_published"] == before["items"][0]["date_published"]
    assert after["items"][0]["date_modified"] == "2026-11-07T09:00:00+00:00"
    assert entry.updated == FRIDAY + timedelta(days=1)
    assert entry.title.value == "Another title (No. 1)"


def test_only_the_newest_twenty_are_listed_the_newest_first(client, published):
    for number in range(2, 24):
        Edition.objects.create(
            community=published.community, week=f"2027-W{number:02}", number=number, state="published",
            opens_at=FRIDAY, closes_at=FRIDAY, publishes_at=FRIDAY, published_at=FRIDAY + timedelta(weeks=number),
        )  # fmt: skip

    entries = atom(client)[1].entries

    assert [entry.title.value for entry in entries] == [f"#custserv recommends (No. {n})" for n in range(23, 3, -1)]


def test_drafts_are_not_told(client, draft):
    assert atom(client)[0].entries == []
    assert json_feed(client)[0]["items"] == []


# What a reader already has


@pytest.mark.parametrize("path", FEEDS)
def test_who_has_it_already_is_sent_nothing(client, published, path):
    given = client.get(path)

    by_tag = client.get(path, headers={"If-None-Match": given["ETag"]})
    by_date = client.get(path, headers={"If-Modified-Since": given["Last-Modified"]})

    assert [(each.status_code, each.content) for each in (by_tag, by_date)] == [(304, b""), (304, b"")]


@pytest.mark.parametrize("path", FEEDS)
def test_who_declines_is_gone_at_once_and_nobody_is_told_that_nothing_changed(
    client, published, path, on_mastodon, django_capture_on_commit_callbacks
):
    given = client.get(path)
    assert b"Rosa" in given.content

    on_mastodon("rosa", bio="#nofollowfriday")
    with django_capture_on_commit_callbacks(execute=True):
        look_again(profile=Profile.objects.get(name="rosa"))

    for known in ({"If-None-Match": given["ETag"]}, {"If-Modified-Since": given["Last-Modified"]}):
        now = client.get(path, headers=known)
        assert now.status_code == 200
        assert b"rosa" not in now.content.lower()
        assert b"does not wish to be listed" in now.content


def test_an_emptied_cache_only_makes_readers_fetch_once_more(client, published):
    given = client.get(ATOM)
    cache.clear()

    with time_machine.travel(datetime.now().astimezone() + timedelta(minutes=5)):
        again = client.get(ATOM, headers={"If-Modified-Since": given["Last-Modified"]})

    assert again.status_code == 200
    assert again["ETag"] == given["ETag"]


# Hostile words


@pytest.fixture
def hostile(edition, grace, nominated, curator):
    """An edition in which every word is meant to break something."""
    Community.objects.update(name=HOSTILE[:80], description=HOSTILE)
    nominated("rosa", by=grace, reason=f"{HOSTILE} and twenty more")
    type(grace).objects.filter(pk=grace.pk).update(display_name=HOSTILE[:60])
    edition.community.refresh_from_db()
    compile_edition(edition=edition, at=THURSDAY)
    rewrite(edition=edition, by=curator, title=HOSTILE, essay=HOSTILE, closing=HOSTILE)
    Edition.objects.filter(pk=edition.pk).update(title=HOSTILE, essay=HOSTILE)  # as if the verb had let it pass
    Profile.objects.update(display_name=HOSTILE)
    edition.refresh_from_db()
    return publish(edition=edition, at=FRIDAY)


def test_hostile_words_break_no_parser_and_run_nothing(client, hostile):
    first, second = atom(client)
    feed, _ = json_feed(client)
    ElementTree.fromstring(client.get(ATOM).content)

    for content in (second.entries[0].content.value, feed["items"][0]["content_html"]):
        assert "<script" not in content
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in content
        assert not any(character in content for character in "\x01\x0b\x1f\ufffe\uffff")
    assert second.entries[0].title.value.startswith('</content>]]>" onload=x & <script>')
    assert first.feed.title
    assert not any(ord(character) < 32 for character in feed["title"] + feed["description"])


# The calendar


def gathering(community, **fields):
    defaults = {"weekday": 1, "time": time(19, 0), "minutes": 90, "place": "#custserv", "link": "https://chat.example/"}
    return Gathering.objects.create(community=community, **(defaults | fields))


def event_of(client):
    response = client.get("/c/custserv/gathering.ics")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'inline; filename="custserv.ics"'
    calendar = icalendar.Calendar.from_ical(response.content)
    (event,) = calendar.walk("VEVENT")
    assert event.errors == []
    return calendar, event


def occurrences(event, until):
    """Each as a local time, by the rule; and what the zone that came with it makes of them."""
    first = event.decoded("dtstart")
    rule = rrulestr(event["rrule"].to_ical().decode(), dtstart=first.replace(tzinfo=None))
    return list(rule.between(datetime.combine(date.min, time()), datetime.combine(until, time())))


def test_the_gathering_repeats_at_the_same_time_on_the_wall_all_year(client, community):
    Community.objects.update(time_zone="Europe/Berlin", created_at=datetime(2026, 2, 1, tzinfo=ZoneInfo("UTC")))
    gathering(community)

    calendar, event = event_of(client)
    told = occurrences(event, date(2026, 12, 31))
    (zone,) = calendar.walk("VTIMEZONE")
    clock = zone.to_tz()

    assert event["dtstart"].params["TZID"] == zone["TZID"] == "Europe/Berlin"
    assert len(told) == 48
    assert {(each.weekday(), each.time()) for each in told} == {(1, time(19, 0))}
    in_utc = {each.date(): each.replace(tzinfo=clock).astimezone(ZoneInfo("UTC")).hour for each in told}
    assert (in_utc[date(2026, 3, 24)], in_utc[date(2026, 3, 31)]) == (18, 17)  # the clocks go forward
    assert (in_utc[date(2026, 10, 20)], in_utc[date(2026, 10, 27)]) == (17, 18)  # and back
    assert event.decoded("dtend") - event.decoded("dtstart") == timedelta(minutes=90)


def test_a_first_gathering_in_a_gap_does_not_move_the_others(client, community):
    Community.objects.update(time_zone="Europe/Berlin", created_at=datetime(2026, 3, 28, tzinfo=ZoneInfo("UTC")))
    gathering(community, weekday=6, time=time(2, 30))

    _, event = event_of(client)

    assert {each.time() for each in occurrences(event, date(2026, 6, 1))} == {time(2, 30)}


def test_the_gathering_says_what_and_where_and_is_always_the_same_one(client, community):
    gathering(community)

    given = client.get("/c/custserv/gathering.ics").content
    _, event = event_of(client)

    assert event["summary"] == "Customer Service (#custserv)"
    assert event["location"] == "#custserv"
    assert event["url"] == "https://chat.example/"
    assert event["uid"] == f"tag:localhost,{community.created_at:%Y-%m-%d}:gathering/custserv"
    assert given == client.get("/c/custserv/gathering.ics").content


def test_hostile_words_add_no_line_to_the_calendar(client, community):
    Community.objects.update(name="Evil\r\nEND:VEVENT\r\nATTACH:http://evil.example")
    gathering(community, place="Here;\nSUMMARY:evil,\\ \x01\x0b")

    calendar, event = event_of(client)

    assert len(calendar.walk("VEVENT")) == 1
    assert "ATTACH" not in event
    assert str(event["location"]) == "Here; SUMMARY:evil,\\"


def test_a_gathering_may_be_nowhere(client, community):
    gathering(community, place="", link="")

    _, event = event_of(client)

    assert "location" not in event
    assert "url" not in event


def test_a_community_that_does_not_gather_has_no_calendar(client, community):
    assert client.get("/c/custserv/gathering.ics").status_code == 404


# The list for Mastodon's import


def rows(client):
    response = client.get("/c/custserv/editions/1/following_accounts.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="following_accounts-custserv-1.csv"'
    return response.content, list(csv.reader(io.StringIO(response.content.decode(), newline=""), strict=True))


def test_the_list_has_mastodons_own_header_and_a_row_for_everybody(client, published):
    content, (header, *people) = rows(client)

    assert header == ["Account address", "Show boosts", "Notify on new posts", "Languages"]
    assert sorted(people) == [
        ["emma@social.example", "true", "false", ""],
        ["rosa@social.example", "true", "false", ""],
    ]
    assert content.count(b"\r\n") == 3


def test_people_elsewhere_and_people_who_declined_are_not_on_it(client, published):
    Profile.objects.filter(name="rosa").update(word=Word.DECLINED.value)
    Profile.objects.filter(name="emma").update(network="bluesky", name="emma.test", host="")

    assert rows(client)[1][1:] == []


def test_no_row_begins_with_what_a_spreadsheet_would_run(client, published):
    """Handles begin with a letter, a digit or _: handles.parse lets nothing else through."""
    Profile.objects.filter(name="rosa").update(display_name="=HYPERLINK(1)", bio="@SUM(1)")

    content, (_, *people) = rows(client)

    assert all(row[0][0].isalnum() or row[0][0] == "_" for row in people)
    assert b"=" not in content
