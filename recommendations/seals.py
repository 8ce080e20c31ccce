"""Secrets sealed before they are kept, and fingerprints of what must not be kept at all. Pure.

A token is `1.<key id>.<nonce and ciphertext>`, AES-256-GCM with a random nonce of 96 bits (NIST SP 800-38D,
8.2.2: good for 2**32 seals under one key). The context, such as "channel:7", is bound in: a token copied to
another row does not open there. Keys come as arguments; this piece does not know where they are kept.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = "1"
_NONCE = 12


class Unsealable(Exception):
    """This token was not sealed here, by one of these keys and in this context; or somebody changed it."""


def new_key() -> str:
    """A fresh key: 32 random bytes, as URL-safe text."""
    return _text(os.urandom(32))


def seal(data: bytes, *, keys: Sequence[str], context: str) -> str:
    """Encrypt under the first key. The token is ASCII, about 4/3 of the data and 50 characters long.

    Raises ValueError when there is no key or it is none of `new_key`'s.
    """
    if not keys:
        raise ValueError("There is no key to seal with.")
    raw = _raw(keys[0])
    nonce = os.urandom(_NONCE)
    return f"{_VERSION}.{_key_id(raw)}.{_text(nonce + AESGCM(raw).encrypt(nonce, data, _bound(context)))}"


def unseal(token: str, *, keys: Sequence[str], context: str) -> bytes:
    """What was sealed, under whichever of the keys it was.

    To retire a key, put a new one before it, seal everything anew, then drop it.
    Raises Unsealable; ValueError when a key is none of `new_key`'s.
    """
    version, _, rest = token.partition(".")
    key_id, _, body = rest.partition(".")
    if version != _VERSION:
        raise Unsealable("This secret was not sealed here.")
    raw = next((each for each in map(_raw, keys) if _key_id(each) == key_id), None)
    if raw is None:
        raise Unsealable("The key that sealed this secret is not among the keys.")
    try:
        sealed = _bytes(body)
        return AESGCM(raw).decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(context))
    except (ValueError, InvalidTag) as error:
        raise Unsealable("This secret was changed, or belongs somewhere else.") from error


def fingerprint(text: str, *, key: str) -> str:
    """HMAC-SHA256 of the text, as 64 hex digits: recognises it again without keeping it.

    The key is any secret text; a key that is retired takes its fingerprints with it. Raises ValueError
    without one.
    """
    if not key:
        raise ValueError("There is no key to make fingerprints with.")
    return hmac.digest(_utf8(key), b"fingerprint\0" + _utf8(text), hashlib.sha256).hex()


def _bound(context: str) -> bytes:
    return _VERSION.encode() + b"\0" + _utf8(context)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _key_id(raw: bytes) -> str:
    return hashlib.sha256(b"key id\0" + raw).hexdigest()[:8]


def _raw(key: str) -> bytes:
    try:
        raw = _bytes(key)
    except ValueError:
        raw = b""
    if len(raw) != 32:
        raise ValueError("A key is 32 random bytes as URL-safe Base64 text, as new_key() makes it.")
    return raw


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    """Raises ValueError for whatever is not URL-safe Base64."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
