"""`manage.py createsuperuser`: say what to do instead, because no account here is opened by a password."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    """Refuse, and name the command that does what is wanted."""

    help = "Not used here: this site has no passwords. See grant_staff."
    stealth_options = ("database", "email", "interactive", "username")  # what callers of Django's command pass

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ignored", nargs="*")

    def run_from_argv(self, argv: list[str]) -> None:
        """Refuse before Django's options are read: none of them matters."""
        super().run_from_argv(argv[:2])

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError(
            "This site has no passwords. Sign in once in the browser (by e-mail, Mastodon or Bluesky), then run "
            "`manage.py grant_staff YOUR_ADDRESS_OR_HANDLE`."
        )
