"""What an edition leaves for the rankings after it, so that no old vote is ever read again.

Written when its board closes; kept for HISTORY_EDITIONS. Ids stand in arrays and not in rows: a community of
200,000 voters leaves a few megabytes a week, which are read at once.
"""

import numpy as np
from django.db import models

from recommendations.circles import Ints, distinct, pairs
from recommendations.models.community import Community
from recommendations.models.edition import Edition
from recommendations.rules import HISTORY_EDITIONS


def packed(numbers: Ints) -> bytes:
    """Integers from 0 as bytes: four each where that is enough, which the first byte tells."""
    width = 4 if numbers.max(initial=0) < 2**32 else 8
    return bytes([width]) + numbers.ravel().astype(f"<u{width}").tobytes()


def unpacked(kept: bytes | memoryview) -> Ints:
    """What `packed` made."""
    return np.frombuffer(kept, dtype=f"<u{bytes(kept[:1])[0]}", offset=1).astype(np.int64)


class LedgerQuerySet(models.QuerySet["Ledger"]):
    """Ledgers, by whom they serve."""

    def before(self, edition: Edition) -> "LedgerQuerySet":
        """Those that a ranking of this edition rests on: of the last closed ones, in no order."""
        last = edition.community.editions.closed().exclude(pk=edition.pk).values_list("pk", flat=True)
        return self.filter(edition__in=list(last[:HISTORY_EDITIONS]))

    def keep(self, edition: Edition, *, turnout: Ints, backing: Ints, praise: Ints) -> None:
        """What this edition leaves, once it is closed; what no ranking will ask for any more goes."""
        arrays = {"turnout": packed(distinct(turnout)), "backing": packed(backing), "praise": packed(praise)}
        self.update_or_create(edition=edition, defaults=arrays)
        last = edition.community.editions.closed().values_list("pk", flat=True)[:HISTORY_EDITIONS]
        self.filter(edition__community=edition.community_id).exclude(edition__in=list(last)).delete()

    def forget(self, user: int) -> None:
        """Somebody is erased: nobody can tell any more that they voted, or for whom."""
        communities = Community.objects.filter(memberships__user=user)
        for ledger in self.select_for_update().filter(edition__community__in=communities).order_by("pk"):
            ledger.strike(user)
            ledger.save(update_fields=["turnout", "backing", "praise"])


class Ledger(models.Model):
    """Who voted in an edition, and what of it matters later; packed integers.

    `backing`: (voter, profile) for listed profiles; `praise`: (voter, owner) for profiles proven to be somebody's,
    as known when the board closed. Who proves a handle later is known from the next closing on.
    """

    edition = models.OneToOneField(Edition, on_delete=models.CASCADE, related_name="ledger")
    turnout = models.BinaryField()
    backing = models.BinaryField()
    praise = models.BinaryField()

    objects = LedgerQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Ledger of {self.edition}"

    def strike(self, user: int) -> None:
        """Without somebody; not saved."""
        turnout, backing, praise = unpacked(self.turnout), pairs(unpacked(self.backing)), pairs(unpacked(self.praise))
        self.turnout = packed(turnout[turnout != user])
        self.backing = packed(backing[backing[:, 0] != user])
        self.praise = packed(praise[(praise != user).all(axis=1)])


def history(ledgers: "models.QuerySet[Ledger]") -> tuple[tuple[Ints, ...], Ints, Ints]:
    """Turnout by edition, backing and praise of several ledgers, as a ranking wants them."""
    rows = list(ledgers)
    none = [np.empty((0, 2), dtype=np.int64)]
    return (
        tuple(unpacked(each.turnout) for each in rows),
        np.concatenate([*none, *(pairs(unpacked(each.backing)) for each in rows)]),
        np.concatenate([*none, *(pairs(unpacked(each.praise)) for each in rows)]),
    )
