"""End a community that has nobody left but its owner. Its pages stay; no week opens any more."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.actions import Refused
from recommendations.models import Community, Edition, Membership
from recommendations.models.page_version import pages_changed


def archive(*, by: Membership, at: datetime | None = None) -> None:
    """The board is closed, and nobody can join. Twice does no harm. Raises Refused."""
    if not by.is_owner:
        raise Refused(_("Only the owner can end a community."))
    with transaction.atomic():
        community = Community.objects.select_for_update().get(pk=by.community_id)
        if Membership.objects.active().filter(community=community).exclude(pk=by.pk).exists():
            raise Refused(_("You are not alone in it: hand the community over to somebody."))
        if community.editions.filter(state__in=(Edition.State.COMPILING, Edition.State.READY)).exists():
            raise Refused(_("An edition is still on its way: publish or skip it at the desk first."))
        if community.archived_at is None:
            Community.objects.filter(pk=community.pk).update(archived_at=at or timezone.now())
            for edition in community.editions.filter(state=Edition.State.OPEN):
                edition.move(Edition.State.SKIPPED)
            pages_changed(community.slug)
