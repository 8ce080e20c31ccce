"""Find out what became of a post whose answer got lost. In doubt, look; never repeat blindly."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.options import options
from recommendations import networks
from recommendations.actions import Refused
from recommendations.actions.connect import revoke
from recommendations.actions.deliver import ask_a_curator, receive
from recommendations.actions.session import open_session
from recommendations.handles import Network
from recommendations.models import Attempt, Membership, Post
from recommendations.models.channel import LOOK_BACK
from recommendations.models.state import Overtaken
from recommendations.networks.base import NotFound, OutcomeUnknown, Rejected, Revoked, Unavailable
from recommendations.networks.posting import Doubt, Sent

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
        revoke(channel, str(error))
    except Rejected as error:
        attempt.end(Outcome.REFUSED, error)
        ask_a_curator(post, str(error), at)
    except (Unavailable, OutcomeUnknown) as error:
        attempt.end(Outcome.LATER, error)
        later = getattr(error, "retry_at", None) or at + LOOK_AGAIN
        Post.objects.filter(pk=post.pk, state=State.UNKNOWN).update(due_at=later)
    else:
        attempt.end(Outcome.DONE if sent else Outcome.ABSENT)
        if sent:
            receive(post, sent, at)
        else:
            _not_found(post, poster.doubt(secret), at)


def _take_a_look(post: Post, at: datetime) -> None:
    """One worker at a time: two looks in the same moment would count as two."""
    due = Post.objects.filter(pk=post.pk, state=State.UNKNOWN, due_at=post.due_at)
    if not due.update(due_at=at + LOOK_AGAIN):
        raise Overtaken(f"{post} is being looked for already")


def _since(post: Post) -> datetime:
    """Nothing older can be this post; after a restore it may be the one that an earlier life of ours sent."""
    restored_at = post.delivery.channel.restored_at
    return min(post.created_at, restored_at - LOOK_BACK) if restored_at else post.created_at


def _not_found(post: Post, doubt: Doubt, at: datetime) -> None:
    """It may be sent again, or must be looked for once more, or a person decides (`Doubt`)."""
    looks = Attempt.objects.empty_looks(post)
    # What this installation never sent can only stem from before a restore: that would have been found.
    enough = doubt.enough_looks if Attempt.objects.was_sent(post) else LOOKS
    if _may_be_repeated(post, doubt) or (enough is not None and looks >= enough):
        post.move(State.PENDING, due_at=at)
    elif enough is None and looks >= LOOKS:
        ask_a_curator(post, gettext_noop("We looked twice and did not find it. Is it there?"), at)


def _may_be_repeated(post: Post, doubt: Doubt) -> bool:
    """Would the network itself see that it is the same post?"""
    if doubt.repeat_for == timedelta.max:
        return True
    return Attempt.objects.was_sent(post) and not Attempt.objects.was_sent(post, before=doubt.repeat_for)


def decide(
    *,
    post: Post,
    by: Membership,
    choice: str,
    late_at: datetime,
    address: str = "",
    at: datetime | None = None,
) -> None:
    """What a curator says of a post that needs one: `send` it, `adopt` an address, or `give_up`. Raises Refused."""
    at = at or timezone.now()
    if not by.is_curator or by.community_id != post.delivery.channel.community_id:
        raise Refused(_("Only curators of this community may do that."))
    if post.state == State.NEEDS_HUMAN and choice == "adopt":
        receive(post, _at_the_address(post, address, at), at)
    elif post.state == State.NEEDS_HUMAN and choice == "give_up":
        post.move(State.FAILED)
    elif post.state in (State.NEEDS_HUMAN, State.FAILED) and choice == "send":
        with transaction.atomic():
            post.move(State.PENDING, due_at=at, trouble="")
            # Who lets a late part go wants the rest of its thread to follow.
            Post.objects.filter(delivery=post.delivery_id, late_at__lt=late_at).update(late_at=late_at)
    else:
        raise Refused(_("That cannot be done in its present state. Look at it again, please."))


def _at_the_address(post: Post, address: str, at: datetime) -> Sent:
    """What stands there, if it is one of this account's posts and none that we know as another part."""
    channel = post.delivery.channel
    if not address.strip():
        raise Refused(_("Paste the address of the post's page, as your browser shows it."), field="address")
    poster = networks.poster(Network(channel.network), options())
    try:
        sent = poster.find(address.strip(), secret=open_session(channel, poster, at=at))
    except NotFound as error:
        raise Refused(
            _("We do not find a post of %(handle)s there: %(trouble)s")
            % {"handle": channel.handle, "trouble": error.said(_)},
            field="address",
        ) from error
    except Rejected as error:
        raise Refused(error.said(_), field="address") from error
    except (Unavailable, OutcomeUnknown) as error:
        raise Refused(
            _("We cannot look there just now: %(trouble)s") % {"trouble": error.said(_)}, field="address"
        ) from error
    known = Post.objects.filter(account=post.account, remote_id=sent.receipt.remote_id, operation=Operation.CREATE)
    if known.exclude(pk=post.pk).exists():
        raise Refused(_("That is another part of what we posted already."), field="address")
    return sent
