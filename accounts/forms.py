"""What people say of themselves."""

import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Scope, User
from recommendations import handles
from recommendations.handles import Handle, Network
from recommendations.markup import clean_line


def time_zones() -> list[tuple[str, str]]:
    """All zones of the tz database that are named after a place, and UTC."""
    names = sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


def languages() -> list[tuple[str, Any]]:
    """All that the site speaks, each by its own name, after leaving it to the browser."""
    return [("", _("As my browser says")), *settings.LANGUAGES]


class PersonForm(forms.ModelForm):
    """Name, time zone and language."""

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones)
    language = forms.ChoiceField(label=_("Language"), choices=languages, required=False)

    class Meta:
        model = User
        fields = ["display_name", "time_zone", "language"]
        labels = {"display_name": _("Display name")}

    def clean_display_name(self) -> str:
        """One clean line."""
        return clean_line(self.cleaned_data["display_name"], 60)


class PageForm(forms.ModelForm):
    """Whether there is a page about them for others, and what it tells."""

    class Meta:
        model = User
        fields = ["page", "shows_handles"]
        labels = {
            "page": _("Who may read it?"),
            "shows_handles": _("Show which accounts are mine, as far as that is proven"),
        }


class HandleForm(forms.Form):
    """A handle to claim. `parsed` once it is valid."""

    handle = forms.CharField(
        label=_("Handle"), max_length=3000, widget=forms.TextInput(attrs={"autocapitalize": "none"})
    )
    network = forms.ChoiceField(
        label=_("Network"), required=False, choices=[("", _("Work it out")), *((n.value, n.label) for n in Network)]
    )
    parsed: Handle

    def clean(self) -> dict[str, Any]:
        """Read the handle."""
        data = super().clean() or self.cleaned_data
        if "handle" in data and "network" in data:
            try:
                self.parsed = handles.parse(data["handle"], Network(data["network"]) if data["network"] else None)
            except handles.Unreadable as error:
                self.add_error("handle", error.said(gettext))
        return data


_TYPED = {"autocapitalize": "none", "spellcheck": "false", "autocomplete": "username"}


class DoorForm(forms.Form):
    """Where one signs in by way of a network; the one field is named after it. Once valid it holds a value."""

    network: Network

    @property
    def who(self) -> Handle | str:
        """A handle, or a server's host."""
        found: Handle | str = self.cleaned_data[self.network.value]
        return found

    def _handle(self, text: str) -> Handle:
        try:
            handle = handles.parse(text, self.network)
        except handles.Unreadable as error:
            raise forms.ValidationError(error.said(gettext)) from None
        if handle.network is not self.network:
            raise forms.ValidationError(
                _("%(handle)s is on %(network)s, not on %(other)s.")
                % {"handle": handle, "network": handle.network.label, "other": self.network.label}
            )
        return handle


class MastodonDoorForm(DoorForm):
    """A server, or a whole handle."""

    network = Network.MASTODON
    mastodon = forms.CharField(
        label=_("Your server, or your whole handle"),
        help_text=_("Such as example.social, or @you@example.social."),
        max_length=3000,
        widget=forms.TextInput(attrs=_TYPED),
    )

    def clean_mastodon(self) -> Handle | str:
        """Read it."""
        text = self.cleaned_data["mastodon"]
        host = text.strip().lower().removeprefix("https://").removesuffix("/")
        if "@" in host or "/" in host:
            return self._handle(text)
        try:
            return handles.ascii_host(host)
        except handles.Unreadable as error:
            raise forms.ValidationError(error.said(gettext)) from None


class BlueskyDoorForm(DoorForm):
    """A handle."""

    network = Network.BLUESKY
    bluesky = forms.CharField(
        label=_("Your handle"),
        help_text=_("Such as you.bsky.social."),
        max_length=3000,
        widget=forms.TextInput(attrs=_TYPED),
    )

    def clean_bluesky(self) -> Handle:
        """Read it."""
        return self._handle(self.cleaned_data["bluesky"])


class TokenForm(forms.Form):
    """What a token is for, what it may do, and how long it is valid."""

    name = forms.CharField(label=_("What is it for?"), max_length=60)
    scopes = forms.MultipleChoiceField(
        label=_("What may it do?"),
        choices=Scope.choices,
        initial=[Scope.READ],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one.")},
    )
    days = forms.TypedChoiceField(
        label=_("How long is it valid?"),
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("12 months"))],
        coerce=int,
        initial=90,
    )
