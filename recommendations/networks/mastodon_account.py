"""Whose account a token opens on a server that speaks Mastodon's API, and what it allows us. It knows no posts."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from recommendations.handles import Handle, Network
from recommendations.networks.base import OutcomeUnknown, Rejected, Revoked, Unavailable, Unexplained
from recommendations.networks.http import Client
from recommendations.networks.mastodon_api import Api, host_of, identifier, repeatable
from recommendations.networks.mastodon_identity import whose_token
from recommendations.networks.verdict import unexplained
from recommendations.networks.webfinger import URI_LIMIT, is_web_address, own_page

_VERIFY = "/api/v1/accounts/verify_credentials"
_TOKEN = re.compile(r"[!-~]{1,2000}")
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,126}[A-Za-z0-9_])?")
_NEEDED = {"read:statuses": "read", "write:statuses": "write", "write:media": "write"}  # and what holds it

SCOPES = ("read:accounts", *_NEEDED)  # to be asked for where a channel is connected by OAuth


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody on one server: `id` is the server's own name for them, `uri` the permanent one."""

    id: str
    uri: str
    handle: Handle
    page_url: str


def at(http: Client, server: str, token: str) -> Api:
    """The server at an address such as https://mastodon.example, and a token that can stand in a header."""
    if not _TOKEN.fullmatch(token):
        raise Rejected("That is not an access token. Please copy it once more, without blanks.")
    try:
        parts = urlsplit(server)
        good = parts.hostname and parts.scheme in ("https", "http") and parts.path in ("", "/")
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment or "@" in parts.netloc:
        raise Rejected("That is not the address of a server. They look like https://mastodon.example.")
    return Api(http, f"{parts.scheme}://{parts.netloc.lower()}", token)


def check_scope(scope: str) -> None:
    """Did they allow all we need? Rejected if not; nothing is known of a token that was typed in."""
    granted = set(scope.split())
    missing = [need for need, whole in _NEEDED.items() if granted and not granted & {need, whole}]
    if missing:
        raise Rejected(
            "We also need their leave to %(missing)s. Please connect the channel again.", missing=", ".join(missing)
        )


def account(api: Api, *, timeout: float) -> Account:
    """Ask who the token belongs to, and prove it. Raises Revoked (no good token), Rejected, Unavailable.

    `timeout` is for the first call. On https at the usual port, who it is must hold before `mastodon_identity`. A
    server at any other address can only be one that was opened by `Options.open_hosts`, where WebFinger (https
    alone) does not reach: whoever runs this installation trusts it, and so its own word is taken.
    """
    response = api.get(_VERIFY, timeout=timeout)
    try:
        said = api.accepted(response).json()
    except Unexplained as error:
        raise Rejected(
            "%(host)s does not speak Mastodon's API, or not to us. Or it does not take this access token.",
            host=response.host,
        ) from error
    except OutcomeUnknown as error:
        raise Unavailable(str(error)) from error
    except Revoked:
        raise Revoked(
            "%(host)s does not take this access token. Please make a new one there.", host=response.host
        ) from None
    except Rejected:
        raise Rejected("%(host)s does not speak Mastodon's API, or not to us.", host=response.host) from None
    name, own_id = said.get("username"), identifier(said.get("id"))
    if not own_id or not isinstance(name, str) or not _NAME.fullmatch(name):
        raise Rejected("%(host)s does not say whose access token this is.", host=response.host)
    server = urlsplit(api.server)
    if server.scheme == "https" and ":" not in server.netloc:
        who, _ = whose_token(api.server, api.token, api.http)
        page = said.get("url")
        page = str(page) if own_page(page, who.handle, who.host) else who.page_url
        return Account(own_id, who.actor, who.handle, page)
    return _trusted(api, said, own_id, name)


def check(api: Api, own_id: str, *, timeout: float) -> None:
    """Ask whether the token still opens this account. Raises Revoked, Unexplained, Unavailable; else it does."""
    response = api.get(_VERIFY, timeout=timeout)
    with repeatable():
        try:
            said = api.document(response)
        except Revoked:
            raise
        except Rejected as error:  # such as 404, which says nothing of the token
            raise unexplained(response) from error
    if identifier(said.get("id")) != own_id:
        raise unexplained(response)


def _trusted(api: Api, said: dict[str, Any], own_id: str, name: str) -> Account:
    page = f"{api.server}/@{name}"
    told = (said.get("uri"), said.get("url"))
    known = [str(each) for each in told if is_web_address(each, URI_LIMIT) and host_of(str(each))]
    uri, *_ = [*known, page]
    handle = Handle(Network.MASTODON, name.lower(), host_of(uri))
    return Account(own_id, uri, handle, known[-1] if known else page)
