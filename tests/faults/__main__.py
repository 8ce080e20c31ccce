"""`python -m tests.faults`: play the table of faults, and print what was counted. The exit code is 0 if all is well."""

import argparse
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.keys import KEYS
from tests.pds import Pds

Row = dict[str, Any]


def main() -> int:
    """Alone, or shared among several processes."""
    options = _options()
    share = -(-options.runs // options.processes)
    others = [_process(options, share, number) for number in range(1, options.processes)]
    with tempfile.TemporaryDirectory(prefix="ff-faults-") as folder:
        _set_up(Path(folder))
        from tests.faults import table

        rows = _played(options, share)
        rows = table.added([rows, *[json.loads(other.communicate()[0]) for other in others]])
        print(json.dumps(rows) if options.json else f"\n{table.drawn(rows)}\n(seed {options.seed})")
        return 0 if table.is_clean(rows) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000, help="at least so many in which the death struck")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of all chance in it")
    parser.add_argument("--network", action="append", choices=["mastodon", "bluesky", "x"], help="this one alone")
    parser.add_argument("--real-kills", action="store_true", help="each death is a SIGKILL")
    parser.add_argument("--one-point", action="store_true", help="of each fault on each network one death, by turns")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _played(options: argparse.Namespace, runs: int) -> list[Row]:
    from tests.faults.table import Table

    with Pds.start() as pds:
        networks = options.network or ["mastodon", "bluesky", "x"]
        played = Table(
            pds, networks=networks, seed=options.seed, real_kills=options.real_kills, one_point=options.one_point
        )
        played.play(runs, say=None if options.json else _say)
        return played.rows


def _process(options: argparse.Namespace, runs: int, number: int) -> "subprocess.Popen[bytes]":
    """Another share of the runs, with a seed of its own."""
    command = [
        sys.executable,
        "-m",
        "tests.faults",
        "--json",
        "--runs",
        str(runs),
        "--seed",
        str(options.seed + number),
    ]
    command += [f"--network={network}" for network in options.network or []]
    command += ["--real-kills"] if options.real_kills else []
    command += ["--one-point"] if options.one_point else []
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def _set_up(folder: Path) -> None:
    """An installation of our own in this process: SQLite in a folder that goes away."""
    for name in [name for name in os.environ if name.startswith(("FF_", "DATABASE_URL", "REDIS_URL"))]:
        del os.environ[name]
    os.environ |= KEYS | {
        "FF_DATA_DIR": str(folder),
        "FF_ENV_FILE": os.devnull,
        "FF_BASE_URL": "http://localhost:8000",
        "DJANGO_SETTINGS_MODULE": "ffapp.settings",
    }
    for name in ("broker", "broker-control", "static"):
        (folder / name).mkdir()
    import django
    from django.core.management import call_command

    django.setup()
    logging.disable(logging.CRITICAL)
    call_command("migrate", verbosity=0)


def _say(played: int, of: int) -> None:
    print(f"\r{played} of {of} runs", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
