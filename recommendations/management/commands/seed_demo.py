"""`manage.py seed_demo`: a community that has been at it for some weeks, all of it invented.

It is lived through with the product's own verbs, week by week, so that nothing in it could not have happened.
"""

import zlib
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import LinkedHandle, User
from recommendations import handles, schedule
from recommendations.actions.compile import compile_edition
from recommendations.actions.edit_draft import rewrite
from recommendations.actions.join import found, join
from recommendations.actions.look_up import fetch_avatar
from recommendations.actions.nominate import nominate
from recommendations.actions.publish import publish
from recommendations.actions.review import approve
from recommendations.actions.vote import approve as vote
from recommendations.handles import Network
from recommendations.management.demo_story import BOARD, COMMUNITY, MEMBERS, NOMINEE, WEEKS, Week
from recommendations.measures import Limits
from recommendations.models import Channel, Community, Edition, Gathering, Membership, Profile

TITLES = ["People who answer", "Letters, ferries, hold music", "What we promise, measured"]
ESSAY = (
    "Seven days of listening, and once more it was the quiet ones who taught us most. Follow them, and tell them who "
    "sent you.\n\nThanks to everybody who gave a *reason*: that is what makes this a list worth reading."
)
BLUESKY_LIMITS = Limits(characters=300, bytes=3000, images=4, alt_length=2000)


class Command(BaseCommand):
    """Seed the demo."""

    help = "Fill the database with the demo's community."

    def add_arguments(self, parser: CommandParser) -> None:
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--if-empty", action="store_true", help="do nothing where there is a community already")
        choice.add_argument("--again", action="store_true", help="remove the demo's community first")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.FF_DEMO:
            raise CommandError("This is no demo. Set FF_DEMO=1 (on this machine only) to make it one.")
        if options["if_empty"] and Community.objects.exists():
            return
        there = Community.objects.filter(slug=COMMUNITY["slug"])
        if there.exists() and not options["again"]:
            raise CommandError("The demo's community is there already. `seed_demo --again` begins it anew.")
        there.delete()
        community = live(timezone.now())
        self.stdout.write(f"The demo is ready: {community}, with {community.last_number} editions and an open board.")


def live(now: datetime) -> Community:
    """Live through the story, so that its board is open at `now`."""
    plan = _plan(now)
    window = schedule.window_at(plan, now)
    windows = [window]
    for _ in WEEKS:
        windows.insert(0, _before(plan, windows[0]))
    people = {username.removeprefix("demo-"): _user(username, name) for username, name in MEMBERS}
    founder = people["curator"]
    start = windows[0].opens_at
    community = found(by=founder, at=start, time_zone="UTC", **COMMUNITY, **_slots(plan))
    Gathering.objects.create(
        community=community, weekday=1, time=datetime(2026, 1, 1, 19, 0).time(), place="#custserv, wherever you are"  # noqa: DTZ001 - wall time
    )  # fmt: skip
    for user in people.values():
        join(community=community, user=user, agreed=True, at=start - timedelta(days=1))
    Membership.objects.filter(community=community).update(joined_at=start - timedelta(days=1))
    Channel.objects.create(
        community=community, network=Network.BLUESKY.value, uri="did:plc:demodemodemodemodemodemo",
        name="custserv.example", page_url="https://bsky.app/profile/custserv.example",
        limits=asdict(BLUESKY_LIMITS), limits_at=now,
    )  # fmt: skip
    curator = community.memberships.get(user=founder)
    for week, then, title in zip(WEEKS, windows, TITLES, strict=False):
        edition = community.editions.get(week=then.week)
        _fill(edition, week, people, then.opens_at + timedelta(hours=30))
        compile_edition(edition=edition, at=then.closes_at)
        rewrite(edition=edition, by=curator, title=title, essay=ESSAY, closing="Who is missing? *Nominate them.*")
        approve(edition=edition, by=curator, at=then.closes_at)
        publish(edition=edition, at=then.publishes_at)
    open_edition = community.editions.get(week=window.week)
    _fill(open_edition, BOARD, people, min(now, window.opens_at + timedelta(hours=1)))
    _prove(*NOMINEE, at=start)
    for profile in Profile.objects.due_for_avatar():
        fetch_avatar(profile=profile)
    community.refresh_from_db()
    return community


def _plan(now: datetime) -> schedule.Week:
    """The usual week; if its board is closed just now, one whose board opened this morning."""
    usual = schedule.Week()
    if schedule.window_at(usual, now).opens_at <= now:
        return usual
    day = now.weekday()
    return schedule.Week(
        opens=schedule.Slot(day, usual.opens.time),
        closes=schedule.Slot((day + 5) % 7, usual.closes.time),
        publishes=schedule.Slot((day + 6) % 7, usual.publishes.time),
    )


def _slots(plan: schedule.Week) -> dict[str, Any]:
    return {
        f"{name}_{part}": getattr(getattr(plan, name), part)
        for name in ("opens", "closes", "publishes")
        for part in ("weekday", "time")
    }


def _before(plan: schedule.Week, window: schedule.Window) -> schedule.Window:
    return schedule.window_at(plan, window.opens_at - timedelta(days=2, hours=8))


def _user(username: str, name: str) -> User:
    user, _ = User.objects.get_or_create(
        username=username, defaults={"display_name": name, "password": make_password(None)}
    )
    return user


def _prove(username: str, name: str, handle: str, *, at: datetime) -> None:
    """Somebody who was recommended has signed in with the account there."""
    there = handles.parse(handle)
    profile = Profile.objects.at(there).get()
    LinkedHandle.objects.update_or_create(
        user=_user(username, name),
        network=there.network.value,
        name=there.name,
        host=there.host,
        defaults={"uri": profile.uri or "", "proven_at": at},
    )


def _fill(edition: Edition, week: Week, people: dict[str, User], at: datetime) -> None:
    """Nominations, seconds, and the votes of about every other member."""
    for number, (handle, who, why, seconds) in enumerate(week):
        outcome = nominate(by=people[who], edition=edition, handle=handles.parse(handle), reason=why, at=at)
        for second, reason in seconds.items():
            vote(by=people[second], nomination=outcome.nomination, reason=reason, at=at)
        for name, user in people.items():
            likes = zlib.crc32(f"{name} {handle}".encode()) % (3 + number % 3) == 0
            if likes and name not in (who, *seconds, "member"):
                vote(by=user, nomination=outcome.nomination, at=at)
