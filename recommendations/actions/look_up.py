"""Look a handle up on its network and keep what is said there: for two seconds at most, never in a transaction."""

import logging
import secrets
import time
from dataclasses import replace
from datetime import datetime
from io import BytesIO

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.options import options
from recommendations import networks, pictures
from recommendations.actions import Refused
from recommendations.actions.forget import forget_again
from recommendations.actions.show_anew import renew_pages, show_anew
from recommendations.actions.unite import merge, move
from recommendations.consent import Signal, Word, bio_declines
from recommendations.handles import Handle, Network
from recommendations.models import DomainOptOut, DoNotList, FormerHandle, Profile
from recommendations.models.profile import GONE_AFTER, LOOK_AGAIN, LOOK_AGAIN_MISSING, LOOK_AGAIN_UNSEEN
from recommendations.networks.base import Found, NotFound, Reader, Rejected, Unavailable

logger = logging.getLogger(__name__)

BUDGET = 2.0  # seconds: somebody is waiting
PATIENCE = 5.0  # nobody is
FRESH = LOOK_AGAIN / 7


def look_up(*, handle: Handle, at: datetime | None = None, themselves: bool = False) -> Profile:
    """The profile at a handle, as its network knows it now; `unseen` when nobody answered.

    A profile looked up within the last day is taken as it is kept. Somebody who moved is followed, once. Of who asked
    to be forgotten nothing is kept again: that raises Refused, unless it is they `themselves` who come back.
    """
    at = at or timezone.now()
    known = Profile.objects.at(handle).first()
    if known and is_fresh(known, at):
        return known.moved_to or known
    until = time.monotonic() + BUDGET
    found = ask(handle)
    if found is None:
        return known or _unseen(handle, at)
    profile = remember(found, typed=handle, at=at, themselves=themselves)
    return _follow(found, profile, at, until) or profile


def is_fresh(profile: Profile, at: datetime) -> bool:
    """Was it looked up so lately that it is taken as it is kept?"""
    return profile.looked_up_at is not None and at - profile.looked_up_at < FRESH


def ask(handle: Handle) -> Found | None:
    """What the network says of a handle, within BUDGET; None when there is nobody, or nobody answers. Keeps nothing."""
    try:
        return _reader(handle).look_up(handle, timeout=BUDGET)
    except (Unavailable, Rejected) as error:
        logger.info("look-up of %s failed: %s", handle, error)
        return None


def whereto(found: Found, until: float) -> Found | None:
    """Where somebody moved, if the account there says so too: anybody may claim to have been somebody. Keeps nothing.

    `until`: by time.monotonic(). None too for who asked us never to list them.
    """
    there = found.moved_to
    if there is None or there == found.handle:
        return None
    reader = _reader(there)
    try:
        if not reader.was_before(there, found.uri, timeout=until - time.monotonic()):
            return None
        elsewhere = reader.look_up(there, timeout=until - time.monotonic())
        refuse_do_not_list(elsewhere.uri, str(elsewhere.handle))
    except (Unavailable, Rejected, Refused) as error:
        logger.info("whether %s moved to %s: %s", found.handle, there, error)
        return None
    return elsewhere


def refuse_do_not_list(*names: str) -> None:
    """Raise Refused for somebody who asked us never to list them, of whom we keep but a keyed hash."""
    if DoNotList.objects.names(*names):
        raise Refused(_("They have asked not to be listed, and that is for good."), field="handle")


def look_again(*, profile: Profile, at: datetime | None = None) -> None:
    """Refresh one profile: what is said of it now, and when to ask next. Nothing is lost when nobody answers."""
    at = at or timezone.now()
    until = time.monotonic() + PATIENCE
    # By its uri, where a network can be asked so: then a new handle is no riddle.
    by_uri = profile.network == Network.BLUESKY and profile.uri
    asked = Handle(Network.BLUESKY, profile.uri or "") if by_uri else profile.handle
    try:
        found = _reader(asked).look_up(asked, timeout=PATIENCE)
    except NotFound:
        _miss(profile, at)
    except (Unavailable, Rejected) as error:
        logger.info("look-up of %s failed: %s", profile.handle, error)
        # Ask less often the longer nobody answers: half an hour at first, a week at last.
        wait = min(LOOK_AGAIN, max(LOOK_AGAIN_UNSEEN, at - (profile.looked_up_at or profile.created_at)))
        asked_for = getattr(error, "retry_at", None) or at
        Profile.objects.filter(pk=profile.pk).update(look_again_at=max(at + wait, asked_for))
    else:
        if found.handle.name == found.uri and Profile.NOBODYS not in profile.name:
            found = replace(found, handle=profile.handle)  # it does not answer today: no reason to forget it
        try:
            _follow(found, remember(found, typed=profile.handle, at=at), at, until)
        except Refused:  # nothing is kept of them
            logger.info("a profile that was looked up again is on the do-not-list")


def _reader(handle: Handle) -> Reader:
    return networks.reader(handle.network, options())


def _miss(profile: Profile, at: datetime) -> None:
    """Nobody is there. Somebody we knew is gone only once that has been so for days."""
    since = profile.missing_since or at
    gone = profile.uri is not None and at - since >= GONE_AFTER
    if profile.uri is None:
        wait = min(LOOK_AGAIN, max(LOOK_AGAIN_UNSEEN, at - profile.created_at))
    else:
        wait = LOOK_AGAIN if gone else LOOK_AGAIN_MISSING
    with transaction.atomic():
        Profile.objects.filter(pk=profile.pk).update(look_again_at=at + wait, missing_since=since)
        if gone and profile.signal != Signal.NEVER:
            _never(profile, at)


def _never(profile: Profile, at: datetime) -> None:
    """Within a transaction: nobody can follow them any more."""
    profile.signal = Signal.NEVER.value
    profile.save(update_fields=["signal"])
    show_anew(profile, at=at)


def _follow(found: Found, profile: Profile, at: datetime, until: float) -> Profile | None:
    """Where somebody moved, kept, with whatever was kept of them before."""
    elsewhere = whereto(found, until) if profile.checked else None
    if elsewhere is None:
        return None
    new = remember(elsewhere, typed=found.moved_to or elsewhere.handle, at=at)
    if new.pk == profile.pk:
        return None
    move(old=profile, new=new)
    return new


def _unseen(handle: Handle, at: datetime) -> Profile:
    profile, _ = Profile.objects.get_or_create(
        network=handle.network.value,
        name=handle.name,
        host=handle.host,
        defaults={
            "signal": Signal.UNSEEN.value,
            "opted_out": DomainOptOut.objects.covers(handle, ""),
            "look_again_at": at + LOOK_AGAIN_UNSEEN,
        },
    )
    return profile


def remember(found: Found, *, typed: Handle, at: datetime, themselves: bool = False) -> Profile:
    """Keep what a look-up found. The uri says who it is; whoever else was known under the handle makes room.

    Everything that fills in who a profile is comes through here, so the do-not-list is asked here. For who is on it
    this raises Refused, and what was kept of them before we knew who they are is gone. Unless it is they `themselves`:
    then it is kept with their no, until they say yes.
    """
    if not themselves and _asked_to_be_left_out(found, typed):
        _leave_out(found, typed, at)
        refuse_do_not_list(found.uri, str(found.handle), str(typed))
    try:
        return _keep(found, typed, at)
    except IntegrityError:  # somebody kept the same account a moment before
        return _keep(found, typed, at)


def _asked_to_be_left_out(found: Found, typed: Handle) -> bool:
    """Who has said yes since, as this account, is meant by no handle that another had before."""
    if DoNotList.objects.names(found.uri):
        return True
    willing = Profile.objects.filter(uri=found.uri, word=Word.ACCEPTED).exists()
    return not willing and DoNotList.objects.names(str(found.handle), str(typed))


@transaction.atomic
def _leave_out(found: Found, typed: Handle, at: datetime) -> None:
    """A profile was kept while nobody told whose it is. It ends as theirs that was forgotten: declined and emptied."""
    theirs = Q(uri=found.uri)
    for handle in (typed, found.handle):
        theirs |= Q(network=handle.network, name=handle.name, host=handle.host)
    named_by_uri = DoNotList.objects.names(found.uri)
    for profile in Profile.objects.select_for_update().filter(theirs).order_by("pk"):
        if profile.uri == found.uri and not named_by_uri:  # only the handle is listed: they can still say yes
            profile.word, profile.may_mention = Word.DECLINED.value, False
            profile.look_again_at = at + LOOK_AGAIN
            profile.save(update_fields=["word", "may_mention", "look_again_at"])
            show_anew(profile, at=at)
        elif profile.uri in (None, found.uri) or not profile.checked:
            forget_again(profile=profile, at=at)
        else:
            _make_room(profile, at)


@transaction.atomic
def _keep(found: Found, typed: Handle, at: datetime) -> Profile:
    if not found.checked:
        known = Profile.objects.select_for_update().at(found.handle).filter(checked=True).first()
        if known:  # somebody once answered there (X, while we had its app token): what was only typed knows less
            Profile.objects.filter(pk=known.pk).update(look_again_at=at + LOOK_AGAIN)
            return known
    profile = Profile.objects.select_for_update().filter(uri=found.uri).first()
    for handle in {typed, found.handle}:
        other = Profile.objects.select_for_update().at(handle).first()
        if other is None or other == profile:
            continue
        if profile is None and (other.uri is None or not other.checked):
            profile = other
        elif other.uri is None or not other.checked:
            merge(into=profile, other=other)  # type: ignore[arg-type]
        else:
            _make_room(other, at)
    profile = profile or Profile(network=found.handle.network.value)
    old = {profile.handle} if profile.pk else set()
    before = profile.facts
    describe(profile, found)
    if profile.word == Word.NONE and DoNotList.objects.names(found.uri, str(found.handle)):
        profile.word = Word.DECLINED.value
    profile.missing_since = None
    profile.looked_up_at, profile.look_again_at = at, at + LOOK_AGAIN
    profile.save()
    if profile.facts != before:
        show_anew(profile, at=at)
    FormerHandle.objects.filter(
        network=profile.network, name=profile.name, host=profile.host
    ).delete()  # whoever is there today is meant
    profile.former({typed, *old} - {found.handle})
    return profile


def describe(profile: Profile, found: Found) -> None:
    """Set what a look-up found, in memory."""
    profile.uri = found.uri
    profile.name, profile.host = found.handle.name, found.handle.host
    profile.display_name, profile.bio = found.name, found.bio
    profile.page_url, profile.avatar_url = found.page_url, found.avatar_url
    profile.signal = (Signal.DECLINED if bio_declines(found.bio) else found.signal).value
    profile.members_only, profile.checked = found.members_only, found.checked
    profile.opted_out = DomainOptOut.objects.covers(found.handle, found.uri)
    profile.last_active_on = found.last_active_on


def _make_room(profile: Profile, at: datetime) -> None:
    """Its handle belongs to somebody else now; until it is found elsewhere, nobody can follow it."""
    profile.name = f"{profile.name[:230]}{Profile.NOBODYS}{profile.pk}"
    profile.look_again_at = at
    profile.save(update_fields=["name", "look_again_at"])
    _never(profile, at)


def fetch_avatar(*, profile: Profile) -> None:
    """Make our own, re-encoded copy of a profile's picture. No picture is no trouble."""
    url = profile.avatar_url
    data = b""
    if url:
        try:
            data = pictures.avatar(networks.picture(url, Network(profile.network), options()))
        except (pictures.NotAPicture, Unavailable, Rejected) as error:
            logger.info("no picture of %s: %s", profile.handle, error)
    before, after = profile.avatar.name, ""
    if data:
        # A made-up name: nothing of the remote one reaches our disk. And a new one: a name that is free again, as its
        # picture was deleted, still means that picture to everyone who kept it.
        profile.avatar.save(f"{secrets.token_hex(16)}.webp", ContentFile(BytesIO(data).getvalue()), save=False)
        after = str(profile.avatar.name)
    Profile.objects.filter(pk=profile.pk).update(avatar=after, avatar_from=url)
    if before:  # who changes their picture does not want the old one kept
        renew_pages(profile)
        profile.avatar.storage.delete(before)
