"""Compiling: a million votes in one community, and a thousand communities of a thousand votes by two workers.

Beside the plainest SQL that could make a list, and reading the ballots once, on the same Postgres.
"""

import random
import resource
import subprocess
import sys
from datetime import timedelta

import numpy as np
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from benchmarks.measure import community
from benchmarks.stopwatch import median, once, row
from recommendations.actions.compile import compile_edition
from recommendations.actions.count import count
from recommendations.models import Cohort, Community, Edition, Ledger, Membership, Vote
from recommendations.models.columns import columns

PER_VOTER = 5
EDITIONS = 8  # that are remembered


def compiling(number: int) -> None:
    """One edition with that many votes, of a community that remembers eight like it."""
    edition = community("compile", number // 20, number // PER_VOTER)
    _cohorts(edition.community)
    _ballots(edition, number)
    _remembered(edition)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")

    def sql() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT v.nomination_id, count(*) FROM recommendations_vote v "
                "JOIN recommendations_nomination n ON n.id = v.nomination_id WHERE n.edition_id = %s "
                "GROUP BY 1 ORDER BY 2 DESC LIMIT 20",
                [edition.pk],
            )
            cursor.fetchall()

    votes = Vote.objects.filter(nomination__edition=edition)
    plain, reading = median(sql, 5), median(lambda: columns(votes, "nomination", "voter"), 5)
    base = plain + reading
    row(f"GROUP BY ... LIMIT 20 over {number:,} votes", plain, base, "both together")
    row("the ballots read once", reading, base, "both together")
    before = _memory()
    for method in Community.Counting.COUNT, Community.Counting.CIRCLES:
        edition.community.method = method
        row(f"read and ranked by {method}", median(lambda: count(edition), 3), base, "both together")
    reverse("home")  # the addresses are read once, not for each compile
    whole = once(lambda: compile_edition(edition=edition))  # it happens but once
    row("compiled: ranked, explained, written", whole, base, "both together")
    print(f"{'':<44} {_memory():9.0f} MiB at most ({before:.0f} before)")


def many(communities: int, votes: int) -> None:
    """That many boards at once, compiled by two worker processes, one of them with a large one among its own."""
    ...


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _cohorts(of: Community) -> None:
    """From a hundred servers, over thirty weeks."""
    monday = timezone.now().date()
    cohorts = Cohort.objects.bulk_create(
        Cohort(domain=f"server{n % 100}.example", week=monday - timedelta(weeks=n // 100)) for n in range(3_000)
    )
    first = cohorts[0].pk
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE recommendations_membership SET cohort_id = %s + id %% 3000 WHERE community_id = %s", [first, of.pk]
        )


def _ballots(edition: Edition, number: int) -> None:
    """Each voter approves of PER_VOTER, popular ones more often."""
    draw = np.random.default_rng(2)
    nominations = np.array(edition.nominations.order_by("pk").values_list("pk", flat=True))
    voters = np.array(User.objects.filter(username__startswith="compile-").values_list("pk", flat=True))
    rows = _choices(draw, len(voters), len(nominations))
    _copy(nominations[rows[:, 1]], voters[rows[:, 0]])


def _choices(
    draw: np.random.Generator, voters: int, nominations: int
) -> "np.ndarray[tuple[int, int], np.dtype[np.int64]]":
    """(voter, nomination), each pair once; about PER_VOTER for each voter, by Zipf's law."""
    popularity = 1 / np.arange(1, nominations + 1) ** 0.8
    chosen = draw.choice(nominations, size=voters * PER_VOTER * 5 // 4, p=popularity / popularity.sum())
    keys = np.unique(np.arange(len(chosen)) % voters * nominations + chosen)
    keys = np.sort(draw.permutation(keys)[: voters * PER_VOTER])
    return np.stack([keys // nominations, keys % nominations], axis=1)


def _copy(
    nominations: "np.ndarray[tuple[int], np.dtype[np.int64]]", voters: "np.ndarray[tuple[int], np.dtype[np.int64]]"
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO recommendations_vote (nomination_id, voter_id, reason, created_at) "
            "SELECT unnest(%s::bigint[]), unnest(%s::bigint[]), '', now()",
            [nominations.tolist(), voters.tolist()],
        )


def _remembered(edition: Edition) -> None:
    """Eight closed editions: in each six of ten voted, and the fifty best are circles."""
    draw = np.random.default_rng(3)
    voters = np.array(User.objects.filter(username__startswith="compile-").values_list("pk", flat=True))
    now = timezone.now()
    for week in range(EDITIONS):
        closed = now - timedelta(weeks=week + 1)
        past = edition.community.editions.create(
            week=f"2025-W{52 - week}", state="published", number=week + 1, ballots=len(voters) * 6 // 10,
            opens_at=closed, closes_at=closed, publishes_at=closed, published_at=closed,
        )  # fmt: skip
        there = voters[draw.random(len(voters)) < 0.6]
        rows = _choices(draw, len(there), len(voters) // 4)
        rows = rows[rows[:, 1] < 50]
        backing = np.stack([there[rows[:, 0]], rows[:, 1] + 1], axis=1)
        Ledger.objects.keep(past, turnout=there, backing=backing, praise=np.empty((0, 2), dtype=np.int64))
