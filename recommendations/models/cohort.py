"""With whom somebody came in: from the same server, in the same week."""

from datetime import date, datetime, timedelta

from django.db import models

from recommendations.domains import registrable


class CohortQuerySet(models.QuerySet["Cohort"]):
    """Making and finding cohorts."""

    def of(self, host: str, at: datetime) -> "Cohort":
        """The one of whoever comes from this server (or mail domain) at that time."""
        day = at.date()
        cohort, _new = self.get_or_create(domain=registrable(host)[:253], week=day - timedelta(days=day.weekday()))
        return cohort


class Cohort(models.Model):
    """A domain and a week. Newcomers of one cohort are one circle (circles.py), in whichever community."""

    domain = models.CharField(max_length=253)
    week: "models.DateField[date, date]" = models.DateField()  # its Monday, UTC

    objects = CohortQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["domain", "week"], name="one_cohort_per_domain_and_week")]

    def __str__(self) -> str:
        return f"{self.domain}, week of {self.week:%Y-%m-%d}"
