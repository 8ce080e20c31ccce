"""When something that should happen again and again last happened."""

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

AWAY = timedelta(minutes=5)  # longer than a restart, shorter than to make a backup, lose the server and restore it
AHEAD = timedelta(minutes=1)  # a beat so far in the future tells of a clock that was wrong, not of a tick


class Heartbeat(models.Model):
    """One row a name: `tick` is written by every tick and read by /readyz and `doctor`.

    `life` counts the ticks of this installation, by the database's clock: what stands outside the database and
    counts further tells that the database was restored from a backup (`actions/restore`).
    """

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()
    count = models.BigIntegerField(default=0, db_default=0)
    life = models.CharField(max_length=32, blank=True, default="", db_default="")  # which installation counts

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M:%S}"

    @classmethod
    def beat(cls, name: str, at: datetime) -> None:
        """Write down that it happened."""
        cls.objects.update_or_create(name=name, defaults={"at": at})

    @classmethod
    def the_life(cls) -> "Heartbeat":
        """Within a transaction: the row that counts our ticks, held until it ends; made by the very first one."""
        cls.objects.get_or_create(name="life", defaults={"at": Now(), "life": uuid.uuid4().hex})
        return cls.objects.select_for_update().get(name="life")

    @classmethod
    def was_away(cls) -> bool:
        """Has no tick come for long, or does the last one claim to be of the future? Not before the very first.

        A database from before ticks were counted has only the time of the last one.
        """
        late, early = Q(at__lt=Now() - AWAY), Q(at__gt=Now() + AHEAD)
        name = "life" if cls.objects.filter(name="life").exists() else "tick"
        return cls.objects.filter(late | early, name=name).exists()

    def go_on(self, count: int) -> None:
        """Count so far, now."""
        self.count = count
        type(self).objects.filter(pk=self.pk).update(count=count, at=Now())
