"""Whether this server can do its work: the database and the broker answer, and the tick goes."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.db import connection
from django.utils import timezone
from kombu import Connection
from kombu.exceptions import OperationalError

from recommendations.models import Heartbeat
from recommendations.models.heartbeat import AHEAD

TICK_IS_LATE = timedelta(minutes=5)


def readiness() -> dict[str, Any]:
    """{"ready", "database", "broker", "tick_age_seconds"}; `doctor` prints the same."""
    database, age = True, None
    try:
        connection.ensure_connection()
        last = Heartbeat.objects.filter(name="tick").values_list("at", flat=True).first()
        age = (timezone.now() - last).total_seconds() if last else None
    except DatabaseTrouble:
        database = False
    broker = _broker_answers()
    ticking = is_fresh(age)
    return {
        "ready": database and broker and ticking,
        "database": database,
        "broker": broker,
        "tick_age_seconds": None if age is None else round(age, 1),
    }


def is_fresh(age: float | None) -> bool:
    """Is a tick's age, in seconds, that of a scheduler at work? One of the future tells of a wrong clock alone."""
    return age is not None and -AHEAD.total_seconds() <= age < TICK_IS_LATE.total_seconds()


def _broker_answers() -> bool:
    broker = Connection(
        settings.CELERY_BROKER_URL,
        transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS,
        connect_timeout=2,
    )
    try:
        with broker:
            broker.ensure_connection(max_retries=1, timeout=2)
            broker.SimpleQueue("celery")  # a folder answers only when it is looked into
    except (OperationalError, OSError, *broker.connection_errors):
        return False
    return True
