"""Bluesky against the real server (@atproto/pds), with the atproto SDK as a second opinion of what stands there."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import httpx
import pytest
from atproto import Client, models
from PIL import Image

from recommendations.consent import Signal
from recommendations.handles import Handle, Network
from recommendations.networks.base import NotFound, Rejected, Revoked, Unavailable
from recommendations.networks.bluesky import Bluesky
from recommendations.networks.posting import Part, Picture, Receipt, Sent
from recommendations.networks.tid import tid
from recommendations.threads import Outline, Person, compose
from tests.pds import Account, Pds
from tests.recommendations.networks.servers import web

pytestmark = pytest.mark.pds

SLOT = datetime(2026, 11, 6, 15, 0, tzinfo=UTC)
SECONDS = 120.0  # for a look-up on a busy machine; the two seconds of the product are tested with a fake


@pytest.fixture
def bluesky(pds: Pds) -> Bluesky:
    return Bluesky(pds.options)


@pytest.fixture
def ada(pds: Pds) -> Account:
    return pds.account("ada")


@pytest.fixture
def secret(bluesky: Bluesky, ada: Account) -> dict[str, Any]:
    return bluesky.connect(handle=ada.handle, password=ada.app_password).secret


def part(text: str = "Hello", number: int = 0, **more: Any) -> Part:
    return Part(text=text, key=tid(SLOT, clock=number), created_at=SLOT, language="en", **more)


def wire(bluesky: Bluesky, secret: dict[str, Any], this: Part, **more: Any) -> dict[str, Any]:
    return bluesky.wire(this, secret=secret, **({"root": None, "parent": None, "picture": None} | more))


def send(bluesky: Bluesky, secret: dict[str, Any], this: Part, **more: Any) -> Sent:
    return bluesky.send(wire(bluesky, secret, this, **more), key=this.key, secret=secret)


def look_up(bluesky: Bluesky, name: str) -> Any:
    return bluesky.look_up(Handle(Network.BLUESKY, name), timeout=SECONDS)


def png() -> bytes:
    file = BytesIO()
    Image.new("RGB", (8, 4), "teal").save(file, "PNG")
    return file.getvalue()


class TestPosting:
    def test_a_thread_of_twelve_hangs_together(self, pds: Pds, bluesky: Bluesky, ada: Account, secret: Any) -> None:
        receipts: list[Receipt] = []
        for number in range(12):
            before = {"root": receipts[0].reference, "parent": receipts[-1].reference} if receipts else {}
            receipts.append(send(bluesky, secret, part(f"Part {number}", number), **before).receipt)

        records = pds.records(ada)

        assert [record["value"]["text"] for record in records] == [f"Part {number}" for number in range(12)]
        assert [{"uri": record["uri"], "cid": record["cid"]} for record in records] == [
            receipt.reference for receipt in receipts
        ]
        assert "reply" not in records[0]["value"]
        for number in range(1, 12):
            reply = {"root": receipts[0].reference, "parent": receipts[number - 1].reference}
            assert records[number]["value"]["reply"] == reply

    def test_sent_twice_it_stands_once(self, pds: Pds, bluesky: Bluesky, ada: Account, secret: Any) -> None:
        first = send(bluesky, secret, part())
        second = send(bluesky, secret, part())

        assert first == second
        assert len(pds.records(ada)) == 1

    def test_sent_by_twenty_at_once_it_stands_once(self, pds: Pds, bluesky: Bluesky, ada: Account, secret: Any) -> None:
        with ThreadPoolExecutor(20) as crowd:
            sent = list(crowd.map(lambda _: send(bluesky, secret, part()), range(20)))

        assert len({receipt.receipt.reference["cid"] for receipt in sent}) == 1
        assert len(pds.records(ada)) == 1

    def test_other_words_under_the_same_key_are_an_alarm_and_change_nothing(
        self, pds: Pds, bluesky: Bluesky, ada: Account, secret: Any
    ) -> None:
        send(bluesky, secret, part("The first words"))

        with pytest.raises(Rejected, match="Another post stands"):
            send(bluesky, secret, part("Other words"))

        assert [record["value"]["text"] for record in pds.records(ada)] == ["The first words"]

    def test_the_same_post_with_more_spaces_in_its_json_is_the_same_post(
        self, pds: Pds, bluesky: Bluesky, ada: Account, secret: Any
    ) -> None:
        this = part()
        record = wire(bluesky, secret, this)["record"]
        pds.put(ada, "app.bsky.feed.post", this.key, dict(reversed(record.items())))

        assert send(bluesky, secret, this) == bluesky.look(
            wire(bluesky, secret, this), key=this.key, secret=secret, since=SLOT
        )
        assert len(pds.records(ada)) == 1

    def test_looking_finds_the_post_nothing_or_another_one(self, bluesky: Bluesky, secret: Any) -> None:
        this, other = wire(bluesky, secret, part()), wire(bluesky, secret, part("Other words"))
        key = part().key

        before = bluesky.look(this, key=key, secret=secret, since=SLOT)
        sent = send(bluesky, secret, part())

        assert before is None
        assert bluesky.look(this, key=key, secret=secret, since=SLOT) == sent
        with pytest.raises(Rejected, match="Another post"):
            bluesky.look(other, key=key, secret=secret, since=SLOT)

    def test_a_deleted_post_is_surely_not_there(self, pds: Pds, bluesky: Bluesky, ada: Account, secret: Any) -> None:
        this = part()
        send(bluesky, secret, this)
        gone = {"repo": ada.did, "collection": "app.bsky.feed.post", "rkey": this.key}
        pds.call("com.atproto.repo.deleteRecord", json=gone, token=ada.access)

        assert bluesky.look(wire(bluesky, secret, this), key=this.key, secret=secret, since=SLOT) is None

    def test_what_the_server_finds_wrong_is_told_in_its_words(self, bluesky: Bluesky, secret: Any) -> None:
        this = part()
        broken = wire(bluesky, secret, this)
        broken["record"] = broken["record"] | {"createdAt": "yesterday"}

        with pytest.raises(Rejected, match=r"Bluesky's server said: .*createdAt"):
            bluesky.send(broken, key=this.key, secret=secret)

    def test_a_picture_is_shown_with_its_words(self, pds: Pds, bluesky: Bluesky, ada: Account, secret: Any) -> None:
        share = Picture(png(), "image/png", "A teal field", 8, 4)

        uploaded = bluesky.upload(share, secret=secret)
        first = send(bluesky, secret, part(), picture=uploaded)
        again = send(bluesky, secret, part(), picture=uploaded)

        (record,) = pds.records(ada)
        (image,) = record["value"]["embed"]["images"]
        assert first == again
        assert image["alt"] == "A teal field"
        assert image["aspectRatio"] == {"width": 8, "height": 4}
        blob = {"did": ada.did, "cid": image["image"]["ref"]["$link"]}
        assert httpx.get(f"{pds.url}/xrpc/com.atproto.sync.getBlob", params=blob).content == share.data


class TestSecondOpinion:
    def test_facets_cover_the_very_words_as_the_sdk_reads_them_back(
        self, pds: Pds, bluesky: Bluesky, ada: Account, secret: Any
    ) -> None:
        grace = pds.account("grace")
        people = (
            Person(
                name="Grace 👩🏽‍💻 Höpper",
                handle=Handle(Network.BLUESKY, grace.handle),
                page_url=f"https://bsky.app/profile/{grace.did}",
                uri=grace.did,
                reason="コンパイラを発明した 👨‍👩‍👧‍👦 #notatag @not.a.mention https://not.a.link",
                by="آدا",
                mention=True,
            ),
            Person(
                name="Ἀριάδνη",
                handle=Handle(Network.MASTODON, "ariadne", "example.social"),
                page_url="https://example.social/@ariadne",
                uri="https://example.social/users/ariadne",
                reason="🧵",
                by="Ada",
            ),
        )
        outline = Outline(
            community="Fädenspinner ✨",
            people=people,
            number=12,
            hashtag="Fäden",
            link="https://ff.example/c/faeden/12",
            language="de",
        )
        posts = compose(outline, network=Network.BLUESKY, limits=bluesky.limits(secret))
        for number, post in enumerate(posts):
            facets = [facet.as_json for facet in post.facets]
            send(bluesky, secret, part(post.text, number, facets=facets))

        reader = Client(base_url=f"{pds.url}/xrpc")
        reader.login(ada.handle, ada.app_password, fetch_bsky_profile=False)
        marked = []
        for number in range(len(posts)):
            record = reader.get_post(tid(SLOT, clock=number), ada.did).value
            data = record.text.encode()
            for facet in record.facets or []:
                (feature,) = facet.features
                words = data[facet.index.byte_start : facet.index.byte_end].decode()
                target = getattr(feature, "did", None) or getattr(feature, "uri", None) or feature.tag
                marked.append((type(feature).__name__, words, target))

        link = ("Link", "ff.example/c/faeden/12", "https://ff.example/c/faeden/12")
        assert marked == [
            ("Tag", "#Fäden", "Fäden"),
            link,
            ("Mention", f"@{grace.handle}", grace.did),
            ("Link", "Ἀριάδνη", "https://example.social/@ariadne"),
            link,
        ]

    def test_the_sdk_would_send_the_same_record(self, bluesky: Bluesky, ada: Account, secret: Any) -> None:
        facets = [{"start": 0, "end": 5, "kind": "link", "value": "https://a.example"}]
        ours = wire(bluesky, secret, part(facets=facets))["record"]

        index = models.AppBskyRichtextFacet.ByteSlice(byte_start=0, byte_end=5)
        feature = models.AppBskyRichtextFacet.Link(uri="https://a.example")
        facet = models.AppBskyRichtextFacet.Main(index=index, features=[feature])
        theirs = models.AppBskyFeedPost.Record(
            text="Hello", created_at="2026-11-06T15:00:00.000Z", langs=["en"], facets=[facet]
        )

        sdk = theirs.model_dump(by_alias=True, exclude_none=True)
        for each in sdk["facets"]:
            each.pop("$type", None)
            each["index"].pop("$type", None)
        assert ours == sdk


class TestSessions:
    def test_an_expired_session_is_renewed_on_the_way(
        self, pds: Pds, bluesky: Bluesky, ada: Account, secret: Any
    ) -> None:
        aged = secret | {"access": pds.aged(secret["access"])}

        sent = send(bluesky, aged, part())

        assert sent.secret is not None
        assert sent.secret["access"] != aged["access"]
        assert sent.secret["refresh"] != secret["refresh"]
        assert send(bluesky, sent.secret, part()) == replace(sent, secret=None)

    def test_with_both_tokens_lost_the_app_password_signs_in_again(
        self, pds: Pds, bluesky: Bluesky, ada: Account, secret: Any
    ) -> None:
        lost = secret | {"access": pds.aged(secret["access"]), "refresh": pds.aged(secret["refresh"])}

        sent = send(bluesky, lost, part())

        assert sent.secret is not None
        assert sent.secret["password"] == ada.app_password
        assert len(pds.records(ada)) == 1

    def test_when_the_renewed_tokens_were_lost_the_old_refresh_token_still_does(
        self, pds: Pds, bluesky: Bluesky, secret: Any
    ) -> None:
        aged = secret | {"access": pds.aged(secret["access"]), "password": "not needed"}
        send(bluesky, aged, part())  # and the answer's secret is lost

        assert send(bluesky, aged, part()).secret is not None

    def test_twenty_at_once_with_an_expired_session_all_get_through(
        self, pds: Pds, bluesky: Bluesky, ada: Account, secret: Any
    ) -> None:
        aged = secret | {"access": pds.aged(secret["access"])}

        with ThreadPoolExecutor(20) as crowd:
            sent = list(crowd.map(lambda _: send(bluesky, aged, part()), range(20)))

        assert len({each.receipt.reference["cid"] for each in sent}) == 1
        assert len(pds.records(ada)) == 1

    def test_a_revoked_app_password_stops_the_channel_once_its_token_has_run_out(
        self, pds: Pds, bluesky: Bluesky, ada: Account, secret: Any
    ) -> None:
        pds.revoke_app_password(ada)

        with pytest.raises(Revoked, match="does not take this app password"):
            send(bluesky, secret | {"access": pds.aged(secret["access"])}, part())

        assert pds.records(ada) == []

    def test_an_account_taken_down_or_asleep_stops_the_channel(
        self, pds: Pds, bluesky: Bluesky, ada: Account, secret: Any
    ) -> None:
        pds.deactivate(ada)

        with pytest.raises(Revoked, match="deactivated"):
            send(bluesky, secret, part())

        pds.take_down(ada)
        with pytest.raises(Revoked, match="taken down"):
            send(bluesky, secret, part())

    def test_of_a_stopped_account_nobody_can_say_what_stands_there(
        self, pds: Pds, bluesky: Bluesky, ada: Account, secret: Any
    ) -> None:
        this = part()
        send(bluesky, secret, this)
        pds.deactivate(ada)

        with pytest.raises(Unavailable):
            bluesky.look(wire(bluesky, secret, this), key=this.key, secret=secret, since=SLOT)

    def test_a_wrong_password_and_the_main_password_are_both_turned_away(self, bluesky: Bluesky, ada: Account) -> None:
        with pytest.raises(Revoked):
            bluesky.connect(handle=ada.handle, password="abcd-efgh-ijkl-mnop")
        with pytest.raises(Rejected, match="make an app password"):
            bluesky.connect(handle=ada.handle, password=ada.password)

    def test_a_curator_may_connect_by_did(self, bluesky: Bluesky, ada: Account) -> None:
        account = bluesky.connect(handle=ada.did, password=ada.app_password)

        assert account.uri == ada.did
        assert account.handle == Handle(Network.BLUESKY, ada.handle)


class TestLimits:
    def test_a_real_limit_says_when_it_ends(self) -> None:
        with Pds.start(rate_limits=True) as strict:
            bluesky, ada = Bluesky(strict.options), strict.account("ada")
            wrong = {"identifier": ada.did, "password": "abcd-efgh-ijkl-mnop"}
            sign_in = f"{strict.url}/xrpc/com.atproto.server.createSession"
            with ThreadPoolExecutor(10) as crowd:
                answers = crowd.map(lambda _: httpx.post(sign_in, json=wrong, timeout=120), range(30))
                assert {response.status_code for response in answers} == {401}
            with pytest.raises(Unavailable) as caught:
                bluesky.connect(handle=ada.did, password=ada.app_password)

        assert caught.value.retry_at is not None
        assert 0 < (caught.value.retry_at - datetime.now(UTC)).total_seconds() <= 300


class TestLookingUp:
    def test_somebody_real_is_found_with_name_bio_and_picture(self, pds: Pds, bluesky: Bluesky, ada: Account) -> None:
        avatar = pds.upload(ada, png(), "image/png")
        profile = {
            "$type": "app.bsky.actor.profile",
            "displayName": "Ada Lovelace",
            "description": "Poetical science\nand engines",
            "avatar": avatar,
        }
        pds.put(ada, "app.bsky.actor.profile", "self", profile)

        found = look_up(bluesky, ada.handle)

        assert (found.handle.name, found.uri) == (ada.handle, ada.did)
        assert (found.name, found.bio) == ("Ada Lovelace", "Poetical science\nand engines")
        assert (found.signal, found.members_only, found.checked) == (Signal.AUTOMATIC, False, True)
        assert httpx.get(found.avatar_url).content == png()

    def test_who_hides_from_the_signed_out_and_who_declines_is_heard(
        self, pds: Pds, bluesky: Bluesky, ada: Account
    ) -> None:
        labels = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "!no-unauthenticated"}]}
        said = {"$type": "app.bsky.actor.profile", "description": "Quiet. #NoBot", "labels": labels}
        pds.put(ada, "app.bsky.actor.profile", "self", said)

        found = look_up(bluesky, ada.handle)

        assert found.members_only
        assert found.signal == Signal.DECLINED

    def test_somebody_without_a_profile_is_found(self, bluesky: Bluesky, ada: Account) -> None:
        found = look_up(bluesky, ada.did)

        assert (found.uri, found.handle.name, found.name) == (ada.did, ada.handle, "")
        assert found.signal == Signal.AUTOMATIC

    def test_the_newest_post_tells_when_somebody_was_there_last(
        self, bluesky: Bluesky, ada: Account, secret: Any
    ) -> None:
        before = look_up(bluesky, ada.did).last_active_on
        for days in (3, 1, 2):
            send(bluesky, secret, replace(part(), key=tid(SLOT - timedelta(days=days), clock=0)))

        assert before is None
        assert look_up(bluesky, ada.did).last_active_on == (SLOT - timedelta(days=1)).date()

    def test_after_a_change_of_handle_the_old_one_leads_nowhere(self, pds: Pds, bluesky: Bluesky, ada: Account) -> None:
        renamed = ada.handle.replace("ada", "ava")
        pds.call("com.atproto.identity.updateHandle", json={"handle": renamed}, token=ada.access)

        assert look_up(bluesky, renamed).uri == ada.did
        with pytest.raises(NotFound):
            look_up(bluesky, ada.handle)

    def test_an_account_taken_down_or_asleep_is_never_listed(self, pds: Pds, bluesky: Bluesky, ada: Account) -> None:
        grace = pds.account("grace")
        pds.deactivate(ada)
        pds.take_down(grace)

        assert look_up(bluesky, ada.did).signal == Signal.NEVER
        assert look_up(bluesky, grace.did).signal == Signal.NEVER

    def test_a_strangers_document_borrows_neither_a_handle_nor_a_server(self, pds: Pds, ada: Account) -> None:
        mallory = "did:plc:" + "m" * 24
        with web() as directory:
            document = {
                "id": mallory,
                "alsoKnownAs": [f"at://{ada.handle}"],
                "service": [{"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": pds.url}],
            }
            directory.answer(f"/{mallory}", json.dumps(document).encode())
            believing = Bluesky(
                replace(
                    pds.options,
                    plc_url=directory.url().rstrip("/"),
                    open_hosts=(*pds.options.open_hosts, directory.host),
                )
            )

            with pytest.raises(NotFound, match="no longer on its server"):
                look_up(believing, mallory)

    def test_nobody_is_not_found(self, bluesky: Bluesky) -> None:
        with pytest.raises(NotFound):
            look_up(bluesky, "nobody.test")
        with pytest.raises(NotFound):
            look_up(bluesky, "did:plc:" + "a" * 24)
