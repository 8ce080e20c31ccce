"""Of what somebody wants to hear, and where. Only what differs from the usual has a row."""

from collections.abc import Iterable
from typing import NamedTuple

from django.conf import settings
from django.db import models

from recommendations.models.notification import Notification

Kind = Notification.Kind
# Where somebody waits for an answer one hears of it by mail too. Editions come by mail per community
# (`Membership.digest`), to those who asked for it.
USUALLY_MAILED = frozenset({Kind.DECISION, Kind.MEMBER, Kind.CURATOR, Kind.REASON})
ALWAYS_IN_APP = frozenset({Kind.DECISION, Kind.SECURITY})
MAILED_AT_ONCE = frozenset({Kind.SECURITY})  # always, by letters of its own (`actions.alert`)
NEVER_MAILED = frozenset({Kind.EDITION})


class Wanted(NamedTuple):
    """In the app, by mail."""

    in_app: bool
    by_mail: bool


class WishQuerySet(models.QuerySet["Wish"]):
    """Wishes, whether they have a row or not."""

    def about(self, kind: str, users: Iterable[int]) -> dict[int, Wanted]:
        """What each of these people (by id) wants to hear of this kind, in one query."""
        wishes = {user: usual(kind) for user in users}
        said = self.filter(kind=kind, user__in=wishes)
        for user, in_app, by_mail in said.values_list("user_id", "in_app", "by_mail"):
            wishes[user] = allowed(kind, in_app, by_mail)
        return wishes

    def of(self, user: int) -> dict[str, Wanted]:
        """What somebody (by id) wants to hear, kind by kind."""
        said = {
            kind: (in_app, by_mail)
            for kind, in_app, by_mail in self.filter(user=user).values_list("kind", "in_app", "by_mail")
        }
        return {kind: allowed(kind, *said[kind]) if kind in said else usual(kind) for kind in Kind.values}


class Wish(models.Model):
    """Whether somebody wants to hear of one kind of thing in the app, and whether by mail."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="wishes")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    in_app = models.BooleanField()
    by_mail = models.BooleanField()

    objects = WishQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="one_wish_each")]
        verbose_name_plural = "wishes"

    def __str__(self) -> str:
        return f"{self.kind} for {self.user}"


def usual(kind: str) -> Wanted:
    """What somebody hears who has said nothing about it."""
    return Wanted(in_app=True, by_mail=kind in USUALLY_MAILED)


def allowed(kind: str, in_app: bool, by_mail: bool) -> Wanted:
    """A wish, as far as it can be granted."""
    return Wanted(in_app or kind in ALWAYS_IN_APP, by_mail and kind not in NEVER_MAILED | MAILED_AT_ONCE)
