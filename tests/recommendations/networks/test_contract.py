"""What every network we post to must keep, whoever it is: the contract of networks/base.py.

A network joins with a `Stage`: a poster, an account on it, and what the world sees.
"""

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recommendations.handles import Handle, Network
from recommendations.networks.base import Found, NotFound, Options, Rejected, Revoked
from recommendations.networks.bluesky import Bluesky
from recommendations.networks.mastodon import Mastodon
from recommendations.networks.posting import Connected, Part, Poster, Receipt, Sent
from recommendations.networks.x import X
from tests.fake_network import FakeNetwork
from tests.fakes.mastodon import FakeMastodon
from tests.fakes.names import lead
from tests.fakes.x import APP_TOKEN, FakeX
from tests.pds import Pds

SLOT = datetime(2026, 11, 6, 15, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Stage:
    """A network with one account we may post through."""

    poster: Poster
    credentials: dict[str, str]
    wrong_password: dict[str, str]
    somebody: Handle
    nobody: Handle
    texts: Callable[[], list[str]]  # what the world reads on the account, the first first
    revoke: Callable[[dict[str, Any]], dict[str, Any]]  # takes the secret, gives it as it is once it is worthless


def a_fake(request: pytest.FixtureRequest) -> Stage:
    fake = FakeNetwork()
    ada = Handle(fake.network, "ada.test")
    fake.add_person(ada)

    def revoke(secret: dict[str, Any]) -> dict[str, Any]:
        fake.alive = False
        return secret

    return Stage(
        poster=fake,
        credentials={"handle": "ada.test", "password": fake.password},
        wrong_password={"handle": "ada.test", "password": "guess"},
        somebody=ada,
        nobody=Handle(fake.network, "nobody.test"),
        texts=lambda: fake.texts,
        revoke=revoke,
    )


def bluesky(request: pytest.FixtureRequest) -> Stage:
    pds: Pds = request.getfixturevalue("pds")
    ada = pds.account("ada")

    def revoke(secret: dict[str, Any]) -> dict[str, Any]:
        pds.revoke_app_password(ada)
        return secret | {"access": pds.aged(secret["access"])}  # a live token outlives its password there

    return Stage(
        poster=Bluesky(pds.options),
        credentials={"handle": ada.handle, "password": ada.app_password},
        wrong_password={"handle": ada.handle, "password": "aaaa-bbbb-cccc-dddd"},
        somebody=Handle(Network.BLUESKY, ada.handle),
        nobody=Handle(Network.BLUESKY, "nobody.test"),
        texts=lambda: [record["value"]["text"] for record in pds.records(ada)],
        revoke=revoke,
    )


def mastodon(request: pytest.FixtureRequest) -> Stage:
    fake = request.getfixturevalue("fake_mastodon")
    ada = fake.add_account("ada")

    def revoke(secret: dict[str, Any]) -> dict[str, Any]:
        fake.revoke("ada")
        return secret

    return Stage(
        poster=Mastodon(Options(open_hosts=(fake.host,))),
        credentials={"server": f"https://{fake.domain}", "token": ada["token"]},
        wrong_password={"server": f"https://{fake.domain}", "token": "guess"},
        somebody=Handle(Network.MASTODON, "ada", fake.domain),
        nobody=Handle(Network.MASTODON, "nobody", fake.domain),
        texts=lambda: fake.texts("ada"),
        revoke=revoke,
    )


@pytest.fixture
def fake_mastodon(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeMastodon]:
    """A server whose clock stands at SLOT, and whose name leads there."""
    with FakeMastodon() as fake:
        fake.set_clock(SLOT)
        lead(monkeypatch, fake.domain, fake.url)
        yield fake


def x(request: pytest.FixtureRequest) -> Stage:
    fake = request.getfixturevalue("fake_x")
    ada = fake.add_account("ada")

    def revoke(secret: dict[str, Any]) -> dict[str, Any]:
        fake.revoke("ada")
        return secret

    return Stage(
        poster=X(replace(fake.options, x_bearer=APP_TOKEN)),
        credentials=ada,
        wrong_password=ada | {"access": "guess"},
        somebody=Handle(Network.X, "ada"),
        nobody=Handle(Network.X, "nobody"),
        texts=lambda: fake.texts("ada"),
        revoke=revoke,
    )


@pytest.fixture
def fake_x() -> Iterator[FakeX]:
    """A server whose clock stands at SLOT."""
    with FakeX() as fake:
        fake.set_clock(SLOT)
        yield fake


STAGES = [
    pytest.param(a_fake, id="fake"),
    pytest.param(bluesky, id="bluesky", marks=pytest.mark.pds),
    pytest.param(mastodon, id="mastodon"),
    pytest.param(x, id="x"),
]


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest) -> Stage:
    return request.param(request)


@pytest.fixture
def account(stage: Stage) -> Connected:
    return stage.poster.connect(**stage.credentials)


def part(stage: Stage, text: str = "Hello", number: int = 0, serial: int = 1) -> Part:
    key = stage.poster.key(moment=SLOT, serial=serial, part=number)
    return Part(text=text, key=key, created_at=SLOT, language="en")


def wire(
    stage: Stage, account: Connected, this: Part, root: Receipt | None = None, parent: Receipt | None = None
) -> dict[str, Any]:
    """As it comes back from the database, where it is kept before the call."""
    made = stage.poster.wire(
        this,
        secret=account.secret,
        root=root.reference if root else None,
        parent=parent.reference if parent else None,
        picture=None,
    )
    return dict(json.loads(json.dumps(made)))


def send(stage: Stage, account: Connected, this: Part, *before: Receipt | None) -> Sent:
    return stage.poster.send(wire(stage, account, this, *before), key=this.key, secret=account.secret)


def look(stage: Stage, account: Connected, this: Part) -> Sent | None:
    return stage.poster.look(wire(stage, account, this), key=this.key, secret=account.secret, since=SLOT)


def test_a_connected_account_says_who_it_is_and_what_a_post_may_hold(stage: Stage) -> None:
    account = stage.poster.connect(**stage.credentials)

    assert account.uri
    assert account.handle.network == stage.poster.network
    assert account.page_url.startswith("https://")
    assert stage.poster.limits(account.secret) == account.limits
    assert account.limits.characters >= 140


def test_what_is_kept_of_a_channel_can_be_written_down(account: Connected) -> None:
    assert json.loads(json.dumps(account.secret)) == account.secret


def test_wrong_credentials_are_refused(stage: Stage) -> None:
    with pytest.raises(Rejected):
        stage.poster.connect(**stage.wrong_password)


def test_somebody_is_found_and_nobody_is_not(stage: Stage) -> None:
    found = stage.poster.look_up(stage.somebody, timeout=120.0)

    assert isinstance(found, Found)
    assert found.handle == stage.somebody
    assert found.uri
    assert found.page_url.startswith("https://")
    with pytest.raises(NotFound):
        stage.poster.look_up(stage.nobody, timeout=120.0)


def test_a_key_is_the_same_whenever_it_is_asked_for_and_never_given_twice(stage: Stage) -> None:
    keys = [part(stage, serial=serial, number=number).key for serial in (1, 2, 3) for number in range(12)]

    assert len(set(keys)) == 36
    assert keys == [part(stage, serial=serial, number=number).key for serial in (1, 2, 3) for number in range(12)]
    assert all(0 < len(key) <= 64 for key in keys)


def test_the_wire_is_plain_json_and_always_the_same(stage: Stage, account: Connected) -> None:
    this = part(stage)

    assert wire(stage, account, this) == wire(stage, account, this)


def test_a_post_stands_and_its_receipt_says_where(stage: Stage, account: Connected) -> None:
    receipt = send(stage, account, part(stage)).receipt

    assert stage.texts() == ["Hello"]
    assert receipt.remote_id
    assert receipt.url.startswith("https://")
    assert json.loads(json.dumps(receipt.reference)) == receipt.reference


def test_a_thread_stands_in_its_order(stage: Stage, account: Connected) -> None:
    receipts: list[Receipt] = []
    for number in range(4):
        before = (receipts[0], receipts[-1]) if receipts else ()
        receipts.append(send(stage, account, part(stage, f"Part {number}", number), *before).receipt)

    assert stage.texts() == [f"Part {number}" for number in range(4)]
    assert len({receipt.remote_id for receipt in receipts}) == 4


def test_before_it_is_sent_a_look_finds_nothing_and_afterwards_the_post(stage: Stage, account: Connected) -> None:
    this = part(stage)

    before = look(stage, account, this)
    sent = send(stage, account, this)
    after = look(stage, account, this)

    assert before is None
    assert after is not None
    assert after.receipt == sent.receipt


def repeats(stage: Stage, account: Connected) -> bool:
    """Does the network itself see that a repeat is the same post?"""
    return stage.poster.doubt(account.secret).repeat_for > timedelta(0)


def test_what_may_be_repeated_stands_once_however_often_it_is_sent(stage: Stage, account: Connected) -> None:
    this = part(stage)
    tries = 10 if repeats(stage, account) else 1

    sent = [send(stage, account, this) for _ in range(tries)]

    assert stage.texts() == ["Hello"]
    assert {each.receipt.remote_id for each in sent} == {sent[0].receipt.remote_id}


def test_other_words_under_a_used_key_make_no_second_post(stage: Stage, account: Connected) -> None:
    send(stage, account, part(stage, "The first words"))

    if repeats(stage, account):
        with contextlib.suppress(Rejected):  # or it answers with the post that stands
            send(stage, account, part(stage, "Other words"))

    assert stage.texts() == ["The first words"]


def test_the_doubt_of_a_network_ends_somehow(stage: Stage, account: Connected) -> None:
    doubt = stage.poster.doubt(account.secret)

    assert timedelta(0) <= doubt.wait <= timedelta(minutes=5)
    assert doubt.enough_looks is None or doubt.enough_looks >= 2


def test_a_post_is_found_by_the_address_of_its_page(stage: Stage, account: Connected) -> None:
    sent = send(stage, account, part(stage))

    found = stage.poster.find(sent.receipt.url, secret=account.secret)

    assert (found.receipt.remote_id, found.receipt.reference) == (sent.receipt.remote_id, sent.receipt.reference)


@pytest.mark.parametrize("address", ["", "hello", "https://example.com/", "javascript:alert(1)", "https://[", "\ud800"])
def test_what_is_no_address_of_a_post_is_refused(stage: Stage, account: Connected, address: str) -> None:
    with pytest.raises(Rejected):
        stage.poster.find(address, secret=account.secret)


def test_a_deleted_post_is_gone_and_may_be_deleted_again(stage: Stage, account: Connected) -> None:
    sent = send(stage, account, part(stage))

    stage.poster.delete(sent.receipt.remote_id, secret=account.secret)
    stage.poster.delete(sent.receipt.remote_id, secret=account.secret)

    assert stage.texts() == []
    assert look(stage, account, part(stage)) is None


def test_a_post_is_edited_where_the_network_can_and_else_left_alone(stage: Stage, account: Connected) -> None:
    sent = send(stage, account, part(stage))
    other = wire(stage, account, part(stage, "Other words"))

    if stage.poster.editable:
        for _ in range(2):
            edited = stage.poster.edit(sent.receipt.remote_id, other, secret=account.secret)
            assert edited.receipt.remote_id == sent.receipt.remote_id
        assert stage.texts() == ["Other words"]
        stage.poster.delete(sent.receipt.remote_id, secret=account.secret)
        with pytest.raises(NotFound):
            stage.poster.edit(sent.receipt.remote_id, other, secret=account.secret)
    else:
        with pytest.raises(Rejected):
            stage.poster.edit(sent.receipt.remote_id, other, secret=account.secret)
        assert stage.texts() == ["Hello"]


def test_every_post_has_a_price_and_a_measure(stage: Stage) -> None:
    assert stage.poster.price(part(stage)) >= 0
    assert stage.poster.measure("Hello") == 5


def test_a_revoked_channel_says_so_and_posts_nothing(stage: Stage, account: Connected) -> None:
    this = part(stage)
    worthless = stage.revoke(account.secret)

    with pytest.raises(Revoked):
        stage.poster.send(wire(stage, account, this), key=this.key, secret=worthless)

    assert stage.texts() == []
