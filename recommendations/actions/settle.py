"""Find out what became of a post whose answer got lost. In doubt, look; never repeat blindly."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.options import options
from recommendations import networks
from recommendations.actions.access import check_access, trust
from recommendations.actions.connect import revoke
from recommendations.actions.deliver import FIRST_WAIT, LONGEST_WAIT, MOST_UNCLEAR, ask_a_curator, receive
from recommendations.actions.session import open_session
from recommendations.handles import Network
from recommendations.models import Attempt, Post
from recommendations.models.channel import LOOK_BACK
from recommendations.models.state import Overtaken
from recommendations.networks.base import OutcomeUnknown, Rejected, Revoked, Unavailable, Unexplained
from recommendations.networks.posting import Doubt

LOOK_AGAIN = timedelta(minutes=2)
LOOKS = 2  # empty ones, after which a network is believed or a person asked
State, Operation, Outcome = Post.State, Post.Operation, Attempt.Outcome


def give_up_claim(*, post: Post, at: datetime | None = None) -> None:
    """The worker that took it did not come back: what it did is unknown. Raises Overtaken."""
    post.move(State.UNKNOWN, due_at=at or timezone.now())


def settle(*, post: Post, at: datetime | None = None) -> None:
    """Look for the post: there, it is adopted; surely not there, it is sent again where that does no harm.

    Raises Overtaken when another worker settles it.
    """
    at = at or timezone.now()
    if post.wire is None or post.operation != Operation.CREATE:
        # The wire is written before the call: without one it was never sent. And what edits or deletes may be repeated.
        post.move(State.PENDING, due_at=at)
        return
    _take_a_look(post, at)
    attempt = Attempt.objects.create(post=post, kind=Attempt.Kind.LOOK)
    channel = post.delivery.channel
    poster = networks.poster(Network(channel.network), options())
    try:
        secret = open_session(channel, poster, at=at)
        sent = poster.look(post.wire, key=post.key, secret=secret, since=_since(post))
    except Revoked as error:
        attempt.end(Outcome.REFUSED, error)
        revoke(channel, str(error), at=at)
    except Rejected as error:
        attempt.end(Outcome.REFUSED, error)
        ask_a_curator(post, str(error), at)
    except Unexplained as error:
        attempt.end(Outcome.UNCLEAR, error)
        in_a_row = Attempt.objects.unclear(post, Attempt.Kind.LOOK)
        if in_a_row >= MOST_UNCLEAR:
            ask_a_curator(post, str(error), at)
        else:
            later = at + min(LONGEST_WAIT, LOOK_AGAIN * 2**in_a_row)
            Post.objects.filter(pk=post.pk, state=State.UNKNOWN).update(due_at=later)
        check_access(channel, poster, at=at)
    except (Unavailable, OutcomeUnknown) as error:
        attempt.end(Outcome.LATER, error)
        later = getattr(error, "retry_at", None) or at + LOOK_AGAIN
        Post.objects.filter(pk=post.pk, state=State.UNKNOWN).update(due_at=later)
    else:
        attempt.end(Outcome.DONE if sent else Outcome.ABSENT)
        if sent:
            receive(post, sent, at)
        else:
            trust(channel)
            _not_found(post, poster.doubt(secret), at)


def _take_a_look(post: Post, at: datetime) -> None:
    """One worker at a time: two looks in the same moment would count as two."""
    due = Post.objects.filter(pk=post.pk, state=State.UNKNOWN, due_at=post.due_at)
    if not due.update(due_at=at + LOOK_AGAIN):
        raise Overtaken(f"{post} is being looked for already")


def _since(post: Post) -> datetime:
    """Nothing older can be this post; after a restore it may be the one that an earlier life of ours sent."""
    channel = post.delivery.channel
    lives = [ended_at - LOOK_BACK for ended_at in (channel.restored_at, channel.away_at) if ended_at]
    return min(post.created_at, *lives) if lives else post.created_at


def _not_found(post: Post, doubt: Doubt, at: datetime) -> None:
    """It may be sent again, or must be looked for once more, or a person decides (`Doubt`)."""
    looks = Attempt.objects.empty_looks(post)
    sent = Attempt.objects.may_stand().filter(post=post)
    # What this installation never sent can only stem from before a restore: that would have been found.
    ours = sent.exists()
    enough = doubt.enough_looks if ours else LOOKS
    surely_not = doubt.repeat_for == timedelta.max or (enough is not None and looks >= enough)
    if not surely_not and not _may_be_repeated(post, doubt):
        if enough is None and looks >= LOOKS:
            ask_a_curator(post, gettext_noop("We looked twice and did not find it. Is it there?"), at)
        return
    in_a_row = Attempt.objects.unclear(post, Attempt.Kind.SEND)
    if in_a_row >= MOST_UNCLEAR:
        ask_a_curator(post, post.trouble, at)
        return
    with transaction.atomic():
        if surely_not:
            sent.update(notified=None)  # nobody was, as it never stood
        # What an earlier life of ours may have said is written as it may be said now; else a repeat is the same bytes.
        fields = {} if ours else {"wire": None}
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2**in_a_row) if in_a_row else timedelta(0)
        post.move(State.PENDING, due_at=at + wait, **fields)


def _may_be_repeated(post: Post, doubt: Doubt) -> bool:
    """Would the network itself see that it is the same post?"""
    return Attempt.objects.was_sent(post) and not Attempt.objects.was_sent(post, before=doubt.repeat_for)
