"""Every cell of the fault table by an exception, every fault by a real SIGKILL; `make faults` plays thousands.

And the table is held to account itself: it must see a double, a loss, and a name that should be gone.
"""

import json
import subprocess
import sys
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from recommendations import networks
from recommendations.actions import settle
from recommendations.models import Post
from recommendations.networks.mastodon import Mastodon
from recommendations.networks.posting import Doubt
from recommendations.networks.x import X
from tests.faults.run import Verdict, play
from tests.faults.stage import Stage, publish_an_edition
from tests.faults.worlds import OnMastodon, OnX, World

pytestmark = pytest.mark.pds

ROOT = Path(__file__).resolve().parents[2]
FAULTS, NETWORKS, POINTS = 21, 3, 5
SEED = "20261106"


@cache
def table(*options: str) -> list[dict[str, Any]]:
    """The rows, played in a process of their own."""
    command = [sys.executable, "-m", "tests.faults", "--json", "--runs", "1", "--seed", SEED, *options]
    played = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert played.returncode in (0, 1), played.stderr[-4000:]
    return list(json.loads(played.stdout))


@pytest.mark.long
@pytest.mark.parametrize(
    ("options", "cells"),
    [((), FAULTS * NETWORKS * POINTS), (("--real-kills", "--one-point"), FAULTS * NETWORKS)],
    ids=["in one process", "SIGKILL"],
)
def test_every_fault_of_the_table_is_played_and_nothing_is_doubled_or_lost(
    options: tuple[str, ...], cells: int
) -> None:
    rows = table(*options)

    assert len(rows) == cells
    assert len({(row["network"], row["point"]) for row in rows}) == NETWORKS * POINTS
    assert {row["fault"] for row in rows if row["n/a"]} == {"thread half posted"}
    played = [row for row in rows if not row["n/a"]]
    assert [row for row in played if row["wrong"]] == []
    assert [row for row in played if row["runs"] < 1] == []
    assert sum(row["doubles"] + row["losses"] + row["mentions"] for row in played) == 0


def played(world: World, fault: str, point: str, settings: Any) -> list[Verdict]:
    """Some runs of one cell, here and now."""
    settings.FF_OPEN_HOSTS = [*settings.FF_OPEN_HOSTS, *world.hosts]
    for name, value in world.settings.items():
        setattr(settings, name, value)
    stage = Stage(publish_an_edition(), world)
    return [play(stage, fault, point, seed) for seed in range(4)]


@pytest.fixture(autouse=True)
def _real_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    for adapter in (Mastodon, X):
        monkeypatch.setitem(networks.POSTERS, adapter.network, adapter)


@pytest.mark.django_db(transaction=True)
def test_whoever_repeats_blindly_is_found_out(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    doubt = Doubt(wait=timedelta(0), repeat_for=timedelta.max)
    monkeypatch.setattr(Mastodon, "doubt", lambda self, secret: doubt)
    monkeypatch.setattr(Mastodon, "look", lambda self, wire, **named: None)

    verdicts = played(OnMastodon("gotosocial"), "time-out after accept", "after the claim", settings)

    assert sum(verdict.doubles for verdict in verdicts) > 0


@pytest.mark.django_db(transaction=True)
def test_whoever_believes_what_is_not_there_is_found_out(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    def believe(post: Post, doubt: Doubt, at: Any) -> None:
        post.move(Post.State.SENT, remote_id=f"made up {post.pk}")

    monkeypatch.setattr(settle, "_not_found", believe)

    verdicts = played(OnMastodon(), "killed before send", "before the call", settings)

    assert sum(verdict.losses for verdict in verdicts) > 0
    assert any("we believe" in verdict.wrong for verdict in verdicts)


@pytest.mark.django_db(transaction=True)
def test_whoever_goes_on_naming_somebody_is_found_out(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr("recommendations.actions.correct.says_too_much", lambda post, delivery: False)

    verdicts = played(OnX(), "nominee declines", "after the claim", settings)

    assert any("still named" in verdict.wrong for verdict in verdicts)


@pytest.mark.django_db(transaction=True)
def test_whoever_mentions_somebody_again_is_found_out(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr("recommendations.actions.deliver.mention_once", lambda post, **named: [])

    verdicts = played(OnMastodon("gotosocial"), "edit refused", "after the claim", settings)

    assert sum(verdict.mentions for verdict in verdicts) > 0


@pytest.mark.django_db(transaction=True)
def test_whoever_does_not_notice_a_restore_is_found_out(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr("recommendations.models.Heartbeat.was_away", lambda: False)

    verdicts = played(OnMastodon("gotosocial"), "restored, unnoticed", "after the claim", settings)

    assert sum(verdict.doubles for verdict in verdicts) > 0
