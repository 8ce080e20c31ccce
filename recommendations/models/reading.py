"""An edition as a reader sees it: its lines with reasons, and tombstones where somebody does not wish to be shown.

Used by pages, feeds and the API alike, so that consent is asked in one place.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Prefetch
from django.utils.translation import ngettext

from recommendations.consent import Purpose, Viewer
from recommendations.explanation import Explanation, counted_by_older_rules
from recommendations.models.edition import Edition
from recommendations.models.entry import Entry, EntryQuerySet, Quote
from recommendations.models.profile import Profile

_OF_AUTHORS = ("display_name", "username", "is_active", "page")  # their name, and whether they have a page


class Level(StrEnum):
    """How somebody who has as many points as somebody else on the list was told apart from them."""

    SUPPORTERS = "supporters"
    LOTS = "lots"


@dataclass(frozen=True)
class Line:
    """One line. `shown` False: a tombstone, of which only the rank may be told."""

    rank: int
    shown: bool
    entry: Entry
    quotes: list[Quote]
    explanation: Explanation | None  # None: chosen by a curator, there was no vote
    level: Level | None = None  # None: nobody else who is shown has as many points
    # What a card on the board has besides; the one template for both asks for it.
    nomination: None = None
    vote: None = None
    members_only: bool = False

    @property
    def profile(self) -> Profile:
        """Whom it is about."""
        return self.entry.profile


def lines(edition: Edition, *, viewer: Viewer, purpose: Purpose) -> list[Line]:
    """The edition's lines in order, in two queries."""
    policy = edition.community.policy
    entries = [
        (entry, entry.is_present and entry.profile.decision(policy, viewer, purpose).allowed_for(viewer))
        for entry in whole(edition.entries.ranked())
    ]
    level = levels([entry for entry, shown in entries if shown])
    return [
        Line(
            rank=entry.rank,
            shown=shown,
            entry=entry,
            quotes=list(entry.quotes.all()),
            explanation=Explanation.from_json(entry.explanation) if entry.explanation else None,
            level=level.get(entry.pk),
        )
        for entry, shown in entries
    ]


def levels(shown: Collection[Entry]) -> dict[int, Level]:
    """By entry, of those who have as many published points as someone else.

    Nothing for a list from before places went by published points: there equal points tell nothing of the order.
    """
    if any(counted_by_older_rules(entry.explanation) for entry in shown if entry.explanation):
        return {}
    told = {entry.pk: Explanation.from_json(entry.explanation).told() for entry in shown if entry.explanation}
    points = Counter(each.get("points", each["supporters"]) for each in told.values())
    both = Counter(tuple(each.values()) for each in told.values())
    return {
        pk: Level.LOTS if both[tuple(each.values())] > 1 else Level.SUPPORTERS
        for pk, each in told.items()
        if points[each.get("points", each["supporters"])] > 1
    }


def recommended_by(why: Explanation | None) -> str:
    """What stands beside someone for whom no reason can be read; nothing where nobody voted."""
    if why is None or not why.supporters:
        return ""
    told = ngettext("Recommended by %(n)d member", "Recommended by %(n)d members", why.supporters)
    return told % {"n": why.supporters}


def published_about(profile: Profile, *, viewer: Viewer, most: int = 100) -> list[Entry]:
    """The published entries of a profile that this viewer may see, newest first, with edition and quotes."""
    entries = (
        whole(Entry.objects.present())
        .filter(profile=profile, edition__state=Edition.State.PUBLISHED)
        .select_related("profile", "edition__community")
        .order_by("-edition__published_at", "-edition__number")[:most]
    )
    return [
        entry
        for entry in entries
        if profile.decision(entry.edition.community.policy, viewer, Purpose.PAGE).allowed_for(viewer)
    ]


def whole(entries: EntryQuerySet) -> EntryQuerySet:
    """Entries with their profiles, and the quotes nobody objects to with who said it; no more than a page shows."""
    quotes = (
        Quote.objects.readable()
        .knowing_who_is_away()
        .select_related("author")
        .only("entry", "position", "text", *(f"author__{name}" for name in _OF_AUTHORS))
    )
    return entries.select_related("profile").defer("profile__bio").prefetch_related(Prefetch("quotes", quotes))
