"""Deeds of workers that send a thread: alone, many at once, killed, asleep; and of those that come after."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.db import connection
from django.db.models import F

from recommendations import tasks
from recommendations.actions import deliver as delivering
from recommendations.actions import settle as settling
from recommendations.actions.compose import write_posts
from recommendations.models import Delivery, Post, Profile
from recommendations.models.state import Overtaken
from recommendations.networks.base import Unavailable
from recommendations.networks.bluesky import Bluesky
from recommendations.networks.posting import Sent
from tests.once.story import allow_mentions

LEASE_IS_OVER = timedelta(minutes=3)
QUIET_AFTER = 12  # ticks
POINTS = {
    "before the claim": ("claim", "before"),
    "after the claim": ("claim", "after"),
    "before the call": ("begin", "after"),
    "after the call": ("receive", "before"),
    "after the receipt": ("receive", "after"),
}


def rewind(at: str, mentionable: list[str]) -> None:
    """As if the edition had just been published: its posts are written anew, under the same keys."""
    moment = datetime.fromisoformat(at)
    Post.objects.all().delete()
    Profile.objects.update(word="", may_mention=False)
    allow_mentions(mentionable)
    for delivery in Delivery.objects.filter(rehearsal=False):
        write_posts(delivery, at=moment, late_at=moment + settings.FF_LATE_AFTER)


def send(at: str) -> None:
    """What a worker does with the first post of the thread, and all that follow."""
    tasks.post_one(_first(), at)


def tick(at: str) -> None:
    """A whole tick, here and now."""
    tasks.sweep(at=datetime.fromisoformat(at), run=tasks.at_once)


def be_killed(point: str, part: int, at: str) -> None:
    """Send the thread, and be killed (SIGKILL) at a point of a part."""
    verb, moment = POINTS[point]
    _deadly(delivering, verb, moment, part)
    send(at)


def lose_the_database(point: str, part: int, restart: list[str], at: str) -> str:
    """Send the thread, and have the database restarted in the middle of it; what the worker heard of it."""
    verb, moment = POINTS[point]
    _deadly(delivering, verb, moment, part, lambda: subprocess.run(restart, check=True, capture_output=True))
    try:
        send(at)
    except DatabaseTrouble as trouble:
        return type(trouble).__name__
    finally:
        connection.close()
    return ""


def be_killed_while_settling(at: str) -> None:
    """Find out what became of a post in doubt, and be killed before that is written down."""
    _deadly(settling, "receive", "before", None)
    age_leases()
    tick(at)
    tick(at)


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _deadly(module: Any, verb: str, moment: str, part: int | None, strike: Callable[[], Any] = _kill) -> None:
    original = getattr(module, verb)

    def deadly(post: Post, *arguments: Any, **named: Any) -> Any:
        mine = part is None or post.part == part
        if mine and moment == "before":
            strike()
        done = original(post, *arguments, **named)
        if mine and moment == "after":
            strike()
        return done

    setattr(module, verb, deadly)


def age_leases() -> int:
    """As if every worker that holds a post had been away for longer than its lease. How many were held."""
    return Post.objects.filter(state="sending").update(claimed_at=F("claimed_at") - LEASE_IS_OVER)


def recover(at: str) -> list[str]:
    """Tick, minute by minute, until nothing is waiting or in doubt; the first one comes before the leases are over.

    What was held after that first tick is returned.
    """
    moment = datetime.fromisoformat(at)
    tasks.sweep(at=moment, run=tasks.at_once)
    held = list(Post.objects.filter(state="sending").values_list("key", flat=True))
    age_leases()
    for minute in range(1, QUIET_AFTER):
        tasks.sweep(at=moment + timedelta(minutes=minute), run=tasks.at_once)
        if not Post.objects.filter(state__in=("pending", "sending", "unknown")).exists():
            break
    return held


def decline(dids: list[str]) -> None:
    """These people say that they want to be left out."""
    Profile.objects.filter(uri__in=dids).update(word="declined")


def be_put_off(part: int, at: str) -> None:
    """Send the thread to a network that is busy when it comes to a part, and surely does not take it."""
    send_it, put_off = Bluesky.send, Post.objects.get(part=part).key

    def busy(network: Bluesky, wire: dict[str, Any], *, key: str, secret: dict[str, Any]) -> Sent:
        if key == put_off:
            raise Unavailable("Too many requests.")
        return send_it(network, wire, key=key, secret=secret)

    Bluesky.send = busy  # type: ignore[method-assign]
    send(at)


def deliver_part(part: int, at: str) -> Iterator[None]:
    """Deliver one part that was seen waiting before the others began."""
    post = _seen(part)
    yield
    delivering.deliver(post=post, at=datetime.fromisoformat(at))


def deliver_by_threads(threads: int, at: str) -> list[list[str]]:
    """Every part of the thread delivered by so many threads at once; for each part what became of them."""
    return [_by_threads(part, threads, at) for part in range(Post.objects.count())]


def _by_threads(part: int, threads: int, at: str) -> list[str]:
    together = threading.Barrier(threads)

    def one(_: int) -> str:
        try:
            post = _seen(part)
            together.wait(30)
            delivering.deliver(post=post, at=datetime.fromisoformat(at))
        except Overtaken:
            return "overtaken"
        finally:
            connection.close()
        return "delivered"

    with ThreadPoolExecutor(threads) as crowd:
        return sorted(crowd.map(one, range(threads)))


def sleep_past_the_lease(part: int, who_declines: str, at: str) -> str:
    """A worker claims a part and falls asleep; it wakes when another one is just about to send the same part anew.

    Meanwhile somebody who stands in it has declined. What became of the sleeper is returned.
    """
    moment = datetime.fromisoformat(at)
    asleep, wake, away = threading.Event(), threading.Event(), threading.Event()
    fate: list[str] = []
    claim, begin = delivering.claim, delivering.begin

    def claim_and_sleep(post: Post) -> None:
        claim(post)
        if threading.current_thread() is sleeper:
            asleep.set()
            wake.wait(60)

    def begin_and_wake(post: Post, *arguments: Any) -> Any:
        wire = begin(post, *arguments)
        if post.part == part and threading.current_thread() is not sleeper:
            wake.set()
            away.wait(60)
        return wire

    def sleep() -> None:
        try:
            delivering.deliver(post=_seen(part), at=moment)
            fate.append("delivered")
        except Overtaken:
            fate.append("overtaken")
        finally:
            connection.close()
            away.set()

    sleeper = threading.Thread(target=sleep)
    delivering.claim, delivering.begin = claim_and_sleep, begin_and_wake
    for before in range(part):
        delivering.deliver(post=_seen(before), at=moment)
    sleeper.start()
    asleep.wait(60)
    Profile.objects.filter(uri=who_declines).update(word="declined")
    recover(at)
    sleeper.join(60)
    return fate[0]


def _first() -> int:
    return Post.objects.filter(part=0).values_list("pk", flat=True).get()


def _seen(part: int) -> Post:
    return Post.objects.select_related("delivery__channel", "delivery__edition__community").get(part=part)
