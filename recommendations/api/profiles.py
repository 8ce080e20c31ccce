"""Read profiles: what was published about somebody."""

from typing import Annotated, Any

from django.http import Http404, HttpRequest
from ninja import Path, Router, Schema

from recommendations import handles
from recommendations.api import shapes
from recommendations.api.app import Problem, reader
from recommendations.consent import Viewer
from recommendations.handles import Network
from recommendations.models import Profile
from recommendations.models.reading import published_about

router = Router(tags=["profiles"])


class Appearance(Schema):
    """One edition in which somebody was listed."""

    community: str
    edition: shapes.EditionOut
    rank: int
    reasons: list[shapes.ReasonOut]


class ProfileWhole(Schema):
    """A profile with everything published about it."""

    profile: shapes.ProfileOut
    appearances: list[Appearance]


@router.get("/profiles/{network}/{handle}", response={200: ProfileWhole, **Problem.read}, auth=reader)
def profile(request: HttpRequest, network: Network, handle: Annotated[str, Path(max_length=700)]) -> Any:
    """Somebody who was listed, and what was said of them."""
    try:
        found = Profile.objects.at(handles.parse(handle, network)).first()
    except handles.Unreadable as error:
        raise Http404 from error
    entries = published_about(found, viewer=Viewer.PUBLIC) if found else []
    if found is None or not entries:
        raise Http404
    appearances = [
        {
            "community": entry.edition.community.slug,
            "edition": entry.edition,
            "rank": entry.rank,
            "reasons": [shapes.ReasonOut.of(quote.text, quote.author) for quote in entry.quotes.all()],
        }
        for entry in entries
    ]
    return {"profile": found, "appearances": appearances}
