"""What a curator decides about an edition as a whole: approve it, hold it, let it go on, skip it."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.actions import Refused
from recommendations.actions.open_week import open_week
from recommendations.models import Edition, Membership, Moderation
from recommendations.models.page_version import pages_changed
from recommendations.models.state import IllegalMove, Overtaken

State, Kind = Edition.State, Moderation.Kind


def approve(*, edition: Edition, by: Membership, at: datetime | None = None) -> None:
    """It may go out at its slot. Raises Refused."""
    must_curate(by, edition)
    _update(edition, State.READY, _("Only a compiled edition can be approved."), approved_at=at or timezone.now(),
            approved_by=by.user)  # fmt: skip


def unapprove(*, edition: Edition, by: Membership) -> None:
    """Take the approval back. Raises Refused."""
    must_curate(by, edition)
    _update(edition, State.READY, _("It is no longer waiting to go out."), approved_at=None, approved_by=None)


@transaction.atomic
def hold(*, edition: Edition, by: Membership, why: str, at: datetime | None = None) -> None:
    """Nothing moves until it is let go on. Raises Refused."""
    must_curate(by, edition)
    if not why.strip():
        raise Refused(_("Say why, for the other curators."), field="why")
    if edition.state not in (State.OPEN, State.READY):
        raise Refused(_("There is nothing left to hold: it is out, or skipped, or just being compiled."))
    if _held(edition).filter(held_why=why.strip()[:300]).exists():
        return  # pressed twice
    _update(edition, edition.state, _("It has just moved on."), held_at=at or timezone.now(), held_by=by.user,
            held_why=why.strip()[:300])  # fmt: skip
    log(by, Kind.HOLD, why)


@transaction.atomic
def unhold(*, edition: Edition, by: Membership) -> None:
    """Let it go on where it stood. Raises Refused."""
    must_curate(by, edition)
    if not _held(edition).exists():
        return  # pressed twice
    _update(edition, edition.state, _("It has just moved on."), held_at=None, held_by=None, held_why="")
    log(by, Kind.UNHOLD)


@transaction.atomic
def skip(*, edition: Edition, by: Membership, why: str, at: datetime | None = None) -> None:
    """No edition this week; the next one opens. Raises Refused."""
    must_curate(by, edition)
    if not why.strip():
        raise Refused(_("Say why, for the people who nominated."), field="why")
    try:
        edition.move(State.SKIPPED)
    except (IllegalMove, Overtaken) as error:
        raise Refused(_("It cannot be skipped any more.")) from error
    log(by, Kind.SKIP, why, subject=edition.week)
    if not edition.special:
        open_week(edition.community, at=at or timezone.now())
    pages_changed(edition.community.slug)


def must_curate(by: Membership, edition: Edition) -> None:
    """Raise Refused unless this is a curator of the edition's own community."""
    if not by.is_curator or by.community_id != edition.community_id:
        raise Refused(_("Only curators of this community may do that."))


def log(by: Membership, kind: str, reason: str = "", *, subject: str = "") -> None:
    """Write a decision down."""
    Moderation.objects.create(
        community=by.community,
        by=by.user,
        role=by.role,
        kind=kind,
        reason=reason.strip()[:500],
        subject=subject,
    )


def _held(edition: Edition) -> QuerySet[Edition]:
    """Within a transaction: the edition, locked, if it is held."""
    return Edition.objects.select_for_update().filter(pk=edition.pk, held_at__isnull=False)


def _update(edition: Edition, state: str, otherwise: str, **fields: object) -> None:
    """Set fields beside the state, as long as the state is what the curator saw. Raises Refused."""
    rows = Edition.objects.filter(pk=edition.pk, state=state)
    if edition.state != state or not rows.update(updated_at=timezone.now(), **fields):
        raise Refused(otherwise)
    for name, value in fields.items():
        setattr(edition, name, value)
