"""Read communities and their editions."""

from typing import Annotated, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Path, Router
from ninja.pagination import paginate

from recommendations.api import shapes
from recommendations.api.app import Problem, reader
from recommendations.api.pages import CursorPagination
from recommendations.models import Community, Edition

router = Router(tags=["communities"])

Slug = Annotated[str, Path(pattern=r"^[-a-zA-Z0-9_]{1,40}$")]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("/communities", response={200: list[shapes.CommunityOut], **Problem.read}, auth=reader)
@paginate(CursorPagination, field="pk", page_size=50)
def communities(request: HttpRequest) -> Any:
    """All communities, the oldest first."""
    return Community.objects.all()


@router.get("/communities/{slug}", response={200: shapes.CommunityOut, **Problem.read}, auth=reader)
def community(request: HttpRequest, slug: Slug) -> Any:
    """One community."""
    return get_object_or_404(Community, slug=slug)


@router.get("/communities/{slug}/editions", response={200: list[shapes.EditionOut], **Problem.read}, auth=reader)
@paginate(CursorPagination, field="-number", page_size=20)
def editions(request: HttpRequest, slug: Slug) -> Any:
    """Its published editions, newest first."""
    return (
        Edition.objects.published()
        .select_related("community")
        .filter(community=get_object_or_404(Community, slug=slug))
    )


@router.get("/communities/{slug}/editions/{number}", response={200: shapes.EditionWhole, **Problem.read}, auth=reader)
def edition(request: HttpRequest, slug: Slug, number: Number) -> Any:
    """One edition with its list, as everybody may see it."""
    editions = Edition.objects.published().select_related("community")
    return get_object_or_404(editions, community__slug=slug, number=number)


@router.get(
    "/communities/{slug}/editions/{number}/comments",
    response={200: list[shapes.CommentOut], **Problem.read},
    auth=reader,
)
@paginate(CursorPagination, field="pk", page_size=50)
def comments(request: HttpRequest, slug: Slug, number: Number) -> Any:
    """What its members say of it, the oldest first; without what was taken back."""
    found = edition(request, slug, number)
    return found.comments.filter(deleted_at=None).select_related("author", "edition__community")
