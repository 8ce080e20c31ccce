"""End a community, and bring it back. Its pages stay; no week opens, and nobody joins or says anything there."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.actions import Refused
from recommendations.actions.open_week import open_week
from recommendations.actions.review import log
from recommendations.models import Community, Edition, Membership, Moderation
from recommendations.models.page_version import pages_changed


def archive(*, by: Membership, with_members: bool = False, at: datetime | None = None) -> None:
    """It is only read from now on. Twice does no harm. Raises Refused.

    Where others belong to it, that must be meant (`with_members`). Whoever owns it goes on to, and can bring it back.
    """
    if not by.is_owner:
        raise Refused(_("Only the owner can end a community."))
    with transaction.atomic():
        community = Community.objects.select_for_update().get(pk=by.community_id)
        others = Membership.objects.active().filter(community=community).exclude(pk=by.pk)
        if not with_members and others.exists():
            raise Refused(_("You are not alone in it: hand the community over to somebody."))
        if community.editions.filter(state__in=(Edition.State.COMPILING, Edition.State.READY)).exists():
            raise Refused(_("An edition is still on its way: publish or skip it at the desk first."))
        if community.archived_at is None:
            Community.objects.filter(pk=community.pk).update(archived_at=at or timezone.now())
            for edition in community.editions.filter(state=Edition.State.OPEN):
                edition.move(Edition.State.SKIPPED)
            log(by, Moderation.Kind.END)
            pages_changed(community.slug)


def revive(*, by: Membership, at: datetime | None = None) -> None:
    """It goes on: its next week opens. Twice does no harm. Raises Refused."""
    at = at or timezone.now()
    if not by.is_owner:
        raise Refused(_("Only the owner can bring a community back."))
    with transaction.atomic():
        community = Community.objects.select_for_update().get(pk=by.community_id)
        if community.archived_at is not None:
            Community.objects.filter(pk=community.pk).update(archived_at=None)
            community.archived_at = None
            open_week(community, at=at)
            log(by, Moderation.Kind.REVIVE)
            pages_changed(community.slug)
