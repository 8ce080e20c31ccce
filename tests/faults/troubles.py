"""The faults of the table. Each is a function that prepares a run, and may act between its ticks.

A trouble gets the run and yields once for each tick that is about to come; when it is exhausted, it is over.
"""

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import OperationalError, connection

from accounts.options import options
from recommendations import networks, tasks
from recommendations.actions.deliver import deliver
from recommendations.actions.last_tick import NAME
from recommendations.actions.restore import begin_after_restore, resume_all
from recommendations.models import Channel, Post
from recommendations.models.state import IllegalMove, Overtaken
from tests.fakes.web import DRESSES, Answer, Fault
from tests.faults.death import Death
from tests.faults.stage import PEOPLE, backup

if TYPE_CHECKING:
    from tests.faults.run import Run

Trouble = Callable[["Run"], Iterator[None]]
TROUBLES: dict[str, Trouble] = {}
NOT_THERE = {  # (fault, network): why the cell has no meaning
    ("thread half posted", "x"): "one post only",
}
_UNFINISHED = [
    Fault.BEFORE_500, Fault.BEFORE_502, Fault.BEFORE_504, Fault.AFTER_500, Fault.AFTER_502, Fault.AFTER_504,
]  # fmt: skip


def trouble(name: str) -> Callable[[Trouble], Trouble]:
    def named(play: Trouble) -> Trouble:
        TROUBLES[name] = play
        return play

    return named


@trouble("killed before send")
def killed_before_send(run: "Run") -> Iterator[None]:
    run.deaths.append(Death("before the call", run.some_part()))
    yield


@trouble("killed after send")
def killed_after_send(run: "Run") -> Iterator[None]:
    run.deaths.append(Death("after the call", run.some_part()))
    yield


@trouble("time-out after accept")
def time_out_after_accept(run: "Run") -> Iterator[None]:
    run.world.script("send", *[None] * run.some_part(), Fault.AFTER_HANG_UP)
    yield


@trouble("429")
def busy(run: "Run") -> Iterator[None]:
    run.world.script("send", *[None] * run.some_part(), *[Fault.BUSY] * run.chance.randint(1, 3))
    run.world.script("look", *run.chance.choice([[], [Fault.BUSY]]))
    yield


@trouble("500, 502, 504")
def unfinished(run: "Run") -> Iterator[None]:
    run.world.script("send", *[None] * run.some_part(), run.chance.choice(_UNFINISHED), run.chance.choice(_UNFINISHED))
    run.world.script("look", *run.chance.choice([[], [Fault.BEFORE_502], [Fault.BEFORE_504, Fault.BEFORE_500]]))
    yield


@trouble("token revoked")
def token_revoked(run: "Run") -> Iterator[None]:
    run.before_call(run.some_part(), lambda _: run.world.revoke())
    yield from run.minutes(3)
    yield from run.until(lambda: Channel.objects.get(pk=run.stage.channel.pk).state == Channel.State.REVOKED, most=10)
    run.stage.keep(run.world.reconnect())
    yield


@trouble("thread half posted")
def half_posted(run: "Run") -> Iterator[None]:
    run.deaths.append(Death("after the receipt", run.chance.randrange(run.parts - 1)))
    yield
    run.stage.pass_time(timedelta(hours=3))
    yield


@trouble("broker flushed or gone")
def broker_gone(run: "Run") -> Iterator[None]:
    for _ in range(run.chance.randint(2, 6)):
        lost = run.chance.choice([0.5, 1.0])
        run.hand_out = _losing(run, lost)
        yield
    run.hand_out = tasks.at_once
    yield


def _losing(run: "Run", share: float) -> Callable[[Any, int, datetime], None]:
    def hand_out(task: Any, pk: int, at: datetime) -> None:
        if run.chance.random() >= share:
            tasks.at_once(task, pk, at)

    return hand_out


@trouble("database restarted")
def database_restarted(run: "Run") -> Iterator[None]:
    for _ in range(2):
        run.around_tick = _restarting(run.chance.randint(3, 60), after=run.chance.random() < 0.5)
        yield


@contextlib.contextmanager
def _restarting(statement: int, *, after: bool) -> Iterator[None]:
    """One statement fails, before or after the database has carried it out."""
    left = [statement]

    def execute(do: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        if not sql.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")):
            left[0] -= 1
        if left[0] != 0:
            return do(sql, params, many, context)
        left[0] = -1
        if after:
            do(sql, params, many, context)
        raise OperationalError("server closed the connection unexpectedly")

    with connection.execute_wrapper(execute):
        yield


@trouble("two schedulers, doubled messages")
def doubled(run: "Run") -> Iterator[None]:
    def twice(task: Any, pk: int, at: datetime) -> None:
        for _ in range(2):
            tasks.at_once(task, pk, at)

    run.hand_out = twice
    for _ in range(4):
        due = Post.objects.due(run.stage.at).values("pk")
        stale = run.stage.posts(pk__in=due)
        yield
        for post in stale:
            with contextlib.suppress(Overtaken, IllegalMove):
                deliver(post=post, at=run.stage.at)
    run.hand_out = tasks.at_once
    yield


@trouble("clock jump")
def clock_jump(run: "Run") -> Iterator[None]:
    yield from run.minutes(run.chance.randint(0, 2))
    # Both ways an hour, as where somebody takes a wall clock for UTC; and far beyond what is still sent by itself.
    run.stage.at += timedelta(hours=run.chance.choice([-1, 1, 23, 30]))
    run.world.set_clock(run.stage.at)
    yield


@trouble("duplicate answer")
def duplicate_answer(run: "Run") -> Iterator[None]:
    """Something on the way sends our request twice: what we hear is the answer to the second one."""

    def send_it_too(post: Post) -> None:
        poster = networks.poster(run.world.network, options())
        poster.send(post.wire, key=post.key, secret=post.delivery.channel.open_secret())

    run.before_call(run.some_part(), send_it_too)
    yield


@trouble("deploy in the middle")
def deploy(run: "Run") -> Iterator[None]:
    left = [run.chance.randint(0, 2)]

    def few(task: Any, pk: int, at: datetime) -> None:
        """SIGTERM: what was begun is finished, and nothing new is claimed."""
        if left[0] > 0:
            left[0] -= 1
            tasks.at_once(task, pk, at)

    run.hand_out = few
    yield
    run.hand_out = tasks.at_once
    yield


@trouble("edited while posting")
def edited(run: "Run") -> Iterator[None]:
    name = run.chance.choice(PEOPLE)
    run.some_time(lambda: run.stage.veto(name))
    yield


@trouble("nominee declines")
def declines(run: "Run") -> Iterator[None]:
    for name in run.chance.sample(PEOPLE, run.chance.choice([1, 1, 2, 3])):
        run.some_time(lambda name=name: run.stage.decline(name))  # type: ignore[misc]
    yield


@trouble("refused by something between")
def stray(run: "Run") -> Iterator[None]:
    """A firewall, a proxy or a portal answers some calls, done or not, while parts are posted and corrected."""
    name = run.chance.choice(PEOPLE)
    run.some_time(lambda: run.stage.decline(name))
    for endpoint in ("send", "edit", "delete", "look", "upload", "connect"):
        faults = [run.chance.choice([*DRESSES, Fault.AFTER_FIREWALL, Fault.AFTER_PORTAL]) for _ in range(2)]
        run.world.script(endpoint, *[None] * run.chance.randrange(3), *faults[: run.chance.randrange(3)])
    yield


@trouble("edit refused")
def edit_refused(run: "Run") -> Iterator[None]:
    """By the server itself, which cannot edit, or by something between; where nothing is edited, so is a deletion."""
    name = run.chance.choice(PEOPLE)
    run.some_time(lambda: run.stage.decline(name))
    if run.chance.random() < 0.5:
        run.world.script("edit", *[Answer(run.chance.choice([404, 405, 501]), {"error": "Not implemented"})] * 30)
    else:
        run.world.script("edit", *[run.chance.choice(DRESSES)] * run.chance.randint(1, 3))
    run.world.script("delete", *[None] * run.chance.randrange(3), run.chance.choice(DRESSES))
    yield


@trouble("token revoked, in any dress")
def revoked_in_any_dress(run: "Run") -> Iterator[None]:
    dress = run.chance.choice(DRESSES)
    run.before_call(run.some_part(), lambda _: run.world.revoke(dress))
    yield from run.minutes(3)
    yield from run.until(lambda: Channel.objects.get(pk=run.stage.channel.pk).state == Channel.State.REVOKED, most=40)
    run.stage.keep(run.world.reconnect())
    yield


@trouble("restored, unnoticed")
def restored_unnoticed(run: "Run") -> Iterator[None]:
    """No command is given, and what was remembered outside the database is lost with the machine."""
    yield from _restored(run)
    (Path(settings.DATA_DIR) / NAME).unlink(missing_ok=True)
    yield


@trouble("restored, noticed")
def restored_noticed(run: "Run") -> Iterator[None]:
    """No command is given: what is remembered outside the database tells; then somebody presses once."""
    yield from _restored(run)
    yield from run.until(lambda: Channel.objects.get(pk=run.stage.channel.pk).state == Channel.State.PAUSED, most=5)
    yield from run.minutes(run.chance.randint(0, 2))
    resume_all()
    yield


def _restored(run: "Run") -> Iterator[None]:
    yield from run.minutes(run.chance.randint(1, 3))
    with backup() as restore:
        made_at = run.stage.at
        yield from run.minutes(run.chance.randint(1, 4))
        run.stage.pass_time(timedelta(minutes=run.chance.randint(6, 30)))
        restore()
    run.stage.grow_older(run.stage.at - made_at)


@trouble("restored from a backup")
def restored(run: "Run") -> Iterator[None]:
    yield from run.minutes(run.chance.randint(0, 3))
    with backup() as restore:
        yield from run.minutes(run.chance.randint(1, 4))
        restore()
    begin_after_restore(at=run.stage.at)
    yield from run.minutes(1)
    Channel.objects.filter(state=Channel.State.PAUSED).update(state=Channel.State.LIVE)
    yield
