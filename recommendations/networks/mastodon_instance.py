"""What a server says of itself: how long a post may be, and whether it is Mastodon or its kin.

It knows no account. Nothing in the documents is trusted to be there, to be of its type, or to be sensible.
"""

import re
import time
from dataclasses import dataclass
from typing import Any

from recommendations.measures import Limits
from recommendations.networks.base import Rejected, Unavailable
from recommendations.networks.mastodon_api import NOT_THERE, Api
from recommendations.networks.verdict import MASTODON, own_word

CHARACTERS, URL_LENGTH, IMAGES, DESCRIPTION = 500, 23, 4, 1_500  # Mastodon's own, where a server does not say
SHORTEST_POST = 140  # threads.MINIMUM_CHARACTERS, which a network does not know
LONGEST_POST = 10_000  # some servers allow a hundred thousand: nobody reads that, and a look must compare it

_MOST_SPARE = 500  # characters
_PATHS = ("/api/v2/instance", "/api/v1/instance")
_PLAIN_VERSION = re.compile(r"([1-9]\d{0,2})\.(\d{1,3})\.\d{1,3}(?:[-+.]?[A-Za-z0-9][A-Za-z0-9.+-]{0,100})?")
_SOURCE = re.compile(r"https://[^/\s]+/[^/\s]+/mastodon(?:\.git)?/?")


@dataclass(frozen=True, slots=True)
class Instance:
    """A server's limits, and whether it keeps its word about `Idempotency-Key`."""

    limits: Limits
    honours_keys: bool = False
    said: bool = True  # False: something else may have answered in its place, and these are the usual limits


def instance(api: Api, *, timeout: float) -> Instance:
    """What the server says: by the newer document, by the older one, or else what is usual.

    Raises Rejected where posts are so short that no edition fits, and Unavailable.
    """
    until = time.monotonic() + timeout
    document: dict[str, Any] = {}
    unread = False
    for path in _PATHS:
        response = api.get(path, timeout=until - time.monotonic())
        if response.status == 429 or (response.status >= 500 and response.status != 501):
            raise Unavailable("%(host)s cannot answer at the moment.", host=response.host, retry_at=response.retry_at)
        if not 200 <= response.status < 300:
            unread = unread or (response.status not in NOT_THERE and own_word(response, MASTODON) is None)
            continue  # it has no such document
        try:
            document, unread = response.json(), False
        except Rejected:
            unread = True
            continue
        break
    found = Instance(_limits(document), _honours_keys(document), said=not unread)
    if found.limits.characters < SHORTEST_POST:
        raise Rejected(
            "Posts there may have %(characters)s characters. We need %(shortest_post)s, or a person and the reason "
            "to follow them do not fit.",
            characters=found.limits.characters,
            shortest_post=SHORTEST_POST,
        )
    return found


def _limits(document: dict[str, Any]) -> Limits:
    """`configuration` is the same in both documents; Pleroma and others keep `max_toot_chars` beside it.

    Kin count in their own ways, whatever they announce: GoToSocial says 25 for a URL and counts each code point of it,
    and of the host in a mention (internal/api/client/statuses/statuscreate.go). There URLs count in full, and
    some room is left free.
    """
    configuration = _object(document, "configuration")
    statuses, media = _object(configuration, "statuses"), _object(configuration, "media_attachments")
    characters = _number(statuses.get("max_characters"), _number(document.get("max_toot_chars"), CHARACTERS))
    url_length = _number(statuses.get("characters_reserved_per_url"), URL_LENGTH)
    if document.get("version") and not _major(document):
        spare = min(characters // 5, _MOST_SPARE)
        characters, url_length = max(characters - spare, min(characters, SHORTEST_POST)), 0
    return Limits(
        characters=min(characters, LONGEST_POST),
        url_length=min(url_length, 1_000) or None,  # some say 0: URLs count in full there
        images=min(_number(statuses.get("max_media_attachments"), IMAGES), 100),
        alt_length=min(_number(media.get("description_limit"), DESCRIPTION), 100_000) or DESCRIPTION,
        edits=_takes_edits(document),
    )


def _honours_keys(document: dict[str, Any]) -> bool:
    """Is this Mastodon 4 or later, or a fork that says so?

    Its source, which only the newer document names, is a repository called mastodon, and so its version is Mastodon's
    own. Who is taken for kin by mistake loses nothing: we look twice before we repeat.
    """
    source = document.get("source_url")
    return _major(document) >= 4 and isinstance(source, str) and _SOURCE.fullmatch(source.lower()) is not None


def _takes_edits(document: dict[str, Any]) -> bool | None:
    """Whether posts can be edited there: since Mastodon 3.5. Of kin, nobody knows before one is tried."""
    version = document.get("version")
    found = _PLAIN_VERSION.fullmatch(version) if isinstance(version, str) else None
    return (int(found[1]), int(found[2])) >= (3, 5) if found else None


def _major(document: dict[str, Any]) -> int:
    """The first number of Mastodon's version; 0 for kin.

    Kin add words ("2.7.2 (compatible; Pleroma 2.6.0)"), or count from 0 (GoToSocial).
    """
    version = document.get("version")
    found = _PLAIN_VERSION.fullmatch(version) if isinstance(version, str) else None
    return int(found[1]) if found else 0


def _object(thing: dict[str, Any], key: str) -> dict[str, Any]:
    value = thing.get(key)
    return value if isinstance(value, dict) else {}


def _number(value: object, otherwise: int) -> int:
    """A whole number of 0 or more; some servers write them as strings."""
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value[:12])
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else otherwise
