"""Invite people: by a link for whoever holds it; or one person, by name, to curate. They say yes themselves."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import LinkedHandle, User
from recommendations import handles
from recommendations.actions import Refused
from recommendations.actions.notify import notify
from recommendations.markup import clean_line
from recommendations.models import Community, Invitation, Membership, Moderation, Notification, OnceKey

Role, State = Membership.Role, Membership.State
NAME_MAX = 300


def invite(*, by: Membership, uses: int = 1, role: str = Role.MEMBER, once: str = "") -> Invitation:
    """A link that lets `uses` people in; one that makes curators is the owner's to give. Raises Refused.

    `once`: the key of the form; the same form sent again gives the link it made the first time.
    """
    _may_invite(by, role)

    def make() -> Invitation:
        return Invitation.objects.create(community=by.community, created_by=by.user, uses_left=uses, role=role)

    with transaction.atomic():
        return OnceKey.objects.only_once(once, by=by.user_id, make=make, of=Invitation)[0]


def ask_to_curate(*, by: Membership, name: str, at: datetime | None = None) -> Invitation:
    """Ask one person, by user name or proven handle; they hear of it. Asking twice is asking once. Raises Refused."""
    at = at or timezone.now()
    _may_invite(by, Role.CURATOR)
    user = _who(name)
    membership = by.community.memberships.filter(user=user).first()
    if membership and membership.is_curator:
        raise Refused(_("They curate it already."), field="name")
    if membership and membership.state == State.BANNED:
        raise Refused(_("They were sent away from this community. Lift that first."), field="name")
    with transaction.atomic():
        Community.objects.select_for_update().get(pk=by.community_id)
        open_ones = by.community.invitations.filter(invited=user, role=Role.CURATOR, uses_left__gt=0)
        invitation = open_ones.first() or Invitation.objects.create(
            community=by.community, created_by=by.user, role=Role.CURATOR, invited=user
        )
        notify(
            user=user,
            kind=Notification.Kind.CURATOR,
            key=f"asked:{invitation.pk}",
            community=by.community,
            by=by.user,
            link=reverse("join_by_invitation", args=[by.community.slug, invitation.code]),
            at=at,
        )
    return invitation


def take_back(*, invitation: Invitation, by: Membership) -> None:
    """Nobody comes in by it any more. Twice does no harm. Raises Refused."""
    if not by.is_curator or by.community_id != invitation.community_id:
        raise Refused(_("Only curators of this community may do that."))
    if invitation.role != Role.MEMBER and not by.is_owner:
        raise Refused(_("Only the owner invites curators."))
    Invitation.objects.filter(pk=invitation.pk).update(uses_left=0)


def good_for(community: Community, user: User, code: str) -> Invitation | None:
    """Within a transaction: the invitation that lets this person in, locked; None if it does not (any more)."""
    found = Invitation.objects.select_for_update(of=("self",)).filter(community=community, code=code, uses_left__gt=0)
    invitation = found.first()
    if invitation is None or invitation.invited_id not in (None, user.pk):
        return None
    return invitation


def use(invitation: Invitation) -> None:
    """Within a transaction: one of its uses is gone."""
    invitation.uses_left -= 1
    invitation.save(update_fields=["uses_left"])


def take_office(membership: Membership, invitation: Invitation) -> None:
    """Within a transaction: whoever joined by it curates, if it says so. It is logged as the inviter's deed."""
    if invitation.role != Role.CURATOR or membership.is_curator:
        return
    Membership.objects.filter(pk=membership.pk).update(role=Role.CURATOR)
    membership.role = Role.CURATOR
    Moderation.objects.create(
        community=membership.community,
        by=invitation.created_by,
        role=Role.OWNER,
        kind=Moderation.Kind.ROLE,
        reason=Role.CURATOR,
        subject=str(membership.user),
        affected=membership.user,
    )


def _may_invite(by: Membership, role: str) -> None:
    if role not in (Role.MEMBER, Role.CURATOR):
        raise Refused(_("Ownership is handed over, not given by a link."))
    if not by.is_curator:
        raise Refused(_("Only curators of this community may do that."))
    if role == Role.CURATOR and not by.is_owner:
        raise Refused(_("Only the owner invites curators."))
    if by.community.archived_at:
        raise Refused(_("This community has ended. Its pages stay, and nobody joins it any more."))


def _who(name: str) -> User:
    """Somebody by their user name, or by a handle they have proven. Raises Refused."""
    text = clean_line(name, NAME_MAX)
    user = User.objects.filter(username__iexact=text.removeprefix("@"), is_active=True).first()
    if user is None:
        try:
            handle = handles.parse(text)
        except handles.Unreadable:
            handle = None
        if handle is not None:
            proven = LinkedHandle.objects.filter(
                network=handle.network.value, name=handle.name, host=handle.host, proven_at__isnull=False
            )
            user = User.objects.filter(is_active=True, linked_handles__in=proven).first()
    if user is None:
        raise Refused(
            _("Nobody here goes by that name. Send them a link instead; it makes them a curator when they join."),
            field="name",
        )
    return user
