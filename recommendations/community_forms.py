"""What people type to found, join, set, hand over or end a community, checked for its form."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.forms import time_zones
from recommendations.consent import Mentions, Policy
from recommendations.forms import RefusingForm
from recommendations.models import Community, Gathering, Membership
from recommendations.models.community import RANKING_SETTINGS
from recommendations.models.naming import HASHTAG_MAX, SLUG_MAX, free_slug, hashtag_of
from recommendations.schedule import Unkeepable

NOT_SURE = {"required": _("Tick this, if you mean it.")}


class JoinForm(RefusingForm):
    """Agreement to the community's values."""

    agreed = forms.BooleanField(label=_("I have read this, and agree"), required=False)
    digest = forms.BooleanField(label=_("Send me each edition by mail"), required=False)


class CommunitySettingsForm(forms.ModelForm):
    """All that an owner or curator sets."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=time_zones,
        initial="UTC",
        help_text=_("The week is kept by its clocks, summer time included. At first it is the founder's."),
    )
    consent = forms.ChoiceField(
        label=_("Whom it lists"),
        choices=[
            (Policy.OPEN.value, _("Everybody whose network says they may be recommended")),
            (Policy.ASK_FIRST.value, _("Only people who have said yes here")),
        ],
        help_text=_(
            "Usually whoever may be recommended by their network's own setting. Nobody is ever listed who has said no."
        ),
    )
    mentions = forms.ChoiceField(
        label=_("Whom its posts on Mastodon notify"),
        choices=[
            (Mentions.ACCEPTED.value, _("Only people who have said that they may be mentioned")),
            (Mentions.EVERYONE.value, _("Everybody listed who has not said otherwise")),
        ],
        help_text=_("Usually only those who agreed: everybody else is named without being notified."),
    )

    class Meta:
        model = Community
        fields = [
            "name", "hashtag", "description", "values", "language", "accent", "time_zone",
            "opens_weekday", "opens_time", "closes_weekday", "closes_time", "publishes_weekday", "publishes_time",
            "list_size", "nominations_per_week", "rest_weeks", "method", "joining", "consent", "mentions",
            "comments_days", "review", "unreviewed",
        ]  # fmt: skip
        labels = RANKING_SETTINGS | {
            "name": _("Name"),
            "hashtag": _("Hashtag"),
            "description": _("In a sentence"),
            "values": _("Values"),
            "language": _("Language"),
            "accent": _("Colour"),
            "opens_time": _("at"),
            "closes_time": _("at"),
            "publishes_time": _("at"),
            "comments_days": _("Days in which members may comment on an edition"),
        }
        help_texts = {
            "hashtag": _("It stands on every page and in every post. Without the #."),
            "description": _("Shown on the board and wherever communities are listed. Empty: nothing is shown."),
            "values": _(
                "A short code of conduct in Markdown, agreed to on joining. Empty: a newcomer joins without agreeing "
                "to anything."
            ),
            "language": _("As a code: en, de, pt-BR. In it we write the community's posts."),
            "accent": _("Of links, buttons and the picture that goes with posts. Usually brick."),
            "list_size": _("Usually 10: about as many as people read. Who comes after them stands in reserve."),
            "nominations_per_week": _("Usually 3: enough to choose, too few to flood the board."),
            "rest_weeks": _(
                "So many editions somebody who was featured cannot be nominated again. Empty, as usual: worked out "
                "from how many people are nominated."
            ),
            "method": _(
                "Usually by how many vote: below a hundred each vote is a point; above, people who always vote alike "
                "weigh less, so that nobody can buy a place."
            ),
            "joining": _("Usually anyone: it takes one press. New members' votes count from the week after."),
            "comments_days": _("Usually 14. 0: none."),
            "review": _("Usually yes: the draft waits for a curator, and goes out at its time once it is approved."),
            "unreviewed": _("Usually it waits, however long that takes. Else it goes out at its time all the same."),
        }
        widgets = {
            "description": forms.Textarea(attrs={"rows": 2}),
            "values": forms.Textarea(attrs={"rows": 6}),
            **{
                name: forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
                for name in ("opens_time", "closes_time", "publishes_time")
            },
        }

    def clean_hashtag(self) -> str:
        """With or without the #."""
        return str(self.cleaned_data["hashtag"]).lstrip("#")

    def clean(self) -> dict[str, Any]:
        """The week must be one that can be kept."""
        data = super().clean() or self.cleaned_data
        if not self.errors:
            plan = Community(**{name: data[name] for name in data if name.endswith(("_weekday", "_time", "time_zone"))})
            try:
                plan.week_plan.check()
            except Unkeepable as error:
                self.add_error("closes_weekday", error.said(gettext))
        return data


class CommunityForm(RefusingForm):
    """A name is enough to begin. Address and hashtag are made of it where they are left empty."""

    name = forms.CharField(label=_("Name"), max_length=80)
    slug = forms.SlugField(
        label=_("Address"),
        max_length=SLUG_MAX,
        required=False,
        help_text=_("The end of its address, /c/…/. It stays as it is for good. Empty: made of the name."),
    )
    hashtag = forms.RegexField(
        label=_("Hashtag"),
        max_length=HASHTAG_MAX + 1,
        regex=r"^#?\w*[^\W\d_]\w*$",
        required=False,
        help_text=_("The tag it gathers around. Empty: made of the name."),
    )

    def clean_hashtag(self) -> str:
        """With or without the #."""
        return str(self.cleaned_data["hashtag"]).lstrip("#")

    def clean(self) -> dict[str, Any]:
        """Propose what was left empty."""
        data = super().clean() or self.cleaned_data
        name = data.get("name", "")
        if name and data.get("slug") == "":
            data["slug"] = free_slug(name)
            if not data["slug"]:
                self.add_error("slug", _("Please choose one: letters from a to z, digits and hyphens."))
        if name and data.get("hashtag") == "":
            data["hashtag"] = hashtag_of(name)
            if not data["hashtag"]:
                self.add_error("hashtag", _("Please choose one, with at least one letter."))
        return data


class MemberChoice(forms.ModelChoiceField):
    """One of a community's members, by name."""

    def label_from_instance(self, obj: Any) -> str:
        """With the role they have, where it is more than a member's."""
        if obj.is_curator:
            return _("%(name)s (curator)") % {"name": obj.user}
        return str(obj.user)


class HandOverForm(RefusingForm):
    """To whom a community is handed over, and that it is meant. `to` is a Membership."""

    to = MemberChoice(label=_("To whom?"), queryset=Membership.objects.none(), empty_label=_("Choose somebody"))
    sure = forms.BooleanField(
        label=_("Yes, it is to be theirs. I stay a curator, and cannot take it back myself."), error_messages=NOT_SURE
    )

    def __init__(self, *arguments: Any, others: QuerySet[Membership], **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["to"].queryset = others.order_by("-role", "user__display_name", "pk")  # type: ignore[attr-defined]


class AskForm(RefusingForm):
    """Somebody who is asked to curate."""

    name = forms.CharField(
        label=_("Their user name or handle"),
        max_length=300,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocapitalize": "none", "autocomplete": "off"}),
        help_text=_("A handle they have proven here. They hear of it, and say yes themselves."),
    )


class EndForm(RefusingForm):
    """That a community's end is meant."""

    sure = forms.BooleanField(label=_("Yes, it has come to its end."), error_messages=NOT_SURE)


class GatheringForm(forms.ModelForm):
    """The weekly meeting."""

    link = forms.URLField(required=False, assume_scheme="https")

    class Meta:
        model = Gathering
        fields = ["weekday", "time", "minutes", "place", "link"]
        labels = {
            "weekday": _("Every"),
            "time": _("at"),
            "minutes": _("for so many minutes"),
            "place": _("Where"),
            "link": _("Link"),
        }
        widgets = {"time": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")}
