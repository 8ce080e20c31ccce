"""Turn a published edition into the posts of one delivery, as they will be sent."""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from itertools import count

from django.conf import settings
from django.db.models import Prefetch
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from accounts.options import options
from recommendations import consent, networks, threads
from recommendations.explanation import Explanation
from recommendations.handles import Network
from recommendations.measures import Limits, size
from recommendations.models import Channel, Delivery, Edition, Entry, Post
from recommendations.models.reading import recommended_by
from recommendations.networks.posting import Part

NOBODY_LEFT = gettext_noop("Nobody was left to name in this part.")


def outline(edition: Edition, channel: Channel, *, entries: list[Entry] | None = None) -> threads.Outline:
    """What is to be said on this channel: the people who may be posted on its network, and how each is named.

    `entries`: its list, where it is at hand already (see `the_list`).
    """
    community = edition.community
    network = Network(channel.network)
    people = []
    for entry in the_list(edition) if entries is None else entries:
        if may(entry, community.policy, network, consent.Purpose.POST):
            people.append(_person(entry, edition, network))
    return threads.Outline(
        community=community.name,
        title=edition.title,
        number=edition.number,
        people=tuple(people),
        hashtag=community.hashtag,
        link=edition_url(edition),
        language=community.language,
        words=_words(community.language),
    )


def the_list(edition: Edition) -> list[Entry]:
    """The edition's entries with all that posts say of them, in three queries."""
    return list(edition.entries.ranked().select_related("profile").prefetch_related("quotes__author"))


def _words(language: str) -> threads.Words:
    """What we say ourselves, in the community's language."""
    with translation.override(language):
        return threads.Words(
            number=_("No. {number}"),
            people=partial(_people, language),
            invitation=_("Whom should more people know? Nominate them for next week:"),
        )


def _people(language: str, count: int) -> str:
    with translation.override(language):
        return ngettext("%d person to follow", "%d people to follow", count) % count


def edition_url(edition: Edition) -> str:
    """The edition's page, as an address for the whole world."""
    return f"{settings.FF_BASE_URL}/c/{edition.community.slug}/editions/{edition.number or edition.week}/"


def may(entry: Entry, policy: consent.Policy, network: Network, purpose: consent.Purpose) -> bool:
    """Whether everybody on a network may see this entry so."""
    if not entry.is_present:
        return False
    decision = entry.profile.decision(policy, consent.Viewer.PUBLIC, purpose, network=network)
    return decision.answer == consent.Answer.YES


def may_mention(entry: Entry, edition: Edition, network: Network) -> bool:
    """Whether a post may notify them, as far as they and the community have said."""
    community = edition.community
    decision = consent.decide(
        entry.profile.facts,
        community.policy,
        consent.Viewer.PUBLIC,
        network,
        consent.Purpose.MENTION,
        mentions=consent.Mentions(community.mentions),
    )
    return decision.answer == consent.Answer.YES


def _person(entry: Entry, edition: Edition, network: Network) -> threads.Person:
    profile, quotes = entry.profile, [quote for quote in entry.quotes.all() if quote.is_readable]
    lead = quotes[0] if quotes else None
    return threads.Person(
        name=profile.display_name,
        handle=profile.handle,
        page_url=profile.page_url,
        uri=profile.uri or "",
        reason=lead.text if lead else "",
        by=str(lead.author or "") if lead else _recommended_by(entry, edition),
        mention=may_mention(entry, edition, network),
        entry=entry.pk,
    )


def _recommended_by(entry: Entry, edition: Edition) -> str:
    """What stands in place of a reason, in the community's language."""
    with translation.override(edition.community.language):
        return recommended_by(Explanation.from_json(entry.explanation) if entry.explanation else None)


def write_posts(delivery: Delivery, *, at: datetime, late_at: datetime) -> None:
    """Within a transaction: write down every part of the thread, frozen: text, facets, time and key."""
    channel = delivery.channel
    add_posts(delivery, composed(outline(delivery.edition, channel), channel), at=at, late_at=late_at)


def composed(whole: threads.Outline, channel: Channel) -> list[threads.Post]:
    """The thread as this channel's network takes it."""
    network = Network(channel.network)
    poster = networks.poster(network, options())
    return threads.compose(whole, network=network, limits=Limits(**channel.limits), measure=poster.measure)


def add_posts(
    delivery: Delivery, texts: list[threads.Post], *, at: datetime, late_at: datetime, part: int = 0, step: int = 0
) -> None:
    """Within a transaction: write down so many new posts, the first at this place of the thread or behind it."""
    channel = delivery.channel
    places = places_of(delivery, part)
    poster = networks.poster(Network(channel.network), options())
    Post.objects.bulk_create(
        Post(
            delivery=delivery,
            step=step + number,
            part=next(places),
            text=text.text,
            facets=[facet.as_json for facet in text.facets],
            people=list(text.people),
            key=poster.key(moment=at, serial=delivery.pk, part=step + number),
            account=channel.uri,
            created_at=at,
            due_at=at,
            late_at=late_at,
        )
        for number, text in enumerate(texts)
    )


def held(delivery: Delivery) -> Delivery:
    """Within a transaction: the delivery with its posts, which nobody moves until it ends."""
    posts = Prefetch("posts", Post.objects.select_for_update())
    return Delivery.objects.select_for_update().prefetch_related(posts).get(pk=delivery.pk)


def the_rest(delivery: Delivery, stands: list[Post]) -> list[threads.Post]:
    """What is to follow these posts: the people who are not named in them yet, and the closing.

    What a curator skipped is not made up for.
    """
    skipped = delivery.skipped
    said = {entry for post in (*stands, *skipped) for entry in post.people}
    whole = outline(delivery.edition, delivery.channel)
    people = tuple(person for person in whole.people if person.entry not in said)
    opening = not stands and all(post.part for post in skipped)
    texts = composed(replace(whole, people=people, opening=opening), delivery.channel)
    return texts[:-1] if closing_was_skipped(delivery) else texts


def closing_was_skipped(delivery: Delivery) -> bool:
    """Whether a curator left out the last part of the thread, which names nobody."""
    return any(post.part and not post.people for post in delivery.skipped)


def places_of(delivery: Delivery, first: int = 0) -> Iterator[int]:
    """The places of the thread from one on, but for those of parts that a curator skipped."""
    skipped = {post.part for post in delivery.skipped}
    return (place for place in count(first) if place not in skipped)


def recompose(delivery: Delivery) -> None:
    """Within a transaction: write the parts that wait anew, without people who may no longer be posted.

    A part that waits stands nowhere, even if it was tried: what it was to be is dropped with its text. What is sent
    or in doubt (after a restore: not yet looked for) stays as it is; nobody who stands there is repeated. Keys stay
    with their parts, and times too, so the thread keeps its order.
    """
    thread = held(delivery).thread
    pending = [post for post in thread if post.state == Post.State.PENDING]
    surely = [post for post in pending if not post.may_stand_already]
    if not surely:
        return
    # One part goes out after the other: behind what surely is not there, nothing is.
    waiting = [post for post in pending if post.part >= surely[0].part]
    stands = [post for post in thread if post not in waiting]
    texts = the_rest(delivery, stands)
    for post, text in zip(waiting, texts, strict=False):
        post.text, post.people, post.wire, post.pictured = text.text, list(text.people), None, []
        post.facets = [facet.as_json for facet in text.facets]
    Post.objects.bulk_update(waiting[: len(texts)], ["text", "facets", "people", "wire", "pictured"])
    for post in waiting[len(texts) :]:
        post.move(Post.State.CANCELLED, trouble=NOBODY_LEFT)


@dataclass(frozen=True)
class Composed:
    """A post as it would appear, with its size against the channel's limit, and what sending it costs."""

    text: str
    size: int
    limit: int
    dollars: Decimal


def preview(edition: Edition, channel: Channel, *, entries: list[Entry] | None = None) -> list[Composed]:
    """The exact posts this channel would make of an edition now. `entries`: as for `outline`."""
    network, limits = Network(channel.network), Limits(**channel.limits)
    poster = networks.poster(network, options())
    whole = outline(as_published(edition), channel, entries=entries)
    return [
        Composed(
            text=post.text,
            size=size(post.text, post.facets, network=network, limits=limits, measure=poster.measure),
            limit=limits.characters,
            dollars=Decimal(poster.price(Part(post.text, [facet.as_json for facet in post.facets]))) / 1000,
        )
        for post in composed(whole, channel)
    ]


def as_published(edition: Edition) -> Edition:
    """The edition as it will be if it is the next to go out: with the number, and so the address, it gets then."""
    if edition.number is not None:
        return edition
    shown = copy(edition)
    shown.number = edition.community.last_number + 1
    return shown
