"""Nobody is notified twice of one edition, by whatever way a part of it comes to be sent again."""

from typing import Any

from accounts.options import options
from recommendations import networks
from recommendations.handles import Network
from recommendations.measures import Limits, address
from recommendations.models import Attempt, Edition, Entry, Post
from recommendations.rewording import without_mentions

Operation = Post.Operation


def mention_once(post: Post, *, is_repeat: bool = False) -> list[int]:
    """Within a transaction, right before a call: take out of the text whom the edition may have notified already.

    A repeat is the same bytes again, which are the same post and notify nobody twice: it stays as it is. Sets `text`
    and `facets`. Returns the ids of the entries that may be notified, now or before; whoever calls writes them down
    with the attempt. The edition is locked, so that two channels do not both find that they are the first.
    """
    if post.operation == Operation.DELETE or not _mentioned(post.facets):
        return []
    Edition.objects.select_for_update().get(pk=post.delivery.edition_id)
    uris = dict(Entry.objects.filter(pk__in=post.people).values_list("profile__uri", "pk"))
    pages = dict(Entry.objects.filter(pk__in=post.people).values_list("profile__uri", "profile__page_url"))
    before = _notified(post)
    kept = _mentioned(post.target.facets) if post.operation == Operation.EDIT and post.target else set()
    # A mention of somebody we do not know by that uri any more (they moved) goes with the others of its part.
    again = (
        set()
        if is_repeat
        else {
            uri
            for uri in _mentioned(post.facets) - kept
            if uris.get(uri) in before or (uri not in uris and before & set(post.people))
        }
    )
    if again:
        network = Network(post.delivery.channel.network)
        poster = networks.poster(network, options())
        text = without_mentions(
            post.text,
            post.facets,
            {uri: address(pages.get(uri) or "") for uri in again},
            network=network,
            limits=Limits(**post.delivery.channel.limits),
            measure=poster.measure,
        )
        post.text, post.facets = text.text, [facet.as_json for facet in text.facets]
    now = {uris[uri] for uri in _mentioned(post.facets) if uri in uris}
    return sorted(now | (before & set(post.people)))


def _notified(post: Post) -> set[int]:
    """Entries of the edition whose people may have been notified of it, on any channel, in any life of ours."""
    edition = post.delivery.edition_id
    uris = dict(Entry.objects.filter(edition=edition).values_list("profile__uri", "pk"))
    tried = Attempt.objects.may_stand().filter(post__delivery__edition=edition)
    entries = {entry for each in tried.values_list("notified", flat=True) for entry in each or ()}
    standing = Post.objects.filter(delivery__edition=edition, state=Post.State.SENT).exclude(pk=post.pk)
    untold = Post.objects.filter(
        pk__in=tried.filter(notified__isnull=True).values("post")
    )  # from before it was written down
    for people, facets in (standing | untold).exclude(operation=Operation.DELETE).values_list("people", "facets"):
        mentioned = _mentioned(facets)
        entries.update(uris[uri] for uri in mentioned if uri in uris)
        if not mentioned <= uris.keys():  # of someone who has moved since: it may be any of that part
            entries.update(people)
    if post.is_from_before:
        entries.update(post.people)
    return entries


def _mentioned(facets: list[dict[str, Any]]) -> set[str]:
    return {str(facet["value"]) for facet in facets if facet["kind"] == "mention"}
