"""A Python of its own in an environment of its own: how settings and processes are tested."""

import os
import subprocess
import sys
from pathlib import Path

from tests.keys import KEYS

ROOT = Path(__file__).resolve().parent.parent.parent


def environment(**variables: str) -> dict[str, str]:
    """Keys for tests and these variables; nothing of the machine's own settings, nothing of a developer's .env."""
    ours = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    return ours | KEYS | {"FF_ENV_FILE": os.devnull} | variables


def python(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run Python in the repository's folder. A variable set to "" counts as not set."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
