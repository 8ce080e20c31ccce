"""One line of a compiled edition, and the reasons quoted beneath it."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.functional import cached_property

from recommendations.models.edition import Edition
from recommendations.models.membership import Membership
from recommendations.models.profile import Profile
from recommendations.models.report import report_url


class EntryQuerySet(models.QuerySet["Entry"]):
    """Entries, in the order of the list."""

    def ranked(self) -> "EntryQuerySet":
        """The list: what was dropped and the reserve left out, in the curator's order."""
        return self.filter(dropped_at__isnull=True, reserve=False).order_by("rank")

    def present(self) -> "EntryQuerySet":
        """The list without who has left it, or was taken off it."""
        return self.ranked().filter(left_at__isnull=True, hidden_at__isnull=True)

    def on_the_draft(self) -> "EntryQuerySet":
        """The list and the reserve behind it, in order."""
        return self.filter(dropped_at__isnull=True).order_by("rank")

    def left_out(self) -> "EntryQuerySet":
        """Who had a place by the votes and is not on the published list, or not any more; in that order."""
        gone = Q(dropped_at__isnull=False) | Q(hidden_at__isnull=False)
        return self.filter(gone, reserve=False, computed_rank__isnull=False).order_by("computed_rank")


class Entry(models.Model):
    """One line: who, where in the list, and the arithmetic. Frozen once the edition is published.

    `computed_rank` is what the ballots said; `rank` what the curator left it at. `explanation` is
    explanation.Explanation as JSON. A reserve entry moves up when one before it is dropped.
    """

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="entries")
    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="entries")
    rank = models.PositiveSmallIntegerField()
    computed_rank = models.PositiveSmallIntegerField(null=True, blank=True)  # null: chosen by a curator
    score = models.PositiveIntegerField(default=0)  # by `count` half points, by `circles` points
    supporters = models.PositiveIntegerField(default=0)
    explanation = models.JSONField(default=dict)
    reserve = models.BooleanField(default=False)
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_why = models.CharField(max_length=300, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)  # they did not want to stay on this one list
    hidden_at = models.DateTimeField(null=True, blank=True)  # a curator took them off it after it was out

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ["rank"]
        verbose_name_plural = "entries"
        constraints = [models.UniqueConstraint(fields=["edition", "profile"], name="one_entry_per_profile")]
        indexes = [models.Index(fields=["profile", "edition"], name="entry_of_profile")]

    def __str__(self) -> str:
        return f"{self.rank}. {self.profile}"

    @property
    def is_present(self) -> bool:
        """Has it neither been left nor taken off, as far as this list is concerned?"""
        return self.left_at is None and self.hidden_at is None


class QuoteQuerySet(models.QuerySet["Quote"]):
    """Reasons, by who may read them."""

    def readable(self) -> "QuoteQuerySet":
        """Those that nobody objects to."""
        return self.filter(vetoed_at=None, hidden_at=None).exclude(text="")

    def knowing_who_is_away(self) -> "QuoteQuerySet":
        """Each knows whether its author is suspended or banned where it was said (`away`)."""
        return self.annotate(away=_author_is_away())

    def of_who_is_there(self) -> "QuoteQuerySet":
        """Without those whose authors are suspended or banned where they said it."""
        return self.filter(~_author_is_away())


def _author_is_away() -> Exists:
    there = Membership.objects.filter(user=OuterRef("author"), community=OuterRef("entry__edition__community"))
    return Exists(there.away(timezone.now()))


class Quote(models.Model):
    """A reason as it stood at closing: the first leads, the others are seconds."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="quotes")
    position = models.PositiveSmallIntegerField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="quotes"
    )
    text = models.CharField(max_length=500)
    vetoed_at = models.DateTimeField(null=True, blank=True)  # whom it is about does not want it to be read
    hidden_at = models.DateTimeField(null=True, blank=True)  # a curator hid it; the veto stays with whom it is about
    away = True  # unless `knowing_who_is_away` says otherwise

    objects = QuoteQuerySet.as_manager()

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.text

    @property
    def is_readable(self) -> bool:
        """Does nobody object to it?"""
        return self.vetoed_at is None and self.hidden_at is None and self.text != ""

    @cached_property
    def author_url(self) -> str:
        """The page of whoever said it; nothing where they have none, or it does not show this."""
        if self.author is None or self.away or not self.author.has_page:
            return ""
        return self.author.get_absolute_url()

    @property
    def ref(self) -> str:
        """How a report names it."""
        return f"quote-{self.pk}"

    @property
    def report_url(self) -> str:
        """Where one reports it."""
        return report_url(self.ref)
