from datetime import UTC, datetime, timedelta

import pytest

from recommendations.handles import Handle, Network
from recommendations.networks.base import NotFound, OutcomeUnknown, Rejected, Revoked, Unavailable
from recommendations.networks.posting import Part, Picture, Poster, Sent
from tests.fake_network import FakeNetwork, Lost, Renewed

NOON = datetime(2026, 11, 6, 12, 0, tzinfo=UTC)
SECRET = {"account": "did:fake:ada", "token": "first"}
ADA = Handle(Network.BLUESKY, "ada.test")


@pytest.fixture
def network() -> FakeNetwork:
    return FakeNetwork()


def send(network: Poster, text: str = "Hello", key: str = "one") -> Sent:
    wire = network.wire(Part(text, created_at=NOON), secret=SECRET, root=None, parent=None, picture=None)
    return network.send(wire, key=key, secret=SECRET)


def test_calls_are_recorded_with_their_arguments(network: FakeNetwork) -> None:
    network.add_person(ADA, name="Ada")

    found = network.look_up(ADA, timeout=1.0)
    send(network)

    assert found.name == "Ada"
    assert [call.verb for call in network.calls] == ["look_up", "send"]
    assert network.called("look_up")[0].arguments == {"handle": ADA, "timeout": 1.0}


def test_faults_are_played_in_their_order_and_then_all_goes_well(network: FakeNetwork) -> None:
    network.script("send", Unavailable("busy", retry_at=NOON), None, Rejected("no"), Revoked("gone"))

    with pytest.raises(Unavailable) as caught:
        send(network)
    send(network, key="one")
    with pytest.raises(Rejected):
        send(network, key="two")
    with pytest.raises(Revoked):
        send(network, key="two")
    send(network, key="two")

    assert caught.value.retry_at == NOON
    assert len(network.posts) == 2


@pytest.mark.parametrize(("stored", "texts"), [(True, ["Hello"]), (False, [])])
def test_a_lost_answer_may_hide_a_post_or_none(network: FakeNetwork, stored: bool, texts: list[str]) -> None:
    network.script("send", Lost(stored=stored))

    with pytest.raises(OutcomeUnknown):
        send(network)

    assert network.texts == texts


def test_a_renewed_secret_is_handed_over(network: FakeNetwork) -> None:
    network.script("send", Renewed({"token": "second"}))

    assert send(network).secret == {"token": "second"}
    assert send(network).secret is None


def test_a_network_that_takes_no_keys_posts_each_time(network: FakeNetwork) -> None:
    network.repeat_for = timedelta(0)

    send(network)
    send(network)

    assert network.texts == ["Hello", "Hello"]


def test_what_somebody_deleted_is_gone(network: FakeNetwork) -> None:
    sent = send(network)

    network.vanish(sent.receipt.remote_id)

    assert network.texts == []


def test_a_picture_is_kept_and_named(network: FakeNetwork) -> None:
    share = Picture(b"", "image/png", "Three names", 1200, 630)

    assert network.upload(share, secret=SECRET) == {"picture": 1, "alt": "Three names"}
    assert network.pictures == [share]


def test_a_hook_runs_before_every_call_and_may_stop_it(network: FakeNetwork) -> None:
    seen: list[str] = []
    network.before = seen.append

    with pytest.raises(NotFound):
        network.look_up(ADA)

    assert seen == ["look_up"]


def test_a_dead_channel_is_revoked_at_every_signed_in_call(network: FakeNetwork) -> None:
    network.alive = False

    with pytest.raises(Revoked):
        network.limits(SECRET)
    with pytest.raises(Revoked):
        send(network)

    assert network.posts == []
