"""What the verbs' tests share."""

from collections.abc import Callable

import pytest

from accounts.models import LinkedHandle, User
from recommendations.actions.compile import compile_edition
from recommendations.actions.nominate import nominate
from recommendations.actions.publish import publish
from recommendations.actions.vote import approve
from recommendations.handles import Handle, Network
from recommendations.models import Channel, Community, Edition, Nomination
from tests.conftest import FRIDAY, MONDAY, THURSDAY
from tests.fake_network import FakeNetwork

REASON = "She answers every question, and she is kind about it."


@pytest.fixture
def on_mastodon(fake_networks: dict[Network, FakeNetwork]) -> Callable[..., Handle]:
    """Somebody on the fake Mastodon: on_mastodon("rosa") -> @rosa@social.example."""

    def make(name: str, **said: object) -> Handle:
        handle = Handle(Network.MASTODON, name, "social.example")
        said.setdefault("uri", f"https://social.example/users/{name}")
        said.setdefault("name", name.capitalize())
        fake_networks[Network.MASTODON].add_person(handle, **said)
        return handle

    return make


@pytest.fixture
def nominated(edition: Edition, on_mastodon: Callable[..., Handle]) -> Callable[..., Nomination]:
    """A nomination on Monday: nominated("rosa", by=grace)."""

    def make(name: str, *, by: User, reason: str = REASON, **said: object) -> Nomination:
        return nominate(by=by, edition=edition, handle=on_mastodon(name, **said), reason=reason, at=MONDAY).nomination

    return make


@pytest.fixture
def draft(edition: Edition, nominated: Callable[..., Nomination], grace: User, alan: User, ada: User) -> Edition:
    """A compiled edition: Rosa first (three votes), Emma second (two), Clara third (one)."""
    rosa, emma = nominated("rosa", by=grace), nominated("emma", by=alan)
    nominated("clara", by=ada)
    for user in (alan, ada):
        approve(by=user, nomination=rosa, at=MONDAY)
    approve(by=ada, nomination=emma, reason="Emma never gives up on anybody.", at=MONDAY)
    compile_edition(edition=edition, at=THURSDAY)
    return Edition.objects.select_related("community").get(pk=edition.pk)


@pytest.fixture
def channel(community: Community) -> Channel:
    """A live channel on the fake Bluesky."""
    made = Channel(
        community=community, network="bluesky", uri="did:fake:custserv.example", name="custserv.example",
        state=Channel.State.LIVE, limits={"characters": 300, "bytes": 3000, "images": 4, "alt_length": 2000},
        limits_at=MONDAY,
    )  # fmt: skip
    made.sealed_secret = made.seal_secret({"account": made.uri, "token": "first"})
    made.save()
    return made


@pytest.fixture
def published(draft: Edition, channel: Channel) -> Edition:
    """The draft, out on Friday, with one delivery waiting to be sent."""
    return publish(edition=draft, at=FRIDAY)


def names(edition: Edition) -> list[str]:
    """Who is on the list, in order."""
    return [entry.profile.name for entry in edition.entries.ranked().select_related("profile")]


@pytest.fixture
def proven(person: Callable[..., User]) -> Callable[[str], User]:
    """Sign somebody up who has proven their handle of `on_mastodon`: proven("rosa") holds @rosa@social.example."""

    def make(name: str) -> User:
        user = person(name.capitalize())
        LinkedHandle.objects.create(
            user=user,
            network="mastodon",
            name=name,
            host="social.example",
            uri=f"https://social.example/users/{name}",
            proven_at=MONDAY,
        )
        return user

    return make
