"""OAuth with X: one authorization server, one app of ours, and tokens that are renewed, each once.

docs.x.com, "OAuth 2.0 Authorization Code Flow with PKCE". An access token lives two hours; with the scope
`offline.access` comes a refresh token that works once. A confidential app signs its calls to the token endpoint
with Basic, a public one says its id in the form. Whose a token is, X itself is asked.

A pending is {"state", "verifier", "redirect_uri", "scopes"}, a secret {"access", "refresh", "expires_at"}: texts
that `X.connect` takes, "refresh" empty without offline.access.
"""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from recommendations.handles import Handle, Network
from recommendations.networks import oauth
from recommendations.networks.base import Options, Rejected, Revoked, Unavailable
from recommendations.networks.granting import Asked, Forgotten, Granted
from recommendations.networks.http import Response, client
from recommendations.networks.x_api import refusal, said, word
from recommendations.networks.x_profile import myself

ISSUER = "https://x.com"
AUTHORIZE = f"{ISSUER}/i/oauth2/authorize"
SIGN_IN = ("users.read", "tweet.read")  # /2/users/me wants both
CHANNEL = ("tweet.read", "tweet.write", "users.read", "offline.access")
RENEW_BEFORE = timedelta(minutes=5)
SECONDS = 10.0

_USED_UP = {"invalid_grant", "invalid_request"}  # X says the second of a token it does not know (any more)
_LONGEST_LIFE = 90 * 24 * 3600  # seconds; whatever a broken answer claims


class XOAuth:
    """An Authorizer. Holds nothing but its options; safe to use from many threads."""

    network = Network.X

    def __init__(self, options: Options) -> None:
        self._options = options
        self._http = client(options)

    def home(self, who: Handle | str) -> str:
        """Nowhere in particular: one server vouches for everybody."""
        return ""

    def ask(
        self,
        who: Handle | str,
        *,
        redirect_uri: str,
        scopes: tuple[str, ...],
        registration: dict[str, Any] | None = None,
    ) -> Asked:
        """Begin. X finds out itself who is there, so `who` is of no use to it; nothing is called."""
        if not self._options.x_client_id:
            raise Rejected("This site has no app on X, so nobody can be connected there. Whoever runs it can add one.")
        state, verifier = oauth.new_state(), oauth.new_verifier()
        params = {
            "response_type": "code",
            "client_id": self._options.x_client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(scopes),
            "state": state,
            "code_challenge": oauth.challenge(verifier),
            "code_challenge_method": "S256",
        }
        pending = {"state": state, "verifier": verifier, "redirect_uri": redirect_uri, "scopes": list(scopes)}
        return Asked(oauth.address(AUTHORIZE, params), state, pending)

    def grant(self, pending: dict[str, Any], answer: Mapping[str, str]) -> Granted:
        """Trade the answer's code. Raises Declined, Forgotten, Rejected, Unavailable."""
        form = {
            "grant_type": "authorization_code",
            "code": oauth.code_of(answer, state=pending["state"], issuer=ISSUER, must_say_issuer=False),
            "redirect_uri": pending["redirect_uri"],
            "code_verifier": pending["verifier"],
        }
        found = oauth.tokens(self._call("/2/oauth2/token", form))
        secret = _secret(found, datetime.now(UTC))
        me = myself(self._http, self._options, secret["access"])
        return Granted(
            network=Network.X,
            issuer=ISSUER,
            uri=me.uri,
            handle=me.handle,
            name=me.name,
            secret=secret,
            scopes=oauth.scopes_of(found.get("scope"), tuple(pending["scopes"])),
        )

    def drop(self, secret: dict[str, Any]) -> None:
        """Have X forget the tokens; without the refresh token, the other lives two hours at most."""
        for name in ("refresh", "access"):
            if secret.get(name):
                try:
                    self._call("/2/oauth2/revoke", {"token": secret[name], "token_type_hint": f"{name}_token"})
                except (Rejected, Unavailable):
                    return

    def renewed(self, secret: dict[str, Any], *, at: datetime) -> dict[str, Any] | None:
        """New tokens, if less than RENEW_BEFORE is left of the old. The refresh token is used up by the call.

        Raises Revoked (also where an earlier renewal's answer was lost), Rejected, Unavailable.
        """
        if not secret.get("refresh") or datetime.fromisoformat(secret["expires_at"]) - at > RENEW_BEFORE:
            return None
        response = self._call("/2/oauth2/token", {"grant_type": "refresh_token", "refresh_token": secret["refresh"]})
        if response.status in (400, 401) and oauth.error_of(response) in _USED_UP:
            raise Revoked("%(answer)s Please connect the channel again.", answer=said(response))
        if response.status != 200:
            raise _refusal(response)
        try:
            return secret | _secret(oauth.tokens(response), at)
        except Rejected as error:
            raise Unavailable(str(error)) from error

    def _call(self, path: str, form: dict[str, str]) -> Response:
        options, headers = self._options, {}
        if options.x_client_secret:
            pair = f"{quote(options.x_client_id, safe='')}:{quote(options.x_client_secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        form = form | {"client_id": options.x_client_id}
        return oauth.calmly(
            lambda: self._http.post(f"{options.x_api}{path}", data=form, headers=headers, timeout=SECONDS)
        )


def _refusal(response: Response) -> Exception:
    """Our app's own troubles are no fault of the channel's: it stays connected."""
    named = bool(oauth.error_of(response))
    if (response.status == 401 and named) or oauth.error_of(response) in ("invalid_client", "unauthorized_client"):
        return Forgotten(
            "%(answer)s Whoever runs this site must check the id and secret of its app on X.", answer=said(response)
        )
    if named and 400 <= response.status < 500 and response.status not in (408, 429):
        return Rejected(said(response))
    return refusal(response) or Unavailable(said(response), retry_at=response.retry_at)


def _secret(found: dict[str, Any], at: datetime) -> dict[str, str]:
    lives = found.get("expires_in")
    if isinstance(lives, bool) or not isinstance(lives, int) or not 0 < lives <= _LONGEST_LIFE:
        raise Rejected("X did not say how long its token is good.")
    expires = at + timedelta(seconds=lives)
    refresh = found.get("refresh_token")
    return {
        "access": found["access_token"],
        "refresh": word(refresh) if oauth.is_token(refresh) else "",
        "expires_at": expires.isoformat(),
    }
