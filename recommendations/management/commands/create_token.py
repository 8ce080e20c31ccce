"""`manage.py create_token USERNAME NAME`: a personal token for the API."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import ApiToken, User

LONGEST_NAME = 60  # ApiToken.name


class Command(BaseCommand):
    """Make a token."""

    help = "Make a personal API token; it is printed once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="user name or e-mail address")
        parser.add_argument("name", nargs="?", default="command line", help="what it is for")

    def handle(self, *args: Any, **options: Any) -> None:
        who = options["username"]
        user = User.objects.filter(username=who).first() or User.objects.filter(email__iexact=who).first()
        if user is None:
            raise CommandError(f"There is nobody called {who!r}.")
        if len(options["name"]) > LONGEST_NAME:
            raise CommandError(f"A shorter name, please: {LONGEST_NAME} characters at most.")
        _, text = ApiToken.objects.issue(user, options["name"])
        self.stdout.write(text)
