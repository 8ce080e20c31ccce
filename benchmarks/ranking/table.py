"""What was found, in Markdown that can also be read in a terminal."""

from collections.abc import Sequence

from benchmarks.ranking.measure import MOST


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(_line(row, widths) for row in [head, rule, *rows])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return f"| {' | '.join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)])} |"


def fakes(number: int | None) -> str:
    """How many were needed."""
    return f"> {MOST:,}" if number is None else f"{number:,}"


def percent(share: float) -> str:
    """In whole ones."""
    return f"{100 * share:.0f} %"
