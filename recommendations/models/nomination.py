"""Who was nominated this week, why, and who approves."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from recommendations.models.block import silenced
from recommendations.models.edition import Edition
from recommendations.models.profile import Profile

REASON_MIN, REASON_MAX = 20, 500  # characters, as the person counts them
BALLOT_SIZE = 10


class NominationQuerySet(models.QuerySet["Nomination"]):
    """Nominations, by who may be heard."""

    def heard(self, *, by: int | None = None) -> "NominationQuerySet":
        """Those for which somebody gave a reason whom the nominee has not blocked.

        Each knows whether the one who leads it is blocked (`silenced`). What `by` (a user's id) said or voted for is
        among them all the same: so no one can tell that they are blocked. Where no reason is left only those see it who
        voted for it: to all others a card without a reason would tell that someone voted in secret.
        """
        votes = Vote.objects.filter(nomination=OuterRef("pk"))
        marked = self.annotate(silenced=silenced("profile", "nominator"))
        heard = Q(silenced=False) & ~Q(reason="") | Q(Exists(votes.seconds().heard(by=by)))
        mine = Q(nominator=by) | Q(Exists(votes.filter(voter=by))) if by is not None else Q()
        return marked.filter(heard | mine)


class Nomination(models.Model):
    """One profile in one edition, with the reason of the member who leads it."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="nominations")
    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="nominations")
    nominator = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="nominations"
    )  # null: someone who has left
    begun_by = models.ForeignKey(  # who put it on the board, kept for limits and never shown
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    reason = models.CharField(max_length=REASON_MAX, blank=True)  # "": nobody leads it, and none has been given since
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    vetoed_at = models.DateTimeField(null=True, blank=True)  # see Quote.vetoed_at
    hidden_at = models.DateTimeField(null=True, blank=True)  # see Quote.hidden_at

    objects = NominationQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "profile"], name="one_nomination_per_profile")]

    def __str__(self) -> str:
        return f"{self.profile} in {self.edition}"

    @property
    def is_readable(self) -> bool:
        """Return whether its reason may be read: neither the person it is about nor a curator took it away."""
        return self.vetoed_at is None and self.hidden_at is None


class VoteQuerySet(models.QuerySet["Vote"]):
    """Votes, by whose they are and what they say."""

    def ballot(self, edition: Edition, user: Any) -> "VoteQuerySet":
        """One member's approvals in one edition."""
        return self.filter(nomination__edition=edition, voter=user)

    def seconds(self) -> "VoteQuerySet":
        """Votes that say why, earliest first."""
        return self.exclude(reason="").order_by("created_at", "pk")

    def readable(self) -> "VoteQuerySet":
        """Without reasons that whom they are about, or a curator, does not want to be read."""
        return self.filter(vetoed_at=None, hidden_at=None)

    def heard(self, *, by: int | None = None) -> "VoteQuerySet":
        """Without those of members whom the nominee has blocked; what `by` (a user's id) gave is among them."""
        return self.filter(~silenced("nomination__profile", "voter") | Q(voter=by))


class Vote(models.Model):
    """An approval; with a reason it is a second. The nominator's own carries none: the nomination has it."""

    nomination = models.ForeignKey(Nomination, on_delete=models.CASCADE, related_name="votes")
    voter = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="votes"
    )  # null: somebody who has left
    reason = models.CharField(max_length=REASON_MAX, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    vetoed_at = models.DateTimeField(null=True, blank=True)  # see Quote.vetoed_at
    hidden_at = models.DateTimeField(null=True, blank=True)  # see Quote.hidden_at

    objects = VoteQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["nomination", "voter"], name="one_vote_per_member")]

    def __str__(self) -> str:
        return f"{self.voter} for {self.nomination}"

    @property
    def is_readable(self) -> bool:
        """Return whether its reason may be read, as `Nomination.is_readable`."""
        return self.vetoed_at is None and self.hidden_at is None
