"""A network as a run sees it: one account on it, faults to script, and what stands there for everybody to read."""

from abc import ABC, abstractmethod
from datetime import datetime
from typing import Any

from recommendations.handles import Network
from recommendations.networks.base import Options
from recommendations.networks.bluesky import Bluesky
from recommendations.networks.mastodon import Mastodon
from recommendations.networks.posting import Connected
from recommendations.networks.x import X
from tests.fakes.mastodon import FakeMastodon
from tests.fakes.pds_proxy import PdsProxy
from tests.fakes.web import Answer, FakeWeb, Fault, Remote
from tests.fakes.x import CLIENT_ID, CLIENT_SECRET, FakeX
from tests.pds import Account, Pds


class World(ABC):
    """`web` plays the faults. `hosts` must be open to the outbound guard."""

    network: Network
    web: FakeWeb
    exactly_once = True  # no post may be lost there; else at most once

    def __init__(self) -> None:
        self.connected: Connected = self.connect()

    @property
    def hosts(self) -> tuple[str, ...]:
        return (self.web.host,)

    @property
    def settings(self) -> dict[str, str]:
        """What the installation must be told to find it."""
        return {}

    def set_clock(self, moment: datetime) -> None:
        """The network's own clock."""
        self.web.set_clock(moment)

    def script(self, endpoint: str, *faults: Fault | Answer | None) -> None:
        """What the next requests to an endpoint meet."""
        self.web.script(endpoint, *faults)

    def new_run(self, moment: datetime) -> None:
        """Nothing stands, nothing is scripted, and the channel's access is good."""
        self.web.clear()
        self.web.asked.clear()
        self.set_clock(moment)
        self.connected = self.reconnect()
        self.clear()

    @abstractmethod
    def connect(self) -> Connected:
        """The account, through the adapter."""

    @abstractmethod
    def clear(self) -> None:
        """Take down all that stands."""

    @abstractmethod
    def standing(self) -> list[str]:
        """The texts that can be read on the account, the first first."""

    @abstractmethod
    def address_of(self, text: str) -> str:
        """Where a person finds the post of this text; nothing if it does not stand."""

    def mentions(self) -> list[str]:
        """Whom posts that stand, or stood, have notified; as often as they were."""
        return []

    @abstractmethod
    def revoke(self, dress: str = "") -> None:
        """The account's owner withdraws our access; `dress`: the Fault by which the network says so."""

    @abstractmethod
    def reconnect(self) -> Connected:
        """They give it again."""


class OnMastodon(World):
    """The fake, of the flavour that honours keys; see tests/fakes/mastodon.py."""

    network = Network.MASTODON

    def __init__(self, flavour: str = "mastodon") -> None:
        self.web = self.fake = FakeMastodon(flavour)
        self.fake.__enter__()
        self.account = self.fake.add_account("tea")
        super().__init__()

    def connect(self) -> Connected:
        adapter = Mastodon(Options(open_hosts=self.hosts))
        return adapter.connect(server=self.fake.url, token=self.account["token"])

    def clear(self) -> None:
        with self.fake.lock:
            self.fake.kept.all.clear()
            self.fake.kept.keys.clear()
            self.fake.kept.notified.clear()

    def standing(self) -> list[str]:
        return self.fake.texts("tea")

    def address_of(self, text: str) -> str:
        found = [each for each in self.fake.statuses("tea") if each["text"] == text and not each["deleted"]]
        return str(found[0]["url"]) if found else ""

    def mentions(self) -> list[str]:
        with self.fake.lock:
            return [handle for _, handle in self.fake.kept.notified]

    def revoke(self, dress: str = "") -> None:
        Remote(self.fake.url).revoke("tea", dress)  # whoever says so may be another process

    def reconnect(self) -> Connected:
        if self.account["token"] not in self.fake.tokens:
            self.account["token"] = self.fake.allow("tea")
            self.connected = self.connect()
        return self.connected


class OnX(World):
    """The fake; see tests/fakes/x.py."""

    network = Network.X
    exactly_once = False

    def __init__(self) -> None:
        self.web = self.fake = FakeX()
        self.fake.__enter__()
        self.tokens = self.fake.add_account("tea")
        super().__init__()

    @property
    def settings(self) -> dict[str, str]:
        return {"FF_X_API": self.fake.url, "FF_X_CLIENT_ID": CLIENT_ID, "FF_X_CLIENT_SECRET": CLIENT_SECRET}

    def connect(self) -> Connected:
        return X(self.fake.options).connect(**self.tokens)

    def clear(self) -> None:
        with self.fake.lock:
            self.fake.tweets.clear()

    def standing(self) -> list[str]:
        return self.fake.texts("tea")

    def address_of(self, text: str) -> str:
        found = [each for each in self.fake.standing("tea") if each["text"] == text and not each["deleted"]]
        return f"https://x.com/tea/status/{found[0]['id']}" if found else ""

    def revoke(self, dress: str = "") -> None:
        Remote(self.fake.url).revoke("tea", dress)  # whoever says so may be another process

    def reconnect(self) -> Connected:
        self.tokens = self.fake.allow("tea")
        return self.connect()


class OnBluesky(World):
    """A real server behind a proxy that plays the faults."""

    network = Network.BLUESKY

    def __init__(self, pds: Pds) -> None:
        self.pds = pds
        self.web = self.proxy = PdsProxy(pds.url)
        self.proxy.__enter__()
        self.account: Account = pds.account("tea")
        super().__init__()

    @property
    def hosts(self) -> tuple[str, ...]:
        return (self.proxy.host, *self.pds.options.open_hosts)

    def connect(self) -> Connected:
        adapter = Bluesky(self.pds.options)
        account = adapter.connect(handle=self.account.handle, password=self.account.app_password)
        return self._through_the_proxy(account)

    def _through_the_proxy(self, account: Connected) -> Connected:
        secret: dict[str, Any] = account.secret | {"pds": self.proxy.url}
        return Connected(account.uri, account.handle, account.page_url, secret, account.limits)

    def clear(self) -> None:
        keys = [record["uri"].rpartition("/")[2] for record in self.pds.records(self.account)]
        writes = [
            {"$type": "com.atproto.repo.applyWrites#delete", "collection": "app.bsky.feed.post", "rkey": key}
            for key in keys
        ]
        if writes:
            body = {"repo": self.account.did, "writes": writes}
            self.pds.call("com.atproto.repo.applyWrites", json=body, token=self.account.access)

    def standing(self) -> list[str]:
        return [record["value"]["text"] for record in self.pds.records(self.account)]

    def address_of(self, text: str) -> str:
        found = [each for each in self.pds.records(self.account) if each["value"]["text"] == text]
        return str(found[0]["uri"]) if found else ""

    def revoke(self, dress: str = "") -> None:
        Remote(self.proxy.url).revoke(dress)

    def reconnect(self) -> Connected:
        self.proxy.allow_again()
        return self.connected
