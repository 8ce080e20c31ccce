"""Who declines is named nowhere any more, in whatever state the posts are; numbers and threads stay whole."""

from datetime import timedelta

import pytest

from recommendations import tasks
from recommendations.actions.correct import correct, watch_deliveries
from recommendations.actions.share_image import withdraw_share_images
from recommendations.models import Channel, Delivery, Post, Profile, Quote
from recommendations.networks.base import CannotEdit, Unavailable
from tests.conftest import FRIDAY
from tests.fake_network import Lost

pytestmark = pytest.mark.django_db

LATER = FRIDAY + timedelta(hours=1)


@pytest.fixture
def bluesky(fake_networks, published):
    return fake_networks["bluesky"]


@pytest.fixture(params=[True, False], ids=["edits", "no edits"])
def network(bluesky, request):
    """One that shows edits, and one that does not."""
    bluesky.editable = request.param
    return bluesky


def sweep(at=FRIDAY):
    """As the tick does; pictures first."""
    tasks.sweep(at=at, run=tasks.at_once)


def send(at=FRIDAY):
    tasks.send_due(at=at, run=tasks.at_once)


def decline(name, at=LATER):
    profile = Profile.objects.get(name=name)
    Profile.objects.filter(pk=profile.pk).update(word="declined")
    withdraw_share_images(profile)
    watch_deliveries(profile, at=at)


def assert_thread_is_whole(network, *, named, unnamed):
    """One opening, one closing, each answering the one before it; everybody once, and the unwilling nowhere."""
    everything = "\n".join(network.texts)
    assert {name: everything.count(name) for name in named} == dict.fromkeys(named, 1)
    assert [name for name in unnamed if name in everything or name in str(network.posts)] == []
    assert network.posts[0].wire["parent"] is None
    assert [post.wire["parent"] for post in network.posts[1:]] == [
        post.receipt.reference for post in network.posts[:-1]
    ]
    assert "#custserv" in network.texts[0]
    assert "Nominate" in network.texts[-1]
    assert sum("Nominate" in text for text in network.texts) == 1


def test_who_declines_after_all_was_posted_is_gone_from_it_within_the_hour(network):
    send()

    decline("rosa")
    sweep(at=LATER)
    sweep(at=LATER + timedelta(minutes=1))

    assert_thread_is_whole(network, named=["Emma", "Clara"], unnamed=["Rosa"])
    assert Delivery.objects.get().correct_from is None
    assert Delivery.objects.get().state == "sent"


def test_who_declines_half_way_is_gone_too(network):
    network.script("send", None, None, Unavailable("busy"))
    send()

    decline("rosa")
    for minute in range(5):
        sweep(at=LATER + timedelta(minutes=minute))

    assert_thread_is_whole(network, named=["Emma", "Clara"], unnamed=["Rosa"])


@pytest.mark.parametrize("stored", [True, False])
def test_a_part_in_doubt_is_settled_first(network, stored):
    network.script("send", None, Lost(stored=stored))
    send()
    assert Post.objects.get(part=1).state == "unknown"

    decline("rosa")
    correct(delivery=Delivery.objects.get(), at=LATER)
    assert not Post.objects.exclude(operation="create").filter(target__part=1).exists()
    for minute in range(5):
        sweep(at=LATER + timedelta(minutes=minute))

    assert_thread_is_whole(network, named=["Emma", "Clara"], unnamed=["Rosa"])


def test_everybody_declines_one_after_the_other(network):
    send()

    for hour, name in enumerate(["rosa", "emma", "clara"]):
        decline(name, at=LATER + timedelta(hours=hour))
        for minute in range(3):
            sweep(at=LATER + timedelta(hours=hour, minutes=minute))

    assert [name for name in ("Rosa", "Emma", "Clara") if name in str(network.posts)] == []
    assert "#custserv" in network.texts[0]
    assert "Nominate" in network.texts[-1]


def test_an_edit_says_in_one_part_alone_that_somebody_is_gone(bluesky):
    bluesky.editable = True
    send()
    before = bluesky.texts

    decline("rosa")
    sweep(at=LATER)
    sweep(at=LATER + timedelta(minutes=1))

    changed = [text for text in bluesky.texts if text not in before]
    assert len(bluesky.texts) == len(before)
    assert len(changed) <= 1
    assert len(bluesky.pictures) == 2  # the picture named her, too
    assert "Rosa" not in bluesky.pictures[1].alt


def test_a_network_that_refuses_an_edit_is_corrected_by_taking_down(bluesky):
    bluesky.editable = True
    bluesky.script("edit", *[CannotEdit("Edits are switched off here.")] * 9)
    send()

    decline("rosa")
    for minute in range(4):
        sweep(at=LATER + timedelta(minutes=minute))

    assert_thread_is_whole(bluesky, named=["Emma", "Clara"], unnamed=["Rosa"])


@pytest.mark.parametrize("stored", [True, False])
def test_a_lost_answer_to_a_correction_is_repeated(network, stored):
    send()
    network.script("edit", Lost(stored=stored))
    network.script("delete", Lost(stored=stored))

    decline("rosa")
    for minute in range(0, 20, 5):
        sweep(at=LATER + timedelta(minutes=minute))

    assert_thread_is_whole(network, named=["Emma", "Clara"], unnamed=["Rosa"])


def test_what_somebody_deleted_on_the_network_needs_no_edit(bluesky):
    bluesky.editable = True
    send()
    bluesky.vanish(bluesky.posts[1].receipt.remote_id)

    decline("rosa")
    sweep(at=LATER)
    sweep(at=LATER + timedelta(minutes=1))

    assert set(Post.objects.values_list("state", flat=True)) == {"sent"}
    assert [text for text in bluesky.texts if "Rosa" in text] == []


def test_on_x_the_post_is_taken_down_and_stays_down(fake_networks, draft, channel):
    from recommendations.actions.publish import publish

    x = fake_networks["x"]
    Channel.objects.update(network="x", limits={"characters": 280, "url_length": 23})
    publish(edition=draft, at=FRIDAY)
    send()
    assert "Rosa" in x.texts[0]

    decline("rosa")
    for minute in range(3):
        sweep(at=LATER + timedelta(minutes=minute))

    assert x.texts == []
    assert Delivery.objects.get().correct_from is None


def test_a_correction_is_made_on_a_paused_channel_too(network):
    send()
    Channel.objects.update(state="paused")
    network.editable = True

    decline("rosa")
    sweep(at=LATER)
    sweep(at=LATER + timedelta(minutes=1))

    assert [text for text in network.texts if "Rosa" in text] == []


def test_a_rehearsal_is_never_corrected(bluesky):
    Delivery.objects.update(rehearsal=True)

    decline("rosa")

    assert not Delivery.objects.to_correct().exists()


def test_a_reason_that_was_taken_back_leaves_the_posts_and_its_person_stays(network):
    send()
    rosa = Profile.objects.get(name="rosa")
    lead = Quote.objects.filter(entry__profile=rosa).first()
    Quote.objects.filter(pk=lead.pk).update(vetoed_at=LATER)

    watch_deliveries(rosa, at=LATER)
    for minute in range(3):
        sweep(at=LATER + timedelta(minutes=minute))

    rosas = next(text for text in network.texts if "Rosa" in text)
    assert_thread_is_whole(network, named=["Rosa", "Emma", "Clara"], unnamed=[])
    assert f"Rosa\n“{lead.text[:20]}" not in rosas


def test_a_delivery_that_says_nothing_wrong_is_left_as_it_is(network):
    send()
    texts = network.texts

    watch_deliveries(Profile.objects.get(name="rosa"), at=LATER)
    sweep(at=LATER)

    assert network.texts == texts
    assert not Post.objects.exclude(operation="create").exists()
    assert Delivery.objects.get().correct_from is None


def test_two_workers_correct_once(network):
    send()
    decline("rosa")
    sweep(at=LATER - timedelta(days=3))  # the picture alone
    first, second = Delivery.objects.get(), Delivery.objects.get()

    correct(delivery=first, at=LATER)
    made = Post.objects.count()
    correct(delivery=second, at=LATER)

    assert Post.objects.count() == made
