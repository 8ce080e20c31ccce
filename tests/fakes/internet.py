"""A small internet on this machine: names of our own choice, https on port 443, a certificate authority.

    with Internet() as internet:
        internet.serve("mastodon.test", respond)        # respond(Request) -> Reply
        Options(ca_file=str(internet.ca_file))

The product's guard stays as it is: names resolve to public addresses, and only the last step, the connection to
such an address, is led to a port of this machine. Names that nobody serves do not exist.
"""

import itertools
import ssl
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from recommendations.networks.http import Client

_numbers = itertools.count(1)  # so that no address is ever given twice in a process


@dataclass(frozen=True, slots=True)
class Request:
    """What came in. `headers` have lower-case names; `path` is with its query."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes out."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Respond = Callable[[Request], Reply]


class Internet:
    """Its names, and whoever serves them; all gone at the end of the block."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="ff-internet-")
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Tests")])
        self._addresses: dict[str, str] = {}
        self._ports: dict[str, int] = {}
        self._servers: list[ThreadingHTTPServer] = []
        self._patch = pytest.MonkeyPatch()
        self.ca_file = Path(self._folder.name) / "ca.pem"
        self.ca_file.write_bytes(_pem(self._signed(self._name, self._key, is_ca=True)))

    def __enter__(self) -> Self:
        plain = httpcore.SyncBackend.connect_tcp

        def connect(backend: Any, host: str, port: int, *rest: Any, **more: Any) -> httpcore.NetworkStream:
            if port == 443 and host in self._ports:
                host, port = "127.0.0.1", self._ports[host]
            return plain(backend, host, port, *rest, **more)

        defaults = Client.__init__.__kwdefaults__
        assert defaults is not None
        self._patch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
        self._patch.setitem(defaults, "resolve", self._resolve)
        return self

    def __exit__(self, *exc: object) -> None:
        self._patch.undo()
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self._folder.cleanup()

    def serve(self, host: str, respond: Respond) -> None:
        """Answer for a name from now on."""

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                reply = respond(Request(self.command, self.path, headers, body))
                self.send_response(reply.status)
                for name, value in {
                    **reply.headers,
                    "Content-Length": str(len(reply.body)),
                    "Connection": "close",
                }.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)

            do_GET = do_POST = do_DELETE = do_PUT = handle_any  # noqa: N815

            def log_message(self, *args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        server.socket = self._context(host).wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        self._servers.append(server)
        number = next(_numbers)
        self._addresses[host] = f"93.184.{number // 250}.{number % 250 + 1}"
        self._ports[self._addresses[host]] = server.server_address[1]

    def _resolve(self, host: str) -> list[str]:
        if host in self._addresses:
            return [self._addresses[host]]
        if host in ("localhost", "127.0.0.1"):
            return ["127.0.0.1"]
        raise OSError(f"there is no {host} on this internet")

    def _context(self, host: str) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
        path = Path(self._folder.name) / f"{host}.pem"
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(secret + _pem(self._signed(name, key, host=host)))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _signed(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, *, host: str = "", is_ca: bool = False
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        )
        if host:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
