"""Decide about what was reported: nothing is wrong; hide it, leave them out, warn, suspend or ban who said it.

Whoever decides is never whom it is about; about a community's curators, and the community itself, the server's staff
decides. Every decision is a row of the log, and whom it affects is told why.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from recommendations.actions import Refused
from recommendations.actions.edit_draft import drop
from recommendations.actions.hide import mark
from recommendations.actions.join import send_away
from recommendations.actions.notify import notify
from recommendations.actions.record import record
from recommendations.actions.report import clean_words, goes_to_staff, staff
from recommendations.models import Edition, Entry, Membership, Moderation, Notification, Report
from recommendations.models.moderation import STAFF
from recommendations.models.report import Kind
from recommendations.models.reported import Thing
from recommendations.models.said import spoken_for
from recommendations.models.state import IllegalMove, Overtaken

Deed = Moderation.Kind
DEEDS = (Deed.HIDE, Deed.DROP, Deed.WARN, Deed.SUSPEND, Deed.BAN)
LONGEST = timedelta(days=366)


def dismiss(*, thing: Thing, by: User, words: str = "", at: datetime | None = None) -> Moderation:
    """Nothing is wrong with it. All open reports on it are answered so. Raises Refused."""
    at = at or timezone.now()
    words = clean_words(words)
    role = judge(thing, by)
    with transaction.atomic():
        first = _settle(thing, Report.State.DISMISSED, at)
        return _record(Deed.DISMISS, thing, by, role, first, words, at=at)


def decide(
    *,
    thing: Thing,
    by: User,
    deeds: Collection[str],
    words: str,
    until: datetime | None = None,
    for_fraud: bool = False,
    at: datetime | None = None,
) -> list[Moderation]:
    """Do these `deeds` (of DEEDS) about a thing that was reported; all open reports on it are answered by it.

    `words` are for whom it affects. `until`: for a suspension. `for_fraud`: a ban that takes their votes on the open
    board. Of two who decide at once one is Refused, and nothing is done twice. Raises Refused.
    """
    at = at or timezone.now()
    words = clean_words(words)
    chosen = [deed for deed in DEEDS if deed in deeds]
    if not chosen:
        raise Refused(_("Choose what is to be done."), field="deeds")
    if not words:
        raise Refused(_("Say why: whom it affects reads it."), field="words")
    if Deed.SUSPEND in chosen and (until is None or not at < until <= at + LONGEST):
        raise Refused(_("Until when? A day within the next year, please."), field="until")
    role = judge(thing, by)
    with transaction.atomic():
        first = _settle(thing, Report.State.ACTED, at)
        done = [_do(deed, thing, by, role, first, words, until, for_fraud, at) for deed in chosen]
    return [decision for decision in done if decision is not None]


def unhide(*, thing: Thing, by: User, words: str = "", at: datetime | None = None) -> None:
    """Let it be read again. That it is not hidden is no fault. Raises Refused."""
    at = at or timezone.now()
    words = clean_words(words)
    role = judge(thing, by)
    with transaction.atomic():
        if mark(thing, hidden=False, at=at):
            _record(Deed.UNHIDE, thing, by, role, None, words, at=at)


def judge(thing: Thing, by: User) -> str:
    """The role in which somebody may decide about a thing. Raises Refused."""
    mine = thing.profile is not None and spoken_for(by).filter(pk=thing.profile.pk).exists()
    if mine or thing.author == by:
        raise Refused(_("This is about yourself: somebody else must decide."))
    for_staff = goes_to_staff(thing)
    membership = thing.community.membership_of(by)
    if membership and membership.is_curator and not for_staff:
        return str(membership.role)
    if by.is_staff and for_staff and membership and membership.is_curator and set(staff()) - {by.pk}:
        raise Refused(_("This is about yourself: somebody else must decide."))
    if by.is_staff and by.is_active:
        return STAFF
    if for_staff:
        raise Refused(_("This is about the community or one of its curators: the server's staff decides."))
    raise Refused(_("Only curators of this community may do that."))


def _settle(thing: Thing, state: str, at: datetime) -> Report:
    """Within a transaction: answer all open reports on it at once; the first of them. Raises Refused."""
    waiting = Report.objects.open().on(thing.kind, thing.row.pk)
    reports = list(waiting.select_for_update())
    settled = Report.objects.open().filter(pk__in=[each.pk for each in reports])
    if not settled.update(state=state, decided_at=at):
        raise Refused(_("Somebody was quicker: this has been decided."))
    for each in reports:
        if each.reporter_id is not None:
            notify(
                user=each.reporter_id,
                kind=Notification.Kind.DECISION,
                key=f"reported:{each.pk}",
                community=thing.community,
                link=reverse("decisions"),
                at=at,
            )
    return reports[0]


def _do(
    deed: str,
    thing: Thing,
    by: User,
    role: str,
    report: Report,
    words: str,
    until: datetime | None,
    for_fraud: bool,
    at: datetime,
) -> Moderation | None:
    """One deed; None when it had been done already, or is logged by its own verb."""
    if deed == Deed.HIDE:
        if thing.kind == Kind.COMMUNITY:
            raise Refused(_("A whole community cannot be hidden."), field="deeds")
        if not mark(thing, hidden=True, at=at):
            return None
    elif deed == Deed.DROP:
        _drop(thing, by, words, at)
        return None
    else:
        affected = _author(thing)
        if deed == Deed.SUSPEND:
            assert until is not None
            _suspend(_member(thing, affected), until)
        elif deed == Deed.BAN:
            return _ban(_member(thing, affected), thing, by, role, report, words, for_fraud, at)
    return _record(deed, thing, by, role, report, words, until=until if deed == Deed.SUSPEND else None, at=at)


def _record(
    kind: str,
    thing: Thing,
    by: User,
    role: str,
    report: Report | None,
    words: str,
    *,
    until: datetime | None = None,
    at: datetime,
) -> Moderation:
    return record(
        kind=kind,
        community=thing.community,
        by=by,
        role=role,
        words=words,
        report=report,
        affected=thing.author if kind in Moderation.TOLD else None,
        thing=thing.ref,
        until=until,
        at=at,
    )


def _drop(thing: Thing, by: User, words: str, at: datetime) -> None:
    """Leave whom it is about out of the draft they stand on."""
    curator = Membership.objects.curators().filter(community=thing.community, user=by).first()
    if curator is None:
        raise Refused(_("Only curators of this community edit its drafts."), field="deeds")
    if thing.profile is None or thing.edition is None or thing.edition.state != Edition.State.READY:
        raise Refused(_("It stands in no draft."), field="deeds")
    entry = Entry.objects.on_the_draft().filter(edition=thing.edition, profile=thing.profile).first()
    if entry is not None:
        entry.edition = thing.edition
        drop(entry=entry, by=curator, reason=words, at=at)


def _suspend(membership: Membership, until: datetime) -> None:
    """Until then they may read. What they have given stays, and counts. A longer suspension is not cut short."""
    if not membership.is_active:
        raise Refused(_("They are no member of this community."), field="deeds")
    if membership.is_curator:
        raise Refused(_("A curator cannot be suspended: warn them, or ban them."), field="deeds")
    shorter = Q(suspended_until=None) | Q(suspended_until__lt=until)
    Membership.objects.filter(shorter, pk=membership.pk).update(suspended_until=until)


def _ban(
    member: Membership,
    thing: Thing,
    by: User,
    role: str,
    report: Report,
    words: str,
    for_fraud: bool,
    at: datetime,
) -> Moderation:
    try:
        return send_away(
            membership=member,
            by=by,
            role=role,
            words=words,
            report=report,
            thing=thing.ref,
            for_fraud=for_fraud,
            at=at,
        )
    except (IllegalMove, Overtaken) as error:
        raise Refused(_("They are banned already."), field="deeds") from error


def _author(thing: Thing) -> User:
    if thing.author is None:
        raise Refused(
            _("There is nobody to warn, suspend or ban for it: nobody said it, or they have left."), field="deeds"
        )
    return thing.author


def _member(thing: Thing, user: User) -> Membership:
    membership = Membership.objects.filter(community=thing.community, user=user).first()
    if membership is None:
        raise Refused(_("They are no member of this community."), field="deeds")
    membership.community = thing.community
    return membership
