"""Give a reason for someone on a draft who has none, because everyone who gave one has left."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from recommendations.actions import Refused
from recommendations.actions.limit import refuse_links
from recommendations.actions.nominate import clean_reason
from recommendations.actions.notify import curators_of, notify_all
from recommendations.actions.vote import refuse_suspended, refuse_taken_off
from recommendations.models import Block, Edition, Entry, Membership, Notification, Quote, TakenOff, Vote
from recommendations.models.said import is_theirs


def ask_for_reasons(edition: Edition, *, at: datetime) -> None:
    """Within a transaction: ask the voters of everyone on the draft without a reason for one, and the curators.

    Those whom the person has blocked are not asked, as nobody would read their answer. They are not told why.
    """
    bare = edition.entries.filter(quotes=None, computed_rank__isnull=False).select_related("profile")
    for entry in bare:
        voters = Vote.objects.filter(nomination__edition=edition, nomination__profile=entry.profile_id)
        asked = {*voters.exclude(voter=None).values_list("voter", flat=True), *curators_of(edition.community)}
        asked -= set(Block.objects.filter(profile=entry.profile_id).values_list("blocked", flat=True))
        notify_all(
            users=sorted(asked),
            kind=Notification.Kind.REASON,
            key=f"reason:{entry.pk}",
            community=edition.community,
            about=entry.profile.title,
            link=reverse("give_reason", args=[edition.community.slug, entry.pk]),
            at=at,
        )


def may_give_reason(entry: Entry, user: User) -> bool:
    """Whether this person is asked for a reason: a member who voted for the entry, or a curator, on a draft."""
    edition = entry.edition
    if edition.state != Edition.State.READY or edition.special or entry.quotes.readable().exists():
        return False
    if is_theirs(entry.profile, user):
        return False
    if _is_unwanted(entry, user):
        return False
    member = Membership.objects.active().filter(community=edition.community_id, user=user).first()
    votes = Vote.objects.filter(nomination__edition=edition, nomination__profile=entry.profile_id, voter=user)
    return member is not None and (member.is_curator or votes.exists())


def _is_unwanted(entry: Entry, user: User) -> bool:
    """Did the person it is about block them, or was what they said of them here taken off?"""
    if Block.objects.filter(profile=entry.profile_id, blocked=user).exists():
        return True
    if TakenOff.objects.of(edition=entry.edition, profile=entry.profile, author=user):
        return True
    taken_off = Q(vetoed_at__isnull=False) | Q(hidden_at__isnull=False)
    return entry.quotes.filter(taken_off, author=user).exists()


def give_reason(*, entry: Entry, by: User, reason: str, at: datetime | None = None) -> Quote:
    """Put the reason beneath the entry, with its author's name. Raises Refused."""
    at = at or timezone.now()
    reason = clean_reason(reason)
    community = entry.edition.community
    with transaction.atomic():
        draft = Edition.objects.select_for_update().get(pk=entry.edition_id)
        entry.edition.state = draft.state
        if not may_give_reason(entry, by):
            raise Refused(_("This entry needs no reason any more: someone gave one, or the edition is out."))
        refuse_suspended(Membership.objects.get(community=community, user=by), at)
        refuse_links(by=by, text=reason, community=community, at=at, field="reason")
        refuse_taken_off(by=by, profile=entry.profile, edition=entry.edition, reason=reason)
        last = entry.quotes.aggregate(last=Max("position"))["last"]
        return entry.quotes.create(position=0 if last is None else last + 1, author=by, text=reason)
