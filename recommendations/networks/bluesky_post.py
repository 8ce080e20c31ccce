"""Posts on Bluesky: what stands in an account's repository, and what an answer to sending means.

A post is known by its record key, which is ours, and by its words where we were restored from a backup and forgot the
key. It does not know channels, deliveries or how a session is renewed.
"""

import json
from datetime import UTC, datetime
from typing import Any

from recommendations.networks import bluesky_profile as profiles
from recommendations.networks.atproto import error_of, refusal, said
from recommendations.networks.base import OutcomeUnknown, Rejected, Unavailable
from recommendations.networks.bluesky_record import COLLECTION
from recommendations.networks.http import Client, Response
from recommendations.networks.posting import Receipt

LOOK_SECONDS = 10.0  # with a write and its repetition well below a claim's lease
PAGES = 10  # of 100 records, when we look far back


def receipt(did: str, key: str, told: dict[str, Any]) -> Receipt | None:
    """From {"uri", "cid"}; None if that speaks of another record."""
    uri, cid = f"at://{did}/{COLLECTION}/{key}", told.get("cid")
    if told.get("uri") != uri or not isinstance(cid, str) or not cid:
        return None
    return Receipt(remote_id=uri, url=f"{profiles.page_url(did)}/post/{key}", reference={"uri": uri, "cid": cid})


def answer(response: Response) -> dict[str, Any]:
    """What the server says of a write that it carried out. Raises Rejected, Unavailable, OutcomeUnknown."""
    if response.status == 200:
        try:
            return response.json()
        except Rejected as error:
            raise OutcomeUnknown(str(error)) from error
    raise refusal(response)


def read(http: Client, secret: dict[str, Any], key: str) -> Response:
    """What the server says of the record under a key. Raises Unavailable."""
    response = http.get(
        f"{secret['pds']}/xrpc/com.atproto.repo.getRecord",
        params={"repo": secret["did"], "collection": COLLECTION, "rkey": key},
        timeout=LOOK_SECONDS,
        follow=False,
    )
    if response.status == 429 or response.status >= 500:
        raise Unavailable(said(response), retry_at=response.retry_at)
    return response


def standing(http: Client, wire: dict[str, Any], key: str, secret: dict[str, Any]) -> Receipt | None:
    """The receipt of what stands there if it is this post. Anything doubtful is Unavailable."""
    did = secret["did"]
    response = read(http, secret, key)
    if response.status == 400 and error_of(response)[0] == "RecordNotFound":
        return None
    if response.status != 200:
        raise Unavailable(said(response), retry_at=response.retry_at)
    try:
        found = response.json()
    except Rejected as error:
        raise Unavailable(str(error)) from error
    ours = receipt(did, key, found)
    if ours is None:
        raise Unavailable("Bluesky's server answered, but not about this post.")
    if _canonical(found.get("value")) != _canonical(wire["record"]):
        raise Rejected(
            "Another post stands where this one was to go: %(url)s. Nothing was changed. Please look at the "
            "account: somebody or something else posts through it.",
            url=ours.url,
        )
    return ours


def same_words(http: Client, record: dict[str, Any], secret: dict[str, Any], since: datetime) -> Receipt | None:
    """The account's newest post with this text in this place of a thread. Anything doubtful is Unavailable."""
    cursor: object = ""
    for _ in range(PAGES):
        page = {"repo": secret["did"], "collection": COLLECTION, "limit": "100", "cursor": cursor}
        response = http.get(
            f"{secret['pds']}/xrpc/com.atproto.repo.listRecords",
            params={name: str(value) for name, value in page.items() if value},
            timeout=LOOK_SECONDS,
            follow=False,
        )
        if response.status != 200:
            raise Unavailable(said(response), retry_at=response.retry_at)
        try:
            told = response.json()
        except Rejected as error:
            raise Unavailable(str(error)) from error
        for each in _objects(told.get("records")):
            value = each.get("value")
            value = value if isinstance(value, dict) else {}
            if value.get("text") == record["text"] and _parent(value) == _parent(record):
                return receipt(secret["did"], str(each.get("uri")).rpartition("/")[2], each)
            if str(value.get("createdAt")) < since.astimezone(UTC).isoformat():
                return None
        cursor = told.get("cursor")
        if not isinstance(cursor, str) or not cursor:
            return None
    return None


def _parent(record: dict[str, Any]) -> str:
    """The address of the post that a record answers, if it answers any."""
    reply = record.get("reply")
    parent = reply.get("parent") if isinstance(reply, dict) else None
    return str(parent.get("uri")) if isinstance(parent, dict) else ""


def _objects(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _canonical(record: Any) -> str:
    return json.dumps(record, sort_keys=True, separators=(",", ":"))
