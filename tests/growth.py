"""Assert how the cost of a function grows with its input, so that no test depends on the speed of a machine."""

import gc
import time
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

NOISE = 0.001  # seconds of CPU that a measurement may be off by: what costs less is not judged
FEWEST_RUNS, MOST_RUNS = 2, 12
LONGEST = 3.0  # seconds of CPU: short work is repeated beyond MOST_RUNS until so much is spent


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU time that this thread spends in `work`: other threads and processes do not count."""
    gc.disable()
    try:
        began = time.thread_time()
        work()
        return time.thread_time() - began
    finally:
        gc.enable()


def assert_grows_at_most(
    work: Callable[[T], object],
    given: Callable[[int], T],
    size: int,
    *,
    factor: float = 2.5,
    cost: Callable[[Callable[[], object]], float] = cpu_seconds,
) -> None:
    """Fail unless `work(given(size))` costs at most `factor` times as much as half that size.

    Both sizes are measured in turns and the best run of each counts, so that a busy machine slows both alike.
    It ends as soon as the bound holds, and fails after MOST_RUNS, or LONGEST if that is later.
    """
    small, large = given(size // 2), given(size)
    best: dict[str, Any] = {"small": float("inf"), "large": float("inf")}
    run, spent = 0, 0.0
    while run < MOST_RUNS or spent < LONGEST:
        cheap, dear = cost(lambda: work(small)), cost(lambda: work(large))
        best = {"small": min(best["small"], cheap), "large": min(best["large"], dear)}
        run, spent = run + 1, spent + cheap + dear
        if run >= FEWEST_RUNS and best["large"] <= factor * best["small"] + NOISE:
            return
    raise AssertionError(
        f"twice the input (to {size}) costs {best['large'] / best['small']:.1f} times as much, not {factor}: {best}"
    )
