"""A Redis that can be emptied, stopped and started again at the same address."""

import subprocess
from urllib.parse import urlsplit

import redis

from tests.waiting import PATIENCE, came


class Broker:
    """The Redis at an address."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = redis.Redis.from_url(url, socket_timeout=60)
        self._binary = str(self._client.info("server")["executable"])
        self._folder = str(self._client.config_get("dir")["dir"])
        self._started: subprocess.Popen[bytes] | None = None

    def waiting(self) -> int:
        """How many messages lie in the queue."""
        return int(self._client.llen("celery"))

    def flush(self) -> None:
        """Everything it holds is lost."""
        self._client.flushall()

    def stop(self) -> None:
        """It is gone, with all it held."""
        self._client.shutdown(nosave=True)
        if self._started:
            self._started.wait(PATIENCE)
        assert came(lambda: not self._answers()), "Redis did not stop"

    def start(self) -> None:
        """It is back, and empty."""
        port = str(urlsplit(self.url).port)
        self._started = subprocess.Popen(
            [self._binary, "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", self._folder],
            stdout=subprocess.DEVNULL,
        )
        assert came(self._answers), "Redis did not come back"

    def close(self) -> None:
        """End what was started here."""
        self._client.close()
        if self._started:
            self._started.terminate()
            self._started.wait(PATIENCE)

    def _answers(self) -> bool:
        try:
            return bool(self._client.ping())
        except redis.ConnectionError:
            return False
