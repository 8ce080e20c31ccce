"""The registry: who reads, who posts, and where pictures come from."""

from datetime import UTC, datetime, timedelta

import pytest
import respx

from recommendations import networks
from recommendations.handles import Network, parse
from recommendations.networks.base import NotFound, Options, Rejected, Unavailable
from recommendations.networks.bluesky import Bluesky
from recommendations.networks.demo import Demo, avatar
from recommendations.networks.guard import Forbidden
from recommendations.networks.mastodon import Mastodon
from recommendations.networks.x import X

URL = "https://ada.example/a.png"


@pytest.mark.parametrize(
    ("network", "kind"), [(Network.MASTODON, Mastodon), (Network.BLUESKY, Bluesky), (Network.X, X)]
)
def test_every_network_has_its_reader(network, kind):
    reader = networks.reader(network, Options())

    assert isinstance(reader, kind)
    assert reader.network is network


@pytest.mark.parametrize("network", list(Network))
def test_in_the_demo_its_people_come_first(network):
    reader = networks.reader(network, Options(demo=True))

    assert isinstance(reader, Demo)
    assert reader.network is network


def test_the_demos_people_are_found_only_in_the_demo():
    amara = parse("@amara@care.example")

    assert networks.reader(Network.MASTODON, Options(demo=True)).look_up(amara).name == "Amara Okafor"
    with respx.mock(assert_all_called=False) as mock:
        mock.route().respond(404)
        with pytest.raises(NotFound):
            networks.reader(Network.MASTODON, Options()).look_up(amara)


def test_a_reader_may_be_replaced(monkeypatch):
    monkeypatch.setitem(networks.READERS, Network.X, Mastodon)

    assert isinstance(networks.reader(Network.X, Options()), Mastodon)


@pytest.mark.parametrize(
    ("network", "kind"), [(Network.MASTODON, Mastodon), (Network.BLUESKY, Bluesky), (Network.X, X)]
)
def test_every_network_can_be_posted_to(network, kind):
    assert isinstance(networks.poster(network, Options(demo=True)), kind)


@respx.mock
def test_a_picture_is_fetched_as_it_is():
    route = respx.get(URL).respond(content=b"\x89PNG")

    data = networks.picture(URL, Network.MASTODON, Options())

    assert data == b"\x89PNG"
    assert route.calls.last.request.headers["accept"] == "image/*"


@pytest.mark.parametrize("status", [204, 302, 401, 404, 410])
@respx.mock
def test_a_picture_that_is_not_there_is_rejected(status):
    respx.get(URL).respond(status)

    with pytest.raises(Rejected, match="no such picture on Bluesky"):
        networks.picture(URL, Network.BLUESKY, Options())


@pytest.mark.parametrize("status", [429, 500, 503])
@respx.mock
def test_a_server_in_trouble_is_asked_for_its_picture_later(status):
    respx.get(URL).respond(status, headers={"Retry-After": "60"})

    with pytest.raises(Unavailable) as trouble:
        networks.picture(URL, Network.MASTODON, Options())

    assert trouble.value.retry_at is not None
    assert timedelta(seconds=50) < trouble.value.retry_at - datetime.now(UTC) <= timedelta(seconds=60)


def test_a_demo_picture_is_drawn_in_the_demo_alone():
    assert networks.picture("demo:amara", Network.MASTODON, Options(demo=True)) == avatar("amara")
    with pytest.raises(Forbidden):
        networks.picture("demo:amara", Network.MASTODON, Options())


@pytest.mark.parametrize("url", ["", "http://ada.example/a.png", "file:///etc/passwd", "data:image/png;base64,AAAA"])
def test_a_picture_is_fetched_from_the_web_alone(url):
    with pytest.raises(Forbidden):
        networks.picture(url, Network.MASTODON, Options(demo=True))
