"""Do one step of a delivery: claim it, write down what will be done, call the network, write down the receipt."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.options import options
from recommendations import networks
from recommendations.actions.access import check_access, trust
from recommendations.actions.compose import may
from recommendations.actions.connect import revoke
from recommendations.actions.correct import is_stale, write_anew
from recommendations.actions.mentions import mention_once
from recommendations.actions.notify import curators_of, notify_all
from recommendations.actions.restore import notice_before_sending
from recommendations.actions.session import keep_secret, open_session
from recommendations.consent import Purpose
from recommendations.handles import Network
from recommendations.models import Attempt, Channel, Delivery, Edition, Entry, Notification, Post
from recommendations.models.state import Overtaken
from recommendations.networks.base import (
    CannotEdit,
    NotFound,
    OutcomeUnknown,
    Rejected,
    Revoked,
    Unavailable,
    Unexplained,
)
from recommendations.networks.posting import Part, Picture, Poster, Receipt, Sent

logger = logging.getLogger(__name__)

MOST_UNCLEAR = 6  # refusals in a row that nobody explains, within two hours or so; then a person must see to it
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
State, Operation, Outcome = Post.State, Post.Operation, Attempt.Outcome


def deliver(*, post: Post, at: datetime | None = None) -> None:
    """Do what a due post says, once. Raises Overtaken when another worker has it; the rest is in its row."""
    at = at or timezone.now()
    if notice_before_sending(at=at) and is_on_hold(post):
        return
    look_first = post.may_stand_already
    if post.operation == Operation.CREATE and not look_first and at > post.late_at:
        ask_a_curator(post, gettext_noop("It is late. Does it still make sense to send it?"), at)
        return
    if not look_first and is_stale(post, post.delivery):
        with transaction.atomic():
            changed = write_anew(post)
        if changed or not everyone_still_agrees(post):
            return  # the next sweep takes it as it is now
        # What is said today only begins like something that was taken back.
        post.refresh_from_db(fields=["wire", "pictured"])
    claim(post)
    poster = networks.poster(Network(post.delivery.channel.network), options())
    try:
        secret = open_session(post.delivery.channel, poster, at=at)
        if look_first:
            wire = make_wire(post, poster, secret, _picture(post, poster, secret))
            post.move(State.UNKNOWN, only_if=ours(post), wire=wire, due_at=at)
            return
        attempt = begin(post, poster, secret)
    except Revoked as error:
        give_back(post, State.PENDING, error)
        revoke(post.delivery.channel, str(error), at=at)
        return
    except Rejected as error:
        refuse(post, error, at)
        return
    except (Unavailable, OutcomeUnknown) as error:  # nothing but preparations was lost
        give_back(post, State.PENDING, error, due_at=next_try(post, error, at))
        if isinstance(error, Unexplained):
            check_access(post.delivery.channel, poster, at=at)
        return
    carry_out(post, attempt, poster, secret, at)


def is_on_hold(post: Post) -> bool:
    """Does its channel, as it is by now, pause or lack access? A correction is made on a paused one, too."""
    channel = post.delivery.channel
    channel.refresh_from_db()
    takes = {Channel.State.LIVE} if post.operation == Operation.CREATE else {Channel.State.LIVE, Channel.State.PAUSED}
    return channel.state not in takes


def carry_out(post: Post, attempt: Attempt, poster: Poster, secret: dict[str, Any], at: datetime) -> None:
    """Make the call that was written down, and write down what came of it."""
    doubt = poster.doubt(secret)
    create = post.operation == Operation.CREATE
    try:
        sent = call(post, poster, secret)
    except Revoked as error:
        attempt.end(Outcome.REFUSED, error)
        # Where a repeat could make a second post, even this answer leaves a doubt, to be settled when we may look.
        waits = State.UNKNOWN if create and not doubt.repeat_for else State.PENDING
        give_back(post, waits, error)
        revoke(post.delivery.channel, str(error), at=at)
    except Rejected as error:
        attempt.end(Outcome.REFUSED, error)
        refuse(post, error, at)
    except Unexplained as error:  # before Unavailable and OutcomeUnknown: it is both
        attempt.end(Outcome.UNCLEAR, error)
        if create:
            give_back(post, State.UNKNOWN, error, due_at=at + doubt.wait)
        elif Attempt.objects.unclear(post, Attempt.Kind.SEND) >= MOST_UNCLEAR:
            refuse(post, error, at)
        else:
            give_back(post, State.PENDING, error, due_at=next_try(post, error, at))
        check_access(post.delivery.channel, poster, at=at)
    except Unavailable as error:
        attempt.end(Outcome.LATER, error)
        give_back(post, State.PENDING, error, due_at=next_try(post, error, at))
    except OutcomeUnknown as error:
        attempt.end(Outcome.UNKNOWN, error)
        if create:
            give_back(post, State.UNKNOWN, error, due_at=at + doubt.wait)
        else:  # to edit or delete once more does no harm
            give_back(post, State.PENDING, error, due_at=next_try(post, error, at))
    else:
        attempt.end(Outcome.DONE)
        receive(post, sent, at)


def call(post: Post, poster: Poster, secret: dict[str, Any]) -> Sent:
    """The one call that this post is about."""
    assert post.wire is not None
    if post.operation == Operation.CREATE:
        return poster.send(post.wire, key=post.key, secret=secret)
    target = post.target
    assert target is not None
    unchanged = Receipt(target.remote_id, target.remote_url, target.reference)
    if post.operation == Operation.DELETE:
        return Sent(unchanged, poster.delete(target.remote_id, secret=secret))
    try:
        return poster.edit(target.remote_id, post.wire, secret=secret)
    except NotFound:  # somebody deleted it on the network: there is nothing left to correct
        return Sent(unchanged)


def everyone_still_agrees(post: Post) -> bool:
    """Consent is asked once more right before sending, and before sending again what surely is not there."""
    policy = post.delivery.edition.community.policy
    network = Network(post.delivery.channel.network)
    entries = Entry.objects.filter(pk__in=post.people).select_related("profile")
    return all(may(entry, policy, network, Purpose.POST) for entry in entries)


def ask_a_curator(post: Post, why: str, at: datetime) -> None:
    """Only a person can say what to do with it. Raises Overtaken."""
    with transaction.atomic():
        post.move(State.NEEDS_HUMAN, trouble=why[:500])
        tell_curators(post, "post", at)


def tell_curators(post: Post, occasion: str, at: datetime) -> None:
    """Within a transaction: let the community's curators know that a post is in trouble, once for each time it is."""
    channel = post.delivery.channel
    notify_all(
        users=curators_of(channel.community),
        kind=Notification.Kind.CURATOR,
        key=f"{occasion}:{post.pk}-{post.tries}",
        community=channel.community,
        about=str(channel.handle),
        link=reverse("desk_post", args=[channel.community.slug, post.pk]),
        at=at,
    )


def ours(post: Post) -> Q:
    """Whether our claim still holds: whoever claims it next counts one try more."""
    return Q(tries=post.tries)


def claim(post: Post) -> None:
    """Take the post. Raises Overtaken when another worker was quicker."""
    post.move(State.SENDING, claimed_at=Now(), tries=F("tries") + 1)
    post.refresh_from_db(fields=["tries", "wire", "text", "facets", "people"])


def give_back(post: Post, to: str, why: Exception, **fields: Any) -> None:
    """Let go of a claim with a word of what went wrong. Raises Overtaken when it is no longer ours."""
    post.move(to, only_if=ours(post), trouble=str(why)[:500], **fields)


def refuse(post: Post, why: Exception, at: datetime) -> None:
    """The network says no, and a curator hears of it; where it takes no edits, we correct in another way."""
    logger.warning("%s was refused: %s", post, why)
    with transaction.atomic():
        give_back(post, State.FAILED, why)
        if isinstance(why, CannotEdit):
            takes_no_edits(post.delivery, at)
        else:
            tell_curators(post, "refused", at)


def takes_no_edits(delivery: Delivery, at: datetime) -> None:
    """Within a transaction: remember that about the channel, and let the delivery be corrected without."""
    channel = Channel.objects.select_for_update().get(pk=delivery.channel_id)
    Channel.objects.filter(pk=channel.pk).update(limits={**channel.limits, "edits": False})
    Delivery.objects.filter(pk=delivery.pk).update(correct_from=at)


def next_try(post: Post, why: Exception, at: datetime) -> datetime:
    """When the network says, else later each time."""
    retry_at = getattr(why, "retry_at", None)
    return retry_at or at + min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(post.tries, 10))


def begin(post: Post, poster: Poster, secret: dict[str, Any]) -> Attempt:
    """Write down the very bytes to be sent and that they are about to be: a repeat is then the same request.

    Raises Overtaken when the claim was lost meanwhile: who slept past the lease must not send what by then may
    have been composed anew.
    """
    picture = post.wire is None and _picture(post, poster, secret)
    with transaction.atomic():
        stood = Attempt.objects.may_stand().filter(post=post).exists()
        said = post.text
        notified = mention_once(post, is_repeat=stood and post.wire is not None)
        if post.wire is None or post.text != said:
            post.wire = make_wire(post, poster, secret, picture or None)
        changes = {"wire": post.wire, "pictured": post.pictured, "text": post.text, "facets": post.facets}
        if not Post.objects.filter(ours(post), pk=post.pk, state=State.SENDING).update(**changes):
            raise Overtaken(f"{post} is no longer ours to send")
        return Attempt.objects.create(post=post, kind=Attempt.Kind.SEND, notified=notified or None)


def make_wire(
    post: Post, poster: Poster, secret: dict[str, Any], picture: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The request for a part that was never tried: its parent's id and the picture's name are known only now."""
    if post.operation == Operation.DELETE:
        assert post.target is not None
        return {"deletes": post.target.remote_id}
    before = _before(post)
    language = post.delivery.edition.community.language
    return poster.wire(
        Part(post.text, post.facets, post.key, post.created_at, language),
        secret=secret,
        root=before[0].reference if before else None,
        parent=before[-1].reference if before else None,
        picture=picture,
    )


def _before(post: Post) -> list[Post]:
    """The parts of its thread that stand before it."""
    return [each for each in post.delivery.standing if each.part < post.part]


def _picture(post: Post, poster: Poster, secret: dict[str, Any]) -> dict[str, Any] | None:
    """The share image goes with the thread's first post, where the channel takes pictures."""
    if post.operation == Operation.DELETE or _before(post):
        return None
    edition = post.delivery.edition
    if not edition.share_image or not post.delivery.channel.limits.get("images"):
        return None
    try:
        with edition.share_image.open("rb") as file:
            share = Picture(file.read(), "image/png", edition.share_alt, 1200, 630)
    except FileNotFoundError as error:  # withdrawn a moment ago, or by a worker that was killed: it is drawn anew
        mine = Edition.objects.filter(pk=edition.pk, share_image=edition.share_image.name)
        mine.update(share_image="", share_alt="")
        raise Unavailable("Its picture is being drawn anew.") from error
    post.pictured = list(edition.entries.ranked().values_list("pk", flat=True))
    return poster.upload(share, secret=secret)


def receive(post: Post, sent: Sent, at: datetime) -> None:
    """Write down the network's word that it stands, and the channel's renewed session if there is one."""
    receipt = sent.receipt
    with transaction.atomic():
        post.move(
            State.SENT,
            remote_id=receipt.remote_id,
            remote_url=receipt.url,
            reference=receipt.reference,
            sent_at=at,
            trouble="",
        )
        trust(post.delivery.channel)
        if sent.secret:
            keep_secret(post.delivery.channel, sent.secret)
