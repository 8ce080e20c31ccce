"""An edition, delivered by the product to a real server, as Bluesky's own AppView shows it to people's apps."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from recommendations import tasks
from recommendations.actions.compile import compile_edition
from recommendations.actions.connect import connect, go_live
from recommendations.actions.look_up import look_again
from recommendations.actions.nominate import nominate
from recommendations.actions.publish import publish
from recommendations.handles import Handle, Network
from recommendations.models import Edition, NativeList, Post, Profile
from tests.atproto import AtprotoNetwork, eventually
from tests.conftest import FRIDAY, MONDAY, THURSDAY
from tests.pds import Account

pytestmark = [pytest.mark.pds, pytest.mark.django_db]

LATER = FRIDAY + timedelta(hours=1)
PEOPLE = {
    "rosa": "Rosa answers before anybody else does, and she is right. 👩🏽‍💻",
    "emile": "Émile a éteint plus d'un feu 🔥 — et toujours avec le sourire.",
    "long": "他总是耐心回答每一个问题，从不让任何人失望，大家都应该关注他。",
    "zahra": "زهرة تكتب عن الكتب بطريقة تجعلك تريد قراءتها كلها الليلة.",
}
MAY_BE_MENTIONED = ("rosa", "zahra")


def introduce(network: AtprotoNetwork, account: Account, name: str, *, bio: str = "") -> None:
    """As somebody fills in their profile in an app."""
    profile = {"$type": "app.bsky.actor.profile", "displayName": name.capitalize(), "description": bio}
    network.put(account, "app.bsky.actor.profile", "self", profile)


@dataclass(frozen=True)
class Story:
    """What was published, where, and about whom."""

    network: AtprotoNetwork
    channel: Account
    reader: Account
    people: dict[str, Account]
    edition: Edition

    def sweep(self, at: Any = FRIDAY) -> None:
        """As the tick does."""
        tasks.sweep(at=at, run=tasks.at_once)

    def decline(self, name: str) -> None:
        """They say no in their bio, we look an hour later, and three ticks go by."""
        profile = {
            "$type": "app.bsky.actor.profile",
            "displayName": name.capitalize(),
            "description": "#NoFollowFriday",
        }
        self.network.put(self.people[name], "app.bsky.actor.profile", "self", profile)
        look_again(profile=Profile.objects.get(uri=self.people[name].did), at=LATER)
        for minute in range(3):
            self.sweep(LATER + timedelta(minutes=minute))

    def thread(self) -> list[dict[str, Any]]:
        """The thread as the reader's app shows it, from the first post on."""
        root = Post.objects.filter(operation="create", part=0, state="sent").order_by("-step").first()
        assert root is not None
        shown = self.network.seen(
            "app.bsky.feed.getPostThread", by=self.reader, uri=root.remote_id, depth="50", parentHeight="0"
        )
        posts, here = [], shown["thread"]
        while here:
            posts.append(here["post"])
            mine = [reply for reply in here.get("replies") or [] if reply["post"]["author"]["did"] == self.channel.did]
            assert len(mine) <= 1, "one post follows another"
            here = mine[0] if mine else None
        return posts

    def pack(self, *, of_crew: bool) -> Any:
        """The starter pack as anybody's app shows it."""
        kept = NativeList.objects.get(edition__isnull=of_crew)
        return self.network.seen("app.bsky.graph.getStarterPack", starterPack=kept.remote_id)["starterPack"]

    def on_list(self, *, of_crew: bool) -> set[str]:
        """Whom its list shows."""
        uri = self.pack(of_crew=of_crew)["list"]["uri"]
        items = self.network.seen("app.bsky.graph.getList", list=uri, limit="100")["items"]
        assert len(items) == len({item["subject"]["did"] for item in items})
        return {item["subject"]["did"] for item in items}

    def dids(self, *names: str) -> set[str]:
        return {self.people[name].did for name in names}


@pytest.fixture
def story(atproto: AtprotoNetwork, settings: Any, edition: Edition, curator: Any, grace: Any) -> Story:
    """Four people of Bluesky, nominated on Monday, published and posted on Friday."""
    options = atproto.options
    settings.FF_OPEN_HOSTS, settings.FF_PLC_URL = list(options.open_hosts), options.plc_url
    settings.FF_BLUESKY_RESOLVER = options.bluesky_resolver
    people = {name: atproto.account(name) for name in PEOPLE}
    edition.community.nominations_per_week = len(people)
    edition.community.save()
    for name, account in people.items():
        introduce(atproto, account, name)
        handle = Handle(Network.BLUESKY, account.handle)
        nominate(by=grace, edition=edition, handle=handle, reason=PEOPLE[name], at=MONDAY)
    accepted = [people[name].did for name in MAY_BE_MENTIONED]
    Profile.objects.filter(uri__in=accepted).update(may_mention=True)
    ours = atproto.account("custserv")
    channel = connect(
        community=edition.community,
        by=curator,
        network=Network.BLUESKY,
        at=MONDAY,
        handle=ours.handle,
        password=ours.app_password,
    )
    go_live(channel=channel, by=curator)
    compile_edition(edition=edition, at=THURSDAY)
    edition.refresh_from_db()
    told = Story(atproto, ours, atproto.account("reader"), people, publish(edition=edition, at=FRIDAY))
    told.sweep()
    told.sweep()
    return told


def mentioned(story: Story, name: str) -> list[str]:
    """Why their app rings."""
    shown = story.network.seen("app.bsky.notification.listNotifications", by=story.people[name])
    return [each["reason"] for each in shown["notifications"] if each["author"]["did"] == story.channel.did]


def test_a_readers_app_shows_the_whole_thread_in_order_with_its_picture(story: Story) -> None:
    texts = [post.text for post in Post.objects.order_by("part")]
    assert set(Post.objects.values_list("state", flat=True)) == {"sent"}

    posts = eventually(story.thread, until=lambda posts: len(posts) == len(texts))

    assert [post["record"]["text"] for post in posts] == texts
    assert posts[0]["embed"]["images"][0]["alt"] == story.edition.share_alt
    everything = "\n".join(texts)
    assert [name for name in PEOPLE if name.capitalize() not in everything] == []


def test_facets_point_at_the_very_people(story: Story) -> None:
    posts = eventually(story.thread, until=lambda posts: len(posts) == Post.objects.count())

    pointed: dict[str, str] = {}
    for post in posts:
        text = post["record"]["text"].encode()
        for facet in post["record"].get("facets", []):
            (feature,) = facet["features"]
            words = text[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode()
            pointed[words] = feature.get("did") or feature.get("uri") or feature["tag"]
    for name, account in story.people.items():
        (target,) = {target for words, target in pointed.items() if account.handle in words or account.did in target}
        assert target == (account.did if name in MAY_BE_MENTIONED else f"https://bsky.app/profile/{account.did}")


def test_only_who_accepted_is_notified(story: Story) -> None:
    for name in MAY_BE_MENTIONED:
        assert eventually(lambda name=name: mentioned(story, name), until=len) == ["mention"]

    eventually(lambda: story.on_list(of_crew=True), until=len)  # by then everything before it is indexed
    assert [mentioned(story, name) for name in PEOPLE if name not in MAY_BE_MENTIONED] == [[], []]


def test_the_starter_packs_show_everybody_and_who_declines_is_gone_from_all_of_it(story: Story) -> None:
    everybody = story.dids(*PEOPLE)
    for of_crew in (False, True):
        assert eventually(lambda c=of_crew: story.on_list(of_crew=c), until=lambda on: on == everybody) == everybody
        pack = story.pack(of_crew=of_crew)
        assert pack["creator"]["did"] == story.channel.did
        assert pack["list"]["listItemCount"] == len(everybody)
        assert pack["list"]["purpose"] == "app.bsky.graph.defs#referencelist"
    names = {story.pack(of_crew=crew)["record"]["name"] for crew in (False, True)}
    assert names == {"Customer Service No. 1", "Customer Service: the whole crew"}
    packs = story.network.seen("app.bsky.graph.getActorStarterPacks", actor=story.channel.did)["starterPacks"]
    assert len(packs) == 2

    story.decline("rosa")

    rest = everybody - story.dids("rosa")
    for of_crew in (False, True):
        assert eventually(lambda c=of_crew: story.on_list(of_crew=c), until=lambda on: on == rest) == rest

    def says(posts: list[dict[str, Any]]) -> str:
        return "\n".join(post["record"]["text"] for post in posts)

    posts = eventually(story.thread, until=lambda posts: "Rosa" not in says(posts) and "Zahra" in says(posts))
    assert "Rosa" not in says(posts)
    assert [name for name in PEOPLE if name != "rosa" and says(posts).count(name.capitalize()) != 1] == []
    (picture,) = posts[0]["embed"]["images"]
    assert "Rosa" not in picture["alt"]
    assert "Zahra" in picture["alt"]


def test_everybody_declines_and_no_pack_stands(story: Story) -> None:
    eventually(lambda: story.on_list(of_crew=False), until=len)

    for name in PEOPLE:
        story.decline(name)

    def packs() -> list[Any]:
        return list(story.network.seen("app.bsky.graph.getActorStarterPacks", actor=story.channel.did)["starterPacks"])

    assert eventually(packs, until=lambda found: found == []) == []
