"""The votes of an edition as they were counted (cast_votes.py): written at closing, never changed, never published."""

import zlib
from typing import Any

import numpy as np
import orjson
from django.db import models

from recommendations import cast_votes
from recommendations.circles import Ints
from recommendations.models.community import Community
from recommendations.models.edition import Edition
from recommendations.models.ledger import packed, unpacked

_ERASED = 0  # no user has this id


class CastVoteRecordQuerySet(models.QuerySet["CastVoteRecord"]):
    """Keeping records."""

    def keep(self, edition: Edition, record: cast_votes.Record, *, voters: Ints) -> None:
        """Keep this edition's record, in place of one that a worker left that died.

        `voters`: the ids of the users, by their number in the record.
        """
        written = cast_votes.canonical(record)
        kept = {
            "body": _pressed(written),
            "fingerprint": cast_votes.fingerprint(written),
            "root": cast_votes.root(record),
            "voters": packed(voters),
        }
        self.update_or_create(edition=edition, defaults=kept)

    def forget(self, user: int) -> None:
        """Someone is erased: their ballots stay, as nobody's."""
        communities = Community.objects.filter(memberships__user=user)
        kept = self.exclude(root="").filter(edition__community__in=communities).only("voters").order_by("pk")
        for record in kept.select_for_update():
            voters = unpacked(record.voters)
            if (voters == user).any():
                record.voters = packed(np.where(voters == user, _ERASED, voters))
                record.save(update_fields=["voters"])


def _pressed(written: bytes) -> bytes:
    """Digits want no more than short codes: quicker than looking for repetitions, and smaller."""
    press = zlib.compressobj(1, strategy=zlib.Z_HUFFMAN_ONLY)
    return press.compress(written) + press.flush()


class CastVoteRecord(models.Model):
    """Whose ballot is whose stands apart in `voters`, so that a ballot can be made nobody's."""

    edition = models.OneToOneField(Edition, on_delete=models.CASCADE, related_name="cast_vote_record")
    body = models.BinaryField()  # the canonical JSON, compressed
    fingerprint = models.CharField(max_length=64)
    root = models.CharField(max_length=64, blank=True, db_default="")  # published; "": a record of format 1
    voters = models.BinaryField(db_default=b"\x04")  # ids of users by their number in the record, packed

    objects = CastVoteRecordQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Votes of {self.edition}"

    @property
    def written(self) -> bytes:
        """The record as it was written, byte for byte."""
        return zlib.decompress(self.body)

    def number_of(self, user: int) -> int | None:
        """Return a voter's number in the record; None for who cast no ballot."""
        found = np.flatnonzero(unpacked(self.voters) == user)
        return int(found[0]) if len(found) else None

    def receipt(self, user: int) -> dict[str, Any] | None:
        """Return what this user needs to check their own ballot, and `counted`: which of its votes did; or None."""
        number = self.number_of(user) if self.root else None
        if number is None:
            return None
        record = orjson.loads(self.written)
        return cast_votes.receipt(record, number) | {"counted": sorted(cast_votes.counted(record, number))}
