"""Ask others to look at a decision again, once; and answer that. An overturned decision is undone at once."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from recommendations.actions import Refused
from recommendations.actions.hide import mark
from recommendations.actions.notify import notify, notify_all
from recommendations.actions.report import clean_words, staff
from recommendations.models import Appeal, Membership, Moderation, Notification
from recommendations.models.moderation import STAFF
from recommendations.models.page_version import pages_changed
from recommendations.models.reported import find
from recommendations.models.state import IllegalMove, Overtaken

Kind, State = Moderation.Kind, Appeal.State


def appeal(*, decision: Moderation, by: User, words: str, at: datetime | None = None) -> Appeal:
    """Say why it was wrong. It goes to another curator than who decided, else to the server's staff. Raises Refused."""
    at = at or timezone.now()
    words = clean_words(words)
    if decision.affected_id != by.pk or not decision.is_appealable:
        raise Refused(_("Only whom a decision affects can ask to have it looked at again."))
    if not words:
        raise Refused(_("Say why it should be looked at again."), field="words")
    try:
        with transaction.atomic():
            made = Appeal.objects.create(decision=decision, by=by, words=words, at=at)
    except IntegrityError as error:
        before = Appeal.objects.get(decision=decision)
        if (before.by_id, before.words) == (by.pk, words):  # pressed twice
            return before
        raise Refused(_("You have asked for that already: it is looked at once.")) from error
    _tell_judges(made, at)
    return made


def answer_appeal(*, appeal: Appeal, by: User, overturn: bool, words: str, at: datetime | None = None) -> None:
    """Uphold the decision, or overturn it: then what it did is undone. Both sides read `words`. Raises Refused."""
    at = at or timezone.now()
    words = clean_words(words)
    if not words:
        raise Refused(_("Say why: both sides read it."), field="words")
    decision = appeal.decision
    role = _role(appeal, by)
    with transaction.atomic():
        try:
            appeal.move(State.OVERTURNED if overturn else State.UPHELD, decided_by=by, decided_at=at, answer=words)
        except (IllegalMove, Overtaken) as error:
            raise Refused(_("Somebody was quicker: this has been answered.")) from error
        if overturn:
            _undo(decision, at)
        Moderation.objects.create(
            community=decision.community,
            by=by,
            role=role,
            kind=Kind.OVERTURN if overturn else Kind.UPHOLD,
            rule=decision.rule,
            words=words,
            thing=decision.thing,
        )
        _tell_both(appeal, at)
        pages_changed(decision.community.slug)


def _role(appeal: Appeal, by: User) -> str:
    """As whom somebody may answer it. Raises Refused."""
    mine = Membership.objects.curators().filter(community=appeal.decision.community_id, user=by).first()
    this = Appeal.objects.filter(pk=appeal.pk)
    if mine and this.for_curator(appeal.decision.community, by).exists():
        return mine.role
    if by.is_staff and by.is_active and this.exclude(decision__by=by).exclude(by=by).exists():
        return STAFF
    raise Refused(_("Another curator than who decided answers this, or else the server's staff."))


def _undo(decision: Moderation, at: datetime) -> None:
    """Within a transaction: as if it had not been decided. A warning cannot be unsaid."""
    if decision.kind == Kind.HIDE:
        thing = find(decision.thing)
        if thing is not None:
            mark(thing, hidden=False, at=at)
        return
    members = Membership.objects.filter(community=decision.community_id, user=decision.affected_id)
    if decision.kind == Kind.SUSPEND:
        members.filter(suspended_until=decision.until).update(suspended_until=None)
    elif decision.kind == Kind.BAN:
        member = members.filter(state=Membership.State.BANNED).first()
        if member is not None:
            before = Membership.State.ACTIVE if member.banned_at else Membership.State.LEFT
            member.move(before, banned_at=None, banned_for_fraud=False)


def _tell_judges(made: Appeal, at: datetime) -> None:
    decision = made.decision
    community = decision.community
    but = {decision.by_id, made.by_id}
    curators = Membership.objects.curators().filter(community=community).values_list("user_id", flat=True)
    others = [pk for pk in curators if pk not in but] if decision.role != STAFF else []
    link = reverse("reports", args=[community.slug]) if others else reverse("moderation")
    notify_all(
        users=others or [pk for pk in staff() if pk not in but],
        kind=Notification.Kind.CURATOR,
        key=f"appeal:{made.pk}",
        community=community,
        link=link,
        at=at,
    )


def _tell_both(appeal: Appeal, at: datetime) -> None:
    decision = appeal.decision
    for user, link in (
        (appeal.by_id, f"{reverse('decisions')}#decision-{decision.pk}"),
        (decision.by_id, reverse("log", args=[decision.community.slug])),
    ):
        if user is not None:
            notify(
                user=user,
                kind=Notification.Kind.DECISION,
                key=f"{appeal.state}:{appeal.pk}",
                community=decision.community,
                link=link,
                at=at,
            )
