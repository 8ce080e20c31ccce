"""One run: a delivery, a fault, a death; then ticks until all is quiet; then what stands is counted."""

import contextlib
import os
import random
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection

from recommendations import tasks
from recommendations.actions import deliver as delivering
from recommendations.actions.decide import decide
from recommendations.models import Membership, Post
from recommendations.networks import http
from tests.faults import death
from tests.faults.death import Death, Killed
from tests.faults.stage import PEOPLE, Stage
from tests.faults.troubles import TROUBLES

MOST_MINUTES = 200


@dataclass(frozen=True)
class Verdict:
    """What was found at the end. `doubles` and `losses` count posts; `person`: a curator was asked."""

    doubles: int = 0
    losses: int = 0
    wrong: str = ""  # anything else that is not as it should be
    struck: bool = True
    person: bool = False
    mentions: int = 0  # people who were notified, beyond once each


class Run:
    """What a trouble may do while it lasts."""

    def __init__(self, stage: Stage, fault: str, point: str, seed: int, *, real_kills: bool = False) -> None:
        self.stage, self.world, self.real_kills = stage, stage.world, real_kills
        self.chance = random.Random(seed)
        self.hand_out: Callable[[Any, int, datetime], None] = tasks.at_once
        self.around_tick: AbstractContextManager[None] = contextlib.nullcontext()
        self.parts = Post.objects.count()
        self.deaths = [Death(point, self.some_part())]
        self.person = False
        self._before_calls: dict[int, tuple[int, Callable[[Post], None]]] = {}  # by a number: part, deed
        self._at_the_end: Callable[[], None] | None = None
        self._told: int | None = None  # in a child: the pipe to whoever waits for it
        self.trouble = TROUBLES[fault](self)

    def some_part(self) -> int:
        """Any part of the thread."""
        return self.chance.randrange(self.parts)

    def before_call(self, part: int, deed: Callable[[Post], None]) -> None:
        """Do something when this part is about to be sent."""
        self._before_calls[len(self._before_calls)] = (part, deed)

    def some_time(self, deed: Callable[[], None]) -> None:
        """Do something: at once, while a part is being sent, or when all is done."""
        when = self.chance.randrange(self.parts + 2)
        if when == 0:
            deed()
        elif when <= self.parts:
            self.before_call(when - 1, lambda _: deed())
        else:
            self._at_the_end = deed

    def minutes(self, number: int) -> Iterator[None]:
        """So many ticks."""
        for _ in range(number):
            yield

    def until(self, is_so: Callable[[], bool], *, most: int) -> Iterator[None]:
        """Ticks until something is so."""
        for _ in range(most):
            if is_so():
                return
            yield

    def play(self) -> None:
        """Tick, minute by minute, until the trouble is over and all is quiet."""
        with self._calls_watched():
            over = False
            for _ in range(MOST_MINUTES):
                over = over or next(self.trouble, _OVER) is _OVER
                if self.real_kills and not all(each.has_struck for each in self.deaths):
                    self._tick_and_perhaps_die()
                else:
                    self._tick()
                self.around_tick = contextlib.nullcontext()
                self.stage.pass_time(timedelta(minutes=1))
                if not over or self._ask_a_person() or not self.stage.is_quiet:
                    continue
                if self._at_the_end is None:
                    return
                self._at_the_end()
                self._at_the_end = None

    def _tick(self) -> None:
        with contextlib.suppress(Killed, OperationalError), death.at_work(*self.deaths), self.around_tick:
            self.stage.tick(self.hand_out)

    def _tick_and_perhaps_die(self) -> None:
        """In a process of its own, where a death is a SIGKILL."""
        heard, told = os.pipe()
        connection.close()
        child = os.fork()
        if not child:
            http.client.cache_clear()  # connections are not shared between processes
            for number, each in enumerate(self.deaths):
                each.deadly = lambda number=number: _die(told, number)
            self._told = told
            self._tick()
            os._exit(0)
        os.close(told)
        _, status = os.waitpid(child, 0)
        with os.fdopen(heard, "rb") as ear:
            for kind, number in _pairs(ear.read()):
                if kind == _DIED:
                    assert os.WTERMSIG(status) == signal.SIGKILL
                    self.deaths[number].has_struck = True
                else:
                    self._before_calls.pop(number)

    def _ask_a_person(self) -> bool:
        """A curator does what the page tells them: looks at the account, and says what they see there."""
        asked = self.stage.posts(state="needs_human")
        if not asked:
            return False
        self.person = True
        curator = Membership.objects.get(community=self.stage.edition.community, role="owner")
        late_at = self.stage.at + settings.FF_LATE_AFTER
        for post in asked:
            address = self.world.address_of(post.text)
            choice = "adopt" if address else "send"
            decide(post=post, by=curator, choice=choice, address=address, late_at=late_at, at=self.stage.at)
        return True

    @contextlib.contextmanager
    def _calls_watched(self) -> Iterator[None]:
        begin = delivering.begin

        def watched(post: Post, *arguments: Any) -> Any:
            attempt = begin(post, *arguments)
            for number in [each for each, (part, _) in self._before_calls.items() if part == post.part]:
                _, deed = self._before_calls.pop(number)
                if self._told is not None:
                    os.write(self._told, bytes([_DID, number]))
                deed(post)
            return attempt

        delivering.begin = watched
        try:
            yield
        finally:
            delivering.begin = begin

    def verdict(self) -> Verdict:
        """Compare what stands with what should, and with what we believe."""
        standing = self.world.standing()
        counted = Counter(text for text in standing if "taken back" not in text)  # whoever declined may not be alone
        doubles = sum(number - 1 for number in counted.values())
        everything = "\n".join(standing)
        # Nobody is named twice: by that another text of the same part is known for a double, too.
        doubles = doubles or sum(max(0, everything.count(name) - 1) for name in PEOPLE)
        believed = [_text(post) for post in self.stage.delivery.standing]
        wrong = []
        unwilling = self.stage.unwilling
        named = [name for name in unwilling if name in everything]
        if named:
            wrong.append(f"still named: {named}")
        if believed != standing:
            wrong.append(f"we believe {len(believed)} stand, the world reads {len(standing)}")
        if not self.stage.is_quiet:
            wrong.append("it never came to rest")
        losses = 0
        if self.world.exactly_once:
            willing = [name for name in PEOPLE if name not in unwilling]
            losses = sum(name not in everything for name in willing)
            losses += sum("#tea" not in each for each in standing[:1]) + (not standing)
            losses += sum("Nominate them" not in each for each in standing[-1:])
        elif not standing and not unwilling:
            losses = not self.stage.posts(state="failed")  # somebody knows; else it was lost in silence
        return Verdict(
            doubles=doubles,
            losses=int(losses),
            wrong="; ".join(wrong),
            struck=all(each.has_struck for each in self.deaths),
            person=self.person,
            mentions=sum(number - 1 for number in Counter(self.world.mentions()).values()),
        )


_OVER = object()
_DIED, _DID = 0, 1


def _die(told: int, number: int) -> None:
    os.write(told, bytes([_DIED, number]))
    os.kill(os.getpid(), signal.SIGKILL)


def _pairs(said: bytes) -> Iterator[tuple[int, int]]:
    return zip(said[::2], said[1::2], strict=True)


def _text(post: Post) -> str:
    """What it says since it was last edited."""
    edits = [each for each in post.corrections.all() if each.operation == "edit" and each.state == "sent"]
    return edits[-1].text if edits else post.text


def play(stage: Stage, fault: str, point: str, seed: int, *, real_kills: bool = False) -> Verdict:
    """A whole run, from the moment after publication."""
    stage.rewind()
    run = Run(stage, fault, point, seed, real_kills=real_kills)
    run.play()
    return run.verdict()
