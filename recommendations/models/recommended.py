"""What a member recommended, as their page shows it: reasons and seconds that others may read, and never a bare vote.

Whoever may not be shown is left out as if they had never been spoken of: lines, numbers and communities are all counted
from what is shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from recommendations.consent import Policy, Purpose, Viewer
from recommendations.models.block import silenced
from recommendations.models.community import Community
from recommendations.models.edition import Edition
from recommendations.models.entry import Entry, Quote, QuoteQuerySet
from recommendations.models.membership import Membership
from recommendations.models.profile import Profile


@dataclass(frozen=True)
class Given:
    """What they said in one edition, in the order of its list."""

    edition: Edition
    quotes: list[Quote]


@dataclass(frozen=True)
class Where:
    """A community, and for how many people they spoke there."""

    community: Community
    people: int


def recommended_by(author: User, *, viewer: Viewer) -> QuoteQuerySet:
    """All of it that this viewer may read, the newest first. Agrees with `consent.decide` for Purpose.PAGE."""
    newest = ("-entry__edition__published_at", "-entry__edition__number", "entry__rank", "position")
    return _open_to(viewer).filter(author=author).order_by(*newest)


def found_members() -> QuerySet[User]:
    """Those whose page search engines may find, and find something on."""
    there = User.objects.filter(is_active=True, page=User.Page.FOUND)
    return there.filter(pk__in=_open_to(Viewer.PUBLIC).values("author")).order_by("pk")


def is_sent_away(author: User) -> bool:
    """Is there a community from which they are suspended or banned? What they said there is not shown."""
    return Membership.objects.filter(user=author).away(timezone.now()).exists()


def where(quotes: QuoteQuerySet) -> list[Where]:
    """In which communities, the one with the most people first; in two queries."""
    rows = quotes.order_by().values_list("entry__edition__community").annotate(Count("entry__profile", distinct=True))
    people = dict(rows)
    found = [Where(each, people[each.pk]) for each in Community.objects.filter(pk__in=people).order_by("name")]
    return sorted(found, key=lambda each: -each.people)


def people_in(quotes: QuoteQuerySet) -> int:
    """For how many people, each counted once."""
    counted: int = quotes.aggregate(number=Count("entry__profile", distinct=True))["number"]
    return counted


def given(quotes: Iterable[Quote], *, viewer: Viewer) -> list[Given]:
    """These of `recommended_by`, with their editions; consent is asked of each once more."""
    found: list[Given] = []
    for quote in quotes:
        edition, profile = quote.entry.edition, quote.entry.profile
        if not profile.decision(edition.community.policy, viewer, Purpose.PAGE).allowed_for(viewer):
            continue
        if not found or found[-1].edition != edition:
            found.append(Given(edition, []))
        found[-1].quotes.append(quote)
    return found


def _open_to(viewer: Viewer) -> QuoteQuerySet:
    """What anybody said that this viewer may read, but for whom the community has sent away."""
    shown = Q()
    for policy in Policy:
        who = Profile.objects.listable(policy)
        who = who if viewer == Viewer.MEMBER else who.filter(members_only=False)
        shown |= Q(entry__edition__community__consent=policy.value, entry__profile__in=who)
    out = Entry.objects.present().filter(edition__state=Edition.State.PUBLISHED)
    heard = Quote.objects.readable().filter(shown, ~silenced("entry__profile", "author"), entry__in=out)
    return heard.of_who_is_there()
