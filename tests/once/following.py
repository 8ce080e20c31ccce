"""Deeds of a reader who follows a whole edition, and of the workers that do it for them, one of whom is killed."""

import os
import signal
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from recommendations import tasks
from recommendations.actions import carry_on
from recommendations.actions.follow import prepare, start
from recommendations.actions.join import found
from recommendations.handles import Handle, Network, parse
from recommendations.models import Community, Edition, Entry, Follow, Following, Profile
from recommendations.models.follow import TURN_LEASE
from recommendations.networks.granting import Granted

POINTS = {
    "before the call": ("begin", "after"),
    "after the call": ("receive", "before"),
    "after the receipt": ("receive", "after"),
}


def publish(slug: str, network: str, people: list[tuple[str, str]]) -> None:
    """An edition of these people, (handle, uri), is out."""
    ada, _ = User.objects.get_or_create(username="ada", display_name="Ada")
    now = timezone.now()
    community = found(by=ada, at=now - timedelta(days=9), name=slug.capitalize(), slug=slug, hashtag=slug)
    edition = community.editions.get()
    Edition.objects.filter(pk=edition.pk).update(state="published", number=1, published_at=now, share_image="none.png")
    Community.objects.filter(pk=community.pk).update(last_number=1)
    for rank, (address, uri) in enumerate(people, 1):
        handle = parse(address, Network(network))
        profile = Profile.objects.create(
            network=network, name=handle.name, host=handle.host, uri=uri, signal="automatic",
            look_again_at=now + timedelta(days=99),
        )  # fmt: skip
        Entry.objects.create(edition=edition, profile=profile, rank=rank)


def begin(slug: str, granted: dict[str, Any], as_list: bool = False) -> None:
    """Grace follows them all."""
    grace, _ = User.objects.get_or_create(username="grace", display_name="Grace")
    edition = Edition.objects.get(community__slug=slug, number=1)
    network = Network(granted["network"])
    following = prepare(
        by=grace,
        community=edition.community,
        edition=edition,
        network=network,
        chosen=set(edition.entries.values_list("profile_id", flat=True)),
        as_list=as_list,
    )
    handle = Handle(network, granted["handle"]["name"], granted["handle"]["host"])
    given = {**granted, "network": network, "handle": handle, "scopes": tuple(granted["scopes"])}
    start(following=following, granted=Granted(**given))


def turn(slug: str, at: str, hosts: list[str]) -> dict[str, Any]:
    """What a tick does for it; then how it stands."""
    settings.FF_OPEN_HOSTS = [*settings.FF_OPEN_HOSTS, *hosts]
    for pk in Following.objects.due(datetime.fromisoformat(at)).filter(community__slug=slug).values_list("pk"):
        tasks.follow_one(*pk, at)
    return told(slug)


def be_killed(slug: str, at: str, hosts: list[str], point: str, number: int) -> None:
    """As `turn`; but the worker is killed (SIGKILL) at a point of the so manieth person it calls for."""
    verb, moment = POINTS[point]
    original, seen = getattr(carry_on, verb), iter(range(1, 1_000))

    def deadly(*arguments: Any) -> Any:
        mine = next(seen) == number
        if mine and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        done = original(*arguments)
        if mine:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    setattr(carry_on, verb, deadly)
    turn(slug, at, hosts)


def be_killed_letting_go(slug: str, at: str, hosts: list[str]) -> None:
    """As `turn`; but the worker is killed when the tokens are given back, before that is written down."""
    from recommendations.networks.bluesky_oauth import BlueskyOAuth
    from recommendations.networks.mastodon_oauth import MastodonOAuth

    for authorizer in (BlueskyOAuth, MastodonOAuth):
        drop = authorizer.drop

        def deadly(self: Any, secret: dict[str, Any], drop: Any = drop) -> None:
            drop(self, secret)
            os.kill(os.getpid(), signal.SIGKILL)

        authorizer.drop = deadly  # type: ignore[method-assign]
    turn(slug, at, hosts)


def age_leases(slug: str) -> None:
    """Time passes for whoever was killed."""
    over = TURN_LEASE + timedelta(seconds=1)
    Following.objects.filter(community__slug=slug).update(claimed_at=F("claimed_at") - over)


def told(slug: str) -> dict[str, Any]:
    """How it stands: {"state", "due_at", "trouble", "secret", "outcomes": {handle: outcome}, "doing"}."""
    following = Following.objects.get(community__slug=slug)
    follows = following.follows.select_related("profile")
    return {
        "state": following.state,
        "due_at": following.due_at.isoformat() if following.due_at else "",
        "trouble": following.trouble,
        "secret": bool(following.sealed_secret),
        "outcomes": {str(each.profile.handle): each.outcome for each in follows if each.state == Follow.State.DONE},
        "words": {str(each.profile.handle): each.words for each in follows if each.words},
        "doing": follows.filter(state=Follow.State.DOING).count(),
    }
