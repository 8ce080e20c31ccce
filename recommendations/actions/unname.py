"""Take an account's names out of what others wrote, and of what they were told: where nothing else tells who is meant.

A handle or an address names one account; a display name may be anybody's, and stays in others' texts.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Model, Q

from recommendations.models import (
    Appeal,
    Comment,
    Edition,
    Entry,
    Findable,
    Moderation,
    Nomination,
    Notification,
    Profile,
    Quote,
    Report,
    Vote,
)
from recommendations.models.page_version import pages_changed

_GONE = "…"
_CHUNK = 100
_WRITTEN: dict[type[Model], tuple[str, ...]] = {
    Edition: ("title", "essay", "closing", "held_why", "share_alt"),
    Entry: ("dropped_why",),
    Nomination: ("reason",),
    Vote: ("reason",),
    Quote: ("text",),
    Comment: ("text",),
    Report: ("words",),
    Moderation: ("reason", "subject", "words"),
    Appeal: ("words", "answer"),
}


def unname(*, names: Iterable[str], at: datetime) -> list[int]:
    """Within a transaction: out of what others wrote. `names`: handles, past ones too, and addresses.

    Reasons given for others that name it, in editions that are out, may stand in posts: their numbers are returned,
    for the caller to have those corrected. Everywhere else the names are replaced.
    """
    certain = _certain(names)
    if not certain:
        return []
    posted = Quote.objects.filter(_naming("text", certain), entry__edition__state=Edition.State.PUBLISHED)
    left = list(posted.values_list("pk", flat=True))
    pattern = re.compile("|".join(map(re.escape, certain)), re.IGNORECASE)
    for model, fields in _WRITTEN.items():
        for field in fields:
            changed = _replace(model, field, certain, pattern)
            if model is Edition and changed:
                Findable.objects.mark("edition", changed, at)
                for slug in Edition.objects.filter(pk__in=changed).values_list("community__slug", flat=True).distinct():
                    pages_changed(slug)
    return left


def _naming(field: str, names: list[str]) -> Q:
    there = Q()
    for name in names:
        there |= Q(**{f"{field}__icontains": name})
    return there


def _replace(model: type[Model], field: str, names: list[str], pattern: re.Pattern[str]) -> list[int]:
    found: Any = model._default_manager.filter(_naming(field, names))
    if model is Quote:
        found = found.exclude(entry__edition__state=Edition.State.PUBLISHED)
    rows = list(found.values_list("pk", field))
    for pk, text in rows:
        model._default_manager.filter(pk=pk).update(**{field: pattern.sub(_GONE, text)})
    return [pk for pk, _text in rows]


def _certain(names: Iterable[str]) -> list[str]:
    """Those that are one account's alone, the longest first: others may be @rosa somewhere, too."""
    return sorted((name for name in names if "." in name), key=len, reverse=True)


def untell(*, profile: Profile, names: Iterable[str]) -> None:
    """Within a transaction: notifications keep names as they were, so those about this account go."""
    certain = _certain(names)
    Notification.objects.filter(Q(about__in=certain) | Q(by__in=certain)).delete()
    thanks = [f"thanks:{pk}" for pk in profile.thanks.values_list("pk", flat=True)]
    Notification.objects.filter(key__in=thanks).delete()
    nominations = list(profile.nominations.values_list("pk", flat=True))
    for start in range(0, len(nominations), _CHUNK):
        about = Q()
        for pk in nominations[start : start + _CHUNK]:
            about |= Q(key=f"nomination:{pk}") | Q(key__startswith=f"second:{pk}-")
        Notification.objects.filter(about).delete()
