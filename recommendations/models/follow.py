"""A reader follows everybody on a list with their own account: the work, and what came of each person."""

import json
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations import seals
from recommendations.handles import Handle, Network
from recommendations.models.community import Community
from recommendations.models.edition import Edition
from recommendations.models.profile import Profile
from recommendations.models.state import Overtaken, Stateful

TURN_LEASE = timedelta(minutes=3)  # longer than one person may take: it is held anew for each
LONGEST = timedelta(days=7)  # then what was granted is given back, done or not
NETWORKS = (Network.MASTODON, Network.BLUESKY)  # X lets nobody follow for others


def new_key() -> str:
    """By what a list is known on its network; no two jobs share one, also after a restore."""
    return secrets.token_hex(8)


class FollowingQuerySet(models.QuerySet["Following"]):
    """Jobs, by what must happen to them."""

    def free(self) -> "FollowingQuerySet":
        """Those that no worker is at, or whose worker did not come back (the database's clock)."""
        return self.filter(Q(claimed_at=None) | Q(claimed_at__lt=Now() - TURN_LEASE))

    def due(self, at: datetime) -> "FollowingQuerySet":
        """Those that are to be carried on, stopped because they took too long, or to give back what was granted."""
        running = Q(state=Following.State.RUNNING)
        carry_on = running & (Q(due_at__lte=at) | Q(started_at__lte=at - LONGEST))
        return self.free().filter(carry_on | ~running & ~Q(sealed_secret="")).order_by("due_at", "pk")


class Following(Stateful):
    """Follow these people with this account, or put them on a list of its own.

    asked -> running -> finished | stopped;  finished, stopped -> running (the reader allowed it again)
    The secret is kept while it runs. `turn` counts the workers that took it: whoever finds another number than
    their own has been given up.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("Waiting for your yes")
        RUNNING = "running", _("Under way")
        FINISHED = "finished", _("Finished")
        STOPPED = "stopped", _("Stopped")

    MOVES = {
        State.ASKED: {State.RUNNING},
        State.RUNNING: {State.FINISHED, State.STOPPED},
        State.FINISHED: {State.RUNNING},
        State.STOPPED: {State.RUNNING},
    }

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="followings")
    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="+")
    edition = models.ForeignKey(Edition, null=True, blank=True, on_delete=models.CASCADE, related_name="+")  # or crew
    network = models.CharField(max_length=10, choices=[(n.value, n.value) for n in NETWORKS])
    as_list = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)

    uri = models.CharField(max_length=500, blank=True)  # the account's, once it was proven
    name = models.CharField(max_length=256, blank=True)
    host = models.CharField(max_length=253, blank=True)
    sealed_secret = models.TextField(blank=True)
    key = models.CharField(max_length=16, default=new_key)
    list_reference = models.JSONField(null=True, blank=True)  # networks.following.List, once it was made
    list_url = models.CharField(max_length=700, blank=True)
    looked = models.BooleanField(default=False)  # for whom the account follows already

    turn = models.PositiveIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=500, blank=True)  # for the reader: why it waits, or stopped
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = FollowingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["uri"], condition=Q(state="running"), name="one_following_per_account"),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="following_to_do",
                condition=Q(state="running") | ~Q(sealed_secret=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.source} on {Network(self.network).label}"

    def get_absolute_url(self) -> str:
        """Where its owner sees how it goes."""
        return reverse("following", args=[self.pk])

    @property
    def source(self) -> str:
        """Whose people they are, in words; also the name of a list."""
        if self.edition:
            return gettext("%(community)s No. %(number)d") % {
                "community": self.community,
                "number": self.edition.number,
            }
        return gettext("The crew of %(community)s") % {"community": self.community}

    @property
    def handle(self) -> Handle | None:
        """The account's handle, once it is known."""
        return Handle(Network(self.network), self.name, self.host) if self.name else None

    @property
    def is_running(self) -> bool:
        """Is it under way?"""
        return self.state == self.State.RUNNING

    @property
    def _context(self) -> str:
        return f"following:{self.key}"

    def open_secret(self, sealed: str = "") -> dict[str, Any]:
        """What was granted, or what was before. Raises seals.Unsealable when no key opens it."""
        sealed = sealed or self.sealed_secret
        return dict(json.loads(seals.unseal(sealed, keys=settings.FF_SEAL_KEYS, context=self._context)))

    def seal_secret(self, secret: dict[str, Any]) -> str:
        """What was granted, made ready to be kept (in `sealed_secret`)."""
        return seals.seal(json.dumps(secret).encode(), keys=settings.FF_SEAL_KEYS, context=self._context)

    def claim(self) -> None:
        """Take it for a turn. Raises Overtaken when another worker has it, or it was stopped."""
        mine = Following.objects.free().filter(pk=self.pk, state=self.State.RUNNING, turn=self.turn)
        if not mine.update(turn=self.turn + 1, claimed_at=Now()):
            raise Overtaken(f"{self} is carried on by somebody else")
        self.turn += 1

    def hold(self) -> None:
        """Say that we are still at it. Raises Overtaken when we were given up, or its owner stopped it."""
        mine = Following.objects.filter(pk=self.pk, state=self.State.RUNNING, turn=self.turn)
        if not mine.update(claimed_at=Now()):
            raise Overtaken(f"{self} is no longer ours")

    def note(self, **fields: Any) -> None:
        """Write something down, if we are still at it."""
        if Following.objects.filter(pk=self.pk, turn=self.turn).update(**fields):
            for name, value in fields.items():
                setattr(self, name, value)

    def counts(self) -> dict[str, int]:
        """How many there are by what came of them; `waiting` for the others, and `all`."""
        rows = self.follows.order_by().values_list("state", "outcome").annotate(number=Count("pk"))
        counted = {outcome if state == Follow.State.DONE else "waiting": 0 for state, outcome, _ in rows}
        for state, outcome, number in rows:
            counted[outcome if state == Follow.State.DONE else "waiting"] += number
        return counted | {"all": sum(counted.values())}


class FollowQuerySet(models.QuerySet["Follow"]):
    """People of a job, by what must happen to them."""

    def next_ones(self, at: datetime) -> "FollowQuerySet":
        """Whose turn it is: first whoever a lost worker had begun with."""
        return self.filter(Q(state=Follow.State.WAITING, due_at__lte=at) | Q(state=Follow.State.DOING)).order_by(
            "state", "due_at", "pk"
        )

    def settled(self) -> "FollowQuerySet":
        """Those of whom is known what came of them."""
        return self.filter(state=Follow.State.DONE)

    def failed(self) -> "FollowQuerySet":
        """Those with whom it did not work out."""
        return self.settled().filter(outcome__in=Follow.FAILURES)

    def called_since(self, account: str, moment: datetime) -> "FollowQuerySet":
        """The calls of an account, over all its jobs, the oldest first: what a network's daily limit counts."""
        return self.filter(following__uri=account, called_at__gt=moment).order_by("called_at")


class Follow(Stateful):
    """One person of a job.

    waiting -> doing -> done | waiting (surely not followed, or in doubt: then one looks first, as one always does)
    waiting -> done (they were followed already)
    done -> waiting (tried again, where it did not work out)
    """

    class State(models.TextChoices):
        DOING = "doing", _("Being followed")
        DONE = "done", _("Settled")
        WAITING = "waiting", _("Waiting")

    MOVES = {
        State.WAITING: {State.DOING, State.DONE},
        State.DOING: {State.DOING, State.DONE, State.WAITING},
        State.DONE: {State.WAITING},
    }
    FAILURES = ("gone", "refused", "failed")  # of networks.following.Outcome

    following = models.ForeignKey(Following, on_delete=models.CASCADE, related_name="follows")
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    outcome = models.CharField(max_length=10, blank=True)  # networks.following.Outcome
    words = models.CharField(max_length=500, blank=True)
    moved_to = models.CharField(max_length=400, blank=True)  # the handle that was followed in place of theirs
    due_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True, blank=True)  # written before the call: since then it may stand
    calls = models.PositiveSmallIntegerField(default=0)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = FollowQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["following", "profile"], name="one_follow_per_person")]
        indexes = [models.Index(fields=["following", "state", "due_at"], name="follow_to_do")]

    def __str__(self) -> str:
        return f"{self.profile} for {self.following}"

    @property
    def ours(self) -> Q:
        """Whether the job is still carried on by who loaded this."""
        return Q(following__turn=self.following.turn)
