"""Bluesky: who is there, and posts that stand exactly once.

A post is written with `com.atproto.repo.putRecord` under a key of our own and `swapRecord: null`: if nothing
stands there it is made, the same record again changes nothing, another one is refused with InvalidSwap. So in
doubt the same put is repeated. (Read in @atproto/pds 0.5: putRecord compares content ids before it swaps.)

This piece knows no edition, channel or delivery; `Part.facets` are `measures.Facet.as_json`.
"""

import time
from datetime import datetime, timedelta
from typing import Any

from recommendations.handles import Handle, Network, Unreadable, parse
from recommendations.measures import Limits, Measure, graphemes
from recommendations.networks import bluesky_post as posts
from recommendations.networks import bluesky_profile as profiles
from recommendations.networks import bluesky_session as sessions
from recommendations.networks.atproto import error_of, identify
from recommendations.networks.base import (
    CannotEdit,
    Found,
    NotFound,
    Options,
    OutcomeUnknown,
    Rejected,
    Revoked,
    Unavailable,
    Unexplained,
)
from recommendations.networks.bluesky_record import COLLECTION, LIMITS, record
from recommendations.networks.http import Response, client
from recommendations.networks.posting import Connected, Doubt, Part, Picture, Receipt, Sent
from recommendations.networks.tid import is_tid, tid
from recommendations.networks.verdict import unexplained

PICTURE_BYTES = 2_000_000  # lexicon app.bsky.embed.images
CONNECT_SECONDS = 10.0
WRITE_SECONDS = 10.0  # sent twice and looked at once, with a new session between: well below a claim's lease
UPLOAD_SECONDS = 20.0
A_WHILE = timedelta(hours=1)


class Bluesky:
    """A Reader and a Poster. Holds nothing but its options; safe to use from many threads."""

    network = Network.BLUESKY
    measure: Measure = staticmethod(graphemes)
    editable = False  # a record can be written over, but the network's app shows no edits

    def __init__(self, options: Options) -> None:
        self._options = options
        self._http = client(options)

    def look_up(self, handle: Handle, *, timeout: float = 2.0) -> Found:
        """By handle or, in its name's place, by DID. An account taken down or asleep is found as NEVER.

        Raises NotFound, Rejected, Unavailable.
        """
        until = time.monotonic() + timeout
        who = identify(handle.name, http=self._http, options=self._options, until=until)
        return profiles.found(self._http, who, until)

    def was_before(self, handle: Handle, uri: str, *, timeout: float = 2.0) -> bool:
        """Nobody moves so: a DID stays the same wherever its account is kept."""
        return False

    def connect(self, **credentials: str) -> Connected:
        """`handle` and `password`: an app password, not the one that opens the whole account.

        Raises Revoked (a wrong password), Rejected, Unavailable.
        """
        try:
            handle = parse(credentials["handle"], Network.BLUESKY)
        except Unreadable as error:
            raise Rejected(str(error)) from None
        if handle.network != Network.BLUESKY:
            raise Rejected("%(handle)s is not a handle on Bluesky. They look like alice.bsky.social.", handle=handle)
        until = time.monotonic() + CONNECT_SECONDS
        who = identify(handle.name, http=self._http, options=self._options, until=until)
        secret = sessions.open_session(self._http, who, credentials["password"].strip())
        return Connected(
            uri=who.did,
            handle=profiles.handle_of(who),
            page_url=profiles.page_url(who.did),
            secret=secret,
            limits=LIMITS,
        )

    def doubt(self, secret: dict[str, Any]) -> Doubt:
        """The same put again makes no second post, however long ago the first one was."""
        return Doubt(wait=timedelta(0), repeat_for=timedelta.max)

    def price(self, part: Part) -> int:
        """Nothing."""
        return 0

    def renewed(self, secret: dict[str, Any], *, at: datetime) -> dict[str, Any] | None:
        """Every call renews its session by itself where it must."""
        return None

    def verify(self, secret: dict[str, Any]) -> dict[str, Any] | None:
        """By com.atproto.server.getSession, with new tokens where the old ones are no good any more."""

        def ask(session: dict[str, Any]) -> Response:
            url = f"{session['pds']}/xrpc/com.atproto.server.getSession"
            return self._http.get(url, headers=sessions.bearer(session), timeout=CONNECT_SECONDS, follow=False)

        response, renewed = sessions.signed_in(self._http, secret, ask)
        try:
            told = posts.answer(response)
        except Unexplained:
            raise
        except OutcomeUnknown as error:
            raise Unavailable(str(error), retry_at=response.retry_at) from error
        except Rejected as error:  # a server's own no to its own account, by another name than those we know
            raise Revoked(str(error)) from error
        if told.get("did") != secret["did"]:
            raise unexplained(response)
        return renewed

    def limits(self, secret: dict[str, Any]) -> Limits:
        """The same for every account."""
        return LIMITS

    def key(self, *, moment: datetime, serial: int, part: int) -> str:
        """The record key of a part. Deliveries in one slot are kept apart by their `serial`."""
        return tid(moment, clock=part, offset_us=serial)

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
            raise Rejected("%(key)s is no key that Bluesky takes for a post.", key=repr(part.key[:50]))
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
            raise Rejected(
                "Bluesky takes pictures of up to %(picture_bytes)s bytes.", picture_bytes=f"{PICTURE_BYTES:,}"
            )

        def bring(session: dict[str, Any]) -> Response:
            headers = sessions.bearer(session) | {"Content-Type": picture.media_type}
            url = f"{session['pds']}/xrpc/com.atproto.repo.uploadBlob"
            return self._http.post(url, content=picture.data, headers=headers, timeout=UPLOAD_SECONDS)

        try:
            response, _ = sessions.signed_in(self._http, secret, bring)
            blob = posts.answer(response).get("blob")
        except Unexplained:
            raise
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
        receipt = posts.receipt(secret["did"], key, posts.answer(response))
        if receipt is None:
            raise OutcomeUnknown("Bluesky's server answered, but not about this post.")
        return Sent(receipt, renewed)

    def look(self, wire: dict[str, Any], *, key: str, secret: dict[str, Any], since: datetime) -> Sent | None:
        """What stands under the key: this post, or surely nothing. Rejected if it is another one.

        Asked for what may be older than the post itself (we were restored from a backup), it also looks for the same
        words under another key, among what the account has posted since.
        """
        receipt = posts.standing(self._http, wire, key, secret)
        if receipt is None and since < datetime.fromisoformat(wire["record"]["createdAt"]) - A_WHILE:
            receipt = posts.same_words(self._http, wire["record"], secret, since)
        return Sent(receipt) if receipt else None

    def find(self, address: str, *, secret: dict[str, Any]) -> Sent:
        """By https://bsky.app/profile/.../post/KEY, or the at:// address itself."""
        key = address.rstrip("/").rpartition("/")[2].partition("?")[0]
        if not is_tid(key) or not address.startswith(("https://", "at://")):
            raise Rejected("That is not the address of a post on Bluesky.")
        response = posts.read(self._http, secret, key)
        if response.status != 200 and not error_of(response)[0]:
            raise unexplained(response)
        receipt = posts.receipt(secret["did"], key, response.json()) if response.status == 200 else None
        if receipt is None:
            raise NotFound("There is no such post of this account.")
        return Sent(receipt)

    def edit(self, remote_id: str, wire: dict[str, Any], *, secret: dict[str, Any]) -> Sent:
        """Never: nobody would see it."""
        raise CannotEdit("Bluesky does not show edits: what stands is taken down and posted anew.")

    def delete(self, remote_id: str, *, secret: dict[str, Any]) -> dict[str, Any] | None:
        """Take a record down; of one that is gone already the server says the same (com.atproto.repo.deleteRecord)."""
        key = remote_id.rpartition("/")[2]

        def drop(session: dict[str, Any]) -> Response:
            url = f"{session['pds']}/xrpc/com.atproto.repo.deleteRecord"
            body = {"repo": session["did"], "collection": COLLECTION, "rkey": key}
            return self._http.post(url, json=body, headers=sessions.bearer(session), timeout=WRITE_SECONDS)

        response, renewed = sessions.signed_in(self._http, secret, drop)
        posts.answer(response)
        return renewed

    def _adopted(self, wire: dict[str, Any], key: str, secret: dict[str, Any]) -> Receipt:
        try:
            receipt = posts.standing(self._http, wire, key, secret)
        except Unavailable as error:
            raise OutcomeUnknown(str(error)) from error
        if receipt is None:
            raise OutcomeUnknown("Something stood under this post's key and is gone again.")
        return receipt
