"""A group around a hashtag, with its own week and values; and its weekly gathering."""

import zoneinfo
from datetime import datetime, time
from typing import Any

import regex
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models.user import validate_time_zone
from recommendations import schedule
from recommendations.consent import Mentions, Policy
from recommendations.explanation import Method

HASHTAG = regex.compile(r"(?=.*\p{L})[\p{L}\p{M}\p{N}_]+")  # in any script, without the #
RESERVED_SLUGS = frozenset({"new", "join", "search", "admin", "api", "feed", "c", "p", "me", "desk"})


# Settings that change who is listed, or when. A change of one is told in the public log.
RANKING_SETTINGS = {
    "list_size": _("Places on the list"),
    "nominations_per_week": _("Nominations for each member, each week"),
    "rest_weeks": _("How long somebody featured rests"),
    "method": _("How votes are counted"),
    "joining": _("Who may join"),
    "consent": _("Who is listed"),
    "time_zone": _("Time zone"),
    "opens_weekday": _("The board opens on"),
    "opens_time": _("The board opens at"),
    "closes_weekday": _("It closes on"),
    "closes_time": _("It closes at"),
    "publishes_weekday": _("The edition is out on"),
    "publishes_time": _("The edition is out at"),
    "review": _("A curator approves each edition before it goes out"),
    "unreviewed": _("When nobody has by then"),
}


def validate_hashtag(text: str) -> None:
    """Raises ValidationError for what no network would take for one tag."""
    if not HASHTAG.fullmatch(text):
        raise ValidationError(_("A hashtag is letters, digits and _ only, without the #."))


class Weekday(models.IntegerChoices):
    """As Python counts them."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class CommunityQuerySet(models.QuerySet["Community"]):
    """Communities, by what they lack."""

    def without_board(self) -> "CommunityQuerySet":
        """Those with no edition to look forward to, but for those that have ended."""
        return self.exclude(editions__state="open").filter(archived_at=None)


class Community(models.Model):
    """A group around a hashtag. Times of its week are wall time in its own zone."""

    class Joining(models.TextChoices):
        OPEN = "open", _("Anyone may join")
        APPROVAL = "approval", _("A curator approves")
        INVITATION = "invitation", _("By invitation")

    class Counting(models.TextChoices):
        BY_SIZE = "", _("By how many usually vote")
        COUNT = Method.COUNT.value, _("One vote, one point")
        CIRCLES = Method.CIRCLES.value, _("By circles of people who vote alike")

    class Unreviewed(models.TextChoices):
        WAIT = "wait", _("It waits for a curator")
        PUBLISH = "publish", _("It goes out all the same")

    class Accent(models.TextChoices):
        """Colours that hold their contrast on paper and on ink; the values are class names in the style sheet."""

        BRICK = "brick", _("Brick")
        PINE = "pine", _("Pine")
        INK = "ink", _("Ink blue")
        PLUM = "plum", _("Plum")
        OCHRE = "ochre", _("Ochre")

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    hashtag = models.CharField(max_length=64, validators=[validate_hashtag])
    description = models.CharField(max_length=500, blank=True)
    values = models.TextField(
        "values",
        max_length=5000,
        blank=True,
        help_text=_("A short code of conduct, agreed to on joining. Markdown."),
    )
    language = models.CharField(max_length=10, default="en")
    accent = models.CharField(max_length=10, choices=Accent.choices, default=Accent.BRICK)
    time_zone = models.CharField(max_length=40, default="UTC", validators=[validate_time_zone])

    opens_weekday = models.PositiveSmallIntegerField(choices=Weekday.choices, default=Weekday.SATURDAY)
    opens_time = models.TimeField(default=time(0, 0))
    closes_weekday = models.PositiveSmallIntegerField(choices=Weekday.choices, default=Weekday.THURSDAY)
    closes_time = models.TimeField(default=time(18, 0))
    publishes_weekday = models.PositiveSmallIntegerField(choices=Weekday.choices, default=Weekday.FRIDAY)
    publishes_time = models.TimeField(default=time(9, 0))

    list_size = models.PositiveSmallIntegerField(default=10, validators=[MinValueValidator(1), MaxValueValidator(50)])
    nominations_per_week = models.PositiveSmallIntegerField(
        default=3, validators=[MinValueValidator(1), MaxValueValidator(10)]
    )
    rest_weeks = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MaxValueValidator(52)],
        help_text=_("Editions that a featured profile rests. Empty: worked out from how many people are nominated."),
    )
    method = models.CharField(max_length=10, blank=True, choices=Counting.choices, default=Counting.BY_SIZE)
    joining = models.CharField(max_length=10, choices=Joining.choices, default=Joining.OPEN)
    consent = models.CharField(max_length=10, choices=[(p.value, p.value) for p in Policy], default=Policy.OPEN.value)
    mentions = models.CharField(
        max_length=10, choices=[(m.value, m.value) for m in Mentions], default=Mentions.ACCEPTED.value
    )
    review = models.BooleanField(default=True, help_text=_("A curator approves each edition before it goes out."))
    unreviewed = models.CharField(
        max_length=10,
        choices=Unreviewed.choices,
        default=Unreviewed.WAIT,
        help_text=_("When nobody has by then."),
    )
    comments_days = models.PositiveSmallIntegerField(
        default=14,
        validators=[MaxValueValidator(365)],
        help_text=_("Days after it is out in which members may comment on an edition. 0: no comments."),
    )
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)  # it has ended; its pages stay
    settled = models.JSONField(default=list, blank=True, editable=False)  # steps of its beginning taken as they are
    begun_at = models.DateTimeField(null=True, blank=True, editable=False)  # its curators put these steps away
    last_number = models.PositiveIntegerField(default=0, editable=False)

    objects = CommunityQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "communities"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The community's own page: its board."""
        return reverse("board", args=[self.slug])

    @property
    def week_plan(self) -> schedule.Week:
        """The community's week as `schedule` reckons with it."""
        return schedule.Week(
            opens=schedule.Slot(self.opens_weekday, self.opens_time),
            closes=schedule.Slot(self.closes_weekday, self.closes_time),
            publishes=schedule.Slot(self.publishes_weekday, self.publishes_time),
            time_zone=self.time_zone,
        )

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The time zone as an object."""
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def policy(self) -> Policy:
        """Who is listed: the consent policy as a word of `consent`."""
        return Policy(self.consent)

    def membership_of(self, user: Any) -> Any:
        """The Membership of a signed-in person, whatever its state; None for strangers."""
        if not user.is_authenticated:
            return None
        return self.memberships.filter(user=user).first()


class Gathering(models.Model):
    """The community's weekly meeting, in its own time zone."""

    community = models.OneToOneField(Community, on_delete=models.CASCADE, related_name="gathering")
    weekday = models.PositiveSmallIntegerField(choices=Weekday.choices)
    time = models.TimeField()
    minutes = models.PositiveSmallIntegerField(default=60, validators=[MinValueValidator(5), MaxValueValidator(720)])
    place = models.CharField(max_length=120, blank=True)
    link = models.URLField(blank=True)

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.time:%H:%M}"

    def next_after(self, at: datetime) -> datetime:
        """The next time it begins, in UTC."""
        return schedule.next_gathering(self.weekday, self.time, self.community.time_zone, at)
