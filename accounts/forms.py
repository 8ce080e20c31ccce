"""What people say of themselves."""

import zoneinfo
from typing import Any

from django import forms

from accounts.models import User
from recommendations import handles
from recommendations.handles import Handle, Network
from recommendations.markup import clean_line


def time_zones() -> list[tuple[str, str]]:
    """All zones of the tz database that are named after a place, and UTC."""
    names = sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


class PersonForm(forms.ModelForm):
    """Name and time zone."""

    time_zone = forms.ChoiceField(label="Time zone", choices=time_zones)

    class Meta:
        model = User
        fields = ["display_name", "time_zone"]

    def clean_display_name(self) -> str:
        """One clean line."""
        return clean_line(self.cleaned_data["display_name"], 60)


class HandleForm(forms.Form):
    """A handle to claim. `parsed` once it is valid."""

    handle = forms.CharField(label="Handle", max_length=3000, widget=forms.TextInput(attrs={"autocapitalize": "none"}))
    network = forms.ChoiceField(
        label="Network", required=False, choices=[("", "Work it out"), *((n.value, n.label) for n in Network)]
    )
    parsed: Handle

    def clean(self) -> dict[str, Any]:
        """Read the handle."""
        data = super().clean() or self.cleaned_data
        if "handle" in data and "network" in data:
            try:
                self.parsed = handles.parse(data["handle"], Network(data["network"]) if data["network"] else None)
            except handles.Unreadable as error:
                self.add_error("handle", str(error))
        return data


class TokenForm(forms.Form):
    """What a token is for."""

    name = forms.CharField(label="What is it for?", max_length=60)
