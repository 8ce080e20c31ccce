"""A restored server notices by itself: a gap makes it look first, a count outside the database makes it pause."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import F
from django.db.models.functions import Now
from django.urls import reverse

from recommendations import tasks
from recommendations.actions.deliver import deliver
from recommendations.actions.last_tick import NAME, remember, seen
from recommendations.actions.restore import begin_after_restore, notice_a_restore, notice_before_sending, resume_all
from recommendations.models import Channel, Heartbeat, Notification, Post
from tests.conftest import FRIDAY
from tests.sessions import with_second_factor

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """A data folder of this test's own."""
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def bluesky(fake_networks, published):
    return fake_networks["bluesky"]


def first():
    return Post.objects.select_related("delivery__channel", "delivery__edition__community").get(part=0)


def tick(at=FRIDAY):
    tasks.sweep(at=at, run=tasks.at_once)


def age(by):
    """The last tick was so long ago."""
    Heartbeat.objects.filter(name="life").update(at=Now() - by)


def remembered(further):
    """Outside the database stands a count that goes so much further."""
    beat = Heartbeat.objects.get(name="life")
    remember(beat.life, beat.count + further)


def make_posts_older():
    Post.objects.update(created_at=F("created_at") - timedelta(days=400))


# A gap


def test_after_a_gap_each_part_written_before_is_looked_for_and_nothing_pauses(bluesky, channel):
    notice_a_restore()
    make_posts_older()
    age(HOUR)

    for minute in range(20):
        tick(FRIDAY + timedelta(minutes=minute))

    assert Channel.objects.get().state == "live"
    assert len(bluesky.called("look")) == Post.objects.count()
    assert {post.state for post in Post.objects.all()} == {"sent"}


def test_what_stands_already_is_adopted_and_not_sent_again(bluesky):
    # Without a picture, which the fake calls by another name each time.
    bluesky.account_limits = replace(bluesky.account_limits, images=0)
    Channel.objects.update(limits={"characters": 300, "bytes": 3_000})
    notice_a_restore()
    make_posts_older()
    tick()
    standing = bluesky.texts
    Post.objects.update(state="pending", remote_id="", reference={}, wire=None)
    for post in Post.objects.all():
        post.attempts.all().delete()
    age(HOUR)

    for minute in range(20):
        tick(FRIDAY + timedelta(minutes=minute))

    assert bluesky.texts == standing
    assert {post.state for post in Post.objects.all()} == {"sent"}


def test_a_worker_that_is_quicker_than_the_first_tick_looks_first_too(bluesky):
    notice_a_restore()
    make_posts_older()
    age(HOUR)

    deliver(post=first(), at=FRIDAY)

    assert bluesky.called("send") == []
    assert first().state == "unknown"


def test_a_short_pause_or_the_very_first_tick_is_no_gap(bluesky):
    tick()
    age(timedelta(minutes=4))

    notice_a_restore()

    assert Channel.objects.get().away_at is None


def test_a_beat_from_the_future_is_a_gap_once_and_then_forgotten(bluesky):
    notice_a_restore()
    age(-2 * HOUR)

    notice_a_restore()
    noticed = Channel.objects.get().away_at
    notice_a_restore()

    assert noticed is not None
    assert not Heartbeat.was_away()
    assert Channel.objects.get().away_at == noticed


def test_an_edition_that_comes_after_the_gap_is_sent_at_once(bluesky):
    notice_a_restore()
    Channel.objects.update(away_at=FRIDAY - HOUR)

    tick()

    assert bluesky.called("look") == []
    assert {post.state for post in Post.objects.all()} == {"sent"}


def test_where_nothing_can_be_repeated_what_is_not_there_is_sent(bluesky):
    bluesky.repeat_for = timedelta(0)
    notice_a_restore()
    make_posts_older()
    age(HOUR)

    for minute in range(0, 60, 3):
        tick(FRIDAY + timedelta(minutes=minute))

    assert {post.state for post in Post.objects.all()} == {"sent"}


# A count outside the database


def test_a_database_that_counts_less_than_what_is_remembered_pauses_all_and_tells(bluesky, ada, person):
    person("Root", is_staff=True)
    notice_a_restore()
    remembered(1)

    tick()

    assert Channel.objects.get().state == "paused"
    assert bluesky.called("send") == []
    told = Notification.objects.filter(kind="curator", mail_due_at__isnull=False).exclude(key__startswith="draft:")
    assert {(each.user.username, each.occasion) for each in told} == {("ada", "restored"), ("root", "server")}


def test_a_worker_that_is_quicker_than_the_first_tick_sends_nothing(bluesky):
    notice_a_restore()
    remembered(3)

    deliver(post=first(), at=FRIDAY)

    assert (Channel.objects.get().state, bluesky.called("send")) == ("paused", [])


def test_one_press_lets_all_go_on_and_what_waits_is_looked_for(bluesky):
    notice_a_restore()
    remembered(1)
    tick()

    resumed = resume_all()
    for minute in range(20):
        tick(FRIDAY + timedelta(minutes=minute))

    assert resumed == 1
    assert len(bluesky.called("look")) == Post.objects.count()
    assert {post.state for post in Post.objects.all()} == {"sent"}


def test_what_a_curator_paused_stays_paused(bluesky):
    Channel.objects.update(state="paused")
    notice_a_restore()
    remembered(1)
    tick()

    assert resume_all() == 0
    assert Channel.objects.get().state == "paused"


def test_it_is_noticed_once(bluesky):
    notice_a_restore()
    remembered(5)

    for _ in range(3):
        notice_a_restore()

    assert Notification.objects.filter(key__startswith="restored:").count() == 1


def test_killed_half_way_it_is_noticed_again(bluesky, monkeypatch):
    notice_a_restore()
    remembered(1)
    monkeypatch.setattr("recommendations.actions.restore.curators_of", lambda community: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        notice_a_restore()
    nothing_yet = Channel.objects.get().state
    monkeypatch.undo()

    notice_a_restore()

    assert (nothing_yet, Channel.objects.get().state) == ("live", "paused")


def test_told_by_hand_it_is_not_noticed_a_second_time(bluesky):
    notice_a_restore()
    remembered(1)
    begin_after_restore(at=FRIDAY)
    resume_all()

    notice_a_restore()

    assert Channel.objects.get().state == "live"


# Several machines


def test_a_machine_whose_file_is_old_raises_no_alarm(bluesky):
    notice_a_restore()
    remember(Heartbeat.objects.get(name="life").life, 0)

    notice_a_restore()

    assert Channel.objects.get().state == "live"


def test_after_one_machine_has_noticed_the_files_of_the_others_raise_no_second_alarm(bluesky):
    notice_a_restore()
    remembered(1)
    notice_a_restore()
    resume_all()
    life = Heartbeat.objects.get(name="life").life
    remember(life, 40_000)  # what another machine wrote before the restore

    notice_a_restore()

    assert Channel.objects.get().state == "live"


def test_the_file_of_another_installation_means_nothing(bluesky, folder):
    notice_a_restore()
    Path(folder / NAME).write_text(json.dumps({"life": "another", "count": 10**9}))

    notice_a_restore()

    assert Channel.objects.get().state == "live"


# A backup from before ticks were counted


@pytest.mark.parametrize("by", ["the first tick", "a quicker worker"])
def test_a_database_that_counts_nothing_where_ticks_were_counted_pauses_all(bluesky, by):
    remember("newer", 12)

    noticed = notice_before_sending() if by == "a quicker worker" else notice_a_restore()

    assert noticed in (True, None)
    assert Channel.objects.get().state == "paused"
    notice_a_restore()
    assert Heartbeat.objects.get(name="life").count > 12


@pytest.mark.parametrize(("ago", "looks"), [(HOUR, True), (timedelta(minutes=1), False)])
def test_a_database_that_counts_nothing_tells_a_gap_by_its_last_tick(bluesky, ago, looks):
    Heartbeat.objects.create(name="tick", at=Now() - ago)

    notice_a_restore()

    assert Channel.objects.get().state == "live"
    assert (Channel.objects.get().away_at is not None) is looks


@pytest.mark.parametrize("text", ["", "{", "[]", '{"life": 5}', '{"life": "x", "count": "many"}'])
def test_a_broken_file_is_no_file(folder, text):
    Path(folder / NAME).write_text(text)

    assert seen("x") == 0


@pytest.mark.django_db(transaction=True)
def test_each_tick_is_remembered_once_it_is_committed(folder):
    for _ in range(3):
        notice_a_restore()

    beat = Heartbeat.objects.get(name="life")
    assert seen(beat.life) == beat.count == 3


def test_a_folder_that_cannot_be_written_to_stops_nothing(settings):
    settings.DATA_DIR, settings.REDIS_URL = "/proc/nowhere", ""

    remember("x", 1)

    assert seen("x") == 0


# Pages


def test_the_servers_people_see_what_pauses_and_resume_all_with_one_press(bluesky, client, person):
    root = person("Root", is_staff=True)
    client.force_login(root)
    with_second_factor(client, root)
    begin_after_restore(at=FRIDAY)
    page = client.get(reverse("restored")).text

    client.post(reverse("restored"))

    assert "custserv.example" in page
    assert Channel.objects.get().state == "live"


def test_others_do_not(bluesky, client, ada):
    client.force_login(ada)
    begin_after_restore(at=FRIDAY)

    assert client.post(reverse("restored")).status_code == 403
    assert Channel.objects.get().state == "paused"
