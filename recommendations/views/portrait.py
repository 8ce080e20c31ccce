"""About a community: what it values, how many take part, and who recommends whom."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from recommendations.charts import bars, width_of
from recommendations.models.membership import viewer_of
from recommendations.models.portrait import participation, who_recommends_whom
from recommendations.page_cache import cache_page_for
from recommendations.views.access import community_or_404


@require_GET
@cache_page_for(3600)
def about(request: HttpRequest, slug: str) -> HttpResponse:
    """The community in words and pictures; each picture stands in a table, too."""
    community = community_or_404(slug)
    membership = community.membership_of(request.user)
    viewer = viewer_of(membership)
    editions = participation(community)
    portrait = who_recommends_whom(community, viewer=viewer)
    return render(
        request,
        "communities/about.html",
        {
            "community": community,
            "membership": membership,
            "members": community.memberships.active().count(),
            "editions": editions,
            "bars": bars([edition.ballots for edition in editions]),
            "chart_width": width_of(editions),
            "map": portrait.map,
            "givers": [portrait.givers[name.key] for name in portrait.map.givers],
            "people": [portrait.people[name.key] for name in portrait.map.people],
            "pairs": portrait.pairs,
        },
    )
