"""Compiling: a million votes in one community, and a thousand communities of a thousand votes by two workers.

Beside the plainest SQL that could make a list, and reading the ballots once, on the same Postgres.
"""

import resource
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from multiprocessing import get_context

import numpy as np
from django.db import connection
from django.utils import timezone

from accounts.models import User
from benchmarks import worker
from benchmarks.measure import community
from benchmarks.stopwatch import median, once, row
from recommendations.actions.compile import compile_edition
from recommendations.actions.count import count
from recommendations.models import CastVoteRecord, Cohort, Community, Edition, Ledger, Profile, Vote
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
    compile_edition(edition=community("tiny", 1, 1))  # what happens once in a process's life has happened
    whole = statistics.median(once(lambda: compile_edition(edition=edition)) for _ in _reopened(edition))
    row("compiled: ranked, explained, written", whole, base, "both together")
    print(f"{'':<44} {_memory():9.0f} MiB at most ({before:.0f} before)")


def _reopened(edition: Edition) -> Iterator[int]:
    """Three times, as it was before it closed."""
    for time_ in range(3):
        edition.entries.all().delete()
        Ledger.objects.filter(edition=edition).delete()
        CastVoteRecord.objects.filter(edition=edition).delete()
        Edition.objects.filter(pk=edition.pk).update(state=Edition.State.OPEN)
        edition.refresh_from_db()
        edition.community.method = Community.Counting.CIRCLES
        yield time_


def many(communities: int, votes: int) -> None:
    """That many boards that close at once, behind a large one, compiled by two worker processes."""
    slow = community("slow", 2_000, 40_000)
    _ballots(slow, 200_000)
    _small_ones(communities, votes)
    due = [slow.pk, *Edition.objects.filter(community__slug__startswith="small-").values_list("pk", flat=True)]
    Edition.objects.filter(pk__in=due).update(closes_at=timezone.now())
    connection.close()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn"), initializer=worker.begin) as workers:
        list(workers.map(worker.compile_one, due[-2:]))  # both have started, and have read everything once
        began = time.perf_counter()
        took = dict(zip(due, workers.map(worker.compile_one, due), strict=True))
        whole = time.perf_counter() - began
    left = Edition.objects.filter(pk__in=due).exclude(state=Edition.State.READY).count()
    assert left == 0, f"{left} were not compiled"
    each = sum(took.values()) - took[slow.pk]
    row(f"{communities:,} boards of {votes:,} votes, one after another", each, each, "itself")
    row("a large one, first in the line", took[slow.pk], each, "all of them")
    row("all by two workers", whole, each, "one after another")


def _small_ones(communities: int, votes: int) -> None:
    """Communities that share their people: a fifth as many voters as votes, twenty on each board."""
    now = timezone.now()
    made = Community.objects.bulk_create(
        Community(slug=f"small-{n}", name=f"Small {n}", hashtag="small") for n in range(communities)
    )
    editions = Edition.objects.bulk_create(
        Edition(community=each, week="2026-W01", opens_at=now - timedelta(days=2), closes_at=now + timedelta(days=3),
                publishes_at=now + timedelta(days=4)) for each in made
    )  # fmt: skip
    people = list(User.objects.filter(username__startswith="slow-").values_list("pk", flat=True)[: votes // PER_VOTER])
    profiles = list(Profile.objects.filter(uri__startswith="did:plc:slow").values_list("pk", flat=True)[:20])
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO recommendations_membership (community_id, user_id, role, state, joined_at, digest) "
            "SELECT c, u, 'member', 'active', now() - interval '9 days', false "
            "FROM unnest(%s::bigint[]) c, unnest(%s::bigint[]) u",
            [[each.pk for each in made], people],
        )
        cursor.execute(
            "INSERT INTO recommendations_nomination (edition_id, profile_id, nominator_id, reason, created_at) "
            "SELECT e, p, %s, 'They answer.', now() FROM unnest(%s::bigint[]) e, unnest(%s::bigint[]) p",
            [people[0], [each.pk for each in editions], profiles],
        )
        cursor.execute(
            "INSERT INTO recommendations_vote (nomination_id, voter_id, reason, created_at) "
            "SELECT n.id, u, '', now() FROM recommendations_nomination n, unnest(%s::bigint[]) u "
            "WHERE n.edition_id = ANY(%s) AND (n.profile_id + u) %% 4 = 0",
            [people, [each.pk for each in editions]],
        )
        cursor.execute("VACUUM ANALYZE")


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
    voters = np.array(edition.community.memberships.exclude(role="owner").values_list("user", flat=True))
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
