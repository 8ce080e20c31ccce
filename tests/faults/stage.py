"""An edition of three people, its delivery through one channel, and a clock that is ours to move."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from accounts.models import User
from recommendations import tasks
from recommendations.actions.compile import compile_edition
from recommendations.actions.compose import write_posts
from recommendations.actions.correct import watch_deliveries
from recommendations.actions.join import found, join
from recommendations.actions.nominate import nominate
from recommendations.actions.publish import publish
from recommendations.actions.share_image import draw_share_image, withdraw_share_images
from recommendations.handles import Handle, Network
from recommendations.models import Attempt, Channel, Community, Delivery, Edition, Heartbeat, Post, Profile, Quote
from recommendations.networks.posting import Connected
from tests.faults.worlds import World

# What networks say of times is held against the real clock, so a run begins now.
FOUNDED, NOMINATED, CLOSED = timedelta(hours=2), timedelta(hours=1), timedelta(minutes=10)
NEVER = timedelta(days=36_500)
PEOPLE = ("Rosa", "Emma", "Clara")
LATE_AFTER = timedelta(hours=24)
_ALWAYS = "answers every question before anybody else does, and is kind about it; " * 3


def publish_an_edition() -> Edition:
    """A community's week, lived through once and in haste; posts are written by each run."""
    now = datetime.now(UTC)
    ada, grace = (User.objects.create(username=name.lower(), display_name=name) for name in ("Ada", "Grace"))
    community = found(by=ada, at=now - FOUNDED, name="Tea", slug="tea", hashtag="tea")
    join(community=community, user=grace, agreed=True, at=now - FOUNDED)
    community.mentions = "everyone"
    community.save(update_fields=["mentions"])
    edition = community.editions.select_related("community").get()
    for name in PEOPLE:
        # Nobody asks a network about them: they are as they are kept.
        Profile.objects.create(
            network=Network.MASTODON, name=name.lower(), host="social.example", display_name=name,
            uri=f"https://social.example/users/{name.lower()}", page_url=f"https://social.example/@{name.lower()}",
            signal="automatic", looked_up_at=now, look_again_at=now + NEVER,
        )  # fmt: skip
        handle = Handle(Network.MASTODON, name.lower(), "social.example")
        nominate(by=grace, edition=edition, handle=handle, reason=f"One of us {_ALWAYS}"[:230], at=now - NOMINATED)
    compile_edition(edition=edition, at=now - CLOSED)
    return publish(edition=Edition.objects.select_related("community").get(pk=edition.pk), at=now)


class Stage:
    """One run's delivery on one network, from its publication on."""

    def __init__(self, edition: Edition, world: World) -> None:
        self.edition, self.world = edition, world
        self.at = datetime.now(UTC)
        account = world.connect()
        self.channel = Channel(
            community=Community.objects.get(), network=world.network.value, uri=account.uri,
            name=account.handle.name, host=account.handle.host, page_url=account.page_url,
        )  # fmt: skip
        self.keep(account)

    def keep(self, account: Connected) -> None:
        """The channel as it is after somebody connected it (again)."""
        self.channel.sealed_secret = self.channel.seal_secret(account.secret)
        limits = account.limits
        self.channel.limits = {
            "characters": limits.characters, "bytes": limits.bytes, "url_length": limits.url_length,
            "images": limits.images, "alt_length": limits.alt_length,
        }  # fmt: skip
        self.channel.limits_at = self.at + NEVER
        self.channel.state = Channel.State.LIVE
        self.channel.trouble = ""
        fields = ["sealed_secret", "limits", "limits_at", "state", "trouble"]
        self.channel.save(update_fields=fields if self.channel.pk else None)

    def rewind(self) -> None:
        """To the moment after the edition was published: nothing stands, and everybody agrees."""
        self.at = moment = datetime.now(UTC)
        Delivery.objects.all().delete()
        Profile.objects.update(word="")
        Quote.objects.update(vetoed_at=None)
        self.world.new_run(moment)
        Channel.objects.filter(pk=self.channel.pk).update(
            restored_at=None, away_at=None, doubted_at=None, renewing_at=None
        )
        Heartbeat.objects.filter(name="life").update(at=Now())
        self.keep(self.world.connected)
        edition = Edition.objects.select_related("community").get(pk=self.edition.pk)
        if not edition.share_image:
            draw_share_image(edition)
        with transaction.atomic():
            delivery = Delivery.objects.create(edition=edition, channel=self.channel)
            write_posts(delivery, at=moment, late_at=moment + LATE_AFTER)

    @property
    def delivery(self) -> Delivery:
        """As it is now."""
        return Delivery.objects.select_related("edition__community", "channel").get()

    def posts(self, **which: Any) -> list[Post]:
        """Fresh from the database, as a task loads them."""
        related = ("delivery__channel", "delivery__edition__community", "target")
        return list(Post.objects.filter(**which).select_related(*related))

    def tick(self, run: Callable[[Any, int, datetime], None] = tasks.at_once) -> None:
        """What the scheduler has done each minute."""
        tasks.sweep(at=self.at, run=run)

    def pass_time(self, much: timedelta) -> None:
        """For everybody: the application, the database's leases, and the network."""
        self.at += much
        self.grow_older(much)
        self.world.set_clock(self.at)

    def grow_older(self, much: timedelta) -> None:
        """All that the database has measured on its own clock."""
        Attempt.objects.update(began_at=F("began_at") - much)
        Post.objects.filter(claimed_at__isnull=False).update(claimed_at=F("claimed_at") - much)
        Channel.objects.filter(renewing_at__isnull=False).update(renewing_at=F("renewing_at") - much)
        for name in ("restored_at", "away_at"):
            Channel.objects.filter(**{f"{name}__isnull": False}).update(**{name: F(name) - much})
        Heartbeat.objects.filter(name="life").update(at=F("at") - much)

    def decline(self, name: str) -> None:
        """Somebody says that they want to be left out; as the verb does."""
        profile = Profile.objects.get(name=name.lower())
        Profile.objects.filter(pk=profile.pk).update(word="declined")
        withdraw_share_images(profile)
        watch_deliveries(profile, at=self.at)

    def veto(self, name: str) -> None:
        """Somebody takes back what was said of them; they stay on the list."""
        profile = Profile.objects.get(name=name.lower())
        Quote.objects.filter(entry__profile=profile).update(vetoed_at=self.at)
        watch_deliveries(profile, at=self.at)

    @property
    def unwilling(self) -> list[str]:
        """Who has declined."""
        return list(Profile.objects.filter(word="declined").values_list("display_name", flat=True))

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is waiting, under way or in doubt, nor to be corrected."""
        moving = Post.objects.filter(state__in=("pending", "sending", "unknown")).exists()
        return not moving and not Delivery.objects.to_correct().exists()


@contextlib.contextmanager
def backup() -> Iterator[Callable[[], None]]:
    """A copy of the whole database as it is now; calling it puts the copy back (SQLite)."""
    copy = sqlite3.connect(":memory:")
    connection.ensure_connection()
    connection.connection.backup(copy)
    try:
        yield lambda: copy.backup(connection.connection)
    finally:
        copy.close()
