"""Starter packs on Bluesky: on the real server, and the faults that no real server plays on demand."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.networks.base import NotFound, Options, OutcomeUnknown, Rejected, Revoked, Unavailable
from recommendations.networks.bluesky import Bluesky
from recommendations.networks.bluesky_lists import ITEM, LIST, PACK, BlueskyLists, cut, item_key
from recommendations.networks.listing import ListKept, ListWanted
from recommendations.networks.tid import is_tid
from tests.fakes.pds_proxy import PdsProxy
from tests.fakes.web import Fault
from tests.pds import Account, Pds
from tests.recommendations.networks.atmosphere import ADA, PDS, Sky, answer, atmosphere, refusal

FRIDAY = datetime(2026, 11, 6, 9, 0, tzinfo=UTC)
KEY = BlueskyLists(Options()).key(moment=FRIDAY, serial=7, kind=0)
GRACE, ALAN, ROSA = (f"did:plc:{letter * 24}" for letter in "gbr")


def wanted(*members: str, **fields: Any) -> ListWanted:
    given = ListWanted(KEY, "Customer Service No. 12", "Whom to follow, and why.", FRIDAY, members)
    return replace(given, **fields)


def crowd(number: int) -> list[str]:
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    return [f"did:plc:{letters[n // 32]}{letters[n % 32]}{'x' * 22}" for n in range(number)]


# On the real server


@pytest.fixture
def ada(pds: Pds) -> Account:
    return pds.account("ada")


@pytest.fixture
def secret(pds: Pds, ada: Account) -> dict[str, Any]:
    return Bluesky(pds.options).connect(handle=ada.handle, password=ada.app_password).secret


@pytest.fixture
def lists(pds: Pds) -> BlueskyLists:
    return BlueskyLists(pds.options)


def standing(pds: Pds, account: Account) -> list[str]:
    """Whom the account's lists name, each as often as it does; all pages."""
    dids: list[str] = []
    cursor = ""
    while True:
        params = {"repo": account.did, "collection": ITEM, "limit": "100"} | ({"cursor": cursor} if cursor else {})
        page = pds.call("com.atproto.repo.listRecords", params=params)
        dids += [record["value"]["subject"] for record in page["records"]]
        cursor = page.get("cursor", "")
        if not cursor:
            return sorted(dids)


@pytest.mark.pds
class TestOnTheRealServer:
    def test_a_pack_names_its_list_and_its_list_everybody(
        self, pds: Pds, ada: Account, lists: BlueskyLists, secret: Any
    ) -> None:
        kept = lists.keep_list(wanted(GRACE, ALAN), secret=secret)

        (pack,), (people,) = pds.records(ada, PACK), pds.records(ada, LIST)
        assert pack["uri"] == kept.remote_id == f"at://{ada.did}/{PACK}/{KEY}"
        assert kept.url == f"https://bsky.app/starter-pack/{ada.did}/{KEY}"
        assert kept.members == (GRACE, ALAN)
        assert pack["value"]["name"] == people["value"]["name"] == "Customer Service No. 12"
        assert pack["value"]["list"] == people["uri"]
        assert people["value"]["purpose"] == "app.bsky.graph.defs#referencelist"
        assert {item["value"]["list"] for item in pds.records(ada, ITEM)} == {people["uri"]}
        assert standing(pds, ada) == sorted([GRACE, ALAN])

    def test_kept_ten_times_it_stands_once_and_nothing_is_written_again(
        self, pds: Pds, ada: Account, lists: BlueskyLists, secret: Any
    ) -> None:
        first = lists.keep_list(wanted(GRACE, ALAN), secret=secret)
        before = pds.call("com.atproto.sync.getLatestCommit", params={"did": ada.did})

        again = [lists.keep_list(wanted(GRACE, ALAN, stood=True), secret=secret) for _ in range(10)]

        assert set(again) == {first}
        assert pds.call("com.atproto.sync.getLatestCommit", params={"did": ada.did}) == before

    def test_kept_by_ten_at_once_it_stands_once(self, pds: Pds, ada: Account, lists: BlueskyLists, secret: Any) -> None:
        def keep(_: int) -> None:
            with suppress(OutcomeUnknown, Rejected):  # another one was quicker: refused whole
                lists.keep_list(wanted(GRACE, ALAN, ROSA), secret=secret)

        with ThreadPoolExecutor(10) as workers:
            list(workers.map(keep, range(10)))

        assert (len(pds.records(ada, PACK)), len(pds.records(ada, LIST))) == (1, 1)
        assert standing(pds, ada) == sorted([GRACE, ALAN, ROSA])

    def test_a_loser_may_try_again(self, pds: Pds, ada: Account, lists: BlueskyLists, secret: Any) -> None:
        """What the real server says of a key that is taken is no refusal for ever."""
        lists.keep_list(wanted(GRACE), secret=secret)
        taken = [{"$type": "com.atproto.repo.applyWrites#create", "collection": LIST, "rkey": KEY, "value": {
            "$type": LIST, "name": "x", "purpose": "app.bsky.graph.defs#referencelist",
            "createdAt": "2026-11-06T09:00:00Z",
        }}]  # fmt: skip

        with pytest.raises(OutcomeUnknown):
            lists._apply(secret, taken)

    def test_who_leaves_is_gone_who_comes_is_there_and_the_rest_is_left_alone(
        self, pds: Pds, ada: Account, lists: BlueskyLists, secret: Any
    ) -> None:
        lists.keep_list(wanted(GRACE, ALAN), secret=secret)
        stays = next(item for item in pds.records(ada, ITEM) if item["value"]["subject"] == GRACE)
        (pack,) = pds.records(ada, PACK)

        lists.keep_list(wanted(GRACE, ROSA, stood=True, name="A new name", description=""), secret=secret)

        assert standing(pds, ada) == sorted([GRACE, ROSA])
        assert stays in pds.records(ada, ITEM)
        (renamed,) = pds.records(ada, PACK)
        assert renamed["value"]["name"] == pds.records(ada, LIST)[0]["value"]["name"] == "A new name"
        assert "description" not in renamed["value"]
        assert renamed["value"]["createdAt"] == pack["value"]["createdAt"]

    def test_a_full_pack_changes_completely(self, pds: Pds, ada: Account, lists: BlueskyLists, secret: Any) -> None:
        everybody = crowd(320)
        lists.keep_list(wanted(*everybody[:160]), secret=secret)
        assert standing(pds, ada) == sorted(everybody[:150])

        lists.keep_list(wanted(*everybody[160:], stood=True), secret=secret)

        assert standing(pds, ada) == sorted(everybody[160:310])

    def test_nobody_left_takes_it_down_and_others_make_it_anew(
        self, pds: Pds, ada: Account, lists: BlueskyLists, secret: Any
    ) -> None:
        lists.keep_list(wanted(GRACE), secret=secret)

        assert lists.keep_list(wanted(stood=True), secret=secret) == ListKept("", "", ())
        gone = (pds.records(ada, PACK), pds.records(ada, LIST), pds.records(ada, ITEM))
        lists.keep_list(wanted(ALAN), secret=secret)

        assert gone == ([], [], [])
        assert standing(pds, ada) == [ALAN]

    def test_what_its_owner_deleted_is_not_made_again_and_nobody_stays_on_it(
        self, pds: Pds, ada: Account, lists: BlueskyLists, secret: Any
    ) -> None:
        lists.keep_list(wanted(GRACE), secret=secret)
        gone = {"repo": ada.did, "collection": PACK, "rkey": KEY}
        pds.call("com.atproto.repo.deleteRecord", json=gone, token=ada.access)

        with pytest.raises(NotFound, match="deleted this starter pack"):
            lists.keep_list(wanted(GRACE, ALAN, stood=True), secret=secret)

        assert (pds.records(ada, PACK), pds.records(ada, LIST), standing(pds, ada)) == ([], [], [])

    def test_other_lists_of_the_account_are_left_alone(
        self, pds: Pds, ada: Account, lists: BlueskyLists, secret: Any
    ) -> None:
        other = lists.key(moment=FRIDAY, serial=7, kind=1)
        lists.keep_list(wanted(GRACE, ALAN, key=other), secret=secret)
        lists.keep_list(wanted(GRACE), secret=secret)

        lists.keep_list(wanted(stood=True), secret=secret)

        assert [pack["uri"].rpartition("/")[2] for pack in pds.records(ada, PACK)] == [other]
        assert standing(pds, ada) == sorted([GRACE, ALAN])

    def test_tokens_that_ran_out_are_renewed_on_the_way(
        self, pds: Pds, ada: Account, lists: BlueskyLists, secret: Any
    ) -> None:
        kept = lists.keep_list(wanted(GRACE), secret=secret | {"access": pds.aged(secret["access"])})

        assert kept.secret is not None
        assert kept.secret["refresh"] != secret["refresh"]
        assert standing(pds, ada) == [GRACE]

    def test_a_revoked_password_is_said(self, pds: Pds, ada: Account, lists: BlueskyLists, secret: Any) -> None:
        pds.revoke_app_password(ada)

        with pytest.raises(Revoked):
            lists.keep_list(wanted(GRACE), secret=secret | {"access": pds.aged(secret["access"])})

    @pytest.mark.parametrize(
        "name", ["", "\ud800\x00", "\u202e\u200b", "é" * 90, "🏳️‍🌈" * 60, "ẵ̈̈̈" * 80, "a" * 1_000_000]
    )
    def test_any_name_and_description_is_one_that_the_server_takes(
        self, pds: Pds, ada: Account, lists: BlueskyLists, secret: Any, name: str
    ) -> None:
        lists.keep_list(wanted(GRACE, name=name, description=name * 4), secret=secret)

        assert standing(pds, ada) == [GRACE]


@pytest.mark.pds
@pytest.mark.parametrize(
    "fault", [fault for fault in Fault if fault.value.startswith(("before", "after")) and "silence" not in fault.value]
)
def test_whatever_becomes_of_the_answer_a_repeat_ends_in_one_pack(
    pds: Pds, ada: Account, secret: Any, fault: Fault
) -> None:
    with PdsProxy(pds.url) as between:
        lists = BlueskyLists(Options(open_hosts=(between.host,)))
        there = secret | {"pds": between.url}
        between.script("other", fault, fault)
        for _ in range(2):
            with suppress(OutcomeUnknown):
                lists.keep_list(wanted(GRACE, ALAN), secret=there)

        kept = lists.keep_list(wanted(GRACE, ALAN), secret=there)

    assert kept.members == (GRACE, ALAN)
    assert (len(pds.records(ada, PACK)), len(pds.records(ada, LIST))) == (1, 1)
    assert standing(pds, ada) == sorted([GRACE, ALAN])


# Faults


@pytest.fixture
def sky() -> Any:
    with atmosphere() as made:
        made.knows_ada()
        yield made


SECRET = {"did": ADA, "handle": "ada.example.com", "pds": PDS, "access": "a", "refresh": "r", "password": "p"}


def keep(sky: Sky, *members: str, **fields: Any) -> ListKept:
    return BlueskyLists(Options()).keep_list(wanted(*members, **fields), secret=SECRET)


def nothing_stands(sky: Sky) -> None:
    sky.xrpc("GET", "com.atproto.repo.getRecord", refusal("RecordNotFound"))
    sky.xrpc("GET", "com.atproto.repo.listRecords", answer(200, {"records": []}))


@pytest.mark.parametrize(
    ("fault", "meaning"),
    [
        (answer(429, {}, retry_after="60"), Unavailable),
        (answer(500, {}), OutcomeUnknown),
        (answer(408, {}), OutcomeUnknown),
        (answer(502, "<html>"), OutcomeUnknown),
        (answer(200, "<html>"), OutcomeUnknown),
        (httpx.ReadTimeout("slow"), OutcomeUnknown),
        (httpx.ConnectError("nobody there"), Unavailable),
        (refusal("InvalidRequest", "The name is unkind"), Rejected),
    ],
)
def test_whatever_a_write_meets_has_its_meaning(sky: Sky, fault: Any, meaning: type[Exception]) -> None:
    nothing_stands(sky)
    sky.xrpc("POST", "com.atproto.repo.applyWrites", fault)

    with pytest.raises(meaning) as caught:
        keep(sky, GRACE)

    assert type(caught.value) is meaning


@pytest.mark.parametrize(
    "fault",
    [
        answer(500, {}),
        answer(429, {}),
        answer(404, "nothing here"),
        answer(200, "<html>"),
        answer(200, {"value": "?"}),
        answer(200, []),
        httpx.ReadTimeout("slow"),
    ],
)
def test_where_nobody_can_say_what_stands_nothing_is_written(sky: Sky, fault: Any) -> None:
    sky.xrpc("GET", "com.atproto.repo.getRecord", fault)

    with pytest.raises(Unavailable):
        keep(sky, GRACE)

    assert "com.atproto.repo.applyWrites" not in sky.names()


@pytest.mark.parametrize(
    "page",
    [
        {},
        {"records": {}},
        {"records": [1, None, {"value": []}]},
        {"records": [], "cursor": 7},
        {"records": [{"value": {}}]},
    ],
)
def test_a_page_of_nonsense_names_nobody(sky: Sky, page: Any) -> None:
    sky.xrpc("GET", "com.atproto.repo.getRecord", answer(200, {"value": {}}))
    sky.xrpc("GET", "com.atproto.repo.listRecords", answer(200, page))
    sky.xrpc("POST", "com.atproto.repo.applyWrites", answer(200, {}))

    assert keep(sky, GRACE).members == (GRACE,)
    (body,) = sky.bodies("com.atproto.repo.applyWrites")
    assert [write["collection"] for write in body["writes"]] == [LIST, PACK, ITEM]


def test_a_cursor_that_leads_nowhere_ends(sky: Sky) -> None:
    sky.xrpc("GET", "com.atproto.repo.getRecord", answer(200, {"value": {}}))
    sky.xrpc("GET", "com.atproto.repo.listRecords", answer(200, {"records": [], "cursor": "again"}))
    sky.xrpc("POST", "com.atproto.repo.applyWrites", answer(200, {}))

    keep(sky, GRACE)

    assert sky.names().count("com.atproto.repo.listRecords") == 2


def test_who_has_no_did_is_left_out_and_nobody_is_named_twice(sky: Sky) -> None:
    nothing_stands(sky)
    sky.xrpc("POST", "com.atproto.repo.applyWrites", answer(200, {}))

    kept = keep(sky, GRACE, "", "https://social.example/users/rosa", "\ud800", "did:plc:" + "x" * 3_000, GRACE)

    assert kept.members == (GRACE,)


@pytest.mark.parametrize("key", ["", "self", "../x", "\ud800", "3" * 13 + "\n"])
def test_what_is_no_key_is_refused_before_anybody_is_asked(sky: Sky, key: str) -> None:
    with pytest.raises(Rejected, match="no key"):
        keep(sky, GRACE, key=key)

    assert sky.asked == []


def test_keys_are_valid_and_tell_kinds_people_and_lists_apart() -> None:
    lists = BlueskyLists(Options())
    keys = [lists.key(moment=FRIDAY, serial=serial, kind=kind) for serial in (1, 2, 3) for kind in (0, 1)]
    items = [item_key(key, did) for key in keys for did in crowd(150)]

    assert all(is_tid(key) for key in [*keys, *items])
    assert len({*keys, *items}) == len(keys) + len(items)
    assert item_key(KEY, GRACE) == item_key(KEY, GRACE)


@given(text=st.text(max_size=200), most=st.integers(1, 60), most_bytes=st.integers(8, 200))
def test_a_cut_line_holds_what_it_may(text: str, most: int, most_bytes: int) -> None:
    line = cut(text, most, most_bytes)

    assert len(line.encode()) <= max(most_bytes, 3)
    assert len(re.findall(r"\n", line)) == 0
    assert line == cut(line, most, most_bytes)
