"""`manage.py tick`: do what is due, here and now."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from recommendations import tasks


def moment(text: str) -> datetime:
    """An instant from ISO 8601; without an offset it is UTC. Raises CommandError."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text!r} is no time in ISO 8601, such as 2026-11-27T09:00:00+01:00.") from error
    if not 2000 <= at.year < 3000:
        raise CommandError(f"{text!r} is not within this millennium.")  # weeks before and after it must be reckoned
    return at if at.tzinfo else at.replace(tzinfo=UTC)


class Command(BaseCommand):
    """One tick."""

    help = "Do what is due now, or at another time: compile, publish, post, look up."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--at", type=moment, help="pretend it is this time (ISO 8601)")
        parser.add_argument("--hand-out", action="store_true", help="leave the work to the workers")

    def handle(self, *args: Any, **options: Any) -> None:
        run = tasks.hand_out if options["hand_out"] else tasks.at_once
        tasks.sweep(at=options["at"] or timezone.now(), run=run)
