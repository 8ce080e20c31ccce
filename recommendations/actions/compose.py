"""Turn a published edition into the posts of one delivery, as they will be sent."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import consent, networks, threads
from recommendations.actions.look_up import options
from recommendations.handles import Network
from recommendations.measures import Limits, size
from recommendations.models import Channel, Delivery, Edition, Entry, Post


def outline(edition: Edition, channel: Channel) -> threads.Outline:
    """What is to be said on this channel: the people who may be posted on its network, and how each is named."""
    community = edition.community
    network = Network(channel.network)
    people = []
    for entry in edition.entries.ranked().select_related("profile").prefetch_related("quotes__author"):
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
    decision = entry.profile.decision(policy, consent.Viewer.PUBLIC, purpose, network=network)
    return decision.answer == consent.Answer.YES


def _person(entry: Entry, edition: Edition, network: Network) -> threads.Person:
    profile, quotes = entry.profile, list(entry.quotes.all())
    decision = consent.decide(
        profile.facts,
        edition.community.policy,
        consent.Viewer.PUBLIC,
        network,
        consent.Purpose.MENTION,
        mentions=consent.Mentions(edition.community.mentions),
    )
    lead = quotes[0] if quotes else None
    return threads.Person(
        name=profile.display_name,
        handle=profile.handle,
        page_url=profile.page_url,
        uri=profile.uri or "",
        reason=lead.text if lead else "",
        by=str(lead.author) if lead and lead.author else "",
        mention=decision.answer == consent.Answer.YES,
        entry=entry.pk,
    )


def write_posts(delivery: Delivery, *, at: datetime, late_at: datetime) -> None:
    """Within a transaction: write down every part of the thread, frozen: text, facets, time and key."""
    channel = delivery.channel
    network = Network(channel.network)
    poster = networks.poster(network, options())
    limits = Limits(**channel.limits)
    posts = threads.compose(outline(delivery.edition, channel), network=network, limits=limits)
    Post.objects.bulk_create(
        Post(
            delivery=delivery,
            part=part,
            text=post.text,
            facets=[facet.as_json for facet in post.facets],
            people=list(post.people),
            key=poster.key(moment=at, serial=delivery.pk, part=part),
            account=channel.uri,
            created_at=at,
            due_at=at,
            late_at=late_at,
        )
        for part, post in enumerate(posts)
    )


def recompose(delivery: Delivery) -> None:
    """Within a transaction: write the parts that wait anew, without people who may no longer be posted.

    A part that waits stands nowhere, even if it was tried: what it was to be is dropped with its text. What is sent
    or in doubt stays as it is; nobody who stands there is repeated. Keys stay with their parts, and times too, so
    the thread keeps its order.
    """
    posts = list(delivery.posts.select_for_update().exclude(state=Post.State.CANCELLED).order_by("part"))
    waiting = [post for post in posts if post.state == Post.State.PENDING]
    stands = [post for post in posts if post not in waiting]
    if not waiting:
        return
    said = {entry for post in stands for entry in post.people}
    whole = outline(delivery.edition, delivery.channel)
    rest = replace(whole, people=tuple(p for p in whole.people if p.entry not in said), opening=not stands)
    limits = Limits(**delivery.channel.limits)
    texts = threads.compose(rest, network=Network(delivery.channel.network), limits=limits)
    for post, text in zip(waiting, texts, strict=False):
        post.text, post.people, post.wire = text.text, list(text.people), None
        post.facets = [facet.as_json for facet in text.facets]
    Post.objects.bulk_update(waiting[: len(texts)], ["text", "facets", "people", "wire"])
    for post in waiting[len(texts) :]:
        post.move(Post.State.CANCELLED, trouble="Nobody was left to name in this part.")


@dataclass(frozen=True)
class Composed:
    """A post as it would appear, with its size against the channel's limit."""

    text: str
    size: int
    limit: int


def preview(edition: Edition, channel: Channel) -> list[Composed]:
    """The exact posts this channel would make of an edition now."""
    network, limits = Network(channel.network), Limits(**channel.limits)
    posts = threads.compose(outline(edition, channel), network=network, limits=limits)
    return [Composed(post.text, size(post.text, post.facets, network=network, limits=limits), limits.characters)
            for post in posts]  # fmt: skip
