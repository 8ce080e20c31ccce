"""After a restore from a backup, noticed or told: what was posted since the backup was made is not known here any more.

Two signs tell of one. What is remembered outside the database counts further than the database (`last_tick`): that is
sure, so all channels pause until somebody has looked. Or no tick has come for long: perhaps the server was only off, so
nothing pauses; but what was written or due before is looked for before it is sent.
"""

import logging
from collections import defaultdict
from datetime import datetime
from functools import partial

from django.db import models, transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.models import User
from recommendations.actions.last_tick import remember, remembers_a_life, seen
from recommendations.actions.notify import curators_of, notify_all
from recommendations.models import Channel, Community, Heartbeat, NativeList, Notification

logger = logging.getLogger(__name__)

LEAP = 1_000_000  # ticks, two years of them: beyond what any machine may still remember
PAUSED = gettext_noop("We were restored from a backup. Let it go on when all is well.")
State = Channel.State


def notice_a_restore(*, at: datetime | None = None) -> None:
    """At each tick, before anything else: are we a copy from a backup, or were we away? Then count on.

    All is written in one transaction: killed before its end, it is noticed again.
    """
    at = at or timezone.now()
    with transaction.atomic():
        away = Heartbeat.was_away()
        older = not Heartbeat.objects.filter(name="life").exists() and remembers_a_life()
        beat = Heartbeat.the_life()
        # Remembered is only what was committed, and the row is ours until the end: no tick can count further meanwhile.
        if older or seen(beat.life) > beat.count:
            logger.error("the database was restored from a backup: all channels pause, see docs/operations.md")
            begin_after_restore(at=at)
            return
        if away:
            logger.warning("no tick has come for long: what waits is looked for before it is sent")
            Channel.objects.exclude(state=State.REHEARSAL).update(away_at=Now())
            NativeList.objects.all().look_again(at)
        beat.go_on(beat.count + 1)
        transaction.on_commit(partial(remember, beat.life, beat.count))


def notice_before_sending(*, at: datetime | None = None) -> bool:
    """Right before anything is sent: a worker may be quicker than the first tick. True if something was noticed."""
    beat = Heartbeat.objects.filter(name="life").first()
    older = remembers_a_life() if beat is None else _counts_further(beat)
    if not (older or Heartbeat.was_away()):
        return False
    notice_a_restore(at=at)
    return True


def _counts_further(beat: Heartbeat) -> bool:
    """A tick of another worker may end between our two looks, so the database is asked once more."""
    remembered = seen(beat.life)
    if remembered <= beat.count:
        return False
    return not Heartbeat.objects.filter(name="life", count__gte=remembered).exists()


@transaction.atomic
def begin_after_restore(*, at: datetime | None = None) -> int:
    """Pause every channel that posts, and tell its curators and the server's people. How many were paused.

    From now on, whatever is to be sent is looked for first (deliver, LOOK_BACK). A curator lets one go on, the server's
    people all of them (`resume_all`).
    """
    at = at or timezone.now()
    beat = Heartbeat.the_life()
    beat.go_on(max(beat.count, seen(beat.life)) + LEAP)
    transaction.on_commit(partial(remember, beat.life, beat.count))
    live = list(Channel.objects.filter(state=State.LIVE).select_related("community"))
    paused: dict[Community, list[Channel]] = defaultdict(list)
    for channel in live:
        channel.move(State.PAUSED, trouble=PAUSED)
        paused[channel.community].append(channel)
    Channel.objects.exclude(state=State.REHEARSAL).update(restored_at=Now())
    NativeList.objects.all().look_again(at)  # who stands there is read, not remembered
    for community, channels in paused.items():
        notify_all(
            users=curators_of(community),
            kind=Notification.Kind.CURATOR,
            key=f"restored:{community.pk}-{beat.count}",
            community=community,
            about=", ".join(str(channel.handle) for channel in channels),
            link=reverse("channels", args=[community.slug]),
            at=at,
        )
    notify_all(
        users=list(User.objects.filter(is_staff=True, is_active=True).values_list("pk", flat=True)),
        kind=Notification.Kind.CURATOR,
        key=f"server:{beat.count}",
        link=reverse("restored"),
        at=at,
    )
    return len(live)


@transaction.atomic
def resume_all() -> int:
    """Let every channel go on that a restore has paused; those that a curator paused stay so. How many."""
    waiting = list(paused_by_restore())
    for channel in waiting:
        channel.move(State.LIVE, trouble="")
    return len(waiting)


def paused_by_restore() -> "models.QuerySet[Channel]":
    """Channels that pause since we were restored."""
    return Channel.objects.filter(state=State.PAUSED, trouble=PAUSED).select_related("community").order_by("pk")
