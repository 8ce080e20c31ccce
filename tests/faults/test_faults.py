"""Every cell of the fault table, once by an exception and once by a real SIGKILL; `make faults` plays thousands."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.pds

ROOT = Path(__file__).resolve().parents[2]
CELLS = 16 * 3 * 5
SEED = "20261106"


@cache
def table(*options: str) -> list[dict[str, Any]]:
    """The rows, played in a process of their own."""
    command = [sys.executable, "-m", "tests.faults", "--json", "--runs", "1", "--seed", SEED, *options]
    played = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert played.returncode in (0, 1), played.stderr[-4000:]
    return list(json.loads(played.stdout))


@pytest.mark.parametrize("options", [(), ("--real-kills",)], ids=["in one process", "SIGKILL"])
def test_every_cell_of_the_table_is_played_and_nothing_is_doubled_or_lost(options: tuple[str, ...]) -> None:
    rows = table(*options)

    assert len(rows) == CELLS
    assert {row["fault"] for row in rows if row["n/a"]} == {"thread half posted"}
    played = [row for row in rows if not row["n/a"]]
    assert [row for row in played if row["wrong"]] == []
    assert [row for row in played if row["runs"] < 1] == []
    assert sum(row["doubles"] + row["losses"] for row in played) == 0
