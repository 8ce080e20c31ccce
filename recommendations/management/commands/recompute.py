"""`manage.py recompute SLUG WEEK`: count an edition again from the record that this server keeps."""

from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations import cast_votes
from recommendations.management.commands.compile_edition import edition_of
from recommendations.models import CastVoteRecord, Edition


class Command(BaseCommand):
    """Recount, and say what differs."""

    help = "Count an edition again from the record of its votes; fails where the list is not what its votes give."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the community")
        parser.add_argument("week", help="such as 2026-W47")

    def handle(self, *args: Any, **options: Any) -> None:
        edition = edition_of(options["slug"], options["week"])
        kept = CastVoteRecord.objects.filter(edition=edition).first()
        if kept is None:
            raise CommandError(f"There is no record of the votes of {edition}: it is open, or special, or very old.")
        try:
            record = orjson.loads(kept.written)
            found = cast_votes.differences(record, published_root=kept.root)
        except ValueError as error:
            raise CommandError(str(error)) from error
        if cast_votes.fingerprint(kept.written) != kept.fingerprint:
            found.append("The fingerprint is not that of the record: something in it was changed.")
        written = [(line["score"], line["supporters"]) for line in record["order"]]
        if any(written[place - 1 : place] != [(score, votes)] for place, score, votes in _entries(edition)):
            found.append("The edition's entries are not those that were written at closing.")
        if found:
            raise CommandError("\n".join(found))
        for place, (score, supporters) in enumerate(written, start=1):
            self.stdout.write(f"{place:3}. {score} from {supporters}")
        root = f" Root of the ballots: {kept.root}" if kept.root else ""
        self.stdout.write(f"The same order and scores.{root}")


def _entries(edition: Edition) -> list[tuple[int, int, int]]:
    """(place by the votes, score, supporters) of each entry that is left; the reserve goes at publication."""
    return [
        (entry.computed_rank, entry.score, entry.supporters)
        for entry in edition.entries.all()
        if entry.computed_rank is not None
    ]
