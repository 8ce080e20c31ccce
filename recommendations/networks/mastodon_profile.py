"""What a Mastodon-compatible server says of an account -> Found. Pure: no call is made.

Two forms: the API's Account, and the ActivityPub actor. Nothing in them is trusted to be there, to be of its type,
or to be short.
"""

import re
from collections.abc import Iterable
from datetime import date
from html.parser import HTMLParser
from typing import Any

from recommendations.consent import Signal, bio_declines
from recommendations.handles import Handle, Unreadable, parse
from recommendations.markup import clean_line, plain_text
from recommendations.networks.base import Found
from recommendations.networks.webfinger import Identity, is_web_address, own_page

AVATAR_LIMIT = 1_000
FIELDS_READ = 50  # servers allow 4 to 16
LINKS_KEPT = 20
_FIELD_LIMIT = 5_000  # characters of a field's HTML
_NAME_LIMIT = 1_000  # characters of a display name that are read; fewer are kept
_NO_AVATAR = "/missing.png"  # Mastodon's own stand-in
_PUBLIC = ("https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public")
_SHORTCODE = re.compile(r":([A-Za-z0-9_]+):")

Json = dict[str, Any]


def from_account(account: Json, who: Identity) -> Found:
    """From the API's Account entity (docs.joinmastodon.org/entities/Account)."""
    fields = _objects(account.get("fields"))
    bio = plain_text(_text(account, "note"))
    moved = account.get("moved")
    if account.get("suspended") or account.get("memorial"):
        signal = Signal.NEVER
    elif _declines(bio, fields):
        signal = Signal.DECLINED
    elif moved:
        signal = Signal.UNKNOWN  # whatever they allowed was for an account they have left
    elif "feature_approval" in account:
        signal = _feature_approval(account["feature_approval"])
    else:
        listed = account.get("discoverable") is True and account.get("noindex") in (None, False)
        signal = Signal.AUTOMATIC if listed and account.get("locked") is False else Signal.UNKNOWN
    shortcodes = {_text(each, "shortcode") for each in _objects(account.get("emojis"))}
    avatar = account.get("avatar_static") or account.get("avatar")
    return Found(
        handle=who.handle,
        uri=who.actor,
        page_url=_page(account.get("url"), who),
        name=_name(_text(account, "display_name"), shortcodes),
        bio=bio,
        avatar_url=_avatar(avatar),
        signal=signal,
        moved_to=_moved_account(moved, who),
        last_active_on=_day(_text(account, "last_status_at")),
        links=_links(fields),
    )


def from_actor(actor: Json, who: Identity) -> Found:
    """From the ActivityPub actor, for servers whose API does not tell strangers."""
    fields = [each for each in _objects(actor.get("attachment")) if each.get("type") == "PropertyValue"]
    bio = plain_text(_text(actor, "summary"))
    moved = actor.get("movedTo")
    policy = actor.get("interactionPolicy")
    if actor.get("suspended") or actor.get("memorial"):
        signal = Signal.NEVER
    elif _declines(bio, fields):
        signal = Signal.DECLINED
    elif moved:
        signal = Signal.UNKNOWN
    elif isinstance(policy, dict) and "canFeature" in policy:
        signal = _can_feature(policy["canFeature"], who)
    else:
        listed = actor.get("discoverable") is True and actor.get("manuallyApprovesFollowers") is False
        signal = Signal.AUTOMATIC if listed else Signal.UNKNOWN
    emojis = (each for each in _objects(actor.get("tag")) if each.get("type") == "Emoji")
    icons = [each.get("url") for each in _objects(actor.get("icon"))]
    pages = [each.get("href") if isinstance(each, dict) else each for each in _list(actor.get("url"))]
    return Found(
        handle=who.handle,
        uri=who.actor,
        page_url=next((_page(each, who) for each in pages if own_page(each, who.handle, who.host)), who.page_url),
        name=_name(_text(actor, "name"), {_text(each, "name").strip(":") for each in emojis}),
        bio=bio,
        avatar_url=next(filter(None, map(_avatar, icons)), ""),
        signal=signal,
        moved_to=_read(moved) if isinstance(moved, str) else None,
        links=_links(fields),
    )


def _day(text: str) -> date | None:
    """A date, or (before Mastodon 3.1) a moment; None for whatever is neither."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _feature_approval(policy: object) -> Signal:
    """Mastodon 4.6 (entities/Account#feature_approval).

    `current_user` answers for the asker, and we ask without a token, which is always "denied"; so the lists count.
    Empty lists are how a server writes that nobody may (app/models/concerns/account/interaction_policy_concern.rb).
    """
    if not isinstance(policy, dict) or policy.get("current_user") in ("missing", "unknown"):
        return Signal.UNKNOWN
    automatic, manual = policy.get("automatic"), policy.get("manual")
    if not isinstance(automatic, list) or not isinstance(manual, list):
        return Signal.UNKNOWN
    if "public" in automatic:
        return Signal.AUTOMATIC
    if "public" in manual:
        return Signal.MANUAL
    nobody = all(each == "disabled" for each in [*automatic, *manual])
    return Signal.DECLINED if nobody else Signal.UNKNOWN


def _can_feature(policy: object, who: Identity) -> Signal:
    """The same as it stands in an actor (FEP-7aa9): lists of URIs; nobody is written as the actor alone."""
    if not isinstance(policy, dict):
        return Signal.UNKNOWN
    automatic, manual = _list(policy.get("automaticApproval")), _list(policy.get("manualApproval"))
    if any(each in _PUBLIC for each in automatic):
        return Signal.AUTOMATIC
    if any(each in _PUBLIC for each in manual):
        return Signal.MANUAL
    nobody = all(each == who.actor for each in [*automatic, *manual])
    return Signal.DECLINED if nobody else Signal.UNKNOWN


def _declines(bio: str, fields: list[Json]) -> bool:
    return bio_declines(bio) or any(
        bio_declines(plain_text(_text(each, key)[:_FIELD_LIMIT])) for each in fields for key in ("name", "value")
    )


def _name(text: str, shortcodes: Iterable[str]) -> str:
    """A display name without the server's own emoji, which would stand there as :words:."""
    known = set(shortcodes)
    return clean_line(_SHORTCODE.sub(lambda found: "" if found[1] in known else found[0], text[:_NAME_LIMIT]))


def _avatar(url: object) -> str:
    return str(url) if is_web_address(url, AVATAR_LIMIT) and not str(url).endswith(_NO_AVATAR) else ""


def _page(url: object, who: Identity) -> str:
    return str(url) if own_page(url, who.handle, who.host) else who.page_url


def _moved_account(moved: object, who: Identity) -> Handle | None:
    if not isinstance(moved, dict):
        return None
    acct = _text(moved, "acct")
    return _read(f"@{acct}" if "@" in acct else f"@{acct}@{who.handle.host}")


def _read(text: str) -> Handle | None:
    try:
        return parse(text)
    except Unreadable:
        return None


def _links(fields: list[Json]) -> tuple[str, ...]:
    """Where the fields say `rel="me"`, and whatever stands in a field the server has verified itself."""
    found: dict[str, None] = {}
    for field in fields:
        anchors = _Anchors()
        try:
            anchors.feed(_text(field, "value")[:_FIELD_LIMIT])
        except AssertionError:  # html.parser's answer to some malformed declarations
            continue
        for href, rel in anchors.found:
            if "me" in rel or isinstance(field.get("verified_at"), str):
                found[href] = None
    return tuple(found)[:LINKS_KEPT]


class _Anchors(HTMLParser):
    """Collects the web links of a piece of HTML: (href, the words of rel)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        href = given.get("href") or ""
        if tag == "a" and href.startswith(("https://", "http://")) and len(href) <= 1_000 and href.isprintable():
            self.found.append((href, (given.get("rel") or "").lower().split()))


def _text(thing: Json, key: str) -> str:
    value = thing.get(key)
    return value if isinstance(value, str) else ""


def _list(value: object) -> list[Any]:
    """JSON-LD writes a list of one as the one."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _objects(value: object) -> list[Json]:
    return [each for each in _list(value)[:FIELDS_READ] if isinstance(each, dict)]
