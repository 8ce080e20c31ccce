"""Measuring, and printing a line of the table."""

import statistics
import time
from collections.abc import Callable
from typing import Any

ROUNDS = 40


def median(deed: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """The median time of a deed in seconds, after two rounds to warm up."""
    times = []
    for round_ in range(rounds + 2):
        start = time.perf_counter()
        deed()
        if round_ > 1:
            times.append(time.perf_counter() - start)
    return statistics.median(times)


def once(deed: Callable[[], Any]) -> float:
    """The time of a deed that cannot be repeated."""
    start = time.perf_counter()
    deed()
    return time.perf_counter() - start


def row(what: str, seconds: float, base: float, beside: str) -> None:
    """One line of the table."""
    print(f"{what:<44} {seconds * 1000:9.2f} ms {seconds / base:9.1f} x {beside}", flush=True)
