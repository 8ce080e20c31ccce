"""Found a community, join one, leave it; admit, ban, and give roles."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from recommendations.actions import Refused
from recommendations.actions.open_week import open_week
from recommendations.models import Community, Invitation, Membership, Moderation
from recommendations.models.community import RESERVED_SLUGS

Role, State = Membership.Role, Membership.State


def found(*, by: User, at: datetime | None = None, **fields: Any) -> Community:
    """A new community, its founder as owner, and its first week. Raises Refused."""
    at = at or timezone.now()
    if fields["slug"] in RESERVED_SLUGS:
        raise Refused("That address is taken by the site itself. Choose another.", field="slug")
    community = Community(**fields)
    try:
        community.week_plan.check()
    except ValueError as error:
        raise Refused(str(error), field="closes_weekday") from error
    try:
        with transaction.atomic():
            community.save(force_insert=True)
            community.memberships.create(user=by, role=Role.OWNER, joined_at=at, agreed_at=at)
            open_week(community, at=at)
    except IntegrityError as error:
        raise Refused("There is already a community at that address.", field="slug") from error
    return community


def join(
    *, community: Community, user: User | AnonymousUser, agreed: bool, code: str = "", at: datetime | None = None
) -> Membership:
    """Become a member, or ask to (where a curator approves). Joining twice is no fault. Raises Refused."""
    at = at or timezone.now()
    if isinstance(user, AnonymousUser):
        raise Refused("Sign in to join.")
    if community.values and not agreed:
        raise Refused("Please read the community's values and agree to them first.", field="agreed")
    with transaction.atomic():
        membership = community.memberships.select_for_update().filter(user=user).first()
        if membership and membership.is_active:
            return membership
        if membership and membership.state == State.BANNED:
            raise Refused("You cannot join this community again.")
        state = _way_in(community, code)
        if membership is None:
            membership, _ = community.memberships.get_or_create(
                user=user, defaults={"state": state, "joined_at": at, "agreed_at": at}
            )
        elif membership.state != state:
            # Coming back begins a new stay, so that one cannot sit out a ban on newcomers' votes.
            membership.move(state, role=Role.MEMBER, joined_at=at, agreed_at=at)
    return membership


def _way_in(community: Community, code: str) -> str:
    """The state in which a newcomer begins. Uses up an invitation. Raises Refused."""
    if code:
        invitation = Invitation.objects.select_for_update().filter(community=community, code=code).first()
        if invitation is None or invitation.uses_left == 0:
            raise Refused("That invitation has been used, or taken back. Ask for a new one.")
        invitation.uses_left -= 1
        invitation.save(update_fields=["uses_left"])
        return State.ACTIVE
    if community.joining == Community.Joining.INVITATION:
        raise Refused("This community is by invitation. Ask one of its members for a link.")
    return State.ACTIVE if community.joining == Community.Joining.OPEN else State.PENDING


def leave(*, membership: Membership) -> None:
    """Go. What one said stays; the owner must hand the community over first. Raises Refused."""
    if membership.is_owner:
        raise Refused("You own this community: hand it over to somebody first.")
    membership.move(State.LEFT)


def admit(*, membership: Membership, by: Membership, at: datetime | None = None) -> None:
    """Let in somebody who asked. Raises Refused."""
    _must_curate(by, membership.community)
    if membership.state != State.PENDING:
        raise Refused("They are not waiting to be let in (any more).")
    with transaction.atomic():
        membership.move(State.ACTIVE, joined_at=at or timezone.now())
        _log(by, Moderation.Kind.ADMIT, subject=str(membership.user))


def ban(*, membership: Membership, by: Membership, reason: str) -> None:
    """Send somebody away for good, with a reason that is logged. Raises Refused."""
    _must_curate(by, membership.community)
    if (membership.role != Role.MEMBER and not by.is_owner) or membership.is_owner:
        raise Refused("Curators cannot ban one another; the owner can.")
    if not reason.strip():
        raise Refused("Say why: it is written into the log.", field="reason")
    with transaction.atomic():
        membership.move(State.BANNED, role=Role.MEMBER)
        _log(by, Moderation.Kind.BAN, reason=reason, subject=str(membership.user))


def give_role(*, membership: Membership, role: str, by: Membership) -> None:
    """Make a member a curator, or a curator a member; giving `owner` hands the community over. Raises Refused."""
    if not by.is_owner or by.community_id != membership.community_id:
        raise Refused("Only the owner gives roles.")
    if not membership.is_active:
        raise Refused("They are not a member.")
    if membership.pk == by.pk:
        raise Refused("You own this community: hand it over to somebody else instead.")
    with transaction.atomic():
        if role == Role.OWNER:
            Membership.objects.filter(pk=by.pk).update(role=Role.CURATOR)
        Membership.objects.filter(pk=membership.pk).update(role=role)
        _log(by, Moderation.Kind.ROLE, reason=role, subject=str(membership.user))
    membership.role = role


def invite(*, by: Membership, uses: int = 1) -> Invitation:
    """A link that lets `uses` people in. Raises Refused."""
    _must_curate(by, by.community)
    return Invitation.objects.create(community=by.community, created_by=by.user, uses_left=uses)


def _must_curate(by: Membership, community: Community) -> None:
    if not by.is_curator or by.community_id != community.pk:
        raise Refused("Only curators of this community may do that.")


def _log(by: Membership, kind: str, *, reason: str = "", subject: str = "") -> None:
    Moderation.objects.create(
        community=by.community, by=by.user, role=by.role, kind=kind, reason=reason, subject=subject
    )
