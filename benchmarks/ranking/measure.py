"""What is asked of the simulation, each question a function of a seed."""

from collections.abc import Callable

import numpy as np

from benchmarks.ranking.attacks import Attack
from benchmarks.ranking.rivals import CLOCKED, METHODS
from benchmarks.ranking.weeks import PLACES, PRODUCT, Past, Rules, hold
from benchmarks.ranking.world import Community, Floats, Ints, Shape

PAST = 12  # editions before the one that is attacked
MOST = 40_000  # fakes: who has more is not looked for
PRECISION = 0.01  # of what is found

# 1,200 ballots in the week that is attacked: of the same people every week, and seldom for anybody named before.
LARGE = Shape(members=1_200, pool=3_000, board=120, diligence=None, joining=0)
HARDER = {  # each world as the one before it, and one thing more
    "people come and go": Shape(members=1_700, pool=3_000, board=120),
    "few can be named": Shape(members=1_700, pool=600, board=120),
    "strong tastes": Shape(members=1_700, pool=600, board=120, quality=1.8, taste=4.3),
}
FIRST_TRY = 16


def weeks(community: Community, method: str, until: int, rules: Rules = PRODUCT) -> Past:
    """So many quiet weeks."""
    past: Past = ()
    while len(past) < until:
        past += (hold(community, past, METHODS[method], rules=rules),)
    return past


def fewest_fakes(method: str, attack: Attack, seed: int, shape: Shape = LARGE) -> int | None:
    """How many put a stranger on the list; None if MOST do not."""
    community = Community(shape, seed, PAST + 1)
    quiet = weeks(community, method, PAST - attack.weeks)

    def suffice(number: int) -> bool:
        crowd = attack.crowd(community, number, PAST, clocked=method in CLOCKED)
        past = quiet
        while len(past) <= PAST:
            past += (hold(community, past, METHODS[method], crowd),)
        return community.stranger in past[-1].published

    return fewest(suffice)


def fewest(suffice: Callable[[int], bool], most: int = MOST) -> int | None:
    """The smallest number that is enough, to PRECISION; None if `most` is not. More is taken to be no worse."""
    low, high = 0, FIRST_TRY
    while not suffice(high):
        if high == most:
            return None
        low, high = high, min(2 * high, most)
    while high - low > max(1, PRECISION * high):
        middle = (low + high) // 2
        low, high = (low, middle) if suffice(middle) else (middle, high)
    return high


def merit(method: str, seed: int, shape: Shape = LARGE) -> float:
    """NDCG@10 of quiet weeks: how good those listed are, beside the best who stood."""
    community = Community(shape, seed, PAST + 1)
    return float(
        np.mean(
            [ndcg(community.quality, each.board, each.published) for each in weeks(community, method, PAST + 1)[-5:]]
        )
    )


def ndcg(quality: Floats, board: Ints, listed: Ints) -> float:
    """Normalised discounted cumulative gain at 10; what a place gives is how much its quality is above the average."""
    best = board[np.argsort(-quality[board])]

    def gain(places: Ints) -> float:
        worth = np.maximum(quality[places[:PLACES]], 0)
        return float((worth / np.log2(np.arange(len(worth)) + 2)).sum())

    return gain(listed) / gain(best)
