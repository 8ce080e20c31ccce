"""Who somebody is on the AT Protocol: handle -> DID -> DID document -> their server (atproto.com/specs/did).

It knows identities, not what is kept under them. Everything read here is a stranger's word: a handle counts
only if the DID document points back to it, a document only if it is about the DID asked for, and a server
may speak only of the accounts whose documents name it.
"""

import re
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from recommendations.handles import is_at_handle, is_did
from recommendations.markup import clean_line
from recommendations.networks.base import NotFound, Options, OutcomeUnknown, Rejected, Unavailable
from recommendations.networks.http import Client, Response
from recommendations.networks.verdict import XRPC, own_word, unexplained

_OWN_WORD_SHARE = 0.4  # of the time left goes to asking the handle's own host
_PLC = re.compile(r"did:plc:[a-z2-7]{24}")
_NSID = re.compile(
    r"[a-zA-Z](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)+\.[a-zA-Z][a-zA-Z0-9]{0,62}"
)
_RECORD_KEY = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._:~-]{1,512}")


@dataclass(frozen=True, slots=True)
class Identity:
    """An account, its handle where that was proven both ways (else empty), and the origin of its server."""

    did: str
    handle: str
    pds: str  # "https://host", no path


def identify(name: str, *, http: Client, options: Options, until: float) -> Identity:
    """The identity behind a handle (without @) or a DID, before `until` on time.monotonic's clock.

    Raises NotFound, Rejected (a document that contradicts itself, a handle that does not point both ways) and
    Unavailable.
    """
    if is_did(name):
        document = _document(name, http, options, until)
        claimed = _claimed(document)
        try:
            proven = bool(claimed) and _did_of(claimed, http, options, until) == name
        except (Rejected, Unavailable):
            proven = False
        return Identity(name, claimed if proven else "", _server(document))
    if not is_at_handle(name):
        raise Rejected("%(name)s is not a handle on Bluesky. They look like alice.bsky.social.", name=repr(name[:100]))
    handle = name.lower()
    did = _did_of(handle, http, options, until)
    document = _document(did, http, options, until)
    if _claimed(document) != handle:
        raise Rejected(
            "@%(handle)s leads to an account that goes by another handle. Please check the spelling.", handle=handle
        )
    return Identity(did, handle, _server(document))


def is_at_uri(text: str) -> bool:
    """Is this, exactly as it stands, the address of an account, a collection or a record?

    Of the form that Lexicons ask for (atproto.com/specs/at-uri-scheme): no fragment, no query, nothing below a record.
    """
    authority, *path = text.removeprefix("at://").split("/")
    known = text.startswith("at://") and (is_did(authority) or is_at_handle(authority)) and len(path) <= 2
    return known and all(rule.fullmatch(part) for rule, part in zip((_NSID, _RECORD_KEY), path, strict=False))


def error_of(response: Response) -> tuple[str, str]:
    """An XRPC error's name and message (atproto.com/specs/xrpc); empty where it is not the server's own word."""
    body = own_word(response, XRPC) or {}
    return str(body.get("error") or ""), str(body.get("message") or "")


def refusal(response: Response) -> Rejected | Unavailable | OutcomeUnknown:
    """The error to raise for an answer that says no."""
    if response.status == 429:
        return Unavailable(said(response), retry_at=response.retry_at)
    if response.status == 408 or response.status >= 500:
        return OutcomeUnknown(said(response))
    return Rejected(said(response)) if error_of(response)[0] else unexplained(response)


def said(response: Response) -> str:
    """What a server gave as its reason, as a sentence for a curator."""
    reason = clean_line(error_of(response)[1], limit=200) or f"status {response.status}"
    return f"Bluesky's server said: {reason.rstrip('.')}."


def _did_of(handle: str, http: Client, options: Options, until: float) -> str:
    """First the handle's own host, which alone is sure to be right, for a share of the time; then a resolver.

    Handles proven by DNS are left to the resolver, which asks DNS: Python has no TXT look-up, and most hosts
    of such handles answer the first question with a quick 404. See https://atproto.com/specs/handle.
    """
    try:
        share = (until - time.monotonic()) * _OWN_WORD_SHARE
        answer = http.get(f"https://{handle}/.well-known/atproto-did", timeout=share)
        own_word = answer.text[:2_100].strip()
        if answer.status == 200 and is_did(own_word):
            return own_word
    except (Rejected, Unavailable):
        pass  # most handles' hosts say nothing; the resolver knows
    answer = http.get(
        f"{options.bluesky_resolver}/xrpc/com.atproto.identity.resolveHandle",
        params={"handle": handle},
        timeout=until - time.monotonic(),
    )
    if answer.status in (400, 404):
        raise NotFound("There is nobody at @%(handle)s on Bluesky. Please check the spelling.", handle=handle)
    if answer.status != 200:
        raise Unavailable("Bluesky cannot look up handles at the moment.", retry_at=answer.retry_at)
    did = answer.json().get("did")
    if not isinstance(did, str) or not is_did(did):
        raise Rejected("Bluesky's answer about this handle cannot be read.")
    return did


def _document(did: str, http: Client, options: Options, until: float) -> dict[str, Any]:
    host = did.removeprefix("did:web:")
    if _PLC.fullmatch(did):
        url = f"{options.plc_url}/{did}"
    elif host != did and is_at_handle(host):
        url = f"https://{host}/.well-known/did.json"
    else:
        raise Rejected("%(did)s is of a kind that Bluesky does not use.", did=did[:100])
    answer = http.get(url, timeout=until - time.monotonic())
    if answer.status in (404, 410):
        raise NotFound("There is nobody (any more) behind this handle.")
    if answer.status != 200:
        raise Unavailable("The directory of Bluesky's accounts does not answer.", retry_at=answer.retry_at)
    document = answer.json()
    if document.get("id") != did:
        raise Rejected("The account's document is about somebody else.")
    return document


def _claimed(document: dict[str, Any]) -> str:
    """The handle the document claims: the first that begins with at:// (https://atproto.com/specs/did)."""
    names = document.get("alsoKnownAs")
    for name in names if isinstance(names, list) else []:
        if isinstance(name, str) and name.startswith("at://"):
            handle = name.removeprefix("at://").lower()
            return handle if is_at_handle(handle) else ""
    return ""


def _server(document: dict[str, Any]) -> str:
    services = document.get("service")
    for service in services if isinstance(services, list) else []:
        if not isinstance(service, dict) or service.get("type") != "AtprotoPersonalDataServer":
            continue
        if service.get("id") in ("#atproto_pds", f"{document['id']}#atproto_pds"):
            return _origin(service.get("serviceEndpoint"))
    raise NotFound("This account has no server any more.")


def _origin(endpoint: Any) -> str:
    """Whether we go there at all is for the client's guard to say."""
    try:
        parts = urlsplit(endpoint if isinstance(endpoint, str) else "")
        plain = parts.scheme in ("https", "http") and parts.hostname and "@" not in parts.netloc
    except ValueError:
        plain = False
    if not plain or parts.path.strip("/") or parts.query or parts.fragment:
        raise Rejected("The account's document does not say where its server is.")
    return f"{parts.scheme}://{parts.netloc}"
