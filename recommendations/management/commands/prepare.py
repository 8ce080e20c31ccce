"""`manage.py prepare`: what must be there before the first request."""

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError


class Command(BaseCommand):
    """Tables, static files, and the demo where there is one. `serve` runs it at every start."""

    help = "Bring tables and static files up to date; with FF_DEMO, seed the demo where there is no community yet."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except OperationalError as error:
            raise CommandError(f"The database does not answer ({str(error).strip()}). Look at DATABASE_URL.") from error
        collect_static(Path(settings.DATA_DIR) / "static-files-collected")
        if settings.FF_DEMO:
            call_command("seed_demo", if_empty=True, stdout=self.stdout)


def collect_static(note: Path) -> None:
    """Collect and compress static files, unless the note says that it was done with these very files."""
    files = sorted(
        (storage.path(name), str(storage.get_modified_time(name)))
        for finder in get_finders()
        for name, storage in finder.list([])
    )
    mark = hashlib.sha256(repr([files, settings.STORAGES, str(settings.STATIC_ROOT)]).encode()).hexdigest()
    if note.exists() and note.read_text() == mark and Path(settings.STATIC_ROOT).exists():
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    note.write_text(mark)
