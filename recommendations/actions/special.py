"""Put another edition out first: one whose entries a curator chose, for instance the whole crew."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from recommendations import schedule
from recommendations.actions import Refused
from recommendations.actions.review import must_curate
from recommendations.models import Block, Community, Edition, Entry, Membership, Profile, Quote


def crew(community: Community) -> "list[Profile]":
    """Everybody this community has featured and may list today, by name."""
    return list(
        Profile.objects.listable(community.policy)
        .filter(
            pk__in=Entry.objects.present()
            .filter(edition__community=community, edition__state=Edition.State.PUBLISHED)
            .values("profile")
        )
        .order_by("display_name", "name", "pk")
    )


def make_special(
    *,
    by: Membership,
    people: list[tuple[Profile, str]],
    title: str,
    essay: str = "",
    closing: str = "",
    at: datetime | None = None,
) -> Edition:
    """A ready edition of chosen (profile, reason) pairs, in that order; it is published like any other.

    An empty reason quotes what was last said of them in this community. Raises Refused.
    """
    at = at or timezone.now()
    community = by.community
    if not by.is_curator:
        raise Refused(_("Only curators of this community may do that."))
    if community.archived_at:
        raise Refused(_("This community has ended: nothing new goes out."))
    if not people:
        raise Refused(_("Choose at least one person."), field="people")
    unlisted = {p.pk for p, _ in people} - set(
        Profile.objects.listable(community.policy).filter(pk__in=[p.pk for p, _ in people]).values_list("pk", flat=True)
    )
    if unlisted:
        names = ", ".join(str(p.handle) for p, _ in people if p.pk in unlisted)
        raise Refused(_("Not everybody may be listed: %(names)s.") % {"names": names}, field="people")
    with transaction.atomic():
        Community.objects.select_for_update().get(pk=community.pk)
        week = schedule.window_at(community.week_plan, at).week
        taken = community.editions.filter(week__startswith=f"{week}-").count()
        edition = community.editions.create(
            week=schedule.special_name(week, taken + 2),
            special=True,
            state=Edition.State.READY,
            opens_at=at, closes_at=at, publishes_at=at, compiled_at=at,
            title=title.strip(), essay=essay.strip(), closing=closing.strip(), method="chosen",
        )  # fmt: skip
        must_curate(by, edition)
        for rank, (profile, reason) in enumerate(people, start=1):
            entry = edition.entries.create(profile=profile, rank=rank)
            said = None if reason.strip() else _last_said(profile, community)
            Quote.objects.create(
                entry=entry,
                position=0,
                author=said.author if said else by.user,
                text=(said.text if said else reason.strip())[:500],
                vetoed_at=None if said else _unheard_since(by.user, profile, at),
            )
    return edition


def _unheard_since(author: User, profile: Profile, at: datetime) -> datetime | None:
    """Whom they have blocked says nothing of them, here either."""
    return at if Block.objects.filter(profile=profile, blocked=author).exists() else None


def _last_said(profile: Profile, community: Community) -> Quote | None:
    return (
        Quote.objects.filter(entry__profile=profile, entry__edition__community=community, position=0)
        .readable()
        .order_by("-entry__edition__published_at")
        .first()
    )
