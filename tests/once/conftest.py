"""Real parts, one of each for the session: a Bluesky server, a Postgres, a Redis, and installations on them."""

import itertools
from collections.abc import Callable, Iterator

import pytest

from tests.once.installation import Installation
from tests.once.stage import Stage, on_stage
from tests.once.witness import new_database
from tests.pds import Pds
from tests.services import postgres, redis


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
def _stage(request: pytest.FixtureRequest, pds: Pds) -> Iterator[Stage]:
    """A published edition of ten on each database."""
    settings = {}
    if request.param == "postgres":
        settings["DATABASE_URL"] = request.getfixturevalue("postgres_database")()
    with Installation.made(pds=pds, **settings) as installation:
        yield on_stage(installation, pds)


@pytest.fixture
def stage(_stage: Stage) -> Stage:
    """The moment after publication: nothing is sent yet, and nothing stands on the account."""
    _stage.rewind()
    return _stage
