"""The crew: everybody a community has recommended so far."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from recommendations.consent import Purpose
from recommendations.models import NativeList
from recommendations.models.crew import crew as whole_crew
from recommendations.models.crew import featured
from recommendations.models.membership import viewer_of
from recommendations.page_cache import cache_page_for
from recommendations.views.access import community_or_404

PER_PAGE = 50


@require_GET
@cache_page_for(3600)
def crew(request: HttpRequest, slug: str) -> HttpResponse:
    """Everybody, whoever was featured last first, and how to follow them all."""
    community = community_or_404(slug)
    membership = community.membership_of(request.user)
    viewer = viewer_of(membership)
    page = Paginator(whole_crew(community), PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "communities/crew.html",
        {
            "community": community,
            "membership": membership,
            "page": page,
            "people": featured(community, list(page.object_list), viewer=viewer, purpose=Purpose.PAGE),
            "packs": NativeList.objects.standing().filter(channel__community=community, edition=None),
        },
    )
