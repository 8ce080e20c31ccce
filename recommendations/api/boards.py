"""The board: read it, nominate, vote."""

from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Path, Router, Status

from accounts.models import User
from recommendations import handles, tasks
from recommendations.actions import Refused
from recommendations.actions import nominate as nominating
from recommendations.actions import vote as voting
from recommendations.api import shapes
from recommendations.api.app import Problem, TokenRequest, reader, votes
from recommendations.api.communities import Slug
from recommendations.api.idempotency import idempotent
from recommendations.api.problems import problem
from recommendations.models import Community, Nomination
from recommendations.models.board import board_for, current_edition, is_shown

router = Router(tags=["board"])

Pk = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.get("/communities/{slug}/board", response={200: shapes.BoardOut, **Problem.read}, auth=reader)
def board(request: HttpRequest, slug: Slug) -> Any:
    """The open board. With a token, as its owner sees it: in their own order, with their votes."""
    community = get_object_or_404(Community, slug=slug)
    found = board_for(community, community.membership_of(request.user), timezone.now())
    if found.edition is None:
        raise Http404
    edition = found.edition
    times = {name: getattr(edition, name) for name in ("week", "opens_at", "closes_at", "publishes_at", "seed_hash")}
    return times | {
        "open": found.is_open,
        "voters": found.voters,
        "nominations": [shapes.NominationOut.of(card) for card in found.cards],
    }


@router.post(
    "/communities/{slug}/nominations",
    response={201: shapes.NominationDone, 200: shapes.NominationDone, **Problem.write},
    auth=votes,
)
@idempotent()
def nominate(request: TokenRequest, slug: Slug, body: shapes.NominationIn) -> Any:
    """Nominate: 201; 200 when they were on the board already and your reason became a second."""
    community = get_object_or_404(Community, slug=slug)
    try:
        handle = handles.parse(body.handle, body.network)
    except handles.Unreadable as error:
        return problem(422, error.said(_), field="handle")
    edition = current_edition(community)
    if edition is None:
        raise Refused(_("There is no open board just now. Look in again in a minute."))
    outcome = nominating.nominate(by=request.user, edition=edition, handle=handle, reason=body.reason)
    profile = outcome.nomination.profile
    tasks.nudge(tasks.avatar_one, profile.pk)
    said = "was on the board already: your reason seconds them" if outcome.seconded else "is on the board"
    detail = f"{profile.handle} {said}."  # the handle that was sent, and no name: it is kept for a request sent again
    done = shapes.NominationDone(id=outcome.nomination.pk, seconded=outcome.seconded, detail=detail)
    return Status(200 if outcome.seconded else 201, done)


@router.put("/nominations/{pk}/vote", response={200: shapes.Detail, **Problem.write}, auth=votes)
@idempotent()
def vote(request: TokenRequest, pk: Pk, body: shapes.VoteIn | None = None) -> Any:
    """Vote for a nomination, with a reason or without. Doing it again changes the reason only."""
    voting.approve(by=request.user, nomination=_shown(pk, request.user), reason=body.reason if body else "")
    return {"detail": "Your vote is given."}


@router.delete("/nominations/{pk}/vote", response={200: shapes.Detail, **Problem.write}, auth=votes)
@idempotent()
def take_back(request: TokenRequest, pk: Pk) -> Any:
    """Take a vote back. That there was none is no fault."""
    found = _nomination(pk)
    if not found.votes.filter(voter=request.user).exists():  # who is not to be seen any more gives a vote back
        found = _shown(pk, request.user)
    voting.take_back(by=request.user, nomination=found)
    return {"detail": "Your vote is taken back."}


def _shown(pk: int, user: User) -> Nomination:
    found = _nomination(pk)
    if not is_shown(found, user):
        raise Http404
    return found


def _nomination(pk: int) -> Nomination:
    return get_object_or_404(Nomination.objects.select_related("edition__community", "profile"), pk=pk)
