"""Postgres is restarted in the middle of a post, at each of the five points: no commit, no call; else doubt."""

from collections.abc import Iterator

import pytest

from tests.once.installation import Installation
from tests.once.stage import SLOT, Stage, assert_whole, on_stage
from tests.once.test_kill_points import POINTS
from tests.once.witness import new_database
from tests.pds import Pds
from tests.start_services import restartable_postgres

pytestmark = [pytest.mark.pds, pytest.mark.services]


@pytest.fixture(scope="module")
def server(pds: Pds) -> Iterator[tuple[Stage, list[str]]]:
    """A published edition on a Postgres that may be restarted, and how."""
    with (
        restartable_postgres() as (url, restart),
        Installation.made(pds=pds, DATABASE_URL=new_database(url, "restarted")) as installation,
    ):
        yield on_stage(installation, pds), restart


@pytest.mark.parametrize("point", POINTS)
def test_a_database_that_restarts_in_the_middle_costs_no_post_and_doubles_none(
    server: tuple[Stage, list[str]], point: str
) -> None:
    stage, restart = server
    stage.rewind()

    heard = stage.installation.deed("sending.lose_the_database", point=point, part=1, restart=restart, at=SLOT)
    assert heard in ("OperationalError", "InterfaceError")
    assert stage.told["posts"][1]["state"] == POINTS[point].state

    stage.installation.deed("sending.recover", at=SLOT)
    assert_whole(stage.records, stage.told)
