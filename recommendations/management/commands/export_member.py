"""`manage.py export_member USERNAME FILE`: everything held about somebody, as one archive."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from recommendations.actions.export import export


def member(username: str) -> User:
    """Somebody by their user name. Raises CommandError."""
    user = User.objects.filter(username=username).first()
    if user is None:
        raise CommandError(f"There is nobody called {username!r}.")
    return user


class Command(BaseCommand):
    """Export one person."""

    help = "Write everything held about a member into a ZIP archive, as their own page does."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="the user name")
        parser.add_argument("file", help="where to write it")

    def handle(self, *args: Any, **options: Any) -> None:
        user = member(options["username"])
        try:
            with open(options["file"], "xb") as file:
                export(user=user, into=file)
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"Everything held about {user.username} is in {options['file']}.")
