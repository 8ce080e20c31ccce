"""`manage.py restored`: after a restore from a backup that the server cannot notice by itself."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from recommendations.actions.restore import begin_after_restore
from recommendations.models import Channel


class Command(BaseCommand):
    """Pause all channels, and look before anything is posted that may stand already."""

    help = "After a restore from a backup: pause all channels, and look for what may stand already before posting."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only show which channels would be paused")

    def handle(self, *args: Any, **options: Any) -> None:
        live = Channel.objects.filter(state=Channel.State.LIVE).select_related("community")
        for channel in live:
            self.stdout.write(f"{channel.community}: {channel}")
        if options["dry_run"]:
            self.stdout.write(f"{len(live)} channels would be paused.")
            return
        paused = begin_after_restore()
        self.stdout.write(
            f"{paused} channels are paused. Start the server, look, then run `manage.py resume_channels`."
        )
