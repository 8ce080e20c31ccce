"""Stop whoever does too much in too short a time. What was done is counted in its rows (the rule: `limits`)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.models import User
from recommendations import limits
from recommendations.actions import Refused, TooSoon
from recommendations.limits import Deed
from recommendations.models import Comment, Community, Membership, Nomination, Report, Vote

_ROWS: dict[Deed, tuple[Callable[[User], QuerySet[Any]], str]] = {
    Deed.NOMINATE: (lambda by: Nomination.objects.filter(nominator=by), "created_at"),
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
