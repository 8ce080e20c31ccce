"""Decisions of curators and of the server's staff, written down once and never changed."""

import re
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from recommendations.models.community import RANKING_SETTINGS, Community
from recommendations.models.edition import Edition
from recommendations.models.membership import Membership
from recommendations.models.report import WORDS_MAX, Report

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

STAFF = "staff"  # a role beside those within a community: of the server's own people
_GONE = "…"  # stands where a name stood


class ModerationQuerySet(models.QuerySet["Moderation"]):
    """Decisions, by who reads them."""

    def edits(self) -> "ModerationQuerySet":
        """Changes to drafts, of which the public learns only how many there were."""
        return self.filter(kind__in=Moderation.EDITS)

    def public(self) -> "ModerationQuerySet":
        """The others, newest first, with what their public lines need."""
        shown = self.exclude(kind__in=Moderation.EDITS).order_by("-at", "-pk")
        return shown.select_related("affected", "appeal")

    def while_made(self, edition: Edition) -> "ModerationQuerySet":
        """Return decisions that may have changed an edition: from its opening to its publication.

        Between two editions none is lost: what was decided on a board that never came out stands on the next one.
        """
        until = edition.published_at or timezone.now()
        made = self.filter(community=edition.community_id, kind__in=Moderation.SHAPING, at__lte=until)
        return made.filter(Q(at__gte=edition.opens_at) | Q(at__gte=_since(edition, until))).order_by("at", "pk")

    def about(self, user: int) -> "ModerationQuerySet":
        """Those about somebody, newest first."""
        mine = self.filter(affected=user, kind__in=Moderation.TOLD).order_by("-at", "-pk")
        return mine.select_related("community", "appeal")


def _since(edition: Edition, until: datetime) -> Coalesce:
    """When the edition before was published, or else when the community's first board opened."""
    regular = Edition.objects.regular().filter(community=edition.community_id)
    before = regular.filter(published_at__lt=until).exclude(pk=edition.pk).order_by("-published_at")
    first = regular.order_by("opens_at")
    return Coalesce(Subquery(before.values("published_at")[:1]), Subquery(first.values("opens_at")[:1]))


class Moderation(models.Model):
    """One logged decision: who (in which role), what, why. Append-only.

    `subject` is for curators' eyes and `words` for whoever is `affected`; the public log shows role, kind, reason and
    day alone. `thing` names what was decided about (`models.reported`), so that an appeal can undo it.
    """

    class Kind(models.TextChoices):
        DROP = "drop", _("Dropped from a draft")
        REORDER = "reorder", _("Moved in a draft")
        RESTORE = "restore", _("Took back into a draft")
        CLOSE = "close", _("Closed a board early")
        SETTINGS = "settings", _("Changed a setting")
        HOLD = "hold", _("Held an edition")
        UNHOLD = "unhold", _("Let an edition go on")
        SKIP = "skip", _("Skipped a week")
        BAN = "ban", _("Banned a member")
        ADMIT = "admit", _("Admitted a member")
        ROLE = "role", _("Changed a role")
        CHANNEL = "channel", _("Changed a channel")
        END = "end", _("Ended the community")
        REVIVE = "revive", _("Brought the community back")
        DISMISS = "dismiss", _("Dismissed a report")
        HIDE = "hide", _("Hid what somebody said")
        UNHIDE = "unhide", _("Showed it again")
        WARN = "warn", _("Warned somebody")
        SUSPEND = "suspend", _("Suspended a member")
        UPHOLD = "uphold", _("Appeal: upheld")
        OVERTURN = "overturn", _("Appeal: overturned")

    EDITS = (Kind.DROP, Kind.REORDER, Kind.RESTORE)
    APPEALABLE = (Kind.HIDE, Kind.WARN, Kind.SUSPEND, Kind.BAN)
    TOLD = (*APPEALABLE, Kind.UNHIDE)  # to whom they affect
    SHAPING = (  # who is listed, or when: whose votes count, who may vote, and which reasons make votes mutual
        *EDITS, Kind.CLOSE, Kind.SETTINGS, Kind.BAN, Kind.SUSPEND, Kind.HIDE, Kind.UNHIDE, Kind.OVERTURN,
        Kind.HOLD, Kind.UNHOLD, Kind.SKIP, Kind.END, Kind.REVIVE,
    )  # fmt: skip

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="moderations")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    role = models.CharField(max_length=10, choices=[*Membership.Role.choices, (STAFF, _("Server staff"))])
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reason = models.CharField(max_length=500, blank=True)  # public
    rule = models.CharField(
        max_length=10, choices=Report.Type.choices, blank=True
    )  # the reason, where it is a report's
    subject = models.CharField(max_length=200, blank=True)
    words = models.CharField(max_length=WORDS_MAX, blank=True)
    report = models.ForeignKey(Report, null=True, blank=True, on_delete=models.SET_NULL, related_name="decisions")
    affected = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="decisions"
    )
    thing = models.CharField(max_length=40, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    for_fraud = models.BooleanField(default=False, db_default=False)  # a ban that takes votes on the open board
    at = models.DateTimeField(auto_now_add=True)

    objects = ModerationQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["community", "-at", "-id"], name="decisions_of_a_community"),
            models.Index(fields=["affected", "-at", "-id"], name="decisions_about_somebody"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.reason}"

    @property
    def is_appealable(self) -> bool:
        """May whoever it affects ask others to look at it again?"""
        return self.kind in self.APPEALABLE

    @property
    def said_to_them(self) -> str:
        """What was decided, as whom it affects reads it."""
        return str(_TO_THEM.get(self.kind) or self.get_kind_display())

    @property
    def public_reason(self) -> str:
        """Why, for everybody: without the name of whom it is about, even if a curator wrote it there."""
        if self.rule:
            return str(self.get_rule_display())
        reason = self.reason
        if self.kind == self.Kind.SETTINGS:
            return "; ".join(_setting(change) for change in reason.split("; "))
        if self.kind == self.Kind.ROLE:
            return str(dict(Membership.Role.choices).get(reason, reason))
        return without_names(reason, self.affected)


_TO_THEM: "dict[str, StrOrPromise]" = {
    Moderation.Kind.HIDE: _("What you said was hidden"),
    Moderation.Kind.UNHIDE: _("What you said can be read again"),
    Moderation.Kind.WARN: _("A word of warning"),
    Moderation.Kind.SUSPEND: _("You may only read for a while"),
    Moderation.Kind.BAN: _("You were sent away"),
}


def _setting(change: str) -> str:
    """One changed setting ("list_size: 10 > 12"), by the name people know it by."""
    name, _colon, values = change.partition(": ")
    return f"{RANKING_SETTINGS.get(name, name)}: {values.replace(' > ', ' → ')}"


def without_names(text: str, user: User | None) -> str:
    """What a curator wrote, without the names somebody goes by here."""
    names = {user.display_name, user.username} - {""} if user else set()
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", _GONE, text, flags=re.IGNORECASE)
    return text
