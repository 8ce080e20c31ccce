"""The measurements themselves; imported once Django is set up (see run.py)."""

import random
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from benchmarks.stopwatch import median, row
from recommendations import threads
from recommendations.actions.compile import compile_edition
from recommendations.actions.join import found
from recommendations.actions.publish import publish
from recommendations.actions.vote import approve, take_back
from recommendations.handles import Handle, Network
from recommendations.measures import Limits
from recommendations.models import Community, Edition, Membership, Nomination, Profile, Vote

REASON = "Answers every question, and is kind about it; one learns something each time."


def community(slug: str, people: int, voters: int) -> Edition:
    """A community with an open board of `people` nominations by its founder, and `voters` members."""
    founder = User.objects.create(username=f"founder-{slug}", display_name="Founder")
    now = timezone.now()
    made = found(by=founder, at=now - timedelta(days=60), name=slug.title(), slug=slug, hashtag=slug)
    made.editions.all().delete()
    edition = made.editions.create(
        week="2026-W01", opens_at=now - timedelta(days=2), closes_at=now + timedelta(days=3),
        publishes_at=now + timedelta(days=4),
    )  # fmt: skip
    edition.community = made
    profiles = Profile.objects.bulk_create(
        Profile(network="bluesky", name=f"{slug}{n}.example", uri=f"did:plc:{slug}{n}", display_name=f"Person {n}",
                page_url=f"https://bsky.app/profile/{slug}{n}", signal="automatic", checked=True)
        for n in range(people)
    )  # fmt: skip
    Nomination.objects.bulk_create(
        Nomination(edition=edition, profile=profile, nominator=founder, reason=REASON) for profile in profiles
    )
    users = User.objects.bulk_create(
        (User(username=f"{slug}-{n}", display_name=f"Voter {n}") for n in range(voters)), batch_size=5000
    )
    Membership.objects.bulk_create(
        (Membership(community=made, user=user, joined_at=now - timedelta(days=50)) for user in users), batch_size=5000
    )
    return edition


def pages() -> None:
    """Board and edition of 25 people: made fresh, and from the cache, beside the barest view there is."""
    edition = community("pages", 25, 40)
    nominations, voters = list(edition.nominations.all()), list(User.objects.filter(username__startswith="pages-"))
    choose = random.Random(1)
    Vote.objects.bulk_create(
        Vote(nomination=nomination, voter=voter, reason=REASON if choose.random() < 0.2 else "")
        for voter in voters
        for nomination in choose.sample(nominations, 7)
    )
    Community.objects.filter(slug="pages").update(list_size=25)
    client = Client()

    def get(address: str, *, fresh: bool) -> Any:
        if fresh:
            cache.clear()
        response = client.get(address, headers={"host": "localhost:8000"})
        assert response.status_code == 200, (address, response.status_code)
        return response

    bare = median(lambda: get("/healthz", fresh=False))
    row("a bare view, all middleware (/healthz)", bare, bare, "itself")
    row("board of 25, made fresh", median(lambda: get("/c/pages/", fresh=True)), bare, "the bare view")
    row("board of 25, from the cache", median(lambda: get("/c/pages/", fresh=False)), bare, "the bare view")
    compile_edition(edition=Edition.objects.select_related("community").get(pk=edition.pk))
    publish(edition=edition)
    page = "/c/pages/editions/1/"
    row("edition of 25, made fresh", median(lambda: get(page, fresh=True)), bare, "the bare view")
    row("edition of 25, from the cache", median(lambda: get(page, fresh=False)), bare, "the bare view")
    print(f"{'':<44} {len(get(page, fresh=True).content) / 1000:9.1f} kB of HTML")


def votes() -> None:
    """A vote with all its rules, beside the bare INSERT."""
    edition = community("votes", 5, 1)
    voter = User.objects.get(username="votes-0")
    nomination = edition.nominations.select_related("edition", "profile").first()
    assert nomination is not None

    def insert() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO recommendations_vote (nomination_id, voter_id, reason, created_at) "
                "VALUES (%s, %s, '', now()) ON CONFLICT DO NOTHING",
                [nomination.pk, voter.pk],
            )

    def delete() -> None:
        Vote.objects.filter(nomination=nomination, voter=voter).delete()

    def both(deed: Any) -> Any:
        def run() -> None:
            deed()
            delete()

        return run

    nothing = median(delete)
    plain = median(both(insert)) - nothing
    whole = median(both(lambda: approve(by=voter, nomination=nomination))) - nothing
    row("the plain INSERT of a vote", plain, plain, "itself")
    row("a vote, with every rule", whole, plain, "the plain INSERT")
    approve(by=voter, nomination=nomination)
    row("taking it back", median(lambda: take_back(by=voter, nomination=nomination)), plain, "the plain INSERT")


def composing() -> None:
    """An edition of 25 as a thread, beside reading the same text once."""
    people = tuple(
        threads.Person(
            name=f"Person {n}", handle=Handle(Network.BLUESKY, f"person{n}.example"), page_url="https://example.com/p",
            uri=f"did:plc:{n}", reason=REASON * 3, by="Somebody",
        )
        for n in range(25)
    )  # fmt: skip
    outline = threads.Outline(
        community="Bench", people=people, title="A week", number=1, hashtag="bench", link="https://example.com"
    )
    limits = Limits(characters=300, bytes=3000)
    seconds = median(lambda: threads.compose(outline, network=Network.BLUESKY, limits=limits), 10)
    posts = threads.compose(outline, network=Network.BLUESKY, limits=limits)
    print(f"{'a thread of 25 people composed':<44} {seconds * 1000:9.2f} ms {len(posts):9} posts")
