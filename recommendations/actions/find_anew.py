"""Keep what a search finds true: read again what a person, an edition or a community is called, and what was said.

Verbs that change words mark what they changed (`Findable.objects.mark`); a sweep has it read here.
"""

from dataclasses import dataclass

from django.db import transaction

from recommendations import terms
from recommendations.consent import Viewer
from recommendations.models import Community, Edition, Findable, Profile
from recommendations.models.findable import forget, learn
from recommendations.models.reading import published_about

MOST = 2_000  # terms of one thing: no text is endless


@dataclass(frozen=True)
class _Words:
    names: list[str]
    words: list[str]
    weight: int = 0


def find_anew(findable: Findable) -> None:
    """Read its words again. Marked once more meanwhile, it stays due. What nobody may read is found by nobody."""
    now = _words_of(findable)
    names = _terms(now.names)
    words = list(dict.fromkeys([*names, *_terms(now.words)]))[:MOST]
    with transaction.atomic():
        row = Findable.objects.select_for_update().get(pk=findable.pk)
        before = set(row.words.split())
        row.names = " ".join(map(terms.spelled, names))
        row.words = " ".join(map(terms.spelled, words))
        row.weight = now.weight
        row.due_at = None if row.due_at == findable.due_at else row.due_at
        row.save()
        learn(words)
        forget(before - set(row.words.split()))


def _words_of(findable: Findable) -> _Words:
    if findable.profile:
        return _of_person(findable.profile)
    if findable.edition:
        return _of_edition(findable.edition)
    assert findable.community
    return _of_community(findable.community)


def _of_person(profile: Profile) -> _Words:
    """As a member may see them: whoever is looking may see less, and is asked about then."""
    entries = published_about(profile, viewer=Viewer.MEMBER)
    if not entries:
        return _Words([], [])
    said = [quote.text for entry in entries for quote in entry.quotes.all()]
    return _Words([profile.display_name, profile.handle.name, profile.handle.address], said, len(entries))


def _of_edition(edition: Edition) -> _Words:
    if edition.state != Edition.State.PUBLISHED:
        return _Words([], [])
    return _Words([edition.headline], [edition.essay, edition.closing, f"#{edition.community.hashtag}"])


def _of_community(community: Community) -> _Words:
    return _Words([community.name, f"#{community.hashtag}", community.slug], [community.description, community.values])


def _terms(texts: list[str]) -> list[str]:
    return list(dict.fromkeys(term for text in texts for term in terms.terms(text)))
