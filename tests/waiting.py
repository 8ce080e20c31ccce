"""Wait for what another process or thread is about to do: the one place where tests look at a clock."""

import time
from collections.abc import Callable

PATIENCE = 180.0  # seconds until it is given up: generous, for waiting ends as soon as the condition holds


def came(condition: Callable[[], object], patience: float = PATIENCE) -> bool:
    """Return whether the condition comes true within so many seconds."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Wait until the condition holds; fail the test when it does not come."""
    if not came(condition):
        raise AssertionError(f"waited {PATIENCE:.0f} s in vain: {what}")
