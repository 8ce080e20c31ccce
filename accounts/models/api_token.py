"""A personal token for the API: shown once, kept as a hash, limited in what it may do and how long."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

_PREFIX = "ff_"
LASTS = (30, 90, 365)  # days that a token may be valid
WARNED = timedelta(days=7)  # before a token expires, its owner is told
_USED_EVERY = timedelta(minutes=10)  # how fresh `last_used_at` is kept, so that reading writes seldom


def _digest(text: str) -> str:
    # The token carries 256 random bits, so a plain hash is as good as a slow one (OWASP ASVS 11.4.2 is for passwords).
    return hashlib.sha256(text.encode()).hexdigest()


class Scope(models.TextChoices):
    """What a token may be used for. The values stand in rows, commands and the API, and never change."""

    READ = "read", _("Read what you can read")
    VOTE = "vote", _("Nominate and vote for you")
    CURATE = "curate", _("Work at the desks of communities you curate")


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Making and finding tokens."""

    def issue(
        self,
        user: models.Model,
        name: str,
        *,
        scopes: Iterable[str] = tuple(Scope),
        days: int = LASTS[-1],
        at: datetime | None = None,
    ) -> tuple["ApiToken", str]:
        """Make a token; return its row and its text, which is not kept and cannot be shown again."""
        at = at or timezone.now()
        text = _PREFIX + secrets.token_urlsafe(32)
        token = self.create(
            user=user,
            name=name,
            digest=_digest(text),
            scopes=" ".join(scope for scope in Scope.values if scope in set(scopes)),
            expires_at=at + timedelta(days=days),
            told_at=at,
        )
        return token, text

    def renew(self, token: "ApiToken") -> str:
        """Give a token another text; return it. The one it had opens nothing any more."""
        text = _PREFIX + secrets.token_urlsafe(32)
        self.filter(pk=token.pk).update(digest=_digest(text))
        return text

    def bearer(self, text: str, *, at: datetime | None = None) -> "ApiToken | None":
        """The token whose text this is, if it stands, has not expired and its owner may sign in."""
        at = at or timezone.now()
        valid = self.filter(Q(expires_at=None) | Q(expires_at__gt=at), user__is_active=True)
        token = valid.select_related("user").filter(digest=_digest(text)).first()
        if token and (token.last_used_at is None or at - token.last_used_at > _USED_EVERY):
            self.filter(pk=token.pk).update(last_used_at=at)
        return token

    def expired(self, text: str, *, at: datetime | None = None) -> bool:
        """Return whether this is the text of a token that was valid until it expired."""
        return self.filter(digest=_digest(text), expires_at__lte=at or timezone.now(), user__is_active=True).exists()

    def to_tell(self, at: datetime) -> "ApiTokenQuerySet":
        """Those of whose end their owners must hear: tokens older than expiry itself, and those that end in a week."""
        soon = Q(expires_at__lte=at + WARNED, told_at__lt=F("expires_at") - WARNED)
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=at) & (Q(told_at=None) | soon), user__is_active=True)


class ApiToken(models.Model):
    """Lets a script act as its owner, as far as its scopes reach and until it expires.

    Tokens made before there was an expiry have none in their row until a migration or a sweep gives them a year.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.CharField(max_length=40, default="read vote curate", db_default="read vote curate")
    expires_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)  # when its owner last heard when it expires
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def scope_list(self) -> list[Scope]:
        """What it may be used for, in the order of Scope."""
        return [scope for scope in Scope if scope in self.scopes.split()]

    @property
    def has_expired(self) -> bool:
        """Return whether it opens nothing any more."""
        return self.expires_at is not None and self.expires_at <= timezone.now()
