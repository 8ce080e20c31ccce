"""Published editions: the archive, the page."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from recommendations.consent import Purpose, Viewer
from recommendations.models import Edition, NativeList
from recommendations.models.reading import lines
from recommendations.page_cache import cache_page_for
from recommendations.views.access import community_or_404, edition_or_404
from recommendations.views.comments import speaking

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
    viewer = Viewer.MEMBER if membership and membership.is_active else Viewer.PUBLIC
    listed = lines(found, viewer=viewer, purpose=Purpose.PAGE)
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
            "deliveries": found.deliveries.filter(rehearsal=False).select_related("channel").prefetch_related("posts"),
            "packs": NativeList.objects.standing().filter(edition=found),
            "newest": found.community.last_number,
        }
        | speaking(found, membership, timezone.now()),
    )
