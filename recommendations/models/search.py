"""Search: people by their names, handles and what was said of them; editions and communities by their words.

Nobody is shown who may not be: what the index points at is read again, and consent is asked, for who is looking.
"""

from dataclasses import dataclass, field

from recommendations import terms
from recommendations.consent import Purpose, Viewer
from recommendations.models.community import Community
from recommendations.models.edition import Edition
from recommendations.models.entry import Entry, Quote
from recommendations.models.findable import Findable, near
from recommendations.models.profile import Profile
from recommendations.models.reading import whole


@dataclass(frozen=True)
class Query:
    """What was looked for: its terms, and for those that nobody knows what was taken in their place."""

    terms: list[str]
    instead: dict[str, list[str]] = field(default_factory=dict)

    @property
    def patterns(self) -> list[list[str]]:
        """For Findable.objects.matching."""
        return [[terms.pattern(each) for each in self.instead.get(term, [term])] for term in self.terms]

    @property
    def taken(self) -> list[str]:
        """The terms by which was found in the end."""
        return [each for term in self.terms for each in self.instead.get(term, [term])]


@dataclass(frozen=True)
class Found:
    """What matches, by number, what fits best first. Of the people some may not be shown (see `shown`)."""

    query: Query
    people: list[int]
    editions: list[int]
    communities: list[int]

    @property
    def anything(self) -> bool:
        """Is there anything at all?"""
        return bool(self.people or self.editions or self.communities)


@dataclass(frozen=True)
class FoundPerson:
    """Somebody, where they were featured last, and what was said of them there: what was looked for, if it was said."""

    entry: Entry
    quote: Quote | None

    @property
    def profile(self) -> Profile:
        """Who it is."""
        return self.entry.profile


def search(text: str, *, kind: str = "") -> Found:
    """What holds all the terms of what was typed. If nothing does, terms that nobody knows are taken for slips.

    `kind`: see `find`.
    """
    query = Query(terms.terms(text)[: terms.MOST_IN_QUERY])
    found = find(query, kind=kind)
    if not query.terms or found.anything:
        return found
    unknown = [each for each in query.terms if not find(Query([each]), kind=kind).anything]
    instead = {each: meant for each in unknown if (meant := near(each))}
    return find(Query(query.terms, instead), kind=kind) if instead else found


def find(query: Query, *, kind: str = "") -> Found:
    """What holds all of these terms, in order; in one query. A great many is more than is worth paging through.

    `kind`: "profile", "edition" or "community", where nothing else is looked for.
    """
    among = Findable.objects.filter(**{f"{kind}__isnull": False}) if kind else Findable.objects.all()
    matching = among.matching(query.patterns) if query.terms else Findable.objects.none()
    rows = list(matching.values_list("profile", "edition", "community"))
    people, editions, communities = ([row[kind] for row in rows if row[kind]] for kind in range(3))
    return Found(query, people, editions, communities)


def editions(pks: list[int]) -> list[Edition]:
    """Those of these that are out."""
    found = Edition.objects.published().select_related("community").in_bulk(pks)
    return [found[pk] for pk in pks if pk in found]


def communities(pks: list[int]) -> list[Community]:
    """These, in this order."""
    found = Community.objects.in_bulk(pks)
    return [found[pk] for pk in pks if pk in found]


def shown(pks: list[int], query: Query, *, viewer: Viewer) -> list[FoundPerson]:
    """Those of these people who may be shown, in two queries."""
    entries = (
        whole(Entry.objects.present())
        .filter(profile__in=pks, edition__state=Edition.State.PUBLISHED)
        .select_related("profile", "edition__community")
        .order_by("-edition__published_at", "-edition__number")
    )
    newest: dict[int, FoundPerson] = {}
    for entry in entries:
        if entry.profile_id in newest:
            continue
        if entry.profile.decision(entry.edition.community.policy, viewer, Purpose.PAGE).allowed_for(viewer):
            newest[entry.profile_id] = FoundPerson(entry, _best(list(entry.quotes.all()), query))
    return [newest[pk] for pk in pks if pk in newest]


def _best(quotes: list[Quote], query: Query) -> Quote | None:
    saying = (quote for quote in quotes if set(terms.terms(quote.text)) & set(query.taken))
    return next(saying, quotes[0] if quotes else None)
