"""Is an answer the server's own word, or may something on the way have given it?

A web firewall, a proxy, a CDN, a captive portal or a page for maintenance answers any call, with any status, once or
for hours. What it says is no verdict: not that a post was refused, not that it is gone, not that a token is no good.
A server's own refusals are JSON in the format of its protocol. All networks ask here, and nowhere else.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from recommendations.networks.base import Rejected, Unexplained
from recommendations.networks.http import Response

Json = dict[str, Any]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,99}")  # of an XRPC error: "InvalidSwap"; of its OAuth: "invalid_token"
_CODE = re.compile(r"[\x20-\x21\x23-\x5B\x5D-\x7E]{1,100}")  # RFC 6749, 5.2


@dataclass(frozen=True, slots=True)
class Protocol:
    """How the servers of one protocol word a refusal. `fits`: is this document one?"""

    media_types: frozenset[str]
    fits: Callable[[Json], bool]


def _is_mastodon(document: Json) -> bool:
    """docs.joinmastodon.org/entities/Error, and what Pleroma adds. Proxies that speak JSON say other things."""
    known = {"error", "error_description", "details", "identifier"}
    return _is_text(document.get("error")) and document.keys() <= known


def _is_xrpc(document: Json) -> bool:
    """atproto.com/specs/xrpc, "Error Responses"."""
    name, message = document.get("error"), document.get("message", "")
    named = isinstance(name, str) and _NAME.fullmatch(name) is not None
    return named and isinstance(message, str) and document.keys() <= {"error", "message", "error_description"}


def _is_problem(document: Json) -> bool:
    """docs.x.com, "Response codes and errors": {"title", "detail", "type", "status"} and more."""
    return all(_is_text(document.get(name)) for name in ("title", "detail"))


def _is_oauth(document: Json) -> bool:
    """RFC 6749, 5.2."""
    code = document.get("error")
    return isinstance(code, str) and _CODE.fullmatch(code) is not None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


_JSON = frozenset({"application/json"})
MASTODON = Protocol(_JSON, _is_mastodon)
XRPC = Protocol(_JSON, _is_xrpc)
X = Protocol(_JSON | {"application/problem+json"}, _is_problem)
OAUTH = Protocol(_JSON, _is_oauth)


def own_word(response: Response, protocol: Protocol) -> Json | None:
    """Return the server's refusal as its protocol has it; None where something else may have answered."""
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in protocol.media_types:
        return None
    try:
        document = response.json()
    except Rejected:
        return None
    return document if protocol.fits(document) else None


def unexplained(response: Response) -> Unexplained:
    """Return the error for an answer that is nobody's word."""
    return Unexplained(
        "%(host)s answered with status %(status)s and without a reason. Something on the way, such as a firewall, may "
        "have said so in its place.",
        host=response.host,
        status=response.status,
        retry_at=response.retry_at,
    )
