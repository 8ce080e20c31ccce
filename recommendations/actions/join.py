"""Found a community, join one, leave it; admit, ban, and give roles."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.ways_in import came_from
from recommendations.actions import Refused
from recommendations.actions.invite import good_for, take_office, use
from recommendations.actions.notify import curators_of, notify_all
from recommendations.actions.open_week import open_week
from recommendations.actions.record import record
from recommendations.models import (
    Cohort,
    Community,
    Findable,
    Invitation,
    Membership,
    Moderation,
    Notification,
    OnceKey,
    Report,
)
from recommendations.models.community import RESERVED_SLUGS
from recommendations.models.report import WORDS_MAX
from recommendations.models.state import Overtaken
from recommendations.schedule import Unkeepable

Role, State = Membership.Role, Membership.State
_NOT_THE_OWNER = ~Q(role=Role.OWNER)  # as the row says it: somebody may own it since we read it


def found(*, by: User, once: str = "", at: datetime | None = None, **fields: Any) -> Community:
    """A new community, its founder as owner, and its first week. Raises Refused.

    `once`: the key of the form; the same form sent again gives the community it made the first time.
    """
    at = at or timezone.now()
    if fields["slug"] in RESERVED_SLUGS:
        raise Refused(_("That address is taken by the site itself. Choose another."), field="slug")
    community = Community(**fields)
    try:
        community.week_plan.check()
    except Unkeepable as error:
        raise Refused(error.said(_), field="closes_weekday") from error

    def make() -> Community:
        community.save(force_insert=True)
        community.memberships.create(user=by, role=Role.OWNER, joined_at=at, agreed_at=at, cohort=_cohort(by, at))
        open_week(community, at=at)
        Findable.objects.mark("community", [community.pk], at)
        return community

    try:
        with transaction.atomic():
            return OnceKey.objects.only_once(once, by=by.pk, make=make, of=Community)[0]
    except IntegrityError as error:
        raise Refused(_("There is already a community at that address."), field="slug") from error


def join(
    *,
    community: Community,
    user: User | AnonymousUser,
    agreed: bool,
    code: str = "",
    digest: bool = False,
    at: datetime | None = None,
) -> Membership:
    """Become a member, or ask to (where a curator approves); `digest`: with each edition by mail.

    With an invitation to curate (`code`) one becomes a curator, also if one was a member before. Joining twice is no
    fault. Raises Refused.
    """
    at = at or timezone.now()
    if isinstance(user, AnonymousUser):
        raise Refused(_("Sign in to join."))
    if community.archived_at:
        raise Refused(_("This community has ended. Its pages stay, and nobody joins it any more."))
    if community.values and not agreed:
        raise Refused(_("Please read the community's values and agree to them first."), field="agreed")
    with transaction.atomic():
        membership = community.memberships.select_for_update().filter(user=user).first()
        if membership and membership.state == State.BANNED:
            raise Refused(_("You cannot join this community again."))
        invitation = good_for(community, user, code) if code else None
        if membership and membership.is_active:
            if invitation and invitation.role != Role.MEMBER and not membership.is_curator:
                take_office(membership, invitation)
                use(invitation)
            return membership
        state = _way_in(community, code, invitation)
        if membership is None:
            membership, _made = community.memberships.get_or_create(
                user=user,
                defaults={
                    "state": state,
                    "joined_at": at,
                    "agreed_at": at,
                    "digest": digest,
                    "cohort": _cohort(user, at),
                },
            )
        elif membership.state != state:
            # Coming back begins a new stay, so that one cannot sit out a ban on newcomers' votes.
            membership.move(
                state,
                role=Role.MEMBER,
                joined_at=at,
                agreed_at=at,
                digest=digest,
                cohort=_cohort(user, at),
                banned_at=None,
                banned_for_fraud=False,
            )
        if invitation:
            take_office(membership, invitation)
        if membership.state == State.PENDING:
            _tell_curators(membership, at)
    return membership


def _cohort(user: User, at: datetime) -> Cohort | None:
    """With whom they come in, as it stands when they do: moving later changes nothing. None: from nowhere."""
    host = came_from(user)
    return Cohort.objects.of(host, at) if host else None


def _way_in(community: Community, code: str, invitation: Invitation | None) -> str:
    """The state in which a newcomer begins. Uses up an invitation. Raises Refused."""
    if invitation:
        use(invitation)
        return State.ACTIVE
    if code:
        raise Refused(_("That invitation has been used, or taken back. Ask for a new one."))
    if community.joining == Community.Joining.INVITATION:
        raise Refused(_("This community is by invitation. Ask one of its members for a link."))
    return State.ACTIVE if community.joining == Community.Joining.OPEN else State.PENDING


def _tell_curators(membership: Membership, at: datetime) -> None:
    """Somebody waits to be let in: once for each time they ask, and at most once a day."""
    notify_all(
        users=curators_of(membership.community),
        kind=Notification.Kind.MEMBER,
        key=f"asked:{membership.pk}-{membership.joined_at:%Y%m%d}",
        community=membership.community,
        by=membership.user,
        link=reverse("members", args=[membership.community.slug]),
        at=at,
    )


def leave(*, membership: Membership) -> None:
    """Go. What one said stays; the owner must hand the community over first. Raises Refused."""
    if membership.is_owner:
        raise Refused(_("You own this community: hand it over to somebody first."))
    try:
        membership.move(State.LEFT, only_if=_NOT_THE_OWNER)
    except Overtaken as error:
        raise Refused(_("It has just been handed to you, or changed in another way. Look at it again.")) from error


def admit(*, membership: Membership, by: Membership, at: datetime | None = None) -> None:
    """Let in somebody who asked. Raises Refused."""
    _must_curate(by, membership.community)
    if membership.state != State.PENDING:
        raise Refused(_("They are not waiting to be let in (any more)."))
    at = at or timezone.now()
    with transaction.atomic():
        membership.move(State.ACTIVE, joined_at=at, cohort=_cohort(membership.user, at))
        _log(by, Moderation.Kind.ADMIT, affected=membership.user)


def ban(*, membership: Membership, by: Membership, reason: str, for_fraud: bool = False) -> None:
    """Send someone away for good, with a reason that is logged. Raises Refused.

    Their votes on the open board stay, unless the ban is `for_fraud`; the log says which it is.
    """
    _must_curate(by, membership.community)
    if (membership.role != Role.MEMBER and not by.is_owner) or membership.is_owner:
        raise Refused(_("Curators cannot ban one another; the owner can."))
    if not reason.strip():
        raise Refused(_("Say why: it is written into the log."), field="reason")
    send_away(membership=membership, by=by.user, role=by.role, reason=reason, words=reason, for_fraud=for_fraud)


def send_away(
    *,
    membership: Membership,
    by: User,
    role: str,
    reason: str = "",
    words: str,
    report: Report | None = None,
    thing: str = "",
    for_fraud: bool = False,
    at: datetime | None = None,
) -> Moderation:
    """The ban itself, by whoever was found to be allowed to: they are told why, in `words`. `thing`: see Moderation.

    It may be overturned, so all else stays in their row but an office, which is the owner's to give. Where they had
    left before, what their votes are worth stays, too.
    Raises Refused, and IllegalMove or Overtaken for who is banned already.
    """
    if membership.is_owner:
        raise Refused(_("They own this community: it must be handed over first."), field="deeds")
    with transaction.atomic():
        at = at or timezone.now()
        ended = {"banned_at": at} if membership.is_active else {}
        membership.move(State.BANNED, only_if=_NOT_THE_OWNER, role=Role.MEMBER, banned_for_fraud=for_fraud, **ended)
        return record(
            kind=Moderation.Kind.BAN,
            community=membership.community,
            by=by,
            role=role,
            reason=reason,
            words=words[:WORDS_MAX],
            report=report,
            affected=membership.user,
            thing=thing,
            for_fraud=for_fraud,
            at=at,
        )


def give_role(*, membership: Membership, role: str, by: Membership) -> None:
    """Make a member a curator, or a curator a member. Raises Refused."""
    if not by.is_owner or by.community_id != membership.community_id:
        raise Refused(_("Only the owner gives roles."))
    if not membership.is_active:
        raise Refused(_("They are not a member."))
    if membership.pk == by.pk:
        raise Refused(_("You own this community: hand it over to somebody else instead."))
    if role not in (Role.MEMBER, Role.CURATOR):
        raise Refused(_("A community is handed over on a page of its own."))
    with transaction.atomic():
        now = Membership.objects.select_for_update().get(pk=membership.pk)
        if now.is_owner:
            raise Refused(_("They own it now."))
        if now.role != role:
            Membership.objects.filter(pk=membership.pk).update(role=role)
            _log(by, Moderation.Kind.ROLE, reason=role, affected=membership.user)
    membership.role = role


def _must_curate(by: Membership, community: Community) -> None:
    if not by.is_curator or by.community_id != community.pk:
        raise Refused(_("Only curators of this community may do that."))


def _log(by: Membership, kind: str, *, affected: User, reason: str = "") -> None:
    Moderation.objects.create(
        community=by.community, by=by.user, role=by.role, kind=kind, reason=reason, subject=str(affected),
        affected=affected,
    )  # fmt: skip
