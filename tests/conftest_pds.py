"""Fixtures `pds` and `atproto`: a real Bluesky server, and a network with the AppView, for a test process.

Loaded by the tests' conftest as a plugin.
"""

from collections.abc import Iterator

import pytest

from tests.atproto import AtprotoNetwork
from tests.pds import Pds


@pytest.fixture(scope="session")
def pds() -> Iterator[Pds]:
    """Started when the first test asks for it; see tests/pds.py. Mark such tests with `pds`."""
    with Pds.start() as server:
        yield server


@pytest.fixture(scope="session")
def atproto() -> Iterator[AtprotoNetwork]:
    """Started when the first test asks for it; see tests/atproto.py. Mark such tests with `pds`."""
    with AtprotoNetwork.start() as network:
        yield network
