"""A network on which nothing happens but the passing of time, on a clock that tests hold."""

import itertools
import ssl
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpcore

from tests.clock import Clock

Piece = tuple[float, bytes]  # seconds until it comes, and what comes then
NEVER = float("inf")


class SlowNetwork(httpcore.NetworkBackend):
    """Connects at once; a server then says its pieces, each after so many seconds of the clock.

    A wait that is longer than its time-out lets the time-out pass and raises, as a socket does. `write` and
    `handshake` are the seconds that each of these takes.
    """

    def __init__(
        self, clock: Clock, says: Callable[[], Iterable[Piece]], *, write: float = 0.0, handshake: float = 0.0
    ) -> None:
        self.clock, self.says, self.write, self.handshake = clock, says, write, handshake

    def connect_tcp(self, host: str, port: int, *_: object, **__: object) -> httpcore.NetworkStream:
        """Return a new connection, on which the server begins from the start."""
        return SlowStream(self, iter(self.says()))

    def wait(self, seconds: float, timeout: float | None, late: type[Exception]) -> None:
        """Let the seconds pass, or the time-out if it comes first."""
        assert timeout is not None, "no wait is without an end"
        self.clock.advance(min(seconds, timeout))
        if seconds > timeout:
            raise late("timed out")


class SlowStream(httpcore.NetworkStream):
    """One connection of a SlowNetwork."""

    def __init__(self, network: SlowNetwork, pieces: Iterator[Piece]) -> None:
        self._network, self._pieces = network, pieces

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        seconds, content = next(self._pieces)
        self._network.wait(seconds, timeout, httpcore.ReadTimeout)
        return content

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._network.wait(self._network.write, timeout, httpcore.WriteTimeout)

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self._network.wait(self._network.handshake, timeout, httpcore.ConnectTimeout)
        return self

    def close(self) -> None:
        pass

    def get_extra_info(self, info: str) -> Any:
        return None


OK = b"HTTP/1.1 200 OK\r\n"


def drip_body() -> Iterator[Piece]:
    """Say one byte of the body at a time."""
    return itertools.chain([(0.0, OK + b"Content-Length: 1000\r\n\r\n")], itertools.repeat((2.0, b"a")))


def drip_head() -> Iterator[Piece]:
    """Say one header at a time, without an end."""
    return itertools.chain([(0.0, OK)], ((2.0, b"X-%d: a\r\n" % n) for n in itertools.count()))


def drip_hints() -> Iterator[Piece]:
    """Announce an answer that does not come."""
    return itertools.repeat((2.0, b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"))


def say_nothing() -> Iterator[Piece]:
    """Say nothing at all."""
    return itertools.repeat((NEVER, b""))


def send_elsewhere() -> Iterator[Piece]:
    """Redirect every request, a while after it came."""
    return itertools.repeat((20.0, b"HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n"))
