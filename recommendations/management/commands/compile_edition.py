"""`manage.py compile_edition SLUG [WEEK]`: close a board and count."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations.actions import Refused
from recommendations.actions.compile import compile_edition
from recommendations.actions.count import RESERVE, count
from recommendations.models import Edition
from recommendations.models.state import Overtaken


def edition_of(slug: str, week: str | None) -> Edition:
    """The edition of a week, or the open one. Raises CommandError."""
    editions = Edition.objects.select_related("community").filter(community__slug=slug)
    found = (
        editions.filter(week=week)
        if week
        else editions.filter(state=Edition.State.OPEN, special=False).order_by("closes_at")
    ).first()
    if found is None:
        raise CommandError(f"There is no {f'edition {week}' if week else 'open edition'} in {slug!r}.")
    return found


class Command(BaseCommand):
    """Close and compile one edition."""

    help = "Close an edition's board and compile its draft."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the community")
        parser.add_argument("week", nargs="?", help="such as 2026-W47; without it, the open one")
        parser.add_argument("--dry-run", action="store_true", help="only show what the ballots say now")

    def handle(self, *args: Any, **options: Any) -> None:
        edition = edition_of(options["slug"], options["week"])
        if options["dry_run"]:
            draft = count(edition)
            self.stdout.write(f"{edition.week}: {draft.ranking.ballots} ballots, method {draft.ranking.method}")
            for place in draft.ranking.entries[: edition.community.list_size + RESERVE]:
                profile = draft.nominations[place.candidate].profile
                points = f"{place.explanation.points:g} ({place.supporters})"
                self.stdout.write(f"{place.rank:3}. {profile.handle}  {points}")
            return
        try:
            compile_edition(edition=edition)
        except (Refused, Overtaken) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{edition.week} is compiled: {edition.entries.ranked().count()} entries.")
