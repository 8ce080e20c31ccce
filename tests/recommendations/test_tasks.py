"""Sweeps over due rows and one task per row; and what a message lost, doubled or late does: no harm."""

from datetime import datetime, timedelta

import pytest
from celery import Celery
from django.db import transaction
from django.utils import timezone
from kombu import Connection

from recommendations import tasks
from recommendations.actions.compile import compile_edition
from recommendations.actions.publish import publish
from recommendations.actions.review import approve, hold
from recommendations.consent import Signal
from recommendations.handles import Network
from recommendations.measures import Limits
from recommendations.models import Channel, Community, Edition, Heartbeat, Post, Profile
from recommendations.models.state import Overtaken
from recommendations.networks.base import OutcomeUnknown, Unavailable
from tests.conftest import FRIDAY, MONDAY, SATURDAY, THURSDAY
from tests.fake_network import Lost
from tests.recommendations.actions.conftest import nominated, on_mastodon

__all__ = ["nominated", "on_mastodon"]
pytestmark = pytest.mark.django_db

# Who is told, and what a search finds, have tests of their own.
APART = (tasks.announce_one, tasks.bundle_one, tasks.letter_one, tasks.find_one_anew)
FOLDERS = ("data_folder_in", "data_folder_out", "control_folder")


@pytest.fixture
def bluesky(fake_networks):
    return fake_networks[Network.BLUESKY]


@pytest.fixture
def channel(community):
    """A live channel on Bluesky."""
    made = community.channels.create(
        network=Network.BLUESKY.value, uri="did:fake:ours", name="ours.test", state="live",
        limits={"characters": 300, "bytes": 3000, "images": 4, "alt_length": 2000}, limits_at=FRIDAY,
    )  # fmt: skip
    made.sealed_secret = made.seal_secret({"account": "did:fake:ours", "token": "first"})
    made.save()
    return made


@pytest.fixture
def published(edition, grace, nominated, channel):
    """Number 1, with enough people for a thread of several posts; nothing is sent yet."""
    for name in ("rosa", "emma", "clara"):
        nominated(name, by=grace)
    compile_edition(edition=edition, at=THURSDAY)
    publish(edition=edition, at=FRIDAY)
    Profile.objects.update(look_again_at=FRIDAY + timedelta(days=7))
    return edition


@pytest.fixture
def handed():
    """What a sweep handed out: (task, row)."""
    return []


@pytest.fixture
def note(handed):
    return lambda task, pk, at: handed.append((task, pk)) if task not in APART else None


def first_post():
    return Post.objects.get(part=0)


# Sweeps


def test_a_sweep_finds_what_is_due_and_hands_out_one_task_for_each_row(edition, nominated, grace, handed, note):
    profile = nominated("rosa", by=grace).profile
    Profile.objects.update(look_again_at=FRIDAY)

    tasks.sweep(at=THURSDAY, run=note)

    assert handed == [(tasks.compile_one, edition.pk)]
    handed.clear()
    Profile.objects.update(look_again_at=MONDAY, avatar_url="https://social.example/a.png")
    tasks.sweep(at=THURSDAY - timedelta(seconds=1), run=note)
    assert handed == [(tasks.look_up_one, profile.pk), (tasks.avatar_one, profile.pk)]


def test_a_row_is_found_again_by_every_sweep_until_it_has_moved(edition, handed, note):
    for _ in range(2):
        tasks.sweep(at=THURSDAY, run=note)
    assert handed == [(tasks.compile_one, edition.pk)] * 2
    handed.clear()

    tasks.compile_one(edition.pk, THURSDAY.isoformat())
    tasks.sweep(at=THURSDAY, run=note)

    assert handed == []


def test_an_approved_edition_is_published_at_its_slot_and_not_before(edition, nominated, grace, curator, handed, note):
    nominated("rosa", by=grace)
    compile_edition(edition=edition, at=THURSDAY)
    Profile.objects.update(look_again_at=FRIDAY + timedelta(days=7))
    tasks.sweep(at=FRIDAY, run=note)
    assert handed == []
    approve(edition=edition, by=curator, at=THURSDAY)
    tasks.sweep(at=FRIDAY - timedelta(seconds=1), run=note)
    assert handed == []

    tasks.sweep(at=FRIDAY, run=note)

    assert handed == [(tasks.publish_one, edition.pk)]


def test_a_community_without_a_board_gets_one(community, handed, note):
    Edition.objects.all().delete()
    tasks.sweep(at=MONDAY, run=note)
    assert handed == [(tasks.open_one, community.pk)]

    for _ in range(2):
        tasks.open_one(community.pk, MONDAY.isoformat())

    assert [edition.week for edition in Edition.objects.all()] == ["2026-W45"]


def test_a_thread_is_handed_out_by_its_first_post_alone(published, handed, note):
    assert Post.objects.count() > 1

    tasks.sweep(at=FRIDAY, run=note)

    assert [each for each in handed if each[0] == tasks.post_one] == [(tasks.post_one, first_post().pk)]
    assert tasks.first_posts(published) == [first_post().pk]


def test_a_channel_is_asked_for_its_limits_once_a_day(channel, handed, note):
    tasks.sweep(at=FRIDAY + timedelta(days=1), run=note)
    assert (tasks.limits_one, channel.pk) not in handed

    tasks.sweep(at=FRIDAY + timedelta(days=1, seconds=1), run=note)
    assert (tasks.limits_one, channel.pk) in handed

    Channel.objects.update(state="paused")
    handed.clear()
    tasks.sweep(at=FRIDAY + timedelta(days=2), run=note)
    assert (tasks.limits_one, channel.pk) not in handed


def test_a_sweep_hands_out_only_so_many_and_the_next_goes_on(db, handed, note, monkeypatch):
    monkeypatch.setattr(tasks, "MOST", 3)
    Profile.objects.bulk_create(Profile(network="x", name=f"n{number}", look_again_at=MONDAY) for number in range(5))
    tasks.sweep(at=MONDAY, run=note)
    assert len(handed) == 3

    Profile.objects.filter(pk__in=[pk for _, pk in handed]).update(look_again_at=FRIDAY)
    tasks.sweep(at=MONDAY, run=note)

    assert len({pk for _, pk in handed}) == 5


def test_every_sweep_leaves_a_heartbeat(db):
    before = timezone.now()

    tasks.sweep(at=SATURDAY, run=lambda *_: None)
    tasks.tick()

    assert before <= Heartbeat.objects.get(name="tick").at <= timezone.now()


# One task per row


def test_a_message_that_comes_twice_or_too_late_does_nothing(edition, nominated, grace, curator):
    nominated("rosa", by=grace)
    for _ in range(2):
        tasks.compile_one(edition.pk, THURSDAY.isoformat())
    edition.refresh_from_db()
    approve(edition=edition, by=curator, at=THURSDAY)
    for _ in range(2):
        tasks.publish_one(edition.pk, FRIDAY.isoformat())
    tasks.compile_one(edition.pk, FRIDAY.isoformat())

    community = Community.objects.get()
    assert community.last_number == 1
    assert [(e.week, e.state) for e in community.editions.order_by("week")] == [
        ("2026-W45", "published"),
        ("2026-W46", "open"),
    ]


def test_a_message_that_comes_too_early_does_nothing(edition, published):
    edition = published.community.editions.get(state="open")

    tasks.compile_one(edition.pk, FRIDAY.isoformat())
    tasks.publish_one(edition.pk, FRIDAY.isoformat())

    edition.refresh_from_db()
    assert edition.state == "open"


@pytest.mark.parametrize(
    "task",
    [
        tasks.compile_one, tasks.publish_one, tasks.post_one, tasks.abandoned_one, tasks.settle_one,
        tasks.look_up_one, tasks.avatar_one, tasks.limits_one, tasks.open_one,
    ],
    ids=lambda task: task.name.rpartition(".")[2],
)  # fmt: skip
def test_a_message_about_a_row_that_is_gone_does_nothing(db, task, fake_networks):
    task(4711, MONDAY.isoformat())

    assert [call for fake in fake_networks.values() for call in fake.calls] == []


def test_a_held_edition_is_left_alone(edition, curator):
    hold(edition=edition, by=curator, why="Two names are missing.", at=MONDAY)

    tasks.compile_one(edition.pk, THURSDAY.isoformat())

    edition.refresh_from_db()
    assert edition.state == "open"


def test_a_thread_goes_out_in_its_order_with_one_message(published, bluesky):
    tasks.post_one(first_post().pk, FRIDAY.isoformat())

    posts = list(Post.objects.all())
    assert {post.state for post in posts} == {"sent"}
    assert bluesky.texts == [post.text for post in posts]
    assert bluesky.posts[1].wire["parent"] == posts[0].reference


def test_the_same_message_to_many_workers_posts_once(published, bluesky):
    for _ in range(3):
        tasks.post_one(first_post().pk, FRIDAY.isoformat())

    assert len(bluesky.posts) == Post.objects.count()


def test_a_worker_that_is_overtaken_stops_without_a_word(published, bluesky, monkeypatch):
    def be_slow(post, at):
        raise Overtaken("somebody else has it")

    monkeypatch.setattr(tasks, "deliver", be_slow)

    tasks.post_one(first_post().pk, FRIDAY.isoformat())

    assert bluesky.posts == []


def test_a_thread_stops_where_a_post_must_wait_and_goes_on_there(published, bluesky):
    bluesky.script("send", None, Unavailable("busy", retry_at=FRIDAY + timedelta(minutes=3)))

    tasks.post_one(first_post().pk, FRIDAY.isoformat())
    assert list(Post.objects.values_list("state", flat=True))[:2] == ["sent", "pending"]
    tasks.sweep(at=FRIDAY + timedelta(minutes=2), run=tasks.at_once)
    assert len(bluesky.posts) == 1

    tasks.sweep(at=FRIDAY + timedelta(minutes=3), run=tasks.at_once)

    assert bluesky.texts == list(Post.objects.values_list("text", flat=True))


@pytest.mark.parametrize("stored", [True, False])
def test_a_post_whose_answer_got_lost_is_settled_by_the_next_sweep_and_stands_once(published, bluesky, stored):
    bluesky.script("send", Lost(stored=stored))
    tasks.sweep(at=FRIDAY, run=tasks.at_once)
    assert first_post().state == "unknown"

    for minute in range(1, 4):
        tasks.sweep(at=FRIDAY + timedelta(minutes=minute), run=tasks.at_once)

    assert bluesky.texts == list(Post.objects.values_list("text", flat=True))
    assert set(Post.objects.values_list("state", flat=True)) == {"sent"}


def test_a_post_whose_worker_died_is_taken_from_it_after_its_lease(published, handed, note):
    post = first_post()
    post.move("sending", claimed_at=timezone.now() - timedelta(minutes=1))
    tasks.send_due(at=FRIDAY, run=note)
    assert handed == []
    Post.objects.filter(pk=post.pk).update(claimed_at=timezone.now() - timedelta(minutes=3))

    tasks.send_due(at=FRIDAY, run=note)
    for _ in range(2):
        tasks.abandoned_one(post.pk, FRIDAY.isoformat())

    assert handed == [(tasks.abandoned_one, post.pk)]
    assert first_post().state == "unknown"


def test_a_profile_is_looked_up_again_when_its_time_has_come(edition, nominated, grace, on_mastodon, fake_networks):
    profile = nominated("rosa", by=grace).profile
    on_mastodon("rosa", bio="Gardener", signal=Signal.DECLINED)
    calls = fake_networks[Network.MASTODON].called

    tasks.look_up_one(profile.pk, MONDAY.isoformat())
    assert len(calls("look_up")) == 1
    tasks.look_up_one(profile.pk, (MONDAY + timedelta(days=7)).isoformat())
    tasks.look_up_one(profile.pk, (MONDAY + timedelta(days=7)).isoformat())

    profile.refresh_from_db()
    assert (profile.bio, profile.signal) == ("Gardener", Signal.DECLINED)
    assert len(calls("look_up")) == 2


def test_a_profile_without_a_picture_any_more_loses_ours(edition, nominated, grace):
    profile = nominated("rosa", by=grace).profile
    Profile.objects.update(avatar="avatars/old.webp", avatar_from="https://social.example/old.png")

    tasks.avatar_one(profile.pk)
    tasks.avatar_one(profile.pk)

    profile.refresh_from_db()
    assert (profile.avatar.name, profile.avatar_from) == ("", "")


def test_a_channels_limits_are_written_down(channel, bluesky):
    bluesky.account_limits = Limits(characters=500, bytes=3_000, images=4, alt_length=2_000)

    tasks.limits_one(channel.pk, (FRIDAY + timedelta(days=2)).isoformat())

    channel.refresh_from_db()
    assert channel.limits["characters"] == 500
    assert channel.limits_at == FRIDAY + timedelta(days=2)


def test_a_network_in_trouble_keeps_what_was_known(channel, bluesky):
    bluesky.script("limits", Unavailable("busy"))

    tasks.limits_one(channel.pk, (FRIDAY + timedelta(days=2)).isoformat())

    channel.refresh_from_db()
    assert channel.limits["characters"] == 300


def test_no_sweep_is_stopped_by_a_fault_nobody_thought_of(published, channel, bluesky, handed, note):
    """Each row has a task of its own, so that what breaks, breaks for that row alone."""
    bluesky.script("limits", OutcomeUnknown("?"))
    Channel.objects.update(limits_at=SATURDAY)

    tasks.sweep(at=FRIDAY, run=note)

    assert handed == [
        (tasks.post_one, first_post().pk),
        (tasks.plan_lists_of, published.deliveries.get().pk),
        (tasks.limits_one, channel.pk),
    ]


# Nudges and the broker


@pytest.fixture
def message_about(settings):
    """The message about a row in the tests' own broker, where other tests' messages may lie too."""

    def find(pk):
        options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
        with Connection(settings.CELERY_BROKER_URL, transport_options=options) as broker:
            queue = broker.SimpleQueue("celery")
            while message := queue.get(timeout=60):
                message.ack()
                if message.payload[0][:1] == [pk]:
                    return message

    return find


def test_a_nudge_is_a_message_that_says_what_and_when_and_is_no_pickle(
    message_about, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        tasks.nudge(tasks.compile_one, 47_110_815)

    message = message_about(47_110_815)
    (_, at), *_ = message.payload
    assert message.headers["task"] == "recommendations.tasks.compile_one"
    assert timezone.now() - datetime.fromisoformat(at) < timedelta(minutes=1)
    assert message.content_type == "application/json"


@pytest.fixture
def sent(monkeypatch):
    """What is handed out: (task, row)."""
    sent = []
    monkeypatch.setattr(tasks, "hand_out", lambda task, pk, at: sent.append((task, pk)))
    return sent


def test_a_nudge_waits_for_the_commit(sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        with transaction.atomic():
            tasks.nudge(tasks.compile_one, 7)
        assert sent == []
    assert sent == [(tasks.compile_one, 7)]


def test_a_nudge_of_a_deed_that_was_undone_is_not_sent(sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        tasks.nudge(tasks.compile_one, 7)
        transaction.set_rollback(True)

    assert sent == []


def test_a_tick_leaves_its_work_to_the_workers(edition, sent):
    tasks.tick(THURSDAY.isoformat())

    edition.refresh_from_db()
    assert edition.state == "open"
    assert [each for each in sent if each[0] not in APART] == [(tasks.compile_one, edition.pk)]


@pytest.mark.parametrize(
    "broker",
    [
        {"broker_url": "redis://127.0.0.1:1/0", "broker_transport_options": {"max_retries": 1}},
        {"broker_url": "filesystem://localhost", "broker_transport_options": dict.fromkeys(FOLDERS, "/proc/nowhere")},
        {
            "broker_url": "filesystem://localhost",
            "broker_transport_options": dict.fromkeys(FOLDERS, "/tmp") | {"data_folder_out": "/proc/nowhere"},
        },
    ],
    ids=["no Redis", "no folder", "a folder that cannot be written"],
)
def test_a_broker_in_trouble_undoes_no_deed(edition, caplog, broker):
    """The row is there, and the next tick finds it."""
    app = Celery("elsewhere", task_publish_retry=False, **broker)
    task = app.task(tasks.compile_one.run, name="recommendations.tasks.compile_one")
    began = timezone.now()

    tasks.hand_out(task, edition.pk, THURSDAY)

    assert "the broker does not answer" in caplog.text
    assert timezone.now() - began < timedelta(seconds=10)
