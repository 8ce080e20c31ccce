"""`python -m tests.faults [--runs N] [--seed N] [--network NAME] [--real-kills] [--json]`: play the table, print what was counted."""

import argparse
import json
import logging
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.keys import KEYS
from tests.pds import Pds


def main() -> int:
    """0 when there was no double anywhere, no loss where none may be, and nothing else wrong."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="ff-faults-") as folder:
        _set_up(Path(folder))
        with Pds.start() as pds:
            from tests.faults.table import Table

            networks = options.network or ["mastodon", "bluesky", "x"]
            table = Table(pds, networks=networks, seed=options.seed, real_kills=options.real_kills)
            table.play(options.runs, say=None if options.json else _say)
    print(json.dumps(table.as_json) if options.json else table.as_text)
    return 0 if table.is_clean else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000, help="at least so many that struck")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--network", action="append", choices=["mastodon", "bluesky", "x"])
    parser.add_argument("--real-kills", action="store_true", help="each death is a SIGKILL")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


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
