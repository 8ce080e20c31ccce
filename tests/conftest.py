"""Fixtures for all tests: people by name, a community, a network in memory."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache

from accounts.models import User
from recommendations import networks
from recommendations.actions import last_tick
from recommendations.actions.join import found, join
from recommendations.handles import Network
from recommendations.models import Community, Edition, Membership
from tests.fake_network import FakeNetwork

pytest_plugins = ["tests.conftest_pds", "tests.postbox"]

# How long something takes on a busy machine is no finding.
hypothesis.settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("unhurried")

SATURDAY = datetime(2026, 10, 31, 0, 0, tzinfo=UTC)  # a board opens: week 2026-W45
MONDAY = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
THURSDAY = datetime(2026, 11, 5, 18, 0, tzinfo=UTC)  # it closes
FRIDAY = datetime(2026, 11, 6, 9, 0, tzinfo=UTC)  # it is published


def pytest_configure() -> None:
    """Static files by their plain names: the manifest is made by collectstatic, which no test needs."""
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Mark what uses the database; when all others have chosen and sorted, put what takes long first."""
    for item in items:
        wanted = {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))
        if wanted or item.get_closest_marker("django_db"):
            item.add_marker("database")
    yield
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


_skipped: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note what was skipped."""
    if report.skipped:
        _skipped.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A skipped test looks green and proves nothing: it fails the run."""
    if _skipped and session.exitstatus == 0:
        print(f"\nskipped, and so not green: {_skipped}")
        session.exitstatus = 1


@pytest.fixture(autouse=True)
def _no_memory_of_other_tests(settings: Any) -> None:
    """What one test left, limits or the count of its ticks, must not reach the next; pages are kept where one asks."""
    cache.clear()
    (settings.DATA_DIR / last_tick.NAME).unlink(missing_ok=True)
    settings.FF_PAGE_CACHE = False


@pytest.fixture(autouse=True)
def fake_networks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> dict[Network, FakeNetwork]:
    """Every network is a fake one, so that no test reaches a real one by accident; the adapters' own tests excepted."""
    fakes = {network: FakeNetwork(network) for network in Network}
    if "networks" in request.path.parts:
        return fakes
    for network, fake in fakes.items():
        monkeypatch.setitem(networks.READERS, network, lambda _options, fake=fake: fake)
        monkeypatch.setitem(networks.POSTERS, network, lambda _options, fake=fake: fake)
    for network in networks.LISTERS:
        monkeypatch.setitem(networks.LISTERS, network, lambda _options, fake=fakes[network]: fake.lists)
    return fakes


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """Make a user by name: person("Ada")."""

    def make(name: str, **fields: Any) -> User:
        return User.objects.create(username=name.lower(), display_name=name, **fields)

    return make


@pytest.fixture
def ada(person: Callable[..., User]) -> User:
    """She founded the community, and owns it."""
    return person("Ada")


@pytest.fixture
def grace(person: Callable[..., User]) -> User:
    """A member."""
    return person("Grace")


@pytest.fixture
def alan(person: Callable[..., User]) -> User:
    """Another member."""
    return person("Alan")


@pytest.fixture
def community(ada: User, grace: User, alan: User) -> Community:
    """#custserv, founded by Ada a week before SATURDAY; Grace and Alan are members."""
    made = found(
        by=ada,
        at=datetime(2026, 10, 30, 12, 0, tzinfo=UTC),
        name="Customer Service",
        slug="custserv",
        hashtag="custserv",
    )
    for user in (grace, alan):
        join(community=made, user=user, agreed=True, at=datetime(2026, 10, 30, 13, 0, tzinfo=UTC))
    return made


@pytest.fixture
def edition(community: Community) -> Edition:
    """Its open edition, of week 2026-W45: from SATURDAY to THURSDAY, out on FRIDAY."""
    return community.editions.select_related("community").get()


@pytest.fixture
def curator(community: Community, ada: User) -> Membership:
    """Ada at her desk."""
    return community.memberships.select_related("community", "user").get(user=ada)
