"""Keep lists on the networks themselves: one of each edition, and one of the community's whole crew.

On Bluesky that is a starter pack. Whoever may be listed and posted there is on it, and leaves it when they say so.
"""

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.options import options
from recommendations import networks
from recommendations.actions.access import check_access
from recommendations.actions.compose import edition_url
from recommendations.actions.connect import revoke
from recommendations.actions.deliver import FIRST_WAIT, LONGEST_WAIT
from recommendations.actions.notify import curators_of, notify_all
from recommendations.actions.session import keep_secret, open_session
from recommendations.consent import Answer, Purpose, Viewer
from recommendations.handles import Network
from recommendations.models import Channel, Community, Delivery, NativeList, Notification, Profile
from recommendations.models.crew import newest_first
from recommendations.models.page_version import pages_changed
from recommendations.models.state import Overtaken
from recommendations.networks.base import NotFound, OutcomeUnknown, Rejected, Revoked, Unavailable, Unexplained
from recommendations.networks.listing import ListKept, ListWanted

logger = logging.getLogger(__name__)

State = NativeList.State
EDITION, CREW = 0, 1  # kinds of keys


@transaction.atomic
def plan_lists(*, delivery: Delivery, at: datetime | None = None) -> None:
    """Write down that a published edition gets a list on this channel, and that the crew's has grown."""
    at = at or timezone.now()
    edition, channel, community = delivery.edition, delivery.channel, delivery.edition.community
    keeper = networks.lister(Network(channel.network), options())
    published_at = edition.published_at or edition.publishes_at
    NativeList.objects.get_or_create(
        channel=channel,
        edition=edition,
        defaults={"key": keeper.key(moment=published_at, serial=edition.pk, kind=EDITION), "due_at": at},
    )
    crew, made = NativeList.objects.get_or_create(
        channel=channel,
        edition=None,
        defaults={"key": keeper.key(moment=community.created_at, serial=community.pk, kind=CREW), "due_at": at},
    )
    if not made:
        NativeList.objects.filter(pk=crew.pk).look_again(at)


def look_at_all_lists(community: Community, *, at: datetime | None = None) -> None:
    """The community's name has changed, or whom it lists: the next sweep looks at every list."""
    NativeList.objects.filter(channel__community=community).look_again(at or timezone.now())


def keep_list(*, kept: NativeList, at: datetime | None = None) -> None:
    """Bring what stands on the network into line with who may stand there now.

    It may be done again at any time: what stands is read first. Raises Overtaken when another worker has it; the rest
    is in its row.
    """
    at = at or timezone.now()
    _claim(kept)
    channel = kept.channel
    poster = networks.poster(Network(channel.network), options())
    keeper = networks.lister(Network(channel.network), options())
    try:
        wanted = _wanted(kept, keeper.most, at)
        if not wanted.members and not kept.members:
            stands = ListKept("", "", ())  # nobody to list, and nothing was ever made
        else:
            secret = open_session(channel, poster, at=at)
            _intend(kept, wanted)
            stands = keeper.keep_list(wanted, secret=secret)
    except Revoked as error:
        _let_go(kept, State.DUE, due_at=at, trouble=str(error)[:500])
        revoke(channel, str(error), at=at)
    except NotFound as error:  # its owner does not want it
        _let_go(kept, State.FAILED, members=[], remote_url="", trouble=str(error)[:500])
        pages_changed(channel.community.slug)
    except Rejected as error:
        logger.warning("%s was refused: %s", kept, error)
        _let_go(kept, State.FAILED, trouble=str(error)[:500])
        _tell_curators(kept, at)
    except (Unavailable, OutcomeUnknown) as error:  # in doubt too: the next try reads what stands
        retry_at = getattr(error, "retry_at", None) or at + min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(kept.tries, 10))
        _let_go(kept, State.DUE, due_at=retry_at, trouble=str(error)[:500])
        if isinstance(error, Unexplained):
            check_access(channel, poster, at=at)
    else:
        try:
            _receive(kept, stands, at)
        except Overtaken:  # we slept past the lease, and may have written what holds no more
            NativeList.objects.filter(pk=kept.pk).look_again(at)
            raise


def _tell_curators(kept: NativeList, at: datetime) -> None:
    """Of a list that the network refused: once a day, however often it is tried."""
    community = kept.channel.community
    notify_all(
        users=curators_of(community),
        kind=Notification.Kind.CURATOR,
        key=f"list:{kept.pk}-{at:%Y%m%d}",
        community=community,
        about=kept.channel.name,
        link=reverse("channels", args=[community.slug]),
        at=at,
    )


def _wanted(kept: NativeList, most: int, at: datetime) -> ListWanted:
    """The list as it should be now. On a paused channel nobody is added."""
    community = kept.channel.community
    members = [profile.uri for profile in _people(kept, most) if profile.uri]
    if kept.channel.state != Channel.State.LIVE:
        members = [uri for uri in members if uri in kept.members]
    with translation.override(community.language):
        if kept.edition:
            name = _("{community} No. {number}").format(community=community.name, number=kept.edition.number)
            address = edition_url(kept.edition)
        else:
            name = _("{community}: the whole crew").format(community=community.name)
            address = f"{settings.FF_BASE_URL}/c/{community.slug}/crew/"
        about = _("Recommended by the people of #{hashtag}, and why: {address}")
        description = about.format(hashtag=community.hashtag, address=address)
    return ListWanted(kept.key, name, description, at, tuple(members), stood=bool(kept.remote_id))


def _people(kept: NativeList, most: int) -> list[Profile]:
    """Who may be listed and posted there now: in the edition's order, or the crew's newest first."""
    community, network = kept.channel.community, Network(kept.channel.network)
    if kept.edition:
        entries = kept.edition.entries.present().select_related("profile")
        people = [entry.profile for entry in entries.filter(profile__network=network)]
    else:
        people = newest_first(community, network=network)
    decisions = (
        (profile, profile.decision(community.policy, Viewer.PUBLIC, Purpose.POST, network=network))
        for profile in people
    )
    return [profile for profile, decision in decisions if decision.answer == Answer.YES][:most]


def _claim(kept: NativeList) -> None:
    """Take the list. Raises Overtaken when another worker was quicker."""
    kept.move(State.KEEPING, only_if=_ours(kept), claimed_at=Now(), claims=F("claims") + 1, tries=F("tries") + 1)
    kept.refresh_from_db(fields=["claims", "tries", "changes", "members", "remote_id", "remote_url"])


def _ours(kept: NativeList) -> Q:
    """Whether our claim still holds: whoever claims it next counts one more."""
    return Q(claims=kept.claims)


def _intend(kept: NativeList, wanted: ListWanted) -> None:
    """Write down who is about to stand there beside who does. Raises Overtaken when the claim was lost meanwhile."""
    kept.members = list(dict.fromkeys([*kept.members, *wanted.members]))
    mine = NativeList.objects.filter(_ours(kept), pk=kept.pk, state=State.KEEPING)
    if not mine.update(members=kept.members):
        raise Overtaken(f"{kept} is no longer ours to keep")


def _receive(kept: NativeList, stands: ListKept, at: datetime) -> None:
    """Write down what stands, and the channel's renewed session if there is one."""
    shown_before = kept.remote_url
    with transaction.atomic():
        if stands.secret:
            keep_secret(kept.channel, stands.secret)
        done = {
            "members": list(stands.members),
            "remote_id": stands.remote_id,
            "remote_url": stands.url,
            "kept_at": at,
            "trouble": "",
        }
        _let_go(kept, State.KEPT, **done, tries=0)
        if stands.url != shown_before:
            pages_changed(kept.channel.community.slug)


def _let_go(kept: NativeList, to: str, **fields: object) -> None:
    """End the claim. Somebody's wishes have changed meanwhile: due again, whatever came of it."""
    try:
        kept.move(to, only_if=_ours(kept) & Q(changes=kept.changes), **fields)
    except Overtaken:
        kept.move(State.DUE, only_if=_ours(kept), **fields)
