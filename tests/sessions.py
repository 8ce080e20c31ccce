"""Browsers of people who are signed in, with what their session has proven."""

import base64
import hashlib
import hmac
import struct
import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from accounts.models import User

SECRET = "JBSWY3DPEHPK3PXP"


def signed_in(user: User, **more: Any) -> Client:
    """A browser with an open session, which has proven nothing lately."""
    client = Client(**more)
    client.force_login(user)
    return client


def prove(client: Client, user: User, *, ago: float = 0.0, **record: Any) -> Client:
    """Write into the session that its owner showed something a while ago, as allauth does."""
    session = client.session
    session["account_authentication_methods"] = [
        *session.get("account_authentication_methods", []),
        {"at": time.time() - ago, **record},
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client


def reauthenticated(client: Client, user: User, *, ago: float = 0.0) -> Client:
    """The same browser, whose owner has just shown once more who they are."""
    return prove(client, user, ago=ago, method="code", reauthenticated=True)


def totp_code(*, at: float | None = None) -> str:
    """What the person's authenticator app shows (RFC 6238)."""
    steps = struct.pack(">Q", int(time.time() if at is None else at) // 30)
    digest = hmac.new(base64.b32decode(SECRET), steps, hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def factor(user: User) -> Authenticator:
    """The person's authenticator app, set up where there was none."""
    known = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if known is None:
        known = TOTP.activate(user, SECRET).instance
        RecoveryCodes.activate(user)
    return known


def with_second_factor(client: Client, user: User) -> Client:
    """The same browser, whose owner signed in with their authenticator app."""
    made = factor(user)
    return prove(client, user, method="mfa", type="totp", id=made.pk)
