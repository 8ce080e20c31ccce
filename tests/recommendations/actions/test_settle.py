"""In doubt, look; on networks without idempotency, look twice and ask a person."""

from datetime import timedelta

import pytest

from recommendations import tasks
from recommendations.actions import Refused
from recommendations.actions.settle import decide
from recommendations.models import Post
from recommendations.networks.base import Rejected, Revoked, Unavailable
from tests.conftest import FRIDAY
from tests.fake_network import Lost

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def bluesky(fake_networks, published):
    return fake_networks["bluesky"]


def sweep(at=FRIDAY):
    tasks.send_due(at=at, run=tasks.at_once)


def first():
    return Post.objects.select_related("delivery__channel", "delivery__edition__community").get(part=0)


def lose_the_first(bluesky, *, stored):
    bluesky.script("send", Lost(stored=stored))
    sweep()


def test_a_network_that_cannot_be_asked_is_asked_later(bluesky):
    lose_the_first(bluesky, stored=True)
    bluesky.script("look", Unavailable("busy"))
    sweep()
    assert first().state == "unknown"

    sweep(at=FRIDAY + timedelta(minutes=5))

    assert first().state == "sent"
    assert len(bluesky.called("send")) == Post.objects.count()


def test_another_post_under_our_key_is_left_to_a_person(bluesky):
    lose_the_first(bluesky, stored=True)
    bluesky.script("look", Rejected("Another post stands there."))

    sweep(at=FRIDAY + timedelta(minutes=5))

    assert (first().state, first().trouble) == ("needs_human", "Another post stands there.")


def test_a_channel_revoked_while_in_doubt_keeps_the_doubt(bluesky, channel):
    lose_the_first(bluesky, stored=True)
    bluesky.script("look", Revoked("Withdrawn."))

    sweep(at=FRIDAY + timedelta(minutes=5))

    channel.refresh_from_db()
    assert (channel.state, first().state) == ("revoked", "unknown")


def test_without_idempotency_two_empty_looks_go_to_a_person_and_nothing_is_repeated(bluesky):
    bluesky.repeatable = False
    bluesky.script("send", Lost(stored=False))

    for minutes in (0, 5, 10, 15):
        sweep(at=FRIDAY + timedelta(minutes=minutes))

    assert first().state == "needs_human"
    assert len(bluesky.called("send")) == 1


def test_a_person_says_send_it(bluesky, curator):
    Post.objects.filter(part=0).update(state="needs_human")

    decide(post=first(), by=curator, choice="send", late_at=FRIDAY + 3 * DAY, at=FRIDAY + 2 * DAY)
    Post.objects.update(late_at=FRIDAY + 3 * DAY)
    sweep(at=FRIDAY + 2 * DAY)

    assert first().state == "sent"


def test_a_person_says_it_is_there(bluesky, curator):
    Post.objects.filter(part=0).update(state="needs_human")

    decide(post=first(), by=curator, choice="adopt", address="https://bsky.app/profile/x/post/y", late_at=FRIDAY)

    assert (first().state, first().remote_url) == ("sent", "https://bsky.app/profile/x/post/y")


def test_a_person_gives_up(bluesky, curator):
    Post.objects.filter(part=0).update(state="needs_human")

    decide(post=first(), by=curator, choice="give_up", late_at=FRIDAY)

    assert first().state == "failed"


@pytest.mark.parametrize(
    ("state", "choice"), [("sent", "send"), ("pending", "give_up"), ("needs_human", "adopt"), ("unknown", "send")]
)
def test_what_makes_no_sense_in_its_state_is_refused(bluesky, curator, state, choice):
    Post.objects.filter(part=0).update(state=state)

    with pytest.raises(Refused, match="present state"):
        decide(post=first(), by=curator, choice=choice, late_at=FRIDAY)

    assert first().state == state


def test_only_this_communitys_curators_decide(bluesky, community, grace):
    Post.objects.filter(part=0).update(state="needs_human")

    with pytest.raises(Refused, match="Only curators"):
        decide(post=first(), by=community.memberships.get(user=grace), choice="send", late_at=FRIDAY)
