"""Communities at a glance, for whoever looks for one: is its board open, and what came out last?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum

from recommendations.models.community import Community
from recommendations.models.edition import Edition

LATELY = timedelta(weeks=8)


@dataclass(frozen=True)
class Glance:
    """A community, the board that takes ballots now or will next, and its newest edition, where there are such."""

    community: Community
    board: Edition | None
    latest: Edition | None
    is_open: bool


def busiest(at: datetime) -> QuerySet[Community]:
    """Those that have not ended; where most ballots were counted lately comes first."""
    lately = Q(editions__state=Edition.State.PUBLISHED, editions__published_at__gt=at - LATELY)
    counted = Community.objects.filter(archived_at=None).annotate(lately=Sum("editions__ballots", filter=lately))
    return counted.order_by(F("lately").desc(nulls_last=True), "name")


def by_name() -> QuerySet[Community]:
    """All of them; those that have ended come last."""
    return Community.objects.order_by(F("archived_at").desc(nulls_first=True), "name")


def at_a_glance(communities: Iterable[Community], at: datetime) -> list[Glance]:
    """These, in their order; in two queries."""
    there = {community.pk: community for community in communities}
    open_ones = Edition.objects.regular().filter(community__in=there, state=Edition.State.OPEN)
    boards: dict[int, Edition] = {}
    for edition in open_ones.order_by("closes_at"):
        boards.setdefault(edition.community_id, edition)
    newest = Edition.objects.published().filter(community=OuterRef("community")).values("pk")[:1]
    out = Edition.objects.published().filter(community__in=there, pk=Subquery(newest))
    latest = {edition.community_id: edition for edition in out.defer("essay", "closing")}
    for edition in (*boards.values(), *latest.values()):
        edition.community = there[edition.community_id]
    return [
        Glance(community, board, latest.get(pk), board is not None and board.takes_ballots(at))
        for pk, community in there.items()
        for board in [boards.get(pk)]
    ]
