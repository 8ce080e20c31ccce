"""What we are called on a server that has everybody register first."""

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from recommendations import seals

_CONTEXT = "oauth app"


class OAuthAppQuerySet(models.QuerySet["OAuthApp"]):
    """Registrations, by what each was made for."""

    def made_for(self, network: str, redirect_uri: str, scopes: tuple[str, ...]) -> "OAuthAppQuerySet":
        """The registration under this redirect URI, which names the server, and for these scopes."""
        return self.filter(network=network, redirect_uri=redirect_uri, scopes=" ".join(scopes))

    def recall(self, network: str, redirect_uri: str, scopes: tuple[str, ...]) -> dict[str, Any] | None:
        """The registration as a network knows it; None if there is none that can be opened."""
        app = self.made_for(network, redirect_uri, scopes).first()
        try:
            return app.registration if app else None
        except seals.Unsealable:
            return None

    def keep(
        self,
        network: str,
        redirect_uri: str,
        scopes: tuple[str, ...],
        registration: dict[str, Any],
        *,
        at: datetime | None = None,
    ) -> None:
        """Remember a registration in place of whichever was there."""
        sealed = seals.seal(
            json.dumps(registration).encode(), keys=settings.FF_SEAL_KEYS, context=f"{_CONTEXT}:{redirect_uri}"
        )
        self.update_or_create(
            network=network,
            redirect_uri=redirect_uri,
            scopes=" ".join(scopes),
            defaults={"sealed": sealed, "made_at": at or timezone.now()},
        )


class OAuthApp(models.Model):
    """A registration: client id and secret, sealed. The scopes are those we wanted; it holds those it was given."""

    network = models.CharField(max_length=10)
    redirect_uri = models.CharField(max_length=600)
    scopes = models.CharField(max_length=300)
    sealed = models.TextField()
    made_at = models.DateTimeField()

    objects = OAuthAppQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "redirect_uri", "scopes"], name="one_registration_each"),
        ]

    def __str__(self) -> str:
        return self.redirect_uri

    @property
    def registration(self) -> dict[str, Any]:
        """As the network made it. Raises seals.Unsealable."""
        context = f"{_CONTEXT}:{self.redirect_uri}"
        return dict(json.loads(seals.unseal(self.sealed, keys=settings.FF_SEAL_KEYS, context=context)))
