"""What an account says of itself on X, in our words. Every field may hold anything, or nothing."""

import re
from typing import Any

from recommendations.consent import Signal, bio_declines
from recommendations.handles import Handle, Network, Unreadable, page_url, parse
from recommendations.markup import clean_line, clean_text
from recommendations.networks.base import Found, NotFound, Options, Unavailable
from recommendations.networks.http import Client
from recommendations.networks.x_api import as_written, entries, entry, read, word

_NAME = re.compile(r"[A-Za-z0-9_]{1,15}")
_ID = re.compile(r"[0-9]{1,19}")
_FIELDS = {"user.fields": "description,entities,profile_image_url,protected"}
_HTTPS = "https://"


def found(http: Client, options: Options, handle: Handle, timeout: float) -> Found:
    """The profile at a handle. Who is suspended is not found: X does not say who that was.

    Raises NotFound, Rejected, Unavailable.
    """
    if not _NAME.fullmatch(handle.name):
        raise NotFound("That cannot be a name on X: those have 1 to 15 letters, digits and _.")
    url = f"{options.x_api}/2/users/by/username/{handle.name}"
    answer = read(http, url, options.x_bearer, params=_FIELDS, timeout=timeout)
    if "data" not in answer and entries(answer.get("errors")):
        raise NotFound("There is nobody (any more) at %(handle)s on X. Please check the spelling.", handle=handle)
    return _profile(answer.get("data"))


def myself(http: Client, options: Options, token: str) -> Found:
    """Whose token this is. Raises Revoked, Rejected, Unavailable."""
    return _profile(read(http, f"{options.x_api}/2/users/me", token, params=_FIELDS).get("data"))


def uri(user: str) -> str:
    """The permanent address of an account, by its number; the name may change."""
    return f"https://x.com/i/user/{user}"


def number(uri: str) -> str:
    """The number in such an address."""
    return uri.rpartition("/")[2]


def _profile(data: Any) -> Found:
    user = entry(data)
    number = word(user.get("id"))
    try:
        handle = parse(word(user.get("username")), Network.X)
    except Unreadable:
        handle = None
    if handle is None or handle.network != Network.X or not _ID.fullmatch(number):
        raise Unavailable("X's answer about this account cannot be read.")
    bio = clean_text(as_written(word(user.get("description")), entry(user.get("entities")).get("description")))
    avatar = word(user.get("profile_image_url"))
    return Found(
        handle=handle,
        uri=uri(number),
        page_url=page_url(handle),
        name=clean_line(word(user.get("name"))),
        bio=bio,
        avatar_url=avatar if avatar.startswith(_HTTPS) else "",
        signal=_signal(bio, user.get("protected")),
    )


def _signal(bio: str, protected: Any) -> Signal:
    """Who shows posts to approved followers alone did not ask to be listed: silence is no."""
    if bio_declines(bio):
        return Signal.DECLINED
    return Signal.UNKNOWN if protected else Signal.AUTOMATIC
