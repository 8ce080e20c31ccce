"""Send one post: claim it, write down what will be sent, call, write down the receipt."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from recommendations import networks
from recommendations.actions.compose import may, recompose
from recommendations.actions.connect import revoke
from recommendations.actions.look_up import options
from recommendations.consent import Purpose
from recommendations.handles import Network
from recommendations.models import Channel, Entry, Post
from recommendations.models.state import Overtaken
from recommendations.networks.base import (
    OutcomeUnknown,
    Part,
    Picture,
    Poster,
    Rejected,
    Revoked,
    Sent,
    Unavailable,
)

logger = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
State = Post.State


def deliver(*, post: Post, at: datetime | None = None) -> None:
    """Send a due post, once. Raises Overtaken when another worker has it; whatever else happens is in its row."""
    at = at or timezone.now()
    if at > post.late_at:
        post.move(State.NEEDS_HUMAN, trouble="It is late. Does it still make sense to send it?")
        return
    if not everyone_still_agrees(post):
        with transaction.atomic():
            recompose(post.delivery)
        return  # the next sweep takes it as it is now
    claim(post)
    channel = post.delivery.channel
    poster = networks.poster(Network(channel.network), options())
    secret = channel.open_secret()
    try:
        wire = write_wire(post, poster, secret)
        sent = poster.send(wire, key=post.key, secret=secret)
    except Revoked as error:
        give_back(post, State.PENDING, error)
        revoke(channel, str(error))
    except Rejected as error:
        logger.warning("%s was refused: %s", post, error)
        give_back(post, State.FAILED, error)
    except Unavailable as error:
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(post.tries, 10))
        give_back(post, State.PENDING, error, due_at=error.retry_at or at + wait)
    except OutcomeUnknown as error:
        give_back(post, State.UNKNOWN, error, due_at=at)
    else:
        receive(post, sent, at)


def everyone_still_agrees(post: Post) -> bool:
    """Consent is asked once more right before sending, and before sending again what surely is not there."""
    policy = post.delivery.edition.community.policy
    network = Network(post.delivery.channel.network)
    entries = Entry.objects.filter(pk__in=post.people).select_related("profile")
    return all(may(entry, policy, network, Purpose.POST) for entry in entries)


def claim(post: Post) -> None:
    """Take the post. Raises Overtaken when another worker was quicker."""
    post.move(State.SENDING, claimed_at=Now(), tries=F("tries") + 1)
    post.refresh_from_db(fields=["tries", "wire", "text", "facets"])


def give_back(post: Post, to: str, why: Exception, **fields: Any) -> None:
    """Let go of a claim with a word of what went wrong. Raises Overtaken when it is no longer ours."""
    post.move(to, only_if=Q(tries=post.tries), trouble=str(why)[:500], **fields)


def write_wire(post: Post, poster: Poster, secret: dict[str, Any]) -> dict[str, Any]:
    """Write down the very bytes to be sent, before they are: a repeat is then the same request.

    Raises Overtaken when the claim was lost meanwhile: who slept past the lease must not send what by then may
    have been composed anew.
    """
    wire = post.wire or make_wire(post, poster, secret)
    if not Post.objects.filter(pk=post.pk, state=State.SENDING, tries=post.tries).update(wire=wire):
        raise Overtaken(f"{post} is no longer ours to send")
    post.wire = wire
    return wire


def make_wire(post: Post, poster: Poster, secret: dict[str, Any]) -> dict[str, Any]:
    """The request for a part that was never tried: its parent's id and the picture's name are known only now."""
    edition = post.delivery.edition
    thread = list(post.delivery.posts.filter(operation=Post.Operation.CREATE, part__lt=post.part))
    picture = None
    if not thread and edition.share_image:
        with edition.share_image.open("rb") as file:
            share = Picture(file.read(), "image/png", edition.share_alt, 1200, 630)
        picture = poster.upload(share, secret=secret)
    part = Part(post.text, post.facets, post.key, post.created_at, edition.community.language)
    return poster.wire(
        part,
        secret=secret,
        root=thread[0].reference if thread else None,
        parent=thread[-1].reference if thread else None,
        picture=picture,
    )


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
        if sent.secret:
            channel = post.delivery.channel
            Channel.objects.filter(pk=channel.pk).update(sealed_secret=channel.seal_secret(sent.secret))
