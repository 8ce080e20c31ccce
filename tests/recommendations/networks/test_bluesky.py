"""Faults and hostile answers, scripted. What the real server does is in test_bluesky_pds.py."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.consent import Signal
from recommendations.handles import Handle, Network
from recommendations.measures import Limits
from recommendations.networks.base import Found, NotFound, Options, OutcomeUnknown, Rejected, Revoked, Unavailable
from recommendations.networks.bluesky import PICTURE_BYTES, Bluesky
from recommendations.networks.posting import Connected, Part, Picture
from recommendations.networks.tid import tid
from tests.recommendations.networks.atmosphere import (
    ADA,
    DIRECTORY,
    HANDLE,
    MALLORY,
    PDS,
    Sky,
    answer,
    atmosphere,
    document,
    refusal,
)

SLOT = datetime(2026, 11, 6, 15, 0, tzinfo=UTC)
KEY = tid(SLOT, clock=0)
URI = f"at://{ADA}/app.bsky.feed.post/{KEY}"
CID = "bafyreib2rxk3rybk3aobmv5cjuql3bm2twh4jo5uxgf5kpqcsgz7soitae"
SECRET = {
    "did": ADA,
    "handle": HANDLE,
    "pds": PDS,
    "access": "access-1",
    "refresh": "refresh-1",
    "password": "abcd-efgh-ijkl-mnop",
}
PART = Part(text="Hello", key=KEY, created_at=SLOT, language="en")
PICTURE = Picture(b"\x89PNG", "image/png", "Three names", 1200, 630)
STANDS = {"uri": URI, "cid": CID}
SESSION = {"did": ADA, "accessJwt": "access-2", "refreshJwt": "refresh-2"}

PUT = "com.atproto.repo.putRecord"
GET = "com.atproto.repo.getRecord"
STATUS = "com.atproto.sync.getRepoStatus"
REFRESH = "com.atproto.server.refreshSession"
SIGN_IN = "com.atproto.server.createSession"
UPLOAD = "com.atproto.repo.uploadBlob"


@pytest.fixture
def sky() -> Iterator[Sky]:
    with atmosphere() as scripted:
        yield scripted


bluesky = Bluesky(Options())


def wire(part: Part = PART, **more: Any) -> dict[str, Any]:
    parents = {"root": None, "parent": None, "picture": None}
    return bluesky.wire(part, secret=SECRET, **(parents | more))


def send() -> Any:
    return bluesky.send(wire(), key=KEY, secret=SECRET)


def look() -> Any:
    return bluesky.look(wire(), key=KEY, secret=SECRET, since=SLOT)


def standing(record: Any = None, **changes: Any) -> httpx.Response:
    return answer(200, STANDS | {"value": wire()["record"] if record is None else record} | changes)


class TestLookingUp:
    """Whose account it is, is tested in test_atproto.py."""

    def found(self, handle: str = HANDLE, timeout: float = 2.0) -> Found:
        return bluesky.look_up(Handle(Network.BLUESKY, handle), timeout=timeout)

    def profile(self, sky: Sky, value: Any, uri: str = f"at://{ADA}/app.bsky.actor.profile/self") -> None:
        sky.knows_ada()
        sky.xrpc("GET", GET, answer(200, {"uri": uri, "cid": CID, "value": value}))

    def test_a_profile_is_read_from_the_accounts_own_server(self, sky: Sky) -> None:
        self.profile(
            sky,
            {
                "displayName": "Ada\nLovelace",
                "description": "Poetical science.\n\n\n\nFriend of engines.",
                "avatar": {"$type": "blob", "ref": {"$link": CID}, "mimeType": "image/png", "size": 9},
            },
        )

        assert self.found() == Found(
            handle=Handle(Network.BLUESKY, HANDLE),
            uri=ADA,
            page_url=f"https://bsky.app/profile/{ADA}",
            name="Ada Lovelace",
            bio="Poetical science.\n\nFriend of engines.",
            avatar_url=f"{PDS}/xrpc/com.atproto.sync.getBlob?did=did%3Aplc%3A{'a' * 24}&cid={CID}",
            signal=Signal.AUTOMATIC,
        )

    def test_by_did_the_handle_is_found_too(self, sky: Sky) -> None:
        self.profile(sky, {})

        assert self.found(ADA).handle == Handle(Network.BLUESKY, HANDLE)

    def test_an_unproven_handle_gives_way_to_the_did(self, sky: Sky) -> None:
        self.profile(sky, {})
        sky.on("GET", f"{DIRECTORY}/{ADA}", answer(200, document(handle="mallory.example.com")))

        assert self.found(ADA).handle == Handle(Network.BLUESKY, ADA)

    def test_who_hides_from_the_signed_out_is_for_members_only(self, sky: Sky) -> None:
        labels = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "!no-unauthenticated"}]}
        self.profile(sky, {"labels": labels})

        assert self.found().members_only

    @pytest.mark.parametrize(
        ("listed", "day"),
        [
            (answer(200, {"records": [{"uri": URI}]}), SLOT.date()),
            (answer(200, {"records": []}), None),
            (answer(200, {"records": [{"uri": f"at://{MALLORY}/app.bsky.feed.post/{KEY}"}]}), None),
            (answer(200, {"records": [{"uri": f"at://{ADA}/app.bsky.feed.post/self"}]}), None),
            (answer(200, {"records": [{"uri": 7}]}), None),
            (answer(200, {"records": [KEY]}), None),
            (answer(200, {"records": {"uri": URI}}), None),
            (answer(200, "no JSON"), None),
            (answer(404), None),
            (httpx.ReadTimeout("slow"), None),
        ],
        ids=str,
    )
    def test_the_newest_post_tells_when_somebody_was_there_last(self, sky: Sky, listed: Any, day: Any) -> None:
        self.profile(sky, {})
        sky.xrpc("GET", "com.atproto.repo.listRecords", listed)

        assert self.found().last_active_on == day
        assert sky.asked[-1].url.params["limit"] == "1"

    def test_nobody_moves_to_another_did(self) -> None:
        assert not bluesky.was_before(Handle(Network.BLUESKY, HANDLE), MALLORY)

    @pytest.mark.parametrize("tag", ["#nobot", "#NoIndex", "hello #noarchive.", "#nofollowfriday"])
    def test_a_tag_in_the_bio_declines(self, sky: Sky, tag: str) -> None:
        self.profile(sky, {"description": tag})

        assert self.found().signal == Signal.DECLINED

    def test_a_profile_of_the_first_years_still_has_its_picture(self, sky: Sky) -> None:
        self.profile(sky, {"avatar": {"cid": CID, "mimeType": "image/jpeg"}})

        assert self.found().avatar_url.endswith(CID)

    @pytest.mark.parametrize("avatar", [None, "x", {}, {"ref": None}, {"ref": {"$link": "../x?y#z"}}, {"cid": 7}])
    def test_a_picture_that_is_none_is_left_out(self, sky: Sky, avatar: Any) -> None:
        self.profile(sky, {"avatar": avatar})

        assert self.found().avatar_url == ""

    @pytest.mark.parametrize(
        ("uri", "value"),
        [
            (f"at://{MALLORY}/app.bsky.actor.profile/self", {}),
            (URI, {}),
            (f"at://{ADA}/app.bsky.actor.profile/self", []),
        ],
    )
    def test_a_server_can_only_speak_of_the_account_it_was_asked_for(self, sky: Sky, uri: str, value: Any) -> None:
        self.profile(sky, value, uri)

        with pytest.raises(Rejected, match="somebody else"):
            self.found()

    def test_an_account_without_a_profile_is_there_all_the_same(self, sky: Sky) -> None:
        sky.knows_ada()
        sky.xrpc("GET", GET, refusal("RecordNotFound"))
        sky.xrpc("GET", STATUS, answer(200, {"did": ADA, "active": True}))

        found = self.found()

        assert (found.uri, found.name, found.signal) == (ADA, "", Signal.AUTOMATIC)

    @pytest.mark.parametrize(
        "status",
        [
            answer(200, {"did": ADA, "active": False, "status": "takendown"}),
            answer(200, {"did": ADA, "active": False, "status": "deactivated"}),
            answer(200, {"did": ADA}),
            refusal("RepoTakendown"),
            refusal("RepoSuspended"),
            refusal("RepoDeactivated"),
        ],
    )
    def test_an_account_taken_down_or_asleep_is_never_listed(self, sky: Sky, status: httpx.Response) -> None:
        sky.knows_ada()
        sky.xrpc("GET", GET, refusal("InvalidRequest", "Could not locate record"))
        sky.xrpc("GET", STATUS, status)

        assert self.found().signal == Signal.NEVER

    def test_an_account_that_left_its_server_is_nobody(self, sky: Sky) -> None:
        sky.knows_ada()
        sky.xrpc("GET", GET, refusal("RecordNotFound"))
        sky.xrpc("GET", STATUS, refusal("RepoNotFound"))

        with pytest.raises(NotFound):
            self.found()

    @pytest.mark.parametrize(
        "trouble", [answer(503, {}), answer(429, {}, ratelimit_reset="2000000000"), answer(401, {})]
    )
    def test_a_server_in_trouble_is_asked_again_later(self, sky: Sky, trouble: httpx.Response) -> None:
        sky.knows_ada()
        sky.xrpc("GET", GET, trouble)

        with pytest.raises(Unavailable):
            self.found()

    @pytest.mark.parametrize("trouble", [answer(503, {}), refusal("MethodNotImplemented", status=501)])
    def test_an_account_whose_state_cannot_be_told_is_asked_for_again_later(
        self, sky: Sky, trouble: httpx.Response
    ) -> None:
        sky.knows_ada()
        sky.xrpc("GET", GET, refusal("RecordNotFound"))
        sky.xrpc("GET", STATUS, trouble)

        with pytest.raises(Unavailable):
            self.found()

    def test_no_time_at_all_is_unavailable(self, sky: Sky) -> None:
        self.profile(sky, {})

        with pytest.raises(Unavailable):
            self.found(timeout=0)

    @given(
        st.dictionaries(
            st.sampled_from(["displayName", "description", "avatar", "labels"]),
            st.recursive(
                st.none()
                | st.booleans()
                | st.floats(allow_nan=False, allow_infinity=False)
                | st.text(st.characters(), max_size=30),
                lambda inner: (
                    st.lists(inner, max_size=2)
                    | st.dictionaries(st.sampled_from(["ref", "$link", "cid", "values", "val"]), inner, max_size=3)
                ),
                max_leaves=5,
            ),
        )
    )
    def test_whatever_a_profile_holds_it_is_read(self, value: dict[str, Any]) -> None:
        with atmosphere() as sky:
            sky.knows_ada()
            body = json.dumps({"uri": f"at://{ADA}/app.bsky.actor.profile/self", "cid": CID, "value": value})
            sky.xrpc("GET", GET, answer(200, body))

            found = self.found()

        assert found.uri == ADA
        (found.name + found.bio + found.avatar_url).encode()


class TestConnecting:
    def connect(self, handle: str = HANDLE, password: str = "abcd-efgh-ijkl-mnop") -> Connected:
        return bluesky.connect(handle=handle, password=password)

    @pytest.mark.parametrize("handle", [HANDLE, f"@{HANDLE}", ADA, f"https://bsky.app/profile/{HANDLE}"])
    def test_a_curator_signs_in_with_an_app_password(self, sky: Sky, handle: str) -> None:
        sky.knows_ada()
        sky.xrpc("POST", SIGN_IN, answer(200, SESSION))

        account = self.connect(handle, " abcd-efgh-ijkl-mnop ")

        assert account == Connected(
            uri=ADA,
            handle=Handle(Network.BLUESKY, HANDLE),
            page_url=f"https://bsky.app/profile/{ADA}",
            secret=SECRET | {"access": "access-2", "refresh": "refresh-2"},
            limits=Limits(characters=300, bytes=3_000, images=4, alt_length=2_000),
        )
        assert sky.bodies(SIGN_IN) == [{"identifier": ADA, "password": "abcd-efgh-ijkl-mnop"}]

    def test_the_password_that_opens_everything_is_not_taken(self, sky: Sky) -> None:
        claims = base64.urlsafe_b64encode(json.dumps({"scope": "com.atproto.access"}).encode()).decode()
        sky.knows_ada()
        sky.xrpc("POST", SIGN_IN, answer(200, SESSION | {"accessJwt": f"h.{claims.rstrip('=')}.s"}))

        with pytest.raises(Rejected, match="make an app password"):
            self.connect()

    @pytest.mark.parametrize("token", ["opaque", "h.e30.s", "h.bnVsbA.s", "h.!!.s", "h.é.s"])
    def test_a_token_that_cannot_be_read_is_as_good_as_any(self, sky: Sky, token: str) -> None:
        sky.knows_ada()
        sky.xrpc("POST", SIGN_IN, answer(200, SESSION | {"accessJwt": token}))

        assert self.connect().secret["access"] == token

    def test_a_wrong_password_is_said_to_be_wrong(self, sky: Sky) -> None:
        sky.knows_ada()
        sky.xrpc("POST", SIGN_IN, refusal("AuthenticationRequired", "Invalid identifier or password", 401))

        with pytest.raises(Revoked, match=r"does not take this app password for @ada\.example\.com"):
            self.connect()

    @pytest.mark.parametrize("handle", ["", "two words", "@ada@example.social", "x" * 100_000, "\ud800"])
    def test_what_is_no_handle_on_bluesky_is_refused_before_anybody_is_asked(self, sky: Sky, handle: str) -> None:
        with pytest.raises(Rejected):
            self.connect(handle)

        assert sky.asked == []

    @pytest.mark.parametrize("session", [SESSION | {"did": MALLORY}, SESSION | {"accessJwt": None}, {}])
    def test_a_session_for_somebody_else_is_not_kept(self, sky: Sky, session: Any) -> None:
        sky.knows_ada()
        sky.xrpc("POST", SIGN_IN, answer(200, session))

        with pytest.raises(Rejected, match="somebody else"):
            self.connect()

    def test_too_many_sign_ins_are_waited_for(self, sky: Sky) -> None:
        reset = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=4)
        sky.knows_ada()
        busy = answer(429, {"error": "RateLimitExceeded"}, ratelimit_reset=str(int(reset.timestamp())))
        sky.xrpc("POST", SIGN_IN, busy)

        with pytest.raises(Unavailable) as caught:
            self.connect()

        assert caught.value.retry_at == reset

    def test_a_lost_answer_to_a_sign_in_is_no_doubt_about_a_post(self, sky: Sky) -> None:
        sky.knows_ada()
        sky.xrpc("POST", SIGN_IN, httpx.ReadTimeout("lost"))

        with pytest.raises(Unavailable):
            self.connect()


class TestWriting:
    def test_the_wire_is_the_whole_put(self) -> None:
        root, parent = {"uri": "at://a", "cid": "1"}, {"uri": "at://b", "cid": "2"}
        facets = [
            {"start": 23, "end": 35, "kind": "mention", "value": ADA},
            {"start": 74, "end": 108, "kind": "link", "value": "https://en.wikipedia.org/wiki/CBOR"},
        ]
        text = (
            "✨ example mentioning @atproto.com to share the URL 👨\u200d❤️\u200d👨 https://en.wikipedia.org/wiki/CBOR."
        )

        body = wire(replace(PART, text=text, facets=facets[::-1]), root=root, parent=parent, picture={"image": 1})

        assert body == {
            "repo": ADA,
            "collection": "app.bsky.feed.post",
            "rkey": "3mznnivvj2222",
            "validate": True,
            "swapRecord": None,
            "record": {
                "$type": "app.bsky.feed.post",
                "text": text,
                "createdAt": "2026-11-06T15:00:00.000Z",
                "langs": ["en"],
                "facets": [
                    {
                        "index": {"byteStart": 23, "byteEnd": 35},
                        "features": [{"$type": "app.bsky.richtext.facet#mention", "did": ADA}],
                    },
                    {
                        "index": {"byteStart": 74, "byteEnd": 108},
                        "features": [
                            {
                                "$type": "app.bsky.richtext.facet#link",
                                "uri": "https://en.wikipedia.org/wiki/CBOR",
                            }
                        ],
                    },
                ],
                "reply": {"root": root, "parent": parent},
                "embed": {"$type": "app.bsky.embed.images", "images": [{"image": 1}]},
            },
        }
        assert text.encode()[23:35] == b"@atproto.com"

    def test_a_tag_is_kept_without_its_sign(self) -> None:
        part = replace(PART, text="😀 #abcdef", facets=[{"start": 5, "end": 12, "kind": "tag", "value": "abcdef"}])

        features = wire(part)["record"]["facets"][0]["features"]

        assert features == [{"$type": "app.bsky.richtext.facet#tag", "tag": "abcdef"}]

    def test_the_moment_is_written_in_utc(self) -> None:
        tokyo = SLOT.astimezone(timezone(timedelta(hours=9)))

        assert wire(replace(PART, created_at=tokyo)) == wire()

    @pytest.mark.parametrize("language", ["", "English", "e", "de_DE", "-"])
    def test_a_language_that_is_no_tag_is_left_out(self, language: str) -> None:
        assert "langs" not in wire(replace(PART, language=language))["record"]

    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({"key": "not a tid"}, "no key"),
            ({"key": ""}, "no key"),
            ({"created_at": None}, "the moment"),
            ({"created_at": SLOT.replace(tzinfo=None)}, "the moment"),
            ({"text": ""}, "may have 300"),
            ({"text": " \n"}, "may have 300"),
            ({"text": "a" * 301}, "this one has 301"),
            ({"text": "👨‍👩‍👧‍👦" * 121}, "this one has 121 and 3025"),
            ({"text": "\ud800"}, "half a character"),
        ],
    )
    def test_what_bluesky_would_refuse_is_refused_here(self, changes: dict[str, Any], why: str) -> None:
        with pytest.raises(Rejected, match=why):
            wire(replace(PART, **changes))

    def test_a_text_of_exactly_the_limit_is_taken(self) -> None:
        assert wire(replace(PART, text="👨‍👩‍👧‍👦" * 120))["record"]["text"] == "👨‍👩‍👧‍👦" * 120

    @pytest.mark.parametrize(
        "more", [{"root": {"uri": "at://a", "cid": "1"}}, {"parent": {"uri": "at://a", "cid": "1"}}]
    )
    def test_a_reply_names_both_its_root_and_its_parent(self, more: dict[str, Any]) -> None:
        with pytest.raises(Rejected, match="both"):
            wire(**more)

    @pytest.mark.parametrize(
        "facets",
        [
            [(0, 12, "link", "https://a.example")],  # past the end: the server would take it
            [(-1, 2, "link", "https://a.example")],
            [(3, 3, "link", "https://a.example")],
            [(4, 2, "link", "https://a.example")],
            [(1, 4, "link", "https://a.example")],  # into the emoji
            [(0, 2, "link", "https://a.example")],  # out of the emoji
            [(0, 6, "link", "https://a.example"), (5, 8, "link", "https://a.example")],
            [(0, 4, "mention", "ada.example.com")],
            [(0, 4, "link", "javascript:alert(1)")],
            [(0, 4, "link", "https://a.example/ä")],
            [(0, 4, "tag", "")],
            [(0, 4, "tag", "a" * 65)],
            [(0, 4, "tag", "👨‍👩‍👧‍👦" * 26)],
            [(0, 4, "shout", "x")],
        ],
    )
    def test_a_facet_that_lies_is_refused(self, facets: list[tuple[int, int, str, str]]) -> None:
        names = ("start", "end", "kind", "value")
        part = replace(PART, text="😀 #abcde", facets=[dict(zip(names, facet, strict=True)) for facet in facets])

        with pytest.raises(Rejected):
            wire(part)

    def test_facets_may_touch(self) -> None:
        facets = [
            {"start": 0, "end": 4, "kind": "tag", "value": "x"},
            {"start": 4, "end": 8, "kind": "tag", "value": "y"},
        ]

        assert len(wire(replace(PART, text="😀😀", facets=facets))["record"]["facets"]) == 2

    def test_keys_are_apart_by_delivery_and_in_order_by_part(self) -> None:
        keys = [bluesky.key(moment=SLOT, serial=serial, part=part) for serial in (0, 1, 2) for part in range(12)]

        assert keys[0] == KEY
        assert len(set(keys)) == 36
        assert keys == sorted(keys)

    def test_the_limits_are_everybodys(self) -> None:
        assert bluesky.limits(SECRET) == Limits(characters=300, bytes=3_000, images=4, alt_length=2_000)


class TestSending:
    def test_the_wire_is_sent_as_it_is_and_the_servers_word_is_the_receipt(self, sky: Sky) -> None:
        sky.xrpc("POST", PUT, answer(200, STANDS | {"validationStatus": "valid"}))

        sent = send()

        assert sky.bodies(PUT) == [wire()]
        assert sky.asked[0].headers["authorization"] == "Bearer access-1"
        assert sent.receipt.remote_id == URI
        assert sent.receipt.url == f"https://bsky.app/profile/{ADA}/post/{KEY}"
        assert sent.receipt.reference == STANDS
        assert sent.secret is None

    @pytest.mark.parametrize(
        "outcome",
        [
            answer(500, {}),
            answer(502, "<html>"),
            answer(503, {}),
            answer(504, {}),
            answer(408, {}),
            answer(200, "<html>"),
            answer(200, []),
            answer(200, {}),
            answer(200, {"uri": URI}),
            answer(200, {"uri": URI, "cid": ""}),
            answer(200, {"uri": URI.replace(ADA, MALLORY), "cid": CID}),
            httpx.ReadTimeout("lost"),
            httpx.RemoteProtocolError("hung up"),
        ],
    )
    def test_when_the_answer_is_lost_the_outcome_is_unknown(self, sky: Sky, outcome: Any) -> None:
        sky.xrpc("POST", PUT, outcome)

        with pytest.raises(OutcomeUnknown):
            send()

    def test_a_server_that_cannot_be_reached_surely_posted_nothing(self, sky: Sky) -> None:
        with pytest.raises(Unavailable):
            send()

    def test_a_limit_says_when_it_ends(self, sky: Sky) -> None:
        reset = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=30)
        busy = answer(429, {"error": "RateLimitExceeded"}, ratelimit_reset=str(int(reset.timestamp())))
        sky.xrpc("POST", PUT, busy)

        with pytest.raises(Unavailable) as caught:
            send()

        assert caught.value.retry_at == reset

    @pytest.mark.parametrize("status", [400, 403, 404, 413, 302])
    def test_any_other_answer_is_a_refusal_in_the_servers_words(self, sky: Sky, status: int) -> None:
        sky.xrpc("POST", PUT, refusal("InvalidRequest", "Record/text must not be longer", status))

        with pytest.raises(Rejected, match="said: Record/text must not be longer"):
            send()

    def test_a_post_for_another_account_goes_nowhere(self, sky: Sky) -> None:
        with pytest.raises(Rejected, match="another account"):
            bluesky.send(wire(), key=KEY, secret=SECRET | {"did": MALLORY})

        assert sky.asked == []

    def test_the_very_same_post_under_the_key_is_adopted(self, sky: Sky) -> None:
        sky.xrpc("POST", PUT, refusal("InvalidSwap"))
        reordered = dict(reversed(wire()["record"].items()))
        sky.xrpc("GET", GET, standing(reordered))

        assert send().receipt.reference == STANDS

    def test_another_post_under_the_key_is_an_alarm_and_stays_untouched(self, sky: Sky) -> None:
        sky.xrpc("POST", PUT, refusal("InvalidSwap"))
        sky.xrpc("GET", GET, standing(wire()["record"] | {"text": "Buy gold"}))

        with pytest.raises(Rejected, match=f"Another post stands .*{KEY}"):
            send()

        assert sky.names() == [PUT, GET]

    @pytest.mark.parametrize("trouble", [answer(503, {}), refusal("RecordNotFound"), httpx.ReadTimeout("lost")])
    def test_what_stands_under_the_key_stays_unknown_until_it_was_seen(self, sky: Sky, trouble: Any) -> None:
        sky.xrpc("POST", PUT, refusal("InvalidSwap"))
        sky.xrpc("GET", GET, trouble)

        with pytest.raises(OutcomeUnknown):
            send()


class TestSessions:
    @pytest.mark.parametrize(
        "expired",
        [
            refusal("ExpiredToken", "Token has expired"),
            refusal("InvalidToken"),
            refusal("AuthenticationRequired", status=401),
            answer(401, "<html>"),
        ],
    )
    def test_an_expired_token_is_renewed_and_the_new_ones_handed_over(self, sky: Sky, expired: Any) -> None:
        sky.xrpc("POST", PUT, expired, answer(200, STANDS))
        sky.xrpc("POST", REFRESH, answer(200, SESSION))

        sent = send()

        assert sent.secret == SECRET | {"access": "access-2", "refresh": "refresh-2"}
        assert [request.headers["authorization"] for request in sky.asked] == [
            "Bearer access-1",
            "Bearer refresh-1",
            "Bearer access-2",
        ]

    def test_a_lost_session_is_opened_anew_with_the_app_password(self, sky: Sky) -> None:
        sky.xrpc("POST", PUT, refusal("ExpiredToken"), answer(200, STANDS))
        sky.xrpc("POST", REFRESH, refusal("ExpiredToken", "Token has been revoked"))
        sky.xrpc("POST", SIGN_IN, answer(200, SESSION))

        assert send().secret == SECRET | {"access": "access-2", "refresh": "refresh-2"}
        assert sky.names() == [PUT, REFRESH, SIGN_IN, PUT]

    def test_a_revoked_app_password_stops_the_channel(self, sky: Sky) -> None:
        sky.xrpc("POST", PUT, refusal("ExpiredToken"))
        sky.xrpc("POST", REFRESH, refusal("ExpiredToken", "Token has been revoked"))
        sky.xrpc("POST", SIGN_IN, refusal("AuthenticationRequired", status=401))

        with pytest.raises(Revoked, match="connect again"):
            send()

    def test_an_account_without_a_proven_handle_is_named_by_its_did(self, sky: Sky) -> None:
        sky.xrpc("POST", PUT, refusal("ExpiredToken"))
        sky.xrpc("POST", REFRESH, refusal("ExpiredToken"))
        sky.xrpc("POST", SIGN_IN, refusal("AuthenticationRequired", status=401))

        with pytest.raises(Revoked, match=ADA):
            bluesky.send(wire(), key=KEY, secret=SECRET | {"handle": ""})

    def test_a_new_token_that_is_refused_too_stops_the_channel(self, sky: Sky) -> None:
        sky.xrpc("POST", PUT, refusal("ExpiredToken"))
        sky.xrpc("POST", REFRESH, answer(200, SESSION))

        with pytest.raises(Revoked, match="connect the channel again"):
            send()

        assert sky.names() == [PUT, REFRESH, PUT]

    @pytest.mark.parametrize(
        ("name", "status"),
        [("AccountTakedown", 401), ("AccountDeactivated", 401), ("AccountSuspended", 400), ("AccountNotFound", 403)],
    )
    def test_an_account_that_was_stopped_stops_the_channel_at_once(self, sky: Sky, name: str, status: int) -> None:
        sky.xrpc("POST", PUT, refusal(name, "Account is not well", status))

        with pytest.raises(Revoked, match="Account is not well"):
            send()

        assert sky.names() == [PUT]

    @pytest.mark.parametrize(
        "trouble", [answer(503, {}), answer(429, {}), httpx.ReadTimeout("lost"), httpx.ConnectError("no")]
    )
    @pytest.mark.parametrize("call", [REFRESH, SIGN_IN])
    def test_a_session_that_cannot_be_renewed_now_is_renewed_later(self, sky: Sky, call: str, trouble: Any) -> None:
        sky.xrpc("POST", PUT, refusal("ExpiredToken"))
        sky.xrpc("POST", REFRESH, refusal("ExpiredToken"))
        sky.xrpc("POST", call, trouble)

        with pytest.raises(Unavailable):
            send()

    def test_after_a_renewal_a_lost_answer_is_still_a_doubt(self, sky: Sky) -> None:
        sky.xrpc("POST", PUT, refusal("ExpiredToken"), answer(502, {}))
        sky.xrpc("POST", REFRESH, answer(200, SESSION))

        with pytest.raises(OutcomeUnknown):
            send()

    def test_a_post_adopted_after_a_renewal_brings_the_new_tokens(self, sky: Sky) -> None:
        sky.xrpc("POST", PUT, refusal("ExpiredToken"), refusal("InvalidSwap"))
        sky.xrpc("POST", REFRESH, answer(200, SESSION))
        sky.xrpc("GET", GET, standing())

        assert send().secret == SECRET | {"access": "access-2", "refresh": "refresh-2"}


class TestLooking:
    def test_the_same_post_is_there(self, sky: Sky) -> None:
        sky.xrpc("GET", GET, standing())

        sent = look()

        assert sent.receipt.reference == STANDS
        assert dict(sky.asked[0].url.params) == {"repo": ADA, "collection": "app.bsky.feed.post", "rkey": KEY}
        assert "authorization" not in sky.asked[0].headers

    def test_no_record_is_surely_no_post(self, sky: Sky) -> None:
        sky.xrpc("GET", GET, refusal("RecordNotFound"))

        assert look() is None

    def test_another_post_is_an_alarm(self, sky: Sky) -> None:
        sky.xrpc("GET", GET, standing(wire()["record"] | {"createdAt": "2026-11-06T15:00:01.000Z"}))

        with pytest.raises(Rejected, match="Another post"):
            look()

    @pytest.mark.parametrize(
        "doubtful",
        [
            refusal("InvalidRequest", "Could not locate record"),
            refusal("RecordNotFound", status=404),
            answer(500, {}),
            answer(429, {}),
            answer(200, "<html>"),
            answer(200, {}),
            answer(200, {"uri": URI.replace(ADA, MALLORY), "cid": CID, "value": {}}),
            httpx.ReadTimeout("lost"),
        ],
    )
    def test_a_doubtful_answer_is_neither_there_nor_not_there(self, sky: Sky, doubtful: Any) -> None:
        sky.xrpc("GET", GET, doubtful)

        with pytest.raises(Unavailable):
            look()


class TestPictures:
    BLOB = {"$type": "blob", "ref": {"$link": CID}, "mimeType": "image/png", "size": 4}

    def upload(self, picture: Picture = PICTURE) -> dict[str, Any]:
        return bluesky.upload(picture, secret=SECRET)

    def test_a_picture_is_brought_and_named_for_the_wire(self, sky: Sky) -> None:
        sky.xrpc("POST", UPLOAD, answer(200, {"blob": self.BLOB}))

        picture = self.upload()

        assert picture == {"image": self.BLOB, "alt": "Three names", "aspectRatio": {"width": 1200, "height": 630}}
        assert sky.asked[0].content == PICTURE.data
        assert sky.asked[0].headers["content-type"] == "image/png"
        assert wire(picture=picture)["record"]["embed"]["images"] == [picture]

    def test_a_picture_that_is_too_big_is_refused_here(self, sky: Sky) -> None:
        with pytest.raises(Rejected, match="2,000,000 bytes"):
            self.upload(replace(PICTURE, data=b"x" * (PICTURE_BYTES + 1)))

        assert sky.asked == []

    def test_an_expired_session_is_renewed_on_the_way(self, sky: Sky) -> None:
        sky.xrpc("POST", UPLOAD, refusal("ExpiredToken"), answer(200, {"blob": self.BLOB}))
        sky.xrpc("POST", REFRESH, answer(200, SESSION))

        assert self.upload()["image"] == self.BLOB

    @pytest.mark.parametrize(
        "trouble", [answer(502, {}), answer(200, "<html>"), answer(200, {}), answer(429, {}), httpx.ReadTimeout("lost")]
    )
    def test_a_picture_that_got_lost_is_simply_brought_again(self, sky: Sky, trouble: Any) -> None:
        sky.xrpc("POST", UPLOAD, trouble)

        with pytest.raises(Unavailable):
            self.upload()

    def test_a_refused_picture_is_a_refusal(self, sky: Sky) -> None:
        sky.xrpc("POST", UPLOAD, refusal("BlobTooLarge", "too large", 413))

        with pytest.raises(Rejected, match="too large"):
            self.upload()
