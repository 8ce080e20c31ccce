"""Somebody follows a whole edition while workers are killed: a right result for each, and nobody called for twice."""

import itertools
import signal
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from recommendations.handles import Handle, Network
from recommendations.networks import bluesky_app
from recommendations.networks.bluesky_follow import FOLLOW
from recommendations.networks.bluesky_oauth import BlueskyOAuth
from recommendations.networks.granting import Granted
from recommendations.networks.mastodon_follow import FOLLOW as MASTODON_FOLLOW
from tests.fakes.mastodon_follows import FollowsMastodon
from tests.once.installation import Installation
from tests.pds import Account, Pds
from tests.recommendations.networks.pds_consent import consent

pytestmark = pytest.mark.pds

SITE = "http://localhost:8000"
TURNS = 100
_numbers = itertools.count(1)


class Job:
    """Grace's job, seen from outside: turns are taken in processes of their own, at times of the test's choice."""

    def __init__(self, installation: Installation, people: list[tuple[str, str]], network: str, hosts: list[str]):
        self.installation, self.hosts = installation, hosts
        self.slug = f"follow-{next(_numbers)}"
        self.at = datetime.now(UTC)
        installation.deed("following.publish", slug=self.slug, network=network, people=people)

    def begin(self, granted: Granted) -> None:
        self.installation.deed("following.begin", slug=self.slug, granted=asdict(granted))
        self.at += timedelta(minutes=1)

    def turn(self) -> dict[str, Any]:
        """One, when it is due; then how it stands."""
        told = dict(self.installation.deed("following.turn", **self._now))
        due_at = datetime.fromisoformat(told["due_at"])
        self.at = max(self.at + timedelta(minutes=1), due_at)
        return told

    def be_killed(self, deed: str = "be_killed", **where: Any) -> dict[str, Any]:
        """A turn that ends with SIGKILL; nobody else may carry on until the lease is over."""
        (killed,) = self.installation.together((f"following.{deed}", self._now | where))
        assert killed.signal == signal.SIGKILL
        before = self.installation.deed("following.told", slug=self.slug)
        self.at += timedelta(minutes=1)
        assert self.installation.deed("following.turn", **self._now) == before
        self.installation.deed("following.age_leases", slug=self.slug)
        return dict(before)

    @property
    def _now(self) -> dict[str, Any]:
        return {"slug": self.slug, "at": self.at.isoformat(), "hosts": self.hosts}


@pytest.fixture(scope="module")
def fake() -> Iterator[FollowsMastodon]:
    with FollowsMastodon() as fake:
        yield fake


def a_hundred(fake: FollowsMastodon) -> dict[str, tuple[str, str]]:
    """Handle -> (uri, what must come of it)."""
    kinds: list[tuple[str, dict[str, Any], int]] = [
        ("followed", {}, 45),
        ("followed", {"known": False}, 15),
        ("requested", {"locked": True}, 10),
        ("followed", {"moved": "new@elsewhere.example"}, 1),
        ("gone", {"gone": True}, 6),
        ("gone", {"suspended": True}, 4),
        ("refused", {"standing": {"blocked_by": True}}, 5),
        ("refused", {"standing": {"blocking": True}}, 2),
        ("refused", {"refuses": 422}, 4),
        ("already", {}, 8),
    ]
    fake.people.clear()
    fake.add_person("new@elsewhere.example")
    people = {}
    for outcome, more, number in kinds:
        for _ in range(number):
            acct = f"person{len(people)}@people.example"
            people[f"@{acct}"] = (fake.add_person(acct, **more), outcome)
            if outcome == "already":
                fake.follow_by_hand("grace", acct)
    # In a mixed order, so that a turn meets some of each.
    return dict(sorted(people.items(), key=lambda each: hash_of(each[0])))


def hash_of(text: str) -> int:
    """The same in every run."""
    return sum(ord(each) * 31**place for place, each in enumerate(text)) % 1_009


def test_a_hundred_people_are_followed_on_mastodon_though_two_workers_are_killed(
    installation: Installation, fake: FollowsMastodon
) -> None:
    name = f"grace{next(_numbers)}"
    uri = fake.add_account(name)["uri"]
    fake.accounts["grace"] = fake.accounts[name]
    people = a_hundred(fake)
    fake.answered.clear()
    fake.allow_follows(25, minutes=15)
    job = Job(installation, [(handle, each[0]) for handle, each in people.items()], "mastodon", [fake.host])
    secret = fake.granted(name, MASTODON_FOLLOW)
    handle = Handle(Network.MASTODON, name, "mastodon.test")
    job.begin(Granted(Network.MASTODON, fake.url, uri, handle, "Grace", secret, MASTODON_FOLLOW))

    busy, kills = 0, {2: ("before the call", 2), 5: ("after the call", 1)}
    for turn in range(TURNS):
        fake.set_clock(job.at)
        if where := kills.get(turn):
            left = job.be_killed(point=where[0], number=where[1])
            assert left["doing"] == 1
            fake.set_clock(job.at)
        told = job.turn()
        busy += "Too many requests" in told["trouble"]
        if told["state"] != "running":
            break

    assert told["state"] == "finished"
    assert told["outcomes"] == {handle: outcome for handle, (_, outcome) in people.items()}
    called = fake.effective_follows()
    assert [acct for acct, number in called.items() if number > 1] == []
    standing = {f"@{acct}": how for acct, how in fake.followed(name).items()}
    expected = {handle for handle, (_, outcome) in people.items() if outcome in ("followed", "requested", "already")}
    moved = {handle for handle in people if fake.people[handle[1:]].moved}
    assert set(standing) == expected - moved | {"@new@elsewhere.example"}
    assert busy > 1
    assert not told["secret"]
    assert secret["token"] not in fake.tokens


def test_killed_while_the_tokens_are_given_back_they_are_gone_all_the_same(
    installation: Installation, fake: FollowsMastodon
) -> None:
    name = f"grace{next(_numbers)}"
    uri = fake.add_account(name)["uri"]
    alan = (f"@alan{next(_numbers)}@people.example", "")
    alan = (alan[0], fake.add_person(alan[0][1:]))
    fake.allow_follows(400, minutes=15)
    job = Job(installation, [alan], "mastodon", [fake.host])
    secret = fake.granted(name, MASTODON_FOLLOW)
    handle = Handle(Network.MASTODON, name, "mastodon.test")
    job.begin(Granted(Network.MASTODON, fake.url, uri, handle, "Grace", secret, MASTODON_FOLLOW))

    left = job.be_killed("be_killed_letting_go")
    assert (left["state"], left["secret"]) == ("finished", True)
    told = job.turn()

    assert (told["state"], told["secret"]) == ("finished", False)
    assert told["outcomes"] == {alan[0]: "followed"}
    assert secret["token"] not in fake.tokens


@pytest.fixture(scope="module")
def thirty(pds: Pds) -> list[Account]:
    """People on a real server; the last five are taken down or asleep."""
    accounts = [pds.account("friend") for _ in range(30)]
    for account in accounts[25:28]:
        pds.deactivate(account)
    for account in accounts[28:]:
        pds.take_down(account)
    return accounts


def test_thirty_people_are_followed_on_a_real_bluesky_server_though_two_workers_are_killed(
    installation: Installation, pds: Pds, thirty: list[Account]
) -> None:
    grace = pds.account("grace")
    for account in thirty[:3]:  # whom she follows already
        record = {"$type": FOLLOW, "subject": account.did, "createdAt": "2026-01-01T00:00:00Z"}
        named = {"repo": grace.did, "collection": FOLLOW, "record": record}
        pds.call("com.atproto.repo.createRecord", json=named, token=grace.access)
    job = Job(installation, [(f"@{each.handle}", each.did) for each in thirty], "bluesky", [])
    job.begin(granted_by(pds, grace, bluesky_app.FOLLOW))

    job.be_killed(point="before the call", number=4)
    job.be_killed(point="after the call", number=6)
    for _ in range(TURNS):
        told = job.turn()
        if told["state"] != "running":
            break

    assert told["state"] == "finished"
    outcomes = ["already"] * 3 + ["followed"] * 22 + ["gone"] * 5
    assert told["outcomes"] == {f"@{each.handle}": how for each, how in zip(thirty, outcomes, strict=True)}
    subjects = [record["value"]["subject"] for record in pds.records(grace, FOLLOW)]
    assert sorted(subjects) == sorted(each.did for each in thirty[:25])
    assert not told["secret"]


def granted_by(pds: Pds, account: Account, scopes: tuple[str, ...]) -> Granted:
    """What an account's owner grants on the server's own page."""
    asker = BlueskyOAuth(pds.options)
    asked = asker.ask(
        Handle(Network.BLUESKY, account.handle), redirect_uri=bluesky_app.redirect_uri(SITE), scopes=scopes
    )
    back = consent(pds, asked.url, account)

    return asker.grant(asked.pending, dict(parse_qsl(urlsplit(back).query)))
