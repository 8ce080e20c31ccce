"""A worker that has gone deaf ends, so that whoever keeps it running starts it anew.

After Redis was away a Celery worker may live on without taking anything (celery/celery#8091, #10205): it answers,
and its messages wait. No row is lost by that, but nothing moves. What it was doing when it ends is done again by
the next sweep, as after any kill.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from celery import bootsteps
from celery.worker import state

logger = logging.getLogger(__name__)

LOOKS_EVERY = 5.0  # seconds
DEAF_AFTER = 3  # looks in a row at which messages waited and an idle worker took none
LAST_WORDS = 30.0  # seconds for what runs to end


class Ear:
    """Whether a worker still hears: fed at regular intervals."""

    def __init__(self) -> None:
        self._taken = -1
        self._silences = 0

    def is_deaf(self, *, waiting: int, taken: int, busy: bool) -> bool:
        """`waiting`: messages in the queue now; `taken`: by this worker since it began; `busy`: it could take none."""
        silent = waiting > 0 and taken == self._taken and not busy
        self._silences = self._silences + 1 if silent else 0
        self._taken = taken
        return self._silences >= DEAF_AFTER


class Watchdog(bootsteps.StartStopStep):
    """Watches the worker it is part of."""

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self._stopped = threading.Event()

    def start(self, worker: Any) -> None:
        """Begin to watch, in a thread of its own: the worker's own loop may be what hangs."""
        threading.Thread(target=watch, args=(worker, self._stopped), name="watchdog", daemon=True).start()

    def stop(self, worker: Any) -> None:
        """The worker ends in good order."""
        self._stopped.set()


def watch(worker: Any, stopped: threading.Event, end: Callable[[], None] | None = None) -> None:
    """Until the worker has stopped, or is deaf: then `end`."""
    ear = Ear()
    while not stopped.wait(LOOKS_EVERY):
        waiting = _waiting(worker.app)
        busy = len(state.active_requests) >= worker.concurrency
        if ear.is_deaf(waiting=waiting, taken=sum(state.total_count.values()), busy=busy):
            logger.critical("this worker hears nothing any more, though %d messages wait; it ends", waiting)
            (end or _end)()
            return


def _waiting(app: Any) -> int:
    """How many messages wait; none as long as the broker does not answer."""
    try:
        with app.connection_for_read(connect_timeout=2) as broker:
            return int(broker.default_channel.queue_declare(app.conf.task_default_queue, passive=True).message_count)
    except Exception:
        # Whatever is wrong with the broker is not this worker's deafness.
        logger.debug("the broker does not say what waits", exc_info=True)
        return 0


def _end() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(LAST_WORDS)
    os._exit(1)
