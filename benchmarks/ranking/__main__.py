"""`python -m benchmarks.ranking`: simulate, print the tables, and draw the picture if a file is named."""

import argparse
import os
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from math import inf
from pathlib import Path
from typing import TypeVar

from benchmarks.ranking import picture
from benchmarks.ranking.attacks import ATTACKS
from benchmarks.ranking.communities import CASES, CLIQUES, FANS, SHAPES, WEEKS, Outcome, cliques, star
from benchmarks.ranking.measure import HARDER, LARGE, fewest_fakes, merit
from benchmarks.ranking.rivals import METHODS
from benchmarks.ranking.table import fakes, markdown, percent
from benchmarks.ranking.world import Shape

Answer = TypeVar("Answer")
SEEDS, FAST = 9, 1
EMPTY = ("no clique", "the product", "strict rules")  # cases in which empty places are told
ELSEWHERE = (  # attacks that are tried in harder worlds, too
    "fresh fakes on 20 servers",
    "fresh fakes, a domain for each",
    "lock-step, 8 weeks",
    "camouflage of each its own, 8 weeks",
    "a brigade, before the board opens",
)
HALF = 80  # members of a community where mutual praise counts by half
MANY = 300  # members, from which on a third of the seeds will do: more people say the same with less noise


def main() -> None:
    """Everything, in two or more processes."""
    options = _options()
    start = time.monotonic()
    seeds = range(1, options.seeds + 1)
    print(f"Seeds 1 to {options.seeds}; what is printed are medians, and means of shares.\n")
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        ask = partial(_ask, pool)
        found = attacks(ask, seeds)
        print("\nThe same by circles (and by count) in worlds that are harder, each as the one before and more:\n")
        harder(ask, seeds, dict(list(HARDER.items())[-1:] if options.fast else HARDER))
        print(f"\nListed in so many of {WEEKS} editions: somebody good with {FANS} fans who come every week.\n")
        stars(ask, seeds[: max(1, len(seeds) // 3)])
        print("\nA clique: how often a member of it who stands is listed; empty places, of ten.\n")
        sizes(ask, seeds, [members for members in SHAPES if not options.fast or members <= MANY])
        print(f"\nThe least good praise each other, in a community of {HALF}: weeks in which one of them is listed.\n")
        worst(ask, seeds)
    if options.picture:
        options.picture.write_text(picture.svg(found), encoding="utf-8")
    print(f"\n{time.monotonic() - start:.0f} seconds.")


Asked = Sequence[Sequence[tuple[object, ...]]]
Ask = Callable[[Callable[..., Answer], Asked], list[list[Answer]]]


def _ask(pool: ProcessPoolExecutor, question: Callable[..., Answer], of: Asked) -> list[list[Answer]]:
    """The answers to a question, for groups of arguments."""
    waiting = [[pool.submit(question, *arguments) for arguments in group] for group in of]
    return [[each.result() for each in group] for group in waiting]


def attacks(ask: Ask, seeds: Sequence[int]) -> picture.Found:
    """How good the list is when nobody attacks, and the fewest fakes for each attack."""
    good = ask(merit, [[(method, seed) for seed in seeds] for method in METHODS])
    asked = [[(method, attack, seed) for seed in seeds] for attack in ATTACKS for method in METHODS]
    medians = iter([_median(answers) for answers in ask(fewest_fakes, asked)])
    found = {attack.name: {method: next(medians) for method in METHODS} for attack in ATTACKS}
    rows = [[attack, *map(fakes, of.values())] for attack, of in found.items()]
    rows.append(["NDCG@10 when nobody attacks", *(f"{statistics.mean(each):.3f}" for each in good)])
    print(markdown(["fewest fakes", *METHODS], rows))
    return found


def harder(ask: Ask, seeds: Sequence[int], worlds: dict[str, Shape]) -> None:
    """What some attacks take elsewhere."""
    methods = ("circles", "count")
    kinds = [(method, world) for world in worlds.values() for method in methods]
    good = iter([statistics.mean(each) for each in ask(merit, [[(m, seed, w) for seed in seeds] for m, w in kinds])])
    tried = [attack for attack in ATTACKS if attack.name in ELSEWHERE]
    asked = [[(m, attack, seed, world) for seed in seeds] for attack in tried for m, world in kinds]
    medians = iter([_median(answers) for answers in ask(fewest_fakes, asked)])
    rows = [[attack.name, *(f"{fakes(next(medians))} ({fakes(next(medians))})" for _ in worlds)] for attack in tried]
    rows.append(["NDCG@10 when nobody attacks", *(f"{next(good):.3f} ({next(good):.3f})" for _ in worlds)])
    print(markdown(["fewest fakes", *worlds], rows))


def stars(ask: Ask, seeds: Sequence[int]) -> None:
    """With resting, and without."""
    rests = {"without resting": 0, "with resting": None}
    asked = [[(method, rest, seed, LARGE) for seed in seeds] for rest in rests.values() for method in METHODS]
    weeks = iter([f"{statistics.median(each):.0f}" for each in ask(star, asked)])
    print(markdown(["", *METHODS], [[name, *(next(weeks) for _ in METHODS)] for name in rests]))


def sizes(ask: Ask, seeds: Sequence[int], members: Sequence[int]) -> None:
    """Cliques and empty places, by how many members a community and a clique have."""
    kinds = [(size, number) for size in members for number in CLIQUES]
    fewer = {size: seeds if size < MANY else seeds[: max(1, len(seeds) * MANY // (3 * size))] for size in members}
    asked = [[(size, number, case, seed) for seed in fewer[size]] for size, number in kinds for case in CASES]
    outcomes = iter(ask(cliques, asked))
    rows = []
    for size, number in kinds:
        of: dict[str, list[Outcome]] = {case: next(outcomes) for case in CASES}
        listed = [percent(statistics.mean(each.listed for each in of[case])) for case in CASES]
        empty = [f"{statistics.mean(each.empty for each in of[case]):.1f}" for case in EMPTY]
        rows.append([f"{number} of {size:,}", *listed, *empty])
    print(markdown(["clique", *CASES, *(f"empty: {case}" for case in EMPTY)], rows))


def worst(ask: Ask, seeds: Sequence[int]) -> None:
    """What praising each other does for people whom few others would list."""
    question = partial(cliques, worst=True)
    outcomes = iter(ask(question, [[(HALF, n, case, seed) for seed in seeds] for n in CLIQUES for case in CASES]))
    rows = []
    for number in CLIQUES:
        of = [next(outcomes) for _ in CASES]
        rows.append([f"{number} of {HALF}", *(percent(statistics.mean(o.any for o in each)) for each in of)])
    print(markdown(["clique", *CASES], rows))


def _median(numbers: Sequence[int | None]) -> int | None:
    median = statistics.median([inf if each is None else each for each in numbers])
    return None if median == inf else round(median)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.ranking", description=__doc__)
    parser.add_argument("--fast", action="store_true", help="one seed, and no community of thousands")
    parser.add_argument("--seeds", type=int, help=f"how many: {SEEDS}, or {FAST} if fast")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="an SVG")
    options = parser.parse_args()
    options.seeds = options.seeds or (FAST if options.fast else SEEDS)
    return options


if __name__ == "__main__":
    main()
