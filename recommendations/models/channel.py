"""A connected account we post through."""

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from recommendations import seals
from recommendations.handles import Handle, Network
from recommendations.models.community import Community
from recommendations.models.state import Stateful

LIMITS_FOR = timedelta(days=1)  # how long a network's word about its limits is believed
LOOK_BACK = timedelta(days=14)  # after a restore: how far posts may stand that we know nothing of
RENEWAL_LEASE = timedelta(minutes=1)  # longer than renewing tokens may take


class Channel(Stateful):
    """An account of a community on a network. It begins in rehearsal: what it would send is only written down.

    rehearsal -> live <-> paused;  live, paused -> revoked -> live (connected again, and in no other way)
    """

    class State(models.TextChoices):
        REHEARSAL = "rehearsal", _("Rehearsing")
        LIVE = "live", _("Live")
        PAUSED = "paused", _("Paused")
        REVOKED = "revoked", _("Access withdrawn")

    MOVES = {
        State.REHEARSAL: {State.LIVE},
        State.LIVE: {State.PAUSED, State.REVOKED},
        State.PAUSED: {State.LIVE, State.REVOKED},
        State.REVOKED: {State.LIVE},
    }

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="channels")
    network = models.CharField(max_length=10, choices=[(n.value, n.value) for n in Network])
    uri = models.CharField(max_length=500)
    name = models.CharField(max_length=256)
    host = models.CharField(max_length=253, blank=True)
    page_url = models.CharField(max_length=700, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.REHEARSAL)
    sealed_secret = models.TextField(blank=True)
    limits = models.JSONField(default=dict)  # networks.base.Limits
    limits_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=500, blank=True)  # for curators: why it stopped
    renewing_at = models.DateTimeField(null=True, blank=True)  # a worker is renewing the tokens since then
    doubted_at = models.DateTimeField(null=True, blank=True)  # since then its credentials may be no good any more
    restored_at = models.DateTimeField(null=True, blank=True)  # we were restored from a backup: what do we not know?
    away_at = models.DateTimeField(null=True, blank=True)  # no tick had come for long until then: perhaps we were, too
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["community", "uri"], name="one_channel_per_account")]

    def __str__(self) -> str:
        return f"{self.handle} ({self.network})"

    @property
    def handle(self) -> Handle:
        """The account's handle."""
        return Handle(Network(self.network), self.name, self.host)

    @property
    def _context(self) -> str:
        return f"channel:{self.community_id}:{self.uri}"

    def open_secret(self) -> dict[str, Any]:
        """The account's tokens. Raises seals.Unsealable when no key opens them."""
        return dict(json.loads(seals.unseal(self.sealed_secret, keys=settings.FF_SEAL_KEYS, context=self._context)))

    def seal_secret(self, secret: dict[str, Any]) -> str:
        """Tokens made ready to be kept (in `sealed_secret`)."""
        return seals.seal(json.dumps(secret).encode(), keys=settings.FF_SEAL_KEYS, context=self._context)
