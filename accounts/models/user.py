"""The signed-in person."""

import secrets
import zoneinfo
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # without look-alikes


def new_username() -> str:
    """A name that gives nothing away; the person may choose another."""
    return "m-" + "".join(secrets.choice(_ALPHABET) for _ in range(8))


def validate_time_zone(name: str) -> None:
    """Refuse what is not a zone of the tz database."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("That is not a time zone we know. Choose one such as Europe/Berlin."))


def validate_language(code: str) -> None:
    """Refuse what the site does not speak."""
    if code not in dict(settings.LANGUAGES):
        raise ValidationError(_("That is not a language we speak."))


class User(AbstractUser):
    """A person who signs in. E-mail may be missing: nothing but mail itself may depend on it."""

    class Page(models.TextChoices):
        """Who may read what they recommended, all on one page."""

        FOUND = "found", gettext_lazy("Everybody")
        OPEN = "open", gettext_lazy("Everybody but search engines")
        OFF = "off", gettext_lazy("Nobody")

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    username = models.CharField(
        max_length=40, unique=True, default=new_username, validators=[UnicodeUsernameValidator()]
    )
    display_name = models.CharField(max_length=60, blank=True)
    time_zone = models.CharField(max_length=40, default="UTC", validators=[validate_time_zone])
    language = models.CharField(max_length=10, blank=True, validators=[validate_language])  # "": as the browser says
    page = models.CharField(max_length=10, choices=Page.choices, default=Page.FOUND)
    shows_handles = models.BooleanField(default=False)  # on that page: the handles they have proven

    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.get_full_name()

    def set_password(self, raw_password: str | None) -> None:
        """Mark the password as unusable, whatever is given: this site has no passwords."""
        self.set_unusable_password()

    def check_password(self, raw_password: str | None) -> bool:
        """Refuse every password. A hash that an earlier release or a command left in the row opens nothing."""
        return False

    def has_usable_password(self) -> bool:
        """Say that there is none, so that no page offers to change it or to sign in by it."""
        return False

    def get_absolute_url(self) -> str:
        """Their page for others, where there is one (`has_page`)."""
        return reverse("member", args=[self.username])

    @property
    def has_page(self) -> bool:
        """Is there a page for others?"""
        return self.is_active and self.page != self.Page.OFF

    def get_full_name(self) -> str:
        """The name other people see."""
        return self.display_name or self.username

    def get_short_name(self) -> str:
        """The same: a name is not ours to cut."""
        return self.get_full_name()
