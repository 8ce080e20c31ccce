"""What people type about what should not stand: reports, decisions, appeals."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.forms import RefusingForm
from recommendations.models import Moderation, Report
from recommendations.models.domain_opt_out import REASON_MAX
from recommendations.models.report import WORDS_MAX

Deed = Moderation.Kind
_WORDS = {"rows": 3, "maxlength": WORDS_MAX, "dir": "auto"}
_LONGEST = 4 * WORDS_MAX  # characters read; the verbs say what is too long


class ReportForm(RefusingForm):
    """What is wrong with it, and who says so of themselves."""

    type = forms.ChoiceField(
        label=_("Choose what comes nearest"),
        choices=Report.Type.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is wrong with it.")},
    )
    who = forms.ChoiceField(
        label=_("Where it is against somebody's will: whose?"),
        choices=[("me", _("Mine: this is me, and I do not want it")), ("them", _("Theirs: they do not want it"))],
        required=False,
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("In your own words"),
        required=False,
        max_length=_LONGEST,
        widget=forms.Textarea(attrs=_WORDS),
        help_text=_("What helps to understand it. 1000 characters at most."),
    )

    @property
    def is_about_themselves(self) -> bool:
        """Then they need not wait for anybody."""
        data = self.cleaned_data
        return data.get("type") == Report.Type.UNWILLING and data.get("who") == "me"

    def clean(self) -> dict[str, Any]:
        """Against whose will?"""
        data = super().clean() or self.cleaned_data
        if data.get("type") == Report.Type.UNWILLING and not data.get("who"):
            self.add_error("who", _("Say whether this is you."))
        return data


class DecisionForm(RefusingForm):
    """What is to be done about it."""

    deeds = forms.MultipleChoiceField(
        label=_("What is to be done?"),
        required=False,
        choices=[
            (Deed.HIDE, _("Hide it")),
            (Deed.DROP, _("Leave them out of the draft")),
            (Deed.WARN, _("Warn who said it")),
            (Deed.SUSPEND, _("Suspend who said it, until the day below")),
            (Deed.BAN, _("Ban who said it")),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    until = forms.DateField(
        label=_("Suspended until the end of"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    fraud = forms.BooleanField(
        label=_("A ban is for fraud: their votes on the open board do not count"), required=False
    )
    words = forms.CharField(
        label=_("Why, for whom it affects"),
        required=False,
        max_length=_LONGEST,
        widget=forms.Textarea(attrs=_WORDS),
        help_text=_("They read it, with what was decided. The public log shows only what it was reported for."),
    )

    @property
    def ends_at(self) -> datetime | None:
        """The midnight after the day, in the curator's own zone."""
        day = self.cleaned_data.get("until")
        if day is None:
            return None
        try:
            return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
        except OverflowError:  # the last day there is
            return None


class WordsForm(RefusingForm):
    """A few words, for an appeal or its answer."""

    words = forms.CharField(label=_("Why?"), required=False, max_length=_LONGEST, widget=forms.Textarea(attrs=_WORDS))


class DomainForm(RefusingForm):
    """A server whose admin opted out."""

    domain = forms.CharField(
        label=_("Domain"),
        max_length=300,
        help_text=_("Such as example.social. Its subdomains are meant, too."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    reason = forms.CharField(
        label=_("Why, as the public list says it"),
        required=False,
        max_length=4 * REASON_MAX,
        widget=forms.TextInput(attrs={"maxlength": REASON_MAX, "dir": "auto"}),
    )


class EraseForm(RefusingForm):
    """The last word before somebody is forgotten."""

    forget_profiles = forms.BooleanField(
        label=_("Forget the accounts I have proven, too, and never list them again"), required=False
    )
    confirmation = forms.CharField(
        label=_("Type your user name"),
        required=False,
        max_length=3000,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
