"""`manage.py send_deliveries`: post what waits, and settle what is in doubt."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from recommendations import tasks
from recommendations.models import Post


class Command(BaseCommand):
    """Send what is due."""

    help = "Post what is due, and find out about posts in doubt."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only show what would be sent")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["dry_run"]:
            waiting = Post.objects.filter(state=Post.State.PENDING).select_related(
                "delivery__channel", "delivery__edition__community"
            )
            for post in waiting.order_by("delivery", "part"):
                rehearsal = " (rehearsal)" if post.delivery.rehearsal else ""
                self.stdout.write(f"--- {post}{rehearsal}\n{post.text}")
            return
        tasks.send_due(at=now, run=tasks.at_once)
        for state in Post.State:
            number = Post.objects.filter(state=state).count()
            if number:
                self.stdout.write(f"{state.label}: {number}")
