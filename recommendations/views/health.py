"""For whoever watches the server."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from recommendations.readiness import readiness


@require_GET
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 as long as this process answers."""
    return JsonResponse({"alive": True})


@require_GET
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when database, broker and scheduler work; 503 and which one doesn't."""
    state = readiness()
    return JsonResponse(state, status=200 if state["ready"] else 503)
