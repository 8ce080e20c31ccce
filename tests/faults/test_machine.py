"""Whatever happens, in whatever order: ticks, deaths, lost and doubled messages, faults, clocks, wishes, restores."""

import contextlib
import os
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from recommendations import networks, tasks
from recommendations.actions.deliver import deliver
from recommendations.actions.restore import begin_after_restore
from recommendations.actions.settle import settle
from recommendations.models import Channel
from recommendations.models.state import IllegalMove, Overtaken
from recommendations.networks.bluesky import Bluesky
from recommendations.networks.mastodon import Mastodon
from recommendations.networks.x import X
from tests.fakes.web import Fault
from tests.faults import death
from tests.faults.death import POINTS, Death, Killed
from tests.faults.run import Run
from tests.faults.stage import PEOPLE, Stage, backup, publish_an_edition
from tests.faults.worlds import OnBluesky, OnMastodon, OnX, World

pytestmark = [pytest.mark.pds, pytest.mark.django_db(transaction=True)]

EXAMPLES = int(os.environ.get("FF_TEST_EXAMPLES", "6"))
FAULTS = [
    Fault.BEFORE_500, Fault.BEFORE_502, Fault.BEFORE_HANG_UP, Fault.BEFORE_GARBAGE,
    Fault.AFTER_500, Fault.AFTER_504, Fault.AFTER_HANG_UP, Fault.AFTER_GARBAGE, Fault.BUSY,
]  # fmt: skip


class Weather(RuleBasedStateMachine):
    """One delivery through one network: `stage` is made once for all examples."""

    stage: Stage
    world: World
    begun = False

    @initialize()
    def publish(self) -> None:
        self.begun = True
        self.stage.rewind()
        self.right = self.stage.at
        self.copy = contextlib.ExitStack()
        self.restore: Any = None

    @rule()
    def tick(self) -> None:
        self.stage.tick()
        self.stage.pass_time(timedelta(minutes=1))

    @rule(point=st.sampled_from(sorted(POINTS)), part=st.integers(0, 4))
    def tick_and_die(self, point: str, part: int) -> None:
        with contextlib.suppress(Killed), death.at_work(Death(point, part)):
            self.stage.tick()
        self.stage.pass_time(timedelta(minutes=1))

    @rule(taken=st.integers(0, 2))
    def lose_messages(self, taken: int) -> None:
        left = [taken]

        def hand_out(task: Any, pk: int, at: datetime) -> None:
            left[0] -= 1
            if left[0] >= 0:
                tasks.at_once(task, pk, at)

        self.stage.tick(hand_out)

    @rule()
    def double_messages(self) -> None:
        def twice(task: Any, pk: int, at: datetime) -> None:
            tasks.at_once(task, pk, at)
            tasks.at_once(task, pk, at)

        stale = self.stage.posts(state="pending", step=0)
        doubtful = self.stage.posts(state="unknown")
        self.stage.tick(twice)
        for verb, posts in ((deliver, stale), (settle, doubtful)):
            for post in posts:
                with contextlib.suppress(Overtaken, IllegalMove):
                    verb(post=post, at=self.stage.at)

    @rule(
        endpoint=st.sampled_from(["send", "send", "send", "look", "delete", "upload", "edit"]),
        fault=st.sampled_from(FAULTS),
    )
    def script(self, endpoint: str, fault: Fault) -> None:
        self.world.script(endpoint, fault)

    @rule()
    def revoke(self) -> None:
        self.world.revoke()

    @rule()
    def reconnect(self) -> None:
        self.stage.keep(self.world.reconnect())

    @rule(hours=st.sampled_from([-2, -1, 1, 23, 30]))
    def shift_the_clock(self, hours: int) -> None:
        self.set_the_clock(self.stage.at + timedelta(hours=hours))

    def set_the_clock(self, at: datetime) -> None:
        self.right = max(self.right, self.stage.at)
        self.stage.at = at
        self.world.set_clock(at)

    @rule(minutes=st.integers(1, 90))
    def wait(self, minutes: int) -> None:
        self.stage.pass_time(timedelta(minutes=minutes))

    @rule(name=st.sampled_from(PEOPLE))
    def decline(self, name: str) -> None:
        self.forget_the_copy()  # a wish that is younger than the backup is lost with it, and so is what it led to
        self.stage.decline(name)

    @rule(name=st.sampled_from(PEOPLE))
    def veto(self, name: str) -> None:
        self.forget_the_copy()
        self.stage.veto(name)

    @precondition(lambda self: self.restore is None and not self.stage.delivery.correct_from)
    @rule()
    def back_up(self) -> None:
        self.restore = self.copy.enter_context(backup())

    @precondition(lambda self: self.restore is not None)
    @rule()
    def be_restored(self) -> None:
        self.restore()
        self.forget_the_copy()
        begin_after_restore(at=self.stage.at)
        Channel.objects.filter(state=Channel.State.PAUSED).update(state=Channel.State.LIVE)

    def forget_the_copy(self) -> None:
        self.copy.close()
        self.restore = None

    @invariant()
    def nothing_stands_twice(self) -> None:
        if not self.begun:
            return
        standing = [text for text in self.world.standing() if "taken back" not in text]
        assert [text for text, times in Counter(standing).items() if times > 1] == []

    def teardown(self) -> None:
        """The weather clears: with working networks, a clock set right, and a curator who answers, all is well."""
        if not self.begun:
            return
        self.set_the_clock(max(self.right, self.stage.at))
        self.forget_the_copy()
        self.world.web.clear()
        self.reconnect()
        run = Run(self.stage, "429", "before the claim", seed=1)
        run.deaths, run.trouble = [], iter(())
        self.world.web.clear()
        run.play()
        verdict = run.verdict()
        assert (verdict.doubles, verdict.losses, verdict.wrong) == (0, 0, "")


WORLDS: dict[str, Callable[[pytest.FixtureRequest], World]] = {
    "mastodon": lambda _: OnMastodon(),
    "a Mastodon that answers 500 to repeats": lambda _: OnMastodon("affected"),
    "bluesky": lambda request: OnBluesky(request.getfixturevalue("pds")),
    "x": lambda _: OnX(),
}


@pytest.fixture(autouse=True)
def _real_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    for network, adapter in ((each.network, each) for each in (Mastodon, Bluesky, X)):
        monkeypatch.setitem(networks.POSTERS, network, adapter)


@pytest.mark.parametrize("name", WORLDS)
def test_whatever_happens_each_part_stands_once(name: str, request: pytest.FixtureRequest, settings: Any) -> None:
    run_state_machine_as_test(weather_over(name, request, settings), settings=HOW_LONG)


def weather_over(name: str, request: pytest.FixtureRequest, settings: Any) -> type[Weather]:
    """The machine, over one network with an edition of its own."""
    world = WORLDS[name](request)
    settings.FF_OPEN_HOSTS = [*settings.FF_OPEN_HOSTS, *world.hosts]
    for setting, value in world.settings.items():
        setattr(settings, setting, value)
    return type("Weather", (Weather,), {"world": world, "stage": Stage(publish_an_edition(), world)})


HOW_LONG = settings(
    max_examples=EXAMPLES, stateful_step_count=15, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


LOST_LIFE = ["back_up", "double_messages", "be_restored"]
PUT_OFF = [("script", "send", Fault.BUSY), "tick", "back_up", ("wait", 5), *["tick"] * 4, "be_restored"]
FORGOTTEN: dict[str, list[Any]] = {
    "somebody declines before we have looked": [*LOST_LIFE, ("decline", "Rosa"), "double_messages"],
    "half of it was sent": ["back_up", *["tick"] * 3, "be_restored", ("decline", "Rosa"), ("veto", "Clara")],
    "it was put off before the copy was made": [*PUT_OFF, ("decline", "Rosa")],
    "the clock goes back": [*LOST_LIFE, ("shift_the_clock", -2), ("decline", "Emma"), "tick"],
}


@pytest.mark.parametrize("story", FORGOTTEN)
@pytest.mark.parametrize("name", WORLDS)
def test_what_a_restore_made_us_forget_is_found_before_it_is_changed(
    name: str, story: str, request: pytest.FixtureRequest, settings: Any
) -> None:
    weather = weather_over(name, request, settings)()
    weather.publish()

    for step in FORGOTTEN[story]:
        deed, *arguments = (step,) if isinstance(step, str) else step
        getattr(weather, deed)(*arguments)
        weather.nothing_stands_twice()

    weather.teardown()
