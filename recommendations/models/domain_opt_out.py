"""Servers whose admins do not want their people recommended. The list is public."""

from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.utils import timezone

from recommendations.handles import Handle, Network

REASON_MAX = 300


def domains_of(handle: Handle, uri: str) -> list[str]:
    """Every domain that may speak for an account: its server's and its handle's, with all that they lie under.

    On Bluesky the handle is a domain of its own; X is one server. A handle may lie on another domain than its server.
    """
    hosts = {handle.host}
    if handle.network == Network.BLUESKY:
        hosts |= {handle.name, uri.removeprefix("did:web:") if uri.startswith("did:web:") else ""}
    elif handle.network == Network.MASTODON:
        hosts.add(_host(uri))
    found: set[str] = set()
    for host in hosts:
        parts = host.lower().split(".")
        found |= {".".join(parts[place:]) for place in range(len(parts) - 1)}
    return sorted(found)


def _host(uri: str) -> str:
    try:
        return urlsplit(uri).hostname or ""
    except ValueError:
        return ""


class DomainOptOutQuerySet(models.QuerySet["DomainOptOut"]):
    """Domains, by whether they hold and what must be done about them."""

    def standing(self) -> "DomainOptOutQuerySet":
        """Those that hold today, by name."""
        return self.filter(ended_at=None).order_by("domain")

    def covers(self, handle: Handle, uri: str) -> bool:
        """Has the admin of a server that this account belongs to opted out?"""
        return self.standing().filter(domain__in=domains_of(handle, uri)).exists()

    def due(self) -> "DomainOptOutQuerySet":
        """Those of which not everybody named in lists and posts has been seen to."""
        return self.filter(seen_to__isnull=False).order_by("pk")


class DomainOptOut(models.Model):
    """A domain with all its subdomains. `Profile.opted_out` is what each says of one account.

    `seen_to`: whatever names profiles up to this number was made afresh; null when all of it was. An opt-out that
    has ended is kept until then.
    """

    domain = models.CharField(max_length=253, unique=True)
    reason = models.CharField(max_length=REASON_MAX, blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    seen_to = models.BigIntegerField(null=True, blank=True, default=0)

    objects = DomainOptOutQuerySet.as_manager()

    def __str__(self) -> str:
        return self.domain
