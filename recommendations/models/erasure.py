"""Somebody has asked us to forget them: what is left to be done. The row goes when nothing is."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.models.state import Stateful


class ErasureQuerySet(models.QuerySet["Erasure"]):
    """Erasures, by when they go on."""

    def due(self, at: datetime) -> "ErasureQuerySet":
        """Those to go on with now."""
        return self.filter(due_at__lte=at).order_by("due_at", "pk")


class Erasure(Stateful):
    """asked -> clearing (the account is gone; what was posted on networks is being corrected)

    While it is `asked` nobody can sign in to the account any more. While it is `clearing` this row knows no person:
    only which lines (`entries`) and reasons (`quotes`) must not stand in any post before their last traces go.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("Asked for")
        CLEARING = "clearing", _("Being cleared away")

    MOVES = {State.ASKED: {State.CLEARING}, State.CLEARING: set()}

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="erasure"
    )
    forget_profiles = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    entries = models.JSONField(default=list)
    quotes = models.JSONField(default=list)

    objects = ErasureQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.asked_at:%Y-%m-%d}"
