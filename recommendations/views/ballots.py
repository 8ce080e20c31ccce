"""How an edition was counted, for whoever wants to count again: `ballots.json`."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from recommendations.consent import Purpose, Viewer
from recommendations.explanation import Explanation
from recommendations.models import CastVoteRecord, Edition
from recommendations.models.reading import lines
from recommendations.page_cache import cache_page_for
from recommendations.views.access import edition_or_404


@require_safe
@cache_page_for(3600)
def ballots(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The cast vote record as it was written at closing, and beside it who is on the list today, and what was moved.

    Of an edition of fewer voters than would hide one another there is no record, but only sums.
    """
    edition = edition_or_404(slug, number)
    kept = CastVoteRecord.objects.filter(edition=edition).first()
    beside = {
        "community": slug,
        "number": number,
        "week": edition.week,
        "usual_ballots": edition.usual_ballots,
        "method": edition.method,
        "method_pinned": edition.method_pinned,
        "ballots": edition.ballots,
        "tally": Explanation.from_json(edition.tally).told() if edition.tally else None,
        "list": _list(edition, kept),
        "moves": _moves(edition, kept),
        "sha256": kept.fingerprint if kept else None,
    }
    # The record goes out byte for byte, so that whoever takes its SHA-256 gets this one.
    written = kept.written.decode() if kept else "null"
    body = f'{json.dumps(beside, ensure_ascii=False)[:-1]}, "record": {written}}}'
    response = HttpResponse(body, content_type="application/json")
    response["Cache-Control"] = "no-cache"  # who leaves a list leaves this at once
    return response


def _list(edition: Edition, kept: CastVoteRecord | None) -> list[dict[str, Any]]:
    """Who is on it, as far as they may be seen by everybody; `person`: their number in the record."""
    return [
        {
            "rank": line.rank,
            "computed_rank": line.entry.computed_rank,
            "person": kept.person(line.entry.computed_rank) if kept else None,
            "uri": line.profile.uri if line.shown else None,
            "explanation": line.explanation.told() if line.shown and line.explanation else None,
        }
        for line in lines(edition, viewer=Viewer.PUBLIC, purpose=Purpose.FEED)
    ]


def _moves(edition: Edition, kept: CastVoteRecord | None) -> list[dict[str, Any]]:
    """Where the list is not in the order of the votes: a curator moved somebody, or somebody went.

    `to` null: left out.
    """
    entries = edition.entries.filter(reserve=False, computed_rank__isnull=False).order_by("computed_rank")
    return [
        {
            "person": kept.person(entry.computed_rank) if kept else None,
            "from": entry.computed_rank,
            "to": None if entry.dropped_at else entry.rank,
        }
        for entry in entries
        if entry.dropped_at or entry.rank != entry.computed_rank
    ]
