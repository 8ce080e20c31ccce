"""A list of people on a network itself, which others can follow there all at once: a starter pack on Bluesky."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from recommendations.handles import Network
from recommendations.models.channel import Channel
from recommendations.models.delivery import Delivery
from recommendations.models.edition import Edition
from recommendations.models.profile import Profile
from recommendations.models.state import Stateful

KEEP_LEASE = timedelta(minutes=5)  # longer than keeping a list may take; after it the next one reads what stands
NETWORKS = (Network.BLUESKY.value,)  # those with such lists


class NativeListQuerySet(models.QuerySet["NativeList"]):
    """Lists, by what must happen to them."""

    def due(self, at: datetime) -> "NativeListQuerySet":
        """Those that may not be as they should, and may be tried now; also from a worker that did not come back.

        New ones are made on live channels alone. Whoever wishes to be left out need not wait for us: what may stand
        already is put right on a paused channel too.
        """
        abandoned = Q(state=NativeList.State.KEEPING, claimed_at__lt=Now() - KEEP_LEASE)
        live, paused = Channel.State.LIVE, Channel.State.PAUSED
        return self.filter(
            Q(state=NativeList.State.DUE, due_at__lte=at) | abandoned,
            Q(channel__state=live) | Q(channel__state=paused) & ~Q(members=[]),
        ).order_by("due_at", "pk")

    def standing(self) -> "NativeListQuerySet":
        """Those with an address that people can go to."""
        return self.exclude(remote_url="")

    def naming(self, profile: Profile) -> "NativeListQuerySet":
        """Those that somebody is on, or might be."""
        published = Edition.objects.published().filter(entries__profile=profile)
        return self.filter(
            Q(edition__in=published.order_by()) | Q(edition=None, channel__community__editions__in=published.order_by())
        ).distinct()

    def look_again(self, at: datetime) -> None:
        """Let the next sweep see to these. A worker that is at one of them sees that, and leaves it due."""
        pks = list(self.values_list("pk", flat=True))
        mine = NativeList.objects.filter(pk__in=pks)
        mine.update(changes=models.F("changes") + 1)
        mine.exclude(state=NativeList.State.KEEPING).update(state=NativeList.State.DUE, due_at=at, tries=0)


class NativeList(Stateful):
    """An edition's people, or (without an edition) a community's whole crew, as a list of a channel's account.

    due -> keeping -> kept | due | failed;  keeping -> keeping (its worker did not come back);  kept, failed -> due
    """

    class State(models.TextChoices):
        DUE = "due", _("To be made or changed")
        KEEPING = "keeping", _("Being made or changed")
        KEPT = "kept", _("As it should be")
        FAILED = "failed", _("Refused")

    MOVES = {
        State.DUE: {State.KEEPING},
        State.KEEPING: {State.KEEPING, State.KEPT, State.DUE, State.FAILED},
        State.KEPT: {State.DUE},
        State.FAILED: {State.DUE},
    }

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="native_lists")
    edition = models.ForeignKey(Edition, null=True, blank=True, on_delete=models.CASCADE, related_name="native_lists")
    key = models.CharField(max_length=64)  # its name there: a repeat finds what stands
    state = models.CharField(max_length=10, choices=State.choices, default=State.DUE)
    members = models.JSONField(default=list)  # uris of those who stand on it, or are about to: written before the call
    changes = models.PositiveIntegerField(default=0)  # how often somebody's wishes have changed
    remote_id = models.CharField(max_length=500, blank=True)
    remote_url = models.CharField(max_length=700, blank=True)
    due_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    claims = models.PositiveIntegerField(default=0)  # ever: whoever counted one more has it now
    kept_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=500, blank=True)

    objects = NativeListQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "edition"], name="one_list_per_edition"),
            models.UniqueConstraint(fields=["channel"], condition=Q(edition=None), name="one_list_per_crew"),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="list_to_do", condition=Q(state__in=("due", "keeping"))),
        ]

    def __str__(self) -> str:
        return f"{self.edition or 'the crew'} on {self.channel}"


def without_lists() -> "models.QuerySet[Delivery]":
    """Deliveries of published editions on live channels whose network keeps lists, and which have none yet."""
    made = NativeList.objects.filter(channel=OuterRef("channel"), edition=OuterRef("edition"))
    return Delivery.objects.filter(
        ~Exists(made),
        rehearsal=False,
        channel__network__in=NETWORKS,
        channel__state=Channel.State.LIVE,
        edition__state=Edition.State.PUBLISHED,
    ).order_by("pk")
