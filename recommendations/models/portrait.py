"""A community, or a person, as their published weeks show them: who took part, who recommended whom, and when."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q

from accounts.models import User
from recommendations.charts import Map, recommendations_map
from recommendations.consent import Purpose, Viewer
from recommendations.models.community import Community
from recommendations.models.edition import Edition
from recommendations.models.entry import Entry, Quote
from recommendations.models.profile import Profile

EDITIONS = 26  # half a year
ON_THE_MAP = 12  # names on each side
WEEKS = 52


@dataclass(frozen=True)
class Portrait:
    """Who recommends whom. The map's keys are ids of users and of profiles."""

    map: Map
    givers: dict[int, User]
    people: dict[int, Profile]
    pairs: list[tuple[User, Profile, int]]  # the same in words: who, whom, how often


def participation(community: Community) -> list[Edition]:
    """The newest editions that were voted on, the oldest of them first; each knows how many it lists (`listed`)."""
    on_the_list = Q(entries__dropped_at=None, entries__reserve=False, entries__left_at=None, entries__hidden_at=None)
    counted = Edition.objects.published().filter(community=community, special=False)
    newest = counted.annotate(listed=Count("entries", filter=on_the_list)).order_by("-published_at")[:EDITIONS]
    return list(reversed(newest))


def who_recommends_whom(community: Community, *, viewer: Viewer) -> Portrait:
    """By the reasons in the newest editions that this viewer may read; in three queries."""
    newest = Edition.objects.published().filter(community=community).order_by("-published_at")[:EDITIONS]
    quotes = (
        Quote.objects.readable()
        .filter(entry__edition__in=list(newest.values_list("pk", flat=True)), author__isnull=False)
        .filter(entry__in=Entry.objects.present())
        .order_by("-entry__edition__published_at", "entry__rank", "position")
    )
    rows = list(quotes.values_list("author", "entry__profile"))
    people = {
        profile.pk: profile
        for profile in Profile.objects.filter(pk__in={person for _, person in rows}).defer("bio")
        if profile.decision(community.policy, viewer, Purpose.PAGE).allowed_for(viewer)
    }
    pairs = [(giver, person) for giver, person in rows if giver and person in people]
    drawn = recommendations_map(pairs, most=ON_THE_MAP)
    givers = User.objects.in_bulk([name.key for name in drawn.givers])
    shown = {name.key for name in drawn.people}
    words = [
        (givers[giver], people[person], number)
        for (giver, person), number in Counter(pairs).most_common()
        if giver in givers and person in shown
    ]
    return Portrait(drawn, givers, people, words)


def weeks_of(entries: Iterable[Entry], *, now: datetime) -> list[int]:
    """How many of these entries came out in each of the last `WEEKS` weeks, this one last."""
    this_week = _monday(now.date())
    counted = [0] * WEEKS
    for entry in entries:
        if entry.edition.published_at:
            ago = (this_week - _monday(entry.edition.published_at.date())).days // 7
            if 0 <= ago < WEEKS:
                counted[WEEKS - 1 - ago] += 1
    return counted


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
