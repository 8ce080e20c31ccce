"""A clock that tests set: time passes when they say so, and sleeping takes none."""

from types import ModuleType, SimpleNamespace

import pytest


class Clock:
    """Stands still until it is advanced; calling it gives its seconds."""

    def __init__(self, now: float = 1_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.now += seconds

    def rule(self, monkeypatch: pytest.MonkeyPatch, *modules: ModuleType) -> "Clock":
        """Give the modules this clock in place of `time`; their sleeping advances it."""
        time: SimpleNamespace = SimpleNamespace(monotonic=self, sleep=self.advance)
        for module in modules:
            monkeypatch.setattr(module, "time", time)
        return self
