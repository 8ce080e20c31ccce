"""Approve a nomination, with a reason or without; and take that back."""

from datetime import datetime

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.models import User
from recommendations.actions import Refused
from recommendations.actions.limit import refuse_links, refuse_too_often
from recommendations.actions.notify import notify
from recommendations.limits import Deed
from recommendations.markup import clean_text
from recommendations.models import Block, Edition, Membership, Nomination, Notification, Profile, TakenOff, Vote
from recommendations.models.nomination import BALLOT_SIZE, REASON_MAX, REASON_MIN
from recommendations.models.said import is_theirs


def approve(*, by: User, nomination: Nomination, reason: str = "", at: datetime | None = None) -> Vote:
    """One approval. With a reason it is a second; doing it again changes the reason only. Raises Refused.

    Where the nominator has left and no reason is there, the one that is given leads the nomination.
    """
    at = at or timezone.now()
    reason = " ".join(clean_text(reason, limit=4 * REASON_MAX).split())
    if reason and not REASON_MIN <= len(reason) <= REASON_MAX:
        raise Refused(
            _("A reason has %(least)d to %(most)d characters; yours has %(number)d. Or just vote.")
            % {"least": REASON_MIN, "most": REASON_MAX, "number": len(reason)},
            field="reason",
        )
    with transaction.atomic():
        member = voting_member(by, nomination.edition, at)
        _refuse_own_profile(by, nomination)
        vote = Vote.objects.filter(nomination=nomination, voter=by).first()
        community = nomination.edition.community
        if reason and (vote is None or reason != vote.reason):
            refuse_links(by=by, text=reason, community=community, at=at, field="reason")
            refuse_taken_off(by=by, profile=nomination.profile, edition=nomination.edition, reason=reason)
        room_for_vote(by, member, nomination, vote, seconding=bool(reason), at=at)
        if vote is None:
            vote = Vote.objects.create(nomination=nomination, voter=by, reason=reason, created_at=at)
            if not _lead(vote):
                _tell_nominator(vote, at)
            return vote
        if reason and nomination.nominator_id == by.pk:
            raise Refused(_("You nominated them: edit your nomination's reason instead."), field="reason")
        if reason:
            refuse_removed_reason(vote)
        if reason and reason != vote.reason:
            vote.reason = reason
            vote.save(update_fields=["reason"])
            if not _lead(vote):
                _tell_nominator(vote, at)
        return vote


def _lead(vote: Vote) -> bool:
    """Make the reason of a second the nomination's own, if it has none and nobody leads it."""
    leaderless = Nomination.objects.filter(pk=vote.nomination_id, nominator=None, reason="")
    if not vote.reason or not leaderless.update(nominator=vote.voter_id, reason=vote.reason):
        return False
    Vote.objects.filter(pk=vote.pk).update(reason="")
    vote.reason = ""
    vote.nomination.refresh_from_db(fields=["nominator", "reason"])
    return True


def _tell_nominator(vote: Vote, at: datetime) -> None:
    """Of a second, once; not of one that nobody but its author hears. Bare votes are secret."""
    nomination = vote.nomination
    if (
        not vote.reason
        or nomination.nominator_id is None
        or Block.objects.filter(profile=nomination.profile_id, blocked=vote.voter_id).exists()
    ):
        return
    notify(
        user=nomination.nominator_id,
        kind=Notification.Kind.SECOND,
        key=f"second:{nomination.pk}-{vote.voter_id}",
        community=nomination.edition.community,
        about=nomination.profile.title,
        by=vote.voter or "",
        link=nomination.edition.get_absolute_url(),
        at=at,
    )


def take_back(*, by: User, nomination: Nomination, at: datetime | None = None) -> None:
    """Take an approval back; that there is none is no fault. Raises Refused."""
    with transaction.atomic():
        voting_member(by, nomination.edition, at or timezone.now())
        if nomination.nominator_id == by.pk:
            raise Refused(_("You nominated them. To take your vote back, withdraw the nomination."))
        Vote.objects.filter(nomination=nomination, voter=by).delete()


def voting_member(user: User, edition: Edition, at: datetime) -> Membership:
    """Within a transaction: the membership, locked, of somebody who may vote now; nobody closes the edition meanwhile.

    The lock on one's own row is what keeps a ballot at its size under concurrency. Raises Refused.
    """
    edition.hold_still()
    if not edition.takes_ballots(at):
        raise Refused(_("Voting is closed for this week. The next board opens soon."))
    member = Membership.objects.select_for_update().filter(community=edition.community_id, user=user).first()
    return refuse_non_member(member, at)


def refuse_non_member(member: Membership | None, at: datetime) -> Membership:
    """The membership, if it is one with which one may nominate and vote. Raises Refused."""
    if member is None or not member.is_active:
        raise Refused(_("Join the community first: its members nominate and vote."))
    refuse_suspended(member, at)
    return member


def refuse_suspended(member: Membership, at: datetime) -> None:
    """Raise Refused for who may only read, for a while."""
    if member.suspended_until is not None and member.is_suspended(at):
        until = formats.date_format(timezone.localtime(member.suspended_until), "DATETIME_FORMAT")
        raise Refused(
            _("You may read here, and take part again from %(time)s. Why, your page on decisions says.")
            % {"time": until}
        )


def refuse_removed_reason(said: Nomination | Vote) -> None:
    """Raise Refused for a reason that the person it is about, or a curator, took away: no edit brings it back."""
    if not said.is_readable:
        raise Refused(_("This reason was removed, so it cannot be edited."), field="reason")


def refuse_taken_off(*, by: User, profile: Profile, edition: Edition, reason: str) -> None:
    """Raise Refused where a reason of `by` was taken off, or these words were: given again, they do not come back."""
    gone = TakenOff.objects
    if gone.of(edition=edition, profile=profile, author=by) or gone.says(
        community=edition.community, profile=profile, text=reason
    ):
        raise Refused(_("A reason for them was removed, and cannot be given again."), field="reason")


def room_for_vote(
    by: User, member: Membership, nomination: Nomination, vote: Vote | None, *, seconding: bool, at: datetime
) -> None:
    """Raise Refused where a vote, or a second, would be one too many. `vote`: what they gave already."""
    edition = nomination.edition
    if seconding and (vote is None or not vote.reason):
        refuse_too_often(by=by, deed=Deed.SECOND, community=edition.community, at=at)
    if vote is None:
        refuse_too_often(by=by, deed=Deed.VOTE, community=edition.community, at=at)
        ballot_room(member, edition)


def ballot_room(member: Membership, edition: Edition) -> None:
    """Raise Refused when the member's ballot is full."""
    if Vote.objects.ballot(edition, member.user_id).count() >= BALLOT_SIZE:
        raise Refused(
            _("Your %(number)d votes for this week are given. Take one back to give it to somebody else.")
            % {"number": BALLOT_SIZE}
        )


def _refuse_own_profile(user: User, nomination: Nomination) -> None:
    if is_theirs(nomination.profile, user):
        raise Refused(_("That is you. Others' votes are what counts here."))
