"""Bluesky: who is there, and posts that stand exactly once.

A post is written with `com.atproto.repo.putRecord` under a key of our own and `swapRecord: null`: if nothing
stands there it is made, the same record again changes nothing, another one is refused with InvalidSwap. So in
doubt the same put is repeated. (Read in @atproto/pds 0.5: putRecord compares content ids before it swaps.)

This piece knows no edition, channel or delivery; `Part.facets` are `measures.Facet.as_json`.
"""

import json
import re
import time
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from recommendations.consent import Signal, bio_declines
from recommendations.handles import Handle, Network, Unreadable, parse
from recommendations.markup import clean_line, clean_text
from recommendations.networks import bluesky_session as sessions
from recommendations.networks.atproto import Identity, error_of, identify, said
from recommendations.networks.base import (
    Connected,
    Found,
    Limits,
    NotFound,
    Options,
    OutcomeUnknown,
    Part,
    Picture,
    Receipt,
    Rejected,
    Sent,
    Unavailable,
)
from recommendations.networks.bluesky_record import COLLECTION, LIMITS, record
from recommendations.networks.http import Response, client
from recommendations.networks.tid import is_tid

PROFILE = "app.bsky.actor.profile"
PICTURE_BYTES = 2_000_000  # lexicon app.bsky.embed.images
CONNECT_SECONDS = 10.0
WRITE_SECONDS = 20.0

_CID = re.compile(r"[A-Za-z0-9]{8,128}")
_GONE = {"RepoTakendown", "RepoSuspended", "RepoDeactivated"}


class Bluesky:
    """A Reader and a Poster. Holds nothing but its options; safe to use from many threads."""

    network = Network.BLUESKY

    def __init__(self, options: Options) -> None:
        self._options = options
        self._http = client(options)

    def look_up(self, handle: Handle, *, timeout: float = 2.0) -> Found:
        """By handle or, written as its name, by DID. An account that is taken down or asleep is found as NEVER.

        Raises NotFound, Rejected, Unavailable.
        """
        until = time.monotonic() + timeout
        who = identify(handle.name, http=self._http, options=self._options, until=until)
        found = Found(handle=_handle(who), uri=who.did, page_url=_page_url(who.did))
        profile = self._profile(who, until)
        if profile is None:
            return replace(found, signal=Signal.NEVER)
        bio = clean_text(_string(profile.get("description")))
        return replace(
            found,
            name=clean_line(_string(profile.get("displayName"))),
            bio=bio,
            avatar_url=_avatar_url(who, profile.get("avatar")),
            signal=Signal.DECLINED if bio_declines(bio) else Signal.AUTOMATIC,
            members_only="!no-unauthenticated" in _self_labels(profile),
        )

    def connect(self, **credentials: str) -> Connected:
        """`handle` and `password`, which must be an app password, not the one that opens the whole account."""
        try:
            typed = parse(credentials["handle"], Network.BLUESKY)
        except Unreadable as error:
            raise Rejected(str(error)) from None
        if typed.network != Network.BLUESKY:
            raise Rejected(f"{typed} is not a handle on Bluesky. They look like alice.bsky.social.")
        until = time.monotonic() + CONNECT_SECONDS
        who = identify(typed.name, http=self._http, options=self._options, until=until)
        secret = sessions.open_session(self._http, who, credentials["password"].strip())
        return Connected(
            uri=who.did, handle=_handle(who), page_url=_page_url(who.did), secret=secret, limits=LIMITS
        )

    def limits(self, secret: dict[str, Any]) -> Limits:  # noqa: ARG002 (on Bluesky they are the protocol's)
        """The same for every account."""
        return LIMITS

    def wire(
        self,
        part: Part,
        *,
        secret: dict[str, Any],
        root: dict[str, Any] | None,
        parent: dict[str, Any] | None,
        picture: dict[str, Any] | None,
    ) -> dict[str, Any]:
        """The body of a putRecord; `part.key` is its record key, a TID. Raises Rejected."""
        if not is_tid(part.key):
            raise Rejected(f"{part.key[:50]!r} is no key that Bluesky takes for a post.")
        return {
            "repo": secret["did"],
            "collection": COLLECTION,
            "rkey": part.key,
            "validate": True,
            "record": record(part, root=root, parent=parent, picture=picture),
            "swapRecord": None,
        }

    def upload(self, picture: Picture, *, secret: dict[str, Any]) -> dict[str, Any]:
        """An entry of an images embed. What is uploaded and never posted, the server forgets by itself."""
        if len(picture.data) > PICTURE_BYTES:
            raise Rejected(f"Bluesky takes pictures of up to {PICTURE_BYTES:,} bytes.")

        def bring(session: dict[str, Any]) -> Response:
            headers = sessions.bearer(session) | {"Content-Type": picture.media_type}
            url = f"{session['pds']}/xrpc/com.atproto.repo.uploadBlob"
            return self._http.post(url, content=picture.data, headers=headers, timeout=WRITE_SECONDS)

        try:
            response, _ = sessions.signed_in(self._http, secret, bring)
            blob = _accepted(response).json().get("blob")
        except OutcomeUnknown as error:
            raise Unavailable(str(error)) from error  # a picture alone is no post
        if not isinstance(blob, dict):
            raise Unavailable("Bluesky's server took the picture and did not say what it is called.")
        shape = {"width": picture.width, "height": picture.height}
        return {"image": blob, "alt": picture.alt, "aspectRatio": shape}

    def send(self, wire: dict[str, Any], *, key: str, secret: dict[str, Any]) -> Sent:
        """Put the record. What already stands under the key is adopted if it is the very same post."""
        if wire["repo"] != secret["did"]:
            raise Rejected("This post was written for another account than the one that is connected now.")

        def put(session: dict[str, Any]) -> Response:
            url = f"{session['pds']}/xrpc/com.atproto.repo.putRecord"
            return self._http.post(url, json=wire, headers=sessions.bearer(session), timeout=WRITE_SECONDS)

        response, renewed = sessions.signed_in(self._http, secret, put)
        if response.status == 400 and error_of(response)[0] == "InvalidSwap":
            return Sent(self._adopted(wire, key, secret), renewed)
        _accepted(response)
        try:
            answer = response.json()
        except Rejected as error:
            raise OutcomeUnknown(str(error)) from error
        receipt = _receipt(secret["did"], key, answer)
        if receipt is None:
            raise OutcomeUnknown("Bluesky's server answered, but not about this post.")
        return Sent(receipt, renewed)

    def look(self, wire: dict[str, Any], *, key: str, secret: dict[str, Any]) -> Sent | None:
        """What stands under the key: this post, or nothing. Rejected if it is another one."""
        standing = self._standing(key, secret)
        return Sent(_compared(wire, key, secret["did"], standing)) if standing else None

    def _adopted(self, wire: dict[str, Any], key: str, secret: dict[str, Any]) -> Receipt:
        try:
            standing = self._standing(key, secret)
        except Unavailable as error:
            raise OutcomeUnknown(str(error)) from error
        if standing is None:
            raise OutcomeUnknown("Something stood under this post's key and is gone again.")
        return _compared(wire, key, secret["did"], standing)

    def _standing(self, key: str, secret: dict[str, Any]) -> dict[str, Any] | None:
        """The answer of getRecord, None if there is surely none. Anything doubtful is Unavailable."""
        response = self._http.get(
            f"{secret['pds']}/xrpc/com.atproto.repo.getRecord",
            params={"repo": secret["did"], "collection": COLLECTION, "rkey": key},
            timeout=WRITE_SECONDS,
        )
        if response.status == 200:
            return response.json()
        if response.status == 400 and error_of(response)[0] == "RecordNotFound":
            return None
        raise Unavailable(said(response), retry_at=response.retry_at)

    def _profile(self, who: Identity, until: float) -> dict[str, Any] | None:
        """The profile record, {} if there is none, None if the account is not to be seen."""
        params = {"repo": who.did, "collection": PROFILE, "rkey": "self"}
        response = self._http.get(
            f"{who.pds}/xrpc/com.atproto.repo.getRecord", params=params, timeout=until - time.monotonic()
        )
        if response.status == 200:
            answer = response.json()
            value = answer.get("value")
            if answer.get("uri") != f"at://{who.did}/{PROFILE}/self" or not isinstance(value, dict):
                raise Rejected("The account's server answered about somebody else.")
            return value
        if response.status not in (400, 404):
            raise Unavailable(said(response), retry_at=response.retry_at)
        # No profile yet, or no account: the answer is the same, so the account's state is asked for.
        response = self._http.get(
            f"{who.pds}/xrpc/com.atproto.sync.getRepoStatus",
            params={"did": who.did},
            timeout=until - time.monotonic(),
        )
        name = error_of(response)[0]
        if response.status == 200:
            return {} if response.json().get("active") is True else None
        if name in _GONE:
            return None
        if name == "RepoNotFound":
            raise NotFound("This account is no longer on its server.")
        raise Unavailable(said(response), retry_at=response.retry_at)


def _accepted(response: Response) -> Response:
    """The answer to a write, if it was carried out."""
    if response.status == 200:
        return response
    if response.status == 429:
        raise Unavailable(said(response), retry_at=response.retry_at)
    if response.status == 408 or response.status >= 500:
        raise OutcomeUnknown(said(response))
    raise Rejected(said(response))


def _receipt(did: str, key: str, answer: dict[str, Any]) -> Receipt | None:
    """From {"uri", "cid"}; None if that speaks of another record."""
    uri, cid = f"at://{did}/{COLLECTION}/{key}", answer.get("cid")
    if answer.get("uri") != uri or not isinstance(cid, str) or not _CID.fullmatch(cid):
        return None
    return Receipt(remote_id=uri, url=f"{_page_url(did)}/post/{key}", reference={"uri": uri, "cid": cid})


def _compared(wire: dict[str, Any], key: str, did: str, standing: dict[str, Any]) -> Receipt:
    receipt = _receipt(did, key, standing)
    if receipt is None or _canonical(standing.get("value")) != _canonical(wire["record"]):
        raise Rejected(
            f"Another post stands where this one was to go: {_page_url(did)}/post/{key}. Nothing was changed. "
            "Please look at the account: somebody or something else posts through it."
        )
    return receipt


def _canonical(record: Any) -> str:
    return json.dumps(record, sort_keys=True, separators=(",", ":"))


def _handle(who: Identity) -> Handle:
    return Handle(Network.BLUESKY, who.handle or who.did)


def _page_url(did: str) -> str:
    """By DID: a handle may change hands, and the page would then be somebody else's."""
    return f"https://bsky.app/profile/{did}"


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
        _string(value.get("val"))
        for value in (values if isinstance(values, list) else [])
        if isinstance(value, dict)
    }


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
