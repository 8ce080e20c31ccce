"""Communities: find one, and its board."""

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from recommendations.models import Community, Edition, glance
from recommendations.models import search as searching
from recommendations.models.board import board_for
from recommendations.page_cache import cache_page_for
from recommendations.views.access import community_or_404
from recommendations.views.search import typed

PER_PAGE = 40


@require_GET
@cache_page_for(60)
def index(request: HttpRequest) -> HttpResponse:
    """All communities by name, each with how its board stands; with `?q=` those that fit these words."""
    text = typed(request)
    found = searching.search(text, kind="community") if text else None
    rows: QuerySet[Community] | list[Community] = (
        searching.communities(found.communities) if found and found.query.terms else glance.by_name()
    )
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "text": text,
        "query": found.query if found else None,
        "page": page,
        "glances": glance.at_a_glance(list(page.object_list), timezone.now()),
    }
    return render(request, "communities/index.html", context)


@require_GET
@cache_page_for(30)
def board(request: HttpRequest, slug: str) -> HttpResponse:
    """A community's own page: this week's board, and what came before."""
    community = community_or_404(slug)
    membership = community.membership_of(request.user)
    now = timezone.now()
    gathering = getattr(community, "gathering", None)
    latest = list(Edition.objects.published().filter(community=community)[:5])
    return render(
        request,
        "communities/board.html",
        {
            "community": community,
            "membership": membership,
            "board": board_for(community, membership, now),
            "latest": latest,
            "gathering": gathering,
            "gathering_at": gathering.next_after(now) if gathering else None,
        },
    )
