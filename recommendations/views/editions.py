"""Published editions: the archive, the page."""

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from recommendations.consent import Purpose
from recommendations.models import Edition, Moderation, NativeList
from recommendations.models.membership import viewer_of
from recommendations.models.reading import Line, lines
from recommendations.page_cache import cache_page_for
from recommendations.views.access import community_or_404, edition_or_404
from recommendations.views.comments import speaking
from recommendations.views.elsewhere import frame_for, oembed_url

PER_PAGE = 50


@require_GET
@cache_page_for(3600)
def archive(request: HttpRequest, slug: str) -> HttpResponse:
    """All editions, newest first."""
    community = community_or_404(slug)
    pages = Paginator(Edition.objects.published().filter(community=community), PER_PAGE)
    return render(
        request,
        "editions/archive.html",
        {
            "community": community,
            "membership": community.membership_of(request.user),
            "page": pages.get_page(request.GET.get("page")),
        },
    )


@require_GET
@cache_page_for(3600)
def edition(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One edition."""
    found = edition_or_404(slug, number)
    membership = found.community.membership_of(request.user)
    viewer = viewer_of(membership)
    listed = lines(found, viewer=viewer, purpose=Purpose.PAGE)
    deliveries = found.deliveries.filter(rehearsal=False).select_related("channel").prefetch_related("posts")
    around = _around(found)
    return render(
        request,
        "editions/edition.html",
        {
            "community": found.community,
            "edition": found,
            "lines": listed,
            # The picture and its alt text name everybody who was listed when it was drawn.
            "picture": found.share_image if all(line.shown for line in listed) else None,
            "membership": membership,
            "deliveries": deliveries,
            "packs": NativeList.objects.standing().filter(edition=found),
            "before": around.get(number - 1),
            "after": around.get(number + 1),
            "creator": next((each.channel.handle for each in deliveries if each.channel.network == "mastodon"), None),
            "left_out": [entry.computed_rank for entry in found.entries.left_out()],
            "decisions": Moderation.objects.while_made(found).select_related("affected"),
            "structured": _structured(found, listed),
            "oembed": oembed_url(found),
            "frame": frame_for(found),
        }
        | speaking(found, membership, timezone.now()),
    )


def _around(edition: Edition) -> dict[int | None, Edition]:
    """The editions before and after it, by their numbers."""
    numbers = [edition.number - 1, edition.number + 1] if edition.number else []
    found = Edition.objects.published().filter(community=edition.community, number__in=numbers).only("number", "title")
    for each in found:
        each.community = edition.community
    return {each.number: each for each in found}


def _structured(edition: Edition, listed: list[Line]) -> dict[str, Any]:
    """The list for search engines (schema.org ItemList): whom everybody sees there, and where to read more."""
    shown = [line for line in listed if line.shown and not line.profile.members_only]
    return {
        "@context": "https://schema.org",
        "@type": "ItemList",
        "name": edition.headline,
        "url": settings.FF_BASE_URL + edition.get_absolute_url(),
        "datePublished": edition.published_at.isoformat() if edition.published_at else None,
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": line.rank,
                "item": {
                    "@type": "Person",
                    "name": line.profile.title,
                    "url": settings.FF_BASE_URL + line.profile.get_absolute_url(),
                },
            }
            for line in shown
        ],
    }
