"""The outbound guard: connections to the open internet only, and none that outlives its deadline.

A name is resolved once, every address found must be public, and the connection goes to the very address that
was checked, so an answer of the DNS that changes in between changes nothing; TLS and the Host header keep the
name. It knows nothing of URLs and redirects: that part of the guard is in `http`.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from threading import Thread
from typing import Any

import httpcore
import httpx

from recommendations.networks.base import Rejected

_ADDRESSES_TRIED = 3
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")  # all that IANA has given out
_NOT_YET_KNOWN = [  # to Python 3.11: protocol assignments, 6to4 relays (RFC 7526), documentation (RFC 9637)
    ipaddress.ip_network(each) for each in ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20")
]

Resolver = Callable[[str], list[str]]


class Forbidden(Rejected):
    """The outbound guard refused: not https on port 443, or an address that is not public."""


def is_public(address: str) -> bool:
    """Is this IP address one of the open internet, also behind its disguises as IPv6?

    `ipaddress` alone is fooled by mapped (RFC 4291), 6to4 (RFC 3056), NAT64 (RFC 6052) and site-local
    addresses, and takes multicast for global.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner:
            return is_public(str(inner))
        if ip.teredo or ip not in _GLOBAL_UNICAST:
            return False
    if any(ip in network for network in _NOT_YET_KNOWN):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)


def addresses_of(host: str) -> list[str]:
    """What the system's resolver says of a name, in its order. Raises OSError; knows no time-out."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


class Guard(httpcore.NetworkBackend):
    """Makes the connections. Time-outs are instants of `clock`, here and in the streams it returns.

    `is_open(host, port)` names the exempt; `resolve` gives a name's addresses and raises OSError; `plain`
    connects to one address.
    """

    def __init__(
        self,
        is_open: Callable[[str, int], bool],
        resolve: Resolver,
        plain: httpcore.NetworkBackend | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._is_open = is_open
        self._resolve = resolve
        self._plain = plain or httpcore.SyncBackend()
        self._clock = clock

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._addresses(host, timeout)
        if not self._is_open(host, port) and not all(is_public(each) for each in addresses):
            raise Forbidden("%(host)s is not on the open internet.", host=host)
        trouble: Exception = httpcore.ConnectError(f"{host} has no address")
        tried = addresses[:_ADDRESSES_TRIED]
        for number, address in enumerate(tried):
            share = _left(timeout, self._clock, httpcore.ConnectTimeout) / (len(tried) - number)
            try:
                stream = self._plain.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
            else:
                return _Stream(stream, self._clock)
        raise trouble

    def _addresses(self, host: str, deadline: float | None) -> list[str]:
        """The system's resolver knows no time-out, so it is waited for from outside."""
        answer: Future[list[str]] = Future()

        def ask() -> None:
            try:
                answer.set_result(self._resolve(host))
            except (OSError, UnicodeError) as error:
                answer.set_exception(error)

        Thread(target=ask, name=f"resolve {host}", daemon=True).start()
        try:
            return answer.result(_left(deadline, self._clock, httpcore.ConnectTimeout))
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} was not found") from error


class GuardedTransport(httpx.HTTPTransport):
    """httpx's transport on a pool that connects through the guard; httpx has no argument for that.

    What a request's time-outs say of connecting, reading and writing is handed to the guard: so, instants.
    """

    def __init__(self, guard: Guard, tls: ssl.SSLContext) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls, max_connections=100, keepalive_expiry=15, network_backend=guard
        )


class _Stream(httpcore.NetworkStream):
    """A connection whose waits end at an instant: a slow drip cannot put it off."""

    def __init__(self, stream: httpcore.NetworkStream, clock: Callable[[], float]) -> None:
        self._stream = stream
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, self._clock, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), 65_536):
            self._stream.write(buffer[start : start + 65_536], _left(timeout, self._clock, httpcore.WriteTimeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(timeout, self._clock, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._clock)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float | None, clock: Callable[[], float], late: type[Exception]) -> float:
    left = (deadline or 0) - clock()
    if left <= 0:
        raise late("no time left")
    return left
