"""WebFinger (RFC 7033): a handle -> the one account it names, proven from both sides.

A server's word about its own handles counts; its word about another server's account proves nothing until that
server says the same. So nobody can pass somebody else's account off as theirs (CVE-2024-23832), and a server may
still live under another name than its handles (Mastodon's LOCAL_DOMAIN and WEB_DOMAIN). Knows no profiles.
"""

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from recommendations.handles import Handle, Network, Unreadable, ascii_host, page_url, parse
from recommendations.networks.base import NotFound, Rejected, Unavailable
from recommendations.networks.http import Client

PATH = "/.well-known/webfinger"
URI_LIMIT = 500
PAGE_LIMIT = 700

_ACTIVITY_TYPES = ("application/activity+json", "application/ld+json")
_PROFILE_PAGE = "http://webfinger.net/rel/profile-page"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a handle names: the handle their server calls theirs, the actor's URI, and the host that keeps it."""

    handle: Handle
    actor: str
    host: str
    page_url: str


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a server says of a handle."""

    handle: Handle  # the one that is theirs, by its subject; the one asked for when it has none
    actor: str
    host: str  # the actor's
    page: str
    servers: frozenset[str]  # who said so: the one asked, and the one it sent us to for the answer


def identify(handle: Handle, *, http: Client, until: float) -> Identity:
    """Ask the handle's server, and whoever it points to. `until` is an instant of time.monotonic.

    Raises NotFound, Unavailable, and Rejected when servers do not agree on who this is.
    """
    answer = _ask(handle, http, until)
    if answer.handle != handle:
        answer = _confirm(answer.handle, answer, http, until)
    if answer.host not in answer.servers:
        _confirm(Handle(Network.MASTODON, answer.handle.name, answer.host), answer, http, until)
    page = answer.page if own_page(answer.page, answer.handle, answer.host) else page_url(answer.handle)
    return Identity(answer.handle, answer.actor, answer.host, page)


def own_page(url: object, handle: Handle, host: str) -> bool:
    """Is this the address of a page on the server of this account?"""
    return is_web_address(url, PAGE_LIMIT) and _host_of(url) in (handle.host, host)


def is_web_address(url: object, limit: int) -> bool:
    """Is this an https address of at most `limit` characters, with nothing strange in it?"""
    return (
        isinstance(url, str)
        and len(url) <= limit
        and url.startswith("https://")
        and url.isprintable()
        and not any(each in url for each in " \"'<>\\")
    )


def _confirm(handle: Handle, answer: _Answer, http: Client, until: float) -> _Answer:
    """What `handle`'s own server says, which must be the same handle and the same actor."""
    try:
        again = _ask(handle, http, until)
    except NotFound:
        again = None
    if again is None or (again.handle, again.actor) != (answer.handle, answer.actor):
        raise Rejected("%(host)s does not agree on who %(handle)s is.", host=handle.host, handle=answer.handle)
    return again


def _ask(handle: Handle, http: Client, until: float) -> _Answer:
    response = http.get(
        f"https://{handle.host}{PATH}",
        params={"resource": f"acct:{handle.address}"},
        headers={"Accept": "application/jrd+json, application/json"},
        timeout=until - time.monotonic(),
    )
    if response.status in (400, 404, 410):
        raise NotFound("%(host)s does not know %(handle)s.", host=handle.host, handle=handle)
    if response.status == 429 or response.status >= 500:
        raise Unavailable("%(host)s cannot answer at the moment.", host=handle.host, retry_at=response.retry_at)
    if response.status != 200:
        raise Rejected("%(host)s does not tell us who %(handle)s is.", host=handle.host, handle=handle)
    document = response.json()
    links = document.get("links")
    links = [each for each in links if isinstance(each, dict)] if isinstance(links, list) else []
    actor = next((each.get("href") for each in links if _is_actor(each)), None)
    if not is_web_address(actor, URI_LIMIT) or not (host := _host_of(actor)):
        raise NotFound("%(handle)s is nobody who can be followed.", handle=handle)
    page = next((each.get("href") for each in links if each.get("rel") == _PROFILE_PAGE), "")
    subject = _subject(document)
    servers = {handle.host}
    # Sent on to another server, we believe that one only if it says whom it means, and from the path that is kept
    # for this: any other may hold a file that somebody uploaded.
    if subject and urlsplit(response.url).path == PATH:
        servers.add(response.host)
    page = page if isinstance(page, str) else ""
    return _Answer(subject or handle, str(actor), host, page, frozenset(servers))


def _is_actor(link: dict[str, Any]) -> bool:
    media_type = link.get("type")
    return link.get("rel") == "self" and isinstance(media_type, str) and media_type.startswith(_ACTIVITY_TYPES)


def _subject(document: dict[str, Any]) -> Handle | None:
    subject = document.get("subject")
    if not isinstance(subject, str) or not subject.startswith("acct:"):
        return None
    try:
        handle = parse(subject)
    except Unreadable:
        return None
    return handle if handle.network is Network.MASTODON else None


def _host_of(url: object) -> str:
    """The host of an https URL without port or password; else nothing."""
    try:
        netloc = urlsplit(str(url)).netloc
        return "" if ":" in netloc or "@" in netloc else ascii_host(netloc)
    except ValueError:
        return ""
