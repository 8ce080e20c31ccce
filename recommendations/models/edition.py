"""One week's list, from the first nomination to the published page."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.models.community import Community
from recommendations.models.state import Stateful

COMPILE_LEASE = timedelta(minutes=5)  # after that a `compiling` edition belongs to a worker that died


_SEALED_LENGTH = 64  # characters of a seed that was secret while its board was open; before that, seeds had 16


def new_seed() -> str:
    """Return a seed that breaks ties: 256 random bits, so that its SHA-256 can be shown and gives nothing away."""
    return secrets.token_hex(_SEALED_LENGTH // 2)


def new_board_seed() -> str:
    """Return a seed for the order in which a board is shown; it is no secret."""
    return secrets.token_hex(8)


class EditionQuerySet(models.QuerySet["Edition"]):
    """Editions, by what must happen to them."""

    def published(self) -> "EditionQuerySet":
        """The ones that are out, newest first."""
        return self.filter(state=Edition.State.PUBLISHED).order_by("-published_at", "-number")

    def regular(self) -> "EditionQuerySet":
        """The weekly ones. Specials neither rest anyone nor feed the history."""
        return self.filter(special=False)

    def closed(self) -> "EditionQuerySet":
        """Regular ones whose ballots were counted, newest first."""
        return (
            self.regular()
            .filter(state__in=(Edition.State.READY, Edition.State.PUBLISHED))
            .order_by("-closes_at", "-pk")
        )

    def not_held(self) -> "EditionQuerySet":
        """Nothing moves while an edition is held."""
        return self.filter(held_at__isnull=True)

    def due_to_compile(self, at: datetime) -> "EditionQuerySet":
        """Open ones past their closing, and ones whose compiling worker died (lease on the database's clock)."""
        return self.not_held().filter(
            Q(state=Edition.State.OPEN, closes_at__lte=at)
            | Q(state=Edition.State.COMPILING, claimed_at__lt=Now() - COMPILE_LEASE)
        )

    def due_for_share_image(self) -> "EditionQuerySet":
        """Published ones without a picture: it was taken away, because somebody on it changed their mind."""
        return self.filter(state=Edition.State.PUBLISHED, share_image="")

    def due_to_announce(self) -> "EditionQuerySet":
        """Published ones of which the members do not know yet."""
        return self.filter(state=Edition.State.PUBLISHED, announced_at=None)

    def due_to_publish(self, at: datetime) -> "EditionQuerySet":
        """Ready ones whose slot has come and which may go out: approved, or nobody need approve.

        A special edition always waits for a curator, who was promised to see the draft before it goes out.
        """
        nobody_need = Q(community__review=False) | Q(community__unreviewed=Community.Unreviewed.PUBLISH)
        return self.not_held().filter(
            Q(approved_at__isnull=False) | Q(nobody_need, special=False),
            state=Edition.State.READY,
            publishes_at__lte=at,
        )


class Edition(Stateful):
    """One week's list of one community.

    open -> compiling -> ready -> published;  open, ready -> skipped
    Beside the state: `approved_at` (may go out at its slot) and `held_at` (nothing moves while set).
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        COMPILING = "compiling", _("Being compiled")
        READY = "ready", _("Ready")
        PUBLISHED = "published", _("Published")
        SKIPPED = "skipped", _("Skipped")

    MOVES = {
        State.OPEN: {State.COMPILING, State.SKIPPED},
        State.COMPILING: {State.COMPILING, State.READY},
        State.READY: {State.PUBLISHED, State.SKIPPED},
        State.PUBLISHED: set(),
        State.SKIPPED: set(),
    }

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="editions")
    week = models.CharField(max_length=12)  # 2026-W47, a special 2026-W47-2
    special = models.BooleanField(default=False)
    number = models.PositiveIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    seed = models.CharField(max_length=64, default=new_seed)  # breaks ties; secret until the list is out
    board_seed = models.CharField(max_length=16, default=new_board_seed, db_default="")

    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    publishes_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    compiled_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    announced_at = models.DateTimeField(null=True, blank=True)  # members were told that it is out
    updated_at = models.DateTimeField(auto_now=True)

    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    held_at = models.DateTimeField(null=True, blank=True)
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    held_why = models.CharField(max_length=300, blank=True)

    title = models.CharField(max_length=120, blank=True)
    essay = models.TextField(max_length=20_000, blank=True)
    closing = models.TextField(max_length=5_000, blank=True)

    ballots = models.PositiveIntegerField(default=0)  # people who voted, counted at closing
    tally = models.JSONField(default=dict, blank=True)  # what became of all votes: explanation.Totals as JSON
    usual_ballots = models.PositiveIntegerField(default=0)  # the median of the editions before, by which rules go
    method = models.CharField(max_length=10, blank=True)
    list_size = models.PositiveSmallIntegerField(null=True, blank=True)  # of the community when the votes were counted
    method_pinned = models.BooleanField(default=False)  # the community had chosen it itself
    share_image = models.FileField(upload_to="editions/", blank=True)
    share_alt = models.CharField(max_length=1000, blank=True)

    objects = EditionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["community", "week"], name="one_edition_per_week"),
            models.UniqueConstraint(fields=["community", "number"], name="one_edition_per_number"),
            models.CheckConstraint(
                condition=Q(state="published", number__isnull=False) | ~Q(state="published") & Q(number__isnull=True),
                name="numbered_exactly_when_published",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "closes_at"], name="edition_to_compile"),
            models.Index(fields=["state", "publishes_at"], name="edition_to_publish"),
            models.Index(fields=["community", "-published_at"], name="edition_archive"),
            models.Index(
                fields=["published_at"], name="edition_to_announce", condition=Q(state="published", announced_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.community} {self.week}"

    def get_absolute_url(self) -> str:
        """The page of a published edition; before that, the board."""
        if self.number is None:
            return self.community.get_absolute_url()
        return reverse("edition", args=[self.community.slug, self.number])

    @property
    def headline(self) -> str:
        """The title a curator gave it, else a plain one in the community's language."""
        if self.title:
            return self.title
        with translation.override(self.community.language):
            return gettext("#%(hashtag)s recommends") % {"hashtag": self.community.hashtag}

    @property
    def seed_hash(self) -> str:
        """SHA-256 of the seed, in hexadecimal: on the board from the start, so that no other seed can be told later."""
        return hashlib.sha256(self.seed.encode()).hexdigest()

    @property
    def was_sealed(self) -> bool:
        """Whether the seed was secret while the board was open. It was on the board itself, once."""
        return len(self.seed) == _SEALED_LENGTH

    @property
    def is_held(self) -> bool:
        """Nothing moves while set."""
        return self.held_at is not None

    def takes_ballots(self, at: datetime) -> bool:
        """Whether one may nominate and vote now."""
        return self.state == self.State.OPEN and self.opens_at <= at < self.closes_at

    def claim(self) -> None:
        """Take the compiling of this edition. Raises IllegalMove, or Overtaken when another worker was quicker."""
        abandoned = Q(claimed_at__lt=Now() - COMPILE_LEASE)
        self.move(
            self.State.COMPILING,
            only_if=abandoned if self.state == self.State.COMPILING else Q(held_at__isnull=True),
            claimed_at=Now(),
        )

    def hold_still(self) -> None:
        """Within a transaction: nobody closes this edition until it ends, and many may hold it so at once.

        SQLite's IMMEDIATE transactions already stand alone. Refreshes the state from the row.
        """
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM recommendations_edition WHERE id = %s FOR SHARE", [self.pk])
        self.refresh_from_db(fields=["state", "opens_at", "closes_at", "publishes_at"])

    def take_number(self) -> int:
        """Within a transaction: the community's next number, without gaps (the row stays locked until the end)."""
        Community.objects.filter(pk=self.community_id).update(last_number=F("last_number") + 1)
        return Community.objects.values_list("last_number", flat=True).get(pk=self.community_id)
