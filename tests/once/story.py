"""What a community lives through, as deeds: founded, joined, nominated, voted, compiled, published; what is kept of it.

Times are ISO 8601. Members are Ada, who founds, and the others of MEMBERS.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from ffapp.celery import app
from recommendations.actions import connect as connecting
from recommendations.actions import join as joining
from recommendations.actions import look_up
from recommendations.actions.compile import compile_edition
from recommendations.actions.nominate import nominate
from recommendations.actions.publish import publish
from recommendations.actions.vote import approve
from recommendations.consent import Word
from recommendations.handles import Handle, Network
from recommendations.models import Community, Edition, Nomination, Profile

FOUNDED = datetime(2026, 10, 30, 12, 0, tzinfo=UTC)
MEMBERS = ("Ada", "Grace", "Alan", "Edsger", "Barbara")

look_up.BUDGET = 20.0  # seconds: nobody is waiting, and the machine may be busy


def migrate() -> None:
    """All tables."""
    call_command("migrate", verbosity=0)


def workers_that_answer() -> int:
    """How many Celery workers are there."""
    return len(app.control.ping(timeout=1.0))


def found(slug: str, **fields: Any) -> None:
    """Ada founds a community that needs no review, and the others join it."""
    users = [_member(name) for name in MEMBERS]
    fields = {"name": slug.capitalize(), "hashtag": slug, "review": False, "rest_weeks": 0} | fields
    community = joining.found(by=users[0], at=FOUNDED, slug=slug, **fields)
    for user in users[1:]:
        joining.join(community=community, user=user, agreed=True, at=FOUNDED)


def _member(name: str) -> User:
    """Somebody who has been here for a while."""
    known = {"display_name": name, "date_joined": FOUNDED}
    return User.objects.update_or_create(username=name.lower(), defaults=known)[0]


def connect(slug: str, handle: str, password: str, live: bool = True) -> None:
    """Ada connects an account on Bluesky by its app password."""
    community = Community.objects.get(slug=slug)
    ada = community.memberships.get(role="owner")
    channel = connecting.connect(community=community, by=ada, network=Network.BLUESKY, handle=handle, password=password)
    if live:
        connecting.go_live(channel=channel, by=ada)


def nominate_all(slug: str, people: list[tuple[str, str]], at: str) -> None:
    """Each (handle on Bluesky, reason) is nominated, three to a member; nobody was ever looked up before."""
    edition = _open(slug)
    users = [User.objects.get(username=name.lower()) for name in MEMBERS]
    for number, (handle, reason) in enumerate(people):
        nominate(
            by=users[number // 3], edition=edition, handle=Handle(Network.BLUESKY, handle), reason=reason, at=_at(at)
        )


def vote_all(slug: str, at: str) -> None:
    """The members vote: so many for each that there are places with and without a tie."""
    for number, nomination in enumerate(Nomination.objects.filter(edition=_open(slug)).order_by("pk")):
        for name in MEMBERS[: 1 + number % len(MEMBERS)]:
            approve(by=User.objects.get(username=name.lower()), nomination=nomination, at=_at(at))


def allow_mentions(dids: list[str]) -> None:
    """These people have said themselves that they may be mentioned."""
    Profile.objects.filter(uri__in=dids).update(word=Word.ACCEPTED.value, may_mention=True)


def compile_now(slug: str, at: str) -> None:
    """Close the board and count."""
    compile_edition(edition=_open(slug), at=_at(at))


def publish_now(slug: str, at: str) -> None:
    """Out goes what is ready."""
    publish(edition=Edition.objects.get(community__slug=slug, state="ready"), at=_at(at))


def told(slug: str, number: int) -> dict[str, Any]:
    """A published edition as it is kept: its list in order, its picture, and its live channel's posts."""
    edition = Edition.objects.get(community__slug=slug, number=number)
    delivery = edition.deliveries.get(rehearsal=False)
    return {
        "people": [
            {"did": entry.profile.uri, "name": entry.profile.display_name, "handle": entry.profile.name}
            for entry in edition.entries.ranked().select_related("profile")
        ],
        "slot": edition.published_at.isoformat() if edition.published_at else "",
        "image": edition.share_image.path,
        "alt": edition.share_alt,
        "posts": list(
            delivery.posts.order_by("part").values(
                "part", "state", "text", "key", "remote_id", "reference", "tries", "wire"
            )
        ),
    }


def open_now(slug: str) -> dict[str, str]:
    """Let the board be open at the real time of day, for whoever votes on the web. When it closes, and is published."""
    now = timezone.now()
    closes, publishes = now + timedelta(hours=1), now + timedelta(hours=2)
    Edition.objects.filter(community__slug=slug, state="open").update(
        opens_at=now - timedelta(days=1), closes_at=closes, publishes_at=publishes
    )
    return {"now": now.isoformat(), "closes": closes.isoformat(), "publishes": publishes.isoformat()}


def session_of(name: str) -> dict[str, str]:
    """The cookie of a member who is signed in."""
    browser = Client()
    browser.force_login(User.objects.get(username=name.lower()))
    return {key: morsel.value for key, morsel in browser.cookies.items()}


def _open(slug: str) -> Edition:
    return Edition.objects.select_related("community").get(community__slug=slug, state="open")


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
