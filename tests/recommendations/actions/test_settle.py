"""In doubt, look; on networks without idempotency, look twice and ask a person."""

from datetime import timedelta

import pytest
from django.db.models import F

from recommendations import tasks
from recommendations.actions import Refused
from recommendations.actions.decide import decide
from recommendations.actions.settle import settle
from recommendations.models import Attempt, Post
from recommendations.models.state import Overtaken
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
    bluesky.repeat_for = timedelta(0)
    bluesky.script("send", Lost(stored=False))

    for minutes in (0, 5, 10, 15):
        sweep(at=FRIDAY + timedelta(minutes=minutes))

    assert first().state == "needs_human"
    assert len(bluesky.called("send")) == 1


def test_a_person_says_send_it(bluesky, curator):
    Post.objects.filter(part=0).update(state="needs_human")

    decide(post=first(), by=curator, choice="send", late_at=FRIDAY + 3 * DAY, at=FRIDAY + 2 * DAY)
    sweep(at=FRIDAY + 2 * DAY)

    assert first().state == "sent"


def test_a_network_that_takes_keys_for_a_while_is_sent_the_same_again_after_one_empty_look(bluesky):
    bluesky.repeat_for, bluesky.enough_looks = timedelta(minutes=50), 2
    lose_the_first(bluesky, stored=False)

    sweep(at=FRIDAY + timedelta(minutes=1))

    assert first().state == "sent"
    assert len(bluesky.called("look")) == 1
    sent = bluesky.called("send")[:2]
    assert sent[0].arguments == sent[1].arguments


def test_once_the_key_is_forgotten_only_two_empty_looks_allow_another_try(bluesky):
    bluesky.repeat_for, bluesky.enough_looks = timedelta(minutes=50), 2
    lose_the_first(bluesky, stored=False)
    Attempt.objects.update(began_at=F("began_at") - timedelta(minutes=51))

    sweep(at=FRIDAY + timedelta(minutes=1))
    after_one_look = first().state
    sweep(at=FRIDAY + timedelta(minutes=2))
    too_soon = len(bluesky.called("look"))
    sweep(at=FRIDAY + timedelta(minutes=5))

    assert (after_one_look, too_soon) == ("unknown", 1)
    assert first().state == "sent"
    assert len(bluesky.called("look")) == 2


def test_looks_from_before_the_last_try_prove_nothing_about_it(bluesky):
    bluesky.repeat_for, bluesky.enough_looks = timedelta(0), 2
    bluesky.script("send", Lost(stored=False), Lost(stored=True))
    at = FRIDAY
    for _ in range(4):
        sweep(at=at)
        at += timedelta(minutes=5)

    assert first().state == "sent"
    assert bluesky.texts.count(first().text) == 1


def test_a_request_under_way_is_given_time_to_arrive_before_anybody_looks(bluesky):
    bluesky.wait, bluesky.repeat_for = timedelta(minutes=1), timedelta(minutes=50)
    lose_the_first(bluesky, stored=True)

    sweep(at=FRIDAY + timedelta(seconds=59))
    too_soon = len(bluesky.called("look"))
    sweep(at=FRIDAY + timedelta(seconds=60))

    assert too_soon == 0
    assert len(bluesky.called("look")) == 1


def test_two_workers_do_not_look_at_the_same_moment(bluesky):
    lose_the_first(bluesky, stored=False)
    mine, other = first(), first()
    settle(post=mine, at=FRIDAY)

    with pytest.raises(Overtaken):
        settle(post=other, at=FRIDAY)

    assert len(bluesky.called("look")) == 1


def test_what_was_done_about_a_post_is_written_down_call_by_call(bluesky):
    lose_the_first(bluesky, stored=True)
    sweep(at=FRIDAY + timedelta(minutes=5))

    said = [(each.kind, each.outcome, each.words) for each in first().attempts.all()]

    assert said == [("send", "unknown", "The answer got lost."), ("look", "done", "")]
    assert all(each.began_at <= each.ended_at for each in first().attempts.all())


def test_a_person_says_it_is_there(bluesky, curator):
    lose_the_first(bluesky, stored=True)
    Post.objects.filter(part=0).update(state="needs_human")
    there = bluesky.posts[0].receipt

    decide(post=first(), by=curator, choice="adopt", address=f" {there.url} ", late_at=FRIDAY, at=FRIDAY)

    assert (first().state, first().remote_id, first().reference) == ("sent", there.remote_id, there.reference)


def test_an_adopted_part_is_answered_by_the_next(bluesky, curator):
    lose_the_first(bluesky, stored=True)
    Post.objects.filter(part=0).update(state="needs_human")
    decide(post=first(), by=curator, choice="adopt", address=bluesky.posts[0].receipt.url, late_at=FRIDAY, at=FRIDAY)

    sweep()

    assert bluesky.posts[1].wire["parent"] == bluesky.posts[0].receipt.reference


@pytest.mark.parametrize("address", ["", "https://bluesky.example/posts/99"])
def test_an_address_where_nothing_of_ours_stands_is_not_adopted(bluesky, curator, address):
    Post.objects.filter(part=0).update(state="needs_human")

    with pytest.raises(Refused) as refusal:
        decide(post=first(), by=curator, choice="adopt", address=address, late_at=FRIDAY, at=FRIDAY)

    assert refusal.value.field == "address"
    assert first().state == "needs_human"


def test_a_part_cannot_be_adopted_as_another_one(bluesky, curator):
    sweep()
    Post.objects.filter(part=1).update(state="needs_human", remote_id="")
    second = Post.objects.select_related("delivery__channel").get(part=1)

    with pytest.raises(Refused, match="another part"):
        decide(post=second, by=curator, choice="adopt", address=bluesky.posts[0].receipt.url, late_at=FRIDAY)


def test_a_network_that_cannot_be_asked_now_does_not_let_a_person_adopt(bluesky, curator):
    Post.objects.filter(part=0).update(state="needs_human")
    bluesky.script("find", Unavailable("busy"))

    with pytest.raises(Refused, match="just now"):
        decide(post=first(), by=curator, choice="adopt", address="https://x", late_at=FRIDAY)


def test_a_late_thread_that_a_person_lets_go_follows_as_a_whole(bluesky, curator):
    late = FRIDAY + 2 * DAY
    sweep(at=late)
    assert first().state == "needs_human"

    decide(post=first(), by=curator, choice="send", late_at=late + DAY, at=late)
    sweep(at=late)

    assert set(Post.objects.values_list("state", flat=True)) == {"sent"}


def test_a_person_gives_up(bluesky, curator):
    Post.objects.filter(part=0).update(state="needs_human")

    decide(post=first(), by=curator, choice="give_up", late_at=FRIDAY)

    assert first().state == "failed"


@pytest.mark.parametrize(
    ("state", "choice"), [("sent", "send"), ("pending", "give_up"), ("failed", "adopt"), ("unknown", "send")]
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
