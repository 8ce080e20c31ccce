"""What people type, checked for its form. Whether it may be done is for the verbs to say."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.forms import MastodonDoorForm
from recommendations import handles
from recommendations.actions import Refused, TooSoon
from recommendations.handles import Handle, Network
from recommendations.models import Edition
from recommendations.models.nomination import REASON_MAX, REASON_MIN

ESSAY_MAX = Edition._meta.get_field("essay").max_length or 0  # characters
NETWORKS = [("", _("Work it out")), *((n.value, n.label) for n in Network)]


class RefusingForm(forms.Form):
    """A form that can show a verb's refusal where it belongs, with what was typed still in it."""

    again_at: datetime | None = None  # when to come back, where it was refused for coming too soon

    def refuse(self, refusal: Refused) -> None:
        """Put the refusal beside its field, or above the form."""
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))
        if isinstance(refusal, TooSoon):
            self.again_at = refusal.again_at


class WhomForm(RefusingForm):
    """Who should we follow? `parsed` is the handle once the form is valid."""

    handle = forms.CharField(
        label=_("Who should we follow?"),
        max_length=3000,
        widget=forms.TextInput(
            attrs={
                "placeholder": "@alice@example.social",
                "dir": "ltr",
                "autocapitalize": "none",
                "autocorrect": "off",
                "spellcheck": "false",
                "autocomplete": "off",
            }
        ),
        help_text=_("A handle, or the address of their profile on Mastodon, Bluesky or X."),
    )
    network = forms.ChoiceField(label=_("Network"), choices=NETWORKS, required=False)
    parsed: Handle

    def clean(self) -> dict[str, Any]:
        """Read the handle."""
        data = super().clean() or self.cleaned_data
        if "handle" in data and "network" in data:
            network = Network(data["network"]) if data["network"] else None
            try:
                self.parsed = handles.parse(data["handle"], network)
            except handles.Unreadable as error:
                self.add_error("handle", error.said(gettext))
        return data


class NominationForm(WhomForm):
    """Who should we follow, and why?"""

    reason = forms.CharField(
        label=_("And why?"),
        max_length=4 * REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 3, "minlength": REASON_MIN, "maxlength": REASON_MAX}),
        help_text=format_lazy(
            _("{least} to {most} characters. It is shown with your name."), least=REASON_MIN, most=REASON_MAX
        ),
    )


class ReasonForm(RefusingForm):
    """A reason, to edit or to second with."""

    reason = forms.CharField(
        label=_("Why?"),
        required=False,
        max_length=4 * REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": REASON_MAX}),
        help_text=format_lazy(_("{least} to {most} characters."), least=REASON_MIN, most=REASON_MAX),
    )


class DraftForm(forms.ModelForm):
    """A draft's words."""

    class Meta:
        model = Edition
        fields = ["title", "essay", "closing"]
        labels = {"title": _("Title"), "essay": _("Essay"), "closing": _("Closing")}
        widgets = {"essay": forms.Textarea(attrs={"rows": 10}), "closing": forms.Textarea(attrs={"rows": 3})}


class SpecialForm(RefusingForm):
    """An edition whose people a curator chooses: a handle and a reason on each line."""

    title = forms.CharField(label=_("Title"), max_length=120)
    essay = forms.CharField(label=_("Essay"), required=False, widget=forms.Textarea(attrs={"rows": 6}))
    people = forms.CharField(
        label=_("People"),
        required=False,
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_(
            "One on each line: the handle, a space, and the reason. "
            "Without a reason, what was last said of them is quoted."
        ),
    )
    whole_crew = forms.BooleanField(label=_("The whole crew: everybody featured so far"), required=False)
    listed: list[tuple[Handle, str]]

    def clean(self) -> dict[str, Any]:
        """Read the lines into `listed`."""
        data = super().clean() or self.cleaned_data
        self.listed = []
        for number, line in enumerate(data.get("people", "").splitlines(), start=1):
            text, _space, reason = line.strip().partition(" ")
            if not text:
                continue
            try:
                self.listed.append((handles.parse(text), reason.strip()))
            except handles.Unreadable as error:
                self.add_error(
                    "people", _("Line %(number)s: %(trouble)s") % {"number": number, "trouble": error.said(gettext)}
                )
        if not self.listed and not data.get("whole_crew"):
            self.add_error("people", _("Name at least one person, or choose the whole crew."))
        return data


class BlueskyForm(RefusingForm):
    """A Bluesky account and one of its app passwords."""

    handle = forms.CharField(label=_("Handle"), max_length=300, help_text=_("For instance custserv.bsky.social"))
    password = forms.CharField(
        label=_("App password"),
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_(
            "Make one in Bluesky under Settings, Privacy and security, App passwords. Never your real password."
        ),
    )


class MastodonForm(MastodonDoorForm):
    """Where the community's account lives; `who` once the form is valid."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        server = self.fields["mastodon"]
        server.label = _("The account's server, or its whole handle")
        server.help_text = _("Such as example.social, or @custserv@example.social.")
        server.widget.attrs["autocomplete"] = "off"


class DecideForm(RefusingForm):
    """What a curator says of a post in trouble (actions/decide)."""

    CHOICES = ("send", "adopt", "give_up", "edit", "skip", "replace")

    choice = forms.ChoiceField(choices=[(each, each) for each in CHOICES])
    address = forms.CharField(required=False, max_length=500)
    text = forms.CharField(required=False, max_length=20_000, strip=False)
