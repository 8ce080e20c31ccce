"""For whoever watches the server."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from kombu import Connection
from kombu.exceptions import OperationalError

from recommendations.models import Heartbeat

TICK_IS_LATE = timedelta(minutes=5)


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


def readiness() -> dict[str, Any]:
    """{"ready", "database", "broker", "tick_age_seconds"}; `doctor` prints the same."""
    database, age = True, None
    try:
        connection.ensure_connection()
        last = Heartbeat.objects.filter(name="tick").values_list("at", flat=True).first()
        age = (timezone.now() - last).total_seconds() if last else None
    except DatabaseError:
        database = False
    broker = _broker_answers()
    ticking = age is not None and age < TICK_IS_LATE.total_seconds()
    return {
        "ready": database and broker and ticking,
        "database": database,
        "broker": broker,
        "tick_age_seconds": None if age is None else round(age, 1),
    }


def _broker_answers() -> bool:
    try:
        with Connection(
            settings.CELERY_BROKER_URL,
            transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS,
            connect_timeout=2,
        ) as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
    except (OperationalError, OSError):
        return False
    return True
