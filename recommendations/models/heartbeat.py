"""When something that should happen again and again last happened."""

from datetime import datetime

from django.db import models


class Heartbeat(models.Model):
    """One row a name: `tick` is written by every tick and read by /readyz and `doctor`."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M:%S}"

    @classmethod
    def beat(cls, name: str, at: datetime) -> None:
        """Write down that it happened."""
        cls.objects.update_or_create(name=name, defaults={"at": at})
