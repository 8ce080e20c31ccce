"""OAuth with Mastodon and what speaks its API: each server is its own, and knows us only once we told it who we are.

Read in docs.joinmastodon.org (spec/oauth, methods/apps, methods/oauth) and mastodon/mastodon 4.3 to 4.6. Servers
before 4.3 publish no metadata: their endpoints are /oauth/authorize, /oauth/token and /oauth/revoke. Scopes are
Mastodon's; servers that reject the fine ones (Misskey's family) are asked for the coarse ones that hold them.

A token proves no more than that its server vouches for somebody; who that is, is proven by `mastodon_identity`.

A pending is {"state", "verifier", "issuer", "iss", "must_say_issuer", "token", "revoke", "redirect_uri", "client_id",
"client_secret", "scopes"}, a registration {"client_id", "client_secret", "scopes"}, with scopes as lists. A secret
is all texts, which `Mastodon.connect` takes: {"server", "token", "scope", "uri", "client_id", "client_secret",
"revoke"}, with "https://host" as the server.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from recommendations.handles import Handle, Network, Unreadable, ascii_host
from recommendations.networks import oauth
from recommendations.networks.base import Options, Rejected, Unavailable
from recommendations.networks.granting import Asked, Forgotten, Granted
from recommendations.networks.http import Response, client
from recommendations.networks.mastodon_identity import home_of, whose_token

NAME = "Follow Friday"
SIGN_IN = ("profile",)  # since 4.3: who this is, and nothing else
METADATA = "/.well-known/oauth-authorization-server"
SECONDS = 8.0  # for each call: some small servers are slow to wake up

_BEFORE_PROFILE = "read:accounts"  # the narrowest scope that says who somebody is, before 4.3
_TELLS_NO_METADATA = (400, 401, 403, 404, 405, 406, 410, 501)

Registration = dict[str, Any]


class MastodonOAuth:
    """An Authorizer for every Mastodon-compatible server."""

    network = Network.MASTODON

    def __init__(self, options: Options) -> None:
        self._options = options
        self._http = client(options)

    def home(self, who: Handle | str) -> str:
        """The server that keeps the account; by WebFinger where a whole handle is given."""
        if isinstance(who, Handle):
            return home_of(who, self._http)
        try:
            return ascii_host(who)
        except Unreadable as error:
            raise Rejected(str(error)) from None

    def ask(
        self,
        who: Handle | str,
        *,
        redirect_uri: str,
        scopes: tuple[str, ...],
        registration: Registration | None = None,
    ) -> Asked:
        """As `granting.Authorizer`. A registration that the server has forgotten is made anew."""
        issuer = f"https://{self.home(who)}"
        metadata = self._metadata(issuer)
        made = None
        if registration is None or not self._knows(registration, issuer, metadata):
            registration = made = self._register(issuer, metadata, redirect_uri, _offered(scopes, metadata))
        state, verifier = oauth.new_state(), oauth.new_verifier()
        params = {
            "response_type": "code",
            "client_id": registration["client_id"],
            "redirect_uri": redirect_uri,
            "scope": " ".join(registration["scopes"]),
            "state": state,
            "code_challenge": oauth.challenge(verifier),
            "code_challenge_method": "S256",
        }
        pending = {
            "state": state,
            "verifier": verifier,
            "issuer": issuer,
            "iss": metadata.get("issuer", issuer),  # as the server writes it: some with a slash at the end
            "must_say_issuer": metadata.get("authorization_response_iss_parameter_supported") is True,
            "token": oauth.endpoint(metadata, "token_endpoint", issuer, "/oauth/token"),
            "revoke": oauth.endpoint(metadata, "revocation_endpoint", issuer, "/oauth/revoke"),
            "redirect_uri": redirect_uri,
            **registration,
        }
        page = oauth.endpoint(metadata, "authorization_endpoint", issuer, "/oauth/authorize")
        return Asked(oauth.address(page, params), state, pending, made)

    def grant(self, pending: dict[str, Any], answer: Mapping[str, str]) -> Granted:
        """As `granting.Authorizer`. What was granted to somebody who is not who they seem is given back at once."""
        issuer = pending["issuer"]
        code = oauth.code_of(
            answer, state=pending["state"], issuer=pending["iss"], must_say_issuer=pending["must_say_issuer"]
        )
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": pending["redirect_uri"],
            "client_id": pending["client_id"],
            "client_secret": pending["client_secret"],
            "code_verifier": pending["verifier"],
        }
        given = oauth.tokens(self._post(pending["token"], form))
        scopes = oauth.scopes_of(given.get("scope"), tuple(pending["scopes"]))
        secret = {
            "server": issuer,
            "token": given["access_token"],
            "client_id": pending["client_id"],
            "client_secret": pending["client_secret"],
            "revoke": pending["revoke"],
            "scope": " ".join(scopes),
        }
        try:
            who, name = whose_token(issuer, secret["token"], self._http)
        except (Rejected, Unavailable):
            self.drop(secret)
            raise
        return Granted(
            network=self.network,
            issuer=issuer,
            uri=who.actor,
            handle=who.handle,
            name=name,
            secret={**secret, "uri": who.actor},
            scopes=scopes,
        )

    def drop(self, secret: dict[str, Any]) -> None:
        """As `granting.Authorizer` (RFC 7009)."""
        form = {"client_id": secret["client_id"], "client_secret": secret["client_secret"], "token": secret["token"]}
        with suppress(Rejected, Unavailable):  # gone already, or out of reach: nobody else has ever seen this token
            self._post(secret["revoke"], form)

    def _metadata(self, issuer: str) -> dict[str, Any]:
        """The server's word about itself (RFC 8414); empty from a server that publishes none."""
        response = self._http.get(issuer + METADATA, headers={"Accept": "application/json"}, timeout=SECONDS)
        host = oauth.host_of(issuer)
        if response.status in _TELLS_NO_METADATA:
            return {}
        if response.status == 429 or response.status >= 500:
            raise Unavailable("%(host)s cannot answer at the moment.", host=host, retry_at=response.retry_at)
        if response.status != 200:
            raise Rejected("%(host)s does not seem to be a Mastodon server.", host=host)
        try:
            metadata = response.json()
        except Rejected:
            return {}  # some servers answer every address with their web app
        if str(metadata.get("issuer")).removesuffix("/") != issuer:
            raise Rejected(
                "%(host)s says that it is another server. Please type your whole handle, @you@%(host)s.", host=host
            )
        return metadata

    def _knows(self, registration: Registration, issuer: str, metadata: dict[str, Any]) -> bool:
        """Does the server still know us? One that forgot shows people an error, and never sends them back.

        Mastodon deletes apps without tokens after a day (app/lib/vacuum/applications_vacuum.rb). Whatever else a
        server answers to this, is not about that.
        """
        form = {
            "grant_type": "client_credentials",
            "client_id": registration["client_id"],
            "client_secret": registration["client_secret"],
        }
        try:
            oauth.tokens(self._post(oauth.endpoint(metadata, "token_endpoint", issuer, "/oauth/token"), form))
        except Forgotten:
            return False
        except Rejected:
            return True
        return True

    def _register(
        self, issuer: str, metadata: dict[str, Any], redirect_uri: str, scopes: tuple[str, ...]
    ) -> Registration:
        """Tell the server who we are (methods/apps); once more with coarse scopes if it rejects the fine ones."""
        url = oauth.endpoint(metadata, "app_registration_endpoint", issuer, "/api/v1/apps")
        app = {"client_name": NAME, "redirect_uris": redirect_uri, "website": self._options.site_url}
        response = self._post(url, {**app, "scopes": " ".join(scopes)})
        if response.status in (400, 422) and scopes != _coarse(scopes):
            scopes = _coarse(scopes)
            response = self._post(url, {**app, "scopes": " ".join(scopes)})
        host = oauth.host_of(issuer)
        if response.status == 429 or response.status >= 500:
            raise Unavailable("%(host)s cannot answer at the moment.", host=host, retry_at=response.retry_at)
        if response.status not in (200, 201):
            raise Rejected("%(host)s does not let us ask it who you are. Is it a Mastodon server?", host=host)
        made = response.json()
        client_id, client_secret = made.get("client_id"), made.get("client_secret")
        if not oauth.is_token(client_id) or not oauth.is_token(client_secret):
            raise Rejected("%(host)s does not say by which name we are to ask it.", host=host)
        return {"client_id": client_id, "client_secret": client_secret, "scopes": list(scopes)}

    def _post(self, url: str, form: Mapping[str, str]) -> Response:
        headers = {"Accept": "application/json"}
        return oauth.calmly(lambda: self._http.post(url, data=form, headers=headers, timeout=SECONDS))


def _offered(scopes: tuple[str, ...], metadata: dict[str, Any]) -> tuple[str, ...]:
    """The same scopes in words this server knows."""
    supported = metadata.get("scopes_supported")
    if isinstance(supported, list) and "profile" in supported:
        return scopes
    return tuple(_BEFORE_PROFILE if each == "profile" else each for each in scopes)


def _coarse(scopes: tuple[str, ...]) -> tuple[str, ...]:
    """`read:accounts` -> `read`, each once."""
    return tuple(dict.fromkeys("read" if each == "profile" else each.partition(":")[0] for each in scopes))
