"""`make bench`: what the pages and verbs cost, beside a bare Django view or the plain SQL in the same run.

Absolute times say nothing about another machine; the ratios do. On a Postgres and a Redis of its own.
"""

import os
import sys
import tempfile
from pathlib import Path

from tests.keys import KEYS
from tests.start_services import services

VOTES = int(os.environ.get("BENCH_VOTES", "100000"))
BOARDS = int(os.environ.get("BENCH_BOARDS", "200"))  # that close at once
PEOPLE = int(os.environ.get("BENCH_PEOPLE", "200000"))  # who can be searched for


def main() -> None:
    """Set up, measure, print."""
    with tempfile.TemporaryDirectory() as folder, services() as urls:
        os.environ.update(KEYS | urls | {"FF_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "ffapp.settings"})
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command

        settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
        (Path(folder) / "static").mkdir()
        call_command("migrate", verbosity=0)
        from benchmarks import measure
        from benchmarks.compiling import compiling, many
        from benchmarks.searching import searching

        print(f"{'':<44} {'median':>12} {'ratio':>11}")
        measure.pages()
        measure.votes()
        compiling(VOTES)
        many(BOARDS, 1_000)
        measure.composing()
        searching(PEOPLE)


if __name__ == "__main__":
    sys.exit(main())
