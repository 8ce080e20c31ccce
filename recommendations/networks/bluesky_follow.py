"""Following on Bluesky, and lists there, with what a reader granted to us by OAuth.

To follow is to write a record (`app.bsky.graph.follow`, or `listitem`) into one's own repository. Ours have keys made
of the reader's and the person's DID: so one looks under the key before anything is written, and nothing would stand
there twice even if it were written again (@atproto/pds 0.5: `createRecord` puts a second follow of the same person in
the place of the first, and answers 500 to a second item under its key). What was granted need allow nothing but to
create; `putRecord` asks to update, too. Read in the Lexicons app.bsky.graph.{follow,list,listitem,getRelationships}.

A secret is as `bluesky_granted` says. A wire is {"collection", "rkey", "record"}; a list's reference {"uri"}.
"""

import hashlib
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import regex

from recommendations.consent import Signal
from recommendations.handles import Network, is_did
from recommendations.markup import clean_line
from recommendations.networks import bluesky_app, bluesky_profile
from recommendations.networks.atproto import error_of, identify, refusal, said
from recommendations.networks.base import NotFound, Options, Rejected, Revoked, Unavailable
from recommendations.networks.bluesky_granted import call
from recommendations.networks.following import Followed, List, Outcome, Person
from recommendations.networks.http import Response, client
from recommendations.networks.tid import tid

FOLLOW, LIST, ITEM = "app.bsky.graph.follow", "app.bsky.graph.list", "app.bsky.graph.listitem"
CURATED = "app.bsky.graph.defs#curatelist"
SECONDS = 10.0
AT_ONCE = 30  # lexicon app.bsky.graph.getRelationships
PAGES = 100  # of 100 follows

_KEYS_FROM, _KEYS_SPAN = datetime(2024, 1, 1, tzinfo=UTC), timedelta(days=730)
_NAME_GRAPHEMES = 64  # lexicon app.bsky.graph.list; as many bytes there
_BLOCKED = {  # of app.bsky.graph.defs#relationship
    "blocking": "You have blocked them.",
    "blockingByList": "You have blocked them, by a list.",
    "blockedBy": "They have blocked you.",
    "blockedByList": "They have blocked you, by a list.",
}

Json = dict[str, Any]


class BlueskyFollower:
    """A Follower. Holds nothing but its options; safe to use from many threads."""

    network = Network.BLUESKY
    per_day = 5_000  # of 35,000 points a day, at three for each
    per_minute = 20  # of 5,000 points an hour
    list_follows = False

    def __init__(self, options: Options) -> None:
        self._options = options
        self._http = client(options)

    def scopes(self, *, as_list: bool) -> tuple[str, ...]:
        """As `following.Follower`: to create such records, and nothing else."""
        if not as_list:
            return bluesky_app.FOLLOW
        return tuple(each for each in bluesky_app.MAKE_LIST if FOLLOW not in each)

    def renewed(self, secret: Json) -> Json | None:
        """As `following.Follower`: asks whose session it is."""
        response, renewed = call(self._http, secret, "GET", "/xrpc/com.atproto.server.getSession", timeout=SECONDS)
        if response.status == 429 or response.status >= 500 or (response.status != 200 and not error_of(response)[0]):
            if renewed is not None:
                return renewed
            raise Unavailable(said(response), retry_at=response.retry_at)
        if response.status != 200:
            raise Revoked("%(answer)s Please see to your account, then allow it again.", answer=said(response))
        return renewed

    def already(self, people: list[Person], *, secret: Json) -> dict[str, Followed]:
        """As `following.Follower`: whom they follow, and who is blocked, by the network's own view of everybody.

        Where nobody has such a view, the reader's own follows are read, up to 10,000 of them.
        """
        dids = [person.uri for person in people if is_did(person.uri)]
        found: dict[str, Followed] = {}
        for start in range(0, len(dids), AT_ONCE):
            some = self._relationships(secret["did"], dids[start : start + AT_ONCE])
            if some is None:
                followed = self._follows(secret, set(dids))
                return found | {did: Followed(Outcome.ALREADY) for did in followed}
            found |= some
        return found

    def make_list(self, name: str, *, key: str, secret: Json) -> List:
        """As `following.Follower`: a list for reading, not a starter pack."""
        rkey = _key(key, secret["did"])
        uri = f"at://{secret['did']}/{LIST}/{rkey}"
        made = List({"uri": uri}, f"https://bsky.app/profile/{secret['did']}/lists/{rkey}")
        if self._record(secret, LIST, rkey) is None:
            record = {"$type": LIST, "purpose": CURATED, "name": _name(name), "createdAt": _now()}
            self._create({"collection": LIST, "rkey": rkey, "record": record}, secret)
        return made

    def seek(self, person: Person, *, secret: Json, on: Json | None = None) -> Followed | Json:
        """As `following.Follower`: under the key, then whether the account is still there."""
        if not is_did(person.uri):
            return Followed(Outcome.GONE, f"Nobody knows who {person.handle} is now.")
        place = str(on["uri"]) if on is not None else secret["did"]
        collection = FOLLOW if on is None else ITEM
        rkey = _key(place, person.uri)
        record = self._record(secret, collection, rkey)
        if record is not None and record.get("subject") == person.uri:
            return Followed(Outcome.ALREADY if on is None else Outcome.LISTED)
        if why := self._gone(person):
            return Followed(Outcome.GONE, why)
        record = {"$type": collection, "subject": person.uri, "createdAt": _now()}
        if on is not None:
            record["list"] = on["uri"]
        return {"collection": collection, "rkey": rkey, "record": record}

    def follow(self, wire: Json, *, secret: Json) -> Followed:
        """As `following.Follower`: one createRecord."""
        self._create(wire, secret)
        return Followed(Outcome.FOLLOWED if wire["collection"] == FOLLOW else Outcome.LISTED)

    def _create(self, wire: Json, secret: Json) -> None:
        body = {"repo": secret["did"], **wire}
        once = {**secret, "refresh": ""}  # tokens are renewed at the beginning of a turn, where they can be kept
        try:
            response, _ = call(
                self._http, once, "POST", "/xrpc/com.atproto.repo.createRecord", json=body, timeout=SECONDS
            )
        except Revoked as error:
            raise Unavailable("What was granted has to be renewed.") from error
        if response.status == 200:
            return
        if response.status == 403 and error_of(response)[0]:
            raise Revoked("Bluesky's server says that you have not allowed this. Please allow it again.")
        raise refusal(response)

    def _record(self, secret: Json, collection: str, rkey: str) -> Json | None:
        """What stands under a key in the reader's repository, as everybody may read it."""
        params = {"repo": secret["did"], "collection": collection, "rkey": rkey}
        response = self._get(f"{secret['pds']}/xrpc/com.atproto.repo.getRecord", params)
        if response.status == 400 and error_of(response)[0] == "RecordNotFound":
            return None
        if response.status != 200:
            raise Unavailable(said(response), retry_at=response.retry_at)
        value = response.json().get("value")
        return value if isinstance(value, dict) else {}

    def _relationships(self, own: str, others: list[str]) -> dict[str, Followed] | None:
        """What is settled of these, at most AT_ONCE; None where nobody says."""
        url = f"{self._options.bluesky_resolver}/xrpc/app.bsky.graph.getRelationships?" + "&".join(
            [f"actor={own}", *(f"others={did}" for did in others)]
        )
        try:
            response = self._http.get(url, timeout=SECONDS)
            told = response.json().get("relationships") if response.status == 200 else None
        except (Rejected, Unavailable):
            return None
        if not isinstance(told, list):
            return None
        found = {}
        for each in told:
            if not isinstance(each, dict) or each.get("did") not in others:
                continue
            words = next((words for name, words in _BLOCKED.items() if each.get(name)), "")
            if words:
                found[each["did"]] = Followed(Outcome.REFUSED, words)
            elif each.get("following"):
                found[each["did"]] = Followed(Outcome.ALREADY)
        return found

    def _follows(self, secret: Json, wanted: set[str]) -> set[str]:
        """Which of these the reader follows, by their own records."""
        found: set[str] = set()
        params = {"repo": secret["did"], "collection": FOLLOW, "limit": "100"}
        for _ in range(PAGES):
            response = self._get(f"{secret['pds']}/xrpc/com.atproto.repo.listRecords", params)
            if response.status != 200:
                raise Unavailable(said(response), retry_at=response.retry_at)
            page = response.json()
            records = page.get("records")
            for each in records if isinstance(records, list) else []:
                value = each.get("value") if isinstance(each, dict) else None
                subject = value.get("subject") if isinstance(value, dict) else None
                if isinstance(subject, str) and subject in wanted:
                    found.add(subject)
            cursor = page.get("cursor")
            if not isinstance(cursor, str) or not records or found == wanted:
                break
            params["cursor"] = cursor
        return found

    def _gone(self, person: Person) -> str:
        """Why nobody can follow them any more; empty if they are there, or nobody says just now."""
        until = time.monotonic() + SECONDS
        try:
            who = identify(person.uri, http=self._http, options=self._options, until=until)
            asleep = bluesky_profile.found(self._http, who, until).signal == Signal.NEVER
        except NotFound as error:
            return str(error)
        except (Rejected, Unavailable):
            return ""
        return "Their account was taken down, or is asleep." if asleep else ""

    def _get(self, url: str, params: Json) -> Response:
        return self._http.get(url, params=params, timeout=SECONDS)


def _key(place: str, subject: str) -> str:
    """The same TID whenever it is asked for: these Lexicons take no other keys (atproto.com/specs/record-key)."""
    number = int.from_bytes(hashlib.sha256(f"{place}\n{subject}".encode()).digest()[:16], "big")
    offset, clock = divmod(number, 1_024)
    return tid(_KEYS_FROM, clock=clock, offset_us=offset % (_KEYS_SPAN // timedelta(microseconds=1)))


def _name(name: str) -> str:
    """What the Lexicon takes: 64 graphemes and, as it counts them, 64 bytes."""
    kept = ""
    for grapheme in regex.findall(r"\X", clean_line(name))[:_NAME_GRAPHEMES]:
        if len((kept + grapheme).encode("utf-8", "replace")) > _NAME_GRAPHEMES:
            break
        kept += grapheme
    return kept.strip() or "Follow Friday"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
