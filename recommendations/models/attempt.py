"""One call to a network about a post, written down before it is made."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from recommendations.models.delivery import Post


SURELY_NOT = ("later", "refused")  # outcomes after which the network itself says that nothing was made


class AttemptQuerySet(models.QuerySet["Attempt"]):
    """The calls about one post."""

    def empty_looks(self, post: "Post") -> int:
        """How often it was looked for in vain since it was last sent."""
        mine = self.filter(post=post)
        last = mine.filter(kind=Attempt.Kind.SEND).order_by("-pk").values_list("pk", flat=True).first()
        return mine.filter(kind=Attempt.Kind.LOOK, outcome=Attempt.Outcome.ABSENT, pk__gt=last or 0).count()

    def unclear(self, post: "Post", kind: str) -> int:
        """How often in a row, up to now, something on the way answered such calls in the network's place."""
        mine = self.filter(post=post, kind=kind)
        clear = mine.exclude(outcome=Attempt.Outcome.UNCLEAR)
        last = clear.order_by("-pk").values_list("pk", flat=True).first()
        return mine.filter(pk__gt=last or 0).count()

    def may_stand(self) -> "AttemptQuerySet":
        """Those that may have made something, as far as anybody knows."""
        return self.filter(kind=Attempt.Kind.SEND).exclude(outcome__in=SURELY_NOT)

    def was_sent(self, post: "Post", *, before: timedelta | None = None) -> bool:
        """Whether we know of its being sent; `before`: longer ago than that (the database's clock)."""
        sent = self.filter(post=post, kind=Attempt.Kind.SEND)
        return (sent.filter(began_at__lt=Now() - before) if before is not None else sent).exists()


class Attempt(models.Model):
    """What we were about to do, and what came of it. Without an outcome nobody came back to say."""

    class Kind(models.TextChoices):
        SEND = "send", _("Sent")
        LOOK = "look", _("Looked for")

    class Outcome(models.TextChoices):
        NOBODY_SAID = "", _("No answer reached us")
        DONE = "done", _("It stands")
        ABSENT = "absent", _("It was not there")
        LATER = "later", _("Not now")
        UNKNOWN = "unknown", _("The answer got lost")
        REFUSED = "refused", _("Refused")
        UNCLEAR = "unclear", _("Refused, but not by the server itself")

    post = models.ForeignKey("recommendations.Post", on_delete=models.CASCADE, related_name="attempts")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    began_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=7, choices=Outcome.choices, default=Outcome.NOBODY_SAID, blank=True)
    words = models.CharField(max_length=500, blank=True)  # the network's, or ours about it
    notified = models.JSONField(null=True, blank=True)  # ids of the entries it may have notified by a mention

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_outcome_display()}"

    def end(self, outcome: str, why: Exception | None = None) -> None:
        """Write down what came of it."""
        words = str(why)[:500] if why else ""
        type(self).objects.filter(pk=self.pk).update(ended_at=Now(), outcome=outcome, words=words)
