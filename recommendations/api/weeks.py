"""The desk's verbs, for curators."""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from ninja import Path, Router
from ninja.pagination import paginate

from recommendations import tasks
from recommendations.actions import review
from recommendations.actions.compile import compile_edition
from recommendations.actions.publish import publish
from recommendations.api import shapes
from recommendations.api.app import Problem, curates, curator_of, reads
from recommendations.api.communities import Slug
from recommendations.api.idempotency import CURRENT, idempotent
from recommendations.api.pages import CursorPagination
from recommendations.consent import Purpose, Viewer
from recommendations.models import Delivery, Edition, Membership
from recommendations.models.board import current_edition
from recommendations.models.reading import lines

router = Router(tags=["desk"])

Week = Annotated[str, Path(pattern=r"^(current|[0-9]{4}-W[0-9]{2}(-[0-9]{1,3})?)$")]


class Deed(StrEnum):
    """What can be done to a week."""

    COMPILE = "compile"
    APPROVE = "approve"
    HOLD = "hold"
    UNHOLD = "unhold"
    PUBLISH = "publish"
    SKIP = "skip"


def _publish(edition: Edition, curator: Membership, _why: str) -> None:
    for pk in tasks.first_posts(publish(edition=edition, by=curator)):
        tasks.nudge(tasks.post_one, pk)


_DEEDS: dict[Deed, Callable[[Edition, Membership, str], object]] = {
    Deed.COMPILE: lambda edition, curator, _why: compile_edition(edition=edition, by=curator),
    Deed.APPROVE: lambda edition, curator, _why: review.approve(edition=edition, by=curator),
    Deed.HOLD: lambda edition, curator, why: review.hold(edition=edition, by=curator, why=why),
    Deed.UNHOLD: lambda edition, curator, _why: review.unhold(edition=edition, by=curator),
    Deed.PUBLISH: _publish,
    Deed.SKIP: lambda edition, curator, why: review.skip(edition=edition, by=curator, why=why),
}


@router.get("/communities/{slug}/weeks/{week}", response={200: shapes.WeekOut, **Problem.write}, auth=reads)
def week(request: HttpRequest, slug: Slug, week: Week) -> Any:
    """An edition at work; `current` is the open one."""
    return _whole(_edition(curator_of(request, slug), week))


def _now(request: HttpRequest, slug: str, week: str, **_asked: Any) -> Any:
    return _whole(_edition(curator_of(request, slug), week))


@router.post("/communities/{slug}/weeks/{week}/{deed}", response={200: shapes.WeekOut, **Problem.write}, auth=curates)
@idempotent(again=_now)
def work_on_week(request: HttpRequest, slug: Slug, week: Week, deed: Deed, body: shapes.WhyIn | None = None) -> Any:
    """Do one thing to a week; `hold` and `skip` want to know why. With an Idempotency-Key the week must be named."""
    curator = curator_of(request, slug)
    edition = _edition(curator, week)
    _DEEDS[deed](edition, curator, body.why if body else "")
    return _whole(Edition.objects.select_related("community").get(pk=edition.pk))


@router.get("/communities/{slug}/deliveries", response={200: list[shapes.DeliveryOut], **Problem.write}, auth=reads)
@paginate(CursorPagination, field="-pk", page_size=20)
def deliveries(request: HttpRequest, slug: Slug) -> Any:
    """What went out, or will, and how it stands; newest first."""
    community = curator_of(request, slug).community
    return (
        Delivery.objects.filter(edition__community=community)
        .select_related("edition", "channel")
        .prefetch_related("posts")
    )


def _edition(curator: Membership, week: str) -> Edition:
    found = (
        current_edition(curator.community) if week == CURRENT else curator.community.editions.filter(week=week).first()
    )
    if found is None:
        raise Http404
    found.community = curator.community
    return found


def _whole(edition: Edition) -> dict[str, Any]:
    return shapes.WeekOut.of(edition, lines(edition, viewer=Viewer.MEMBER, purpose=Purpose.PAGE))
