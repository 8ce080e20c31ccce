"""Tell people of a change to how their account is opened. What tells them stands further up: the settings name it."""

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django.conf import settings
from django.utils.module_loading import import_string

from accounts.models import User


def proven_addresses(user: User) -> list[str]:
    """The addresses at which the person is surely reached."""
    return list(EmailAddress.objects.filter(user=user, verified=True).order_by("pk").values_list("email", flat=True))


def tell(user: User, occasion: str, *, about: str = "", addresses: Iterable[str] | None = None) -> None:
    """Tell them, in the app and at these addresses; at all that they have proven, if none are given.

    Whoever changes an address gives those that were proven before: an intruder's must not be the only one.
    """
    import_string(settings.FF_ALERT)(user=user, occasion=occasion, about=about, addresses=addresses)
