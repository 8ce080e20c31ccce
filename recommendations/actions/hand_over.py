"""Hand a community over to another of its members. It has one owner at all times."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.actions import Refused
from recommendations.actions.notify import notify
from recommendations.models import Community, Membership, Moderation, Notification

Role = Membership.Role


def hand_over(*, to: Membership, by: Membership, at: datetime | None = None) -> None:
    """They own it from now on, and whoever did stays a curator. Raises Refused.

    Links that make curators end with the office they were given in.
    """
    at = at or timezone.now()
    with transaction.atomic():
        community = Community.objects.select_for_update().get(pk=by.community_id)
        rows = community.memberships.select_for_update(of=("self",)).select_related("user")
        there = {row.pk: row for row in rows.filter(pk__in=(by.pk, to.pk))}
        owner, heir = there.get(by.pk), there.get(to.pk)
        if owner is None or not owner.is_owner:
            raise Refused(_("Only the owner hands a community over."))
        if heir is None or not heir.is_active or not heir.user.is_active:
            raise Refused(_("They are not a member (any more)."), field="to")
        if heir.pk == owner.pk:
            raise Refused(_("It is yours already."), field="to")
        if heir.is_suspended(at):
            raise Refused(_("They are suspended for a while. Wait until then, or lift it."), field="to")
        Membership.objects.filter(pk=owner.pk).update(role=Role.CURATOR)
        Membership.objects.filter(pk=heir.pk).update(role=Role.OWNER)
        community.invitations.exclude(role=Role.MEMBER).update(uses_left=0)
        Moderation.objects.create(
            community=community, by=owner.user, role=Role.OWNER, kind=Moderation.Kind.ROLE, reason=Role.OWNER,
            subject=str(heir.user), affected=heir.user,
        )  # fmt: skip
        notify(
            user=heir.user,
            kind=Notification.Kind.CURATOR,
            key=f"owner:{heir.pk}-{at:%Y%m%d%H%M%S}",
            community=community,
            by=owner.user,
            link=reverse("desk", args=[community.slug]),
            at=at,
        )
    by.role, to.role = Role.CURATOR, Role.OWNER
