"""Whether the server can do its work, and that the pages say so."""

from datetime import timedelta

import pytest
from django.db import Error, connection
from django.utils import timezone

from recommendations.models import Heartbeat
from recommendations.readiness import readiness

pytestmark = pytest.mark.django_db

FOLDERS = ("data_folder_in", "data_folder_out", "control_folder")  # of a broker that is a folder


def test_readiness_is_database_broker_and_a_fresh_tick():
    assert readiness() == {"ready": False, "database": True, "broker": True, "tick_age_seconds": None}

    Heartbeat.beat("tick", timezone.now() - timedelta(minutes=4))
    fresh = readiness()
    Heartbeat.beat("tick", timezone.now() - timedelta(minutes=6))
    stale = readiness()

    assert (fresh["ready"], fresh["tick_age_seconds"] // 60) == (True, 4)
    assert (stale["ready"], stale["tick_age_seconds"] // 60) == (False, 6)


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "filesystem://localhost"])
def test_readiness_without_a_broker_is_not_ready_and_says_so_soon(settings, url):
    Heartbeat.beat("tick", timezone.now())
    settings.CELERY_BROKER_URL = url
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = dict.fromkeys(FOLDERS, "/proc/nowhere")
    began = timezone.now()

    state = readiness()

    assert (state["ready"], state["broker"], state["database"]) == (False, False, True)
    assert timezone.now() - began < timedelta(seconds=10)


def test_readiness_without_a_database_is_not_ready(monkeypatch):
    def refuse():
        raise Error("the server closed the connection")

    monkeypatch.setattr(connection, "ensure_connection", refuse)

    state = readiness()

    assert (state["ready"], state["database"], state["tick_age_seconds"]) == (False, False, None)


def test_the_health_pages_say_the_same(client):
    alive, not_ready = client.get("/healthz"), client.get("/readyz")
    Heartbeat.beat("tick", timezone.now())
    ready = client.get("/readyz")

    assert (alive.status_code, alive.json()) == (200, {"alive": True})
    assert (not_ready.status_code, not_ready.json()["ready"]) == (503, False)
    assert (ready.status_code, ready.json()["ready"]) == (200, True)
    assert "no-store" in ready["Cache-Control"]
    assert client.post("/healthz").status_code == 405


def test_being_alive_asks_the_database_nothing(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").status_code == 200
