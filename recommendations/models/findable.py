"""What a search finds: a person, an edition, a community; kept as terms (see `recommendations.terms`).

Each database has a text index of its own over it (migrations); here both are asked in the same words. It only points:
whether somebody may be shown is for `consent`, which whoever reads asks.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db import connection, models
from django.db.models import BooleanField, F, Func, Q, Value

from recommendations import terms
from recommendations.models.community import Community
from recommendations.models.edition import Edition
from recommendations.models.profile import Profile

MOST = 1_000  # so many rows are put in order at most, whatever was looked for
NEAR = 5  # other terms taken for one that nobody knows


class FindableQuerySet(models.QuerySet["Findable"]):
    """Finding, by the terms of a query."""

    def due(self, at: datetime) -> "FindableQuerySet":
        """Those whose words have changed."""
        return self.filter(due_at__lte=at).order_by("due_at", "pk")

    def mark(self, field: str, pks: Iterable[int], at: datetime) -> None:
        """Let these people (`profile`), editions or communities be read anew by the next sweep."""
        # In one order, so that two who mark the same people wait for each other rather than for ever.
        rows = [Findable(**{f"{field}_id": pk}, due_at=at) for pk in sorted(set(pks))]
        Findable.objects.bulk_create(rows, update_conflicts=True, unique_fields=[field], update_fields=["due_at"])

    def holding(self, query: Sequence[Sequence[str]]) -> "FindableQuerySet":
        """Those that hold one of each of these patterns (terms.pattern)."""
        return self.filter(_matches(query, "words"))

    def matching(self, query: Sequence[Sequence[str]]) -> "FindableQuerySet":
        """The same in order: who is called so first, then who was recommended more often.

        Of a great many only some are looked at.
        """
        some = self.holding(query).values("pk")[:MOST]
        called_so = _matches(query, "names")
        return Findable.objects.filter(pk__in=some).order_by(called_so.desc(), "-weight", "-pk")


class Findable(models.Model):
    """One thing that can be found, as the terms it is found by."""

    profile = models.OneToOneField(Profile, null=True, on_delete=models.CASCADE, related_name="+")
    edition = models.OneToOneField(Edition, null=True, on_delete=models.CASCADE, related_name="+")
    community = models.OneToOneField(Community, null=True, on_delete=models.CASCADE, related_name="+")
    names = models.TextField(blank=True)  # terms.spelled, of what it is called
    words = models.TextField(blank=True)  # and of all that was said, the names among it
    weight = models.PositiveIntegerField(default=0)  # how often it was recommended: who more often was comes first
    due_at = models.DateTimeField(null=True, db_index=True)

    objects = FindableQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(profile__isnull=False, edition=None, community=None)
                | Q(profile=None, edition__isnull=False, community=None)
                | Q(profile=None, edition=None, community__isnull=False),
                name="findable_is_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"{self.profile or self.edition or self.community}"


class Term(models.Model):
    """A term that stands somewhere."""

    text = models.CharField(max_length=terms.LONGEST + 1, unique=True)

    def __str__(self) -> str:
        return self.text


class Slip(models.Model):
    """A key that terms near to this one share (terms.slips)."""

    key = models.BigIntegerField()
    term = models.ForeignKey(Term, on_delete=models.CASCADE, related_name="slips")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "term"], name="one_slip_per_key")]

    def __str__(self) -> str:
        return f"{self.key} of {self.term}"


def near(term: str) -> list[str]:
    """Terms that stand somewhere and may be what was meant, the nearest first."""
    keys = terms.slips(term)
    found = Term.objects.filter(slips__key__in=keys).values_list("text", flat=True).distinct() if keys else []
    meant = [each for each in found if each != term and terms.is_near(term, each)]
    return sorted(meant, key=lambda each: (terms.distance(term, each), each))[:NEAR]


def learn(words: Collection[str]) -> None:
    """Know these terms, so that slips of them are understood."""
    known = set(Term.objects.filter(text__in=words).values_list("text", flat=True))
    fresh = [each for each in words if each not in known and terms.slips(each)]
    Term.objects.bulk_create([Term(text=each) for each in fresh], ignore_conflicts=True)
    rows = Term.objects.filter(text__in=fresh, slips=None).values_list("pk", "text")
    keys = [Slip(term_id=pk, key=key) for pk, text in rows for key in terms.slips(text)]
    Slip.objects.bulk_create(keys, ignore_conflicts=True)


def forget(spellings: Iterable[str]) -> None:
    """Know those of these terms no more that stand nowhere: what nobody may read must not be guessed either."""
    nowhere = [each for each in spellings if not Findable.objects.filter(_matches([[each]], "words")).exists()]
    Term.objects.filter(text__in=[terms.read(each) for each in nowhere]).delete()


def _matches(query: Sequence[Sequence[str]], field: str) -> Func:
    """All of these, each one or another; with a `*`, words that begin so."""
    if connection.vendor == "postgresql":
        text = " & ".join("(" + " | ".join(each.replace("*", ":*") for each in one) + ")" for one in query)
        return _asked(F(field), text, "(to_tsvector('simple', %(expressions)s))", ") @@ to_tsquery('simple', ")
    # terms.spelled: nothing but letters and digits, which FTS5 takes as they are.
    text = f"{field} : (" + " AND ".join("(" + " OR ".join(one) + ")" for one in query) + ")"
    index = "SELECT rowid FROM recommendations_findable_text WHERE recommendations_findable_text MATCH "
    return _asked(F("pk"), text, "%(expressions)s)", f" IN ({index}")


def _asked(what: F, text: str, template: str, joiner: str) -> Func:
    return Func(what, Value(text), template=template, arg_joiner=joiner, output_field=BooleanField())
