"""Is a channel's access still good? Asked by a call of its own, after a refusal that nobody explained."""

from datetime import datetime, timedelta

from django.utils import timezone

from recommendations.actions.connect import revoke
from recommendations.actions.session import keep_secret, open_session
from recommendations.models import Channel
from recommendations.networks.base import OutcomeUnknown, Rejected, Revoked, Unavailable, Unexplained
from recommendations.networks.posting import Poster

APART = timedelta(minutes=10)  # a firewall's mood passes in that time, and a withdrawn token stays withdrawn


def check_access(channel: Channel, poster: Poster, *, at: datetime | None = None) -> None:
    """Ask the network. A no in its own words revokes the channel; in any other words, a second one some time later."""
    at = at or timezone.now()
    try:
        renewed = poster.verify(open_session(channel, poster, at=at))
    except Revoked as error:
        revoke(channel, str(error), at=at)
    except Unexplained as error:
        _doubt(channel, str(error), at)
    except (Rejected, Unavailable, OutcomeUnknown):
        return  # it cannot be asked now: nothing is known of the access
    else:
        trust(channel)
        if renewed is not None:
            keep_secret(channel, renewed)


def trust(channel: Channel) -> None:
    """The network has just taken the channel's credentials."""
    if Channel.objects.filter(pk=channel.pk, doubted_at__isnull=False).update(doubted_at=None):
        channel.doubted_at = None


def _doubt(channel: Channel, why: str, at: datetime) -> None:
    """Note the first no; the second revokes."""
    if Channel.objects.filter(pk=channel.pk, doubted_at=None).update(doubted_at=at):
        return
    channel.refresh_from_db(fields=["doubted_at", "state"])
    if channel.doubted_at is not None and at - channel.doubted_at >= APART:
        revoke(channel, why, at=at)
