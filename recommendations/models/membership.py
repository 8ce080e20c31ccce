"""Who belongs to a community, in which role, and how they came in."""

import secrets
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.consent import Viewer
from recommendations.models.cohort import Cohort
from recommendations.models.community import Community
from recommendations.models.state import Stateful


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Members, by what they may do."""

    def active(self) -> "MembershipQuerySet":
        """Those who may nominate and vote."""
        return self.filter(state=Membership.State.ACTIVE)

    def curators(self) -> "MembershipQuerySet":
        """Those who may work at the desk."""
        return self.active().filter(role__in=Membership.CURATING)

    def away(self, at: datetime) -> "MembershipQuerySet":
        """Those who are suspended or banned."""
        return self.filter(Q(state=Membership.State.BANNED) | Q(suspended_until__gt=at))


class Membership(Stateful):
    """A person in a community, with a role. Those who left or were banned are kept.

    pending -> active <-> left;  pending, active, left -> banned -> active, left (a ban that is overturned)
    """

    class Role(models.TextChoices):
        MEMBER = "member", _("Member")
        CURATOR = "curator", _("Curator")
        OWNER = "owner", _("Owner")

    class State(models.TextChoices):
        PENDING = "pending", _("Asked to join")
        ACTIVE = "active", _("Member")
        LEFT = "left", _("Left")
        BANNED = "banned", _("Banned")

    MOVES = {
        State.PENDING: {State.ACTIVE, State.LEFT, State.BANNED},
        State.ACTIVE: {State.LEFT, State.BANNED},
        State.LEFT: {State.ACTIVE, State.PENDING, State.BANNED},
        State.BANNED: {State.ACTIVE, State.LEFT},
    }
    CURATING = (Role.CURATOR, Role.OWNER)

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    joined_at = models.DateTimeField(default=timezone.now)  # of the present stay: it decides whose votes count
    agreed_at = models.DateTimeField(null=True, blank=True)  # to the community's values
    cohort = models.ForeignKey(Cohort, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    digest = models.BooleanField(default=False)  # wants each edition by mail
    suspended_until = models.DateTimeField(null=True, blank=True)  # may read until then, and nothing else
    banned_at = models.DateTimeField(null=True, blank=True)  # when a ban ended the present stay; none: they had left
    banned_for_fraud = models.BooleanField(default=False, db_default=False)  # their votes are void, too

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["community", "user"], name="one_membership_per_person")]

    def __str__(self) -> str:
        return f"{self.user} in {self.community}"

    @staticmethod
    def votes_count(opens_at: datetime) -> Q:
        """Return who belongs to a community as far as votes on a board that opened then are concerned.

        A ban while the board is open takes nobody's votes away, unless it was for fraud: else a curator could ban a
        rival's supporters.
        """
        return Q(state=Membership.State.ACTIVE) | Q(banned_at__gte=opens_at, banned_for_fraud=False)

    @property
    def is_active(self) -> bool:
        """May nominate and vote."""
        return self.state == self.State.ACTIVE

    def is_suspended(self, at: datetime) -> bool:
        """May only read, for a while."""
        return self.suspended_until is not None and at < self.suspended_until

    def reads_only_until(self, at: datetime) -> datetime | None:
        """Until when they are suspended; None: they are not."""
        return self.suspended_until if self.is_suspended(at) else None

    @property
    def is_curator(self) -> bool:
        """May work at the desk."""
        return self.is_active and self.role in self.CURATING

    @property
    def is_owner(self) -> bool:
        """May name curators and hand the community over."""
        return self.is_active and self.role == self.Role.OWNER


def new_invitation_code() -> str:
    """An invitation's secret part, unguessable."""
    return secrets.token_urlsafe(16)


class Invitation(models.Model):
    """A link that lets whoever holds it join, in a role, until it is used up or taken back.

    With `invited` it is for one person alone.
    """

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="invitations")
    code = models.CharField(max_length=40, unique=True, default=new_invitation_code)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    uses_left = models.PositiveSmallIntegerField(default=1)
    role = models.CharField(max_length=10, choices=Membership.Role.choices, default=Membership.Role.MEMBER)
    invited = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="invitations"
    )

    def __str__(self) -> str:
        return f"Invitation to {self.community}"


def viewer_of(membership: Membership | None) -> Viewer:
    """As whom somebody reads a community's pages."""
    return Viewer.MEMBER if membership and membership.is_active else Viewer.PUBLIC
