"""A part of a thread -> the status that stands for it, and the way back: is this status that part? Pure.

It knows the API's Status entity (docs.joinmastodon.org/entities/Status), not how it is fetched. Nothing in one is
trusted to be there, to be of its type, or to be short.
"""

import html
import re
import unicodedata
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import regex

from recommendations.markup import plain_text
from recommendations.networks.base import Rejected
from recommendations.networks.mastodon_api import identifier
from recommendations.networks.posting import Part, Receipt
from recommendations.networks.webfinger import PAGE_LIMIT, is_web_address

Json = dict[str, Any]

SAME_WORDS = 0.75  # the share of words that two texts must have in common to be one part
SAME_WORDS_AND_LINK = 0.5  # where the link of the edition is there, too

_CONTENT_READ = 30_000  # characters of a status's HTML
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_URL = regex.compile(r"https?://[^\s<>\"]+", flags=regex.IGNORECASE)
_HREF = regex.compile(r"\bhref\s*=\s*[\"']([^\"']{1,2000})", flags=regex.IGNORECASE)
# Addresses, also without their scheme or cut by an ellipsis, and the hosts of mentions. Possessive: long runs of
# letters must not take quadratic time.
_ADDRESS = regex.compile(r"https?://\S++|(?<![\w-])[\w-]++(?:\.[\w-]++)++(?:[/?#…]\S*+)?", flags=regex.IGNORECASE)
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")


def body(part: Part, *, parent: Json | None, picture: Json | None) -> Json:
    """The JSON body of a POST, always the same for the same arguments. Raises Rejected.

    The first part is public, all others are "unlisted" (quiet public): followers and the thread show them, but
    only the first turns up on public timelines and under its hashtag. So a thread of a dozen parts takes one
    place there, as servers' rules for automatic accounts ask for; mentions notify either way. There never is a
    `scheduled_at`: it ignores the idempotency key (mastodon#30039), and some kin post at once.
    """
    if not part.text.strip():
        raise Rejected("There is nothing in this post.")
    made: Json = {"status": part.text, "visibility": "unlisted" if parent else "public", "sensitive": False}
    if _LANGUAGE.fullmatch(part.language):
        made["language"] = part.language
    if parent:
        made["in_reply_to_id"] = parent["id"]
    if picture:
        made["media_ids"] = [picture["id"]]
    return made


def receipt(status: Json, *, account: str, server: str) -> Receipt | None:
    """From a Status; None if it has no id, or is not by this account."""
    author, remote_id = status.get("account"), identifier(status.get("id"))
    if not remote_id or not isinstance(author, dict) or identifier(author.get("id")) != account:
        return None
    addresses = (status.get("url"), status.get("uri"), f"{server}/statuses/{remote_id}")
    url = next((str(each) for each in addresses[:2] if is_web_address(each, PAGE_LIMIT)), addresses[2])
    return Receipt(remote_id=remote_id, url=str(url), reference={"id": remote_id})


def is_part(status: Json, wire: Json) -> bool:
    """Does this status of ours stand for what `wire` asked for?

    A reply is known by its parent, which no other part of the thread has, and its words; the first part by not
    being a reply, by its link, and its words. Words are compared as by `likeness`. They need not all agree,
    for servers render texts in their own ways; but what somebody else wrote by hand below the same post, on the same
    account, has other words.
    """
    if status.get("reblog") or (parent_of(status) or None) != wire.get("in_reply_to_id"):
        return False
    content = status.get("content")
    content = content if isinstance(content, str) else ""
    enough = SAME_WORDS
    addresses = _URL.findall(wire["status"])
    if not wire.get("in_reply_to_id") and addresses:
        if not _has_link(content, addresses[-1]):  # the edition's link stands last (threads.compose)
            return False
        enough = SAME_WORDS_AND_LINK
    return likeness(wire["status"], content) >= enough


def parent_of(status: Json) -> str:
    """The id of the status this one replies to; empty if it is no reply, "?" if nobody can tell to what."""
    parent = status.get("in_reply_to_id")
    return "" if parent is None else identifier(parent) or "?"


def likeness(ours: str, content: str) -> float:
    """How much of their words a text and a status's HTML have in common: 0 to 1, in whatever order.

    Only letters and digits count, in NFKC and case-folded, so that rendered Markdown, emoji and typography change
    nothing; addresses are left out, for servers shorten them as they like, and of a mention its host, which
    Mastodon hides. A text that a server has cut, and ended with an ellipsis, is compared with as much of ours.
    """
    shown = plain_text(content, _CONTENT_READ)
    mine, theirs = _words(ours), _words(shown)
    if shown.rstrip(" ])").endswith(("…", "...")) and len(mine) // 2 <= len(theirs) < len(mine):
        mine, theirs = mine[: len(theirs) - 1], theirs[:-1]  # the last word may be cut, too
    if not mine or not theirs:
        return float(mine == theirs)
    return (Counter(mine) & Counter(theirs)).total() / max(len(mine), len(theirs))


def made_at(status: Json) -> datetime | None:
    """When the server says that it was made; None if it does not, or leaves the zone open."""
    moment = status.get("created_at")
    try:
        made = datetime.fromisoformat(moment) if isinstance(moment, str) else None
        return made.astimezone(UTC) if made and made.tzinfo else None
    except (ValueError, OverflowError):
        return None


def media_of(status: Json) -> list[str]:
    """The ids of the pictures it carries."""
    media = status.get("media_attachments")
    objects = [each for each in media if isinstance(each, dict)] if isinstance(media, list) else []
    return [found for each in objects if (found := identifier(each.get("id")))]


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", _ADDRESS.sub(" ", text)).casefold())


def _has_link(content: str, address: str) -> bool:
    content = content[:_CONTENT_READ]
    found = [html.unescape(each) for each in _HREF.findall(content)] + _URL.findall(plain_text(content, _CONTENT_READ))
    return address.rstrip("/") in {each.rstrip("/") for each in found}
