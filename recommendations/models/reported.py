"""What reports and decisions are about: reasons, comments, lines of a list, communities; found by their names in forms.

It knows rows and who may read them, and nothing of reports.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model

from accounts.models import User
from recommendations.consent import Purpose, Viewer
from recommendations.models.comment import Comment
from recommendations.models.community import Community
from recommendations.models.edition import Edition
from recommendations.models.entry import Entry, Quote
from recommendations.models.membership import viewer_of
from recommendations.models.nomination import Nomination, Vote
from recommendations.models.profile import Profile
from recommendations.models.report import Kind

_LONGEST = 18  # digits of a row's number, so that no database is asked for more than it can hold
_ON_A_BOARD = (Kind.NOMINATION, Kind.SECOND)
_ROWS: dict[Kind, tuple[type[Model], tuple[str, ...]]] = {
    Kind.NOMINATION: (Nomination, ("edition__community", "profile", "nominator")),
    Kind.SECOND: (Vote, ("nomination__edition__community", "nomination__profile", "voter")),
    Kind.QUOTE: (Quote, ("entry__edition__community", "entry__profile", "author")),
    Kind.COMMENT: (Comment, ("edition__community", "author")),
    Kind.ENTRY: (Entry, ("edition__community", "profile")),
    Kind.COMMUNITY: (Community, ()),
}


@dataclass(frozen=True)
class Thing:
    """One thing. `author` is None for what nobody said, and where they have left; `text` is theirs."""

    kind: Kind
    row: Any
    community: Community
    edition: Edition | None = None
    profile: Profile | None = None  # whom it is about
    author: User | None = None
    text: str = ""

    @property
    def ref(self) -> str:
        """How a form names it."""
        return f"{self.kind}-{self.row.pk}"

    @property
    def is_reason(self) -> bool:
        """Is it what somebody said of a person they recommend?"""
        return self.kind in (*_ON_A_BOARD, Kind.QUOTE)

    @property
    def hidden_at(self) -> datetime | None:
        """Since when a curator has hidden it."""
        at: datetime | None = getattr(self.row, "hidden_at", None)
        return at

    @property
    def link(self) -> str:
        """Where it stands."""
        if self.kind == Kind.COMMENT:
            return str(self.row.get_absolute_url())
        page = (self.edition or self.community).get_absolute_url()
        if self.kind == Kind.NOMINATION:
            return f"{page}#nomination-{self.row.pk}"
        if self.kind == Kind.SECOND:
            return f"{page}#nomination-{self.row.nomination_id}"
        entry = self.row.entry_id if self.kind == Kind.QUOTE else self.row.pk
        return page if self.kind == Kind.COMMUNITY else f"{page}#entry-{entry}"


def parse(ref: str) -> tuple[Kind, int] | None:
    """("quote", 12) of "quote-12"; None for whatever is no such name."""
    name, _, digits = ref.partition("-")
    if name not in set(Kind) or not (digits.isascii() and digits.isdecimal()) or len(digits) > _LONGEST:
        return None
    return Kind(name), int(digits)


def find(ref: str) -> Thing | None:
    """The thing that a form names, whoever asks."""
    named = parse(ref)
    return load([named]).get(ref) if named else None


def load(named: Iterable[tuple[str, int]]) -> dict[str, Thing]:
    """Things by their names; what is gone is left out. One query for each kind that is among them."""
    wanted: dict[Kind, set[int]] = {}
    for kind, pk in named:
        wanted.setdefault(Kind(kind), set()).add(pk)
    found: dict[str, Thing] = {}
    for kind, pks in wanted.items():
        model, joined = _ROWS[kind]
        for row in model._default_manager.select_related(*joined).filter(pk__in=pks):
            thing = _thing(kind, row)
            found[thing.ref] = thing
    return found


def for_reader(ref: str, user: User) -> Thing | None:
    """The thing that a form names, if this reader may read it."""
    thing = find(ref)
    return thing if thing and _is_readable(thing, user) else None


def _thing(kind: Kind, row: Any) -> Thing:
    if kind == Kind.COMMUNITY:
        return Thing(kind, row, row, text=row.description)
    if kind == Kind.SECOND:
        led = row.nomination
        return Thing(kind, row, led.edition.community, led.edition, led.profile, row.voter, row.reason)
    edition = row.entry.edition if kind == Kind.QUOTE else row.edition
    if kind == Kind.COMMENT:
        return Thing(kind, row, edition.community, edition, None, row.author, row.text)
    if kind == Kind.ENTRY:
        return Thing(kind, row, edition.community, edition, row.profile)
    if kind == Kind.NOMINATION:
        return Thing(kind, row, edition.community, edition, row.profile, row.nominator, row.reason)
    return Thing(kind, row, edition.community, edition, row.entry.profile, row.author, row.text)


def _is_readable(thing: Thing, user: User) -> bool:
    """As the pages decide it: nobody learns by a report what they could not read before."""
    if thing.kind == Kind.COMMUNITY:
        return True
    if thing.hidden_at is not None or getattr(thing.row, "vetoed_at", None) is not None:
        return False
    membership = thing.community.membership_of(user)
    viewer = viewer_of(membership)
    assert thing.edition is not None
    if thing.kind == Kind.COMMENT:
        return bool(thing.row.is_standing)
    assert thing.profile is not None
    if thing.kind in _ON_A_BOARD:
        return thing.edition.state == Edition.State.OPEN and _is_on_the_board(thing, user, viewer)
    entry = thing.row.entry if thing.kind == Kind.QUOTE else thing.row
    listed = entry.is_present and entry.dropped_at is None and not entry.reserve
    out = thing.edition.state == Edition.State.PUBLISHED
    worded = thing.kind == Kind.ENTRY or thing.text != ""
    decision = thing.profile.decision(thing.community.policy, viewer, Purpose.PAGE)
    return out and listed and worded and decision.allowed_for(viewer)


def _is_on_the_board(thing: Thing, user: User, viewer: Viewer) -> bool:
    assert thing.profile is not None
    if not thing.profile.decision(thing.community.policy, viewer, Purpose.BOARD).allowed_for(viewer):
        return False
    if thing.kind == Kind.SECOND:
        return Vote.objects.seconds().heard(by=user.pk).filter(pk=thing.row.pk).exists()
    marked = Nomination.objects.heard(by=user.pk).filter(pk=thing.row.pk).first()
    silenced = marked is None or marked.silenced  # type: ignore[attr-defined]
    return not silenced or thing.author == user
