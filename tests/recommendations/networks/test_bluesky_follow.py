"""Following on Bluesky with what somebody granted, on a real server; and what broken servers say, scripted."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from recommendations.handles import Handle, Network
from recommendations.networks import bluesky_app, dpop, follower
from recommendations.networks.base import Options, OutcomeUnknown, Rejected, Revoked, Unavailable
from recommendations.networks.bluesky_follow import CURATED, FOLLOW, ITEM, LIST, BlueskyFollower
from recommendations.networks.bluesky_oauth import BlueskyOAuth
from recommendations.networks.following import Followed, Outcome, Person
from recommendations.networks.tid import is_tid
from tests.atproto import AtprotoNetwork, eventually
from tests.pds import Account, Pds
from tests.recommendations.networks.atmosphere import (
    ADA,
    DIRECTORY,
    MALLORY,
    PDS,
    Sky,
    answer,
    atmosphere,
    document,
    refusal,
)
from tests.recommendations.networks.pds_consent import consent

SITE = "http://localhost:8000"

# The real server


@pytest.fixture
def options(pds: Pds) -> Options:
    return replace(pds.options, site_url=SITE)


@pytest.fixture
def granted(pds: Pds, options: Options) -> Callable[..., dict[str, Any]]:
    """What an account's owner allows: granted(account, as_list=True)."""

    def ask(account: Account, *, as_list: bool = False) -> dict[str, Any]:
        asker, scopes = BlueskyOAuth(options), BlueskyFollower(options).scopes(as_list=as_list)
        who = Handle(Network.BLUESKY, account.handle)
        asked = asker.ask(who, redirect_uri=bluesky_app.redirect_uri(SITE), scopes=scopes)
        back = consent(pds, asked.url, account)
        return asker.grant(asked.pending, dict(parse_qsl(urlsplit(back).query))).secret

    return ask


def person(account: Account) -> Person:
    return Person(Handle(Network.BLUESKY, account.handle), account.did)


def subjects(pds: Pds, account: Account, collection: str = FOLLOW) -> list[str]:
    return [record["value"]["subject"] for record in pds.records(account, collection)]


@pytest.mark.pds
def test_somebody_is_followed_once_with_leave_for_nothing_else(pds: Pds, options: Options, granted: Any) -> None:
    ada, grace = pds.account("ada"), pds.account("grace")
    secret, ours = granted(ada), follower(Network.BLUESKY, options)

    wire = ours.seek(person(grace), secret=secret)
    assert isinstance(wire, dict)
    done = ours.follow(json.loads(json.dumps(wire)), secret=secret)

    assert done == Followed(Outcome.FOLLOWED)
    assert subjects(pds, ada) == [grace.did]
    assert is_tid(wire["rkey"])
    assert ours.seek(person(grace), secret=secret) == Followed(Outcome.ALREADY)
    ours.follow({**wire, "record": {**wire["record"], "createdAt": "2026-01-01T00:00:00.000Z"}}, secret=secret)
    assert subjects(pds, ada) == [grace.did], "even if it were called again"
    with pytest.raises(Revoked):
        ours.make_list("Tea", key="k", secret=secret)


@pytest.mark.pds
def test_whom_one_follows_already_is_found_though_another_app_did_it(pds: Pds, options: Options, granted: Any) -> None:
    ada, grace, alan = pds.account("ada"), pds.account("grace"), pds.account("alan")
    pds.put(ada, FOLLOW, "3kaaaaaaaaa22", {"$type": FOLLOW, "subject": alan.did, "createdAt": "2026-01-01T00:00:00Z"})

    found = BlueskyFollower(options).already([person(grace), person(alan)], secret=granted(ada))

    assert found == {alan.did: Followed(Outcome.ALREADY)}


@pytest.mark.pds
def test_who_is_asleep_or_taken_down_is_gone(pds: Pds, options: Options, granted: Any) -> None:
    ada, grace, alan = pds.account("ada"), pds.account("grace"), pds.account("alan")
    pds.deactivate(grace)
    pds.take_down(alan)
    ours, secret = BlueskyFollower(options), granted(ada)

    found = [ours.seek(person(each), secret=secret) for each in (grace, alan)]

    assert [each.outcome for each in found if isinstance(each, Followed)] == [Outcome.GONE] * 2


@pytest.mark.pds
def test_a_list_is_made_once_and_people_put_on_it_once(pds: Pds, options: Options, granted: Any) -> None:
    ada, grace = pds.account("ada"), pds.account("grace")
    ours, secret = BlueskyFollower(options), granted(ada, as_list=True)

    made = [ours.make_list("Tea and Trains No. 3", key="one", secret=secret) for _ in range(2)]
    on = made[0].reference
    wire = ours.seek(person(grace), secret=secret, on=on)
    assert isinstance(wire, dict)
    done = ours.follow(wire, secret=secret)

    assert made[0] == made[1]
    (kept,) = pds.records(ada, LIST)
    assert (kept["uri"], kept["value"]["name"], kept["value"]["purpose"]) == (
        on["uri"],
        "Tea and Trains No. 3",
        CURATED,
    )
    assert done == Followed(Outcome.LISTED) == ours.seek(person(grace), secret=secret, on=on)
    assert subjects(pds, ada, ITEM) == [grace.did]
    assert subjects(pds, ada) == []
    with pytest.raises(OutcomeUnknown):  # even if it were called again
        ours.follow(wire, secret=secret)
    assert subjects(pds, ada, ITEM) == [grace.did]
    with pytest.raises(Revoked):  # leave to make lists is none to follow
        ours.follow({**wire, "collection": FOLLOW, "record": {**wire["record"], "$type": FOLLOW}}, secret=secret)


@pytest.mark.pds
def test_tokens_that_have_run_out_are_renewed_before_anybody_is_followed(
    pds: Pds, options: Options, granted: Any
) -> None:
    ada, grace = pds.account("ada"), pds.account("grace")
    ours, secret = BlueskyFollower(options), granted(ada)
    assert ours.renewed(secret) is None
    old = secret | {"access": secret["access"][:-8] + "AAAAAAAA"}
    wire = ours.seek(person(grace), secret=old)
    assert isinstance(wire, dict)

    with pytest.raises(Unavailable, match="renewed"):
        ours.follow(wire, secret=old)
    fresh = ours.renewed(old)

    assert fresh is not None
    assert ours.follow(wire, secret=fresh).outcome == Outcome.FOLLOWED


@pytest.mark.pds
def test_bluesky_itself_tells_whom_one_follows_and_who_blocks(atproto: AtprotoNetwork) -> None:
    ada, grace, alan, emma = (atproto.account(name) for name in ("ada", "grace", "alan", "emma"))
    moment = "2026-01-01T00:00:00Z"
    atproto.put(ada, FOLLOW, "3kaaaaaaaaa22", {"$type": FOLLOW, "subject": grace.did, "createdAt": moment})
    block = {"$type": "app.bsky.graph.block", "subject": ada.did, "createdAt": moment}
    atproto.put(alan, "app.bsky.graph.block", "3kaaaaaaaaa22", block)
    open_hosts = (*atproto.options.open_hosts, atproto.appview_url.removeprefix("http://"))
    ours = BlueskyFollower(Options(open_hosts=open_hosts, bluesky_resolver=atproto.appview_url))
    people = [person(each) for each in (grace, alan, emma)]
    secret = {"did": ada.did, "pds": atproto.url}

    found = eventually(lambda: ours.already(people, secret=secret), until=lambda found: len(found) > 1)

    assert found == {
        grace.did: Followed(Outcome.ALREADY),
        alan.did: Followed(Outcome.REFUSED, "They have blocked you."),
    }


# Servers that lie, or are broken

HERE = Options(site_url="https://ff.example")
GRACE = "did:plc:" + "g" * 24
WHO = Person(Handle(Network.BLUESKY, "grace.example.com"), GRACE)
SECRET = {
    "did": ADA,
    "pds": PDS,
    "issuer": "https://issuer.example.com",
    "token": "https://issuer.example.com/oauth/token",
    "revoke": "https://issuer.example.com/oauth/revoke",
    "client_id": "https://ff.example/oauth/bluesky/client-metadata.json",
    "key": dpop.new_key(),
    "nonces": {},
    "access": "a",
    "refresh": "r",
    "scopes": list(bluesky_app.FOLLOW),
}
RELATIONSHIPS = "https://public.api.bsky.app/xrpc/app.bsky.graph.getRelationships"


@pytest.fixture
def sky() -> Iterator[Sky]:
    """Nothing stands yet, and Grace is there."""
    with atmosphere() as sky:
        sky.xrpc("GET", "com.atproto.repo.getRecord", refusal("RecordNotFound"))
        sky.xrpc("GET", "com.atproto.sync.getRepoStatus", answer(200, {"did": GRACE, "active": True}))
        sky.xrpc("GET", "com.atproto.server.getSession", answer(200, {"did": ADA}))
        sky.xrpc("POST", "com.atproto.repo.createRecord", answer(200, {"uri": "at://x", "cid": "c"}))
        sky.on("GET", f"{DIRECTORY}/{GRACE}", answer(200, document(GRACE, "grace.example.com")))
        yield sky


@pytest.fixture
def ours() -> BlueskyFollower:
    return BlueskyFollower(HERE)


def follow(ours: BlueskyFollower) -> Followed:
    wire = ours.seek(WHO, secret=SECRET)
    return wire if isinstance(wire, Followed) else ours.follow(wire, secret=SECRET)


def test_the_key_is_the_same_whenever_it_is_asked_for_and_nobody_elses(sky: Sky, ours: BlueskyFollower) -> None:
    people = [replace(WHO, uri=f"did:plc:{number:024}".replace("0", "a").replace("1", "b")) for number in range(9)]

    keys = [[ours.seek(each, secret=SECRET)["rkey"] for each in people] for _ in range(2)]  # type: ignore[index]

    assert keys[0] == keys[1]
    assert len(set(keys[0])) == len({each.uri for each in people})
    assert all(is_tid(key) for key in keys[0])


def test_the_network_tells_at_once_whom_one_follows_and_who_is_blocked(sky: Sky, ours: BlueskyFollower) -> None:
    dids = ["did:plc:" + letter * 24 for letter in "bcdefgh"]
    told = [
        {"did": dids[0], "following": "at://x"},
        {"did": dids[1], "blockedBy": "at://x"},
        {"did": dids[2], "blocking": "at://x", "following": "at://x"},
        {"did": dids[3], "blockedByList": "at://x"},
        {"did": dids[4], "blockingByList": "at://x"},
        {"did": dids[5], "followedBy": "at://x"},
        {"actor": dids[6], "notFound": True},
        {"did": MALLORY, "following": "at://x"},
        "nonsense",
    ]
    sky.on("GET", RELATIONSHIPS, answer(200, {"actor": ADA, "relationships": told}))

    found = ours.already([replace(WHO, uri=did) for did in [*dids, "no did"]], secret=SECRET)

    assert {did: each.outcome.value for did, each in found.items()} == {
        dids[0]: "already",
        dids[1]: "refused",
        dids[2]: "refused",
        dids[3]: "refused",
        dids[4]: "refused",
    }
    assert found[dids[1]].words == "They have blocked you."


def test_many_are_asked_about_thirty_at_a_time(sky: Sky, ours: BlueskyFollower) -> None:
    sky.on("GET", RELATIONSHIPS, answer(200, {"relationships": []}))
    letters = "abcdefghijklmnopqrstuvwxyz"
    people = [replace(WHO, uri=f"did:plc:{letters[n // 26]}{letters[n % 26]}" + "a" * 22) for n in range(65)]

    ours.already(people, secret=SECRET)

    assert [str(each.url).count("others=") for each in sky.asked] == [30, 30, 5]


@pytest.mark.parametrize("told", [answer(502), answer(200, "<h1>"), answer(200, {"relationships": 5})])
def test_where_nobody_has_a_view_of_all_ones_own_records_are_read(sky: Sky, ours: BlueskyFollower, told: Any) -> None:
    sky.on("GET", RELATIONSHIPS, told)
    records = [{"value": {"subject": each}} for each in (MALLORY, GRACE, 7)]
    pages = [
        answer(200, {"cursor": "2", "records": [{"value": {"subject": MALLORY}}, {"value": None}, "x"]}),
        answer(200, {"cursor": 7, "records": records}),
    ]
    sky.xrpc("GET", "com.atproto.repo.listRecords", *pages)

    assert ours.already([WHO], secret=SECRET) == {GRACE: Followed(Outcome.ALREADY)}


@pytest.mark.parametrize("page", [{}, {"records": 5}, {"records": [], "cursor": "x"}])
def test_records_that_cannot_be_read_say_nothing(sky: Sky, ours: BlueskyFollower, page: Any) -> None:
    sky.xrpc("GET", "com.atproto.repo.listRecords", answer(200, page))

    assert ours.already([WHO], secret=SECRET) == {}


def test_a_server_that_cannot_list_is_asked_later(sky: Sky, ours: BlueskyFollower) -> None:
    sky.xrpc("GET", "com.atproto.repo.listRecords", answer(503))

    with pytest.raises(Unavailable):
        ours.already([WHO], secret=SECRET)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (answer(429, {}, ratelimit_reset="4000000000"), Unavailable),
        (answer(502), OutcomeUnknown),
        (answer(408), OutcomeUnknown),
        (answer(401, {"error": "invalid_token"}), Unavailable),
        (answer(403, {"error": "insufficient_scope"}), Revoked),
        (refusal("InvalidRequest", "No such thing"), Rejected),
    ],
)
def test_what_a_refusal_means(sky: Sky, ours: BlueskyFollower, said: Any, error: type[Exception]) -> None:
    sky.xrpc("POST", "com.atproto.repo.createRecord", said)

    with pytest.raises(error) as raised:
        follow(ours)

    assert type(raised.value) is error
    assert (getattr(raised.value, "retry_at", None) is not None) == (said.status_code == 429)


@pytest.mark.parametrize("said", [answer(429, {}), answer(502)])
def test_a_look_that_fails_may_be_repeated(sky: Sky, ours: BlueskyFollower, said: Any) -> None:
    sky.xrpc("GET", "com.atproto.repo.getRecord", said)

    with pytest.raises(Unavailable):
        follow(ours)


@pytest.mark.parametrize("value", [{"subject": MALLORY}, {}, 7])
def test_another_record_under_the_key_is_not_ours(sky: Sky, ours: BlueskyFollower, value: Any) -> None:
    sky.xrpc("GET", "com.atproto.repo.getRecord", answer(200, {"value": value}))

    assert isinstance(ours.seek(WHO, secret=SECRET), dict)


def test_whoever_has_no_did_any_more_is_gone(sky: Sky, ours: BlueskyFollower) -> None:
    sky.on("GET", f"{DIRECTORY}/{GRACE}", answer(404, {}))

    assert follow(ours).outcome == Outcome.GONE
    assert ours.seek(replace(WHO, uri=""), secret=SECRET).outcome == Outcome.GONE  # type: ignore[union-attr]


def test_a_server_of_theirs_that_does_not_answer_is_no_reason_not_to_follow(sky: Sky, ours: BlueskyFollower) -> None:
    sky.on("GET", f"{DIRECTORY}/{GRACE}", answer(503))

    assert follow(ours) == Followed(Outcome.FOLLOWED)


@pytest.mark.parametrize(
    ("said", "error"),
    [(answer(429, {}), Unavailable), (answer(500), Unavailable), (refusal("AccountTakedown"), Revoked)],
)
def test_a_session_that_cannot_be_asked_about(
    sky: Sky, ours: BlueskyFollower, said: Any, error: type[Exception]
) -> None:
    sky.xrpc("GET", "com.atproto.server.getSession", said)

    with pytest.raises(error):
        ours.renewed(SECRET)


def test_renewed_tokens_are_kept_even_if_nothing_else_works(sky: Sky, ours: BlueskyFollower) -> None:
    given = {"access_token": "b", "refresh_token": "s", "token_type": "DPoP", "sub": ADA}
    sky.on("POST", SECRET["token"], answer(200, given))  # type: ignore[arg-type]
    sky.xrpc("GET", "com.atproto.server.getSession", answer(401, {}), answer(503))

    renewed = ours.renewed(SECRET)

    assert renewed is not None
    assert (renewed["access"], renewed["refresh"]) == ("b", "s")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Tea", "Tea"),
        ("é" * 60, "é" * 32),
        ("👩‍🚒" * 9, "👩‍🚒" * 5),
        ("\n\x00 ", "Follow Friday"),
        ("\ud800", "Follow Friday"),
    ],
)
def test_a_lists_name_fits(sky: Sky, ours: BlueskyFollower, name: str, kept: str) -> None:
    ours.make_list(name, key="k", secret=SECRET)

    (body,) = sky.bodies("com.atproto.repo.createRecord")
    assert body["record"]["name"] == kept
