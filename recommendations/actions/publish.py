"""Publish a ready edition: it takes its number, its list is frozen, and what each channel will post is written down."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from recommendations.actions import Refused
from recommendations.actions.compose import write_posts
from recommendations.actions.edit_draft import close_ranks, part_with_reserve
from recommendations.actions.notify import curators_of, notify_all
from recommendations.actions.review import must_curate
from recommendations.actions.share_image import draw_share_image
from recommendations.consent import listable
from recommendations.models import Channel, Community, Delivery, Edition, Findable, Membership, Notification
from recommendations.models.page_version import pages_changed

State = Edition.State


def publish(*, edition: Edition, by: Membership | None = None, at: datetime | None = None) -> Edition:
    """Out it goes: now, when a curator says so (`by`), else because its slot has come.

    A week with nobody to list is skipped at its slot. Raises Refused. Calls no network.
    """
    at = at or timezone.now()
    if by is not None:
        must_curate(by, edition)
    with transaction.atomic():
        # The community first: one publication at a time, so that numbers follow each other without gaps.
        community = Community.objects.select_for_update().get(pk=edition.community_id)
        edition = Edition.objects.select_for_update().get(pk=edition.pk)
        edition.community = community
        if edition.state != State.READY:
            raise Refused(_("Only a compiled edition can be published, and only once."))
        if edition.is_held:
            raise Refused(_("It is held: %(why)s") % {"why": edition.held_why})
        leave_out_the_unwilling(edition, at)
        part_with_reserve(edition, at)
        if not edition.entries.ranked().exists():
            if by is not None:
                raise Refused(_("There is nobody on the list, so there is nothing to publish."))
            if edition.entries.exists():
                _tell_curators(edition, at)
            return edition.move(State.SKIPPED)
        edition.move(State.PUBLISHED, number=edition.take_number(), published_at=at)
        draw_share_image(edition)
        for channel in community.channels.all():
            delivery = Delivery.objects.create(
                edition=edition, channel=channel, rehearsal=channel.state == Channel.State.REHEARSAL
            )
            write_posts(delivery, at=at, late_at=at + settings.FF_LATE_AFTER)
        Findable.objects.mark("edition", [edition.pk], at)
        Findable.objects.mark("profile", edition.entries.values_list("profile", flat=True), at)
        pages_changed(community.slug)
    return edition


def _tell_curators(edition: Edition, at: datetime) -> None:
    """Of a week that is skipped by itself: everyone on its list has said no since it was compiled, or is gone."""
    community = edition.community
    notify_all(
        users=curators_of(community),
        kind=Notification.Kind.CURATOR,
        key=f"empty:{edition.pk}",
        community=community,
        about=edition.week,
        link=reverse("desk_week", args=[community.slug, edition.week]),
        at=at,
    )


def leave_out_the_unwilling(edition: Edition, at: datetime) -> None:
    """Consent is asked again now: who may not be listed any more leaves the draft, and the reserve moves up."""
    policy = edition.community.policy
    unwilling = [
        entry.pk
        for entry in edition.entries.on_the_draft().select_related("profile")
        if not listable(entry.profile.facts, policy)
    ]
    if unwilling:
        edition.entries.filter(pk__in=unwilling).update(
            dropped_at=at, dropped_why=gettext_noop("They may not be listed.")
        )
        close_ranks(edition)
