"""Stop whoever does too much in too short a time. What was done is counted in its rows (the rule: `limits`).

Asking who is at a handle writes no row: that is counted in the cache, which all processes share. While the cache is
away nobody is stopped.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import QuerySet
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.models import User
from recommendations import limits
from recommendations.actions import Refused, TooSoon
from recommendations.limits import Deed
from recommendations.models import Comment, Community, Membership, Nomination, Report, Vote

_ROWS: dict[Deed, tuple[Callable[[User], QuerySet[Any]], str]] = {
    Deed.NOMINATE: (lambda by: Nomination.objects.filter(begun_by=by), "created_at"),
    Deed.VOTE: (lambda by: Vote.objects.filter(voter=by), "created_at"),
    Deed.SECOND: (lambda by: Vote.objects.filter(voter=by).exclude(reason=""), "created_at"),
    Deed.COMMENT: (lambda by: Comment.objects.filter(author=by), "created_at"),
    Deed.REPORT: (lambda by: Report.objects.filter(reporter=by), "at"),
}


def refuse_too_often(*, by: User, deed: Deed, community: Community, at: datetime) -> None:
    """Raise TooSoon when `by` has done it as often as one may. In two queries.

    Exact only where the caller holds a lock on a row of theirs.
    """
    most = limits.allowance(deed, new=_is_new(by, community, at))
    rows, when = _ROWS[deed]
    recent = rows(by).filter(**{f"{when}__gt": at - limits.DAY, f"{when}__lte": at}).order_by(f"-{when}")
    again_at = limits.free_again(recent.values_list(when, flat=True)[: most.day], most, at)
    if again_at is not None:
        said = _("That is as much as one can do in so short a time. You can go on at %(time)s.")
        raise TooSoon(said % {"time": _moment(again_at)}, again_at=again_at)


def count_peek(*, by: User, community: Community, at: datetime) -> None:
    """Count one look at somebody. Raise TooSoon when `by` has looked as often as one may."""
    most = limits.allowance(Deed.PEEK, new=_is_new(by, community, at))
    for begun, span, number in limits.hours_and_days(most, at):
        if _counted(f"peek:{by.pk}:{span.total_seconds():.0f}:{begun.timestamp():.0f}", span) > number:
            again_at = begun + span
            said = _("You have looked many people up. They are shown here again from %(time)s; you can still nominate.")
            raise TooSoon(said % {"time": _moment(again_at)}, again_at=again_at)


def _counted(key: str, span: timedelta) -> int:
    """How often this was counted, this time included."""
    if cache.add(key, 1, span.total_seconds()):
        return 1
    try:
        return cache.incr(key)
    except ValueError:  # a full cache threw it out between the two
        return 1


def refuse_links(*, by: User, text: str, community: Community, at: datetime, field: str) -> None:
    """Raise Refused when somebody new puts a link into what others will read."""
    if limits.has_link(text) and _is_new(by, community, at):
        said = _("Links can be put in once you have been here for a day. Please say it in words, without the link.")
        raise Refused(said, field=field)


def _is_new(by: User, community: Community, at: datetime) -> bool:
    """Somebody who does not belong to the community is as new as their account."""
    joined = Membership.objects.filter(community=community, user=by).values_list("joined_at", flat=True)
    return limits.is_new(at, by.date_joined, *joined)


def _moment(moment: datetime) -> str:
    """In the reader's own zone."""
    return formats.date_format(timezone.localtime(moment), "DATETIME_FORMAT")
