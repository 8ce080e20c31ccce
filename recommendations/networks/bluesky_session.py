"""Signed in to Bluesky with an app password: sessions opened, renewed, and lost.

A secret is {"did", "handle", "pds", "access", "refresh", "password"}. The access token lives two hours, the
refresh token 90 days and for one use. The app password is kept (sealed, like the rest) for the day when both
tokens are lost, and is used only then: a server lets an account sign in 30 times in 5 minutes, 300 times a
day. If a call fails after the tokens were renewed, the new ones are lost with it; the next call renews with
the old refresh token, which the usual server takes for two more hours, or signs in again.

It does not know what the calls are about.
"""

import base64
import json
from collections.abc import Callable
from typing import Any

from recommendations.networks.atproto import Identity, error_of, said
from recommendations.networks.base import OutcomeUnknown, Rejected, Revoked, Unavailable
from recommendations.networks.http import Client, Response
from recommendations.networks.verdict import unexplained

Secret = dict[str, Any]

_ACCOUNT_STOPPED = {"AccountTakedown", "AccountDeactivated", "AccountSuspended", "AccountNotFound"}
_TOKEN_REFUSED = {"ExpiredToken", "InvalidToken"}  # these come as 400
_PASSWORD_REFUSED = {"AuthenticationRequired", "AuthFactorTokenRequired", *_TOKEN_REFUSED, *_ACCOUNT_STOPPED}
_MAIN_PASSWORD = "com.atproto.access"  # noqa: S105 (the scope of a token that a main password opened)


def open_session(http: Client, who: Identity, password: str) -> Secret:
    """Sign in; the secret to keep. Raises Revoked (a wrong password), Rejected, Unavailable."""
    secret = {"did": who.did, "handle": who.handle, "pds": who.pds, "password": password}
    session = _sign_in(http, secret)
    if _scope(session["access"]) == _MAIN_PASSWORD:
        raise Rejected(
            "This is the password that opens your whole account. Please make an app password for us, in "
            "Bluesky's settings under Privacy and security, and keep this one to yourself."
        )
    return session


def signed_in(http: Client, secret: Secret, call: Callable[[Secret], Response]) -> tuple[Response, Secret | None]:
    """The answer to `call(secret)`, made again with renewed tokens where the old ones have run out.

    With it the renewed secret, if there is one. Raises Revoked when the account or its app password is no
    longer good, Unavailable when the session could not be renewed, and whatever `call` raises.
    """
    response = call(secret)
    if not _refused(response):
        return response, None
    renewed = _renew(http, secret)
    response = call(renewed)
    if _refused(response) and error_of(response)[0]:  # else it is not the server that says so
        raise Revoked("%(answer)s Please connect the channel again.", answer=said(response))
    return response, renewed


def bearer(secret: Secret) -> dict[str, str]:
    """The header of a signed-in call."""
    return {"Authorization": f"Bearer {secret['access']}"}


def _refused(response: Response) -> bool:
    name = error_of(response)[0]
    if name in _ACCOUNT_STOPPED and response.status in (400, 401, 403):
        raise Revoked("%(answer)s Please see to the account, then connect the channel again.", answer=said(response))
    return response.status == 401 or (response.status == 400 and name in _TOKEN_REFUSED)


def _renew(http: Client, secret: Secret) -> Secret:
    url = f"{secret['pds']}/xrpc/com.atproto.server.refreshSession"
    response = _ask(http, url, headers={"Authorization": f"Bearer {secret['refresh']}"})
    if response.status == 200:
        return _session(secret, response)
    if not error_of(response)[0]:
        raise unexplained(response)
    return _sign_in(http, secret)


def _sign_in(http: Client, secret: Secret) -> Secret:
    url = f"{secret['pds']}/xrpc/com.atproto.server.createSession"
    response = _ask(http, url, json={"identifier": secret["did"], "password": secret["password"]})
    if response.status == 200:
        return _session(secret, response)
    if not error_of(response)[0]:
        raise unexplained(response)
    if error_of(response)[0] not in _PASSWORD_REFUSED:
        raise Rejected(said(response))
    who = f"@{secret['handle']}" if secret["handle"] else secret["did"]
    raise Revoked(
        "Bluesky does not take this app password for %(who)s. Make a new one there and connect again.", who=who
    )


def _ask(http: Client, url: str, **what: Any) -> Response:
    """A call about the session alone: whatever becomes of it, nothing was posted."""
    try:
        response = http.post(url, **what)
    except OutcomeUnknown as error:
        raise Unavailable(str(error)) from error
    if response.status == 429 or response.status >= 500:
        raise Unavailable(said(response), retry_at=response.retry_at)
    return response


def _session(secret: Secret, response: Response) -> Secret:
    try:
        answer = response.json()
    except Rejected as error:
        raise unexplained(response) from error
    access, refresh = answer.get("accessJwt"), answer.get("refreshJwt")
    if not isinstance(access, str) or not isinstance(refresh, str) or answer.get("did") != secret["did"]:
        raise Rejected("Bluesky's server opened a session for somebody else.")
    return {**secret, "access": access, "refresh": refresh}


def _scope(token: str) -> str:
    """What a token opens, where it can be read: other servers may make their tokens in other ways."""
    try:
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        return str(claims["scope"])
    except (ValueError, IndexError, KeyError, TypeError):
        return ""
