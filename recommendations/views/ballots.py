"""How an edition was counted, for readers who want to check it; and a voter's own ballot."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from recommendations.consent import Purpose, Viewer
from recommendations.explanation import Explanation, Totals
from recommendations.models import CastVoteRecord, Edition, Moderation, Nomination
from recommendations.models.membership import viewer_of
from recommendations.models.reading import lines
from recommendations.page_cache import cache_page_for
from recommendations.views.access import edition_or_404, to_sign_in


@require_safe
@cache_page_for(3600)
def ballots(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """What is published of an edition's votes: for each place how many counted, and the root over all ballots.

    Never a ballot, and nothing that depends on one person's: docs/ranking.md, "What is published".
    """
    edition = edition_or_404(slug, number)
    response = JsonResponse(
        {
            "community": slug,
            "number": number,
            "week": edition.week,
            "usual_ballots": edition.usual_ballots,
            "method": edition.method,
            "method_pinned": edition.method_pinned,
            "ballots": edition.ballots,
            "tally": Totals.from_json(edition.tally).told() if edition.tally else None,
            "ballots_root": _root(edition),
            "seed": edition.seed,
            "seed_sha256": edition.seed_hash if edition.was_sealed else None,
            "list": _list(edition),
            "moves": _moves(edition),
            "decisions": _decisions(edition),
        },
        json_dumps_params={"ensure_ascii": False},
    )
    response["Cache-Control"] = "no-cache"  # who leaves a list leaves this at once
    return response


def _root(edition: Edition) -> str | None:
    """The root over the ballots; None for editions counted before there was one, and for special ones."""
    return CastVoteRecord.objects.filter(edition=edition).values_list("root", flat=True).first() or None


def _list(edition: Edition) -> list[dict[str, Any]]:
    """Who is on it, as far as everyone may see them, and what is published of their votes."""
    return [
        {
            "rank": line.rank,
            "computed_rank": line.entry.computed_rank,
            "uri": line.profile.uri if line.shown else None,
            **(_told(line.explanation) if line.shown and line.explanation else {}),
        }
        for line in lines(edition, viewer=Viewer.PUBLIC, purpose=Purpose.FEED)
    ]


def _told(why: Explanation) -> dict[str, Any]:
    """What is published of a line; `other_lot` where the lot was not drawn by the uri that stands there.

    By which one it was is not told: that would say of two handles that they are one person's.
    """
    return why.told() | ({"other_lot": True} if why.other_lot else {})


def _moves(edition: Edition) -> list[dict[str, Any]]:
    """Where the list is not in the order of the votes: a curator moved someone, or someone went.

    `to` null: left out.
    """
    left_out = set(edition.entries.left_out())
    entries = edition.entries.filter(reserve=False, computed_rank__isnull=False).order_by("computed_rank")
    return [
        {"from": entry.computed_rank, "to": None if entry in left_out else entry.rank}
        for entry in entries
        if entry in left_out or entry.rank != entry.computed_rank
    ]


def _decisions(edition: Edition) -> list[dict[str, Any]]:
    """What curators decided while it was made that may have changed the list; never about whom."""
    return [
        {"at": decision.at.date().isoformat(), "kind": decision.kind, "for_fraud": decision.for_fraud}
        for decision in Moderation.objects.while_made(edition)
    ]


@require_GET
@never_cache
def my_ballot(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The reader's own ballot in a published edition, and how to check that it was counted as it is."""
    edition = edition_or_404(slug, number)
    if not request.user.is_authenticated:
        return to_sign_in(request, request.path)  # type: ignore[return-value]
    receipt = _receipt(edition, request.user.pk)
    viewer = viewer_of(edition.community.membership_of(request.user))
    context = {
        "community": edition.community,
        "edition": edition,
        "receipt": receipt,
        "votes": _votes(edition, receipt, viewer) if receipt else [],
    }
    return render(request, "editions/my_ballot.html", context)


@require_GET
@never_cache
def my_ballot_json(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The same for a program: the ballot, its salt, and its path to the published root. 404 for who did not vote."""
    edition = edition_or_404(slug, number)
    receipt = _receipt(edition, request.user.pk) if request.user.is_authenticated else None
    if receipt is None:
        raise Http404
    return JsonResponse(receipt)


def _receipt(edition: Edition, user: int) -> dict[str, Any] | None:
    kept = CastVoteRecord.objects.filter(edition=edition).first()
    return kept.receipt(user) if kept else None


def _votes(edition: Edition, receipt: dict[str, Any], viewer: Viewer) -> list[dict[str, Any]]:
    """For whom the ballot was, and whether each vote counted; `profile` None: who does not wish to be shown."""
    nominations = Nomination.objects.select_related("profile").in_bulk(receipt["nominations"])
    found = []
    for pk in receipt["nominations"]:
        profile = nominations[pk].profile if pk in nominations else None
        if profile and not profile.decision(edition.community.policy, viewer, Purpose.PAGE).allowed_for(viewer):
            profile = None
        found.append({"number": pk, "profile": profile, "counted": pk in receipt["counted"]})
    return found
