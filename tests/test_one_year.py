"""A year of Fridays in five time zones, over both clock changes: every week has its edition, at its own hour."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from recommendations import tasks
from recommendations.actions.join import found
from recommendations.actions.nominate import nominate
from recommendations.handles import Handle, Network
from recommendations.models import Community, Edition, Profile

pytestmark = pytest.mark.django_db

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Sao_Paulo"]
START = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


def clock(at, end):
    """The instants at which something is due, one after the other."""
    while at < end:
        yield at
        waiting = Edition.objects.filter(state__in=("open", "ready")).values_list(
            "opens_at", "closes_at", "publishes_at"
        )
        at = min(moment for edition in waiting for moment in edition if moment > at)


@pytest.mark.long
def test_a_year_of_fridays(person, fake_networks):
    """52 weeks of ticks: numbers without gaps, 9:00 on the wall each Friday, no two boards open at once."""
    ada = person("Ada")
    for zone in ZONES:
        slug = zone.rpartition("/")[2].lower().replace("_", "-")
        found(by=ada, at=START, name=zone, slug=slug, hashtag="friday", time_zone=zone, review=False)

    people = 0
    for at in clock(START, START + timedelta(weeks=52)):
        tasks.sweep(at=at, run=tasks.at_once)
        for edition in Edition.objects.filter(state="open", nominations__isnull=True).select_related("community"):
            if edition.takes_ballots(at):
                people += 1
                handle = Handle(Network.BLUESKY, f"person{people}.example")
                fake_networks[Network.BLUESKY].add_person(handle)
                nominate(by=ada, edition=edition, handle=handle, reason="Somebody new to follow each week.", at=at)
        # Looking everybody up again and again is another test's business, and would be most of this one's time.
        Profile.objects.update(look_again_at=START + timedelta(days=999))

    for community in Community.objects.all():
        zone = ZoneInfo(community.time_zone)
        editions = list(community.editions.filter(state="published").order_by("number"))
        assert [edition.number for edition in editions] == list(range(1, len(editions) + 1))
        assert len(editions) >= 51
        walls = [edition.publishes_at.astimezone(zone) for edition in editions]
        assert {(wall.weekday(), wall.hour, wall.minute) for wall in walls} == {(4, 9, 0)}
        assert {wall.utcoffset() for wall in walls} == {
            (datetime(2026, month, 15, tzinfo=zone)).utcoffset() for month in range(1, 13)
        }
        assert [wall.date() - walls[0].date() for wall in walls] == [timedelta(weeks=n) for n in range(len(walls))]
        assert all(edition.published_at == edition.publishes_at for edition in editions)
        assert community.editions.filter(state="open").count() == 1
