"""`manage.py opt_out DOMAIN`: a server's admin does not want their people recommended."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations.actions import Refused
from recommendations.actions.opt_out import opt_in, opt_out


class Command(BaseCommand):
    """Opt a domain out, or back in."""

    help = "Opt a domain and all beneath it out: nobody from there is recommended. The list is public."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("domain", help="such as example.social")
        parser.add_argument("--reason", default="", help="as the public list says it")
        parser.add_argument("--undo", action="store_true", help="the admin has changed their mind")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["undo"]:
                opt_in(domain=options["domain"])
            else:
                opt_out(domain=options["domain"], reason=options["reason"])
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        said = "may be recommended again" if options["undo"] else "is opted out"
        self.stdout.write(f"{options['domain']} {said}. What names its people is made afresh with the next ticks.")
