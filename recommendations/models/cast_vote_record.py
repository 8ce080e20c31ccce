"""The votes of an edition as anybody may recount them (cast_votes.py): written at closing, and never changed."""

import zlib

from django.db import models

from recommendations import cast_votes
from recommendations.models.edition import Edition


class CastVoteRecordQuerySet(models.QuerySet["CastVoteRecord"]):
    """Keeping records."""

    def keep(self, edition: Edition, record: cast_votes.Record) -> None:
        """This edition's record, in place of whichever a worker left that died."""
        written = cast_votes.canonical(record)
        kept = {
            "body": _pressed(written),
            "fingerprint": cast_votes.fingerprint(written),
            "people": [line["person"] for line in record["order"]],
        }
        self.update_or_create(edition=edition, defaults=kept)


def _pressed(written: bytes) -> bytes:
    """Digits want no more than short codes: quicker than looking for repetitions, and smaller."""
    press = zlib.compressobj(1, strategy=zlib.Z_HUFFMAN_ONLY)
    return press.compress(written) + press.flush()


class CastVoteRecord(models.Model):
    """It names nobody: whom its numbers stand for is told beside it, of those who are on the list today."""

    edition = models.OneToOneField(Edition, on_delete=models.CASCADE, related_name="cast_vote_record")
    body = models.BinaryField()  # the canonical JSON, compressed
    fingerprint = models.CharField(max_length=64)
    people = models.JSONField()  # the numbers of those who were listed, in the order of Entry.computed_rank

    objects = CastVoteRecordQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Votes of {self.edition}"

    @property
    def written(self) -> bytes:
        """The record as it was written, byte for byte."""
        return zlib.decompress(self.body)

    def person(self, computed_rank: int | None) -> int | None:
        """The number of whoever the ballots had put at that place; None: chosen by a curator."""
        return self.people[computed_rank - 1] if computed_rank else None
