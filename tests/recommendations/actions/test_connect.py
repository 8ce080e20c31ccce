"""Connect a channel, go live, pause; its limits, and its secret."""

from dataclasses import replace
from datetime import timedelta

import pytest

from recommendations import seals, tasks
from recommendations.actions import Refused
from recommendations.actions.connect import connect, go_live, pause, refresh_limits
from recommendations.handles import Network
from recommendations.models import Channel, Moderation
from recommendations.networks.base import Revoked, Unavailable
from tests.conftest import FRIDAY, MONDAY

pytestmark = pytest.mark.django_db


def join_up(community, curator, password="open sesame"):
    return connect(
        community=community,
        by=curator,
        network=Network.BLUESKY,
        handle="custserv.example",
        password=password,
        at=MONDAY,
    )


def test_a_new_channel_rehearses_with_limits_and_a_sealed_secret(community, curator):
    channel = join_up(community, curator)

    assert (channel.state, channel.limits["characters"], channel.limits_at) == ("rehearsal", 300, MONDAY)
    assert channel.open_secret()["token"] == "first"
    assert "first" not in channel.sealed_secret


def test_a_secret_opens_in_no_other_row(community, curator):
    channel = join_up(community, curator)
    thief = Channel(community=community, uri="did:fake:thief", sealed_secret=channel.sealed_secret)

    with pytest.raises(seals.Unsealable):
        thief.open_secret()


def test_a_wrong_password_is_told_beside_its_field(community, curator):
    with pytest.raises(Refused, match="Bluesky did not let us in") as refusal:
        join_up(community, curator, password="guess")

    assert refusal.value.field == "password"
    assert not Channel.objects.exists()


def test_a_silent_network_is_no_wrong_password(community, curator, fake_networks):
    fake_networks[Network.BLUESKY].script("connect", Unavailable("busy"))

    with pytest.raises(Refused, match="does not answer"):
        join_up(community, curator)


def test_it_goes_live_pauses_and_goes_on_and_each_is_logged(community, curator):
    channel = join_up(community, curator)

    go_live(channel=channel, by=curator)
    pause(channel=channel, by=curator)
    go_live(channel=channel, by=curator)

    assert Channel.objects.get().state == "live"
    assert list(Moderation.objects.order_by("pk").values_list("reason", flat=True)) == ["live", "paused", "live"]


def test_what_cannot_be_done_is_refused(community, curator):
    channel = join_up(community, curator)
    unconnected = Channel.objects.create(
        community=community, network="bluesky", uri="did:fake:none", name="none.example"
    )

    with pytest.raises(Refused, match="present state"):
        pause(channel=channel, by=curator)
    with pytest.raises(Refused, match="not connected"):
        go_live(channel=unconnected, by=curator)


def test_connecting_a_revoked_channel_again_brings_it_back(community, curator):
    channel = join_up(community, curator)
    go_live(channel=channel, by=curator)
    channel.move("revoked", trouble="Withdrawn.")

    again = join_up(community, curator)

    assert (again.pk, again.state, again.trouble) == (channel.pk, "live", "")


def test_connecting_a_live_channel_again_leaves_it_live(community, curator):
    channel = join_up(community, curator)
    go_live(channel=channel, by=curator)

    assert join_up(community, curator).state == "live"


def test_only_curators_connect_and_steer(community, curator, grace):
    channel = join_up(community, curator)
    member = community.memberships.get(user=grace)

    with pytest.raises(Refused, match="Only curators"):
        join_up(community, member)
    with pytest.raises(Refused, match="Only curators"):
        go_live(channel=channel, by=member)


def test_limits_are_asked_for_once_a_day(channel, fake_networks):
    bluesky = fake_networks[Network.BLUESKY]
    bluesky.account_limits = replace(bluesky.account_limits, characters=500)

    tasks.sweep(at=MONDAY + timedelta(hours=23), run=tasks.at_once)
    assert not bluesky.called("limits")
    tasks.sweep(at=MONDAY + timedelta(hours=25), run=tasks.at_once)
    tasks.sweep(at=MONDAY + timedelta(hours=26), run=tasks.at_once)

    channel.refresh_from_db()
    assert channel.limits["characters"] == 500
    assert len(bluesky.called("limits")) == 1


def test_limits_stay_as_they_were_when_nobody_answers_and_a_revoked_account_is_told(channel, fake_networks):
    fake_networks[Network.BLUESKY].script("limits", Unavailable("busy"), Revoked("Withdrawn."))

    refresh_limits(channel=channel, at=FRIDAY)
    channel.refresh_from_db()
    assert (channel.limits["characters"], channel.limits_at, channel.state) == (300, FRIDAY, "live")
    refresh_limits(channel=channel, at=FRIDAY)

    channel.refresh_from_db()
    assert (channel.state, channel.trouble) == ("revoked", "Withdrawn.")
