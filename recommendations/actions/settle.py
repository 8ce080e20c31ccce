"""Find out what became of a post whose answer got lost. In doubt, look; never repeat blindly."""

from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from recommendations import networks
from recommendations.actions import Refused
from recommendations.actions.connect import revoke
from recommendations.actions.deliver import receive
from recommendations.actions.look_up import options
from recommendations.handles import Network
from recommendations.models import Membership, Post
from recommendations.networks.base import Receipt, Rejected, Revoked, Sent, Unavailable

LOOK_AGAIN = timedelta(minutes=2)
LOOKS = 2  # empty looks after which a network without idempotency is left to a person
State = Post.State


def give_up_claim(*, post: Post, at: datetime | None = None) -> None:
    """The worker that took it did not come back: what it did is unknown. Raises Overtaken."""
    post.move(State.UNKNOWN, due_at=at or timezone.now())


def settle(*, post: Post, at: datetime | None = None) -> None:
    """Look for the post: there, it is adopted; surely not there, it is sent again where a repeat does no harm.

    Raises Overtaken when another worker settled it.
    """
    at = at or timezone.now()
    if post.wire is None:  # the wire is written before the call: it was never sent
        post.move(State.PENDING, due_at=at)
        return
    channel = post.delivery.channel
    poster = networks.poster(Network(channel.network), options())
    try:
        sent = poster.look(post.wire, key=post.key, secret=channel.open_secret())
    except Revoked as error:
        revoke(channel, str(error))
    except Rejected as error:
        post.move(State.NEEDS_HUMAN, trouble=str(error)[:500])
    except Unavailable as error:
        Post.objects.filter(pk=post.pk, state=State.UNKNOWN).update(due_at=error.retry_at or at + LOOK_AGAIN)
    else:
        if sent:
            receive(post, sent, at)
        elif poster.repeatable:
            post.move(State.PENDING, due_at=at)
        elif post.looks + 1 >= LOOKS:
            post.move(State.NEEDS_HUMAN, trouble="We looked twice and did not find it. Is it there?")
        else:
            Post.objects.filter(pk=post.pk, state=State.UNKNOWN).update(looks=F("looks") + 1, due_at=at + LOOK_AGAIN)


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
        raise Refused("Only curators of this community may do that.")
    if post.state == State.NEEDS_HUMAN and choice == "adopt" and address:
        receive(post, Sent(Receipt(address, address)), at)
    elif post.state == State.NEEDS_HUMAN and choice == "give_up":
        post.move(State.FAILED)
    elif post.state in (State.NEEDS_HUMAN, State.FAILED) and choice == "send":
        post.move(State.PENDING, due_at=at, late_at=late_at, trouble="")
    else:
        raise Refused("That cannot be done in its present state. Look at it again, please.")
