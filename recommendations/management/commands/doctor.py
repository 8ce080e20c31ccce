"""`manage.py doctor`: what is configured, what is missing, how to mend it."""

import importlib.util
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from recommendations import seals
from recommendations.actions.restore import paused_by_restore
from recommendations.models import Channel, Post
from recommendations.readiness import is_fresh, readiness

LITTLE = 500_000_000  # bytes of disk below which we warn


class Command(BaseCommand):
    """Looks everything over. Exit code 1 when something must be mended."""

    help = "Look over what is configured, what is missing, and say how to mend it."

    def handle(self, *args: Any, **options: Any) -> None:
        self.ill = False
        self.stdout.write(f"Address: {settings.FF_BASE_URL}   Data: {settings.DATA_DIR}")
        self._broker()
        if self._database():
            self._scheduler()
            self._rows()
        self._disk()
        self._settings()
        if self.ill:
            raise SystemExit(1)

    def _say(self, ok: bool, what: str, mend: str = "") -> None:
        self.ill = self.ill or not ok
        self.stdout.write(f"{'ok  ' if ok else 'MEND'}  {what}{'' if ok else f': {mend}'}")

    def _broker(self) -> None:
        mend = "it does not answer. Look at REDIS_URL, or at the data folder's rights."
        self._say(readiness()["broker"], "broker", mend)

    def _database(self) -> bool:
        """Whether its tables can be asked."""
        try:
            executor = MigrationExecutor(connection)
            waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        except DatabaseError as error:
            self._say(False, "database", f"it does not answer ({str(error).strip()}). Look at DATABASE_URL.")
            return False
        self._say(not waiting, f"database ({connection.vendor})", "tables are behind; run `manage.py migrate`.")
        self._say(
            importlib.util.find_spec("psycopg") is None,
            "database driver",
            "psycopg 3 is installed too, and Django would prefer it; uninstall `psycopg`.",
        )
        return not waiting

    def _scheduler(self) -> None:
        age = readiness()["tick_age_seconds"]
        told = "there was no tick yet" if age is None else f"the last tick was {age:.0f} s ago"
        self._say(
            is_fresh(age),
            "scheduler and worker",
            f"{told}; one comes each minute when `celery beat` and a worker run.",
        )

    def _disk(self) -> None:
        folder = Path(settings.DATA_DIR)
        free = shutil.disk_usage(folder if folder.exists() else folder.parent).free
        self._say(free > LITTLE, "disk", f"only {free // 1_000_000} MB are left under {folder}.")

    def _rows(self) -> None:
        shut = 0
        for channel in Channel.objects.exclude(sealed_secret=""):
            try:
                channel.open_secret()
            except seals.Unsealable:
                shut += 1
        self._say(
            not shut,
            "channels",
            f"{shut} cannot be opened with FF_SEAL_KEYS. Put the key they were sealed with behind the new one.",
        )
        waiting = paused_by_restore().count()
        self._say(
            not waiting,
            "restore",
            f"{waiting} channels pause since the database was restored. Look, then run `manage.py resume_channels`.",
        )
        stuck = Post.objects.filter(state__in=Post.TROUBLE).count()
        self._say(not stuck, "posts", f"{stuck} need a curator; they find them at their desk.")

    def _settings(self) -> None:
        if settings.FF_OPEN_HOSTS:
            self.stdout.write(f"note  the outbound guard lets through {', '.join(settings.FF_OPEN_HOSTS)}")
        self._say(
            settings.FF_LOOPBACK or bool(settings.FF_TRUSTED_PROXIES),
            "proxy",
            "what ends TLS before us is not believed, so every page leads to itself. Name it in FF_TRUSTED_PROXIES.",
        )
        mail = settings.EMAIL_BACKEND.rpartition(".")[0].rpartition(".")[2]
        self._say(
            settings.FF_LOOPBACK or mail == "smtp",
            f"e-mail ({mail})",
            "nobody gets their sign-in code. Set FF_EMAIL_URL, such as smtp+tls://user:password@host:587.",
        )
