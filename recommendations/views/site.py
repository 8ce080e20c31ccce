"""Home, and what every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from recommendations.models import Community, Edition
from recommendations.page_cache import cache_page_for


def site(request: HttpRequest) -> dict[str, Any]:
    """Context processor: a constant and no query, because every page pays for it."""
    return {"base_url": settings.FF_BASE_URL, "demo": settings.FF_DEMO and settings.FF_LOOPBACK}


@require_GET
@cache_page_for(60)
def home(request: HttpRequest) -> HttpResponse:
    """What this is, this week's boards, and the latest editions."""
    now = timezone.now()
    boards = (
        Edition.objects.regular()
        .filter(state=Edition.State.OPEN, opens_at__lte=now, closes_at__gt=now)
        .select_related("community")
        .order_by("closes_at")[:12]
    )
    latest = Edition.objects.published().select_related("community")[:8]
    return render(
        request,
        "site/home.html",
        {"boards": boards, "latest": latest, "communities": Community.objects.count()},
    )
