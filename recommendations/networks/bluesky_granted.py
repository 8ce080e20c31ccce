"""With what somebody on Bluesky granted us: signed calls to their server, and tokens that are renewed, each once.

A secret is {"did", "pds", "issuer", "token", "revoke", "client_id", "key", "nonces", "access", "refresh", "scopes"},
where "token" and "revoke" are addresses at the issuer. It does not know what the calls are about.
"""

from collections.abc import Mapping
from typing import Any

from recommendations.networks import dpop, oauth
from recommendations.networks.atproto import error_of
from recommendations.networks.base import Rejected, Revoked
from recommendations.networks.granting import Forgotten
from recommendations.networks.http import TIMEOUT, Client, Response
from recommendations.networks.verdict import unexplained

Json = dict[str, Any]


def call(
    http: Client, secret: Json, method: str, path: str, *, json: Any = None, timeout: float = TIMEOUT
) -> tuple[Response, Json | None]:
    """One signed call (GET or POST `path`) to the account's server with what was granted; the access token is
    renewed where it has run out.

    With the answer comes the secret to keep from now on, if it was renewed: a refresh token works once, so the
    caller lets one worker do this at a time. If the call fails after that, the new tokens are lost with it: so call
    something harmless first. Raises Revoked when what was granted is no longer good, and what Client's methods raise.
    """
    url = f"{secret['pds']}{path}"

    def send(now: Json) -> Response:
        def once(headers: Mapping[str, str]) -> Response:
            if method == "GET":
                return http.get(url, headers=headers, timeout=timeout)
            return http.post(url, json=json, headers=headers, timeout=timeout)

        return dpop.signed(once, key=now["key"], method=method, url=url, nonces=now["nonces"], token=now["access"])

    secret = {**secret, "nonces": dict(secret["nonces"])}
    response = send(secret)
    if response.status != 401:
        return response, None
    if not secret["refresh"] and not _is_own_word(response):
        raise unexplained(response)
    renewed = _renewed(http, secret)
    response = send(renewed)
    if response.status == 401 and _is_own_word(response):
        raise Revoked("Bluesky does not take what it granted us any more. Please allow it again.")
    return response, renewed


def _is_own_word(response: Response) -> bool:
    """Does the server itself not take the token? It may say so in a header alone (RFC 6750, 3)."""
    return bool(error_of(response)[0]) or "www-authenticate" in response.headers


def _renewed(http: Client, secret: Json) -> Json:
    if not secret["refresh"]:
        raise Revoked("What Bluesky granted us has run out. Please allow it again.")
    form = {"grant_type": "refresh_token", "refresh_token": secret["refresh"], "client_id": secret["client_id"]}
    try:
        given = oauth.renewed(post(http, secret["token"], form, secret["key"], secret["nonces"]))
    except Forgotten as error:
        raise Revoked(str(error)) from error
    except Rejected as error:
        raise Revoked("What Bluesky granted us has run out. Please allow it again.") from error
    if given.get("sub") != secret["did"]:
        raise Revoked("Bluesky's server answered about somebody else. Please allow it again.")
    return {**secret, **fresh(given, secret["scopes"])}


def post(http: Client, url: str, form: Mapping[str, str], key: dpop.Jwk, nonces: dict[str, str]) -> Response:
    """A signed form for an authorization server. `nonces` is kept up to date."""

    def once(headers: Mapping[str, str]) -> Response:
        return oauth.calmly(lambda: http.post(url, data=form, headers=headers))

    return dpop.signed(once, key=key, method="POST", url=url, nonces=nonces)


def fresh(given: Json, asked: list[str]) -> Json:
    """What a token endpoint gave, for the secret."""
    if str(given.get("token_type")).lower() != "dpop":
        raise Rejected("Bluesky's server gave a token that anybody could use. We did not take it.")
    refresh = given.get("refresh_token")
    return {
        "access": given["access_token"],
        "refresh": refresh if oauth.is_token(refresh) else "",
        "scopes": list(oauth.scopes_of(given.get("scope"), tuple(asked))),
    }
