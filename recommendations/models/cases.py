"""What was reported, thing by thing, for those who decide: with all that was said about it and decided before."""

from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import Max, Min, Q, Value, When

from recommendations.models.moderation import Moderation
from recommendations.models.report import Report, ReportQuerySet
from recommendations.models.reported import Thing, load

PER_PAGE = 20


@dataclass
class Case:
    """All reports on one thing, oldest first. `thing` is None once it is gone."""

    ref: str
    thing: Thing | None
    reports: list[Report] = field(default_factory=list)
    decisions: list[Moderation] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Does it wait for a decision?"""
        return any(report.state == Report.State.OPEN for report in self.reports)

    @property
    def community(self) -> object:
        """Where it happened."""
        return self.reports[0].community


def cases(reports: ReportQuerySet, number: str | None) -> tuple[list[Case], Page[Any]]:
    """A page's cases, and the page: those that wait first, then the oldest first. In a handful of queries."""
    waits = models.Case(When(Q(state=Report.State.OPEN), then=Value(1)), default=Value(0))
    things = (
        reports.order_by()
        .values("kind", "target")
        .annotate(waits=Max(waits), since=Min("at"))
        .order_by("-waits", "since", "kind", "target")
    )
    page = Paginator(things, PER_PAGE).get_page(number)
    named = [(row["kind"], row["target"]) for row in page.object_list]
    return _cases(named), page


def _cases(named: list[tuple[str, int]]) -> list[Case]:
    things = load(named)
    found = {f"{kind}-{pk}": Case(f"{kind}-{pk}", things.get(f"{kind}-{pk}")) for kind, pk in named}
    if not found:
        return []
    chosen = Q()
    for kind, pk in named:
        chosen |= Q(kind=kind, target=pk)
    for report in Report.objects.filter(chosen).select_related("reporter", "community"):
        found[report.ref].reports.append(report)
    for decision in Moderation.objects.filter(thing__in=found).select_related("by", "appeal").order_by("at", "pk"):
        found[decision.thing].decisions.append(decision)
    return list(found.values())
