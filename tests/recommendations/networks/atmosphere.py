"""A make-believe Atmosphere for faults no real server can be asked for: scripted answers in place of the web.

    sky.on("POST", f"{PDS}/xrpc/com.atproto.repo.putRecord", answer(502), answer(200, {...}))

Answers are taken in order, the last one stays. What nobody scripted cannot be reached.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import respx

ADA = "did:plc:" + "a" * 24
MALLORY = "did:plc:" + "m" * 24
HANDLE = "ada.example.com"
PDS = "https://pds.example.com"
DIRECTORY = "https://plc.directory"
OWN_WORD = f"https://{HANDLE}/.well-known/atproto-did"
RESOLVER = "https://public.api.bsky.app/xrpc/com.atproto.identity.resolveHandle"

Answer = httpx.Response | Exception


def answer(status: int = 200, body: Any = None, **headers: str) -> httpx.Response:
    """`body` as JSON, or as it stands if it is text."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    if isinstance(body, str):
        return httpx.Response(status, text=body, headers=names)
    return httpx.Response(status, json=body, headers=names)


def refusal(name: str, message: str = "", status: int = 400) -> httpx.Response:
    """An XRPC error."""
    return answer(status, {"error": name, "message": message})


def document(did: str = ADA, handle: str = HANDLE, pds: Any = PDS, **changes: Any) -> dict[str, Any]:
    """A DID document as the directory hands it out."""
    service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": pds}
    return {"id": did, "alsoKnownAs": [f"at://{handle}"], "service": [service]} | changes


@dataclass
class Sky:
    """What was scripted, and what was asked."""

    asked: list[httpx.Request] = field(default_factory=list)
    _answers: dict[tuple[str, str], list[Answer]] = field(default_factory=dict)

    def on(self, method: str, url: str, *answers: Answer) -> None:
        """Answer this address (its query aside)."""
        self._answers[method, url] = list(answers)

    def xrpc(self, method: str, name: str, *answers: Answer) -> None:
        """Answer this call at Ada's server."""
        self.on(method, f"{PDS}/xrpc/{name}", *answers)

    def knows_ada(self, **changes: Any) -> None:
        """Ada's handle leads to her DID, and her DID's document is as it should be, but for `changes`."""
        self.on("GET", OWN_WORD, answer(200, ADA))
        self.on("GET", f"{DIRECTORY}/{ADA}", answer(200, document() | changes))

    def bodies(self, name: str) -> list[Any]:
        """The JSON bodies sent to a call of this name."""
        return [json.loads(request.content) for request in self.asked if request.url.path == f"/xrpc/{name}"]

    def names(self) -> list[str]:
        """The last part of every address asked, in order."""
        return [request.url.path.rpartition("/")[2] for request in self.asked]

    def play(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answers = self._answers.get((request.method, str(request.url).partition("?")[0]))
        if not answers:
            raise httpx.ConnectError("nobody there")
        now = answers[0] if len(answers) == 1 else answers.pop(0)
        if isinstance(now, Exception):
            raise now
        return httpx.Response(now.status_code, content=now.content, headers=now.headers)


@contextmanager
def atmosphere() -> Iterator[Sky]:
    """The whole web is scripted inside."""
    sky = Sky()
    with respx.mock(assert_all_called=False) as router:
        router.route().mock(side_effect=sky.play)
        yield sky
