"""Whom somebody does not want to be recommended by. Only they know: the blocked see what they always saw."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef

from recommendations.models.profile import Profile


class Block(models.Model):
    """What this member says of this profile is shown to nobody else, and counts for nothing.

    It belongs to the profile, like the person's own word: whoever holds its handle may make and lift it.
    """

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile", "blocked"], name="one_block_per_member")]

    def __str__(self) -> str:
        return f"{self.blocked} by {self.profile}"


def silenced(profile: str, author: str) -> Exists:
    """For queries: has the profile in one field blocked the member in the other?"""
    return Exists(Block.objects.filter(profile=OuterRef(profile), blocked=OuterRef(author)))
