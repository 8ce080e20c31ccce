"""OAuth 2.0 as every network means it: state, PKCE, what comes back with the browser, what a token endpoint says.

Read with OAuth 2.0 Security Best Current Practice (RFC 9700): the code flow alone, PKCE S256 (RFC 7636) always, the
issuer checked (RFC 9207). It knows no network, and keeps nothing: what must be remembered is `Asked.pending`.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from recommendations.markup import clean_line
from recommendations.networks.base import OutcomeUnknown, Rejected, Unavailable, Unexplained
from recommendations.networks.granting import Declined, Forgotten
from recommendations.networks.http import Response
from recommendations.networks.verdict import OAUTH, own_word, unexplained

CODE_LIMIT = 4_096  # characters of a code
TOKEN_LIMIT = 16_384  # characters of a token; JWTs are the longest
_UNKNOWN_CLIENT = {"invalid_client", "unauthorized_client"}


def new_state() -> str:
    """An unguessable value that comes back with the answer."""
    return secrets.token_urlsafe(32)


def new_verifier() -> str:
    """PKCE's secret half, which stays with us (RFC 7636, 4.1)."""
    return secrets.token_urlsafe(48)


def challenge(verifier: str) -> str:
    """PKCE's public half, method S256 (RFC 7636, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def address(endpoint: str, params: Mapping[str, str]) -> str:
    """An endpoint with parameters; those it has already are kept (RFC 6749, 3.1)."""
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(params)}"


def code_of(answer: Mapping[str, str], *, state: str, issuer: str, must_say_issuer: bool) -> str:
    """The code in what the browser brought back.

    `issuer` is whom we sent the person to, letter for letter as in its metadata. A server that says who it is must
    be that one, and one that promised to say so must do so (RFC 9207, 2.4). Raises Declined, Rejected, Unavailable.
    """
    if not state or not hmac.compare_digest(answer.get("state", "").encode("utf-8", "replace"), state.encode()):
        raise Rejected("This answer belongs to another attempt. Please begin again.")
    says = answer.get("iss")
    if says != issuer and (must_say_issuer or says is not None):
        raise Rejected("The answer came from another server than the one we asked. Nothing was done.")
    error = answer.get("error")
    if error == "access_denied":
        raise Declined("You said no there, so nothing has changed here.")
    if error in ("temporarily_unavailable", "server_error"):
        raise Unavailable(
            "%(issuer)s cannot answer at the moment. Please try again in a few minutes.", issuer=host_of(issuer)
        )
    if error is not None:
        reason = clean_line(answer.get("error_description", "")[:1_000] or error[:1_000], limit=200)
        raise Rejected("%(issuer)s did not agree: %(reason)s", issuer=host_of(issuer), reason=reason)
    code = answer.get("code", "")
    if not code or len(code) > CODE_LIMIT:
        raise Rejected("The answer holds no code. Please begin again.")
    return code


def error_of(response: Response) -> str:
    """The name of an OAuth error (RFC 6749, 5.2); empty where it is not the server's own word."""
    return str((own_word(response, OAUTH) or {}).get("error", ""))


def said(response: Response) -> str:
    """What a server gave as its reason, as the end of a sentence."""
    try:
        body = response.json()
    except Rejected:
        body = {}
    for key in ("error_description", "message", "error"):
        if isinstance(body.get(key), str) and (reason := clean_line(body[key][:1_000], limit=200)):
            return f"{response.host} says: {reason.rstrip('.')}."
    return f"{response.host} answers with status {response.status}."


def tokens(response: Response) -> dict[str, Any]:
    """What a token endpoint hands out: `access_token` is a text of a sane length, the rest is a stranger's word.

    Raises Forgotten, Rejected, Unavailable.
    """
    if response.status == 429 or response.status >= 500:
        raise Unavailable("%(host)s cannot answer at the moment.", host=response.host, retry_at=response.retry_at)
    if response.status != 200:
        if error_of(response) in _UNKNOWN_CLIENT:
            raise Forgotten("%(host)s has forgotten us. Please begin again.", host=response.host)
        raise Rejected("That did not work out. %(answer)s Please begin again.", answer=said(response))
    found = response.json()
    if not is_token(found.get("access_token")):
        raise Rejected("%(host)s gave no token.", host=response.host)
    return found


def renewed(response: Response) -> dict[str, Any]:
    """`tokens` for a refresh token: the grant is over only where the server says so itself, else Unexplained."""
    if response.status == 200:
        try:
            response.json()
        except Rejected as error:
            raise unexplained(response) from error
    elif response.status != 429 and response.status < 500 and not error_of(response):
        raise unexplained(response)
    return tokens(response)


def is_token(value: object) -> bool:
    """Can this stand in a header? (RFC 6750, 2.1)"""
    return isinstance(value, str) and 0 < len(value) <= TOKEN_LIMIT and value.isascii() and value.isprintable()


def scopes_of(value: object, asked: tuple[str, ...]) -> tuple[str, ...]:
    """The scopes a token has: those asked for where the server does not say (RFC 6749, 5.1)."""
    return tuple(value.split()) if isinstance(value, str) and value.strip() else asked


def calmly(call: Callable[[], Response]) -> Response:
    """A call after which nothing stands that anybody sees: a lost answer is no more than Unavailable."""
    try:
        return call()
    except Unexplained:
        raise
    except OutcomeUnknown as error:
        raise Unavailable(str(error)) from error


def endpoint(metadata: Mapping[str, Any], name: str, issuer: str, default: str = "") -> str:
    """An endpoint of an authorization server (RFC 8414), which must be on the issuer's own origin; else Rejected."""
    value = metadata.get(name, default and issuer + default)
    try:
        parts = urlsplit(value) if isinstance(value, str) and len(value) <= 1_000 and value.isprintable() else None
    except ValueError:
        parts = None
    if parts is None or f"{parts.scheme}://{parts.netloc}" != issuer or parts.fragment:
        raise Rejected(
            "%(issuer)s does not say properly where to ask it (%(name)s).", issuer=host_of(issuer), name=name
        )
    return str(value)


def host_of(origin: str) -> str:
    """`https://host:port/` -> `host:port`."""
    return origin.partition("://")[2].removesuffix("/")
