"""States move in one place, and only along the moves drawn beside each model."""

from typing import Any, ClassVar, Self

from django.db import models


class IllegalMove(Exception):
    """The drawing has no such arrow: a fault in the code, or a request that makes no sense now."""


class Overtaken(Exception):
    """Another worker moved the row first. Nothing was changed; there is nothing to do but stop."""


class Stateful(models.Model):
    """A row with a `state` and a drawing of its legal moves."""

    MOVES: ClassVar[dict[str, set[str]]]
    state: "models.CharField[str, str]"

    class Meta:
        abstract = True

    def move(self, to: str, *, only_if: models.Q | None = None, **fields: Any) -> Self:
        """Move to another state and set `fields`, in one conditional UPDATE.

        The row must still be in the state this object believes it to be in, and match `only_if`.
        Raises IllegalMove when the drawing has no such arrow, Overtaken when no row was updated.
        """
        if to not in self.MOVES[self.state]:
            raise IllegalMove(f"{type(self).__name__} {self.pk}: {self.state} -> {to}")
        rows = type(self)._base_manager.filter(pk=self.pk, state=self.state)
        if only_if is not None:
            rows = rows.filter(only_if)
        if not rows.update(state=to, **fields):
            raise Overtaken(f"{type(self).__name__} {self.pk} is no longer {self.state}")
        self.state = to
        for name, value in fields.items():
            if not hasattr(value, "resolve_expression"):
                setattr(self, name, value)
        return self
