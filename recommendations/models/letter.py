"""Mail that we owe somebody: written down first, sent then, so that it is never lost and seldom doubled."""

import hashlib
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from recommendations.models.edition import Edition
from recommendations.models.state import Stateful

SEND_LEASE = timedelta(minutes=5)  # longer than a mail server may take; then its worker did not come back


def new_key(*parts: object) -> str:
    """The same for the same parts, and telling nothing of them: the left half of a Message-ID."""
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:40]


class LetterQuerySet(models.QuerySet["Letter"]):
    """Letters, by what must happen to them."""

    def due(self, at: datetime) -> "LetterQuerySet":
        """Those to be sent now, or taken from a worker that did not come back (the database's clock)."""
        abandoned = Q(state=Letter.State.SENDING, claimed_at__lt=Now() - SEND_LEASE)
        return self.filter(Q(state=Letter.State.WAITING, due_at__lte=at) | abandoned).order_by("due_at", "pk")


class Letter(Stateful):
    """One mail to one person: of an edition, of one thing alone (`news`), or what happened, as its notifications say.

    waiting -> sending -> sent | waiting (later) | dropped;  sending -> sending (its worker did not come back)
    What it says is made when it is sent: until then somebody may have changed their mind about being named.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        DROPPED = "dropped", _("Not sent")

    MOVES = {
        State.WAITING: {State.SENDING},
        State.SENDING: {State.SENDING, State.SENT, State.WAITING, State.DROPPED},
        State.SENT: set(),
        State.DROPPED: set(),
    }

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="letters")
    edition = models.ForeignKey(Edition, null=True, blank=True, on_delete=models.CASCADE, related_name="letters")
    # One piece of news of its own, and to an address that was proven then (it may have been removed since).
    news = models.ForeignKey(
        "recommendations.Notification", null=True, blank=True, on_delete=models.CASCADE, related_name="letters"
    )
    address = models.EmailField(blank=True, default="", db_default="")
    key = models.CharField(max_length=40, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=500, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="letter_to_send", condition=Q(state__in=("waiting", "sending"))),
        ]

    def __str__(self) -> str:
        return f"{self.edition or 'what happened'} for {self.user}"


class RefusedAddress(models.Model):
    """An address of which its server says that there is nobody: nothing is sent there until its owner says so."""

    address = models.OneToOneField("account.EmailAddress", on_delete=models.CASCADE, related_name="refused")
    why = models.CharField(max_length=500)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.address}: {self.why}"
