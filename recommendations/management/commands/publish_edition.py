"""`manage.py publish_edition SLUG WEEK`: publish a ready edition now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations.actions import Refused
from recommendations.actions.publish import publish
from recommendations.management.commands.compile_edition import edition_of


class Command(BaseCommand):
    """Publish one edition."""

    help = "Publish a ready edition now; its posts go out with the next tick."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the community")
        parser.add_argument("week", help="such as 2026-W47")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            edition = publish(edition=edition_of(options["slug"], options["week"]))
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        if edition.number is None:
            raise CommandError("There was nobody to list, so the week is skipped.")
        self.stdout.write(f"{edition.week} is out as number {edition.number}.")
