"""A form that was shown once creates one thing, however often it is sent."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

KEPT_FOR = timedelta(days=7)  # longer than anyone leaves a form open and sends it twice

Made = TypeVar("Made", bound=models.Model)


class OnceKeyQuerySet(models.QuerySet["OnceKey"]):
    """Keys, by what came of them."""

    def only_once(self, key: str, *, by: int, make: Callable[[], Made], of: type[Made]) -> tuple[Made, bool]:
        """Within a transaction: return what `make` makes, or what it made when the key came before; and if it is new.

        `key`: of the rendered form, "" for none; `by`: the user's id; `of`: the model that is made. Of two presses at
        once the second waits for the first. What the first was refused for, it may try again. Raises `of.DoesNotExist`
        if what was made is gone.
        """
        if not key:
            return make(), True
        digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
        row, new = self.get_or_create(user_id=by, key=digest, of=of._meta.label_lower)
        if not new:
            return of._default_manager.get(pk=row.made), False
        self.filter(user_id=by, at__lt=Now() - KEPT_FOR).delete()
        made = make()
        row.made = made.pk
        row.save(update_fields=["made"])
        return made, True


class OnceKey(models.Model):
    """A key that a form carried, and the row that was made of it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)  # SHA-256 of what the form carried
    of = models.CharField(max_length=60)  # the model, such as recommendations.comment
    made = models.BigIntegerField(null=True)
    at = models.DateTimeField(db_default=Now())

    objects = OnceKeyQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key", "of"], name="one_thing_per_rendered_form")]

    def __str__(self) -> str:
        return f"{self.of} {self.made}"
