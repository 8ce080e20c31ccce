"""An edition on its way through a channel, and the posts that carry it."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from recommendations.models.channel import LOOK_BACK, Channel
from recommendations.models.edition import Edition
from recommendations.models.state import Stateful

SEND_LEASE = timedelta(minutes=2)  # longer than any call may take; after it the outcome is unknown


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Deliveries, by what must happen to them."""

    def to_correct(self) -> "DeliveryQuerySet":
        """Those that may say more than they should by now."""
        return self.filter(correct_from__isnull=False, rehearsal=False).order_by("correct_from")


class Delivery(models.Model):
    """One edition through one channel: a view over its posts, which hold the truth."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="deliveries")
    rehearsal = models.BooleanField(default=False)  # its posts are only written down
    created_at = models.DateTimeField(auto_now_add=True)
    correct_from = models.DateTimeField(null=True, blank=True)  # since then somebody on it may have changed their mind

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["edition", "channel"], name="one_delivery_per_channel")]
        indexes = [
            models.Index(
                fields=["correct_from"],
                name="delivery_to_correct",
                condition=Q(correct_from__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.edition} to {self.channel}"

    @property
    def state(self) -> str:
        """What its posts say: the worst that is true of any of them; `sent` when all that were not dropped are."""
        states = {post.state for post in self.posts.all()}
        order = (*Post.TROUBLE, Post.State.UNKNOWN, Post.State.SENDING, Post.State.PENDING, Post.State.SENT)
        return next((state for state in order if state in states), Post.State.CANCELLED)

    @property
    def thread(self) -> "list[Post]":
        """What was to be posted and still is, or stands, in the order in which it is read."""
        posts = list(self.posts.all())
        deleted = {post.target_id for post in posts if post.operation == Post.Operation.DELETE}
        kept = [
            post
            for post in posts
            if post.operation == Post.Operation.CREATE and post.state != Post.State.CANCELLED and post.pk not in deleted
        ]
        return sorted(kept, key=lambda post: post.part)

    @property
    def skipped(self) -> "list[Post]":
        """The parts that a curator left out of the thread."""
        return [post for post in self.posts.all() if post.skipped]

    @property
    def standing(self) -> "list[Post]":
        """The part of the thread that the world can read now."""
        return [post for post in self.thread if post.state == Post.State.SENT]


class PostQuerySet(models.QuerySet["Post"]):
    """Posts, by what must happen to them."""

    def due(self, at: datetime) -> "PostQuerySet":
        """Pending ones whose turn has come.

        A new post waits until every step before it is done, and goes out on a live channel alone. A correction
        waits for the ones before it of the same post, and is made on a paused channel too: whoever wishes to be
        left out need not wait for us.
        """
        before = Post.objects.filter(delivery=OuterRef("delivery"), step__lt=OuterRef("step")).exclude(
            state__in=(Post.State.SENT, Post.State.CANCELLED)
        )
        create, correction = Q(operation=Post.Operation.CREATE), Q(target__isnull=False)
        live, paused = Channel.State.LIVE, Channel.State.PAUSED
        return self.filter(
            (create & ~Exists(before.exclude(operation=Post.Operation.EDIT)) & Q(delivery__channel__state=live))
            | (
                correction
                & ~Exists(before.filter(target=OuterRef("target")).exclude(state=Post.State.FAILED))
                & Q(delivery__channel__state__in=(live, paused))
            ),
            state=Post.State.PENDING,
            due_at__lte=at,
            delivery__rehearsal=False,
        ).order_by("due_at", "delivery", "step")

    def abandoned(self) -> "PostQuerySet":
        """Taken by a worker that did not come back within its lease (the database's clock)."""
        return self.filter(state=Post.State.SENDING, claimed_at__lt=Now() - SEND_LEASE)

    def in_doubt(self, at: datetime) -> "PostQuerySet":
        """Those whose outcome must be found out, on channels that can be asked."""
        return self.filter(state=Post.State.UNKNOWN, due_at__lte=at, delivery__channel__state=Channel.State.LIVE)


class Post(Stateful):
    """One part of a delivery's thread. Text, facets, key and time are frozen at publication.

    A correction of a post that stands is a post of its own: an edit or a deletion of its `target`.

    pending -> sending -> sent | pending (surely not posted) | failed | unknown
    pending -> unknown (after a restore: it may stand already)
    unknown -> sent | pending | needs_human;  needs_human -> sent | pending | failed
    pending -> cancelled | needs_human (too late);  failed -> pending (a curator tries again) | cancelled
    needs_human -> cancelled (a curator skips it)
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Refused")
        UNKNOWN = "unknown", _("Being looked for")
        NEEDS_HUMAN = "needs_human", _("Needs a curator")
        CANCELLED = "cancelled", _("Not sent")

    class Operation(models.TextChoices):
        CREATE = "create", _("Post")
        EDIT = "edit", _("Edit")
        DELETE = "delete", _("Delete")

    MOVES = {
        State.PENDING: {State.SENDING, State.CANCELLED, State.NEEDS_HUMAN, State.UNKNOWN},
        State.SENDING: {State.SENT, State.PENDING, State.FAILED, State.UNKNOWN},
        State.UNKNOWN: {State.SENT, State.PENDING, State.NEEDS_HUMAN},
        State.NEEDS_HUMAN: {State.SENT, State.PENDING, State.FAILED, State.CANCELLED},
        State.FAILED: {State.PENDING, State.CANCELLED},
        State.SENT: set(),
        State.CANCELLED: set(),
    }
    TROUBLE = (State.NEEDS_HUMAN, State.FAILED)
    IN_FLIGHT = (State.SENDING, State.UNKNOWN, State.NEEDS_HUMAN)  # nobody can say now whether it stands

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="posts")
    step = models.PositiveSmallIntegerField(default=0)  # the order in which a delivery's posts are made
    part = models.PositiveSmallIntegerField()  # its place in the thread
    operation = models.CharField(max_length=10, choices=Operation.choices, default=Operation.CREATE)
    target = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="corrections"
    )  # what is edited or deleted
    state = models.CharField(max_length=12, choices=State.choices, default=State.PENDING)

    text = models.TextField()
    facets = models.JSONField(default=list)
    people = models.JSONField(default=list)  # ids of the entries it carries
    pictured = models.JSONField(default=list)  # ids of the entries its picture names
    key = models.CharField(max_length=64)
    account = models.CharField(max_length=500)  # the channel's uri: with the key it is unique
    created_at = models.DateTimeField()  # the time the post itself carries
    skipped = models.BooleanField(default=False, db_default=False)  # by a curator: it is not made up for later
    wire = models.JSONField(null=True, blank=True)  # as first tried: a repeat is the same request

    due_at = models.DateTimeField()
    late_at = models.DateTimeField()  # not sent by itself after this: a curator decides
    claimed_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=500, blank=True)
    remote_id = models.CharField(max_length=500, blank=True)
    remote_url = models.CharField(max_length=700, blank=True)
    reference = models.JSONField(default=dict)  # what a reply must name
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        ordering = ["step"]
        constraints = [
            models.UniqueConstraint(fields=["delivery", "step"], name="one_post_per_step"),
            models.UniqueConstraint(fields=["account", "key"], name="one_post_per_key"),
        ]
        indexes = [
            models.Index(
                fields=["state", "due_at"],
                name="post_to_do",
                condition=Q(state__in=("pending", "sending", "unknown")),
            )
        ]

    @property
    def is_from_before(self) -> bool:
        """May an installation that we were before have sent it, and notified its people? Since when: the channel's.

        After a gap (`Channel.away_at`), whatever was written or due before; after a sure restore, whatever could have
        been: an edition may have been published early, as soon as its board was closed.
        """
        channel, edition = self.delivery.channel, self.delivery.edition
        away_at, restored_at = channel.away_at, channel.restored_at
        if self.operation != self.Operation.CREATE:
            return False
        return (away_at is not None and min(self.created_at, edition.publishes_at) < away_at) or (
            restored_at is not None and min(self.created_at, edition.closes_at) < restored_at
        )

    @property
    def may_stand_already(self) -> bool:
        """Must it be looked for before it is sent, as an installation that we were before may have sent it?

        So it is until we have looked for it since; as long, its text must stay the one to be looked for.
        """
        channel = self.delivery.channel
        if self.operation != self.Operation.CREATE or self.state != self.State.PENDING:
            return False
        since = [channel.restored_at] if channel.restored_at else []
        if channel.away_at and self.is_from_before:
            since.append(channel.away_at)
        since = [moment for moment in since if self.created_at < moment + LOOK_BACK]
        return bool(since) and not self.attempts.filter(began_at__gte=max(since)).exists()

    def __str__(self) -> str:
        return f"{self.delivery}, {self.get_operation_display().lower()} of part {self.part}"
