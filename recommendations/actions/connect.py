"""Connect a channel, and say when it goes live, pauses, or goes on."""

from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.options import options
from recommendations import networks
from recommendations.actions import Refused
from recommendations.actions.notify import curators_of, notify_all
from recommendations.actions.review import log
from recommendations.actions.session import open_session
from recommendations.handles import Network
from recommendations.models import Channel, Community, Membership, Moderation, Notification, Post
from recommendations.models.state import IllegalMove, Overtaken
from recommendations.networks.base import Rejected, Revoked, Unavailable
from recommendations.networks.posting import Connected

State = Channel.State


def connect(
    *, community: Community, by: Membership, network: Network, at: datetime | None = None, **credentials: str
) -> Channel:
    """Sign in to an account and keep it, sealed; new channels begin in rehearsal. Raises Refused.

    Connecting the account of a revoked channel again brings that channel back to life, with its waiting posts.
    """
    at = at or timezone.now()
    if not by.is_curator or by.community_id != community.pk:
        raise Refused(_("Only curators of this community may connect a channel."))
    try:
        account = networks.poster(network, options()).connect(**credentials)
    except Rejected as error:
        field = "password" if "password" in credentials else ""
        raise Refused(
            _("%(network)s did not let us in: %(trouble)s") % {"network": network.label, "trouble": error.said(_)},
            field=field,
        ) from error
    except Unavailable as error:
        raise Refused(
            _("%(network)s does not answer just now. Try again in a few minutes.") % {"network": network.label}
        ) from error
    with transaction.atomic():
        channel = Channel.objects.select_for_update().filter(community=community, uri=account.uri).first()
        channel = _keep(channel or Channel(community=community, network=network.value), account, at)
        if channel.state == State.REVOKED:
            channel.move(State.LIVE)
            waiting = Post.objects.filter(delivery__channel=channel, due_at__gt=at)
            waiting.filter(state__in=(Post.State.PENDING, Post.State.UNKNOWN)).update(due_at=at)
    return channel


def _keep(channel: Channel, account: Connected, at: datetime) -> Channel:
    channel.uri, channel.page_url = account.uri, account.page_url
    channel.name, channel.host = account.handle.name, account.handle.host
    channel.sealed_secret = channel.seal_secret(account.secret)
    channel.limits, channel.limits_at, channel.trouble = asdict(account.limits), at, ""
    channel.doubted_at = None
    channel.save()
    return channel


def go_live(*, channel: Channel, by: Membership) -> None:
    """From the next edition on it posts by itself; also after a pause. Raises Refused."""
    _move(channel, by, State.LIVE)


def pause(*, channel: Channel, by: Membership) -> None:
    """Nothing is posted until it goes on. Raises Refused."""
    _move(channel, by, State.PAUSED)


def _move(channel: Channel, by: Membership, to: str) -> None:
    if not by.is_curator or by.community_id != channel.community_id:
        raise Refused(_("Only curators of this community may do that."))
    if to == State.LIVE and channel.state == State.REVOKED:
        raise Refused(_("We have no access to this account any more. Connect it again, and it goes on by itself."))
    if to == State.LIVE and not channel.sealed_secret:
        raise Refused(_("It is not connected to an account yet."))
    try:
        with transaction.atomic():
            channel.move(to, trouble="")
            log(by, Moderation.Kind.CHANNEL, to, subject=str(channel.handle))
    except (IllegalMove, Overtaken) as error:
        raise Refused(_("That cannot be done in its present state. Look at it again, please.")) from error


def refresh_limits(*, channel: Channel, at: datetime | None = None) -> None:
    """Ask the network again how much a post may hold; what was known stays when it does not answer."""
    at = at or timezone.now()
    try:
        poster = networks.poster(Network(channel.network), options())
        limits = poster.limits(open_session(channel, poster, at=at))
    except Revoked as error:
        revoke(channel, str(error), at=at)
    except (Rejected, Unavailable):
        Channel.objects.filter(pk=channel.pk).update(limits_at=at)
    else:
        known = asdict(limits)
        if limits.edits is None:  # what was learned when an edit was refused still holds
            known["edits"] = channel.limits.get("edits")
        Channel.objects.filter(pk=channel.pk).update(limits=known, limits_at=at)


def revoke(channel: Channel, trouble: str, *, at: datetime) -> None:
    """Stop this channel alone, and tell its curators why; its posts wait until somebody connects it again."""
    if channel.state not in (State.LIVE, State.PAUSED):
        return
    with transaction.atomic():
        channel.move(State.REVOKED, trouble=trouble[:500], doubted_at=None)
        notify_all(
            users=curators_of(channel.community),
            kind=Notification.Kind.CURATOR,
            key=f"revoked:{channel.pk}-{at.timestamp():.0f}",
            community=channel.community,
            about=str(channel.handle),
            link=reverse("channels", args=[channel.community.slug]),
            at=at,
        )
