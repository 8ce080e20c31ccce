"""Decisions of curators, written down once and never changed."""

from django.conf import settings
from django.db import models

from recommendations.models.community import Community
from recommendations.models.membership import Membership


class Moderation(models.Model):
    """One logged decision: who (in which role), what, why. Append-only.

    `subject` is for curators' eyes; the public log shows role, kind and reason alone.
    """

    class Kind(models.TextChoices):
        DROP = "drop", "Dropped from a draft"
        REORDER = "reorder", "Moved in a draft"
        HOLD = "hold", "Held an edition"
        UNHOLD = "unhold", "Let an edition go on"
        SKIP = "skip", "Skipped a week"
        BAN = "ban", "Banned a member"
        ADMIT = "admit", "Admitted a member"
        ROLE = "role", "Changed a role"
        CHANNEL = "channel", "Changed a channel"

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="moderations")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    role = models.CharField(max_length=10, choices=Membership.Role.choices)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reason = models.CharField(max_length=500, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.reason}"
