"""`manage.py grant_staff WHO`: make someone staff of this server, or (`--revoke`) end that."""

from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from accounts.models import LinkedHandle, User
from accounts.second_factor import holds_second_factor
from recommendations import handles


class Command(BaseCommand):
    """Grant or revoke staff rights."""

    help = "Make someone staff of this server: the moderation pages and the admin with all its tables."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("who", help="user name, confirmed e-mail address or proven handle")
        parser.add_argument(
            "--moderation-only", action="store_true", help="the moderation pages, no tables of the admin"
        )
        parser.add_argument("--revoke", action="store_true", help="take staff rights away")

    def handle(self, *args: Any, **options: Any) -> None:
        user = _the_one(options["who"])
        if options["revoke"]:
            User.objects.filter(pk=user.pk).update(is_staff=False, is_superuser=False)
            self.stdout.write(f"{_named(user)} is no longer staff. Their account stays as it is otherwise.")
            return
        User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser=not options["moderation_only"])
        pages = [f"{settings.FF_BASE_URL}{reverse('moderation')}"]
        if not options["moderation_only"]:
            pages.append(f"{settings.FF_BASE_URL}{reverse('admin:index')}")
        self.stdout.write(f"{_named(user)} is staff now: {' and '.join(pages)}")
        if holds_second_factor(user):
            self.stdout.write("They have a second factor. The pages open once they have used it to sign in or confirm.")
        else:
            self.stdout.write(
                "They have no second factor yet, so those pages stay closed. Next they must sign in and add a passkey "
                f"or an authenticator app: {settings.FF_BASE_URL}{reverse('mfa_index')}"
            )


def _the_one(who: str) -> User:
    """Find the one person meant. Raises CommandError."""
    found = list(User.objects.filter(pk__in=_matching(who)).order_by("pk"))
    if not found:
        raise CommandError(
            f"There is no one with the user name, confirmed e-mail address or proven handle {who!r}. "
            "They must have signed in once; a claimed handle counts once it is proven."
        )
    if len(found) > 1:
        names = ", ".join(user.username for user in found)
        raise CommandError(f"{who!r} may mean {len(found)} people: {names}. Give one of these user names.")
    (user,) = found
    if not user.is_active:
        raise CommandError(f"{_named(user)} may not sign in: the account is not active.")
    return user


def _matching(who: str) -> set[int]:
    """Collect the ids of everyone whom the text may mean, in any of the three ways."""
    found = set(User.objects.filter(username=who).values_list("pk", flat=True))
    found.update(EmailAddress.objects.filter(email__iexact=who, verified=True).values_list("user_id", flat=True))
    for network in (None, *handles.Network):
        try:
            handle = handles.parse(who, network)
        except handles.Unreadable:
            continue
        proven = LinkedHandle.objects.filter(
            network=handle.network.value, name=handle.name, host=handle.host, proven_at__isnull=False
        )
        found.update(proven.values_list("user_id", flat=True))
    return found


def _named(user: User) -> str:
    return f"{user.display_name} ({user.username})" if user.display_name else user.username
