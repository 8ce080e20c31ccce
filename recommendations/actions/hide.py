"""Take what was said from everybody's sight, or put it back. Who may, and why, is for `moderate` and `appeal`.

A curator's mark is its own: what whom it is about does not want to be read stays theirs.
"""

from datetime import datetime
from typing import Any

from recommendations.actions.show_anew import show_anew
from recommendations.models import Quote, TakenOff
from recommendations.models.page_version import pages_changed
from recommendations.models.report import Kind
from recommendations.models.reported import Thing


def mark(thing: Thing, *, hidden: bool, at: datetime) -> bool:
    """Within a transaction: hide it, or show it again, wherever it stands; False when it was so already.

    A reason's words are hidden in this community's editions too that quote them; the nomination or vote stays, and
    counts. A line of a list leaves a gap, so that the others keep their numbers.
    """
    when = at if hidden else None
    rows = type(thing.row)._default_manager.filter(pk=thing.row.pk, hidden_at__isnull=hidden)
    if thing.is_reason:
        assert thing.edition is not None
        thing.edition.hold_still()  # what is being compiled has its quotes then, and they are found below
    changed = rows.update(hidden_at=when)
    if thing.is_reason:
        _remember(thing, hidden=hidden)
        quoted = Quote.objects.filter(entry__profile=thing.profile, entry__edition__community=thing.community)
        same = quoted.filter(author=thing.author, text=thing.text, hidden_at__isnull=hidden)
        changed += same.update(hidden_at=when)
    if changed and thing.profile is not None:
        show_anew(thing.profile, at=at)
    pages_changed(thing.community.slug)
    return bool(changed)


def _remember(thing: Thing, *, hidden: bool) -> None:
    """Apart from the row, which its author may delete; a quote stays where it is, with its mark."""
    assert thing.edition is not None
    assert thing.profile is not None
    said: dict[str, Any] = {
        "edition": thing.edition,
        "profile": thing.profile,
        "author": thing.author,
        "text": thing.text,
    }
    if not hidden:
        TakenOff.objects.give_back(**said, by_curator=True)
    elif thing.kind != Kind.QUOTE:
        TakenOff.objects.keep(**said, by_curator=True)
