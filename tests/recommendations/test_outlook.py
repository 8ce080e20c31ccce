"""The week as a line with the present on it, and what comes next in plain words."""

from datetime import timedelta

import pytest
import time_machine

from recommendations.actions.compile import compile_edition
from recommendations.actions.edit_draft import drop
from recommendations.actions.publish import publish
from recommendations.actions.review import approve, hold, skip
from recommendations.actions.special import make_special
from recommendations.models import Channel, Community, Edition, Post, Profile
from recommendations.views.outlook import coming, timeline
from recommendations.views.sending import deliveries_of
from tests.conftest import FRIDAY, MONDAY, SATURDAY, THURSDAY
from tests.recommendations.actions.conftest import channel, draft, nominated, on_mastodon, published

__all__ = ["channel", "draft", "nominated", "on_mastodon", "published"]
pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def fresh(edition):
    return Edition.objects.select_related("community").get(pk=edition.pk)


def line(edition, at):
    edition = fresh(edition)
    found = timeline(edition, deliveries_of(edition), at)
    return {point.name: point.done for point in found.points}, found.now


def told(edition, at):
    edition = fresh(edition)
    deliveries = deliveries_of(edition)
    found = coming(
        edition,
        listed=edition.entries.ranked().count(),
        channels=list(edition.community.channels.all()),
        deliveries=deliveries,
        at=at,
    )
    return " ".join(each.words for each in found).replace("\xa0", " "), any(each.yours for each in found)


def test_the_present_stands_between_what_was_and_what_comes(draft):
    found = line(draft, THURSDAY + timedelta(hours=7, minutes=30))

    assert found == ({"Opens": True, "Closes": True, "Out": False, "Posted": False}, "37.50%")


def test_an_open_board_moves_on_through_the_week(edition):
    half = edition.opens_at + (edition.closes_at - edition.opens_at) / 2

    assert line(edition, edition.opens_at - HOUR)[1] == "0.00%"
    assert line(edition, half)[1] == "12.50%"
    assert line(edition, edition.closes_at + timedelta(days=9))[1] == "23.50%", "it waits before what has not happened"


def test_a_board_says_when_it_opens_and_closes_and_how_long_that_is(edition):
    words, yours = told(edition, MONDAY)

    assert "The board closes on Thursday 5 November, 18:00 UTC (3 days, 6 hours left)." in words
    assert "Then the draft waits for you until Friday 6 November, 09:00 UTC" in words
    assert yours
    assert "opens by itself on Saturday 31 October, 00:00 UTC (1 hour left)" in told(edition, SATURDAY - HOUR)[0]
    assert "counted by itself within a minute" in told(edition, THURSDAY)[0]


def test_times_are_the_communitys_whoever_looks(edition):
    Community.objects.update(time_zone="Europe/Berlin")

    words, _ = told(edition, MONDAY)

    assert "Thursday 5 November, 19:00 CET" in words


def test_what_is_counted_says_so(edition):
    Edition.objects.filter(pk=edition.pk).update(state="compiling", claimed_at=THURSDAY)

    assert told(edition, THURSDAY) == ("It is being counted. Look again in a minute.", False)
    assert line(edition, THURSDAY)[1] == "25.00%"


def test_a_draft_waits_for_its_curator_and_says_what_happens_if_nobody_comes(draft, channel):
    in_time, yours = told(draft, THURSDAY)
    late, _ = told(draft, FRIDAY + HOUR)

    assert yours
    assert "It waits for you until Friday 6 November, 09:00 UTC (15 hours left)." in in_time
    assert "it goes on waiting" in in_time
    assert "Then it is posted on 1 account." in in_time
    assert "has come, and nobody has approved it" in late


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"unreviewed": "publish"}, "It goes out then, approved or not."),
        ({"review": False}, "It goes out by itself on Friday 6 November, 09:00 UTC (15 hours left)."),
    ],
)
def test_other_communities_go_on_without_a_curator(draft, chosen, words):
    Community.objects.update(**chosen)

    found, yours = told(draft, THURSDAY)

    assert words in found
    assert not yours
    assert "posted nowhere" in found


@pytest.mark.parametrize(
    ("chosen", "words"),
    [({"unreviewed": "publish"}, "looked at or not"), ({"review": False}, "you may change its words and order")],
)
def test_their_boards_say_so_beforehand(edition, chosen, words):
    Community.objects.update(**chosen)

    found, yours = told(edition, MONDAY)

    assert words in found
    assert not yours


def test_an_approved_one_goes_out_by_itself(draft, curator):
    approve(edition=draft, by=curator, at=THURSDAY)

    assert "It goes out by itself on Friday" in told(draft, THURSDAY)[0]
    assert "within a minute" in told(draft, FRIDAY)[0]


def test_held_nothing_happens_by_itself(edition, draft, curator, community):
    upcoming = community.editions.select_related("community").get(state="open")
    hold(edition=draft, by=curator, why="We ask Rosa.", at=THURSDAY)
    hold(edition=upcoming, by=curator, why="A holiday.", at=THURSDAY)

    assert told(draft, THURSDAY) == ("It is held: it does not go out until you let it go on.", True)
    assert "neither closed nor counted" in told(upcoming, THURSDAY)[0]


def test_an_empty_list_is_skipped_by_itself(draft, curator):
    for entry in draft.entries.select_related("edition__community"):
        drop(entry=entry, by=curator, reason="They asked us to wait.")

    assert "the week is skipped by itself" in told(draft, THURSDAY)[0]


def test_a_skipped_week_is_over_and_nowhere_on_the_line(edition, curator):
    skip(edition=edition, by=curator, why="Nobody had time.", at=MONDAY)

    assert told(edition, MONDAY) == ("This week was skipped. Nothing more happens to it.", False)
    assert line(edition, MONDAY)[1] is None


def test_a_special_one_has_three_points_and_waits_for_an_approval(published, curator):
    rosa = Profile.objects.get(name="rosa")
    special = make_special(by=curator, people=[(rosa, "Twice is not too often.")], title="Thank you", at=FRIDAY + HOUR)

    points, now = line(special, FRIDAY + 2 * HOUR)

    assert points == {"Made": True, "Out": False, "Posted": False}
    assert now == "31.33%"
    assert told(special, FRIDAY + HOUR) == (
        "It waits for you: approve it, and it goes out within a minute. Then it is posted on 1 account.", True,
    )  # fmt: skip


def test_what_is_out_is_told_by_what_became_of_its_posts(published, channel):
    posts = Post.objects.order_by("step")
    first, *others = posts

    assert told(published, FRIDAY) == ("It is out, and is being posted by itself.", False)
    Post.objects.filter(pk=first.pk).update(state="sent", sent_at=FRIDAY)
    assert line(published, FRIDAY) == (
        {"Opens": True, "Closes": True, "Out": True, "Posted": False}, f"{50 + 25 / posts.count():.2f}%",
    )  # fmt: skip
    Channel.objects.update(state="revoked")
    assert "wait for a channel" in told(published, FRIDAY)[0]
    Post.objects.filter(pk=others[0].pk).update(state="needs_human")
    assert told(published, FRIDAY) == (
        "It is out. A post waits for you to decide what becomes of it: see below.", True,
    )  # fmt: skip
    Post.objects.update(state="sent", sent_at=FRIDAY)
    assert told(published, FRIDAY) == ("It is out and posted. Nothing more is to be done.", False)
    assert line(published, FRIDAY)[1] == "75.00%"


def test_without_a_channel_it_is_out_and_that_is_all(draft):
    out = publish(edition=draft, at=FRIDAY)

    assert told(out, FRIDAY) == ("It is out, on its page and in the feeds. Nothing more is to be done.", False)
    assert line(out, FRIDAY) == ({"Opens": True, "Closes": True, "Out": True, "Posted": False}, "50.00%")


def test_counted_before_its_time_it_closed_then(edition):
    with time_machine.travel(MONDAY, tick=False):
        compile_edition(edition=edition, at=MONDAY)

    found = timeline(fresh(edition), [], MONDAY)

    assert [point.at for point in found.points][1] == MONDAY
