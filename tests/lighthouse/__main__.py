"""`make lighthouse`: what Lighthouse says of the first pages, in its mobile setting; the median of five runs each.

The site is served as it would be for real: debug off, static files compressed, from a demo of its own.
"""

import json
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.browser.chromium import executable
from tests.node import installed_packages, node
from tests.screens import demo

HERE = Path(__file__).parent
RUNS = 5
PAGES = ["/", "/c/custserv/", "/c/custserv/editions/3/", "/p/mastodon/ines@ayuda.example/"]
LEAST = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}

Run = dict[str, Any]


def main() -> int:
    """Print the table; 1 if a median is below what we hold ourselves to."""
    with demo() as url:
        runs = _audit([url + page for page in PAGES])
    by_page: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        by_page[run["address"]].append(run)
    print(f"{'':<44}" + "".join(f"{name:>16}" for name in LEAST) + f"{'shift':>8}{'kB':>8}{'requests':>10}")
    good = [_row(page, by_page[page]) for page in by_page]
    return 0 if all(good) and len(good) == len(PAGES) else 1


def _audit(addresses: list[str]) -> Iterable[Run]:
    folder = installed_packages(HERE)
    command = [node(), str(HERE / "audit.mjs"), str(folder), executable(), str(RUNS), *addresses]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"Lighthouse failed:\n{done.stderr[-4000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def _row(address: str, runs: list[Run]) -> bool:
    scores = {name: statistics.median(run["scores"][name] for run in runs) for name in LEAST}
    shift = statistics.median(run["cls"] for run in runs)
    size, requests = (statistics.median(run[name] for run in runs) for name in ("bytes", "requests"))
    told = "".join(f"{scores[name]:>16.0f}" for name in LEAST)
    print(f"{address:<44}{told}{shift:>8.3f}{size / 1000:>8.1f}{requests:>10.0f}")
    good = all(scores[name] >= least for name, least in LEAST.items()) and shift == 0
    if not good:
        print("    not in order:", ", ".join(sorted({each for run in runs for each in run["failed"]})) or "-")
    return good


if __name__ == "__main__":
    sys.exit(main())
