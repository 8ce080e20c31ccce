"""Tell somebody who is still typing whom a handle means, and what nominating them would say. Nothing is written.

The network is asked as `look_up` asks it: not about somebody looked up lately, and for two seconds at most.
"""

import time
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from recommendations.actions import Refused
from recommendations.actions.limit import count_peek
from recommendations.actions.look_up import BUDGET, ask, describe, is_fresh, refuse_do_not_list, whereto
from recommendations.actions.nominate import is_heard, place_for, refuse_beforehand, refuse_this_week, refuse_unwilling
from recommendations.actions.vote import refuse_non_member, room_for_vote
from recommendations.consent import Answer, Purpose, Signal, Viewer, Word
from recommendations.handles import Handle
from recommendations.models import DomainOptOut, Edition, Profile, Vote
from recommendations.models.board import Card, card_for
from recommendations.networks.base import Found


@dataclass(frozen=True, slots=True)
class Peek:
    """What is known before anything is done.

    `profile` lives in memory and must not be saved; None: there is nobody to show, and `refusal` says why. `on_board`:
    their card, where a reason would second them. `refusal`: what nominating would be refused with.
    """

    profile: Profile | None
    refusal: str = ""
    on_board: Card | None = None
    moved: bool = False
    members_only: bool = False


def peek(*, by: User, edition: Edition, handle: Handle, at: datetime | None = None) -> Peek:
    """Who is at a handle, for an active member. Raises Refused for others, TooSoon for who asks too often."""
    at = at or timezone.now()
    community = edition.community
    member = refuse_non_member(community.membership_of(by), at)
    count_peek(by=by, community=community, at=at)
    try:
        refuse_beforehand(by=by, edition=edition, handle=handle, at=at)
        profile, moved = _whom(handle, at)
        refuse_unwilling(profile, edition)
    except Refused as refusal:  # of somebody who said no, no more is shown than that
        return Peek(None, str(refusal))
    decision = profile.decision(community.policy, Viewer.MEMBER, Purpose.BOARD)
    told, on_board = "", None
    try:
        refuse_this_week(by=by, edition=edition, profile=profile)
        there = place_for(by=by, member=member, edition=edition, profile=profile)
        if there is not None:
            on_board = card_for(there, by) if is_heard(there, by) else None
            given = Vote.objects.filter(nomination=there, voter=by).first()
            room_for_vote(by, member, there, given, seconding=True, at=at)
    except Refused as refusal:
        told = str(refusal)
    return Peek(profile, told, on_board, moved, decision.answer == Answer.MEMBERS_ONLY)


def _whom(handle: Handle, at: datetime) -> tuple[Profile, bool]:
    """The profile that `look_up` would keep, and whether it is another handle's: they moved. Raises Refused."""
    known = Profile.objects.at(handle).select_related("moved_to").first()
    if known and is_fresh(known, at):
        return known.moved_to or known, known.moved_to is not None
    until = time.monotonic() + BUDGET
    found = ask(handle)
    if found is None:
        return known or _unseen(handle), False
    refuse_do_not_list(found.uri, str(found.handle))
    here = _as_found(found, handle)
    elsewhere = whereto(found, until) if here.checked else None
    return (_moved(here, elsewhere), True) if elsewhere else (here, False)


def _as_found(found: Found, typed: Handle) -> Profile:
    """What we keep of them, with what was found now; a new one where they are new to us."""
    at_handle = Profile.objects.at(found.handle)
    if not found.checked and (known := at_handle.filter(checked=True).first()):
        return known
    nobody_else = Q(uri=None) | Q(checked=False)
    profile = (
        Profile.objects.filter(uri=found.uri).first()
        or at_handle.filter(nobody_else).first()
        or Profile.objects.at(typed).filter(nobody_else).first()
        or Profile(network=found.handle.network.value)
    )
    describe(profile, found)
    return profile


def _moved(old: Profile, elsewhere: Found) -> Profile:
    """Somebody at their new address, where their word holds as it did (`unite.move`)."""
    new = Profile.objects.filter(uri=elsewhere.uri).first()
    if new is None:  # what was said of the old one will have been said of the new one
        new = old
        new.network, new.avatar = elsewhere.handle.network.value, ""
    elif new.word == Word.NONE:
        new.word = old.word
    describe(new, elsewhere)
    return new


def _unseen(handle: Handle) -> Profile:
    """Somebody of whom nothing is known but the handle."""
    return Profile(
        network=handle.network.value,
        name=handle.name,
        host=handle.host,
        signal=Signal.UNSEEN.value,
        opted_out=DomainOptOut.objects.covers(handle, ""),
    )
