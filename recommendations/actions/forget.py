"""Empty the profiles somebody has proven, so that nothing we keep names them: only that they must not be listed."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.db.models.functions import Coalesce

from accounts.models import User
from recommendations import seals
from recommendations.actions.show_anew import show_anew
from recommendations.actions.unname import unname, untell
from recommendations.consent import Signal, Word
from recommendations.handles import Network
from recommendations.models import (
    Block,
    DoNotList,
    Erasure,
    Follow,
    FormerHandle,
    Moderation,
    Profile,
    Quote,
    Report,
    TakenOff,
    Thanks,
    Vote,
)
from recommendations.models.report import Kind
from recommendations.models.said import spoken_for

NEVER_AGAIN = timedelta(days=365 * 100)


@dataclass(frozen=True)
class Left:
    """What may stand in posts, by number: their lines, now tombstones, and reasons for others that name them."""

    lines: list[int] = field(default_factory=list)
    quotes: list[int] = field(default_factory=list)


def forget(*, user: User, at: datetime) -> Left:
    """Within a transaction: their profiles, for good. Posts and lists follow by the sweeps, as when they decline."""
    left = Left()
    for profile in _all_of_them(user):
        names = _names(profile)
        _keep_off(profile)
        left.lines.extend(_leave_out(profile, names, at))
        left.quotes.extend(unname(names=names, at=at))
    return left


def forget_again(*, profile: Profile, at: datetime) -> None:
    """Within a transaction: a profile that turned out to be somebody's who is on the do-not-list already."""
    lines = _leave_out(profile, _names(profile), at)
    if lines:  # what posts say of them is cleared away as after an erasure
        Erasure.objects.create(state=Erasure.State.CLEARING, asked_at=at, due_at=at, entries=lines)


def _leave_out(profile: Profile, names: set[str], at: datetime) -> list[int]:
    """Declined and emptied; their lines, by number."""
    lines = list(profile.entries.values_list("pk", flat=True))
    profile.word, profile.may_mention = Word.DECLINED.value, False
    Profile.objects.filter(pk=profile.pk).update(word=profile.word, may_mention=False)
    show_anew(profile, at=at)
    untell(profile=profile, names=names)
    _unsay(profile, at)
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
    """All handles and addresses it has and had."""
    handles = [profile.handle]
    for former in FormerHandle.objects.filter(profile=profile):
        handles.append(type(profile.handle)(Network(former.network), former.name, former.host))
    names = {profile.uri or "", profile.page_url}
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
    TakenOff.objects.filter(profile=profile).delete()
    Follow.objects.filter(profile=profile).update(words="", moved_to="")


def _empty(profile: Profile, at: datetime) -> None:
    """The row stays, because lists stand on it; nothing in it names anybody. The picture goes first: files know no
    transaction, and a row without its file does no harm.
    """
    if profile.avatar:
        profile.avatar.storage.delete(str(profile.avatar.name))
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
