"""Sweeps over due rows, and one task per row. A message lost or doubled does no harm: the row is the queue.

Each task loads a row, calls one verb, ends. `at` travels as ISO 8601 so that `manage.py tick --at` can
drive a week; without it, it is now.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any

from celery import shared_task
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.models import ApiToken
from recommendations.actions import Refused
from recommendations.actions.announce import announce
from recommendations.actions.bundle import bundle
from recommendations.actions.carry_on import see_to
from recommendations.actions.compile import compile_edition, reopen_missing
from recommendations.actions.connect import refresh_limits
from recommendations.actions.correct import correct
from recommendations.actions.deliver import deliver
from recommendations.actions.erase import go_on_erasing
from recommendations.actions.expire_tokens import tell_of_expiry
from recommendations.actions.find_anew import find_anew
from recommendations.actions.keep_lists import keep_list, plan_lists
from recommendations.actions.look_up import fetch_avatar, look_again
from recommendations.actions.opt_out import see_to_domain
from recommendations.actions.publish import publish
from recommendations.actions.restore import notice_a_restore
from recommendations.actions.send_letter import send_letter
from recommendations.actions.settle import give_up_claim, settle
from recommendations.actions.share_image import draw_share_image
from recommendations.models import (
    Channel,
    Community,
    Delivery,
    DomainOptOut,
    Edition,
    Erasure,
    Findable,
    Following,
    Heartbeat,
    Letter,
    NativeList,
    Post,
    Profile,
)
from recommendations.models.channel import LIMITS_FOR
from recommendations.models.native_list import without_lists
from recommendations.models.notification import awaiting_mail
from recommendations.models.state import Overtaken

logger = logging.getLogger(__name__)

Run = Callable[[Any, int, datetime], None]
MOST = 500  # rows of one kind a tick hands out; the next tick goes on


def _when(at: str | None) -> datetime:
    return datetime.fromisoformat(at) if at else timezone.now()


@shared_task
def tick(at: str | None = None) -> None:
    """Once a minute: hand out whatever is due."""
    sweep(at=_when(at), run=hand_out)


def hand_out(task: Any, pk: int, at: datetime) -> None:
    """Leave a row to a worker. A broker that does not answer is no trouble: the next tick finds the row again."""
    try:
        task.delay(pk, at.isoformat())
    except (OperationalError, OSError) as error:  # OSError: of a broker that is a folder
        logger.warning("the broker does not answer: %s", error)


def at_once(task: Any, pk: int, at: datetime) -> None:
    """Do it here and now (commands and tests)."""
    task(pk, at.isoformat())


def sweep(*, at: datetime, run: Run) -> None:
    """Find what is due and `run` each. Rows are found anew by every sweep until they have moved."""
    notice_a_restore(at=at)
    Heartbeat.beat("tick", timezone.now())
    _each(Edition.objects.due_to_compile(at), compile_one, at, run)
    _each(Edition.objects.due_to_publish(at), publish_one, at, run)
    _each(Community.objects.without_board(), open_one, at, run)
    _each(Edition.objects.due_for_share_image(), picture_one, at, run)
    send_due(at=at, run=run)
    mail_due(at=at, run=run)
    _each(without_lists(), plan_lists_of, at, run)
    _each(NativeList.objects.due(at), list_one, at, run)
    _each(Following.objects.due(at), follow_one, at, run)
    _each(DomainOptOut.objects.due(), domain_one, at, run)
    _each(Erasure.objects.due(at), erase_one, at, run)
    _each(Profile.objects.due_for_look_up(at).spread(), look_up_one, at, run)
    _each(Profile.objects.due_for_avatar(), avatar_one, at, run)
    _each(Findable.objects.due(at), find_one_anew, at, run)
    _each(Channel.objects.filter(limits_at__lt=at - LIMITS_FOR, state=Channel.State.LIVE), limits_one, at, run)


def send_due(*, at: datetime, run: Run) -> None:
    """Post what waits, find out about what is in doubt, and correct what stands."""
    _each(Post.objects.abandoned(), abandoned_one, at, run)
    _each(Post.objects.in_doubt(at), settle_one, at, run)
    _each(Delivery.objects.to_correct(), correct_one, at, run)
    _each(Post.objects.due(at), post_one, at, run)


def mail_due(*, at: datetime, run: Run) -> None:
    """Tell members what is out and which tokens end, put what happened to somebody into letters, send them."""
    _each(ApiToken.objects.to_tell(at), token_one, at, run)
    _each(Edition.objects.due_to_announce(), announce_one, at, run)
    _each(awaiting_mail(at), bundle_one, at, run)
    _each(Letter.objects.due(at), letter_one, at, run)


def _each(rows: Any, task: Any, at: datetime, run: Run) -> None:
    pks: Iterable[int] = list(rows.values_list("pk", flat=True)[:MOST])
    for pk in pks:
        run(task, pk, at)


def nudge(task: Any, pk: int) -> None:
    """For doors: let a worker begin as soon as this transaction is committed, instead of at the next tick."""
    transaction.on_commit(lambda: hand_out(task, pk, timezone.now()))


def first_posts(edition: Edition) -> list[int]:
    """The posts with which an edition's threads begin, for a door to nudge."""
    return list(Post.objects.filter(delivery__edition=edition, part=0).values_list("pk", flat=True))


@shared_task
def compile_one(pk: int, at: str | None = None) -> None:
    """Close and compile one edition whose time has come."""
    edition = Edition.objects.due_to_compile(_when(at)).select_related("community").filter(pk=pk).first()
    if edition:
        _quietly(lambda: compile_edition(edition=edition, at=_when(at)))


@shared_task
def publish_one(pk: int, at: str | None = None) -> None:
    """Publish one edition whose slot has come."""
    edition = Edition.objects.due_to_publish(_when(at)).filter(pk=pk).first()
    if edition:
        _quietly(lambda: publish(edition=edition, at=_when(at)))


@shared_task
def announce_one(pk: int, at: str | None = None) -> None:
    """Tell the members that one edition is out."""
    edition = Edition.objects.due_to_announce().select_related("community").filter(pk=pk).first()
    if edition:
        announce(edition=edition, at=_when(at))


@shared_task
def bundle_one(pk: int, at: str | None = None) -> None:
    """Put what happened to one person into a letter, and let it be sent."""
    user = awaiting_mail(_when(at)).filter(pk=pk).first()
    letter = bundle(user=user, at=_when(at)) if user else None
    if letter:
        letter_one(letter.pk, at)


@shared_task
def token_one(pk: int, at: str | None = None) -> None:
    """Tell the owner of one API token when it expires."""
    token = ApiToken.objects.to_tell(_when(at)).filter(pk=pk).first()
    if token:
        tell_of_expiry(token, at=_when(at))


@shared_task
def letter_one(pk: int, at: str | None = None) -> None:
    """Send one letter."""
    due = Letter.objects.due(_when(at)).select_related("user", "edition__community", "news__community", "news__by_user")
    letter = due.filter(pk=pk).first()
    if letter:
        _quietly(lambda: send_letter(letter=letter, at=_when(at)))


@shared_task
def open_one(pk: int, at: str | None = None) -> None:
    """Give one community the board it lacks."""
    community = Community.objects.without_board().filter(pk=pk).first()
    if community:
        reopen_missing(community, at=_when(at))


@shared_task
def picture_one(pk: int, at: str | None = None) -> None:
    """Draw one edition's share image anew."""
    edition = Edition.objects.due_for_share_image().select_related("community").filter(pk=pk).first()
    if edition:
        draw_share_image(edition)


@shared_task
def post_one(pk: int, at: str | None = None) -> None:
    """Send one post, and then what comes after it in its thread."""
    when = _when(at)
    while post := _posts().filter(pk__in=Post.objects.due(when).filter(pk=pk).values("pk")).first():
        if not _quietly(partial(deliver, post=post, at=when)):
            return
        following = Post.objects.due(when).filter(delivery=post.delivery_id).values_list("pk", flat=True).first()
        if following is None:
            return
        pk = following


@shared_task
def abandoned_one(pk: int, at: str | None = None) -> None:
    """Take one post from a worker that did not come back."""
    post = Post.objects.abandoned().filter(pk=pk).first()
    if post:
        _quietly(lambda: give_up_claim(post=post, at=_when(at)))


@shared_task
def settle_one(pk: int, at: str | None = None) -> None:
    """Find out about one post in doubt."""
    post = _posts().filter(pk__in=Post.objects.in_doubt(_when(at)).filter(pk=pk).values("pk")).first()
    if post:
        _quietly(lambda: settle(post=post, at=_when(at)))


@shared_task
def correct_one(pk: int, at: str | None = None) -> None:
    """Correct what one delivery says."""
    delivery = Delivery.objects.to_correct().select_related("edition__community", "channel").filter(pk=pk).first()
    if delivery:
        _quietly(lambda: correct(delivery=delivery, at=_when(at)))


@shared_task
def plan_lists_of(pk: int, at: str | None = None) -> None:
    """Write down that what one delivery carries gets a list on its network."""
    delivery = without_lists().select_related("edition__community", "channel").filter(pk=pk).first()
    if delivery:
        plan_lists(delivery=delivery, at=_when(at))


@shared_task
def list_one(pk: int, at: str | None = None) -> None:
    """Make or change one list on its network."""
    due = NativeList.objects.due(_when(at)).select_related("channel__community", "edition__community")
    kept = due.filter(pk=pk).first()
    if kept:
        _quietly(lambda: keep_list(kept=kept, at=_when(at)))


@shared_task
def find_one_anew(pk: int, at: str | None = None) -> None:
    """Keep true by which words one thing is found."""
    due = Findable.objects.due(_when(at)).select_related("profile", "edition__community", "community")
    findable = due.filter(pk=pk).first()
    if findable:
        _quietly(lambda: find_anew(findable))


@shared_task
def follow_one(pk: int, at: str | None = None) -> None:
    """Carry on one reader's following, or let go of what they granted."""
    jobs = Following.objects.due(_when(at)).select_related("community", "edition", "user")
    following = jobs.filter(pk=pk).first()
    if following:
        _quietly(lambda: see_to(following=following, at=_when(at)))


@shared_task
def domain_one(pk: int, at: str | None = None) -> None:
    """See to some of those whom one server's opting out, or in again, is about."""
    domain = DomainOptOut.objects.due().filter(pk=pk).first()
    if domain:
        see_to_domain(domain=domain, at=_when(at))


@shared_task
def erase_one(pk: int, at: str | None = None) -> None:
    """Go on with erasing one person."""
    erasure = Erasure.objects.due(_when(at)).select_related("user").filter(pk=pk).first()
    if erasure:
        _quietly(lambda: go_on_erasing(erasure=erasure, at=_when(at)))


@shared_task
def look_up_one(pk: int, at: str | None = None) -> None:
    """Refresh one profile."""
    profile = Profile.objects.take(pk, _when(at))
    if profile:
        look_again(profile=profile, at=_when(at))


@shared_task
def avatar_one(pk: int, at: str | None = None) -> None:
    """Make our copy of one profile's picture."""
    profile = Profile.objects.due_for_avatar().filter(pk=pk).first()
    if profile:
        fetch_avatar(profile=profile)


@shared_task
def limits_one(pk: int, at: str | None = None) -> None:
    """Ask one channel's network for its limits."""
    channel = Channel.objects.filter(pk=pk).first()
    if channel:
        refresh_limits(channel=channel, at=_when(at))


def _posts() -> Any:
    return Post.objects.select_related("delivery__channel", "delivery__edition__community", "target")


def _quietly(deed: Callable[[], Any]) -> bool:
    """Do it; False when somebody else was quicker, or it may not be done any more. Both are in order."""
    try:
        deed()
    except (Overtaken, Refused) as reason:
        logger.info("not done: %s", reason)
        return False
    return True
