"""How an edition's posts fare on each channel, part by part, and what somebody can do where one is in trouble."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from recommendations.models import Channel, Community, Delivery, Edition, Post

State, Operation = Post.State, Post.Operation
MOVING = (State.PENDING, State.SENDING, State.UNKNOWN)


@dataclass(frozen=True)
class Advice:
    """What to do about a part, as one sentence; `link` where it is done, `label` what that link says."""

    words: str
    link: str = ""
    label: str = ""


@dataclass(frozen=True)
class Sending:
    """One delivery: its posts with advice, how many are settled, and whether it moves by itself."""

    delivery: Delivery
    parts: list[tuple[Post, Advice | None]]
    done: int
    moving: bool

    @property
    def all(self) -> int:
        """How many posts there are."""
        return len(self.parts)


def deliveries_of(edition: Edition) -> list[Delivery]:
    """With their channels and posts, in two queries."""
    return list(edition.deliveries.select_related("channel").prefetch_related("posts").order_by("pk"))


def sendings(deliveries: list[Delivery], community: Community, at: datetime) -> list[Sending]:
    """How each delivery fares."""
    return [_sending(delivery, community, at) for delivery in deliveries]


def moves(found: list[Sending]) -> bool:
    """Whether a page that shows them should look again by itself."""
    return any(sending.moving for sending in found)


def _sending(delivery: Delivery, community: Community, at: datetime) -> Sending:
    posts = list(delivery.posts.all())
    in_order = sorted(posts, key=lambda post: post.step)
    blocked = False  # something before it in its thread keeps it waiting
    parts = []
    for post in in_order:
        parts.append((post, None if delivery.rehearsal else _advice(post, delivery.channel, community, blocked, at)))
        blocked = blocked or (post.operation == Operation.CREATE and post.state in Post.TROUBLE)
    waits = any(post.state in MOVING and not _behind_trouble(post, in_order) for post in posts)
    return Sending(
        delivery=delivery,
        parts=parts,
        done=sum(post.state in (State.SENT, State.CANCELLED) for post in posts),
        moving=not delivery.rehearsal and delivery.channel.state == Channel.State.LIVE and waits,
    )


def _behind_trouble(post: Post, posts: list[Post]) -> bool:
    return post.operation == Operation.CREATE and any(
        each.step < post.step and each.operation == Operation.CREATE and each.state in Post.TROUBLE for each in posts
    )


def _advice(post: Post, channel: Channel, community: Community, blocked: bool, at: datetime) -> Advice | None:
    """None where all goes well."""
    channels = reverse("channels", args=[community.slug])
    if post.state in Post.TROUBLE:
        return _decide(post, reverse("desk_post", args=[community.slug, post.pk]), at)
    if post.state not in MOVING:
        return None
    if channel.state == Channel.State.REVOKED:
        words = _("Its network takes no posts from us any more. Connect the account again, and this goes out.")
        return Advice(words, channels, _("Connect it again"))
    if channel.state == Channel.State.PAUSED and post.operation == Operation.CREATE:
        words = _("The channel pauses. Let it go on, and this goes out.")
        return Advice(words, channels, _("Let it go on"))
    if post.state == State.UNKNOWN:
        return Advice(_("Its answer got lost, so we look whether it stands. If we cannot tell, you are asked."))
    if blocked and post.operation == Operation.CREATE:
        return Advice(_("It waits for a part before it that needs you."))
    if post.state == State.PENDING and post.tries and post.due_at > at:
        when = date_format(timezone.localtime(post.due_at, community.zone), "TIME_FORMAT")
        return Advice(_("The server asks us to wait. It is tried again at %(at)s; you need do nothing.") % {"at": when})
    return None


def _decide(post: Post, link: str, at: datetime) -> Advice:
    """What is asked of a curator about a post in trouble."""
    if post.state == State.FAILED:
        words = _("The network refused it. Look why, then change it, skip it or send it again.")
        return Advice(words, link, _("Look why, and decide"))
    if post.operation == Operation.CREATE and not post.tries and at > post.late_at:
        return Advice(_("It is late. Say whether it still makes sense."), link, _("Send it or leave it"))
    words = _("Nobody knows whether it stands. Look at the account, and say so.")
    return Advice(words, link, _("Decide what becomes of it"))
