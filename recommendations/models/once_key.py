"""A form that was shown once does one thing, however often it is sent; so does a request to the API that has a key."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from enum import Enum
from typing import Any, TypeVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

KEPT_FOR = timedelta(days=1)
A_MOMENT = timedelta(minutes=1)  # in which a second press is the same press
STARTED_FOR = timedelta(minutes=2)  # longer than any request takes; after that, its process was killed
LONGEST_ADDRESS = 500  # characters
_FORM, _REQUEST = "form", "request"

Made = TypeVar("Made", bound=models.Model)


class Kept(Enum):
    """What is known of a request's key, other than an answer."""

    NEW = "new"
    STARTED = "started"  # and not finished
    OTHER = "other"  # it came with another request


class OnceKeyQuerySet(models.QuerySet["OnceKey"]):
    """Keys, by what came of them."""

    def only_once(
        self, key: str, *, by: int, make: Callable[[], Made], of: type[Made], again: bool = True
    ) -> tuple[Made, bool]:
        """Within a transaction: return what `make` makes, or what it made when the key came before; and if it is new.

        `key`: of the rendered form and what it says, "" for none; `by`: the user's id; `of`: the model that is made. Of
        two presses at once the second waits for the first. What the first was refused for, it may try again. If what
        was made is gone it is made `again`, or else `of.DoesNotExist` is raised.
        """
        if not key:
            return make(), True
        row, new = self.get_or_create(user_id=by, key=_digest(key), of=of._meta.label_lower)
        made = None if new else of._default_manager.filter(pk=row.made).first()
        if made is not None:
            return made, False
        if not new and not again:
            raise of.DoesNotExist  # type: ignore[attr-defined]
        self._forget_old(by)
        made = make()
        row.made = made.pk
        row.save(update_fields=["made"])
        return made, True

    def led_to(self, key: str, *, by: int) -> str:
        """Return the address that a form led to, if it was the last that this person sent, a moment ago; else "".

        Someone who has done something else in between, such as the opposite, means it when they send it again.
        """
        last = self.filter(user_id=by, of=_FORM, at__gt=Now() - A_MOMENT).order_by("-pk").first()
        return str(last.answer["led_to"]) if last and last.key == _digest(key) else ""

    def remember(self, key: str, *, by: int, led_to: str) -> None:
        """Keep where a form led, as the last that this person sent; what made a row is kept with that already."""
        digest = _digest(key)
        if len(led_to) <= LONGEST_ADDRESS and not self.filter(user_id=by, key=digest).exclude(of=_FORM).exists():
            self._forget_old(by)
            self.filter(user_id=by, key=digest, of=_FORM).delete()
            self.get_or_create(user_id=by, key=digest, of=_FORM, defaults={"answer": {"led_to": led_to}})

    def begin(self, key: str, *, by: int, fingerprint: str) -> Kept | dict[str, Any]:
        """Take a request's key; return its answer, if it has one. NEW: do it, and then say `finish` or `let_go`.

        A key whose request was begun `STARTED_FOR` ago and has no answer is taken over: that process is gone.
        """
        answer = {"to": fingerprint}
        row, new = self.get_or_create(user_id=by, key=_digest(key), of=_REQUEST, defaults={"answer": answer})
        if new:
            self._forget_old(by)
            return Kept.NEW
        if row.answer["to"] != fingerprint:
            return Kept.OTHER
        if "status" in row.answer:
            return row.answer
        mine = self.filter(pk=row.pk, at__lte=Now() - STARTED_FOR).update(at=Now())
        return Kept.NEW if mine else Kept.STARTED

    def finish(self, key: str, *, by: int, answer: dict[str, Any]) -> None:
        """Keep the answer to a request: `status` and `body`."""
        row = self.get(user_id=by, key=_digest(key), of=_REQUEST)
        self.filter(pk=row.pk).update(answer=row.answer | answer)

    def let_go(self, key: str, *, by: int) -> None:
        """Forget a request that was refused."""
        self.filter(user_id=by, key=_digest(key), of=_REQUEST).delete()

    def _forget_old(self, by: int) -> None:
        self.filter(user_id=by, at__lt=Now() - KEPT_FOR).delete()


class OnceKey(models.Model):
    """A key that a form or a request carried, and what came of it: a row that was made, or an answer."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)  # SHA-256 of what was sent
    of = models.CharField(max_length=60)  # the model that is made, such as recommendations.comment; "form" or "request"
    made = models.BigIntegerField(null=True)
    answer = models.JSONField(default=dict)  # of a form: `led_to`; of a request: `to`, its SHA-256; `status`, `body`
    at = models.DateTimeField(db_default=Now())

    objects = OnceKeyQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key", "of"], name="one_thing_per_rendered_form")]

    def __str__(self) -> str:
        return f"{self.of} {self.made}"


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
