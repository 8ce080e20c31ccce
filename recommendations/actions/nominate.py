"""Nominate somebody with a reason; edit that reason; withdraw."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.models import LinkedHandle, User
from recommendations import consent
from recommendations.actions import Refused
from recommendations.actions.limit import refuse_links, refuse_too_often
from recommendations.actions.look_up import look_up, refuse_do_not_list
from recommendations.actions.notify import notify_all
from recommendations.actions.vote import approve, ballot_room, refuse_removed_reason, refuse_taken_off, voting_member
from recommendations.handles import Handle
from recommendations.limits import Deed
from recommendations.markup import clean_text
from recommendations.models import Edition, Membership, Nomination, Notification, Profile, Vote
from recommendations.models.block import silenced
from recommendations.models.board import nominations_left
from recommendations.models.nomination import REASON_MAX, REASON_MIN
from recommendations.models.resting import resting_until
from recommendations.models.said import is_theirs


@dataclass(frozen=True)
class Outcome:
    """What became of it: `seconded` when the profile was on the board already."""

    nomination: Nomination
    seconded: bool


def nominate(*, by: User, edition: Edition, handle: Handle, reason: str, at: datetime | None = None) -> Outcome:
    """Put a profile on the board, or second it if it is there. Raises Refused."""
    at = at or timezone.now()
    reason = clean_reason(reason)
    # Before the network is asked: that is what a script would have us do again and again.
    refuse_beforehand(by=by, edition=edition, handle=handle, at=at)
    refuse_links(by=by, text=reason, community=edition.community, at=at, field="reason")
    profile = look_up(handle=handle, at=at)
    refuse_unwilling(profile, edition)
    refuse_this_week(by=by, edition=edition, profile=profile)
    with transaction.atomic():
        member = voting_member(by, edition, at)
        same = edition.nominations.filter(profile=profile, nominator=by, reason=reason).first()
        if same:  # pressed twice
            return Outcome(same, seconded=False)
        there = place_for(by=by, member=member, edition=edition, profile=profile)
        if there:
            seen = is_heard(there, by)
            approve(by=by, nomination=there, reason=reason, at=at)
            return Outcome(there, seconded=seen)
        refuse_taken_off(by=by, profile=profile, edition=edition, reason=reason)
        nomination, created = edition.nominations.get_or_create(
            profile=profile, defaults={"nominator": by, "begun_by": by, "reason": reason, "created_at": at}
        )
        if not created:  # somebody was a moment quicker
            approve(by=by, nomination=nomination, reason=reason, at=at)
            return Outcome(nomination, seconded=True)
        Vote.objects.create(nomination=nomination, voter=by, created_at=at)
        _tell_nominee(nomination, at)
    return Outcome(nomination, seconded=False)


def refuse_beforehand(*, by: User, edition: Edition, handle: Handle, at: datetime) -> None:
    """Raise Refused for what can be said without asking a network."""
    refuse_closed(edition, at)
    refuse_do_not_list(str(handle))
    refuse_too_often(by=by, deed=Deed.NOMINATE, community=edition.community, at=at)


def refuse_this_week(*, by: User, edition: Edition, profile: Profile) -> None:
    """Raise Refused for somebody willing whom `by` may not nominate, or not now."""
    refuse_oneself(by, profile)
    refuse_resting(profile, edition)


def place_for(*, by: User, member: Membership, edition: Edition, profile: Profile) -> Nomination | None:
    """The nomination that a reason would second, heard or not; None when it would begin a new one.

    Raises Refused when `by` has none left, or leads that one. Sure only where the member's row is locked.
    """
    there = edition.nominations.filter(profile_id=profile.pk).first()
    if there is not None:
        if there.nominator_id == by.pk:
            raise Refused(_("You have nominated them already this week. You can edit your reason."), field="handle")
        return there
    if nominations_left(edition, by.pk) <= 0:
        allowed = edition.community.nominations_per_week
        raise Refused(
            _("You have made your %(number)d nominations for this week. You can still vote.") % {"number": allowed}
        )
    ballot_room(member, edition)
    return None


def is_heard(nomination: Nomination, by: User) -> bool:
    """Does `by` see it on the board? What nobody hears is not told of either."""
    return Nomination.objects.heard(by=by.pk).filter(pk=nomination.pk).exists()


def _tell_nominee(nomination: Nomination, at: datetime) -> None:
    """Whoever has proven that the profile is theirs hears of it, if they want to hear the nominator at all."""
    heard = Nomination.objects.filter(~silenced("profile", "nominator"), pk=nomination.pk)
    owner = LinkedHandle.objects.filter(uri__in=heard.values("profile__uri"), proven_at__isnull=False)
    notify_all(
        users=owner.exclude(user=nomination.nominator_id).values_list("user", flat=True),
        kind=Notification.Kind.NOMINATED,
        key=f"nomination:{nomination.pk}",
        community=nomination.edition.community,
        about=str(nomination.profile.handle),
        by=nomination.nominator or "",
        link=reverse("said"),
        at=at,
    )


def edit_reason(*, by: User, nomination: Nomination, reason: str, at: datetime | None = None) -> None:
    """Say it better, while the board is open. Raises Refused."""
    at = at or timezone.now()
    reason = clean_reason(reason)
    with transaction.atomic():
        voting_member(by, nomination.edition, at)
        refuse_links(by=by, text=reason, community=nomination.edition.community, at=at, field="reason")
        own = Nomination.objects.select_for_update().filter(pk=nomination.pk, nominator=by).first()
        if own is None:
            raise Refused(_("Only the one who nominated them can edit that reason."))
        refuse_removed_reason(own)
        refuse_taken_off(by=by, profile=own.profile, edition=nomination.edition, reason=reason)
        own.reason, own.edited_at = reason, at
        own.save(update_fields=["reason", "edited_at"])


def withdraw(*, by: User, nomination: Nomination, at: datetime | None = None) -> bool:
    """Take a nomination back. True if the profile stays on the board, as others said why. Raises Refused.

    It leaves the same behind whether others voted in secret or not: else one could find out by withdrawing.
    """
    at = at or timezone.now()
    with transaction.atomic():
        voting_member(by, nomination.edition, at)
        nomination = Nomination.objects.select_for_update().get(pk=nomination.pk)
        if nomination.nominator_id != by.pk:
            raise Refused(_("Only the one who nominated them can withdraw."))
        return hand_on(nomination)


def hand_on(nomination: Nomination) -> bool:
    """Within a transaction: take the nominator off a nomination, with their vote. True: a second leads it now.

    The earliest that is heard does. Without one it stays all the same, off the board until someone gives a reason, and
    counts by the votes it has: they belong to those who cast them, and no one can take them back for others.
    """
    nomination.votes.filter(voter=nomination.nominator_id).delete()
    heir = nomination.votes.seconds().heard().first()
    Nomination.objects.filter(pk=nomination.pk).update(
        nominator=heir.voter_id if heir else None,
        reason=heir.reason if heir else "",
        edited_at=None,
        vetoed_at=heir.vetoed_at if heir else None,
        hidden_at=heir.hidden_at if heir else None,
    )
    if heir:
        Vote.objects.filter(pk=heir.pk).update(reason="", vetoed_at=None, hidden_at=None)
    return heir is not None


def clean_reason(text: str) -> str:
    """The reason as it will be kept: one paragraph, nothing invisible in it. Raises Refused."""
    reason = " ".join(clean_text(text, limit=4 * REASON_MAX).split())
    if len(reason) < REASON_MIN:
        raise Refused(
            _("A few words more, please: why should we follow them? At least %(least)d characters.")
            % {"least": REASON_MIN},
            field="reason",
        )
    if len(reason) > REASON_MAX:
        raise Refused(
            _("A little shorter, please: %(number)d characters where %(most)d fit.")
            % {"number": len(reason), "most": REASON_MAX},
            field="reason",
        )
    return reason


def refuse_closed(edition: Edition, at: datetime) -> None:
    """Raise Refused when the board takes no nominations or votes now."""
    if edition.takes_ballots(at):
        return
    if edition.state == Edition.State.OPEN and at < edition.opens_at:
        raise Refused(_("This week's board opens on %(day)s.") % {"day": _day(edition.opens_at, time=True)})
    raise Refused(_("This week's board has closed. The next one opens soon."))


def refuse_unwilling(profile: Profile, edition: Edition) -> None:
    """Raise Refused for somebody who declined, or is no longer there."""
    refuse_do_not_list(profile.uri or "", str(profile.handle))
    decision = profile.decision(edition.community.policy, consent.Viewer.MEMBER, consent.Purpose.BOARD)
    if decision.answer == consent.Answer.NO:
        if decision.why == consent.Why.OPTED_OUT:
            raise Refused(_("Whoever runs their server does not want its people recommended."), field="handle")
        if profile.signal == consent.Signal.NEVER and profile.word != consent.Word.DECLINED:
            raise Refused(_("That account is no longer active, so nobody could follow it."), field="handle")
        raise Refused(_("They have asked not to be listed, and that is for good."), field="handle")


def refuse_oneself(by: User, profile: Profile) -> None:
    """Raise Refused for one's own profile, by any handle one has proven."""
    if is_theirs(profile, by):
        raise Refused(_("That is you. Recommend somebody else, and let others recommend you."), field="handle")


def refuse_resting(profile: Profile, edition: Edition) -> None:
    """Raise Refused for somebody featured lately, with the date on which they may return."""
    until = resting_until(profile, edition)
    if until:
        raise Refused(
            _("They were featured lately and rest until %(day)s, so that others get their turn.")
            % {"day": _day(until)},
            field="handle",
        )


def _day(moment: datetime, *, time: bool = False) -> str:
    """A date (and time) in the reader's own zone."""
    return formats.date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT" if time else "DATE_FORMAT")
