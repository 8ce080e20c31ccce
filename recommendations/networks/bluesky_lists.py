"""Starter packs on Bluesky: a list of people whom one can follow all at once.

A pack is two records and one more for each person: `app.bsky.graph.starterpack` names an `app.bsky.graph.list`
(purpose `referencelist`), and each `app.bsky.graph.listitem` puts somebody on it. Pack and list stand under one key of
our own, an item under a key made of the pack's and the person's DID. Writes go out as `com.atproto.repo.applyWrites`,
200 at most and all or none: so of two who make the same pack at once, the second is refused whole, and nobody stands
there twice.

It does not know editions, communities or consent.
"""

import hashlib
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import regex

from recommendations.handles import Network, is_did
from recommendations.markup import clean_line
from recommendations.networks import bluesky_session as sessions
from recommendations.networks.atproto import error_of, refusal, said
from recommendations.networks.base import NotFound, Options, OutcomeUnknown, Rejected, Unavailable
from recommendations.networks.http import Response, client
from recommendations.networks.listing import ListKept, ListWanted
from recommendations.networks.tid import is_tid, tid

PACK, LIST, ITEM = "app.bsky.graph.starterpack", "app.bsky.graph.list", "app.bsky.graph.listitem"
PURPOSE = "app.bsky.graph.defs#referencelist"
MOST = 150  # people in a pack, as the network's own app has it
WRITES = 200  # in one applyWrites
NAME, LIST_NAME, DESCRIPTION = (50, 500), (64, 64), (300, 3_000)  # graphemes and bytes in the lexicons
CALL_SECONDS = 10.0
LOOK_SECONDS = 60.0  # for reading everybody on the account's lists, a hundred at a time

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Json = dict[str, Any]


class BlueskyLists:
    """A Lister. Holds nothing but its options; safe to use from many threads."""

    network = Network.BLUESKY
    most = MOST

    def __init__(self, options: Options) -> None:
        self._http = client(options)

    def key(self, *, moment: datetime, serial: int, kind: int) -> str:
        """The record key of pack and list: a TID, as their lexicons demand."""
        return tid(moment, clock=kind, offset_us=serial)

    def keep_list(self, wanted: ListWanted, *, secret: Json) -> ListKept:
        """Whoever is on the list and not wanted goes first. Members without a DID are left out, as those past `most`.

        Somebody whom the account's owner put on the list by hand is not wanted either.
        """
        if not is_tid(wanted.key):
            raise Rejected("%(key)s is no key that Bluesky takes for a starter pack.", key=repr(wanted.key[:50]))
        members = tuple(dict.fromkeys(did for did in wanted.members if is_did(did)))[:MOST]
        uri = f"at://{secret['did']}/{LIST}/{wanted.key}"
        pack, people = self._record(secret, PACK, wanted.key), self._record(secret, LIST, wanted.key)
        stands = wanted.stood or pack is not None or people is not None
        items = self._items(secret, uri) if stands else {}
        gone = wanted.stood and pack is None
        renewed = self._apply(secret, _writes(wanted, () if gone else members, uri, pack, people, items))
        if gone:
            raise NotFound("Somebody deleted this starter pack on Bluesky. It is not made again.")
        if not members:
            return ListKept("", "", (), renewed)
        url = f"https://bsky.app/starter-pack/{secret['did']}/{wanted.key}"
        return ListKept(f"at://{secret['did']}/{PACK}/{wanted.key}", url, members, renewed)

    def _apply(self, secret: Json, writes: list[Json]) -> Json | None:
        """Carry these out, 200 at a time; the renewed secret if there is one."""
        renewed = None
        for first in range(0, len(writes), WRITES):
            body = {"repo": secret["did"], "validate": True, "writes": writes[first : first + WRITES]}

            def write(session: Json, body: Json = body) -> Response:
                url = f"{session['pds']}/xrpc/com.atproto.repo.applyWrites"
                return self._http.post(url, json=body, headers=sessions.bearer(session), timeout=CALL_SECONDS)

            response, newer = sessions.signed_in(self._http, renewed or secret, write)
            renewed = newer or renewed
            if response.status != 200:  # 500 also where one of the keys was taken meanwhile
                raise refusal(response)
            try:
                response.json()
            except Rejected as error:  # something else answered in the server's place
                raise OutcomeUnknown(str(error)) from error
        return renewed

    def _record(self, secret: Json, collection: str, key: str) -> Json | None:
        """What stands under a key; None if surely nothing does."""
        params = {"repo": secret["did"], "collection": collection, "rkey": key}
        url = f"{secret['pds']}/xrpc/com.atproto.repo.getRecord"
        response = self._http.get(url, params=params, timeout=CALL_SECONDS, follow=False)
        if response.status == 400 and error_of(response)[0] == "RecordNotFound":
            return None
        value = _body(response).get("value")
        if not isinstance(value, dict):
            raise Unavailable("Bluesky's server answered, but not about this starter pack.")
        return value

    def _items(self, secret: Json, uri: str) -> dict[str, str]:
        """Who stands on the list at this address: {record key: DID}."""
        items: dict[str, str] = {}
        until, cursor = time.monotonic() + LOOK_SECONDS, ""
        while True:
            params = {"repo": secret["did"], "collection": ITEM, "limit": "100"} | (
                {"cursor": cursor} if cursor else {}
            )
            url = f"{secret['pds']}/xrpc/com.atproto.repo.listRecords"
            seconds = min(CALL_SECONDS, until - time.monotonic())
            answer = _body(self._http.get(url, params=params, timeout=seconds, follow=False))
            records = answer.get("records")
            for each in records if isinstance(records, list) else []:
                value = each.get("value") if isinstance(each, dict) else None
                if isinstance(value, dict) and value.get("list") == uri:
                    items[str(each.get("uri")).rpartition("/")[2]] = str(value.get("subject"))
            before, cursor = cursor, answer.get("cursor") or ""
            if not isinstance(cursor, str) or cursor in ("", before):
                return items


def item_key(key: str, did: str) -> str:
    """The key of somebody's place on a list: always the same, and a TID in form (63 bits of SHA-256)."""
    number = int.from_bytes(hashlib.sha256(f"{key} {did}".encode()).digest()[:8]) >> 1
    return tid(_EPOCH, clock=number & 1023, offset_us=number >> 10)


def _writes(
    wanted: ListWanted,
    members: tuple[str, ...],
    uri: str,
    pack: Json | None,
    people: Json | None,
    items: dict[str, str],
) -> list[Json]:
    """From what stands to what is wanted, deletions first. Empty if they are the same."""
    kept = {item_key(wanted.key, did): did for did in members}
    writes = [_delete(ITEM, key) for key, did in items.items() if kept.get(key) != did]
    if not members:
        both = ((PACK, pack), (LIST, people))
        return writes + [_delete(collection, wanted.key) for collection, stands in both if stands is not None]
    moment = _moment(wanted.at)
    description = cut(wanted.description, *DESCRIPTION)
    about = {"description": description} if description else {}
    name = cut(wanted.name, *LIST_NAME) or "People to follow"
    writes += _put(LIST, wanted.key, people, {"purpose": PURPOSE, "name": name, **about, "createdAt": moment})
    name = cut(wanted.name, *NAME) or "People to follow"
    writes += _put(PACK, wanted.key, pack, {"name": name, **about, "list": uri, "createdAt": moment})
    for place, (key, did) in enumerate(kept.items()):
        if items.get(key) != did:
            # The network shows the newest first: who comes first is a little newer than the next.
            stands_since = _moment(wanted.at - timedelta(milliseconds=place))
            writes.append(_create(ITEM, key, {"subject": did, "list": uri, "createdAt": stands_since}))
    return writes


def _put(collection: str, key: str, stands: Json | None, record: Json) -> list[Json]:
    """What it takes for this record to stand; what it was made with stays: its time, and whatever we do not write."""
    if stands is None:
        return [_create(collection, key, record)]
    merged = {**stands, **record, "createdAt": stands.get("createdAt", record["createdAt"])}
    if "description" not in record:
        merged.pop("description", None)
    if merged == stands:
        return []
    return [{"$type": "com.atproto.repo.applyWrites#update", "collection": collection, "rkey": key, "value": merged}]


def _create(collection: str, key: str, record: Json) -> Json:
    value = {"$type": collection, **record}
    return {"$type": "com.atproto.repo.applyWrites#create", "collection": collection, "rkey": key, "value": value}


def _delete(collection: str, key: str) -> Json:
    return {"$type": "com.atproto.repo.applyWrites#delete", "collection": collection, "rkey": key}


def _body(response: Response) -> Json:
    """The answer to a question; everything doubtful is Unavailable."""
    if response.status != 200:
        raise Unavailable(said(response), retry_at=response.retry_at)
    try:
        return response.json()
    except Rejected as error:
        raise Unavailable(str(error)) from error


def cut(text: str, most: int, most_bytes: int) -> str:
    """At most so many graphemes and bytes of a line, an ellipsis for what is left out."""
    line = clean_line(text, most_bytes)
    clusters = regex.findall(r"\X", line)
    if len(clusters) <= most and len(line.encode()) <= most_bytes:
        return line
    kept = ""
    for cluster in clusters[: most - 1]:
        if len(f"{kept}{cluster}…".encode()) > most_bytes:
            break
        kept += cluster
    return f"{kept.rstrip()}…"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
