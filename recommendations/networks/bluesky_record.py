"""A part of a thread -> the record that stands for it on Bluesky (lexicon app.bsky.feed.post). Pure.

The server checks less than it shows: it takes facets that point past the end of the text, into the middle of
a character or over one another, so all that is checked here.
"""

import re
from datetime import UTC
from itertools import pairwise
from typing import Any

import regex

from recommendations.handles import is_did
from recommendations.measures import Limits
from recommendations.networks.base import Rejected
from recommendations.networks.posting import Part

COLLECTION = "app.bsky.feed.post"
LIMITS = Limits(characters=300, bytes=3_000, images=4, alt_length=2_000)  # alt: as the network's own app has it

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_LINK = re.compile(r"https?://[!-~]+")
_TAG_BYTES, _TAG_GRAPHEMES = 640, 64  # lexicon app.bsky.richtext.facet


def record(
    part: Part,
    *,
    root: dict[str, Any] | None,
    parent: dict[str, Any] | None,
    picture: dict[str, Any] | None,
) -> dict[str, Any]:
    """The record, always the same for the same arguments. `root` and `parent` are {"uri", "cid"}.

    Raises Rejected for what Bluesky would refuse, or show wrongly.
    """
    if part.created_at is None or part.created_at.tzinfo is None:
        raise Rejected("A post on Bluesky needs the moment it was made, with its time zone.")
    if (root is None) != (parent is None):
        raise Rejected("A reply on Bluesky needs to name both its thread's first post and the one before it.")
    moment = part.created_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    made: dict[str, Any] = {"$type": COLLECTION, "text": _checked_text(part.text), "createdAt": moment}
    if _LANGUAGE.fullmatch(part.language):
        made["langs"] = [part.language]
    if part.facets:
        made["facets"] = _facets(part)
    if root and parent:
        made["reply"] = {"root": root, "parent": parent}
    if picture:
        made["embed"] = {"$type": "app.bsky.embed.images", "images": [picture]}
    return made


def _checked_text(text: str) -> str:
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise Rejected("The post's text holds half a character.") from None
    characters = len(regex.findall(r"\X", text))
    assert LIMITS.bytes is not None
    if not text.strip() or characters > LIMITS.characters or size > LIMITS.bytes:
        raise Rejected(
            "A post on Bluesky may have %(most)s characters and %(most_bytes)s bytes; this one has %(has)s and "
            "%(bytes)s.",
            most=LIMITS.characters,
            most_bytes=LIMITS.bytes,
            has=characters,
            bytes=size,
        )
    return text


def _facets(part: Part) -> list[dict[str, Any]]:
    data = part.text.encode()
    for facet in part.facets:
        start, end = facet["start"], facet["end"]
        if not 0 <= start < end <= len(data) or _inside_a_character(data, start, end):
            raise Rejected("A %(kind)s in the post does not cover whole characters of its text.", kind=facet["kind"])
    ordered = sorted(part.facets, key=lambda facet: int(facet["start"]))
    if any(before["end"] > after["start"] for before, after in pairwise(ordered)):
        raise Rejected("Two links, tags or mentions in the post overlap.")
    return [
        {
            "index": {"byteStart": facet["start"], "byteEnd": facet["end"]},
            "features": [_feature(facet["kind"], facet["value"])],
        }
        for facet in ordered
    ]


def _inside_a_character(data: bytes, *places: int) -> bool:
    """Do any of these offsets point at a continuation byte (10xxxxxx)?"""
    return any(data[place] & 0xC0 == 0x80 for place in places if place < len(data))


def _feature(kind: str, value: str) -> dict[str, str]:
    match kind:
        case "mention" if is_did(value):
            field = "did"
        case "link" if _LINK.fullmatch(value):
            field = "uri"
        case "tag" if 0 < len(value.encode()) <= _TAG_BYTES and len(regex.findall(r"\X", value)) <= _TAG_GRAPHEMES:
            field = "tag"
        case _:
            raise Rejected(
                "The post holds a %(kind)s that Bluesky does not know: %(value)s.", kind=kind, value=repr(value[:100])
            )
    return {"$type": f"app.bsky.richtext.facet#{kind}", field: value}
