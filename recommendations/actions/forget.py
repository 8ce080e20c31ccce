"""Empty the profiles somebody has proven, so that nothing we keep names them: only that they must not be listed."""

import re
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q
from django.db.models.functions import Coalesce

from accounts.models import User
from recommendations import seals
from recommendations.actions.show_anew import show_anew
from recommendations.consent import Signal, Word
from recommendations.handles import Network
from recommendations.models import (
    Appeal,
    Block,
    Comment,
    DoNotList,
    Edition,
    Entry,
    Follow,
    FormerHandle,
    Moderation,
    Nomination,
    Notification,
    Profile,
    Quote,
    Report,
    Thanks,
    Vote,
)
from recommendations.models.report import Kind
from recommendations.models.said import spoken_for

NEVER_AGAIN = timedelta(days=365 * 100)
_GONE = "…"
# Where members write about anything: whatever names an account for certain goes from there.
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


def forget(*, user: User, at: datetime) -> list[int]:
    """Within a transaction: their profiles, for good. The numbers of the lines they stand on, which become tombstones.

    Posts and lists on networks follow by the sweeps, as when somebody declines.
    """
    lines: list[int] = []
    for profile in _all_of_them(user):
        lines += profile.entries.values_list("pk", flat=True)
        names = _names(profile)
        _keep_off(profile)
        profile.word, profile.may_mention = Word.DECLINED.value, False
        Profile.objects.filter(pk=profile.pk).update(word=profile.word, may_mention=False)
        show_anew(profile, at=at)
        _unsay(profile, at)
        _unname(names)
        _empty(profile, at)
    return lines


def _all_of_them(user: User) -> list[Profile]:
    """Those they have proven, and whatever turned out to be the same account, or moved there."""
    found = {profile.pk: profile for profile in spoken_for(user)}
    fresh = set(found)
    while fresh:
        before = {each.pk: each for each in Profile.objects.filter(moved_to__in=fresh).exclude(pk__in=found)}
        found |= before
        fresh = set(before)
    return list(found.values())


def _names(profile: Profile) -> set[str]:
    """All names it goes by and went by."""
    handles = [profile.handle]
    for former in FormerHandle.objects.filter(profile=profile):
        handles.append(type(profile.handle)(Network(former.network), former.name, former.host))
    names = {profile.uri or "", profile.page_url, profile.display_name}
    for handle in handles:
        names |= {str(handle), handle.address}
    return names - {""}


def _keep_off(profile: Profile) -> None:
    """All that remains of them: hashes by which they are known again, and not listed."""
    prints = {seals.fingerprint(name, key=settings.FF_HASH_KEY) for name in (profile.uri, str(profile.handle)) if name}
    DoNotList.objects.bulk_create([DoNotList(fingerprint=each) for each in prints], ignore_conflicts=True)


def _unsay(profile: Profile, at: datetime) -> None:
    """What was said of them, by whomever; and what was said about that."""
    quotes = Quote.objects.filter(entry__profile=profile)
    votes = Vote.objects.filter(nomination__profile=profile)
    about = Q(kind=Kind.NOMINATION, target__in=profile.nominations.values("pk"))
    about |= Q(kind=Kind.SECOND, target__in=votes.values("pk"))
    about |= Q(kind=Kind.QUOTE, target__in=quotes.values("pk"))
    about |= Q(kind=Kind.ENTRY, target__in=profile.entries.values("pk"))
    reports = Report.objects.filter(about)
    Moderation.objects.filter(report__in=reports).update(words="")
    reports.update(words="")
    quotes.update(text="", vetoed_at=Coalesce("vetoed_at", at))
    profile.nominations.update(reason="")
    votes.update(reason="")
    profile.entries.update(dropped_why="")
    Block.objects.filter(profile=profile).delete()
    Thanks.objects.filter(profile=profile).delete()
    Follow.objects.filter(profile=profile).update(words="", moved_to="")


def _unname(names: set[str]) -> None:
    """Out of what others were told and have written."""
    Notification.objects.filter(Q(about__in=names) | Q(by__in=names)).delete()
    certain = sorted(
        (name for name in names if "." in name), key=len, reverse=True
    )  # not what others may be called too
    if not certain:
        return
    pattern = re.compile("|".join(map(re.escape, certain)), re.IGNORECASE)
    for model, fields in _WRITTEN.items():
        for field in fields:
            there = Q()
            for name in certain:
                there |= Q(**{f"{field}__icontains": name})
            rows: Any = model._default_manager.filter(there)
            for pk, text in rows.values_list("pk", field):
                model._default_manager.filter(pk=pk).update(**{field: pattern.sub(_GONE, text)})


def _empty(profile: Profile, at: datetime) -> None:
    """The row stays, because lists stand on it; nothing in it names anybody. The picture goes first: files know no
    transaction, and a row without its file does no harm.
    """
    if profile.avatar:
        profile.avatar.storage.delete(profile.avatar.name)
    FormerHandle.objects.filter(profile=profile).delete()
    kind = ContentType.objects.get_for_model(Profile)
    LogEntry.objects.filter(content_type=kind, object_id=str(profile.pk)).delete()
    Profile.objects.filter(pk=profile.pk).update(
        uri=None,
        name=f"{Profile.NOBODYS}{profile.pk}",
        host="",
        display_name="",
        bio="",
        page_url="",
        avatar="",
        avatar_url="",
        avatar_from="",
        signal=Signal.NEVER.value,
        checked=False,
        members_only=False,
        moved_to=None,
        last_active_on=None,
        missing_since=None,
        looked_up_at=None,
        look_again_at=at + NEVER_AGAIN,
    )
