"""Carry on following for a reader: a turn of some people, each looked for, written down, called for, written down.

A worker that is killed leaves its turn to the next one, which looks before it calls: so whom we follow already is
found, and nobody is followed twice. It stays below what the network takes in a minute and a day, since the reader
wants to follow by hand, too.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Min
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.options import options
from recommendations import networks, seals
from recommendations.actions.follow import let_go, stop
from recommendations.consent import Purpose, Viewer
from recommendations.handles import Network
from recommendations.models import Follow, Following
from recommendations.models.follow import LONGEST
from recommendations.models.membership import viewer_of
from recommendations.networks.base import OutcomeUnknown, Rejected, Revoked, Unavailable
from recommendations.networks.following import Followed, Follower, Outcome, Person

DAY, PAUSE = timedelta(days=1), timedelta(minutes=1)
SERVER_TROUBLE, ONE_TROUBLE = timedelta(minutes=2), timedelta(minutes=20)
CALLS = 3  # in doubt, after which we no longer try
State = Follow.State


def see_to(*, following: Following, at: datetime | None = None) -> None:
    """Whatever a due job needs: to be carried on, stopped, let go of. Raises Overtaken when another worker has it."""
    at = at or timezone.now()
    if following.is_running and following.started_at and following.started_at <= at - LONGEST:
        stop(
            following=following,
            at=at,
            why=gettext_noop("It took longer than a week. Allow it again to go on with the others."),
        )
    if following.is_running:
        carry_on(following=following, at=at)
    if not following.is_running:
        let_go(following=following)


def carry_on(*, following: Following, at: datetime) -> None:
    """One turn. Raises Overtaken when another worker has it, or its owner stopped it meanwhile."""
    following.claim()
    follower = networks.follower(Network(following.network), options())
    try:
        secret = _ready(following, follower, at)
        viewer = viewer_of(following.community.membership_of(following.user))
        room = max(0, follower.per_day - len(_calls_of_today(following, at)))
        for follow in list(_people(following).next_ones(at)[: min(follower.per_minute, room)]):
            follow.following = following
            _one(follow, follower, secret, viewer, at)
    except (Unavailable, OutcomeUnknown) as error:
        later = getattr(error, "retry_at", None) or at + SERVER_TROUBLE
        following.note(due_at=max(later, at + PAUSE), trouble=str(error)[:500])
    except Rejected as error:  # access withdrawn, or no list can be made
        stop(following=following, at=at, why=str(error))
    except seals.Unsealable:
        stop(
            following=following,
            at=at,
            why=gettext_noop("We can no longer open what you granted. Please allow it again."),
        )
    else:
        _rest(following, follower, at)
    finally:
        following.note(claimed_at=None)


def _ready(following: Following, follower: Follower, at: datetime) -> dict[str, Any]:
    """What was granted, with fresh tokens; before the first person the list, and whom they follow already."""
    secret = following.open_secret()
    renewed = follower.renewed(secret)
    if renewed is not None:
        secret = renewed
        following.note(sealed_secret=following.seal_secret(secret))
    if following.as_list and following.list_reference is None:
        made = follower.make_list(following.source, key=following.key, secret=secret)
        following.note(list_reference=made.reference, list_url=made.url)
    if not following.as_list and not following.looked:
        waiting = list(_people(following).filter(state=State.WAITING))
        known = follower.already([_person(each) for each in waiting], secret=secret)
        for follow in waiting:
            follow.following = following
            if found := known.get(follow.profile.uri or ""):
                _settle(follow, found, at)
        following.note(looked=True)
    return secret


def _one(follow: Follow, follower: Follower, secret: dict[str, Any], viewer: Viewer, at: datetime) -> None:
    following = follow.following
    following.hold()
    follow.move(State.DOING, only_if=follow.ours)
    if not follow.profile.decision(following.community.policy, viewer, Purpose.PAGE).allowed_for(viewer):
        _settle(follow, Followed(Outcome.REFUSED, gettext_noop("They do not wish to be listed any more.")), at)
        return
    try:
        found = follower.seek(_person(follow), secret=secret, on=following.list_reference)
    except Revoked:
        _back(follow, due_at=at)
        raise
    except Rejected as error:
        _settle(follow, Followed(Outcome.REFUSED, str(error)), at)
        return
    except Unavailable as error:
        _back(follow, due_at=error.retry_at or at + ONE_TROUBLE, words=str(error)[:500])
        raise
    if isinstance(found, Followed):
        _settle(follow, found, at)
        return
    begin(follow, found, at)
    _call(follow, found, follower, secret, at)


def begin(follow: Follow, wire: dict[str, Any], at: datetime) -> None:
    """Write down that they are about to be followed. Raises Overtaken when that is no longer ours to do."""
    if "stands" in wire:
        return
    with transaction.atomic():
        follow.following.hold()
        follow.move(State.DOING, only_if=follow.ours, called_at=at, calls=F("calls") + 1)
    follow.refresh_from_db(fields=["calls"])


def _call(follow: Follow, wire: dict[str, Any], follower: Follower, secret: dict[str, Any], at: datetime) -> None:
    try:
        done = follower.follow(wire, secret=secret)
    except Revoked:
        _back(follow, due_at=at, called_at=None)
        raise
    except Rejected as error:
        _settle(follow, Followed(Outcome.REFUSED, str(error)), at)
    except Unavailable as error:  # surely not followed
        _back(follow, due_at=error.retry_at or at, called_at=None, calls=0)
        raise
    except OutcomeUnknown as error:
        if follow.calls >= CALLS:
            _settle(follow, Followed(Outcome.FAILED, f"{error} Look there whether you follow them."), at)
        else:
            _back(follow, due_at=at + PAUSE * 2**follow.calls, words=str(error)[:500])
    else:
        receive(follow, done, at)


def receive(follow: Follow, done: Followed, at: datetime) -> None:
    """Write down what the network answered."""
    _settle(follow, done, at)


def _settle(follow: Follow, done: Followed, at: datetime) -> None:
    """Whom they follow "already" after a call of ours, whose answer got lost, they follow by it."""
    ours = done.outcome == Outcome.ALREADY and follow.called_at is not None
    follow.move(
        State.DONE,
        only_if=follow.ours,
        outcome=(Outcome.FOLLOWED if ours else done.outcome).value,
        words=done.words[:500],
        moved_to=done.moved_to[:400],
        settled_at=at,
    )


def _back(follow: Follow, **fields: Any) -> None:
    follow.move(State.WAITING, only_if=follow.ours, **fields)


def _rest(following: Following, follower: Follower, at: datetime) -> None:
    """Until the next turn; or it is finished."""
    first = following.follows.exclude(state=State.DONE).aggregate(due_at=Min("due_at"))["due_at"]
    if first is None:
        following.move(Following.State.FINISHED, ended_at=at, trouble="")
        return
    calls = _calls_of_today(following, at)
    trouble, due_at = "", max(first, at + PAUSE)
    if len(calls) >= follower.per_day:
        trouble = gettext_noop("That is all for today: a server takes so many follows a day; leave some for yourself.")
        due_at = max(due_at, calls[0] + DAY)
    following.note(due_at=due_at, trouble=trouble)


def _calls_of_today(following: Following, at: datetime) -> list[datetime]:
    calls = Follow.objects.called_since(following.uri, at - DAY).values_list("called_at", flat=True)
    return [called_at for called_at in calls if called_at is not None]


def _people(following: Following) -> Any:
    return following.follows.select_related("profile").defer("profile__bio")


def _person(follow: Follow) -> Person:
    return Person(follow.profile.handle, follow.profile.uri or "")
