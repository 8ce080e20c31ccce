"""What somebody does about what was said of them: veto a reason, thank its author, block them, leave one list."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from recommendations.actions import Refused
from recommendations.actions.consent import refuse_others
from recommendations.actions.notify import notify
from recommendations.actions.show_anew import leave_drafts, show_anew
from recommendations.models import Block, Edition, Entry, Nomination, Notification, Profile, Quote, TakenOff, Thanks
from recommendations.models.said import Kind, Reason, spoken_for

BEFORE_A_DRAFT = (Edition.State.OPEN, Edition.State.COMPILING)


def veto(*, reason: Reason, by: User, at: datetime | None = None) -> None:
    """Nobody reads it any more, wherever it is quoted. The nomination or vote stays, and counts. Raises Refused."""
    _mark(reason, by, at or timezone.now(), vetoed=True)


def lift_veto(*, reason: Reason, by: User, at: datetime | None = None) -> None:
    """Let it be read again. Raises Refused."""
    _mark(reason, by, at or timezone.now(), vetoed=False)


def thank(*, reason: Reason, by: User, at: datetime | None = None) -> None:
    """Its author is told, and sees it on their own page; once for an edition. Raises Refused."""
    refuse_others(reason.profile, by)
    if reason.author is None:
        raise Refused(_("They have left, and would not see it."))
    with transaction.atomic():
        thanks, _new = Thanks.objects.get_or_create(
            profile=reason.profile, author=reason.author, edition=reason.edition
        )
        notify(
            user=reason.author,
            kind=Notification.Kind.THANKS,
            key=f"thanks:{thanks.pk}",
            community=reason.edition.community,
            by=reason.profile.title,
            link=reverse("me"),
            at=at,
        )


def block(*, reason: Reason, by: User, at: datetime | None = None) -> None:
    """Whatever its author has said of `by`, and will say, is shown to nobody else and counts for nothing.

    The author is not told, and sees what they always saw. Lists that are out keep their lines: one can leave those.
    Raises Refused.
    """
    at = at or timezone.now()
    refuse_others(reason.profile, by)
    if reason.author is None:
        raise Refused(_("They have left, and will say nothing more."))
    with transaction.atomic():
        mine = list(spoken_for(by))
        Block.objects.bulk_create(
            [Block(profile=profile, blocked=reason.author) for profile in mine], ignore_conflicts=True
        )
        for edition in Edition.objects.filter(nominations__profile__in=mine, state__in=BEFORE_A_DRAFT).order_by("pk"):
            edition.hold_still()  # what is being compiled is a draft then, and is found below
        said = Quote.objects.filter(entry__profile__in=mine, author=reason.author)
        said.filter(vetoed_at=None).update(vetoed_at=at)
        heard = Nomination.objects.filter(profile__in=mine).heard().values("edition")
        for profile in mine:
            # Drafts in which nobody else had spoken for them.
            alone = Edition.objects.filter(nominations__profile=profile, special=False).exclude(pk__in=heard)
            leave_drafts(alone, profile, at)
            show_anew(profile, at=at)


def lift_block(*, block: Block, by: User, at: datetime | None = None) -> None:
    """From now on they are heard again; what was quoted before stays away. Raises Refused."""
    refuse_others(block.profile, by)
    with transaction.atomic():
        mine = list(spoken_for(by))
        Block.objects.filter(profile__in=mine, blocked=block.blocked_id).delete()
        for profile in mine:
            show_anew(profile, at=at)


def leave(*, entry: Entry, by: User, at: datetime | None = None) -> None:
    """Leave this one list, which is out already: a gap stays, so that the others keep their numbers. Raises Refused."""
    refuse_others(entry.profile, by)
    with transaction.atomic():
        out = Entry.objects.filter(pk=entry.pk, edition__state=Edition.State.PUBLISHED, left_at__isnull=True)
        if not out.update(left_at=at or timezone.now()):
            raise Refused(_("You do not stand on that list."))
        show_anew(entry.profile, at=at)


def _mark(reason: Reason, by: User, at: datetime, *, vetoed: bool) -> None:
    refuse_others(reason.profile, by)
    when = at if vetoed else None
    with transaction.atomic():
        reason.edition.hold_still()  # what is being compiled has its quotes then, and they are found below
        type(reason.row)._default_manager.filter(pk=reason.row.pk).update(vetoed_at=when)
        said: dict[str, Any] = {
            "edition": reason.edition,
            "profile": reason.profile,
            "author": reason.author,
            "text": reason.text,
        }
        if not vetoed:
            TakenOff.objects.give_back(**said, by_curator=False)
        elif reason.kind is not Kind.QUOTE:  # a quote stays where it is, with its mark
            TakenOff.objects.keep(**said, by_curator=False)
        # The same words may be quoted again, in a special edition for instance.
        mine: list[Profile] = list(spoken_for(by))
        Quote.objects.filter(entry__profile__in=mine, author=reason.author, text=reason.text).update(vetoed_at=when)
        for profile in mine:
            show_anew(profile, at=at)
