"""The commands, by what they change and what they refuse."""

import io
import re
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.apps import apps
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import ApiToken
from recommendations import tasks
from recommendations.actions.compile import compile_edition
from recommendations.actions.review import approve, hold
from recommendations.consent import Signal
from recommendations.handles import Network
from recommendations.management.commands.prepare import collect_static
from recommendations.models import Community, DomainOptOut, Edition, Heartbeat, Nomination, Post, Profile
from tests.conftest import FRIDAY, MONDAY, SATURDAY, THURSDAY
from tests.ffapp.booting import python
from tests.recommendations.actions.conftest import nominated, on_mastodon

__all__ = ["nominated", "on_mastodon"]
pytestmark = pytest.mark.django_db


def run(name: str, *arguments: str) -> str:
    """What a command says."""
    said = io.StringIO()
    call_command(name, *arguments, stdout=said)
    return said.getvalue()


def tables() -> dict[str, list[dict[str, object]]]:
    """Everything in the database."""
    return {model._meta.label: list(model._default_manager.order_by("pk").values()) for model in apps.get_models()}


@pytest.fixture
def on_the_board(edition, grace, alan, nominated):
    """Rosa with two votes, Emma with one."""
    first, _ = nominated("rosa", by=grace), nominated("emma", by=alan)
    first.votes.create(voter=alan, created_at=MONDAY)
    return edition


@pytest.fixture
def ready(on_the_board):
    return compile_edition(edition=on_the_board, at=THURSDAY)


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


# tick


def test_a_tick_drives_a_whole_week(on_the_board, curator, channel, fake_networks):
    run("tick", "--at", "2026-11-05T18:00:00Z")
    on_the_board.refresh_from_db()
    assert on_the_board.state == "ready"
    approve(edition=on_the_board, by=curator, at=THURSDAY)

    run("tick", "--at", "2026-11-06T10:00:00+01:00")

    on_the_board.refresh_from_db()
    assert (on_the_board.state, on_the_board.number) == ("published", 1)
    assert len(fake_networks[Network.BLUESKY].posts) == Post.objects.filter(state="sent").count() > 0
    assert Heartbeat.objects.get(name="tick").at.year == timezone.now().year  # the true time, not the pretended one


def test_a_tick_before_the_time_changes_nothing(on_the_board):
    Profile.objects.update(look_again_at=FRIDAY)
    run("tick", "--at", MONDAY.isoformat())
    before = tables()

    run("tick", "--at", (THURSDAY - timedelta(seconds=1)).isoformat())

    assert {name: rows for name, rows in tables().items() if "Heartbeat" not in name} == {
        name: rows for name, rows in before.items() if "Heartbeat" not in name
    }


def test_a_time_without_an_offset_is_utc(on_the_board):
    run("tick", "--at", "2026-11-05T18:00:00")

    on_the_board.refresh_from_db()
    assert (on_the_board.state, on_the_board.compiled_at) == ("ready", THURSDAY)


def test_without_a_time_it_is_now(on_the_board):
    with time_machine.travel(THURSDAY + timedelta(hours=1)):
        run("tick")

    on_the_board.refresh_from_db()
    assert on_the_board.state == "ready"


def test_handed_out_the_work_is_left_to_the_workers(on_the_board, monkeypatch):
    handed = []
    monkeypatch.setattr(tasks, "hand_out", lambda task, pk, at: handed.append((task.name, pk, at)))

    run("tick", "--at", THURSDAY.isoformat(), "--hand-out")

    on_the_board.refresh_from_db()
    assert on_the_board.state == "open"
    assert ("recommendations.tasks.compile_one", on_the_board.pk, THURSDAY) in handed


@pytest.mark.parametrize(
    "time", ["friday", "2026-13-01", "", "0001-01-01", "9999-12-31T23:59:59Z", "1999-12-31T23:59:59Z", "\x00"]
)
def test_a_time_that_is_none_is_refused(time):
    with pytest.raises(CommandError, match=re.escape(repr(time))):
        run("tick", "--at", time)

    assert not Heartbeat.objects.exists()


# compile_edition


def test_an_edition_is_compiled(on_the_board):
    assert run("compile_edition", "custserv") == "2026-W45 is compiled: 2 entries.\n"

    on_the_board.refresh_from_db()
    assert on_the_board.state == "ready"
    assert [entry.profile.name for entry in on_the_board.entries.ranked()] == ["rosa", "emma"]


def test_a_week_may_be_named(on_the_board):
    assert run("compile_edition", "custserv", "2026-W45") == "2026-W45 is compiled: 2 entries.\n"


def test_a_dry_run_shows_the_ranking_and_changes_nothing(on_the_board):
    before = tables()

    said = run("compile_edition", "custserv", "--dry-run")

    assert tables() == before
    assert said.splitlines()[0].startswith("2026-W45: 2 ballots, method ")
    assert [line.split()[:2] for line in said.splitlines()[1:]] == [
        ["1.", "@rosa@social.example"],
        ["2.", "@emma@social.example"],
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nobody"], "There is no open edition in 'nobody'."),
        (["custserv", "2026-W01"], "There is no edition 2026-W01 in 'custserv'."),
        (["custserv", "next week"], "There is no edition next week in 'custserv'."),
        (["nobody", "--dry-run"], "There is no open edition in 'nobody'."),
    ],
)
def test_an_edition_that_is_not_there_is_not_compiled(on_the_board, arguments, message):
    with pytest.raises(CommandError) as refusal:
        run("compile_edition", *arguments)

    assert str(refusal.value) == message


def test_an_edition_is_compiled_once(ready):
    with pytest.raises(CommandError, match="Only an open edition can be closed and compiled"):
        run("compile_edition", "custserv", "2026-W45")


def test_a_held_edition_is_not_compiled(on_the_board, curator):
    hold(edition=on_the_board, by=curator, why="Two names are missing.", at=MONDAY)

    with pytest.raises(CommandError, match="It is held: Two names are missing"):
        run("compile_edition", "custserv")


def test_an_edition_that_another_worker_has_is_left_to_it(on_the_board):
    Edition.objects.update(state="compiling", claimed_at=timezone.now() + timedelta(days=365))

    with pytest.raises(CommandError, match="no longer compiling"):
        run("compile_edition", "custserv", "2026-W45")


# publish_edition


def test_an_edition_is_published_and_nothing_is_posted_yet(ready, channel, fake_networks):
    assert run("publish_edition", "custserv", "2026-W45") == "2026-W45 is out as number 1.\n"

    ready.refresh_from_db()
    assert ready.state == "published"
    assert set(Post.objects.values_list("state", flat=True)) == {"pending"}
    assert fake_networks[Network.BLUESKY].calls == []


@pytest.mark.parametrize("week", ["2026-W46", "2026-W01"])
def test_an_edition_that_is_not_ready_is_not_published(ready, week):
    with pytest.raises(CommandError, match=r"Only a compiled edition|There is no edition"):
        run("publish_edition", "custserv", week)

    assert not Edition.objects.filter(state="published").exists()


def test_an_edition_is_published_once(ready):
    run("publish_edition", "custserv", "2026-W45")

    with pytest.raises(CommandError, match="and only once"):
        run("publish_edition", "custserv", "2026-W45")


def test_a_week_with_nobody_to_list_is_skipped_and_that_is_said(ready):
    Profile.objects.update(signal=Signal.DECLINED.value)

    with pytest.raises(CommandError, match="There was nobody to list, so the week is skipped"):
        run("publish_edition", "custserv", "2026-W45")

    ready.refresh_from_db()
    assert (ready.state, ready.number) == ("skipped", None)


# send_deliveries


def test_what_waits_is_posted(ready, channel, fake_networks):
    run("publish_edition", "custserv", "2026-W45")

    said = run("send_deliveries")

    posts = list(Post.objects.all())
    assert said == f"Sent: {len(posts)}\n"
    assert fake_networks[Network.BLUESKY].texts == [post.text for post in posts]


def test_a_dry_run_shows_what_would_be_posted_and_sends_and_changes_nothing(ready, channel, fake_networks):
    run("publish_edition", "custserv", "2026-W45")
    before = tables()

    said = run("send_deliveries", "--dry-run")

    assert tables() == before
    assert fake_networks[Network.BLUESKY].calls == []
    assert all(post.text in said for post in Post.objects.all())
    assert said.startswith("--- Customer Service 2026-W45 to @ours.test (bluesky), post of part 0\n")


def test_what_a_rehearsing_channel_would_post_is_marked(ready, channel):
    type(channel).objects.update(state="rehearsal")
    run("publish_edition", "custserv", "2026-W45")

    assert "part 0 (rehearsal)\n" in run("send_deliveries", "--dry-run")
    assert run("send_deliveries") == f"Waiting: {Post.objects.count()}\n"


def test_without_posts_there_is_nothing_to_say(db):
    assert run("send_deliveries") == run("send_deliveries", "--dry-run") == ""


# create_token


@pytest.mark.parametrize("who", ["ada", "ada@ff.example", "ADA@FF.EXAMPLE"])
def test_a_token_is_made_and_printed_once(ada, who):
    type(ada).objects.update(email="ada@ff.example")

    text = run("create_token", who, "backup script").strip()

    assert ApiToken.objects.bearer(text).user == ada
    token = ApiToken.objects.get()
    assert (token.name, token.scopes) == ("backup script", "read")
    assert token.expires_at - token.created_at < timedelta(days=90, minutes=1)
    assert text not in str(tables())


def test_a_token_is_made_with_scopes_and_an_end(ada):
    run("create_token", "ada", "bot", "--scope", "vote", "--scope", "curate", "--days", "365")

    token = ApiToken.objects.get()
    assert token.scopes == "vote curate"
    assert timedelta(days=364) < token.expires_at - token.created_at
    assert [each.sentence for each in ada.notifications.all()] == ["The API token “bot” was made for your account."]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["nobody"], "There is nobody called 'nobody'."), (["ada", "x" * 61], "A shorter name, please: 60 characters")],
)
def test_a_token_is_for_somebody_and_has_a_name_that_fits(ada, arguments, message):
    with pytest.raises(CommandError, match=message):
        run("create_token", *arguments)

    assert not ApiToken.objects.exists()


# doctor


def test_the_doctor_finds_nothing_where_all_is_well(channel):
    tasks.sweep(at=MONDAY, run=lambda *_: None)

    said = run("doctor")

    assert "MEND" not in said
    for what in ("broker", "database", "scheduler and worker", "channels", "posts", "disk", "e-mail"):
        assert re.search(rf"^ok +{what}", said, re.MULTILINE), what


def ill(said: io.StringIO) -> list[str]:
    """What must be mended."""
    with pytest.raises(SystemExit) as end:
        call_command("doctor", stdout=said)
    assert end.value.code == 1
    return [line for line in said.getvalue().splitlines() if line.startswith("MEND")]


def test_the_doctor_says_what_is_missing_and_how_to_mend_it(channel, ready, settings):
    run("publish_edition", "custserv", "2026-W45")
    Post.objects.update(state="needs_human")
    type(channel).objects.update(sealed_secret="1.ffffffff.x")
    settings.FF_LOOPBACK = False
    settings.FF_OPEN_HOSTS = ["localhost:8443"]
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {}
    said = io.StringIO()

    assert ill(said) == [
        "MEND  broker: it does not answer. Look at REDIS_URL, or at the data folder's rights.",
        "MEND  scheduler and worker: there was no tick yet; one comes each minute when `celery beat` and a worker run.",
        "MEND  channels: 1 cannot be opened with FF_SEAL_KEYS. Put the key they were sealed with behind the new one.",
        f"MEND  posts: {Post.objects.count()} need a curator; they find them at their desk.",
        "MEND  proxy: what ends TLS before us is not believed, so every page leads to itself. "
        "Name it in FF_TRUSTED_PROXIES.",
        "MEND  e-mail (locmem): nobody gets their sign-in code. Set FF_EMAIL_URL, such as "
        "smtp+tls://user:password@host:587.",
    ]
    assert "note  the outbound guard lets through localhost:8443" in said.getvalue()


def test_the_doctor_knows_a_scheduler_that_has_stopped(community):
    Heartbeat.beat("tick", timezone.now() - timedelta(minutes=6))

    (line,) = ill(io.StringIO())

    assert re.match(r"MEND  scheduler and worker: the last tick was 36\d s ago;", line)


def test_the_doctor_warns_of_a_full_disk(community, monkeypatch):
    Heartbeat.beat("tick", timezone.now())
    monkeypatch.setattr("recommendations.management.commands.doctor.LITTLE", 2**62)

    (line,) = ill(io.StringIO())

    assert re.match(r"MEND  disk: only \d+ MB are left under /", line)


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        ({}, "MEND  database (sqlite): tables are behind; run `manage.py migrate`."),
        ({"DATABASE_URL": "postgres://ff@127.0.0.1:1/ff"}, "MEND  database: it does not answer (connection to server"),
    ],
    ids=["no tables", "no server"],
)
def test_the_doctor_is_of_use_without_a_database(tmp_path, variables, line):
    done = python("manage.py", "doctor", FF_DATA_DIR=str(tmp_path), **variables)

    assert done.returncode == 1
    assert line in done.stdout
    assert "Look at" in done.stdout or "migrate" in done.stdout
    assert "Traceback" not in done.stderr


# seed_demo


@pytest.fixture
def demo(settings, tmp_path):
    """A demo's settings."""
    settings.FF_DEMO = True
    settings.MEDIA_ROOT = tmp_path


def test_the_demo_is_refused_where_there_is_none(db, settings):
    settings.FF_DEMO = False

    with pytest.raises(CommandError, match="Set FF_DEMO=1"):
        run("seed_demo")

    assert not Community.objects.exists()


# Each day of a week, and the hours at which its board opens, closes and is published.
MOMENTS = [SATURDAY + timedelta(days=day, hours=9) for day in range(7)] + [
    SATURDAY,
    THURSDAY - timedelta(minutes=1),
    THURSDAY,
    FRIDAY,
    datetime(2027, 1, 1, 0, 30, tzinfo=UTC),
    datetime(2024, 2, 29, 23, 59, tzinfo=UTC),
]


@pytest.mark.parametrize("now", MOMENTS, ids=str)
def test_the_demo_has_a_past_and_an_open_board_whatever_day_it_is(demo, now):
    with time_machine.travel(now, tick=False):
        said = run("seed_demo")

    assert said == "The demo is ready: Customer Service Chat, with 3 editions and an open board.\n"
    community = Community.objects.get()
    open_edition = community.editions.get(state="open")
    assert open_edition.takes_ballots(now)
    assert open_edition.nominations.count() == 6
    editions = community.editions.filter(state="published").order_by("number")
    assert [edition.number for edition in editions] == [1, 2, 3]
    assert all(edition.entries.ranked().count() >= 5 for edition in editions)
    assert all(edition.published_at < open_edition.closes_at for edition in editions)
    assert Profile.objects.exclude(signal=Signal.UNSEEN).exclude(avatar="").exists()


def test_the_demo_is_seeded_once_and_again_only_when_asked(demo):
    run("seed_demo")
    first = Community.objects.get().pk

    assert run("seed_demo", "--if-empty") == ""
    with pytest.raises(CommandError, match="is there already"):
        run("seed_demo")
    assert Community.objects.get().pk == first

    run("seed_demo", "--again")
    assert Community.objects.get().pk != first
    assert Nomination.objects.filter(edition__state="open").count() == 6


def test_the_demo_leaves_other_communities_alone(demo, community):
    Community.objects.filter(pk=community.pk).update(slug="ours")

    assert run("seed_demo", "--if-empty") == ""
    run("seed_demo", "--again")

    assert set(Community.objects.values_list("slug", flat=True)) == {"ours", "custserv"}


# prepare


def test_preparing_makes_tables_and_static_files_and_seeds_no_demo_by_itself(tmp_path):
    done = python("manage.py", "prepare", FF_DATA_DIR=str(tmp_path))
    doctor = python("manage.py", "doctor", FF_DATA_DIR=str(tmp_path))

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "ok    database (sqlite)" in doctor.stdout
    assert (tmp_path / "static" / "staticfiles.json").exists()


def test_static_files_are_collected_when_they_changed_and_not_else(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATICFILES_DIRS = [tmp_path / "source"]
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a.css").write_text("a {}")
    collect_static(tmp_path / "note")
    (tmp_path / "static" / "a.css").unlink()

    collect_static(tmp_path / "note")
    assert not (tmp_path / "static" / "a.css").exists()

    (tmp_path / "source" / "b.css").write_text("b {}")
    collect_static(tmp_path / "note")
    assert (tmp_path / "static" / "a.css").exists()
    assert (tmp_path / "static" / "b.css").exists()


# opt_out


def test_a_domain_opts_out_and_in_again(nominated, grace):
    nominated("rosa", by=grace)

    assert "social.example is opted out" in run("opt_out", "social.example", "--reason", "We asked our people.")
    assert Profile.objects.get().opted_out
    assert DomainOptOut.objects.get().reason == "We asked our people."

    assert "may be recommended again" in run("opt_out", "social.example", "--undo")
    assert not Profile.objects.get().opted_out


@pytest.mark.parametrize("arguments", [("no domain",), ("social.example", "--undo")])
def test_what_cannot_be_opted_out_or_in_says_so(db, arguments):
    with pytest.raises(CommandError, match=r"does not look like|has not opted out"):
        run("opt_out", *arguments)


# export_member, erase_member


def test_a_member_is_exported_into_a_file_that_was_not_there(grace, community, tmp_path):
    file = tmp_path / "grace.zip"

    assert "Everything held about grace" in run("export_member", "grace", str(file))

    with zipfile.ZipFile(file) as archive:
        assert b"Customer Service" in archive.read("memberships.json")
    with pytest.raises(CommandError, match="cannot be written"):
        run("export_member", "grace", str(file))
    with pytest.raises(CommandError, match="nobody called 'nobody'"):
        run("export_member", "nobody", str(tmp_path / "b.zip"))


def test_a_dry_run_shows_what_would_go_and_changes_nothing(grace, ada, nominated):
    nominated("hopper", by=ada)
    grace.linked_handles.create(
        network="mastodon", name="hopper", host="social.example", uri="https://social.example/users/hopper",
        proven_at=MONDAY,
    )  # fmt: skip
    before = tables()

    said = run("erase_member", "grace", "--forget-profiles", "--dry-run")

    assert re.search(r"^ +1 memberships$", said, re.MULTILINE)
    assert "would be forgotten: @hopper@social.example" in said
    assert tables() == before


def test_a_member_is_erased(grace, community):
    assert "Erased." in run("erase_member", "grace")

    assert not community.memberships.filter(user__username="grace").exists()
    with pytest.raises(CommandError, match="nobody called"):
        run("erase_member", "grace")


def test_an_owner_is_not_erased_by_a_command_either(ada, community):
    for options in ((), ("--dry-run",)):
        with pytest.raises(CommandError, match="You own Customer Service"):
            run("erase_member", "ada", *options)
