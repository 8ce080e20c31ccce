"""Home, and what every page knows."""

from math import isqrt
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from recommendations.circles import FULL_HISTORY, LISTED, NEWCOMERS_SHARE, VOICE
from recommendations.consent import Purpose, Viewer
from recommendations.explanation import NAMED_FROM
from recommendations.models import Edition
from recommendations.models.glance import at_a_glance, busiest
from recommendations.models.reading import lines
from recommendations.page_cache import cache_page_for
from recommendations.rules import BALLOT_SIZE, HISTORY_EDITIONS, LARGE, SIZE_EDITIONS

ON_THE_FRONT = 3  # people of the newest edition
COMMUNITIES = 6
ALIKE, APART = 12, 5  # the votes of the picture: of one circle, and of as many circles; drawn in the template
SPLIT = 4  # the circles of one voice in its caption


def site(request: HttpRequest) -> dict[str, Any]:
    """Context processor: a constant and no query, because every page pays for it."""
    return {"base_url": settings.FF_BASE_URL, "demo": settings.FF_DEMO and settings.FF_LOOPBACK}


@require_GET
@cache_page_for(60)
def home(request: HttpRequest) -> HttpResponse:
    """What this is, the busiest communities and how their boards stand, and the latest editions."""
    now = timezone.now()
    latest = list(Edition.objects.published().select_related("community")[:8])
    lead = latest[0] if latest else None
    people = lines(lead, viewer=Viewer.PUBLIC, purpose=Purpose.PAGE) if lead else []
    return render(
        request,
        "site/home.html",
        {
            "lead": lead,
            "people": [line for line in people if line.shown][:ON_THE_FRONT],
            "earlier": latest[1:],
            "glances": at_a_glance(busiest(now)[:COMMUNITIES], now),
        },
    )


@require_GET
@cache_page_for(3600)
def how_we_rank(request: HttpRequest) -> HttpResponse:
    """The rules of a ranking on one page, with the numbers they have in the code, and circles in a picture."""
    return render(
        request,
        "site/how_we_rank.html",
        {
            "ballot": BALLOT_SIZE,
            "large": LARGE,
            "editions": SIZE_EDITIONS,
            "history": HISTORY_EDITIONS,
            "whole": FULL_HISTORY,
            "share": NEWCOMERS_SHARE,
            "first": LISTED,
            "named_from": NAMED_FROM,
            "one": isqrt(VOICE),
            "crowd": isqrt(ALIKE * VOICE),
            "apart": APART * isqrt(VOICE),
            "split": SPLIT * isqrt(VOICE // SPLIT),
        },
    )
