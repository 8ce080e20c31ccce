"""The crew: everybody a community has ever featured and may list today, the newest first.

Pages, downloads and lists on networks ask here. Whether somebody may be shown in one of these is for
`consent.decide`, which the readers below ask.
"""

from dataclasses import dataclass

from recommendations.consent import Purpose, Viewer
from recommendations.handles import Network
from recommendations.models.community import Community
from recommendations.models.edition import Edition
from recommendations.models.entry import Entry, Quote
from recommendations.models.profile import Profile
from recommendations.models.reading import whole


@dataclass(frozen=True)
class Featured:
    """Somebody, and when and why they were featured last."""

    entry: Entry
    quotes: list[Quote]

    @property
    def profile(self) -> Profile:
        """Whom it is about."""
        return self.entry.profile

    @property
    def edition(self) -> Edition:
        """Where they were featured last."""
        return self.entry.edition


def crew(community: Community) -> list[int]:
    """The newest entry of everybody who may be listed, by number, the newest first. One light query."""
    entries = (
        Entry.objects.present()
        .filter(
            edition__community=community,
            edition__state=Edition.State.PUBLISHED,
            profile__in=Profile.objects.listable(community.policy),
        )
        .order_by("-edition__published_at", "rank", "pk")
        .values_list("profile", "pk")
    )
    newest: dict[int, int] = {}
    for profile, entry in entries.iterator():
        newest.setdefault(profile, entry)
    return list(newest.values())


def featured(community: Community, entries: list[int], *, viewer: Viewer, purpose: Purpose) -> list[Featured]:
    """So much of the crew, as this viewer may see it, in the order of `crew`; in two queries."""
    found = whole(Entry.objects.filter(pk__in=entries)).select_related("profile", "edition")
    return [
        Featured(entry, list(entry.quotes.all()))
        for entry in found.order_by("-edition__published_at", "rank", "pk")
        if entry.profile.decision(community.policy, viewer, purpose).allowed_for(viewer)
    ]


def newest_first(community: Community, *, network: Network) -> list[Profile]:
    """The crew's people on one network, whoever was featured last first; in two queries."""
    entries = Entry.objects.filter(pk__in=crew(community), profile__network=network.value)
    ordered = entries.select_related("profile").order_by("-edition__published_at", "rank", "pk")
    return [entry.profile for entry in ordered]
