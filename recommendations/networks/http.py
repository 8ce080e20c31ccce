"""The only way out: one guarded HTTP client for all networks.

A handle that anybody may type makes us call a host that anybody may name. So: https on port 443, public
addresses only (`guard`), each redirect checked anew. An exchange ends within its time budget and brings at
most MAX_BYTES, counted after decompression too. No proxies, no cookies, nothing from the environment.
`Options.open_hosts` are exempt, for tests and private networks.

It does not know what answers mean: apart from the redirects of a `get`, every status is handed to the caller.
"""

import email.utils
import json
import ssl
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar, overload

import httpcore
import httpx

from recommendations.networks.base import Options, OutcomeUnknown, Rejected, Unavailable
from recommendations.networks.guard import Forbidden, Guard, GuardedTransport, Resolver, addresses_of

MAX_BYTES = 1_000_000
MAX_REDIRECTS = 3
TIMEOUT = 5.0  # seconds for a whole exchange, unless the caller says otherwise
LONGEST_WAIT = timedelta(days=1)  # what a server may ask of us by Retry-After

_REDIRECTS = {301, 302, 303, 307, 308}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. `headers` have lower-case names; `url` is the last one of a chain of redirects."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    url: str

    @property
    def host(self) -> str:
        """Who answered, in ASCII."""
        return _host(httpx.URL(self.url))

    @property
    def text(self) -> str:
        """The body read as UTF-8, whatever it is."""
        return self.content.decode("utf-8", errors="replace")

    @overload
    def json(self) -> dict[str, Any]: ...
    @overload
    def json(self, shape: type[T]) -> T: ...
    def json(self, shape: type[Any] = dict) -> Any:
        """The JSON document, which must be an object (or whatever `shape` says): otherwise Rejected.

        Strings in it may hold lone surrogates and NULs, as JSON allows them.
        """
        try:
            document = json.loads(self.content, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise Rejected("%(host)s did not answer in JSON.", host=self.host) from None
        if not isinstance(document, shape):
            raise Rejected("%(host)s answered with something else than was asked for.", host=self.host)
        return document

    @property
    def retry_at(self) -> datetime | None:
        """When the server wants to be asked again, at most LONGEST_WAIT from now; None if it did not say.

        Retry-After (RFC 9110: seconds or a date), X-RateLimit-Reset (Mastodon: ISO 8601), RateLimit-Reset
        and X-Rate-Limit-Reset (Bluesky and X: seconds since 1970).
        """
        now = datetime.now(UTC)
        for name in ("retry-after", "x-ratelimit-reset", "ratelimit-reset", "x-rate-limit-reset"):
            moment = _moment(self.headers.get(name, ""), now)
            if moment is not None:
                return min(max(moment, now), now + LONGEST_WAIT)
        return None


class Client:
    """Sends requests within the guard. One pool of connections, safe to use from many threads.

    `resolve` gives a name's addresses and raises OSError; `tls` says whose certificates we trust; `plain` makes the
    connections, and `clock` tells the seconds by which they end. All are there for tests.

    Every method may raise Rejected (Forbidden: never sent; else an answer nobody can use), and Unavailable
    (surely nothing was carried out, or it was a `get`). `post`, `put` and `delete` raise OutcomeUnknown when a request
    went out and the answer was lost; they follow no redirect. `timeout`: seconds for the whole exchange.
    """

    def __init__(
        self,
        options: Options,
        *,
        resolve: Resolver = addresses_of,
        tls: ssl.SSLContext | None = None,
        plain: httpcore.NetworkBackend | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open = frozenset(host.lower() for host in options.open_hosts)
        self._headers = {"User-Agent": options.user_agent, "Accept": "*/*", "Accept-Encoding": "gzip"}
        self._clock = clock
        guard = Guard(self._is_open, resolve, plain, clock)
        self._transport = GuardedTransport(guard, tls or httpx.create_ssl_context(trust_env=False))

    def get(
        self,
        url: str,
        *,
        timeout: float = TIMEOUT,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        follow: bool = True,
    ) -> Response:
        """Fetch, following at most MAX_REDIRECTS. Another origin is told none of `headers` but Accept.

        Without `follow` a redirect is an answer like any other: for calls that only one server can answer.
        """
        deadline = self._clock() + timeout
        target, headers = self._allowed(url, params), dict(headers or {})
        for _ in range(MAX_REDIRECTS + 1):
            response = self._exchange("GET", target, headers, deadline)
            if not follow or response.status not in _REDIRECTS or "location" not in response.headers:
                return response
            origin, target = target, self._allowed(response.headers["location"], base=target)
            if (origin.scheme, origin.netloc) != (target.scheme, target.netloc):
                headers = {name: value for name, value in headers.items() if name.lower() == "accept"}
        raise Rejected("%(target)s sends us from one address to the next.", target=_host(target))

    def post(
        self,
        url: str,
        *,
        json: Any = None,
        data: Mapping[str, str] | None = None,
        content: bytes | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = TIMEOUT,
    ) -> Response:
        """Send once: `json`, a form (`data`), bytes (`content`), or `files` as {field: (name, bytes, media type)}."""
        return self._write("POST", url, headers, timeout, json=json, data=data, content=content, files=files)

    def put(
        self,
        url: str,
        *,
        json: Any = None,
        data: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = TIMEOUT,
    ) -> Response:
        """As `post`."""
        return self._write("PUT", url, headers, timeout, json=json, data=data, content=content)

    def delete(self, url: str, *, headers: Mapping[str, str] | None = None, timeout: float = TIMEOUT) -> Response:
        """As `post`, without a body."""
        return self._write("DELETE", url, headers, timeout)

    def close(self) -> None:
        """Let go of the kept connections."""
        self._transport.close()

    def _write(self, method: str, url: str, headers: Mapping[str, str] | None, timeout: float, **body: Any) -> Response:
        deadline = self._clock() + timeout
        return self._exchange(method, self._allowed(url), headers or {}, deadline, **body)

    def _exchange(
        self, method: str, url: httpx.URL, headers: Mapping[str, str], deadline: float, **body: Any
    ) -> Response:
        host = _host(url)
        left = deadline - self._clock()
        if left <= 0:
            raise Unavailable("%(host)s did not answer in time.", host=host)
        waits = {"connect": deadline, "read": deadline, "write": deadline, "pool": left}
        try:
            all_headers = httpx.Headers(self._headers)
            all_headers.update(headers)
            all_headers["Host"] = url.netloc.decode("ascii")  # httpx's own way fails on the IDNs it dislikes
            request = httpx.Request(method, url, headers=all_headers, extensions={"timeout": waits}, **body)
        except ValueError as error:  # a header that is not ASCII, a lone surrogate in the body
            raise Rejected("This cannot be sent to %(host)s.", host=host) from error
        try:
            response = self._transport.handle_request(request)
            try:
                content = _content(response)
            finally:
                response.close()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Unavailable("%(host)s cannot be reached.", host=host) from error
        except httpx.LocalProtocolError as error:
            raise Rejected("This cannot be sent to %(host)s.", host=host) from error
        except httpx.TransportError as error:
            lost = Unavailable if method == "GET" else OutcomeUnknown
            raise lost("%(host)s did not answer in time, or not to the end.", host=host) from error
        except _UselessError as error:
            useless = Rejected if method == "GET" else OutcomeUnknown
            raise useless(str(error), host=host) from error
        return Response(response.status_code, dict(response.headers.items()), content, str(url))

    def _allowed(self, url: str, params: Mapping[str, str] | None = None, base: httpx.URL | None = None) -> httpx.URL:
        try:
            target = base.join(url) if base else httpx.URL(url).copy_merge_params(params or {})
        except (httpx.InvalidURL, ValueError):
            raise Forbidden("That is not an address on the web.") from None
        host, port = _host(target), target.port or {"https": 443, "http": 80}.get(target.scheme, 0)
        web = host and target.scheme in ("https", "http") and not target.userinfo
        if not web or not ((target.scheme == "https" and port == 443) or self._is_open(host, port)):
            raise Forbidden(
                "We go to https on its usual port only, not to %(scheme)s://%(host)s.", scheme=target.scheme, host=host
            )
        return target

    def _is_open(self, host: str, port: int) -> bool:
        host = f"[{host}]" if ":" in host else host.lower()
        return host in self._open or f"{host}:{port}" in self._open


@lru_cache
def client(options: Options) -> Client:
    """The client for these options: one for the whole process, so that connections are reused."""
    tls = None
    if options.ca_file:
        tls = httpx.create_ssl_context(trust_env=False)
        tls.load_verify_locations(options.ca_file)
    return Client(options, tls=tls)


class _UselessError(Exception):
    """An answer's body that cannot be used; its sentence has a place for the host."""


def _host(url: httpx.URL) -> str:
    return url.raw_host.decode("ascii")  # URL.host raises on IDNs it dislikes


def _content(response: httpx.Response) -> bytes:
    """The body, decompressed; stops as soon as either form of it passes MAX_BYTES."""
    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding not in ("", "identity", "gzip"):
        raise _UselessError("%(host)s answered in an encoding we did not ask for.")
    gunzip = zlib.decompressobj(zlib.MAX_WBITS | 16) if coding == "gzip" else None
    received, content = 0, bytearray()
    assert isinstance(response.stream, httpx.SyncByteStream)
    for chunk in response.stream:
        received += len(chunk)
        try:
            content += gunzip.decompress(chunk, MAX_BYTES + 1 - len(content)) if gunzip else chunk
        except zlib.error:
            raise _UselessError("%(host)s answered with a broken gzip.") from None
        if max(received, len(content)) > MAX_BYTES:
            raise _UselessError("%(host)s answered with more than anybody would read.")
    if gunzip and received and not gunzip.eof:
        raise _UselessError("%(host)s answered with a broken gzip.")
    return bytes(content)


def _moment(text: str, now: datetime) -> datetime | None:
    text = text.strip()
    try:
        if text.isdecimal():
            seconds = int(text[:12])
            since_1970 = seconds > 10**8
            return datetime.fromtimestamp(seconds, UTC) if since_1970 else now + timedelta(seconds=seconds)
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = email.utils.parsedate_to_datetime(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
