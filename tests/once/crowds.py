"""Deeds of many members at once on one board. The people they nominate were mostly looked up before."""

import itertools
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import connection

from accounts.models import User
from recommendations.actions import Refused
from recommendations.actions import join as joining
from recommendations.actions import vote as voting
from recommendations.actions.compile import compile_edition
from recommendations.actions.moderate import decide
from recommendations.actions.nominate import nominate
from recommendations.actions.publish import publish
from recommendations.actions.report import report
from recommendations.actions.special import make_special
from recommendations.actions.vote import approve, take_back
from recommendations.handles import Handle, Network
from recommendations.models import Community, Edition, Moderation, Nomination, Notification, Profile, Vote
from recommendations.models.nomination import BALLOT_SIZE
from recommendations.models.reported import Thing, find
from tests.once.story import FOUNDED
from tests.waiting import wait_until

MONDAY = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
REASON = "She answers every question, and she is kind about it."
NOMINATIONS = 3  # of one member


def board(slug: str, members: int, nominees: int) -> None:
    """A community of so many members; the last of them have nominated so many people."""
    users = [User.objects.create(username=f"{slug}-member-{number}") for number in range(members)]
    community = joining.found(
        by=users[0], at=FOUNDED, slug=slug, name=slug, hashtag=slug.replace("-", "_"), review=False
    )
    for user in users[1:]:
        joining.join(community=community, user=user, agreed=True, at=FOUNDED)
    edition = community.editions.select_related("community").get()
    for number in range(nominees):
        handle = Handle(Network.MASTODON, f"person{number}", f"{slug}.example")
        know(handle)
        nominate(by=users[-1 - number // NOMINATIONS], edition=edition, handle=handle, reason=REASON, at=MONDAY)


def join(slug: str, name: str) -> None:
    """One more member."""
    user = User.objects.create(username=name.lower(), display_name=name)
    joining.join(community=Community.objects.get(slug=slug), user=user, agreed=True, at=FOUNDED)


def know(handle: Handle) -> None:
    """As if they had just been looked up."""
    Profile.objects.create(
        network=handle.network.value, name=handle.name, host=handle.host, uri=f"https://{handle.host}/{handle.name}",
        signal="automatic", checked=True, looked_up_at=MONDAY,
    )  # fmt: skip


def know_one(slug: str, name: str) -> None:
    """As if somebody at the community's own host had just been looked up."""
    know(Handle(Network.MASTODON, name, f"{slug}.example"))


def vote(slug: str, member: int, nominee: int) -> Iterator[None]:
    """One approval."""
    user, nomination = _member(slug, member), _nominations(slug)[nominee]
    yield
    approve(by=user, nomination=nomination, at=MONDAY)


def vote_until_closed(slug: str, member: int) -> Iterator[None]:
    """Give votes, take them back, give them again, as fast as a person can click, until the board has closed.

    The nominees whom this member has approved in the end, as far as the member was told.
    """
    user, nominations = _member(slug, member), _nominations(slug)[:BALLOT_SIZE]
    yield
    given: set[str] = set()
    for nomination in itertools.cycle(nominations):
        time.sleep(random.uniform(0.01, 0.05))
        name = nomination.profile.name
        try:
            if name in given:
                take_back(by=user, nomination=nomination, at=MONDAY)
            else:
                approve(by=user, nomination=nomination, at=MONDAY)
        except Refused:
            return sorted(given)
        given ^= {name}


def vote_while_it_closes(slug: str, member: int, flag: str) -> Iterator[None]:
    """A vote that has passed every check when the board begins to close, and is written down only then."""
    user, nomination = _member(slug, member), _nominations(slug)[0]
    room = voting.ballot_room

    def slow_room(*arguments: Any) -> None:
        room(*arguments)
        Path(flag).touch()
        board = Edition.objects.filter(pk=nomination.edition_id, state=Edition.State.READY)
        wait_until(lambda: _somebody_waits() or board.exists(), "the board is closed")

    voting.ballot_room = slow_room
    yield
    approve(by=user, nomination=nomination, at=MONDAY)


def compile_on_sight(slug: str, flag: str) -> Iterator[None]:
    """Close the board and count, as soon as a vote is half way."""
    edition = _edition(slug)
    yield
    wait_until(Path(flag).exists, "a vote is half way")
    compile_edition(edition=edition, at=MONDAY)


def _somebody_waits() -> bool:
    """Whether another process wants what this one holds. SQLite does not tell, so it is given time to want it."""
    if connection.vendor == "sqlite":
        time.sleep(0.5)
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def vote_for_all(slug: str, member: int) -> Iterator[None]:
    """A whole ballot, vote by vote, until one is refused. How many were accepted."""
    user, nominations = _member(slug, member), _nominations(slug)
    yield
    accepted = 0
    for nomination in nominations:
        try:
            approve(by=user, nomination=nomination, at=MONDAY)
        except Refused:
            break
        accepted += 1
    return accepted


def second(slug: str, member: int, network: str, name: str, host: str = "") -> Iterator[None]:
    """Nominate somebody whom others nominate at the same moment."""
    user, edition = _member(slug, member), _edition(slug)
    handle = Handle(Network(network), name, host)
    yield
    return nominate(by=user, edition=edition, handle=handle, reason=REASON, at=MONDAY).seconded


def compile_once(slug: str, after: int = 0) -> Iterator[None]:
    """Close the board and count, as soon as there are so many votes on it."""
    edition = _edition(slug)
    yield
    while Vote.objects.filter(nomination__edition=edition).count() < after:
        pass
    compile_edition(edition=edition, at=MONDAY)


def specials(slug: str, number: int) -> list[int]:
    """So many editions that are ready to go out."""
    community = Community.objects.get(slug=slug)
    owner = community.memberships.select_related("community", "user").get(role="owner")
    people = [(nomination.profile, REASON) for nomination in _nominations(slug)]
    return [make_special(by=owner, people=people, title=f"Special {each}", at=MONDAY).pk for each in range(number)]


def publish_one(edition: int) -> Iterator[None]:
    """Out it goes."""
    ready = Edition.objects.get(pk=edition)
    yield
    return publish(edition=ready, at=MONDAY).number


def report_one(slug: str, curators: int) -> None:
    """A member's reason is reported; the first members curate."""
    community = Community.objects.get(slug=slug)
    curating = [f"{slug}-member-{number}" for number in range(curators)]
    community.memberships.filter(role="member", user__username__in=curating).update(role="curator")
    report(by=_member(slug, curators), thing=_reported(slug), type="unkind", at=MONDAY)


def decide_one(slug: str, member: int) -> Iterator[None]:
    """Hide it, and ban who said it."""
    by, thing = _member(slug, member), _reported(slug)
    yield
    decide(thing=thing, by=by, deeds=["hide", "ban"], words="We do not speak so.", at=MONDAY)


def decided(slug: str) -> list[list[str]]:
    """The log, and of what whoever was decided about was told."""
    decisions = Moderation.objects.filter(community__slug=slug).order_by("kind")
    notices = Notification.objects.filter(community__slug=slug, kind="decision", user=_reported(slug).author)
    return [list(decisions.values_list("kind", flat=True)), sorted(each.occasion for each in notices)]


def counted(slug: str) -> dict[str, Any]:
    """A board, or what was compiled of it."""
    edition = Edition.objects.filter(community__slug=slug).earliest("pk")
    votes = Vote.objects.filter(nomination__edition=edition)
    return {
        "state": edition.state,
        "ballots": edition.ballots,
        "voters": votes.values("voter").distinct().count(),
        "votes": votes.count(),
        "reasons": votes.exclude(reason="").count(),
        "nominations": edition.nominations.count(),
        "entries": sorted(edition.entries.values_list("profile__name", "supporters")),
        "supporters": sorted((each.profile.name, each.votes.count()) for each in edition.nominations.all()),
        "given": sorted(votes.values_list("voter__username", "nomination__profile__name")),
        "boards": Edition.objects.filter(community__slug=slug, state="open").count(),
    }


def _member(slug: str, number: int) -> User:
    return User.objects.get(username=f"{slug}-member-{number}")


def _reported(slug: str) -> Thing:
    """The reason of whoever was nominated first."""
    thing = find(f"nomination-{_nominations(slug)[0].pk}")
    assert thing is not None
    return thing


def _edition(slug: str) -> Edition:
    return Edition.objects.select_related("community").filter(community__slug=slug).earliest("pk")


def _nominations(slug: str) -> list[Nomination]:
    nominations = Nomination.objects.select_related("edition__community", "profile")
    return list(nominations.filter(edition__community__slug=slug).order_by("pk"))
