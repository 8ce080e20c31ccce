"""A personal token for the API: shown once, kept as a hash."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

_PREFIX = "ff_"
_USED_EVERY = timedelta(minutes=10)  # how fresh `last_used_at` is kept, so that reading writes seldom


def _digest(text: str) -> str:
    # The token carries 256 random bits, so a plain hash is as good as a slow one (OWASP ASVS 11.4.2 is for passwords).
    return hashlib.sha256(text.encode()).hexdigest()


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Making and finding tokens."""

    def issue(self, user: models.Model, name: str) -> tuple["ApiToken", str]:
        """A new token's row, and its text, which is not kept and cannot be shown again."""
        text = _PREFIX + secrets.token_urlsafe(32)
        return self.create(user=user, name=name, digest=_digest(text)), text

    def bearer(self, text: str, *, at: datetime | None = None) -> "ApiToken | None":
        """The token whose text this is, if it stands and its owner may sign in."""
        at = at or timezone.now()
        token = self.select_related("user").filter(digest=_digest(text), user__is_active=True).first()
        if token and (token.last_used_at is None or at - token.last_used_at > _USED_EVERY):
            self.filter(pk=token.pk).update(last_used_at=at)
        return token


class ApiToken(models.Model):
    """Lets a script act as its owner."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name
