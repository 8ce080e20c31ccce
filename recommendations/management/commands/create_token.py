"""`manage.py create_token USERNAME NAME`: a personal token for the API."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import ApiToken, Scope, User
from accounts.models.api_token import LASTS
from recommendations.actions.alert import alert

LONGEST_NAME = 60  # ApiToken.name


class Command(BaseCommand):
    """Make a token."""

    help = "Make a personal API token; it is printed once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="user name or e-mail address")
        parser.add_argument("--scope", action="append", choices=Scope.values, help="may be given several times; read")
        parser.add_argument("--days", type=int, choices=LASTS, default=90, help="how long it is valid")
        parser.add_argument("name", nargs="?", default="command line", help="what it is for")

    def handle(self, *args: Any, **options: Any) -> None:
        who = options["username"]
        user = User.objects.filter(username=who).first() or User.objects.filter(email__iexact=who).first()
        if user is None:
            raise CommandError(f"There is nobody called {who!r}.")
        if len(options["name"]) > LONGEST_NAME:
            raise CommandError(f"A shorter name, please: {LONGEST_NAME} characters at most.")
        scopes = options["scope"] or [Scope.READ]
        token, text = ApiToken.objects.issue(user, options["name"], scopes=scopes, days=options["days"])
        alert(user=user, occasion="token_made", about=token.name)
        self.stdout.write(text)
