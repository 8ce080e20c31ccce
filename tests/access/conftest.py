"""What the tests of access share: the world."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import transaction

from tests.access.world import NOW, World, build


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The world, for all cells: each takes back what it did."""
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic():
        yield build()
        transaction.set_rollback(True)
