"""Connecting channels by OAuth, and the page of a post in trouble, through their doors."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from accounts import asking
from recommendations import tasks
from recommendations.actions.compile import compile_edition
from recommendations.actions.nominate import nominate
from recommendations.actions.publish import publish
from recommendations.handles import Handle, Network
from recommendations.models import Channel, NativeList, Post
from recommendations.networks.base import Unavailable
from recommendations.networks.granting import Granted
from tests.conftest import FRIDAY, MONDAY, THURSDAY
from tests.fake_network import Lost
from tests.sessions import reauthenticated

pytestmark = pytest.mark.django_db

CHANNELS = "/desk/custserv/channels/"
X_SECRET = {"handle": "custserv", "password": "open sesame"}  # what the fake network takes for a grant


@pytest.fixture
def desk(client, ada, community):
    client.force_login(ada)
    reauthenticated(client, ada)
    return client


@pytest.fixture
def granted(monkeypatch):
    """What a network has granted, and what was given back."""
    given_back = []

    def grant(network, secret=X_SECRET):
        answer = Granted(network, "https://x.example", "x:1", Handle(network, "custserv"), "Us", secret, ())
        monkeypatch.setattr(asking, "take", lambda request, purpose: answer if purpose == "channel:custserv" else None)
        monkeypatch.setattr(asking, "let_go", given_back.append)

    grant.back = given_back
    return grant


@pytest.fixture
def needy(edition, community, fake_networks, grace, curator):
    """A post that needs a curator, on the fake X."""
    fake = fake_networks[Network.X]
    fake.repeat_for = timedelta(0)
    channel = Channel(
        community=community, network="x", uri="x:1", name="custserv", state="live", page_url="https://x.com/custserv",
        limits={"characters": 280, "url_length": 23}, limits_at=MONDAY,
    )  # fmt: skip
    channel.sealed_secret = channel.seal_secret({"account": "x:1"})
    channel.save()
    rosa = Handle(Network.MASTODON, "rosa", "social.example")
    fake_networks[Network.MASTODON].add_person(rosa, uri="https://social.example/users/rosa", name="Rosa")
    nominate(by=grace, edition=edition, handle=rosa, reason="She answers every question.", at=MONDAY)
    compile_edition(edition=edition, at=THURSDAY)
    publish(edition=edition, at=FRIDAY)
    fake.script("send", Lost(stored=True))
    fake.script("look", None, None)
    tasks.send_due(at=FRIDAY, run=tasks.at_once)
    Post.objects.update(state="needs_human", trouble="We looked twice and did not find it. Is it there?")
    return Post.objects.get()


def page_of(post):
    return reverse("desk_post", args=["custserv", post.pk])


def test_whoever_connects_a_mastodon_account_is_led_to_its_server(desk, monkeypatch):
    asked = {}

    def begin(request, **what):
        asked.update(what)
        return "https://mastodon.example/oauth/authorize?state=x"

    monkeypatch.setattr(asking, "begin", begin)

    response = desk.post(CHANNELS, {"network": "mastodon", "mastodon": "mastodon.example"})

    assert response.status_code == 200
    assert "https://mastodon.example/oauth/authorize?state=x" in response.text
    assert (asked["purpose"], asked["next"]) == ("channel:custserv", "/desk/custserv/channels/connected/mastodon/")
    assert set(asked["scopes"]) == {"read:accounts", "read:statuses", "write:statuses", "write:media"}


def test_a_server_that_cannot_be_asked_is_said_beside_what_was_typed(desk, monkeypatch):
    def begin(request, **what):
        raise Unavailable("mastodon.example does not answer.")

    monkeypatch.setattr(asking, "begin", begin)

    response = desk.post(CHANNELS, {"network": "mastodon", "mastodon": "mastodon.example"})

    assert response.status_code == 422
    assert "mastodon.example does not answer." in response.text
    assert 'value="mastodon.example"' in response.text


def test_what_was_granted_connects_a_channel_that_rehearses(desk, granted, community):
    granted(Network.MASTODON, {"handle": "custserv", "password": "open sesame"})

    response = desk.get("/desk/custserv/channels/connected/mastodon/")

    assert response.status_code == 302
    channel = community.channels.get()
    assert (channel.network, channel.state) == ("mastodon", "rehearsal")


def test_a_grant_that_opens_nothing_is_given_back(desk, granted, community):
    granted(Network.MASTODON, {"handle": "custserv", "password": "guess"})

    response = desk.get("/desk/custserv/channels/connected/mastodon/")

    assert [str(each) for each in get_messages(response.wsgi_request)] == [
        "Mastodon did not let us in: Wrong password."
    ]
    assert len(granted.back) == 1
    assert not community.channels.exists()


@pytest.mark.parametrize("network", ["bluesky", "mastodon", "nowhere"])
def test_without_a_grant_for_that_network_nothing_is_connected(desk, granted, community, network):
    granted(Network.X)

    desk.get(f"/desk/custserv/channels/connected/{network}/")

    assert not community.channels.exists()


def test_x_is_offered_where_this_server_has_an_app_there(desk, settings):
    without = desk.get(CHANNELS).text
    settings.FF_X_CLIENT_ID = "app"

    assert "Ask X" not in without
    assert "Ask X" in desk.get(CHANNELS).text


def test_only_curators_connect(client, grace, community):
    client.force_login(grace)

    assert client.get("/desk/custserv/channels/connected/mastodon/").status_code == 403
    assert client.post(CHANNELS, {"network": "x"}).status_code == 403


def test_the_page_of_a_post_in_trouble_says_what_is_known_and_where_to_look(desk, needy):
    page = desk.get(page_of(needy)).text

    assert "Is it there?" in page
    assert needy.text.split("\n")[0] in page
    assert "The answer got lost." in page
    assert "https://x.com/custserv" in page
    assert all(words in page for words in ("It is there", "It isn", "Give up"))


def test_a_curator_adopts_what_stands(desk, needy, fake_networks):
    there = fake_networks[Network.X].posts[0].receipt

    response = desk.post(page_of(needy), {"choice": "adopt", "address": there.url})

    needy.refresh_from_db()
    assert response.status_code == 302
    assert (needy.state, needy.remote_id) == ("sent", there.remote_id)


def test_a_wrong_address_stays_in_the_form(desk, needy):
    response = desk.post(page_of(needy), {"choice": "adopt", "address": "https://x.example/nothing"})

    needy.refresh_from_db()
    assert response.status_code == 422
    assert 'value="https://x.example/nothing"' in response.text
    assert "do not find" in response.text
    assert needy.state == "needs_human"


def test_a_curator_gives_up(desk, needy):
    desk.post(page_of(needy), {"choice": "give_up"})

    needy.refresh_from_db()
    assert needy.state == "failed"
    assert "Give up" not in desk.get(page_of(needy)).text


def test_what_was_settled_meanwhile_is_said(desk, needy):
    Post.objects.update(state="sent")

    response = desk.post(page_of(needy), {"choice": "send"})

    assert response.status_code == 422
    assert "present state" in response.text


def test_another_communitys_posts_are_not_there(client, grace, needy, community):
    client.force_login(grace)

    assert client.get(page_of(needy)).status_code == 403


def test_the_desk_leads_to_the_post_in_trouble(desk, needy):
    page = desk.get(f"/desk/custserv/{needy.delivery.edition.week}/").text

    assert page_of(needy) in page


def test_the_desk_tells_of_starter_packs_and_what_is_wrong_with_them(desk, needy):
    edition, channel = needy.delivery.edition, needy.delivery.channel
    NativeList.objects.create(
        channel=channel, edition=edition, key="a", state="failed", trouble="No such thing here.", due_at=FRIDAY
    )
    NativeList.objects.create(channel=channel, key="b", state="kept", remote_url="https://bsky.app/x", due_at=FRIDAY)

    assert "No such thing here." in desk.get(f"/desk/custserv/{edition.week}/").text
    assert 'href="https://bsky.app/x"' in desk.get(CHANNELS).text
