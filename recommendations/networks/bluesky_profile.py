"""What an account says of itself on Bluesky, in our words: its profile record, read from its own server.

It does not know how the account was found. Every field may hold anything, or nothing.
"""

import re
import time
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from recommendations.consent import Signal, bio_declines
from recommendations.handles import Handle, Network
from recommendations.markup import clean_line, clean_text
from recommendations.networks.atproto import Identity, error_of, said
from recommendations.networks.base import Found, NotFound, Rejected, Unavailable
from recommendations.networks.http import Client
from recommendations.networks.tid import moment_of

COLLECTION = "app.bsky.actor.profile"
POSTS = "app.bsky.feed.post"

_CID = re.compile(r"[A-Za-z0-9]{8,128}")
_HIDDEN = {"RepoTakendown", "RepoSuspended", "RepoDeactivated"}


def found(http: Client, who: Identity, until: float) -> Found:
    """The profile, before `until`; NEVER if the account is taken down or asleep, bare if it has none yet.

    Raises NotFound, Rejected, Unavailable.
    """
    bare = Found(handle=handle_of(who), uri=who.did, page_url=page_url(who.did), signal=Signal.NEVER)
    profile = _record(http, who, until)
    if profile is None:
        return bare
    bio = clean_text(_string(profile.get("description")))
    return replace(
        bare,
        name=clean_line(_string(profile.get("displayName"))),
        bio=bio,
        avatar_url=_avatar_url(who, profile.get("avatar")),
        signal=Signal.DECLINED if bio_declines(bio) else Signal.AUTOMATIC,
        members_only="!no-unauthenticated" in _self_labels(profile),
        last_active_on=_last_post(http, who, until),
    )


def handle_of(who: Identity) -> Handle:
    """The proven handle, else the DID in its place."""
    return Handle(Network.BLUESKY, who.handle or who.did)


def page_url(did: str) -> str:
    """By DID: a handle may change hands, and its page would then be somebody else's."""
    return f"https://bsky.app/profile/{did}"


def _record(http: Client, who: Identity, until: float) -> dict[str, Any] | None:
    """The record, {} if there is none, None if the account is not to be seen."""
    response = http.get(
        f"{who.pds}/xrpc/com.atproto.repo.getRecord",
        params={"repo": who.did, "collection": COLLECTION, "rkey": "self"},
        timeout=until - time.monotonic(),
    )
    if response.status == 200:
        answer = response.json()
        value = answer.get("value")
        if answer.get("uri") != f"at://{who.did}/{COLLECTION}/self" or not isinstance(value, dict):
            raise Rejected("The account's server answered about somebody else.")
        return value
    if response.status in (400, 404):
        # No profile yet, or no account: the answer is the same for both, so the account's state is asked for.
        return {} if _is_active(http, who, until) else None
    raise Unavailable(said(response), retry_at=response.retry_at)


def _is_active(http: Client, who: Identity, until: float) -> bool:
    response = http.get(
        f"{who.pds}/xrpc/com.atproto.sync.getRepoStatus",
        params={"did": who.did},
        timeout=until - time.monotonic(),
    )
    if response.status == 200:
        return response.json().get("active") is True
    name = error_of(response)[0]
    if name == "RepoNotFound":
        raise NotFound("This account is no longer on its server.")
    if name not in _HIDDEN:
        raise Unavailable(said(response), retry_at=response.retry_at)
    return False


def _last_post(http: Client, who: Identity, until: float) -> date | None:
    """When they last posted: records are listed from the newest key on, and the keys of posts are moments.

    It is not worth failing for: whatever goes wrong, nobody tells.
    """
    try:
        response = http.get(
            f"{who.pds}/xrpc/com.atproto.repo.listRecords",
            params={"repo": who.did, "collection": POSTS, "limit": "1"},
            timeout=until - time.monotonic(),
        )
        records = response.json().get("records") if response.status == 200 else None
    except (Rejected, Unavailable):
        return None
    newest = records[0] if isinstance(records, list) and records else None
    uri = _string(newest.get("uri")) if isinstance(newest, dict) else ""
    moment = moment_of(uri.removeprefix(f"at://{who.did}/{POSTS}/"))
    return moment.date() if moment else None


def _avatar_url(who: Identity, avatar: Any) -> str:
    """Where the server keeps the picture; from {"ref": {"$link": cid}}, or the {"cid"} of the first years."""
    if not isinstance(avatar, dict):
        return ""
    ref = avatar.get("ref")
    cid = ref.get("$link") if isinstance(ref, dict) else avatar.get("cid")
    if not isinstance(cid, str) or not _CID.fullmatch(cid):
        return ""
    return f"{who.pds}/xrpc/com.atproto.sync.getBlob?{urlencode({'did': who.did, 'cid': cid})}"


def _self_labels(profile: dict[str, Any]) -> set[str]:
    """What the person says of the profile (lexicon com.atproto.label.defs#selfLabels)."""
    labels = profile.get("labels")
    values = labels.get("values") if isinstance(labels, dict) else None
    return {
        _string(value.get("val")) for value in (values if isinstance(values, list) else []) if isinstance(value, dict)
    }


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
