"""Who we are to Bluesky's servers, and what we may ask them for (atproto.com/specs/oauth, "Clients").

Nothing is registered: our `client_id` is the address of a document about us, which `client_metadata` writes. We are
a public client, without a key of our own to keep and to change: so a server asks the person each time, and lets go
of our tokens after two weeks; both suit signing in and following. On one's own machine the `client_id` is the
loopback client of the specification, whose redirect must lead to 127.0.0.1. Pure: no call is made.
"""

from typing import Any
from urllib.parse import urlencode, urlsplit

NAME = "Follow Friday"
SIGN_IN = ("atproto",)  # who this is, and nothing else
FOLLOW = ("atproto", "repo:app.bsky.graph.follow?action=create")
MAKE_LIST = (*FOLLOW, "repo:app.bsky.graph.list?action=create", "repo:app.bsky.graph.listitem?action=create")
CLIENT_METADATA = "/oauth/bluesky/client-metadata.json"
REDIRECT = "/oauth/bluesky/"

_HERE = ("localhost", "127.0.0.1", "[::1]")


def is_loopback(site_url: str) -> bool:
    """Does this site live on the machine of whoever visits it?"""
    parts = urlsplit(site_url)
    host = parts.netloc.rpartition(":")[0] if parts.port else parts.netloc
    return parts.scheme == "http" and (host in _HERE or host.endswith(".localhost"))


def redirect_uri(site_url: str) -> str:
    """The one address to which every server sends people back. On one's own machine that is a number, not a name."""
    if is_loopback(site_url):
        port = urlsplit(site_url).port
        return f"http://127.0.0.1{f':{port}' if port else ''}{REDIRECT}"
    return site_url + REDIRECT


def client_id(site_url: str, scopes: tuple[str, ...]) -> str:
    """Who we are to every server: where our metadata is, or the loopback client with what it needs."""
    if is_loopback(site_url):
        return "http://localhost?" + urlencode({"redirect_uri": redirect_uri(site_url), "scope": " ".join(scopes)})
    return site_url + CLIENT_METADATA


def client_metadata(site_url: str) -> dict[str, Any]:
    """The document at CLIENT_METADATA. Its scopes are all that we may ever ask for."""
    return {
        "client_id": site_url + CLIENT_METADATA,
        "client_name": NAME,
        "client_uri": f"{site_url}/",
        "application_type": "web",
        "redirect_uris": [redirect_uri(site_url)],
        "scope": " ".join(MAKE_LIST),
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "dpop_bound_access_tokens": True,
    }
