"""Forget somebody: their account, their words, and, if they wish, everything that names them.

First the account is shut, in one step. Then what was granted on networks is given back, with no transaction held. Then
all that is theirs goes, in one step again. What stands on networks is corrected by the sweeps as when somebody declines
(`correct`), and the last traces, in the texts of our posts, go when that is done (`clear_away`). Killed anywhere, the
`Erasure` row says where to go on.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import ApiToken, User
from recommendations.actions import Refused
from recommendations.actions.answer import BEFORE_A_DRAFT
from recommendations.actions.clear_away import clear_away
from recommendations.actions.follow import let_go, stop
from recommendations.actions.forget import Left, forget
from recommendations.actions.nominate import hand_on
from recommendations.models import (
    Appeal,
    CastVoteRecord,
    Comment,
    Community,
    Delivery,
    Edition,
    Erasure,
    Findable,
    Following,
    Ledger,
    Membership,
    Moderation,
    Nomination,
    Quote,
    Report,
    Vote,
)
from recommendations.models.moderation import without_names
from recommendations.models.page_version import SITE, pages_changed
from recommendations.models.state import Overtaken

State = Erasure.State
SOON = timedelta(minutes=1)


class _NotYet(Exception):
    """A worker is at something of theirs: to be tried again soon."""


class Fate(StrEnum):
    """What becomes of a row's relation to somebody who is erased."""

    DELETED = "deleted"  # the row goes
    NAMELESS = "nameless"  # the row stays, without them and without their words
    THEIRS = "theirs"  # of a profile they have proven: the row goes, or is emptied, if that is to be forgotten


def erase(*, user: User, forget_profiles: bool = False, at: datetime | None = None) -> None:
    """Erase somebody. What cannot be done at once is left to the sweep. Twice does no harm. Raises Refused.

    `forget_profiles`: their proven profiles are declined and emptied; only keyed hashes remain, so that nobody lists
    them again.
    """
    at = at or timezone.now()
    go_on_erasing(erasure=_shut(user, forget_profiles, at), at=at)


def go_on_erasing(*, erasure: Erasure, at: datetime | None = None) -> None:
    """Whatever comes next. The row is gone when nothing is left to be done."""
    at = at or timezone.now()
    if erasure.state == State.ASKED:
        try:
            _give_everything_back(erasure)
            _delete(erasure, at)
        except _NotYet:
            Erasure.objects.filter(pk=erasure.pk).update(due_at=at + SOON)
            return
    clear_away(erasure=erasure, at=at)


def refuse_owners(user: User) -> None:
    """Raise Refused for who owns a community that goes on."""
    owned = [each.community for each in owned_by(user)]
    if owned:
        raise Refused(
            _("You own %(communities)s. Hand it over to somebody, or end it if you are alone in it.")
            % {"communities": ", ".join(map(str, owned))}
        )


def owned_by(user: User) -> list[Membership]:
    """Their ownerships of communities that have not ended, or in which they are not alone."""
    mine = Membership.objects.active().filter(user=user, role=Membership.Role.OWNER)
    others = Membership.objects.active().filter(community=OuterRef("community")).exclude(user=user)
    mine = mine.filter(Q(community__archived_at=None) | Exists(others))
    return list(mine.select_related("community").order_by("community__name"))


@transaction.atomic
def _shut(user: User, forget_profiles: bool, at: datetime) -> Erasure:
    """Nobody signs in to the account any more, and nothing is done in its name."""
    User.objects.select_for_update().get(pk=user.pk)
    refuse_owners(user)
    erasure, _new = Erasure.objects.get_or_create(
        user=user, defaults={"forget_profiles": forget_profiles, "asked_at": at, "due_at": at}
    )
    User.objects.filter(pk=user.pk).update(is_active=False)
    ApiToken.objects.filter(user=user).delete()
    sessions = UserSession.objects.filter(user=user)
    Session.objects.filter(session_key__in=sessions.values("session_key")).delete()
    sessions.delete()
    for following in Following.objects.filter(user=user, state=Following.State.RUNNING):
        stop(following=following, at=at)
    return erasure


def _give_everything_back(erasure: Erasure) -> None:
    """Give back what was granted. Raises _NotYet while a worker is at one of them."""
    waiting = None
    for following in Following.objects.filter(user=erasure.user).exclude(sealed_secret=""):
        try:
            let_go(following=following)
        except Overtaken as overtaken:
            waiting = overtaken
    if waiting:
        raise _NotYet from waiting


@transaction.atomic
def _delete(erasure: Erasure, at: datetime) -> None:
    """All that is theirs, at once. Of two workers one does it; raises Overtaken for the other, and _NotYet."""
    user = erasure.user
    assert user is not None
    slugs = {SITE, *_withdraw(user)}
    slugs |= _unsay(user)
    left = forget(user=user, at=at) if erasure.forget_profiles else Left()
    quotes = [*_unquote(user), *left.quotes]
    _silence(quotes, at)
    _leave_the_records(user, at)
    slugs |= set(Community.objects.filter(editions__entries__quotes__in=quotes).values_list("slug", flat=True))
    Ledger.objects.forget(user.pk)
    CastVoteRecord.objects.forget(user.pk)
    erasure.move(State.CLEARING, quotes=quotes, entries=left.lines)
    user.delete()
    erasure.user = None
    for slug in slugs:
        pages_changed(slug)


def _withdraw(user: User) -> set[str]:
    """Off the boards: what they nominated is led by the earliest second, or gone; their votes are gone."""
    voted = Q(nominations__votes__voter=user) | Q(nominations__nominator=user)
    boards = Edition.objects.filter(voted, state__in=BEFORE_A_DRAFT).select_related("community").distinct()
    slugs = set()
    for board in boards.order_by("pk"):
        board.hold_still()
        if board.state == Edition.State.COMPILING:
            raise _NotYet(f"{board} is being counted; who voted would be written down after they are gone.")
        if board.state == Edition.State.OPEN:
            slugs.add(board.community.slug)
            for nomination in board.nominations.select_for_update().filter(nominator=user).order_by("pk"):
                hand_on(nomination)
                if not nomination.votes.exists():
                    nomination.delete()
            Vote.objects.ballot(board, user).delete()
    return slugs


def _unsay(user: User) -> set[str]:
    """Their words, where nothing on a network repeats them."""
    Nomination.objects.filter(nominator=user).update(reason="")
    Vote.objects.filter(voter=user).update(reason="")
    comments = Comment.objects.filter(author=user)
    slugs = set(comments.values_list("edition__community__slug", flat=True))
    comments.update(text="", deleted_at=Coalesce(F("deleted_at"), timezone.now()))
    return slugs


def _unquote(user: User) -> list[int]:
    """Their reasons in editions: of those that are out the numbers, for these may stand in posts; the others' go."""
    mine = Quote.objects.filter(author=user).exclude(text="")
    out = Q(entry__edition__state=Edition.State.PUBLISHED)
    mine.exclude(out).update(text="")
    return list(mine.filter(out).values_list("pk", flat=True))


def _silence(quotes: list[int], at: datetime) -> None:
    """Read by nobody from now on. The text stays until posts that repeat it are corrected: so `correct` knows them."""
    Quote.objects.filter(pk__in=quotes).update(vetoed_at=Coalesce(F("vetoed_at"), at))
    Delivery.objects.filter(edition__entries__quotes__in=quotes, rehearsal=False).update(correct_from=at)
    spoken_of = Quote.objects.filter(pk__in=quotes).values_list("entry__profile", flat=True)
    Findable.objects.mark("profile", spoken_of, at)


def _leave_the_records(user: User, at: datetime) -> None:
    """What others decided stays, without them: it is others' history, too."""
    reports = Report.objects.filter(reporter=user)
    reports.open().update(state=Report.State.WITHDRAWN, decided_at=at)
    reports.update(words="")
    appeals = Appeal.objects.filter(by=user)
    appeals.filter(state=Appeal.State.OPEN).delete()
    appeals.update(words="")
    about = Moderation.objects.filter(affected=user)
    for decision in about.exclude(reason="", subject="", words=""):
        reason = without_names(decision.reason, user)
        Moderation.objects.filter(pk=decision.pk).update(reason=reason, subject="", words="")
    kind = ContentType.objects.get_for_model(User)
    LogEntry.objects.filter(content_type=kind, object_id=str(user.pk)).delete()


# Each relation of a row to somebody, or to a profile that may be theirs -> what becomes of it.
FATES = {
    "accounts.ApiToken.user": Fate.DELETED,
    "accounts.LinkedHandle.user": Fate.DELETED,
    "account.EmailAddress.user": Fate.DELETED,
    "admin.LogEntry.user": Fate.DELETED,
    "mfa.Authenticator.user": Fate.DELETED,
    "socialaccount.SocialAccount.user": Fate.DELETED,
    "usersessions.UserSession.user": Fate.DELETED,
    "recommendations.Appeal.by": Fate.NAMELESS,
    "recommendations.Appeal.decided_by": Fate.NAMELESS,
    "recommendations.Block.blocked": Fate.DELETED,
    "recommendations.Block.profile": Fate.THEIRS,
    "recommendations.Comment.author": Fate.NAMELESS,
    "recommendations.DomainOptOut.by": Fate.NAMELESS,
    "recommendations.Edition.approved_by": Fate.NAMELESS,
    "recommendations.Edition.held_by": Fate.NAMELESS,
    "recommendations.Entry.profile": Fate.THEIRS,
    "recommendations.Erasure.user": Fate.NAMELESS,
    "recommendations.Findable.profile": Fate.THEIRS,
    "recommendations.Follow.profile": Fate.THEIRS,
    "recommendations.Following.user": Fate.DELETED,
    "recommendations.FormerHandle.profile": Fate.THEIRS,
    "recommendations.Invitation.created_by": Fate.NAMELESS,
    "recommendations.Invitation.invited": Fate.DELETED,
    "recommendations.Letter.user": Fate.DELETED,
    "recommendations.Membership.user": Fate.DELETED,
    "recommendations.Moderation.affected": Fate.NAMELESS,
    "recommendations.Moderation.by": Fate.NAMELESS,
    "recommendations.Nomination.nominator": Fate.NAMELESS,
    "recommendations.Nomination.begun_by": Fate.NAMELESS,
    "recommendations.Nomination.profile": Fate.THEIRS,
    "recommendations.Notification.by_user": Fate.NAMELESS,
    "recommendations.Notification.user": Fate.DELETED,
    "recommendations.OnceKey.user": Fate.DELETED,
    "recommendations.Profile.moved_to": Fate.THEIRS,
    "recommendations.Quote.author": Fate.NAMELESS,
    "recommendations.Report.against": Fate.NAMELESS,
    "recommendations.Report.reporter": Fate.NAMELESS,
    "recommendations.TakenOff.profile": Fate.THEIRS,
    "recommendations.Thanks.author": Fate.DELETED,
    "recommendations.Thanks.profile": Fate.THEIRS,
    "recommendations.Vote.voter": Fate.NAMELESS,
    "recommendations.Wish.user": Fate.DELETED,
}
