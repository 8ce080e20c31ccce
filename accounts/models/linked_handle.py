"""A handle a signed-in person has proven to be theirs."""

import secrets

from django.conf import settings
from django.db import models

from recommendations.handles import Handle, Network


def new_token() -> str:
    """What the person puts into their bio to prove that the account is theirs."""
    return "ff-" + secrets.token_hex(8)


class LinkedHandle(models.Model):
    """A person's claim to a profile. It counts once `proven_at` is set; then `uri` is the profile's.

    The uri, not the handle, says who it is: a handle may pass to somebody else.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="linked_handles")
    network = models.CharField(max_length=10, choices=[(n.value, n.value) for n in Network])
    name = models.CharField(max_length=256)
    host = models.CharField(max_length=253, blank=True)
    uri = models.CharField(max_length=500, blank=True)
    token = models.CharField(max_length=40, default=new_token)
    created_at = models.DateTimeField(auto_now_add=True)
    proven_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "network", "name", "host"], name="one_claim_per_handle"),
            models.UniqueConstraint(
                fields=["uri"], condition=models.Q(proven_at__isnull=False), name="one_owner_per_profile"
            ),
        ]

    def __str__(self) -> str:
        return str(self.handle)

    @property
    def handle(self) -> Handle:
        """The handle as a value."""
        return Handle(Network(self.network), self.name, self.host)
