"""Whose token is this? A Mastodon-compatible server's word, believed only as far as it can be proven.

A server may say of its token's owner whatever it likes. So: our own WebFinger must name the same actor, that
actor must live on the very server we began with, where handle and actor are on two hosts both must agree, and the
actor document, where strangers get to see it, must bear the same name (CVE-2024-23832). Nothing else about an
account is believed here: no e-mail address, no handle of another server.
"""

import time
from typing import Any

from recommendations.handles import Handle, Network, Unreadable, parse
from recommendations.networks import mastodon_profile, oauth
from recommendations.networks.base import NotFound, Rejected, Unavailable
from recommendations.networks.http import Client, Response
from recommendations.networks.webfinger import Identity, identify

SECONDS = 8.0  # for all calls together

_ACTIVITY = 'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"'


def home_of(handle: Handle, http: Client) -> str:
    """The host of the server that keeps the account with this handle. Raises NotFound, Rejected, Unavailable."""
    if handle.network is not Network.MASTODON:
        raise Rejected("%(handle)s is not a Mastodon handle. Those look like @alice@example.social.", handle=handle)
    return identify(handle, http=http, until=time.monotonic() + SECONDS).host


def whose_token(issuer: str, token: str, http: Client) -> tuple[Identity, str]:
    """Who the token's owner is, proven, and their display name. `issuer` is "https://host".

    Raises Rejected (also for a proof that fails), Unavailable.
    """
    until = time.monotonic() + SECONDS
    host = oauth.host_of(issuer)
    account = _account(issuer, token, http, until)
    claimed = _claimed(account, host)
    try:
        who = identify(claimed, http=http, until=until)
    except NotFound:
        raise Rejected(
            "%(host)s says you are %(claimed)s, but nobody is found there. So we cannot be sure.",
            host=host,
            claimed=claimed,
        ) from None
    if who.host != host:
        raise Rejected(
            "%(host)s cannot vouch for %(claimed)s: that account lives on another server.", host=host, claimed=claimed
        )
    if who.handle.name != claimed.name or (account.get("uri") or who.actor) != who.actor:
        raise Rejected("%(host)s contradicts itself on who you are, so we cannot be sure.", host=host)
    _agrees(who, http, until)
    return who, mastodon_profile.from_account(account, who).name


def _account(issuer: str, token: str, http: Client, until: float) -> dict[str, Any]:
    """What the server says of the token's owner, as the API's Account as far as we need it.

    A token for `profile` alone may see `verify_credentials` since 4.3, or else OpenID's `userinfo` (4.4), whose
    `sub` is the actor's URI.
    """
    response = _get(f"{issuer}/api/v1/accounts/verify_credentials", token, http, until)
    if response.status == 200:
        return response.json()
    if response.status == 403:
        response = _get(f"{issuer}/oauth/userinfo", token, http, until)
        if response.status == 200:
            said = response.json()
            return {
                "username": said.get("preferred_username"),
                "uri": said.get("sub"),
                "display_name": said.get("name"),
            }
    if response.status == 429 or response.status >= 500:
        raise Unavailable("%(host)s cannot answer at the moment.", host=response.host, retry_at=response.retry_at)
    raise Rejected("%(issuer)s let you in, but does not tell us who you are.", issuer=oauth.host_of(issuer))


def _claimed(account: dict[str, Any], host: str) -> Handle:
    """Whom the server claims this to be. A handle of another host is looked up there, where it will not hold."""
    name = account.get("acct") if "@" in str(account.get("acct")) else account.get("username")
    text = str(name) if isinstance(name, str) and len(name) <= 400 else ""
    try:
        handle = parse(f"@{text}" if "@" in text else f"@{text}@{host}")
    except Unreadable:
        raise Rejected("%(host)s does not say who you are in a way we can read.", host=host) from None
    if handle.network is not Network.MASTODON:
        raise Rejected("%(host)s says that you are on another network.", host=host)
    return handle


def _agrees(who: Identity, http: Client, until: float) -> None:
    """The actor document must bear the handle's name. Servers that show it to nobody leave WebFinger's word alone."""
    response = http.get(who.actor, headers={"Accept": _ACTIVITY}, timeout=until - time.monotonic())
    if response.status == 429 or response.status >= 500:
        raise Unavailable("%(host)s cannot answer at the moment.", host=who.host, retry_at=response.retry_at)
    if response.status in (404, 410):
        raise Rejected("%(handle)s is gone.", handle=who.handle)
    if response.status != 200:
        return
    try:
        actor = response.json()
    except Rejected:
        return
    name = actor.get("preferredUsername")
    same_name = isinstance(name, str) and name.lower() == who.handle.name
    if response.host != who.host or actor.get("id") != who.actor or not same_name:
        raise Rejected(
            "%(host)s contradicts itself on who %(handle)s is, so we cannot be sure.", host=who.host, handle=who.handle
        )


def _get(url: str, token: str, http: Client, until: float) -> Response:
    headers = {"Accept": "application/json", "Authorization": f"Bearer {token}"}
    return http.get(url, headers=headers, timeout=until - time.monotonic())
