"""The whole week of a community, told once from end to end, by the clock alone."""

from datetime import UTC, datetime, timedelta

import pytest

from recommendations import tasks
from recommendations.actions.connect import connect, go_live
from recommendations.actions.edit_draft import rewrite
from recommendations.actions.join import found, join
from recommendations.actions.nominate import nominate
from recommendations.actions.review import approve
from recommendations.actions.vote import approve as vote
from recommendations.handles import Handle, Network
from recommendations.models import Edition, Post

pytestmark = pytest.mark.django_db


def at(day, hour, minute=0):
    """A moment of the first days of November 2026, in Berlin's winter time."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=1)


def test_one_week(person, fake_networks, client):
    """Saturday to Friday: nominate, second, vote, close, review, publish, post; and the next board is open."""
    mastodon, bluesky = fake_networks[Network.MASTODON], fake_networks[Network.BLUESKY]
    ada, grace, alan = person("Ada"), person("Grace"), person("Alan")
    rosa, emma = Handle(Network.MASTODON, "rosa", "social.example"), Handle(Network.BLUESKY, "emma.example")
    mastodon.add_person(rosa, uri="https://social.example/users/rosa", name="Rosa Amsel")
    bluesky.add_person(emma, name="Emma Berg")

    # On Friday Ada founds the community in Berlin; its first board opens at midnight.
    community = found(
        by=ada,
        at=at(6, 12),
        name="Kundendienst",
        slug="kundendienst",
        hashtag="kundendienst",
        time_zone="Europe/Berlin",
    )
    curator = community.memberships.get(user=ada)
    for user in (grace, alan):
        join(community=community, user=user, agreed=True, at=at(6, 13))
    edition = community.editions.get()
    assert (edition.week, edition.opens_at) == ("2026-W46", at(7, 0))
    go_live(
        channel=connect(
            community=community,
            by=curator,
            network=Network.BLUESKY,
            handle="kundendienst.example",
            password="open sesame",
        ),
        by=curator,
    )

    # Over the week people are nominated, seconded, voted for.
    first = nominate(
        by=grace, edition=edition, handle=rosa, reason="Rosa answers before anybody else does.", at=at(8, 10)
    )
    nominate(by=alan, edition=edition, handle=emma, reason="Emma explains what went wrong, and why.", at=at(9, 10))
    nominate(by=ada, edition=edition, handle=rosa, reason="And she is right, nearly always.", at=at(10, 10))
    vote(by=alan, nomination=first.nomination, at=at(11, 20))

    def tick(moment):
        tasks.sweep(at=moment, run=tasks.at_once)
        edition.refresh_from_db()
        return edition.state

    # A minute too early nothing happens; at six on Thursday the board closes.
    assert tick(at(12, 17, 59)) == "open"
    assert tick(at(12, 18)) == "ready"
    assert [e.profile.display_name for e in edition.entries.ranked()] == ["Rosa Amsel", "Emma Berg"]
    assert community.editions.get(state="open").week == "2026-W47"

    # Nobody has looked at it by Friday nine, so it waits. Then Ada does.
    assert tick(at(13, 9)) == "ready"
    rewrite(edition=edition, by=curator, title="Die antworten", essay="Danke, **euch beiden**.", closing="")
    approve(edition=edition, by=curator, at=at(13, 9, 30))
    assert tick(at(13, 9, 31)) == "published"
    assert edition.number == 1

    # It is posted by itself, once, as a thread that names both with their reasons.
    tick(at(13, 9, 32))
    tick(at(13, 9, 33))
    assert set(Post.objects.values_list("state", flat=True)) == {"sent"}
    thread = "\n".join(bluesky.texts)
    assert thread.count("Rosa Amsel") == thread.count("Emma Berg") == 1
    assert "before anybody else does" in thread
    assert len(bluesky.posts) == Post.objects.count()

    # And it can be read: page, feeds, list.
    page = client.get("/c/kundendienst/editions/1/").content.decode()
    assert "<strong>euch beiden</strong>" in page
    assert page.index("Rosa Amsel") < page.index("Emma Berg")
    assert b"Rosa Amsel" in client.get("/c/kundendienst/feed.atom").content
    assert client.get("/c/kundendienst/feed.json").json()["items"][0]["title"] == "Die antworten (No. 1)"
    assert client.get("/c/kundendienst/editions/1/following_accounts.csv").content.decode().splitlines()[1:] == [
        "rosa@social.example,true,false,"
    ]
    assert Edition.objects.filter(community=community).count() == 2
