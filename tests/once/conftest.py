"""Real parts, one of each for the session: a Bluesky server, a Postgres, a Redis, and installations on them."""

import itertools
from collections.abc import Callable, Iterator

import pytest

from tests.once.installation import Installation
from tests.once.stage import Stage, on_stage
from tests.once.witness import new_database, watch
from tests.pds import Pds
from tests.start_services import postgres, redis


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis of our own, which tests may empty and stop."""
    with redis() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_database() -> Iterator[Callable[[], str]]:
    """Makes a new, empty database on a Postgres of our own; its DATABASE_URL."""
    numbers = itertools.count(1)
    with postgres() as server:
        yield lambda: new_database(server, f"once_{next(numbers)}")


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def installation(request: pytest.FixtureRequest, pds: Pds) -> Iterator[Installation]:
    """One on each database."""
    settings = {}
    if request.param == "postgres":
        settings["DATABASE_URL"] = request.getfixturevalue("postgres_database")()
    with Installation.made(pds=pds, **settings) as made:
        yield made


@pytest.fixture(scope="session")
def crowd(installation: Installation) -> Installation:
    """The installation, for tests with boards of their own."""
    return installation


@pytest.fixture(scope="session")
def _stage(installation: Installation, pds: Pds) -> Stage:
    """A published edition of ten."""
    return on_stage(installation, pds)


@pytest.fixture
def stage(_stage: Stage) -> Stage:
    """The moment after publication: nothing is sent yet, and nothing stands on the account."""
    _stage.rewind()
    return _stage


@pytest.fixture(scope="session")
def office(postgres_database: Callable[[], str], redis_url: str, pds: Pds) -> Iterator[Installation]:
    """An installation on Postgres and Redis whose every move is seen."""
    with Installation.made(pds=pds, DATABASE_URL=postgres_database(), REDIS_URL=redis_url) as made:
        watch(made)
        yield made
