"""The offline network of the demo."""

from io import BytesIO

import pytest
from PIL import Image

from recommendations.consent import Signal, bio_declines
from recommendations.handles import Handle, Network, is_did, parse
from recommendations.networks import demo_people
from recommendations.networks.base import Found, NotFound
from recommendations.networks.demo import PICTURE, Demo, avatar, people

EVERYBODY = [(network, found) for network in Network for found in people(network)]


class Recorder:
    """A real reader that knows everybody by the same name, and writes down who was asked for."""

    def __init__(self, network):
        self.network = network
        self.asked = []

    def look_up(self, handle, *, timeout=2.0):
        self.asked.append((handle, timeout))
        return Found(handle=handle, uri=f"https://real.social/{handle.name}", page_url="", name="Real")

    def was_before(self, handle, uri, *, timeout=2.0):
        return True


@pytest.fixture(params=list(Network))
def network(request):
    return request.param


@pytest.fixture
def real(network):
    return Recorder(network)


def test_everybody_of_the_demo_is_found_offline(network, real):
    demo = Demo(real)

    found = [demo.look_up(each.handle) for each in people(network)]

    assert found == people(network)
    assert demo.network is network
    assert real.asked == []


def test_a_handle_written_as_people_do_finds_the_same_person():
    demo = Demo(Recorder(Network.MASTODON))

    found = demo.look_up(parse("https://care.example/@Amara"))

    assert found.name == "Amara Okafor"
    assert found.uri == "https://care.example/users/amara"
    assert found.page_url == "https://care.example/@amara"


def test_somebody_on_bluesky_is_found_by_did_too():
    demo = Demo(Recorder(Network.BLUESKY))
    mina = demo.look_up(parse("mina.skies.example"))

    again = demo.look_up(parse(mina.uri))

    assert again == mina


@pytest.mark.parametrize("typed", ["@gone@care.example", "gone.skies.example", "nobody.example"])
def test_whoever_else_is_at_example_is_nobody(typed):
    handle = parse(typed)
    real = Recorder(handle.network)

    with pytest.raises(NotFound, match="not one of the demo's people"):
        Demo(real).look_up(handle)

    assert real.asked == []


@pytest.mark.parametrize(
    ("typed", "network"),
    [
        ("@ada@real.social", None),
        ("ada.bsky.social", None),
        ("did:plc:7iza6de2dwap2sbkpav7c6c6", None),
        ("@ada", Network.X),
        ("@amara@care.example.real.social", None),
    ],
)
def test_others_are_asked_for_at_the_real_network(typed, network):
    handle = parse(typed, network)
    real = Recorder(handle.network)

    found = Demo(real).look_up(handle, timeout=1.5)

    assert found.name == "Real"
    assert real.asked == [(handle, 1.5)]


def test_there_are_about_forty_people_and_every_kind_of_wish():
    found = [each for _, each in EVERYBODY]

    assert 38 <= len(found) <= 48
    assert {each.signal for each in found} == set(Signal) - {Signal.UNSEEN}
    assert any(each.members_only for each in found)
    assert any(each.moved_to for each in found)
    assert 5 <= sum(bool(each.avatar_url) for each in found) < len(found) / 2


@pytest.mark.parametrize(("network", "found"), EVERYBODY, ids=lambda value: str(getattr(value, "handle", value)))
def test_each_of_them_is_made_as_a_network_would(network, found):
    assert found.handle.network is network
    assert found.name
    assert 0 < len(found.bio) <= 160
    assert bio_declines(found.bio) == (found.signal is Signal.DECLINED)
    assert found.checked == (network is not Network.X)
    assert (found.handle.host or found.handle.name).endswith("example")
    if network is Network.BLUESKY:
        assert is_did(found.uri)
        assert parse(found.uri) == Handle(Network.BLUESKY, found.uri)
    if found.avatar_url:
        assert found.avatar_url.startswith(PICTURE)


def test_no_two_of_them_share_a_handle_or_a_uri():
    handles = [found.handle for _, found in EVERYBODY]
    uris = [found.uri for _, found in EVERYBODY]

    assert len(set(handles)) == len(handles)
    assert len(set(uris)) == len(uris)
    assert len(EVERYBODY) == len(demo_people.MASTODON) + len(demo_people.BLUESKY) + len(demo_people.X)


def test_who_moved_is_found_in_the_new_place():
    demo = Demo(Recorder(Network.MASTODON))
    old = demo.look_up(parse("@agatha@oldtown.example"))

    new = demo.look_up(old.moved_to)

    assert new.name == old.name
    assert new.signal is Signal.AUTOMATIC


@pytest.mark.parametrize("name", ["amara@care.example", "", "\ud800", "a" * 10_000])
def test_a_picture_is_a_small_png_and_always_the_same(name):
    drawn = avatar(name)

    picture = Image.open(BytesIO(drawn))
    assert picture.format == "PNG"
    assert picture.size == (240, 240)
    assert len(drawn) < 10_000
    assert avatar(name) == drawn
    assert avatar(name + "x") != drawn


def test_a_picture_is_the_same_from_both_sides():
    picture = Image.open(BytesIO(avatar("mina"))).convert("RGB")

    for row in range(24, 240, 48):
        colours = [picture.getpixel((column, row)) for column in range(24, 240, 48)]
        assert colours == colours[::-1]


def test_the_demos_people_confirm_where_they_went_and_nothing_else():
    demo = Demo(Recorder(Network.MASTODON))
    old = demo.look_up(parse("@agatha@oldtown.example"))

    assert demo.was_before(old.moved_to, old.uri)
    assert not demo.was_before(parse("@ines@ayuda.example"), old.uri)
    assert not demo.was_before(old.moved_to, "https://elsewhere.example/users/agatha")
    assert demo.was_before(parse("@ada@real.social"), old.uri)
