"""What the verbs' tests share."""

from collections.abc import Callable

import pytest

from accounts.models import User
from recommendations.actions.nominate import nominate
from recommendations.handles import Handle, Network
from recommendations.models import Edition, Nomination
from tests.conftest import MONDAY
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
