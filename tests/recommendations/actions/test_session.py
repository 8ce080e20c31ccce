"""Tokens that are about to run out are renewed once, by one worker, and kept before anything else is called."""

from datetime import timedelta

import pytest

from recommendations import tasks
from recommendations.actions.session import open_session
from recommendations.models import Channel, Post
from recommendations.networks.base import Revoked, Unavailable
from tests.conftest import FRIDAY
from tests.fake_network import Renewed

pytestmark = pytest.mark.django_db


@pytest.fixture
def bluesky(fake_networks):
    return fake_networks["bluesky"]


def runs_out(channel, at):
    """The channel's access token is good until then."""
    secret = {"account": channel.uri, "token": "first", "expires_at": at.isoformat()}
    Channel.objects.filter(pk=channel.pk).update(sealed_secret=channel.seal_secret(secret))
    channel.refresh_from_db()
    return secret


def test_tokens_that_last_are_used_as_they_are(channel, bluesky):
    secret = runs_out(channel, FRIDAY + timedelta(hours=1))

    assert open_session(channel, bluesky, at=FRIDAY) == secret
    assert bluesky.calls == []


def test_tokens_that_run_out_are_renewed_and_kept(channel, bluesky):
    runs_out(channel, FRIDAY + timedelta(minutes=3))
    fresh = {"account": channel.uri, "token": "second", "expires_at": (FRIDAY + timedelta(hours=2)).isoformat()}
    bluesky.script("renewed", Renewed(fresh))

    assert open_session(channel, bluesky, at=FRIDAY) == fresh
    assert Channel.objects.get(pk=channel.pk).open_secret() == fresh
    assert open_session(Channel.objects.get(pk=channel.pk), bluesky, at=FRIDAY) == fresh
    assert len(bluesky.called("renewed")) == 1


def test_while_one_worker_renews_another_waits(channel, bluesky):
    runs_out(channel, FRIDAY)
    seen = []

    def meanwhile(verb):
        bluesky.before = lambda _: None
        with pytest.raises(Unavailable) as waits:
            open_session(Channel.objects.get(pk=channel.pk), bluesky, at=FRIDAY)
        seen.append(waits.value.retry_at)

    bluesky.before = meanwhile
    open_session(channel, bluesky, at=FRIDAY)

    assert seen == [FRIDAY + timedelta(seconds=30)]
    assert len(bluesky.called("renewed")) == 1


def test_a_renewal_that_nobody_came_back_from_does_not_block_for_ever(channel, bluesky):
    runs_out(channel, FRIDAY)
    Channel.objects.update(renewing_at=FRIDAY - timedelta(days=1000))

    open_session(channel, bluesky, at=FRIDAY)

    assert len(bluesky.called("renewed")) == 1
    assert Channel.objects.get(pk=channel.pk).renewing_at is None


def test_a_channel_that_cannot_be_renewed_stops_and_its_posts_wait(published, channel, bluesky):
    runs_out(channel, FRIDAY)
    bluesky.script("renewed", Revoked("Access was withdrawn."))

    tasks.send_due(at=FRIDAY, run=tasks.at_once)

    channel.refresh_from_db()
    assert (channel.state, channel.trouble) == ("revoked", "Access was withdrawn.")
    assert set(Post.objects.values_list("state", flat=True)) == {"pending"}
    assert bluesky.called("send") == []


def test_a_secret_that_no_key_opens_stops_its_channel_and_says_what_to_do(published, channel, bluesky):
    Channel.objects.update(sealed_secret="made under a key that is lost")

    tasks.send_due(at=FRIDAY, run=tasks.at_once)

    channel.refresh_from_db()
    assert channel.state == "revoked"
    assert "connect it again" in channel.trouble
    assert bluesky.called("send") == []


def test_a_network_that_cannot_renew_just_now_is_asked_again(published, channel, bluesky):
    runs_out(channel, FRIDAY)
    bluesky.script("renewed", Unavailable("busy", retry_at=FRIDAY + timedelta(minutes=7)))

    tasks.send_due(at=FRIDAY, run=tasks.at_once)

    assert Post.objects.get(part=0).due_at == FRIDAY + timedelta(minutes=7)
