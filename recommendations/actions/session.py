"""A channel's tokens, for whoever is about to call its network."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_noop

from recommendations import seals
from recommendations.models import Channel
from recommendations.models.channel import RENEWAL_LEASE
from recommendations.networks.base import Revoked, Unavailable
from recommendations.networks.posting import Poster

RUNS_OUT_SOON = timedelta(minutes=10)
WHILE_RENEWED = timedelta(seconds=30)


def open_session(channel: Channel, poster: Poster, *, at: datetime) -> dict[str, Any]:
    """The channel's secret, with new tokens where the old ones are about to run out.

    Some networks take each renewal token once: so one worker renews at a time, and keeps the answer before it does
    anything else. Raises Unavailable for the others, Revoked when access was withdrawn or our key to it is lost.
    """
    secret = _opened(channel)
    if not _runs_out(secret, at):
        return secret
    if not _free(channel).update(renewing_at=Now()):
        raise Unavailable("Its tokens are being renewed.", retry_at=at + WHILE_RENEWED)
    channel.refresh_from_db(fields=["sealed_secret"])  # the one before us may have been done with it
    try:
        renewed = poster.renewed(_opened(channel), at=at)
        if renewed is not None:
            keep_secret(channel, renewed)
    finally:
        Channel.objects.filter(pk=channel.pk).update(renewing_at=None)
    return _opened(channel)


def keep_secret(channel: Channel, secret: dict[str, Any]) -> None:
    """From now on these are the channel's tokens."""
    channel.sealed_secret = channel.seal_secret(secret)
    Channel.objects.filter(pk=channel.pk).update(sealed_secret=channel.sealed_secret)


def _opened(channel: Channel) -> dict[str, Any]:
    try:
        return channel.open_secret()
    except seals.Unsealable as error:
        raise Revoked(
            gettext_noop("What opens this account cannot be read any more. Please connect it again.")
        ) from error


def _runs_out(secret: dict[str, Any], at: datetime) -> bool:
    """`expires_at` (ISO 8601) stands in secrets that `Poster.renewed` renews."""
    expires_at = secret.get("expires_at")
    return isinstance(expires_at, str) and datetime.fromisoformat(expires_at) - at < RUNS_OUT_SOON


def _free(channel: Channel) -> Any:
    unclaimed = Q(renewing_at__isnull=True) | Q(renewing_at__lt=Now() - RENEWAL_LEASE)
    return Channel.objects.filter(unclaimed, pk=channel.pk)
