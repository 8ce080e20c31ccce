"""`manage.py erase_member USERNAME`: forget somebody, as their own page does."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations.actions import Refused
from recommendations.actions.erase import erase, refuse_owners
from recommendations.actions.export import SECTIONS
from recommendations.management.commands.export_member import member
from recommendations.models.said import spoken_for


class Command(BaseCommand):
    """Erase one person."""

    help = "Erase a member: their account and words, and with --forget-profiles everything that names them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="the user name")
        parser.add_argument("--forget-profiles", action="store_true", help="their proven profiles, too, for good")
        parser.add_argument("--dry-run", action="store_true", help="only show what would go")

    def handle(self, *args: Any, **options: Any) -> None:
        user = member(options["username"])
        try:
            if options["dry_run"]:
                refuse_owners(user)
                for name, (_about, rows) in SECTIONS.items():
                    self.stdout.write(f"{len(rows(user)):6} {name}")
                for profile in spoken_for(user) if options["forget_profiles"] else ():
                    self.stdout.write(f"would be forgotten: {profile.handle}")
                return
            erase(user=user, forget_profiles=options["forget_profiles"])
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write("Erased. What was posted on networks is corrected with the next ticks.")
