"""The `pds` fixture: a real Bluesky server for a test process. Loaded by the tests' conftest as a plugin."""

from collections.abc import Iterator

import pytest

from tests.pds import Pds


@pytest.fixture(scope="session")
def pds() -> Iterator[Pds]:
    """Started when the first test asks for it; see tests/pds.py. Mark such tests with `pds`."""
    with Pds.start() as server:
        yield server
