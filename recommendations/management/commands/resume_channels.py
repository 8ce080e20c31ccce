"""`manage.py resume_channels`: let all channels go on that a restore from a backup has paused."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from recommendations.actions.restore import paused_by_restore, resume_all


class Command(BaseCommand):
    """Let them go on; what waits is looked for before it is sent."""

    help = "Let all channels go on that were paused because the database was restored from a backup."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only show which channels would go on")

    def handle(self, *args: Any, **options: Any) -> None:
        for channel in paused_by_restore():
            self.stdout.write(f"{channel.community}: {channel}")
        if options["dry_run"]:
            self.stdout.write(f"{paused_by_restore().count()} channels would go on.")
            return
        self.stdout.write(f"{resume_all()} channels go on.")
