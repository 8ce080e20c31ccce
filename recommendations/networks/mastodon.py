"""Mastodon and what speaks its API: looking people up, without a token; posting is in `mastodon_post`.

The account's own server is asked, never what another one remembers of it. First WebFinger says who is meant; then
the API's account says what they are like; servers that have no such API for strangers are asked for the
ActivityPub actor. Where even that wants a signed request (Mastodon's AUTHORIZED_FETCH and its like), WebFinger has
still proven who it is: Found holds the handle and the uri, and the signal is UNKNOWN, for silence is no.
"""

import time
from typing import Any

from recommendations.handles import Handle, Network
from recommendations.networks import mastodon_profile
from recommendations.networks.base import Found, NotFound, Rejected, Unavailable
from recommendations.networks.http import Response
from recommendations.networks.mastodon_post import MastodonPoster
from recommendations.networks.webfinger import Identity, identify

_ACTOR_TYPES = {"Application", "Group", "Organization", "Person", "Service"}
_ACTIVITY = 'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"'


class Mastodon(MastodonPoster):
    """A Reader and a Poster for every Mastodon-compatible server."""

    network = Network.MASTODON

    def look_up(self, handle: Handle, *, timeout: float = 2.0) -> Found:
        """As `base.Reader`. The handle found may be another than the one asked for: the one their server uses."""
        until = time.monotonic() + timeout
        who = identify(handle, http=self._http, until=until)
        account = self._account(who, until)
        if account is not None:
            return mastodon_profile.from_account(account, who)
        actor = self._actor(who, until)
        if actor is not None:
            return mastodon_profile.from_actor(actor, who)
        return Found(handle=who.handle, uri=who.actor, page_url=who.page_url)

    def was_before(self, handle: Handle, uri: str, *, timeout: float = 2.0) -> bool:
        """By the actor's `alsoKnownAs`, without which Mastodon does not take a move for real either.

        False where strangers do not get to see the actor.
        """
        until = time.monotonic() + timeout
        actor = self._actor(identify(handle, http=self._http, until=until), until) or {}
        names = actor.get("alsoKnownAs")
        return uri in (names if isinstance(names, list) else [names])

    def _account(self, who: Identity, until: float) -> dict[str, Any] | None:
        """The API's word; None where the API does not tell, or tells of somebody else."""
        response = self._http.get(
            f"https://{who.host}/api/v1/accounts/lookup",
            params={"acct": who.handle.address},
            headers={"Accept": "application/json"},
            timeout=until - time.monotonic(),
        )
        if response.status == 429 or (response.status >= 500 and response.status != 501):
            raise Unavailable("%(host)s cannot answer at the moment.", host=who.host, retry_at=response.retry_at)
        account = _object(response) if response.status == 200 and response.host == who.host else None
        return account if account and _is_theirs(account, who) else None

    def _actor(self, who: Identity, until: float) -> dict[str, Any] | None:
        """The actor document; None where strangers do not get to see it."""
        response = self._http.get(who.actor, headers={"Accept": _ACTIVITY}, timeout=until - time.monotonic())
        if response.status in (404, 410):
            raise NotFound("%(handle)s is gone.", handle=who.handle)
        if response.status == 429 or response.status >= 500:
            raise Unavailable("%(host)s cannot answer at the moment.", host=who.host, retry_at=response.retry_at)
        actor = _object(response) if response.status == 200 else None
        if actor is None:
            return None
        kinds = actor.get("type")
        kinds = [each for each in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(each, str)]
        if "Tombstone" in kinds:
            raise NotFound("%(handle)s is gone.", handle=who.handle)
        name = actor.get("preferredUsername", who.handle.name)
        theirs = actor.get("id") == who.actor and response.host == who.host
        if not theirs or str(name).lower() != who.handle.name or not _ACTOR_TYPES.intersection(kinds):
            raise Rejected("%(host)s contradicts itself on who %(handle)s is.", host=who.host, handle=who.handle)
        return actor


def _is_theirs(account: dict[str, Any], who: Identity) -> bool:
    """Is this account the one WebFinger named? `uri` came with Mastodon 4.2; before, the names must do."""
    if account.get("uri"):
        return bool(account["uri"] == who.actor)
    acct = str(account.get("acct")).lower()
    return acct == who.handle.address or (acct == who.handle.name and who.handle.host == who.host)


def _object(response: Response) -> dict[str, Any] | None:
    try:
        return response.json()
    except Rejected:
        return None
