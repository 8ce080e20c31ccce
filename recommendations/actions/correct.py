"""Bring what stands on a network into line with what may be said now: somebody declined, or took a reason back.

What stands is edited where the network can, else the thread is taken down from the first post that says too much
and the rest of it posted anew. Each is a post of its own, sent like every other.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.options import options
from recommendations import networks, threads
from recommendations.actions.compose import (
    NOBODY_LEFT,
    add_posts,
    closing_was_skipped,
    composed,
    held,
    may,
    may_mention,
    outline,
    places_of,
    recompose,
    the_rest,
)
from recommendations.consent import Purpose
from recommendations.handles import Network
from recommendations.markup import clean_line
from recommendations.models import Delivery, Entry, NativeList, Post, Profile, Quote

PATIENCE = timedelta(days=7)  # a correction is tried for so long
DRAWN_WITHIN = timedelta(minutes=10)
BEGINNING = 20  # characters; a reason has at least as many
State, Operation = Post.State, Post.Operation


def watch_deliveries(profile: Profile, *, at: datetime | None = None) -> None:
    """What may be said of somebody has changed: the next sweep looks at every delivery and list that names them."""
    at = at or timezone.now()
    Delivery.objects.filter(edition__entries__profile=profile, rehearsal=False).update(correct_from=at)
    NativeList.objects.naming(profile).look_again(at)


def correct(*, delivery: Delivery, at: datetime | None = None) -> None:
    """Write down the edits and deletions a delivery needs, if any; parts that wait, or were refused, are written anew.

    A part in doubt is left alone until it is settled: the delivery stays marked, and is looked at again.
    """
    at = at or timezone.now()
    with transaction.atomic():
        recompose(delivery)
        mine = held(delivery)
        if mine.correct_from is None or _picture_is_being_drawn(mine, at):
            return
        _write_refused(mine)
        wrong = [post for post in mine.standing if says_too_much(post, mine)]
        settled = not any(post.state in Post.IN_FLIGHT or post.may_stand_already for post in mine.thread)
        if _takes_edits(mine):
            _edit(mine, wrong, at)
        else:
            _take_down(mine, wrong, at)
            # X takes one post an edition and no second one like it: there it stays down.
            if settled and mine.channel.network != Network.X:
                _post_the_rest(held(mine), at)
        if settled:
            Delivery.objects.filter(pk=mine.pk).update(correct_from=None)


def says_too_much(post: Post, delivery: Delivery) -> bool:
    """Does it name, in words or in its picture, somebody who must not be posted, or quote what was taken back?"""
    last = _last_edit(post, delivery) or post
    network, policy = Network(delivery.channel.network), delivery.edition.community.policy
    named = Entry.objects.filter(pk__in={*last.people, *last.pictured}).select_related("profile")
    if not all(may(entry, policy, network, Purpose.POST) for entry in named):
        return True
    return repeats_what_was_taken_back(last.text, last.people)


def is_stale(post: Post, delivery: Delivery) -> bool:
    """May it not be sent as it is? What stands may keep a mention, which was heard; what is to be sent may not."""
    if post.operation == Operation.DELETE:
        return False
    return not post.text or says_too_much(post, delivery) or _mentions_too_many(post, delivery)


def _mentions_too_many(post: Post, delivery: Delivery) -> bool:
    """Does it mention somebody who has not allowed that, or no longer?"""
    mentioned = {facet["value"] for facet in post.facets if facet["kind"] == "mention"}
    if not mentioned:
        return False
    network, edition = Network(delivery.channel.network), delivery.edition
    entries = Entry.objects.filter(pk__in=post.people).select_related("profile")
    return not mentioned <= {entry.profile.uri for entry in entries if may_mention(entry, edition, network)}


def write_anew(post: Post) -> bool:
    """Within a transaction: write a part that is about to be sent as it may be said now. Did that change anything?"""
    before = _said(post)
    if post.operation == Operation.CREATE:
        recompose(post.delivery)
    else:
        assert post.target is not None
        _write(post, _anew(post.target, post.delivery))
    now = Post.objects.get(pk=post.pk)
    return now.state != State.PENDING or _said(now) != before


def _said(post: Post) -> tuple[object, ...]:
    return post.text, post.facets, post.people


def _write(post: Post, text: threads.Post) -> None:
    named_nobody = not text.people and text.text == post.text  # an opening or a closing, whose links are kept
    facets = post.facets if named_nobody else [facet.as_json for facet in text.facets]
    mine = Post.objects.filter(pk=post.pk, state=post.state)
    mine.update(text=text.text, facets=facets, people=list(text.people), wire=None, pictured=[])


def _write_refused(delivery: Delivery) -> None:
    """Parts that a network refused wait for a curator, who may send them as they are then: so they are kept true."""
    for post in delivery.thread:
        if post.state == State.FAILED and is_stale(post, delivery):
            whole = outline(delivery.edition, delivery.channel)
            people = tuple(person for person in whole.people if person.entry in post.people)
            if not people:
                post.move(State.CANCELLED, trouble=NOBODY_LEFT)
                continue
            alone = Network(delivery.channel.network) == Network.X  # one post that says everything
            _write(post, composed(replace(whole, people=people, opening=alone), delivery.channel)[0])


def repeats_what_was_taken_back(said: str, people: list[int]) -> bool:
    """Does a text quote something of these entries that was taken back or hidden?"""
    unread = Quote.objects.filter(Q(vetoed_at__isnull=False) | Q(hidden_at__isnull=False), entry__in=people)
    texts = unread.exclude(text="").values_list("text", flat=True)
    return any(_beginning(text) in _plain(said) for text in texts)


def _beginning(reason: str) -> str:
    """As much of a reason as stands in a post even where it was cut."""
    return _plain(clean_line(reason))[:BEGINNING]


def _plain(text: str) -> str:
    return text.replace("\u2060", "")  # threads.compose writes it after an @


def _anew(post: Post, delivery: Delivery) -> threads.Post:
    """The same part of the thread, of those of its people who may be posted, as it would be written today."""
    if not post.people:
        return threads.Post(post.text)
    whole = outline(delivery.edition, delivery.channel)
    people = tuple(person for person in whole.people if person.entry in post.people)
    texts = composed(replace(whole, people=people, opening=False), delivery.channel)[:-1]
    if texts:
        return texts[0]
    with translation.override(whole.language):
        return threads.Post(_("What stood here was taken back."))


def _edit(delivery: Delivery, wrong: list[Post], at: datetime) -> None:
    for number, post in enumerate(wrong):
        text = _anew(post, delivery)
        facets = [facet.as_json for facet in text.facets] if post.people else post.facets
        _add(delivery, Operation.EDIT, post, number, at, text=text.text, facets=facets, people=list(text.people))


def _take_down(delivery: Delivery, posts: list[Post], at: datetime) -> None:
    """The last first, so that nothing ever answers what is gone."""
    for number, post in enumerate(reversed(posts)):
        _add(delivery, Operation.DELETE, post, number, at, text=post.text)


def _post_the_rest(delivery: Delivery, at: datetime) -> None:
    """After a deletion: what follows it is taken down too, and all that is no longer said is posted behind the rest."""
    if all(post.operation != Operation.DELETE for post in delivery.posts.all()) or _is_whole(delivery):
        return
    standing = delivery.standing
    intact = [post for place, post in zip(places_of(delivery), standing, strict=False) if post.part == place]
    _take_down(delivery, [post for post in standing if post not in intact], at)
    for post in delivery.thread:
        if post.state in (State.PENDING, State.FAILED):
            post.move(State.CANCELLED, trouble=gettext_noop("It is written anew."))
    step = _next_step(held(delivery))
    part = intact[-1].part + 1 if intact else 0
    add_posts(delivery, the_rest(delivery, intact), at=at, late_at=at + PATIENCE, part=part, step=step)


def _is_whole(delivery: Delivery) -> bool:
    """Are all parts there or on their way, from the opening to the closing, with everybody who may be posted?"""
    thread = delivery.thread
    whole = {person.entry for person in outline(delivery.edition, delivery.channel).people}
    closed = (len(thread) > 1 and not thread[-1].people) or closing_was_skipped(delivery)
    in_order = all(post.part == place for place, post in zip(places_of(delivery), thread, strict=False))
    said = {entry for post in (*thread, *delivery.skipped) for entry in post.people}
    return closed and in_order and whole <= said


def _add(delivery: Delivery, operation: str, target: Post, number: int, at: datetime, **fields: object) -> None:
    Post.objects.create(
        delivery=delivery,
        operation=operation,
        target=target,
        part=target.part,
        step=_next_step(delivery) + number,
        key=f"{operation}:{target.pk}:{_next_step(delivery) + number}",
        account=target.account,
        created_at=target.created_at,
        due_at=at,
        late_at=at + PATIENCE,
        **fields,
    )


def _next_step(delivery: Delivery) -> int:
    return max(post.step for post in delivery.posts.all()) + 1


def _last_edit(post: Post, delivery: Delivery) -> Post | None:
    """What the post says, or is about to say, since it was last corrected."""
    edits = [
        each
        for each in delivery.posts.all()
        if each.target_id == post.pk
        and each.operation == Operation.EDIT
        and each.state not in (State.FAILED, State.CANCELLED)
    ]
    return edits[-1] if edits else None


def _takes_edits(delivery: Delivery) -> bool:
    """Whether this channel's network shows edits, and its server takes them, as far as it has said."""
    editable = networks.poster(Network(delivery.channel.network), options()).editable
    return editable and delivery.channel.limits.get("edits") is not False


def _picture_is_being_drawn(delivery: Delivery, at: datetime) -> bool:
    """The share image was withdrawn and the next sweep draws it: what is edited before would lose it."""
    assert delivery.correct_from
    pictured = any(post.pictured for post in delivery.standing)
    return pictured and not delivery.edition.share_image and at - delivery.correct_from < DRAWN_WITHIN
