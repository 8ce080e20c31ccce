"""A server for the browser in the tests' own process, so that it shares their database, outbox and fake networks.

One request at a time: SQLite's database in memory is one connection, shared with the test.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import RLock, Thread
from typing import Any

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import connections
from django.test.testcases import QuietWSGIRequestHandler


class Server:
    """`url` is where it listens; hold `lock` to be sure that nothing is being answered."""

    def __init__(self) -> None:
        self.lock = RLock()
        self._shared = {c.alias: c for c in connections.all() if c.vendor == "sqlite" and c.is_in_memory_db()}  # type: ignore[attr-defined]
        self._http = ThreadedWSGIServer(
            ("localhost", 0), QuietWSGIRequestHandler, allow_reuse_address=False, connections_override=self._shared
        )
        self._http.set_app(self._one_at_a_time(StaticFilesHandler(WSGIHandler())))
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.url = f"http://localhost:{self._http.server_port}"

    @contextmanager
    def running(self) -> Iterator["Server"]:
        """Serve until the end of the block."""
        for connection in self._shared.values():
            connection.inc_thread_sharing()
        self._thread.start()
        try:
            yield self
        finally:
            self._http.shutdown()
            self._http.server_close()
            self._thread.join()
            # The connection stays shareable: a browser's idle connection may end in its thread only later.

    def _one_at_a_time(self, app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
        def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            with self.lock:
                response = app(environ, start_response)
                try:
                    return [b"".join(response)]
                finally:
                    response.close()  # type: ignore[attr-defined]

        return answer
