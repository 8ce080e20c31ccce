"""Feeds of published editions (Atom, JSON Feed 1.1) and the gathering as iCalendar.

Full content, ids that never change (tag URIs, RFC 4151), dates of the last change, conditional GET.
"""

import hashlib
import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.http import http_date
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event

from accounts.language import nearest
from recommendations.actions.compose import edition_url
from recommendations.consent import Purpose, Viewer
from recommendations.markup import clean_line
from recommendations.models import Community, Edition
from recommendations.models.reading import lines
from recommendations.page_cache import cache_page_for

ITEMS = 20
ATOM, JSON_FEED = "application/atom+xml; charset=utf-8", "application/feed+json"
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)  # when a site without editions last changed

# What XML 1.0 (2.2) cannot hold, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _items(community: Community | None) -> list[Edition]:
    editions = Edition.objects.published().select_related("community")
    if community is not None:
        editions = editions.filter(community=community)
    return list(editions[:ITEMS])


def _content(edition: Edition) -> str:
    """The edition as HTML that stands by itself: no classes, no relative links."""
    shown = lines(edition, viewer=Viewer.PUBLIC, purpose=Purpose.FEED)
    context = {"edition": edition, "lines": shown, "base_url": settings.FF_BASE_URL}
    with translation.override(nearest(edition.community.language)):  # a feed is the same for everybody
        return _clean(render_to_string("feeds/edition.html", context)).strip()


def _clean(text: str) -> str:
    """Without the characters that would break the whole feed for everybody."""
    return _NOT_XML.sub("", text)


def _tag(what: str, since: datetime) -> str:
    host = settings.FF_BASE_URL.split("://", 1)[1].split(":")[0]
    return f"tag:{host},{since:%Y-%m-%d}:{what}"


def _id(edition: Edition) -> str:
    return _tag(f"edition/{edition.community.slug}/{edition.number}", edition.published_at or edition.closes_at)


def _title(edition: Edition, community: Community | None) -> str:
    name = "" if community else f"{edition.community}: "
    return _clean(f"{name}{edition.headline} (No. {edition.number})")


def _heading(community: Community | None) -> dict[str, Any]:
    """Title, description, language and page of a feed."""
    if community is None:
        return {
            "title": "Follow Friday",
            "description": "Whom to follow, and why",
            "language": "en",
            "link": f"{settings.FF_BASE_URL}/",
        }
    return {
        "title": _clean(str(community)),
        "description": _clean(community.description),
        "language": community.language,
        "link": f"{settings.FF_BASE_URL}{community.get_absolute_url()}",
    }


def _dated(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Last-Modified is when these very bytes were first seen.

    An edition's own date would not do: whoever declines is gone from it at once, and it was not edited.
    """
    key = f"feed:{hashlib.sha256(request.path.encode()).hexdigest()}"
    digest = hashlib.sha256(response.content).hexdigest()
    before, seen = cache.get(key) or ("", 0)
    if before != digest:
        seen = max(int(time.time()), seen + 1)  # two changes within a second are two
        cache.set(key, (digest, seen), None)
    response["Last-Modified"] = http_date(seen)
    response["Cache-Control"] = "no-cache"  # keep it, and ask whether it still holds
    return response


def _atom(request: HttpRequest, community: Community | None) -> HttpResponse:
    editions = _items(community)
    since = community.created_at if community else EPOCH
    heading = _heading(community)
    feed = _Atom(
        **heading,
        author_name=heading["title"],
        feed_url=f"{settings.FF_BASE_URL}{request.path}",
        feed_guid=_tag(f"feed/{community.slug if community else ''}", since),
        empty_since=since,
    )
    for edition in editions:
        feed.add_item(
            title=_title(edition, community),
            link=edition_url(edition),
            description="",
            content=_content(edition),
            unique_id=_id(edition),
            pubdate=edition.published_at,
            updateddate=edition.updated_at,
            author_name=_clean(str(edition.community)),
        )
    return _dated(request, HttpResponse(feed.writeString("utf-8"), content_type=ATOM))


class _Atom(Atom1Feed):
    """Atom with the whole content instead of a summary."""

    def latest_post_date(self) -> datetime:
        """Without entries, a date that stays: the base class takes the present, and no feed would be the same twice."""
        return super().latest_post_date() if self.items else self.feed["empty_since"]

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        """RFC 4287, 4.1.3: content of type html."""
        super().add_item_elements(handler, {**item, "description": None})
        handler.addQuickElement("content", item["content"], {"type": "html"})


def _json(request: HttpRequest, community: Community | None) -> HttpResponse:
    editions = _items(community)
    heading = _heading(community)
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": heading["title"],
        "home_page_url": heading["link"],
        "feed_url": f"{settings.FF_BASE_URL}{request.path}",
        "description": heading["description"],
        "language": heading["language"],
        "items": [
            {
                "id": _id(edition),
                "url": edition_url(edition),
                "title": _title(edition, community),
                "content_html": _content(edition),
                "date_published": (edition.published_at or edition.closes_at).isoformat(),
                "date_modified": edition.updated_at.isoformat(),
                "authors": [{"name": _clean(str(edition.community))}],
                "tags": [edition.community.hashtag],
                **({"image": f"{settings.FF_BASE_URL}{edition.share_image.url}"} if edition.share_image else {}),
            }
            for edition in editions
        ],
    }
    return _dated(request, JsonResponse(feed, content_type=JSON_FEED))


@require_safe
@cache_page_for(600)
def site_atom(request: HttpRequest) -> HttpResponse:
    """Editions of all communities."""
    return _atom(request, None)


@require_safe
@cache_page_for(600)
def site_json(request: HttpRequest) -> HttpResponse:
    """The same as JSON Feed."""
    return _json(request, None)


@require_safe
@cache_page_for(600)
def community_atom(request: HttpRequest, slug: str) -> HttpResponse:
    """Editions of one community."""
    return _atom(request, get_object_or_404(Community.objects.select_related("gathering"), slug=slug))


@require_safe
@cache_page_for(600)
def community_json(request: HttpRequest, slug: str) -> HttpResponse:
    """The same as JSON Feed."""
    return _json(request, get_object_or_404(Community.objects.select_related("gathering"), slug=slug))


@require_safe
@cache_page_for(3600)
def gathering_ics(request: HttpRequest, slug: str) -> HttpResponse:
    """The weekly gathering, repeating, in the community's own zone (RFC 5545)."""
    community = get_object_or_404(Community.objects.select_related("gathering"), slug=slug)
    gathering = getattr(community, "gathering", None)
    if gathering is None:
        raise Http404
    # By the clock on the wall, even if the first one falls into a gap: the others do not.
    day = timezone.localtime(gathering.next_after(community.created_at), community.zone).date()
    first = datetime.combine(day, gathering.time, community.zone)
    event = Event()
    event.add("uid", _tag(f"gathering/{community.slug}", community.created_at))
    event.add("dtstamp", community.created_at)
    event.add("summary", clean_line(f"{community} (#{community.hashtag})"))
    event.add("dtstart", first)
    event.add("dtend", first + timedelta(minutes=gathering.minutes))
    event.add("rrule", {"freq": "weekly"})
    if gathering.place:
        event.add("location", clean_line(gathering.place, 120))
    if gathering.link:
        event.add("url", gathering.link)
    calendar = Calendar()
    calendar.add("prodid", "-//Follow Friday//EN")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    calendar.add_missing_timezones()
    response = HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="{community.slug}.ics"'
    return response
