"""What somebody asks a community's curators, or the server's staff, to look at."""

from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from recommendations.models.community import Community
from recommendations.models.membership import Membership
from recommendations.models.state import Stateful

WORDS_MAX = 1000  # characters, as the person counts them
PATIENCE = timedelta(hours=72)  # after it the server's staff looks, too


class Kind(StrEnum):
    """What a report may be about. An entry stands for somebody's being listed at all."""

    NOMINATION = "nomination"
    SECOND = "second"
    QUOTE = "quote"
    COMMENT = "comment"
    ENTRY = "entry"
    COMMUNITY = "community"


@cache
def _page() -> str:
    return reverse("report")


def report_url(ref: str) -> str:
    """Where one reports a thing. It stands beside each reason of a list, so it must cost nothing."""
    return f"{_page()}?what={ref}"


class ReportQuerySet(models.QuerySet["Report"]):
    """Reports, by who looks at them."""

    def open(self) -> "ReportQuerySet":
        """Those that nobody has decided yet."""
        return self.filter(state=Report.State.OPEN)

    def on(self, kind: str, target: int) -> "ReportQuerySet":
        """All reports on one thing."""
        return self.filter(kind=kind, target=target)

    def for_desk(self, community: Community) -> "ReportQuerySet":
        """Those that a community's own curators look at: neither about one of them nor about the community."""
        return self.filter(~_against_a_curator(), community=community).exclude(kind=Kind.COMMUNITY)

    def for_staff(self, at: datetime) -> "ReportQuerySet":
        """Those about a community or its curators, and those that nobody decided in time."""
        late = Q(state=Report.State.OPEN, at__lt=at - PATIENCE)
        return self.filter(Q(kind=Kind.COMMUNITY) | Q(_against_a_curator()) | late)


def _against_a_curator() -> Exists:
    mine = Membership.objects.curators().filter(community=OuterRef("community"), user=OuterRef("against"))
    return Exists(mine)


class Report(Stateful):
    """One person's concern about one thing (`kind` and `target`, the number of its row). See `models.reported`.

    open -> acted | dismissed | withdrawn
    `against` is whoever said it: they are never told who reported it, nor that anybody did.
    """

    class Type(models.TextChoices):
        ADVERT = "advert", _("Spam or advertising")
        UNKIND = "unkind", _("Unkind or harassing")
        UNWILLING = "unwilling", _("Against their will")
        NEGATIVE = "negative", _("It says who not to follow")
        MISTAKEN = "mistaken", _("Not who it seems")
        OTHER = "other", _("Something else")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ACTED = "acted", _("Something was done")
        DISMISSED = "dismissed", _("Nothing was wrong")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    MOVES = {
        State.OPEN: {State.ACTED, State.DISMISSED, State.WITHDRAWN},
        State.ACTED: set(),
        State.DISMISSED: set(),
        State.WITHDRAWN: set(),
    }

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="reports"
    )
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in Kind])
    target = models.BigIntegerField()
    against = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    type = models.CharField(max_length=10, choices=Type.choices)
    words = models.CharField(max_length=WORDS_MAX, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["reporter", "kind", "target"], condition=Q(state="open"), name="one_open_report_each"
            ),
        ]
        indexes = [
            models.Index(fields=["community", "state", "at"], name="reports_of_a_community"),
            models.Index(fields=["kind", "target"], name="reports_on_a_thing"),
            models.Index(fields=["reporter", "at"], name="reports_of_somebody"),
            models.Index(fields=["at"], name="report_undecided", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()}: {self.ref}"

    @property
    def ref(self) -> str:
        """How a form names what it is about."""
        return f"{self.kind}-{self.target}"

    def is_late(self, at: datetime) -> bool:
        """Has nobody decided it in time?"""
        return self.state == self.State.OPEN and self.at < at - PATIENCE


def curates(user: User, community: Community) -> bool:
    """Does somebody work at this community's desk?"""
    return Membership.objects.curators().filter(community=community, user=user).exists()
