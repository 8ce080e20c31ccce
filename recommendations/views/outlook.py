"""An edition's week as a line with the present on it, and in plain words what comes next: by itself, or by a curator.

All times are the community's.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.models import Channel, Community, Delivery, Edition, Post

State = Edition.State
ALMOST = 0.94  # the present stands before what has not happened, however late that is


@dataclass(frozen=True)
class Point:
    """Something that happens in the week; `at` None: nobody can say when."""

    name: str
    at: datetime | None
    done: bool
    place: str  # on the line, as SVG takes it: "25%"


@dataclass(frozen=True)
class Timeline:
    """The points, and where between them we are (None: nowhere, the week was skipped)."""

    points: list[Point]
    now: str | None


@dataclass(frozen=True)
class Coming:
    """What comes next. `yours`: it waits for a curator, and else happens by itself."""

    words: str
    yours: bool = False


def timeline(edition: Edition, deliveries: list[Delivery], at: datetime) -> Timeline:
    """Opens, closes, out, posted; of a special edition made, out, posted."""
    posted = _posted(deliveries)
    closed, out = edition.compiled_at or edition.closes_at, edition.published_at or edition.publishes_at
    is_out = edition.state == State.PUBLISHED
    counted = is_out or edition.state == State.READY
    whole = max(
        (post.sent_at for delivery in deliveries for post in delivery.posts.all() if post.sent_at), default=None
    )
    happens = [
        (_("Opens"), edition.opens_at, edition.opens_at <= at),
        (_("Closes"), closed, counted),
        (_("Out"), out, is_out),
        (_("Posted"), whole if posted == 1 else None, is_out and posted == 1 and bool(deliveries)),
    ]
    if edition.special:
        happens = [(_("Made"), closed, True), *happens[2:]]
    width = 100 / len(happens)
    last_done = len(happens) - 3 if counted else 0
    if is_out:
        here = last_done + 1 + (posted if deliveries else 0)
    elif edition.state == State.COMPILING:
        here = 1.0
    else:
        since, until = (closed, out) if counted else (edition.opens_at, edition.closes_at)
        here = last_done + _share(since, until, at)
    return Timeline(
        points=[Point(name, when, done, f"{place * width:.2f}%") for place, (name, when, done) in enumerate(happens)],
        now=None if edition.state == State.SKIPPED else f"{here * width:.2f}%",
    )


def _share(since: datetime, until: datetime, at: datetime) -> float:
    """How much of the time between is over."""
    whole = (until - since).total_seconds()
    return min(ALMOST, max(0.0, (at - since).total_seconds() / whole)) if whole > 0 else ALMOST


def _posted(deliveries: list[Delivery]) -> float:
    """How much of all posts is settled; what was only rehearsed is."""
    posts = [post for delivery in deliveries if not delivery.rehearsal for post in delivery.posts.all()]
    settled = sum(post.state in (Post.State.SENT, Post.State.CANCELLED) for post in posts)
    return settled / len(posts) if posts else 1.0


def coming(
    edition: Edition, *, listed: int, channels: list[Channel], deliveries: list[Delivery], at: datetime
) -> list[Coming]:
    """What happens next, in order. `listed`: how many people are on its list."""
    if edition.state == State.SKIPPED:
        return [Coming(_("This week was skipped. Nothing more happens to it."))]
    if edition.state == State.COMPILING:
        return [Coming(_("It is being counted. Look again in a minute."))]
    if edition.state == State.PUBLISHED:
        return [_after(deliveries)]
    if edition.is_held and edition.state == State.OPEN:
        return [Coming(_("It is held: the board is neither closed nor counted until you let it go on."), yours=True)]
    if edition.is_held:
        return [Coming(_("It is held: it does not go out until you let it go on."), yours=True)]
    if edition.state == State.OPEN:
        return [_closing(edition, at), _looking(edition)]
    if not listed:
        words = _("Nobody is on the list. On %(at)s the week is skipped by itself, unless you take somebody back.")
        return [Coming(words % {"at": _when(edition.publishes_at, edition.community)})]
    return [_going_out(edition, at), _posting(channels)]


def _when(at: datetime, community: Community) -> str:
    return date_format(timezone.localtime(at, community.zone), "SHORT_DATETIME_FORMAT")


def _named(at: datetime, edition: Edition, now: datetime) -> dict[str, str]:
    return {"at": _when(at, edition.community), "left": timeuntil(at, now)}


def _closing(edition: Edition, at: datetime) -> Coming:
    if at < edition.opens_at:
        named = _named(edition.opens_at, edition, at)
        return Coming(_("The board opens by itself on %(at)s (%(left)s left).") % named)
    if at < edition.closes_at:
        named = _named(edition.closes_at, edition, at)
        return Coming(_("The board closes on %(at)s (%(left)s left). Then it is counted by itself.") % named)
    return Coming(_("The board has closed. It is counted by itself within a minute."))


def _looking(edition: Edition) -> Coming:
    """What happens between closing and publication."""
    community, named = edition.community, {"at": _when(edition.publishes_at, edition.community)}
    if not community.review:
        return Coming(_("It goes out by itself on %(at)s. Until then you may change its words and order.") % named)
    if community.unreviewed == Community.Unreviewed.PUBLISH:
        return Coming(_("Then you can look at the draft until %(at)s. It goes out then, looked at or not.") % named)
    words = _("Then the draft waits for you until %(at)s: it goes out then if you have approved it.")
    return Coming(words % named, yours=True)


def _posting(channels: list[Channel]) -> Coming:
    live = sum(channel.state == Channel.State.LIVE for channel in channels)
    if not live:
        return Coming(_("It is posted nowhere, as no channel is live: it stands on its page and in the feeds."))
    words = ngettext("Then it is posted on %(number)d account.", "Then it is posted on %(number)d accounts.", live)
    return Coming(words % {"number": live})


def _going_out(edition: Edition, at: datetime) -> Coming:
    community, due = edition.community, at >= edition.publishes_at
    named = _named(edition.publishes_at, edition, at)
    if edition.approved_at or not community.review:
        if due:
            return Coming(_("It goes out by itself within a minute."))
        return Coming(_("It goes out by itself on %(at)s (%(left)s left).") % named)
    if community.unreviewed == Community.Unreviewed.PUBLISH:
        words = _("You can look at it until %(at)s (%(left)s left). It goes out then, approved or not.")
        return Coming(words % named)
    if edition.special:
        return Coming(_("It waits for you: approve it, and it goes out within a minute."), yours=True)
    if due:
        words = _("Its time, %(at)s, has come, and nobody has approved it. As soon as you do, it goes out.")
        return Coming(words % named, yours=True)
    words = _("It waits for you until %(at)s (%(left)s left). If you have not approved it by then, it goes on waiting.")
    return Coming(words % named, yours=True)


def _after(deliveries: list[Delivery]) -> Coming:
    states = {post.state for delivery in deliveries if not delivery.rehearsal for post in delivery.posts.all()}
    if states & set(Post.TROUBLE):
        return Coming(_("It is out. A post waits for you to decide what becomes of it: see below."), yours=True)
    waiting = [each for each in deliveries if not each.rehearsal and _waits(each)]
    if any(each.channel.state != Channel.State.LIVE for each in waiting):
        return Coming(_("It is out. Some of its posts wait for a channel: see below."), yours=True)
    if waiting:
        return Coming(_("It is out, and is being posted by itself."))
    if all(each.rehearsal for each in deliveries):
        return Coming(_("It is out, on its page and in the feeds. Nothing more is to be done."))
    return Coming(_("It is out and posted. Nothing more is to be done."))


def _waits(delivery: Delivery) -> bool:
    return any(
        post.state in (Post.State.PENDING, Post.State.SENDING, Post.State.UNKNOWN) for post in delivery.posts.all()
    )
