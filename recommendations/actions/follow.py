"""Follow everybody on an edition, or a crew, with one's own account: begun, stopped, tried again, and let go of.

What is done for each person is in `carry_on`.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.options import options
from recommendations import networks, seals
from recommendations.actions import Refused
from recommendations.consent import Purpose, Viewer
from recommendations.handles import Network
from recommendations.models import Community, Edition, Follow, Following, OnceKey, Profile
from recommendations.models.crew import crew, featured
from recommendations.models.follow import NETWORKS
from recommendations.models.membership import viewer_of
from recommendations.models.reading import lines
from recommendations.models.state import IllegalMove, Overtaken
from recommendations.networks.granting import Granted

MOST = 500  # people in one job
UNANSWERED = timedelta(hours=1)  # after so long nobody comes back with a yes (accounts.asking.LASTS)
State = Following.State


def people(*, community: Community, edition: Edition | None, viewer: Viewer) -> list[Profile]:
    """Whom this reader may see there, in the page's order: an edition's people, or without one the crew."""
    if edition is None:
        shown = featured(community, crew(community), viewer=viewer, purpose=Purpose.PAGE)
        return [each.profile for each in shown]
    return [line.profile for line in lines(edition, viewer=viewer, purpose=Purpose.PAGE) if line.shown]


def prepare(
    *,
    by: User,
    community: Community,
    edition: Edition | None,
    network: Network,
    chosen: Collection[int],
    as_list: bool = False,
    once: str = "",
    at: datetime | None = None,
) -> Following:
    """Write down who is to be followed; it begins when their network has been asked. Raises Refused.

    `chosen`: ids of profiles. Whoever is not on that network, or not to be seen by this reader, is left out. `once`:
    the key of the form.
    """
    if network not in NETWORKS:
        raise Refused(
            _("%(network)s lets nobody follow for you. Open their pages one by one, please.")
            % {"network": network.label}
        )
    there = people(community=community, edition=edition, viewer=viewer_of(community.membership_of(by)))
    wanted = [profile for profile in there if profile.network == network and profile.pk in chosen]
    if not wanted:
        raise Refused(_("Choose at least one person."))
    if len(wanted) > MOST:
        raise Refused(_("That is more than %(number)d people. Please choose fewer at a time.") % {"number": MOST})
    at = at or timezone.now()

    def make() -> Following:
        Following.objects.filter(user=by, state=State.ASKED, created_at__lt=at - UNANSWERED).delete()
        made = Following.objects.create(
            user=by, community=community, edition=edition, network=network.value, as_list=as_list
        )
        Follow.objects.bulk_create(Follow(following=made, profile=profile, due_at=at) for profile in wanted)
        return made

    with transaction.atomic():
        return OnceKey.objects.only_once(once, by=by.pk, make=make, of=Following)[0]


def start(*, following: Following, granted: Granted, at: datetime | None = None) -> None:
    """Their network said yes: begin, or go on where it was stopped, with whom it did not work out before, too.

    Raises Refused; then what was granted is the caller's to give back.
    """
    at = at or timezone.now()
    if granted.network != following.network or following.uri not in ("", granted.uri):
        raise Refused(
            _("You began this with %(handle)s. Please allow it with the same account.") % {"handle": following.handle}
        )
    before = following.sealed_secret
    try:
        with transaction.atomic():
            _try_again(following, at)
            following.follows.filter(profile__uri=granted.uri).delete()  # nobody follows themselves
            following.move(
                State.RUNNING,
                uri=granted.uri,
                name=granted.handle.name,
                host=granted.handle.host,
                sealed_secret=following.seal_secret(granted.secret),
                started_at=at,
                ended_at=None,
                due_at=at,
                trouble="",
            )
    except IntegrityError as error:
        raise Refused(
            _("People are being followed with %(handle)s just now. Begin this when that is finished, please.")
            % {"handle": granted.handle}
        ) from error
    except (IllegalMove, Overtaken) as error:
        raise Refused(_("This is under way already.")) from error
    _drop(following, before, keep=granted.secret)


def try_again(*, following: Following, at: datetime | None = None) -> None:
    """Once more with those with whom it did not work out, while it is under way. Raises Refused."""
    if not following.is_running:
        raise Refused(_("Please allow it again first."))
    at = at or timezone.now()
    with transaction.atomic():
        _try_again(following, at)


def stop(*, following: Following, at: datetime | None = None, why: str = "") -> None:
    """Nobody else is followed. Raises Refused when it is not under way (any more)."""
    try:
        following.move(State.STOPPED, ended_at=at or timezone.now(), trouble=why[:500])
    except (IllegalMove, Overtaken) as error:
        raise Refused(_("It is not under way (any more).")) from error


def let_go(*, following: Following) -> None:
    """Give back what was granted, and forget it. Raises Overtaken when a worker is at it.

    Killed on the way, it is given back once more: a token that is gone already is no error (RFC 7009, 2.2).
    """
    mine = Following.objects.free().exclude(state=State.RUNNING).filter(pk=following.pk, turn=following.turn)
    if not mine.update(turn=F("turn") + 1, claimed_at=Now()):
        raise Overtaken(f"{following} is not to be let go of now")
    sealed = following.sealed_secret
    _drop(following, sealed)
    # Not what its owner may have granted anew meanwhile.
    Following.objects.filter(pk=following.pk, sealed_secret=sealed).update(sealed_secret="", claimed_at=None)


def _try_again(following: Following, at: datetime) -> None:
    failed = following.follows.failed()
    failed.update(state=Follow.State.WAITING, outcome="", words="", calls=0)
    following.follows.filter(state=Follow.State.WAITING).update(due_at=at)


def _drop(following: Following, sealed: str, *, keep: dict[str, object] | None = None) -> None:
    """Give tokens back, unless they are those of another job, too: some servers hand out the same token again."""
    try:
        secret = _opened(following, sealed)
        others = Following.objects.filter(uri=following.uri, state=State.RUNNING).exclude(pk=following.pk)
        in_use = [keep, *(_opened(other, other.sealed_secret) for other in others)]
    except seals.Unsealable:
        return  # the key is lost: nobody can use these tokens, nor give them back
    if secret and secret not in in_use:
        networks.authorizer(Network(following.network), options()).drop(secret)


def _opened(following: Following, sealed: str) -> dict[str, object] | None:
    return following.open_secret(sealed) if sealed else None
