"""Whom a decision affects asks somebody else to look at it again: once."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from recommendations.models.community import Community
from recommendations.models.membership import Membership
from recommendations.models.moderation import STAFF, Moderation
from recommendations.models.report import WORDS_MAX
from recommendations.models.state import Stateful


class AppealQuerySet(models.QuerySet["Appeal"]):
    """Appeals, by who may decide them: never who made the decision, nor whom it is about."""

    def open(self) -> "AppealQuerySet":
        """Those that nobody has decided yet, oldest first."""
        waiting = self.filter(state=Appeal.State.OPEN).order_by("at", "pk")
        return waiting.select_related("decision__community", "decision__by", "decision__affected", "by")

    def for_curator(self, community: Community, user: User) -> "AppealQuerySet":
        """Those that this curator may decide: of another curator's decisions."""
        ours = self.filter(decision__community=community).exclude(decision__role=STAFF)
        return ours.exclude(decision__by=user).exclude(by=user)

    def for_staff(self, user: User) -> "AppealQuerySet":
        """Those of staff's own decisions, and those for which no other curator is left."""
        another = (
            Membership.objects.curators()
            .filter(community=OuterRef("decision__community"))
            .exclude(user=OuterRef("decision__by"))
            .exclude(user=OuterRef("by"))
        )
        return self.filter(Q(decision__role=STAFF) | ~Exists(another)).exclude(decision__by=user).exclude(by=user)


class Appeal(Stateful):
    """open -> upheld | overturned"""

    class State(models.TextChoices):
        OPEN = "open", _("Waiting for an answer")
        UPHELD = "upheld", _("Upheld")
        OVERTURNED = "overturned", _("Overturned")

    MOVES = {State.OPEN: {State.UPHELD, State.OVERTURNED}, State.UPHELD: set(), State.OVERTURNED: set()}

    decision = models.OneToOneField(Moderation, on_delete=models.CASCADE, related_name="appeal")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="appeals"
    )
    words = models.CharField(max_length=WORDS_MAX)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=WORDS_MAX, blank=True)

    objects = AppealQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["at"], name="appeal_undecided", condition=Q(state="open"))]

    def __str__(self) -> str:
        return f"{self.by} about {self.decision}"
