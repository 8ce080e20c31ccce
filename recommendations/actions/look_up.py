"""Look a handle up on its network and keep what is said there: for two seconds at most, never in a transaction."""

import logging
from datetime import datetime
from io import BytesIO

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.options import options
from recommendations import networks, pictures
from recommendations.actions.correct import watch_deliveries
from recommendations.actions.share_image import withdraw_share_images
from recommendations.consent import Signal, bio_declines
from recommendations.handles import Handle, Network
from recommendations.models import FormerHandle, Nomination, Profile, Vote
from recommendations.models.page_version import pages_changed
from recommendations.models.profile import LOOK_AGAIN, LOOK_AGAIN_UNSEEN
from recommendations.networks.base import Found, NotFound, Rejected, Unavailable

logger = logging.getLogger(__name__)

BUDGET = 2.0  # seconds: somebody is waiting
FRESH = LOOK_AGAIN / 7


def look_up(*, handle: Handle, at: datetime | None = None) -> Profile:
    """The profile at a handle, as its network knows it now; `unseen` when nobody answered.

    A profile looked up within the last day is taken as it is kept. Somebody who moved is followed, once.
    """
    at = at or timezone.now()
    known = Profile.objects.at(handle).first()
    if known and known.looked_up_at and at - known.looked_up_at < FRESH:
        return known.moved_to or known
    found = _ask(handle)
    if found is None:
        return known or _unseen(handle, at)
    profile = remember(found, typed=handle, at=at)
    if found.moved_to and found.moved_to != found.handle:
        moved = Profile.objects.at(found.moved_to).first()
        if moved is None or moved.uri is None:
            there = _ask(found.moved_to)
            moved = remember(there, typed=found.moved_to, at=at) if there else None
        # Only when the new account is really there: a claim of having moved to somebody is no proof.
        if moved and moved.pk != profile.pk:
            Profile.objects.filter(pk=profile.pk).update(moved_to=moved)
            return moved
    return profile


def look_again(*, profile: Profile, at: datetime | None = None) -> None:
    """Refresh one profile: what is said of it now, and when to ask next. Nothing is lost when nobody answers."""
    at = at or timezone.now()
    try:
        found = networks.reader(profile.handle.network, options()).look_up(profile.handle, timeout=5.0)
    except NotFound:
        gone = {} if profile.uri is None else {"signal": Signal.NEVER.value}
        wait = min(LOOK_AGAIN, max(LOOK_AGAIN_UNSEEN, at - profile.created_at))
        Profile.objects.filter(pk=profile.pk).update(look_again_at=at + wait, **gone)
    except (Unavailable, Rejected) as error:
        logger.info("look-up of %s failed: %s", profile.handle, error)
        # Ask less often the longer nobody answers: half an hour at first, a week at last.
        wait = min(LOOK_AGAIN, max(LOOK_AGAIN_UNSEEN, at - (profile.looked_up_at or profile.created_at)))
        Profile.objects.filter(pk=profile.pk).update(look_again_at=at + wait)
    else:
        remember(found, typed=profile.handle, at=at)


def _ask(handle: Handle) -> Found | None:
    """What the network says; None when it says nothing (now)."""
    try:
        return networks.reader(handle.network, options()).look_up(handle, timeout=BUDGET)
    except (Unavailable, Rejected) as error:
        logger.info("look-up of %s failed: %s", handle, error)
        return None


def _unseen(handle: Handle, at: datetime) -> Profile:
    profile, _ = Profile.objects.get_or_create(
        network=handle.network.value,
        name=handle.name,
        host=handle.host,
        defaults={"signal": Signal.UNSEEN.value, "look_again_at": at + LOOK_AGAIN_UNSEEN},
    )
    return profile


def remember(found: Found, *, typed: Handle, at: datetime) -> Profile:
    """Keep what a look-up found. The uri says who it is; whoever else was known under the handle makes room."""
    try:
        return _keep(found, typed, at)
    except IntegrityError:  # somebody kept the same account a moment before
        return _keep(found, typed, at)


@transaction.atomic
def _keep(found: Found, typed: Handle, at: datetime) -> Profile:
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
            _make_room(other)
    profile = profile or Profile(network=found.handle.network.value)
    old = {profile.handle} if profile.pk else set()
    before = profile.facts
    profile.uri = found.uri
    profile.name, profile.host = found.handle.name, found.handle.host
    profile.display_name, profile.bio = found.name, found.bio
    profile.page_url, profile.avatar_url = found.page_url, found.avatar_url
    profile.signal = (Signal.DECLINED if bio_declines(found.bio) else found.signal).value
    profile.members_only, profile.checked = found.members_only, found.checked
    profile.looked_up_at, profile.look_again_at = at, at + LOOK_AGAIN
    profile.save()
    if profile.facts != before:
        _show_anew(profile)
    FormerHandle.objects.filter(
        network=profile.network, name=profile.name, host=profile.host
    ).delete()  # whoever is there today is meant
    profile.former({typed, *old} - {found.handle})
    return profile


def _show_anew(profile: Profile) -> None:
    """What somebody wishes has changed: it holds at once, also on pages that are cached."""
    withdraw_share_images(profile)
    watch_deliveries(profile)
    for slug in set(profile.entries.values_list("edition__community__slug", flat=True)):
        pages_changed(slug)


def _make_room(profile: Profile) -> None:
    """Its handle belongs to somebody else now. `~` stands in no handle, so the placeholder cannot be anybody's."""
    Profile.objects.filter(pk=profile.pk).update(name=f"{profile.name[:230]}~{profile.pk}", signal=Signal.NEVER.value)


def merge(*, into: Profile, other: Profile) -> None:
    """Two handles turned out to be one account: unite nominations and votes, keep every reason."""
    for nomination in other.nominations.select_related("edition"):
        kept = into.nominations.filter(edition=nomination.edition).first()
        if kept is None:
            Nomination.objects.filter(pk=nomination.pk).update(profile=into)
            continue
        for vote in nomination.votes.all():
            reason = nomination.reason if vote.voter_id == nomination.nominator_id else vote.reason
            Vote.objects.get_or_create(nomination=kept, voter_id=vote.voter_id, defaults={"reason": reason})
        nomination.delete()
    present = into.entries.values_list("edition_id", flat=True)
    other.entries.filter(edition__in=list(present), edition__published_at__isnull=True).delete()
    other.entries.exclude(edition__in=list(present)).update(profile=into)
    if other.entries.exists():  # both stand in a published list: what is printed stays printed
        Profile.objects.filter(pk=other.pk).update(moved_to=into)
        return
    FormerHandle.objects.filter(profile=other).update(profile=into)
    other.delete()


def fetch_avatar(*, profile: Profile) -> None:
    """Make our own, re-encoded copy of a profile's picture. No picture is no trouble."""
    url = profile.avatar_url
    data = b""
    if url:
        try:
            data = pictures.avatar(networks.picture(url, Network(profile.network), options()))
        except (pictures.NotAPicture, Unavailable, Rejected) as error:
            logger.info("no picture of %s: %s", profile.handle, error)
    if data:
        # A made-up name: nothing of the remote one reaches our disk.
        profile.avatar.save("avatar.webp", ContentFile(BytesIO(data).getvalue()), save=False)
    Profile.objects.filter(pk=profile.pk).update(avatar=profile.avatar.name if data else "", avatar_from=url)
