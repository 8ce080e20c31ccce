"""`make privacy`: how many secret votes follow with certainty for someone who knows everything that is public.

The attacker knows the members, who owns which profile, every reason with its author, every figure of every edition, and
owns three ballots. Not counted: votes for people for whom everyone voted whose vote would count.
"""

import argparse
import random
import sys
from collections.abc import Sequence

from benchmarks.privacy import certain as by_solver
from benchmarks.privacy import other_worlds
from benchmarks.privacy.editions import Editions, generate
from benchmarks.ranking.table import markdown
from benchmarks.ranking.world import Shape
from recommendations.explanation import Method

WEEKS = 12
SEEDS = 3
SAMPLE = 60  # secret votes of each edition that are asked about by `circles`
SHAPES = {
    size: Shape(size, pool=pool, board=board, diligence=None, joining=0.02)  # steady: the easiest to see through
    for size, pool, board in ((30, 90, 25), (60, 150, 35), (100, 220, 45), (300, 400, 80))
}


def ask(size: int, method: Method, seed: int, *, weeks: int = WEEKS, sample: int = SAMPLE) -> tuple[int, int, int]:
    """(votes asked about, votes that follow with certainty, of which for people everyone voted for)."""
    editions = generate(SHAPES[size], method, seed, weeks)
    draw = random.Random(seed)
    asked = found = exempt = 0
    for at, edition in enumerate(editions):
        members = _members(editions, at)
        votes = (
            by_solver.certain(by_solver.puzzle(edition, members))
            if method == Method.COUNT
            else other_worlds.certain(editions, at, members, draw, sample=sample)
        )
        everyone = by_solver.unanimous(edition, members) if votes else set()
        asked += len(edition.secret) if method == Method.COUNT else min(sample, len(edition.secret))
        found += len(votes)
        exempt += sum(candidate in everyone for candidate, _ in votes)
    return asked, found, exempt


def _members(editions: Editions, at: int) -> list[int]:
    """Everyone who ever voted up to then: in a steady community, its members."""
    return sorted({voter for edition in editions[: at + 1] for _, voter in edition.votes})


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 if any secret vote follows with certainty."""
    options = _options(arguments)
    rows, leaked = [], 0
    for size in SHAPES:
        for method in Method:
            seeds = range(1, options.seeds + 1)
            each = [ask(size, method, seed, weeks=options.weeks, sample=options.sample) for seed in seeds]
            asked, found, exempt = (sum(column) for column in zip(*each, strict=True))
            rows.append([str(size), method.value, f"{asked:,}", str(found - exempt), str(exempt)])
            leaked += found - exempt
            print(f"{size} {method.value}: {found - exempt} of {asked:,}", file=sys.stderr, flush=True)
    print(markdown(["voters", "method", "secret votes asked about", "certain", "certain, as everyone voted"], rows))
    return 1 if leaked else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.privacy", description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="communities of each size")
    parser.add_argument("--weeks", type=int, default=WEEKS)
    parser.add_argument("--sample", type=int, default=SAMPLE, help="votes of each edition, by circles")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
