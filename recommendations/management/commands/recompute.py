"""`manage.py recompute FILE`: count a published edition again from its `ballots.json`."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations import cast_votes


class Command(BaseCommand):
    """Recount, and say what differs."""

    help = "Count an edition again from its ballots.json; fails where the list is not what its votes give."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="a ballots.json, or - for standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with open(0 if options["file"] == "-" else options["file"], encoding="utf-8") as file:
                published = json.load(file)
            if not isinstance(published, dict):
                raise ValueError("It is no ballots.json.")
            found = cast_votes.differences(published)
        except (OSError, ValueError, RecursionError) as error:
            raise CommandError(str(error)) from error
        if found:
            raise CommandError("\n".join(found))
        record = published["record"]
        for place, line in enumerate(record["order"], start=1):
            self.stdout.write(f"{place:3}. person {line['person']}: {line['score']} from {line['supporters']}")
        self.stdout.write(f"The same order and scores. Fingerprint: {published['sha256']}")
