"""Search among 200,000 people: by a name, by what was said, with a slip; beside the plain indexed query."""

import random
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from accounts.models import User
from benchmarks.stopwatch import median, row
from recommendations import terms
from recommendations.consent import Viewer
from recommendations.models import Community, Edition, Entry, Findable, Profile, Quote
from recommendations.models.findable import learn
from recommendations.models.search import Query, search, shown

SYLLABLES = tuple(consonant + vowel for consonant in "bdfklmnrst" for vowel in "aeio")
SUBJECTS = ("patience", "apologies", "queues", "refunds", "training", "scripts", "empathy", "metrics", "tone")


def searching(number: int) -> None:
    """That many people, each featured once, found again."""
    choose = random.Random(3)
    names = [_name(choose) for _ in range(number)]
    _featured(names, choose)
    learn({term for name in names for term in terms.terms(name)})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    somebody = names[number // 2]
    first = somebody.split()[0]
    for what, text in (
        ("a whole name", somebody),
        ("the beginning of a name", first[:5]),
        ("a word of a reason, and a name", f"knows {first}"),
    ):
        base = median(lambda text=text: _plain(text))
        row(f"the plain indexed query: {what}", base, base, "itself")
        row("  found, in order", median(lambda text=text: search(text)), base, "the plain query")
        row("  and read, with consent asked", median(lambda text=text: _read(text)), base, "the plain query")
    slip = first[:3] + first[4:]
    base = median(lambda: _plain(first))
    row("with a slip, read", median(lambda: _read(slip)), base, "the plain query, without")


def _plain(text: str) -> None:
    """The same index asked by the same ORM, and nothing else."""
    query = Query(terms.terms(text))
    list(Findable.objects.holding(query.patterns).order_by("-weight").values_list("profile", flat=True)[:20])


def _read(text: str) -> None:
    found = search(text)
    assert shown(found.people[:20], found.query, viewer=Viewer.PUBLIC), text


def _name(choose: random.Random) -> str:
    return " ".join("".join(choose.choices(SYLLABLES, k=choose.randint(2, 4))).title() for _ in range(2))


def _featured(names: list[str], choose: random.Random) -> None:
    now = timezone.now()
    user = User.objects.create(username="searcher")
    community = Community.objects.create(slug="search", name="Search", hashtag="search")
    editions = Edition.objects.bulk_create(
        Edition(community=community, week=f"W{n}", special=True, state="published", number=n + 1, opens_at=now,
                closes_at=now, publishes_at=now, published_at=now - timedelta(hours=n))
        for n in range(len(names) // 100)
    )  # fmt: skip
    profiles = Profile.objects.bulk_create(
        (Profile(network="bluesky", name=f"found{n}.example", uri=f"did:plc:found{n}", display_name=name,
                 signal="automatic", checked=True) for n, name in enumerate(names)),
        batch_size=5_000,
    )  # fmt: skip
    entries = Entry.objects.bulk_create(
        (Entry(edition=editions[n % len(editions)], profile=profile, rank=1) for n, profile in enumerate(profiles)),
        batch_size=5_000,
    )
    reasons = [f"Knows all about {choose.choice(SUBJECTS)} and {choose.choice(SUBJECTS)}." for _ in names]
    Quote.objects.bulk_create(
        (Quote(entry=entry, position=0, author=user, text=text) for entry, text in zip(entries, reasons, strict=True)),
        batch_size=5_000,
    )
    Findable.objects.bulk_create(
        (
            Findable(profile=profile, names=_spelled(name), words=_spelled(f"{name} {reason}"), weight=1)
            for profile, name, reason in zip(profiles, names, reasons, strict=True)
        ),
        batch_size=5_000,
    )


def _spelled(text: str) -> str:
    return " ".join(map(terms.spelled, terms.terms(text)))
