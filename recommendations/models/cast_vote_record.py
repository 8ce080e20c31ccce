"""The votes of an edition as anybody may recount them (cast_votes.py): written at closing, and never changed."""

import json
import zlib
from typing import Any

from django.db import models

from recommendations import cast_votes
from recommendations.models.edition import Edition


class CastVoteRecordQuerySet(models.QuerySet["CastVoteRecord"]):
    """Keeping records."""

    def keep(self, edition: Edition, record: cast_votes.Record) -> None:
        """This edition's record, in place of whichever a worker left that died."""
        written = cast_votes.canonical(record)
        kept = {"body": zlib.compress(written, 1), "fingerprint": cast_votes.fingerprint(written)}
        self.update_or_create(edition=edition, defaults=kept)


class CastVoteRecord(models.Model):
    """It names nobody: whom its numbers stand for is told beside it, of those who are on the list today."""

    edition = models.OneToOneField(Edition, on_delete=models.CASCADE, related_name="cast_vote_record")
    body = models.BinaryField()  # the canonical JSON, compressed
    fingerprint = models.CharField(max_length=64)

    objects = CastVoteRecordQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Votes of {self.edition}"

    @property
    def written(self) -> bytes:
        """The record as it was written, byte for byte."""
        return zlib.decompress(self.body)

    @property
    def record(self) -> dict[str, Any]:
        """The record."""
        return json.loads(self.written)
