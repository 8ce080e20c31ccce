"""A worker dies at one of the five kill points: by an exception that nothing catches, or by a real SIGKILL."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from recommendations.actions import deliver as delivering
from recommendations.actions import settle as settling
from recommendations.models import Post

POINTS = {
    "before the claim": ("claim", "before"),
    "after the claim": ("claim", "after"),
    "before the call": ("begin", "after"),
    "after the call": ("receive", "before"),
    "after the receipt": ("receive", "after"),
}


class Killed(BaseException):
    """What SIGKILL is to a process. No `except Exception` survives it."""


class Death:
    """Strikes once, at a point of the step whose part it is."""

    def __init__(self, point: str, part: int) -> None:
        self.point, self.part = point, part
        self.has_struck = False
        self.deadly: Callable[[], None] = self._raise

    def strike(self) -> None:
        self.has_struck = True
        self.deadly()

    def _raise(self) -> None:
        raise Killed(self.point)


@contextlib.contextmanager
def at_work(*deaths: Death) -> Iterator[None]:
    """Each of them waits at its point."""
    verbs = {verb: getattr(delivering, verb) for verb, _ in POINTS.values()}
    _replace({verb: _deadly(verb, original, deaths) for verb, original in verbs.items()})
    try:
        yield
    finally:
        _replace(verbs)


def _replace(verbs: dict[str, Any]) -> None:
    for verb, does in verbs.items():
        setattr(delivering, verb, does)
    settling.receive = verbs["receive"]  # who settles writes down a receipt, too


def _deadly(verb: str, original: Any, deaths: tuple[Death, ...]) -> Any:
    def look(moment: str, post: Post) -> None:
        for death in deaths:
            if not death.has_struck and POINTS[death.point] == (verb, moment) and post.part == death.part:
                death.strike()

    def deadly(post: Post, *arguments: Any, **named: Any) -> Any:
        look("before", post)
        done = original(post, *arguments, **named)
        look("after", post)
        return done

    return deadly
