"""`make test`: the checks, then all tests on SQLite, then what uses a database again on real Postgres and Redis.

Nothing is skipped. What comes from npm (a real Bluesky server, other people's counters) and the browser (Chromium) are
part of the first leg; how much of the code the tests run is measured there. Whatever is missing is installed where that
is possible, and is one clear line where it is not.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests import check
from tests.start_services import services

ROOT = Path(__file__).resolve().parent.parent
LEAST_COVERAGE = "95"
WORKERS = str(min(4, os.cpu_count() or 2))


def ensure_chromium() -> None:
    """A Chromium for the browser tests: on Debian as root it is installed, else somebody is told what to install."""
    if shutil.which("chromium"):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium for the browser tests ...", flush=True)
        for command in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", *command], check=True, stdout=subprocess.DEVNULL)
        return
    sys.exit("The browser tests need Chromium. On Debian: apt install chromium")


def leg(name: str, *arguments: str, **environment: str) -> int:
    """One run of pytest; its exit code."""
    print(f"\n=== {name} ===", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", "-n", WORKERS, "--dist", "worksteal", "--durations=15"]
    return subprocess.run([*command, *arguments], cwd=ROOT, env=os.environ | environment, check=False).returncode


def coverage(*arguments: str) -> int:
    """Run the coverage tool."""
    return subprocess.run([sys.executable, "-m", "coverage", *arguments], cwd=ROOT, check=False).returncode


def main() -> int:
    """All legs, then the verdict; the first failure is kept, the rest is run all the same."""
    chosen = sys.argv[1:]
    failed = check.main()
    ensure_chromium()
    for old in ROOT.glob(".coverage*"):
        old.unlink()
    measured = ["--cov", "--cov-report="]
    failed |= leg("SQLite, the real Bluesky server, the browser", *measured, *chosen, COVERAGE_FILE=".coverage.sqlite")
    with services() as urls:
        only = "database and not browser and not pds and not node and not services and not everywhere"
        patience = "-c statement_timeout=60s"  # a query that hangs is to fail, and be named
        failed |= leg("Postgres and Redis", "-m", only, *chosen, PGOPTIONS=patience, **urls)
    if not chosen:
        coverage("combine", "-q")
        failed |= coverage("report", "--fail-under", LEAST_COVERAGE, "--show-missing", "--skip-covered")
    print("\nAll green." if not failed else "\nNot green: see above.", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
