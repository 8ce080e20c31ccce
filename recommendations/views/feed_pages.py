"""What feeds there are, explained to people: of the whole site, and of one community."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from recommendations.models.glance import busiest
from recommendations.page_cache import cache_page_for
from recommendations.views.access import community_or_404

BESIDE = 20  # communities with feeds of their own


@require_GET
@cache_page_for(3600)
def site_feeds(request: HttpRequest) -> HttpResponse:
    """Those with everything, and where those of one community are."""
    return render(request, "feeds/feeds.html", {"frame": "base.html", "communities": busiest(timezone.now())[:BESIDE]})


@require_GET
@cache_page_for(3600)
def community_feeds(request: HttpRequest, slug: str) -> HttpResponse:
    """Those of one community, its gathering's calendar among them."""
    community = community_or_404(slug)
    context = {
        "frame": "communities/frame.html",
        "community": community,
        "membership": community.membership_of(request.user),
        "gathering": getattr(community, "gathering", None),
    }
    return render(request, "feeds/feeds.html", context)
