"""The first steps of a new community: take one as it is proposed, or put them all away."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from recommendations.actions import Refused
from recommendations.actions.invite import invite
from recommendations.models import Community, Membership
from recommendations.models.beginning import Step
from recommendations.models.page_version import pages_changed

FIRST_GUESTS = 10  # so many may use the first invitation


def usual_values(language: str) -> str:
    """A short code of conduct to begin with, as Markdown, in the community's language."""
    with translation.override(language):
        return "\n".join(
            f"- {line}"
            for line in (
                _("Recommend people, with a reason."),
                _("Kindly, and never against anybody."),
                _("Whoever does not want to be listed is left in peace."),
            )
        )


def take(*, step: str, by: Membership) -> None:
    """Take a step as it is proposed. Twice does no harm. Raises Refused."""
    _must_curate(by)
    if step not in {each.value for each in Step} - {Step.NOMINATE.value}:
        raise Refused(_("That cannot be done for you."))
    with transaction.atomic():
        community = Community.objects.select_for_update().get(pk=by.community_id)
        if step in community.settled:
            return
        if step == Step.VALUES and not community.values:
            community.values = usual_values(community.language)
        if step == Step.INVITE:
            invite(by=by, uses=FIRST_GUESTS)
        community.settled = [*community.settled, step]
        community.save(update_fields=["values", "settled"])
        pages_changed(community.slug)
    by.community.values, by.community.settled = community.values, community.settled


def put_away(*, by: Membership, at: datetime | None = None) -> None:
    """The desk tells no more of them. Raises Refused."""
    _must_curate(by)
    Community.objects.filter(pk=by.community_id, begun_at=None).update(begun_at=at or timezone.now())


def _must_curate(by: Membership) -> None:
    if not by.is_curator:
        raise Refused(_("Only curators of this community may do that."))
