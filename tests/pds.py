"""A real Bluesky server (PDS) with its identity directory (PLC), from npm, on this machine only.

    with Pds.start() as pds:
        ada = pds.account("ada")

The packages are pinned by `tests/bluesky_server/package-lock.json` (see tests/node.py). Each test process has a
server of its own, started when a test first asks: nothing is shared, so no test sees another worker's accounts and
nobody has to be last. The server ends when its stdin closes, so also when the tests are killed. What is missing is
an error that says what to do, never a skip.
"""

import base64
import hashlib
import hmac
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx

from recommendations.networks.base import Options
from tests.node import installed_packages, node

RECIPE = Path(__file__).resolve().parent / "bluesky_server"
BOOT_SECONDS = 180
STOP_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody on the test server. `password` opens everything, `app_password` is what a curator types."""

    did: str
    handle: str
    password: str
    app_password: str
    access: str  # a session of `password`

    @property
    def app_password_name(self) -> str:
        return f"follow friday of {self.handle}"


class Pds:
    """The running server, and what a test wants done to it behind the product's back."""

    def __init__(self, process: subprocess.Popen[bytes], data: Path, told: dict[str, str]) -> None:
        self.url = told["url"]
        self.plc_url = told["plc_url"]
        self._jwt_secret = told["jwt_secret"]
        self._admin_password = told["admin_password"]
        self._process = process
        self._data = data
        self._numbers = itertools.count(1)
        self._http = httpx.Client(timeout=120, trust_env=False)

    @classmethod
    def start(cls, *, rate_limits: bool = False) -> Self:
        """Boot in two to four seconds; with `rate_limits` as strict as a public server is."""
        modules = installed_packages(RECIPE)
        data = Path(tempfile.mkdtemp(prefix="followfriday-pds-"))
        log = (data / "log").open("wb")
        process = subprocess.Popen(
            [node(), RECIPE / "boot.mjs", modules, data],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=os.environ | {"PDS_RATE_LIMITS": "on" if rate_limits else "off", "LOG_ENABLED": "false"},
        )
        log.close()
        try:
            return cls(process, data, first_json_line(process, data / "log"))
        except BaseException:
            process.kill()
            process.wait()
            shutil.rmtree(data, ignore_errors=True)
            raise

    def stop(self) -> None:
        self._http.close()
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._data, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    @property
    def host(self) -> str:
        """`localhost:PORT`."""
        return self.url.removeprefix("http://")

    @property
    def options(self) -> Options:
        """Options under which the product finds this server: it resolves handles, too."""
        return Options(
            open_hosts=(self.host, self.plc_url.removeprefix("http://")),
            plc_url=self.plc_url,
            bluesky_resolver=self.url,
        )

    def account(self, name: str) -> Account:
        """A new account with an app password; its handle begins with `name` and is never given twice."""
        handle = f"{name.lower()}{next(self._numbers):03}.test"
        password = f"the password of {handle}"
        made = self.call(
            "com.atproto.server.createAccount",
            json={"handle": handle, "email": f"{handle}@example.com", "password": password},
        )
        access = made["accessJwt"]
        named = {"name": f"follow friday of {handle}"}
        app = self.call("com.atproto.server.createAppPassword", json=named, token=access)
        return Account(made["did"], handle, password, app["password"], access)

    def call(
        self,
        method: str,
        *,
        json: dict[str, Any] | None = None,
        token: str = "",
        params: dict[str, str] | None = None,
        admin: bool = False,
    ) -> Any:
        """One XRPC call: a procedure if there is `json`, else a query. Raises httpx.HTTPStatusError."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if admin:
            plain = f"admin:{self._admin_password}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(plain).decode()}"
        url = f"{self.url}/xrpc/{method}"
        if json is None:
            answer = self._http.get(url, params=params, headers=headers)
        else:
            answer = self._http.post(url, json=json, headers=headers)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def records(self, account: Account, collection: str = "app.bsky.feed.post") -> list[dict[str, Any]]:
        """All records of a collection as {"uri", "cid", "value"}, the oldest key first."""
        params = {"repo": account.did, "collection": collection, "limit": "100", "reverse": "true"}
        return list(self.call("com.atproto.repo.listRecords", params=params)["records"])

    def put(self, account: Account, collection: str, rkey: str, record: dict[str, Any]) -> dict[str, Any]:
        """Write a record as its owner's own app would."""
        body = {"repo": account.did, "collection": collection, "rkey": rkey, "record": record}
        return dict(self.call("com.atproto.repo.putRecord", json=body, token=account.access))

    def upload(self, account: Account, data: bytes, media_type: str) -> dict[str, Any]:
        """Upload a blob; its reference for a record."""
        headers = {"Authorization": f"Bearer {account.access}", "Content-Type": media_type}
        answer = self._http.post(
            f"{self.url}/xrpc/com.atproto.repo.uploadBlob", content=data, headers=headers
        ).raise_for_status()
        return dict(answer.json()["blob"])

    def revoke_app_password(self, account: Account) -> None:
        """As the account's owner does in the settings of the app."""
        named = {"name": account.app_password_name}
        self.call("com.atproto.server.revokeAppPassword", json=named, token=account.access)

    def deactivate(self, account: Account) -> None:
        self.call("com.atproto.server.deactivateAccount", json={}, token=account.access)

    def take_down(self, account: Account) -> None:
        """As the server's moderators do."""
        subject = {"$type": "com.atproto.admin.defs#repoRef", "did": account.did}
        body = {"subject": subject, "takedown": {"applied": True, "ref": "test"}}
        self.call("com.atproto.admin.updateSubjectStatus", json=body, admin=True)

    def aged(self, token: str) -> str:
        """The same token, as it would be the day after it ran out: signed by the server's own key."""
        header, payload, _ = token.split(".")
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        claims |= {"iat": claims["iat"] - 100_000, "exp": int(time.time()) - 60}
        signed = f"{header}.{_base64url(json.dumps(claims).encode())}"
        mark = hmac.new(self._jwt_secret.encode(), signed.encode(), hashlib.sha256).digest()
        return f"{signed}.{_base64url(mark)}"


def first_json_line(process: subprocess.Popen[bytes], log: Path) -> dict[str, str]:
    """What a server says when it is ready. Raises RuntimeError with its log when it does not."""
    deadline = time.monotonic() + BOOT_SECONDS
    while time.monotonic() < deadline:
        ended = process.poll() is not None
        for line in log.read_bytes().splitlines(keepends=True):
            if line.startswith(b'{"url"') and line.endswith(b"\n"):
                return dict(json.loads(line))
        if ended:
            break
        time.sleep(0.05)
    raise RuntimeError(f"The Bluesky server did not start. It said:\n{log.read_text(errors='replace')[-4000:]}")


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
