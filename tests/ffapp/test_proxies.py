"""Who the client is, whatever it says itself: through a real granian, behind a proxy that does what Caddy does.

The proxy here replaces X-Forwarded-For and X-Forwarded-Proto, as Caddy does by itself, and the two headers that
docs/operations.md has it set; everything else it passes on as it came. What a client sends goes out as bytes.
"""

import contextlib
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ffapp.booting import ROOT, environment
from tests.start_services import free_port
from tests.waiting import wait_until

SOON = 60.0
TRUE = ["127.0.0.1", "https"]  # where the client is, and how it reached the proxy
SET = {  # by the proxy, in place of every line with the same name
    b"x-forwarded-for": b"127.0.0.1",
    b"x-forwarded-proto": b"https",
    b"clientaddress": b"127.0.0.1",
    b"clientscheme": b"https",
}

FOR = [
    "X-Forwarded-For", "X_Forwarded_For", "X-Forwarded_For", "X_Forwarded-For", "x_forwarded_for", "X_FORWARDED_FOR",
    "x-FORWARDED_for", "X-Real-IP", "X_Real_IP", "Client-Address", "Client_Address", "client_address",
    "ClientAddress", "clientaddress", "CLIENTADDRESS", "cLiEnTaDdReSs", "HTTP_CLIENTADDRESS", "HTTP-ClientAddress",
    "Remote_Addr", "REMOTE-ADDR", "True-Client-IP", "CF-Connecting-IP", "Forwarded-For",
]  # fmt: skip
PROTO = [
    "X-Forwarded-Proto", "X_Forwarded_Proto", "X-Forwarded_Proto", "X_forwarded-Proto", "x_forwarded_proto",
    "X-Forwarded-Scheme", "X-Forwarded-Ssl", "Front-End-Https", "Client-Scheme", "Client_Scheme", "ClientScheme",
    "clientscheme", "CLIENTSCHEME", "wsgi.url_scheme", "wsgi_url_scheme", "X-Url-Scheme",
]  # fmt: skip
ADDRESSES = [
    "8.8.8.1", "8.8.8.1, 127.0.0.1", "127.0.0.1, 8.8.8.1", "2001:db8::1", "[2001:db8::1]:443", "8.8.8.1:80", "",
    "unknown", "for=8.8.8.1", "10.0.0.1", "::ffff:8.8.8.1", "8.8.8.1\t", "\xe9",
]  # fmt: skip


class Proxy:
    """Listens on a port of its own and passes each request on to `behind`."""

    def __init__(self, behind: int, put: dict[bytes, bytes]) -> None:
        self.behind, self.put = behind, put
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listening.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listening.accept()
                with client:
                    client.sendall(exchange(self.behind, self._changed(head_of(client))))

    def _changed(self, head: bytes) -> bytes:
        first, *lines = head.split(b"\r\n")
        kept = [line for line in lines if line and line.partition(b":")[0].lower() not in self.put]
        added = [name + b": " + value for name, value in self.put.items()]
        return b"\r\n".join([first, *sorted(kept + added, key=written_by_go), b"", b""])


def written_by_go(line: bytes) -> bytes:
    """Where a line stands in what Caddy sends: Go writes names in capitals at each `-`, and in the order of bytes."""
    return b"-".join(part.capitalize() for part in line.partition(b":")[0].split(b"-"))


def head_of(client: socket.socket) -> bytes:
    """What a client sends until the empty line."""
    head = b""
    while b"\r\n\r\n" not in head:
        head += client.recv(65536)
    return head


def exchange(port: int, sent: bytes) -> bytes:
    """What a server answers to these bytes, until it closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=SOON) as connection:
        connection.sendall(sent)
        answer = b""
        while some := connection.recv(65536):
            answer += some
    return answer


def ask(port: int, *lines: str, path: str = "/") -> tuple[int, str]:
    """Status and body of a GET with these header lines."""
    head = "\r\n".join([f"GET {path} HTTP/1.1", "Host: ff.example", *lines, "Connection: close", "", ""])
    answer = exchange(port, head.encode("latin-1"))
    start, _, body = answer.partition(b"\r\n\r\n")
    return int(start.split()[1]), body.decode()


def seen(port: int, *lines: str) -> list[str]:
    """Address and scheme as the application is told them."""
    status, body = ask(port, *lines)
    assert status == 200, body
    return list(json.loads(body))


@pytest.fixture(scope="module")
def granian(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A real web server whose one trusted proxy is this machine; its port."""
    folder: Path = tmp_path_factory.mktemp("data")
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    ours = environment(
        FF_DATA_DIR=str(folder), FF_BASE_URL="https://ff.example", FF_TRUSTED_PROXIES="127.0.0.1,10.0.0.0/8"
    )
    running = subprocess.Popen([*command, "--no-log", "tests.ffapp.echoing:application"], cwd=ROOT, env=ours)

    def answers() -> bool:
        assert running.poll() is None
        with contextlib.suppress(OSError):
            ask(port)
            return True
        return False

    wait_until(answers, "the web server answers")
    yield port
    running.terminate()
    running.wait(SOON)


@pytest.fixture(scope="module")
def caddy(granian: int) -> Iterator[int]:
    """The port of a proxy before it."""
    proxy = Proxy(granian, SET)
    yield proxy.port
    proxy.listening.close()


def test_through_the_proxy_the_client_is_known(caddy: int) -> None:
    assert seen(caddy) == TRUE


@pytest.mark.parametrize("name", FOR)
def test_no_header_of_the_clients_says_where_it_is(caddy: int, name: str) -> None:
    for value in ADDRESSES:
        assert seen(caddy, f"{name}: {value}") == TRUE, value
    assert seen(caddy, f"{name}: 8.8.8.1", f"{name}: 8.8.8.2") == TRUE
    assert seen(caddy, "A: 1", f"{name}: 8.8.8.1", "Z0: 1", "Z1: 1", "Z2: 1") == TRUE


@pytest.mark.parametrize("name", PROTO)
def test_no_header_of_the_clients_says_how_it_came(caddy: int, name: str) -> None:
    for value in ("http", "HTTP", "https, http", "ftp", "", "on"):
        assert seen(caddy, f"{name}: {value}") == TRUE, value
    assert seen(caddy, f"{name}: http", f"{name}: http", "Z0: 1", "Z1: 1") == TRUE


@pytest.mark.parametrize("value", ["for=8.8.8.1;proto=http", 'for="[2001:db8::1]:80"', "for=unknown", ""])
def test_the_standard_header_is_not_read_either(caddy: int, value: str) -> None:
    assert seen(caddy, f"Forwarded: {value}", f"forwarded: {value}") == TRUE


def test_all_at_once_change_nothing(caddy: int) -> None:
    assert seen(caddy, *(f"{name}: 8.8.8.1" for name in FOR), *(f"{name}: http" for name in PROTO)) == TRUE


@pytest.mark.parametrize("address", ["203.0.113.7", "2001:db8::7", "10.9.9.9"], ids=["IPv4", "IPv6", "a trusted one"])
def test_any_address_that_the_proxy_tells_is_believed(granian: int, address: str) -> None:
    proxy = Proxy(granian, SET | {b"clientaddress": address.encode()})

    assert seen(proxy.port, "X_Forwarded_For: 8.8.8.1") == [address, "https"]
    proxy.listening.close()


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["ClientAddress: 203.0.113.7"],
        ["ClientScheme: https"],
        ["X-Forwarded-For: 203.0.113.7", "X-Forwarded-Proto: https"],
        ["ClientAddress: 203.0.113.7", "ClientAddress: 203.0.113.8", "ClientScheme: https"],
        ["ClientAddress: 6.6.6.6, 10.0.0.1", "ClientScheme: https"],
        ["ClientAddress: 10.0.0.2, 10.0.0.1", "ClientScheme: https"],
        ["ClientAddress: 203.0.113.7:443", "ClientScheme: https"],
        ["ClientAddress: fe80::1%eth0", "ClientScheme: https"],
        ["ClientAddress: ", "ClientScheme: https"],
        ["ClientAddress: unknown", "ClientScheme: https"],
        ["ClientAddress: 203.0.113.7", "ClientScheme: gopher"],
        ["ClientAddress: 203.0.113.7", "ClientScheme: https", "ClientScheme: http"],
    ],
)
def test_a_proxy_that_does_not_say_it_clearly_is_refused(granian: int, lines: list[str]) -> None:
    status, said = ask(granian, *lines)

    assert status == 400
    assert "must set ClientAddress" in said


def test_the_process_is_watched_past_the_proxy(granian: int) -> None:
    assert [ask(granian, path=path)[0] for path in ("/healthz", "/readyz", "/healthz/", "/")] == [200, 200, 400, 400]
