"""A worker that takes nothing though messages wait ends; every other one goes on."""

import threading
from collections import Counter
from typing import Any

import pytest

from ffapp import watchdog
from ffapp.watchdog import DEAF_AFTER, Ear, watch


class Worker:
    """As much of a worker as is watched."""

    concurrency = 2

    def __init__(self, *waiting: int | Exception) -> None:
        self.answers = list(waiting)
        self.app = self
        self.conf = self
        self.task_default_queue = "celery"
        self.default_channel = self

    def connection_for_read(self, connect_timeout: float) -> "Worker":
        return self

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def queue_declare(self, queue: str, passive: bool) -> Any:
        answer = self.answers.pop(0)
        if not self.answers:
            stopped.set()
        if isinstance(answer, Exception):
            raise answer
        return type("Declared", (), {"message_count": answer})


stopped = threading.Event()


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whether a worker was ended."""
    stopped.clear()
    monkeypatch.setattr(watchdog, "LOOKS_EVERY", 0.001)
    monkeypatch.setattr(watchdog.state, "total_count", Counter({"tick": 7}))
    monkeypatch.setattr(watchdog.state, "active_requests", set())
    return []


def test_an_idle_worker_that_takes_nothing_though_messages_wait_is_deaf() -> None:
    ear = Ear()
    ear.is_deaf(waiting=0, taken=7, busy=False)

    heard = [ear.is_deaf(waiting=3, taken=7, busy=False) for _ in range(DEAF_AFTER)]

    assert heard == [False] * (DEAF_AFTER - 1) + [True]


@pytest.mark.parametrize(
    ("waiting", "taken", "busy"),
    [(0, [7, 7, 7, 7, 7], False), (3, [7, 8, 9, 10, 11], False), (3, [7, 7, 7, 7, 7], True)],
    ids=["nothing waits", "it takes", "it is busy"],
)
def test_a_worker_that_has_a_reason_is_not_deaf(waiting: int, taken: list[int], busy: bool) -> None:
    ear = Ear()

    assert not any(ear.is_deaf(waiting=waiting, taken=each, busy=busy) for each in taken)


def test_a_deaf_worker_is_ended(ended: list[str]) -> None:
    watch(Worker(*[5] * 20), stopped, end=lambda: ended.append("ended"))

    assert ended == ["ended"]


def test_a_worker_whose_broker_is_away_is_left_alone(ended: list[str]) -> None:
    watch(Worker(*[OSError("refused")] * 20), stopped, end=lambda: ended.append("ended"))

    assert ended == []


def test_a_worker_of_ours_has_its_watchdog() -> None:
    from ffapp.celery import app

    assert watchdog.Watchdog in app.steps["worker"]
