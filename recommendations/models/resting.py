"""Who rests after being featured, and until when (the rule is rules.rest_length)."""

from datetime import datetime, timedelta

from accounts.models import LinkedHandle
from recommendations import rules, schedule
from recommendations.models.community import Community
from recommendations.models.edition import Edition
from recommendations.models.entry import Entry
from recommendations.models.nomination import Nomination
from recommendations.models.profile import Profile

POOL = timedelta(weeks=26)


def rest_length(community: Community, at: datetime) -> int:
    """For how many editions a featured profile of this community rests, as things stand at `at`."""
    nominated = Nomination.objects.filter(
        edition__community=community, edition__closes_at__gt=at - POOL, edition__special=False
    )
    pool = Profile.objects.listable(community.policy).filter(pk__in=nominated.values("profile")).count()
    return rules.rest_length(pool, community.list_size, community.rest_weeks)


def resting(edition: Edition) -> dict[int, int]:
    """Profile id -> how many more editions it rests, this one included.

    Featured means: listed in one of the last `rest_length` regular published editions. It is the person who rests,
    so every other profile that they have proven to be theirs rests with the one that was listed.
    """
    length = rest_length(edition.community, edition.opens_at)
    if not length:
        return {}
    last = list(
        edition.community.editions.published().regular().exclude(pk=edition.pk).values_list("pk", flat=True)[:length]
    )
    age = {pk: position for position, pk in enumerate(last)}
    listed = Entry.objects.ranked().filter(edition__in=last).values_list("profile_id", "edition_id")
    remaining: dict[int, int] = {}
    for profile, featured_in in listed:
        remaining[profile] = max(remaining.get(profile, 0), length - age[featured_in])
    return remaining | _of_the_same_people(remaining)


def _of_the_same_people(remaining: dict[int, int]) -> dict[int, int]:
    """The same for all profiles of the proven owners of these, the longest rest of each owner for all of theirs."""
    proven = LinkedHandle.objects.filter(proven_at__isnull=False).exclude(uri="")
    listed = Profile.objects.filter(pk__in=remaining)
    uris = dict(listed.filter(uri__in=proven.values("uri")).values_list("uri", "pk"))
    longest: dict[int, int] = {}  # by owner
    for uri, owner in proven.filter(uri__in=uris).values_list("uri", "user_id"):
        longest[owner] = max(longest.get(owner, 0), remaining[uris[uri]])
    if not longest:
        return {}
    theirs = dict(proven.filter(user__in=longest).values_list("uri", "user_id"))
    profiles = Profile.objects.filter(uri__in=theirs).values_list("pk", "uri")
    return {pk: longest[theirs[uri]] for pk, uri in profiles if uri}


def resting_until(profile: Profile, edition: Edition) -> datetime | None:
    """When the board opens on which a resting profile may stand again; None if it does not rest."""
    editions_left = resting(edition).get(profile.pk)
    if not editions_left:
        return None
    plan = edition.community.week_plan
    window = schedule.window_at(plan, edition.opens_at)
    for _ in range(editions_left):
        window = schedule.following(plan, window)
    return window.opens_at
