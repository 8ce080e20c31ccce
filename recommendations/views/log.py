"""What everybody may know of how this place is kept: a community's log of decisions, and servers that opted out."""

from django.core.paginator import Paginator
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from recommendations.models import DomainOptOut, Moderation
from recommendations.page_cache import cache_page_for
from recommendations.views.access import community_or_404

PER_PAGE, WEEKS, DOMAINS = 50, 52, 200


@require_GET
@cache_page_for(600)
def log(request: HttpRequest, slug: str) -> HttpResponse:
    """Role, kind, reason and day of each decision; edits to drafts as a number. Never a name, never a target."""
    community = community_or_404(slug)
    decisions = Moderation.objects.filter(community=community)
    edits = (
        decisions.edits()
        .exclude(subject="")
        .order_by()
        .values("subject")
        .annotate(number=Count("pk"), last=Max("at"))
        .order_by("-last")[:WEEKS]
    )
    context = {
        "community": community,
        "membership": community.membership_of(request.user),
        "page": Paginator(decisions.public(), PER_PAGE).get_page(request.GET.get("page")),
        "edits": edits,
    }
    return render(request, "communities/log.html", context)


@require_GET
@cache_page_for(600)
def opted_out(request: HttpRequest) -> HttpResponse:
    """The domains whose admins want nobody from there recommended."""
    page = Paginator(DomainOptOut.objects.standing(), DOMAINS).get_page(request.GET.get("page"))
    return render(request, "site/opted_out.html", {"page": page})
