"""OAuth with Bluesky (atproto.com/specs/oauth): the account's own server vouches; PAR, PKCE S256, DPoP, always.

A pending is {"state", "verifier", "key", "nonces", "did", "issuer", "token", "revoke", "client_id", "redirect_uri",
"scopes"}, `did` empty where only a server was named; a secret is as `bluesky_granted` says.
"""

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from recommendations.handles import Handle, Network, is_did
from recommendations.networks import bluesky_profile, dpop, oauth
from recommendations.networks.atproto import Identity, identify
from recommendations.networks.base import Options, Rejected, Unavailable
from recommendations.networks.bluesky_app import client_id
from recommendations.networks.bluesky_granted import fresh, post
from recommendations.networks.granting import Asked, Granted
from recommendations.networks.http import TIMEOUT, Client, Response, client

SECONDS = 10.0  # for looking somebody up and finding their server

_ISSUER = "/.well-known/oauth-authorization-server"
_RESOURCE = "/.well-known/oauth-protected-resource"

Json = dict[str, Any]


class BlueskyOAuth:
    """An Authorizer. Holds nothing but its options; safe to use from many threads."""

    network = Network.BLUESKY

    def __init__(self, options: Options) -> None:
        self._options = options
        self._http = client(options)

    def home(self, who: Handle | str) -> str:
        """Empty: one redirect URI serves everybody, and every answer says whose it is."""
        return ""

    def ask(
        self,
        who: Handle | str,
        *,
        redirect_uri: str,
        scopes: tuple[str, ...],
        registration: Json | None = None,
    ) -> Asked:
        """As `granting.Authorizer`. `who` may be a handle, a DID in its place, or the host of a server."""
        until = time.monotonic() + SECONDS
        if isinstance(who, Handle):
            if who.network is not Network.BLUESKY:
                raise Rejected("%(who)s is not a Bluesky handle. Those look like alice.bsky.social.", who=who)
            account = identify(who.name, http=self._http, options=self._options, until=until)
            did, hint = account.did, account.handle or account.did
            issuer = issuer_of(account.pds, self._http, until)
        else:
            did = hint = ""
            server = who if "://" in who else f"https://{who}"
            issuer = issuer_of(server, self._http, until, may_be_issuer=True)
        metadata = _metadata(issuer, self._http, until)
        if metadata.get("authorization_response_iss_parameter_supported") is not True:
            raise Rejected("%(issuer)s does not do all that signing in safely takes.", issuer=oauth.host_of(issuer))
        state, verifier, key, nonces = oauth.new_state(), oauth.new_verifier(), dpop.new_key(), dict[str, str]()
        ours = client_id(self._options.site_url, scopes)
        form = {
            "client_id": ours,
            "response_type": "code",
            "redirect_uri": redirect_uri,
            "scope": " ".join(scopes),
            "state": state,
            "code_challenge": oauth.challenge(verifier),
            "code_challenge_method": "S256",
        }
        if hint:
            form["login_hint"] = hint
        par = oauth.endpoint(metadata, "pushed_authorization_request_endpoint", issuer)
        request = _pushed(post(self._http, par, form, key, nonces))
        page = oauth.endpoint(metadata, "authorization_endpoint", issuer)
        pending = {
            "state": state,
            "verifier": verifier,
            "key": key,
            "nonces": nonces,
            "did": did,
            "issuer": issuer,
            "token": oauth.endpoint(metadata, "token_endpoint", issuer),
            "revoke": oauth.endpoint(metadata, "revocation_endpoint", issuer, "/oauth/revoke"),
            "client_id": ours,
            "redirect_uri": redirect_uri,
            "scopes": list(scopes),
        }
        return Asked(oauth.address(page, {"client_id": ours, "request_uri": request}), state, pending)

    def grant(self, pending: Json, answer: Mapping[str, str]) -> Granted:
        """As `granting.Authorizer`. The token's DID and its own server's issuer must be those asked."""
        issuer = pending["issuer"]
        code = oauth.code_of(answer, state=pending["state"], issuer=issuer, must_say_issuer=True)
        nonces = dict(pending["nonces"])
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": pending["redirect_uri"],
            "code_verifier": pending["verifier"],
            "client_id": pending["client_id"],
        }
        given = oauth.tokens(post(self._http, pending["token"], form, pending["key"], nonces))
        kept = {name: pending[name] for name in ("issuer", "token", "revoke", "client_id", "key", "scopes")}
        secret = {**kept, **fresh(given, pending["scopes"]), "nonces": nonces}
        try:
            who = self._proven(given.get("sub"), pending)
        except (Rejected, Unavailable):
            self.drop(secret)
            raise
        return Granted(
            network=self.network,
            issuer=issuer,
            uri=who.did,
            handle=bluesky_profile.handle_of(who),
            name=self._name(who),
            secret={**secret, "did": who.did, "pds": who.pds},
            scopes=tuple(secret["scopes"]),
        )

    def drop(self, secret: Json) -> None:
        """As `granting.Authorizer` (RFC 7009)."""
        form = {"client_id": secret["client_id"], "token": secret["refresh"] or secret["access"]}
        with suppress(Rejected, Unavailable):  # gone already, or out of reach: without its key it is worth nothing
            post(self._http, secret["revoke"], form, secret["key"], dict(secret["nonces"]))

    def _proven(self, sub: object, pending: Json) -> Identity:
        """Who the token is about, if its issuer may speak of them (atproto.com/specs/oauth, "Identity")."""
        host = oauth.host_of(pending["issuer"])
        if not isinstance(sub, str) or not is_did(sub):
            raise Rejected("%(host)s does not say who you are.", host=host)
        if pending["did"] and sub != pending["did"]:
            raise Rejected("You signed in there as somebody else than you told us. Please begin again.")
        until = time.monotonic() + SECONDS
        who = identify(sub, http=self._http, options=self._options, until=until)
        if issuer_of(who.pds, self._http, until) != pending["issuer"]:
            raise Rejected("%(host)s cannot vouch for this account: it lives on another server.", host=host)
        return who

    def _name(self, who: Identity) -> str:
        """The display name, where the public profile has one; it proves nothing, and may be missing."""
        try:
            return bluesky_profile.found(self._http, who, time.monotonic() + TIMEOUT).name
        except (Rejected, Unavailable):
            return ""


def issuer_of(server: str, http: Client, until: float, *, may_be_issuer: bool = False) -> str:
    """The origin of the authorization server that vouches for the accounts on `server`, an origin (RFC 9728).

    `may_be_issuer`: what was named may be the authorization server itself. Raises Rejected, Unavailable.
    """
    response = http.get(server + _RESOURCE, timeout=until - time.monotonic())
    if response.status == 429 or response.status >= 500:
        raise Unavailable("%(host)s cannot answer at the moment.", host=response.host, retry_at=response.retry_at)
    if may_be_issuer and response.status == 404:
        return server
    if response.status != 200:
        raise Rejected("%(host)s does not say who vouches for its accounts.", host=response.host)
    servers = response.json().get("authorization_servers")
    if not isinstance(servers, list) or len(servers) != 1 or not isinstance(servers[0], str):
        raise Rejected("%(host)s does not say who vouches for its accounts.", host=response.host)
    try:
        parts = urlsplit(servers[0])
    except ValueError:
        parts = urlsplit("")
    origin = f"{parts.scheme}://{parts.netloc}"
    if not parts.netloc or servers[0] != origin:
        raise Rejected("%(host)s does not say properly who vouches for its accounts.", host=response.host)
    return origin


def _metadata(issuer: str, http: Client, until: float) -> Json:
    """An authorization server's word about itself (RFC 8414), which must be about itself."""
    response = http.get(issuer + _ISSUER, timeout=until - time.monotonic())
    host = oauth.host_of(issuer)
    if response.status == 429 or response.status >= 500:
        raise Unavailable("%(host)s cannot answer at the moment.", host=host, retry_at=response.retry_at)
    if response.status != 200:
        raise Rejected("Nobody can sign in with %(host)s in this way.", host=host)
    metadata = response.json()
    if metadata.get("issuer") != issuer:
        raise Rejected("%(host)s says that it is another server. Nothing was done.", host=host)
    return metadata


def _pushed(response: Response) -> str:
    """The name under which an authorization server keeps our request (RFC 9126, 2.2)."""
    if response.status == 429 or response.status >= 500:
        raise Unavailable("%(host)s cannot answer at the moment.", host=response.host, retry_at=response.retry_at)
    if response.status not in (200, 201):
        raise Rejected("That did not work out. %(answer)s", answer=oauth.said(response))
    request = response.json().get("request_uri")
    if not isinstance(request, str) or not 0 < len(request) <= 1_000:
        raise Rejected("%(host)s did not take our question.", host=response.host)
    return request
