"""What a process of an installation can be told to do (tests/once/forker.py). Arguments and values are JSON."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F

from accounts.models import User
from recommendations import tasks
from recommendations.actions import look_up
from recommendations.actions.compile import compile_edition
from recommendations.actions.compose import write_posts
from recommendations.actions.connect import connect, go_live
from recommendations.actions.deliver import deliver
from recommendations.actions.join import found, join
from recommendations.actions.nominate import nominate
from recommendations.actions.publish import publish
from recommendations.actions.vote import approve
from recommendations.consent import Word
from recommendations.handles import Handle, Network
from recommendations.models import Channel, Community, Delivery, Edition, Membership, Nomination, Post, Profile
from tests.once.crowds import *  # noqa: F403 - deeds, too
from tests.once.kills import killed_at, slept_through

FOUNDED = datetime(2026, 10, 30, 12, 0, tzinfo=UTC)
OPENS = datetime(2026, 10, 31, 0, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
CLOSES = datetime(2026, 11, 5, 18, 0, tzinfo=UTC)
SLOT = datetime(2026, 11, 6, 9, 0, tzinfo=UTC)
MEMBERS = ("Ada", "Grace", "Alan", "Edsger", "Barbara")
QUIET_AFTER = 12  # ticks

look_up.BUDGET = 20.0  # nobody is waiting here, and the machine may be busy
__all__ = ["killed_at", "slept_through"]
