"""Put another edition out first: one whose entries a curator chose, for instance the whole crew."""

import time
from datetime import datetime
from functools import partial
from typing import NoReturn

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from recommendations import schedule
from recommendations.actions import Refused
from recommendations.actions.look_up import is_fresh, look_up
from recommendations.actions.review import must_curate
from recommendations.consent import Signal
from recommendations.handles import Handle
from recommendations.models import Block, Community, Edition, Entry, Membership, OnceKey, Profile, Quote, TakenOff
from recommendations.models.nomination import REASON_MIN
from recommendations.models.taken_off import plain_words

PATIENCE = 10.0  # seconds that a curator waits for a page


def crew(community: Community) -> "list[Profile]":
    """Everybody this community has featured and may list today, by name."""
    return list(
        Profile.objects.listable(community.policy)
        .filter(
            pk__in=Entry.objects.present()
            .filter(edition__community=community, edition__state=Edition.State.PUBLISHED)
            .values("profile")
        )
        .order_by("display_name", "name", "pk")
    )


def look_all_up(*, listed: list[tuple[Handle, str]], within: float = PATIENCE) -> list[tuple[Profile, str]]:
    """The profiles of those whom a curator named, each with their reason.

    Raises Refused once `within` seconds are over. Whom we have looked up by then is known, so that doing it again goes
    on from there; only who was not found is asked for anew, and so is named.
    """
    at, until = timezone.now(), time.monotonic() + within
    people: list[tuple[Profile, str]] = []
    asked = 0
    for handle, reason in listed:
        known = Profile.objects.at(handle).first()
        if known is None or not is_fresh(known, at):
            if asked and time.monotonic() > until:
                _refuse_to_wait(people, len(listed))
            asked += 1
        people.append((look_up(handle=handle, at=at), reason))
    return people


def _refuse_to_wait(people: list[tuple[Profile, str]], everybody: int) -> NoReturn:
    lost = ", ".join(str(profile.handle) for profile, _reason in people if profile.signal == Signal.UNSEEN)
    if lost:
        raise Refused(_("Not everybody may be listed: %(names)s.") % {"names": lost}, field="people")
    raise Refused(
        _("We have looked up %(done)d of %(all)d people so far. Press the button again, and it goes on from there.")
        % {"done": len(people), "all": everybody},
        field="people",
    )


def make_special(
    *,
    by: Membership,
    people: list[tuple[Profile, str]],
    title: str,
    essay: str = "",
    closing: str = "",
    once: str = "",
    at: datetime | None = None,
) -> Edition:
    """A ready edition of chosen (profile, reason) pairs, in that order; it goes out once a curator says so.

    An empty reason quotes what was last said of them in this community. `once`: the key of the form; the same form sent
    again gives the edition it made the first time. Raises Refused.
    """
    at = at or timezone.now()
    community = by.community
    if not by.is_curator:
        raise Refused(_("Only curators of this community may do that."))
    if community.archived_at:
        raise Refused(_("This community has ended: nothing new goes out."))
    if not people:
        raise Refused(_("Choose at least one person."), field="people")
    unlisted = {p.pk for p, _ in people} - set(
        Profile.objects.listable(community.policy).filter(pk__in=[p.pk for p, _ in people]).values_list("pk", flat=True)
    )
    if unlisted:
        names = ", ".join(str(p.handle) for p, _ in people if p.pk in unlisted)
        raise Refused(_("Not everybody may be listed: %(names)s.") % {"names": names}, field="people")
    for profile, reason in people:
        if reason.strip() and _was_taken_off(reason, profile, community):
            raise Refused(
                _("What you quote of %(name)s was taken back. Leave it out.") % {"name": profile.handle}, field="people"
            )
    with transaction.atomic():
        Community.objects.select_for_update().get(pk=community.pk)
        make = partial(_make, by, people, {"title": title, "essay": essay, "closing": closing}, at)
        return OnceKey.objects.only_once(once, by=by.user_id, make=make, of=Edition)[0]


def _make(by: Membership, people: list[tuple[Profile, str]], words: dict[str, str], at: datetime) -> Edition:
    community = by.community
    week = schedule.window_at(community.week_plan, at).week
    taken = community.editions.filter(week__startswith=f"{week}-").count()
    edition = community.editions.create(
        week=schedule.special_name(week, taken + 2),
        special=True,
        state=Edition.State.READY,
        opens_at=at, closes_at=at, publishes_at=at, compiled_at=at, method="chosen",
        **{name: text.strip() for name, text in words.items()},
    )  # fmt: skip
    must_curate(by, edition)
    for rank, (profile, reason) in enumerate(people, start=1):
        entry = edition.entries.create(profile=profile, rank=rank)
        said = None if reason.strip() else _last_said(profile, community)
        Quote.objects.create(
            entry=entry,
            position=0,
            author=said.author if said else by.user,
            text=(said.text if said else reason.strip())[:500],
            vetoed_at=None if said else _unheard_since(by.user, profile, at),
        )
    return edition


def _unheard_since(author: User, profile: Profile, at: datetime) -> datetime | None:
    """Whom they have blocked says nothing of them, here either."""
    return at if Block.objects.filter(profile=profile, blocked=author).exists() else None


def _was_taken_off(reason: str, profile: Profile, community: Community) -> bool:
    """Did the person it is about, or a curator, take these words off, whoever said them? A part of them counts, too."""
    if TakenOff.objects.says(community=community, profile=profile, text=reason):
        return True
    said = plain_words(reason)
    gone = Quote.objects.filter(entry__profile=profile, entry__edition__community=community).exclude(text="")
    texts = gone.filter(Q(vetoed_at__isnull=False) | Q(hidden_at__isnull=False)).values_list("text", flat=True)
    return any(_shares(said, plain_words(text)) for text in texts)


def _shares(one: str, other: str) -> bool:
    """Does one of two texts stand in the other? A few letters say nothing."""
    short, long = sorted((one, other), key=len)
    return len(short) >= REASON_MIN / 2 and short in long


def _last_said(profile: Profile, community: Community) -> Quote | None:
    return (
        Quote.objects.filter(entry__profile=profile, entry__edition__community=community, position=0)
        .readable()
        .order_by("-entry__edition__published_at")
        .first()
    )
