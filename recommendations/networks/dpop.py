"""DPoP (RFC 9449): every request is signed with a key of this very session, so a stolen token alone opens nothing.

ES256 keys, kept as JWK (RFC 7517) with their private half `d`, so that they fit into a sealed secret. It knows
requests and nonces, not what they are for.
"""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from recommendations.networks.base import Rejected
from recommendations.networks.http import Response

Jwk = dict[str, str]

_NONCE_LIMIT = 1_000
_PUBLIC = ("kty", "crv", "x", "y")


def new_key() -> Jwk:
    """A fresh private key on P-256."""
    return {**ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()), as_dict=True)}


def proof(key: Jwk, method: str, url: str, *, nonce: str = "", token: str = "") -> str:
    """The DPoP header for one request; `token` is the access token that goes with it (RFC 9449, 4.2)."""
    parts = urlsplit(url)
    claims = {
        "jti": secrets.token_urlsafe(16),
        "htm": method,
        "htu": f"{parts.scheme}://{parts.netloc}{parts.path}",
        "iat": int(time.time()),
    }
    if nonce:
        claims["nonce"] = nonce
    if token:
        claims["ath"] = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
    header = {"typ": "dpop+jwt", "jwk": {name: key[name] for name in _PUBLIC}}
    private = ECAlgorithm.from_jwk(json.dumps(key))
    return jwt.encode(claims, private, algorithm="ES256", headers=header)  # type: ignore[arg-type]


def signed(
    send: Callable[[Mapping[str, str]], Response],
    *,
    key: Jwk,
    method: str,
    url: str,
    nonces: dict[str, str],
    token: str = "",
) -> Response:
    """The answer to `send(headers)`; sent once more where the server wants a nonce it has only now told us.

    Such a refusal comes before anything is done (RFC 9449, 8 and 9: 400 from an authorization server, 401 from a
    resource). `nonces` is kept up to date: the last one that each origin gave.
    """
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    for again in (False, True):
        headers = {"DPoP": proof(key, method, url, nonce=nonces.get(origin, ""), token=token)}
        if token:
            headers["Authorization"] = f"DPoP {token}"
        response = send(headers)
        nonce = response.headers.get("dpop-nonce", "")
        if 0 < len(nonce) <= _NONCE_LIMIT:
            nonces[origin] = nonce
        if again or not nonce or not _wants_nonce(response):
            break
    return response


def _wants_nonce(response: Response) -> bool:
    if response.status == 401 and "use_dpop_nonce" in response.headers.get("www-authenticate", ""):
        return True
    if response.status not in (400, 401):
        return False
    try:
        body: dict[str, Any] = response.json()
    except Rejected:
        return False
    return body.get("error") == "use_dpop_nonce"
