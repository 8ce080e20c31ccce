"""A web server on the loopback that a fake network is built on: routes, scripted faults, a clock, remote control.

    class FakeThing(FakeWeb):
        def __init__(self):
            super().__init__()
            self.route("GET", "/things/(.+)", "thing", self.thing)

        def thing(self, asked, name):
            return Answer(200, {"name": name})

    with FakeThing() as fake:
        fake.script("thing", Fault.AFTER_502, None, Answer(418, {}))

Each request to an endpoint takes the next item of that endpoint's script; at its end, or at None, all goes well.
What a subclass lists in `operations` can also be called from another process, by `Remote(url)`.
"""

import contextlib
import email.parser
import email.policy
import json
import re
import socket
import sys
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit
from urllib.request import Request, urlopen

CONTROL = "/_test/"


class Fault(StrEnum):
    """What goes wrong. BEFORE: the deed is not done. AFTER: it is done, and then the answer goes wrong."""

    BEFORE_500 = "before 500"
    BEFORE_502 = "before 502"
    BEFORE_503 = "before 503"
    BEFORE_504 = "before 504"
    BEFORE_HANG_UP = "before hang-up"  # the connection is closed without an answer
    BEFORE_SILENCE = "before silence"  # no answer comes, for `FakeWeb.silence` seconds
    BEFORE_GARBAGE = "before garbage"  # 200, with a web page
    AFTER_500 = "after 500"
    AFTER_502 = "after 502"
    AFTER_503 = "after 503"
    AFTER_504 = "after 504"
    AFTER_HANG_UP = "after hang-up"
    AFTER_SILENCE = "after silence"
    AFTER_GARBAGE = "after garbage"
    BUSY = "busy"  # 429
    SLOW = "slow"  # all goes well, after `FakeWeb.delay` seconds
    BAD_TOKEN = "bad token"
    # What something on the way says in the server's place.
    FIREWALL = "firewall"  # 403, with a web page
    AFTER_FIREWALL = "after firewall"
    PLAIN_TEXT = "plain text"  # 400, text/plain
    EMPTY = "empty"  # 403, and nothing
    PROXY = "proxy"  # 403, in JSON of its own
    NOT_FOUND_PAGE = "not-found page"  # 404, with a web page
    PORTAL = "portal"  # 302, to where one must sign in
    AFTER_PORTAL = "after portal"


DRESSES = (
    Fault.FIREWALL, Fault.PLAIN_TEXT, Fault.EMPTY, Fault.PROXY, Fault.NOT_FOUND_PAGE, Fault.PORTAL,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """`body`: text is sent as a web page, bytes as they are, anything else as JSON."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class File:
    """A file out of a multipart form."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came in; `endpoint` is its name in the routing table. Header names are in lower case."""

    endpoint: str
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def params(self) -> dict[str, Any]:
        """The fields of a JSON body, or of a form; files are `File`s."""
        if self.media_type == "application/json":
            document = json.loads(self.body)
            return document if isinstance(document, dict) else {}
        if self.media_type == "multipart/form-data":
            return self._multipart()
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def _multipart(self) -> dict[str, Any]:
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + self.body)
        params: dict[str, Any] = {}
        for part in message.iter_parts():
            name = part.get_param("name", header="content-disposition")
            data = part.get_payload(decode=True)
            file = part.get_filename()
            params[name] = File(file, part.get_content_type(), data) if file else data.decode()
        return params


class FakeWeb:
    """The server. `with` starts and ends it; `url` is where it is."""

    operations: tuple[str, ...] = ("script", "clear", "advance", "set_clock", "asked_for")

    def __init__(self) -> None:
        self.delay, self.silence = 0.5, 60.0
        self.asked: list[Asked] = []
        self.lock = threading.RLock()
        self._routes: list[tuple[str, re.Pattern[str], str, Callable[..., Answer]]] = []
        self._scripts: dict[str, deque[Fault | Answer | None]] = defaultdict(deque)
        self._ahead = timedelta(0)
        self._over = threading.Event()
        self._server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        serve = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        serve.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def host(self) -> str:
        """host:port, as Options.open_hosts wants it."""
        assert self._server
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    @property
    def now(self) -> datetime:
        """The server's own clock."""
        return datetime.now(UTC) + self._ahead

    def advance(self, seconds: float) -> None:
        """Put the server's clock forward."""
        self._ahead += timedelta(seconds=seconds)

    def set_clock(self, moment: datetime | str) -> None:
        """Put the server's clock to a moment; it goes on from there."""
        moment = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        self._ahead = moment - datetime.now(UTC)

    def route(self, method: str, pattern: str, endpoint: str, do: Callable[..., Answer]) -> None:
        """`do` is called with the request, and the groups of the pattern, which must match the whole path."""
        self._routes.append((method, re.compile(pattern), endpoint, do))

    def script(self, endpoint: str, *faults: Fault | Answer | str | None) -> None:
        """What the next requests to an endpoint meet."""
        with self.lock:
            self._scripts[endpoint].extend(Fault(each) if isinstance(each, str) else each for each in faults)

    def clear(self) -> None:
        """Forget what is still scripted."""
        with self.lock:
            self._scripts.clear()

    def asked_for(self, endpoint: str) -> int:
        """How often."""
        return sum(each.endpoint == endpoint for each in self.asked)

    def trouble(self, fault: Fault) -> Answer:
        """What the server says of a fault."""
        if fault is Fault.BUSY:
            return Answer(429, {"error": "Too many requests"}, {"Retry-After": "300"})
        if fault is Fault.BAD_TOKEN:
            return Answer(401, {"error": "The token is no good"})
        try:
            dressed = _dressed(Fault(fault.removeprefix("after ")))
        except ValueError:
            dressed = None
        if dressed is not None:
            return dressed
        status = fault.rpartition(" ")[2]
        if status.isdecimal():
            return Answer(int(status), f"<html><h1>{status}</h1><p>nginx</p></html>")
        return Answer(200, "<!doctype html><h1>Welcome to nginx!</h1>")

    def unknown(self, asked: Asked) -> Answer:
        """What the server says of a path that it does not have."""
        return Answer(404, {"error": "Not Found"})

    def answer(self, asked: Asked) -> Answer | None:
        """None: hang up."""
        if asked.path.startswith(CONTROL):
            return self._controlled(asked)
        for method, pattern, endpoint, do in self._routes:
            if method == asked.method and (found := pattern.fullmatch(asked.path)):
                asked = Asked(endpoint, asked.method, asked.path, asked.query, asked.headers, asked.body)
                with self.lock:
                    self.asked.append(asked)
                    script = self._scripts[endpoint]
                    fault = script.popleft() if script else None
                return self._faulty(fault, lambda: do(asked, *found.groups()))  # noqa: B023 (called at once)
        return self.unknown(asked)

    def _faulty(self, fault: Fault | Answer | None, do: Callable[[], Answer]) -> Answer | None:
        if isinstance(fault, Answer):
            return fault
        if fault is None or fault is Fault.SLOW:
            time.sleep(self.delay if fault else 0)
            return do()
        if fault.startswith("after"):
            do()
        if fault.endswith("silence"):
            self._over.wait(self.silence)
        return None if fault.endswith(("silence", "hang-up")) else self.trouble(fault)

    def _controlled(self, asked: Asked) -> Answer:
        operation = asked.path.removeprefix(CONTROL)
        if operation not in self.operations:
            return Answer(404, {"error": f"no operation {operation}"})
        given = asked.params
        done = getattr(self, operation)(*given["arguments"], **given["named"])
        return Answer(200, {"done": done})


def _dressed(fault: Fault) -> Answer | None:
    """What something on the way answers, whatever the server speaks."""
    match fault:
        case Fault.FIREWALL:
            return Answer(403, "<!doctype html><title>Attention required</title><h1>You have been blocked</h1>")
        case Fault.PLAIN_TEXT:
            return Answer(400, "Invalid Bearer token", {"Content-Type": "text/plain; charset=utf-8"})
        case Fault.EMPTY:
            return Answer(403, "")
        case Fault.PROXY:
            return Answer(403, {"message": "Forbidden", "request_id": "4711"})
        case Fault.NOT_FOUND_PAGE:
            return Answer(404, "<!doctype html><h1>404 Not Found</h1><hr>nginx")
        case Fault.PORTAL:
            return Answer(302, "<a href='/login'>Sign in to the network</a>", {"Location": "http://portal.test/login"})
    return None


class Remote:
    """The operations of a fake in another process: Remote(url).script("send", "after 502")."""

    def __init__(self, url: str) -> None:
        self.url, self.host = url, urlsplit(url).netloc

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            body = json.dumps({"arguments": arguments, "named": named}).encode()
            request = Request(self.url + CONTROL + operation, body, {"Content-Type": "application/json"})
            with urlopen(request, timeout=120) as response:
                return json.load(response)["done"]

        return call


def serve_until_stdin_ends(fake: FakeWeb) -> None:
    """As a program of its own: print the address, and end when whoever started it lets go of its stdin."""
    with fake:
        print(fake.url, flush=True)
        sys.stdin.buffer.read()


def _as_json(thing: Any) -> Any:
    if is_dataclass(thing) and not isinstance(thing, type):
        return asdict(thing)
    return str(thing)


def _handler(fake: FakeWeb) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = dict(parse_qsl(path.query, keep_blank_values=True))
            answer = fake.answer(Asked("", self.command, path.path, query, headers, body))
            if answer is None:
                self.close_connection = True
                with contextlib.suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)
                return
            media_type, content = "text/html; charset=utf-8", answer.body
            if isinstance(content, str):
                content = content.encode()
            elif not isinstance(content, bytes):
                media_type = "application/json; charset=utf-8"
                content = json.dumps(content, default=_as_json).encode()
            if answer.status == 204:
                content = b""  # it can have none (RFC 9110)
            self.send_response(answer.status)
            for name, value in ({"Content-Type": media_type} | answer.headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815

        def log_message(self, *args: object) -> None:
            pass

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exc_info()[1], OSError):  # clients hang up; all else is a fault of the fake
            super().handle_error(request, client_address)
