"""The last traces of somebody who was erased: in the texts of our posts, once what stands on networks is corrected."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from recommendations.actions.compose import held, recompose
from recommendations.actions.correct import PATIENCE
from recommendations.models import Delivery, Entry, Erasure, NativeList, Post, Profile, Quote

LOOK_AGAIN = timedelta(minutes=5)
AT_LAST = PATIENCE + timedelta(days=1)  # whatever could not be corrected by then never will be
Operation, State = Post.Operation, Post.State


def clear_away(*, erasure: Erasure, at: datetime) -> None:
    """Empty whatever is corrected; once all of it is, the erasure's own row goes. It may be done again at any time."""
    lines = {*erasure.entries, *Quote.objects.filter(pk__in=erasure.quotes).values_list("entry", flat=True)}
    last = at >= erasure.asked_at + AT_LAST
    waiting = False
    deliveries = Delivery.objects.filter(edition__entries__in=lines).distinct().order_by("pk")
    for delivery in deliveries.select_related("channel", "edition__community"):
        with transaction.atomic():
            if delivery.rehearsal:
                recompose(delivery)
            mine = held(delivery)
            if last or _is_corrected(mine):
                _empty(mine, lines, everything=last)
            else:
                waiting = True
    waiting = _lists_wait(erasure, last) or waiting
    if waiting:
        Erasure.objects.filter(pk=erasure.pk).update(due_at=at + LOOK_AGAIN)
        return
    with transaction.atomic():
        Quote.objects.filter(pk__in=erasure.quotes).update(text="")
        Erasure.objects.filter(pk=erasure.pk).delete()


def _is_corrected(delivery: Delivery) -> bool:
    """Nothing is left to be edited or taken down, nor in doubt."""
    if delivery.rehearsal:
        return True
    posts = list(delivery.posts.all())
    corrections = (post for post in posts if post.operation != Operation.CREATE)
    on_their_way = any(post.state in (State.PENDING, *Post.IN_FLIGHT) for post in corrections)
    return delivery.correct_from is None and not on_their_way


def _empty(delivery: Delivery, lines: set[int], *, everything: bool) -> None:
    """The texts that stand nowhere any more, of posts that named one of these lines."""
    posts = list(delivery.posts.all())
    named = [post for post in posts if lines.intersection(_named(post))]
    pks = [post.pk for post in named if everything or _stands_nowhere(post, posts)]
    Post.objects.filter(pk__in=pks).update(text="", facets=[], wire=None)


def _named(post: Post) -> list[int]:
    """The lines it names in words or in its picture; a correction, those of what it corrects, too."""
    before = _named(post.target) if post.target else []
    return [*post.people, *post.pictured, *before]


def _stands_nowhere(post: Post, posts: list[Post]) -> bool:
    """Was it taken down, written over, or never sent?"""
    if post.operation == Operation.DELETE or post.state in (State.CANCELLED, State.FAILED):
        return True
    over = [
        each
        for each in posts
        if each.state == State.SENT and each.step > post.step and each.target_id in (post.pk, post.target_id or post.pk)
    ]
    return bool(over)


def _lists_wait(erasure: Erasure, last: bool) -> bool:
    """Whether somebody may still stand on a list of a network; our own copy of it forgets whom we no longer know."""
    editions = Entry.objects.filter(pk__in=erasure.entries).values("edition")
    communities = Entry.objects.filter(pk__in=erasure.entries).values("edition__community")
    lists = NativeList.objects.filter(
        Q(edition__in=editions) | Q(edition=None, channel__community__in=communities)
    ).exclude(members=[])
    settled = (NativeList.State.KEPT, NativeList.State.FAILED)
    for kept in lists:
        if kept.state in settled or last:
            known = set(Profile.objects.filter(uri__in=kept.members).values_list("uri", flat=True))
            members = [uri for uri in kept.members if uri in known]
            if members != kept.members:
                NativeList.objects.filter(pk=kept.pk, state=kept.state).update(members=members)
    return not last and lists.exclude(state__in=settled).exists()
