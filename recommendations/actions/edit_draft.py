"""Work on a compiled edition before it goes out: its words, its order, who is left out, and why."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from recommendations.actions import Refused
from recommendations.actions.review import log, must_curate
from recommendations.consent import listable
from recommendations.models import Edition, Entry, Membership, Moderation, Nomination, Profile


def rewrite(*, edition: Edition, by: Membership, title: str, essay: str, closing: str) -> None:
    """Title, essay and closing words (Markdown). Raises Refused."""
    must_curate(by, edition)
    with transaction.atomic():
        draft = _locked(edition)
        draft.title, draft.essay, draft.closing = title.strip(), essay.strip(), closing.strip()
        draft.save(update_fields=["title", "essay", "closing", "updated_at"])
    edition.title, edition.essay, edition.closing = draft.title, draft.essay, draft.closing


def reorder(*, edition: Edition, by: Membership, order: list[int], reason: str) -> None:
    """Put the listed entries (all of their ids, in the new order) into another order. Raises Refused."""
    must_curate(by, edition)
    if not reason.strip():
        raise Refused(_("Say why you change the order: it is counted on the edition's page."), field="reason")
    with transaction.atomic():
        _locked(edition)
        entries = {entry.pk: entry for entry in edition.entries.ranked()}
        if sorted(order) != sorted(entries):
            raise Refused(_("The list has changed meanwhile. Look at it again, please."))
        for rank, pk in enumerate(order, start=1):
            entries[pk].rank = rank
        Entry.objects.bulk_update(entries.values(), ["rank"])
        log(by, Moderation.Kind.REORDER, reason, subject=edition.week)


def drop(*, entry: Entry, by: Membership, reason: str, at: datetime | None = None) -> None:
    """Leave somebody out of this edition, with a reason; the next in reserve moves up. Raises Refused."""
    must_curate(by, entry.edition)
    if not reason.strip():
        raise Refused(_("Say why you leave them out: it is written into the log."), field="reason")
    with transaction.atomic():
        edition = _locked(entry.edition)
        changed = Entry.objects.filter(pk=entry.pk, dropped_at__isnull=True).update(
            dropped_at=at or timezone.now(), dropped_why=reason.strip()[:300]
        )
        if changed:
            close_ranks(edition)
            log(by, Moderation.Kind.DROP, reason, subject=edition.week)


def restore(*, entry: Entry, by: Membership) -> None:
    """Take a dropped entry back, where the ballots had put it. Raises Refused, for those who may not be listed too."""
    must_curate(by, entry.edition)
    with transaction.atomic():
        edition = _locked(entry.edition)
        if not _may_be_listed(edition, entry):
            raise Refused(_("They may not be listed."))
        Entry.objects.filter(pk=entry.pk).update(
            dropped_at=None, dropped_why="", reserve=False, rank=entry.computed_rank or entry.rank
        )
        close_ranks(edition, first=entry.pk)
        log(by, Moderation.Kind.RESTORE, subject=edition.week)


def _may_be_listed(edition: Edition, entry: Entry) -> bool:
    """Ask what compiling asks: may they be listed, and is there somebody who speaks for them and whom they hear?

    A curator is not told which of the two it is: a block is known to the person alone.
    """
    profile = Profile.objects.get(pk=entry.profile_id)  # as it is by now
    if not listable(profile.facts, edition.community.policy):
        return False
    return edition.special or Nomination.objects.heard().filter(edition=edition, profile=profile).exists()


def close_ranks(edition: Edition, *, first: int | None = None) -> None:
    """Number the entries 1, 2, 3 ... and let as many of them onto the list as it has places.

    At equal ranks the entry `first` comes before the others.
    """
    size = places_of(edition)
    entries = sorted(edition.entries.on_the_draft(), key=lambda e: (e.reserve, e.rank, e.pk != first))
    for rank, entry in enumerate(entries, start=1):
        entry.rank = rank
        entry.reserve = size is not None and rank > size
    Entry.objects.bulk_update(entries, ["rank", "reserve"])


def part_with_reserve(edition: Edition, at: datetime) -> None:
    """Before a draft goes out: the reserve goes, but for those to whom the votes had given a place.

    They stay as left out, so that who is moved behind the list is told of like who is dropped.
    """
    reserve = edition.entries.filter(reserve=True)
    size = places_of(edition)
    if size is not None:
        placed = reserve.filter(computed_rank__lte=size)
        placed.filter(dropped_at=None).update(dropped_at=at, dropped_why=gettext_noop("Moved behind the list."))
        placed.update(reserve=False)
    reserve.delete()


def places_of(edition: Edition) -> int | None:
    """How many places its list has, whatever the community has set since it was counted; None: as many as chosen."""
    return None if edition.special else edition.list_size or edition.community.list_size


def _locked(edition: Edition) -> Edition:
    """Within a transaction: the edition's row, locked, as long as it is a draft. Raises Refused."""
    draft = Edition.objects.select_for_update().select_related("community").get(pk=edition.pk)
    if draft.state != Edition.State.READY:
        raise Refused(_("Only a compiled edition that is not out yet can be edited."))
    return draft
