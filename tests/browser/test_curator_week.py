"""A curator's whole week, done with the keyboard alone, with JavaScript and without: one story for both.

The board is looked at, closed and counted; the draft is put in order, somebody left out and taken back; words, a hold,
an approval; the posts are read beforehand; a special edition goes first; it is out; a post in trouble is decided;
somebody is made a curator; a setting, and a report.
"""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from recommendations import tasks
from recommendations.actions.report import report
from recommendations.handles import Network
from recommendations.models import Channel, Community, Edition, Membership, Moderation, Post, Quote
from recommendations.models.reported import find
from tests.browser.conftest import PATIENCE, Visit
from tests.browser.hands import Hands
from tests.browser.server import Server
from tests.browser.tour import BOARD, DESK
from tests.fake_network import FakeNetwork, Lost

both = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
SECOND_LINE = "ol.draft > li:nth-child(2)"


@pytest.fixture
def sweep(server: Server) -> Callable[[int], None]:
    """What the workers do within so many minutes."""

    def send(minutes: int) -> None:
        with server.lock:
            now = timezone.now()
            for minute in range(minutes):
                tasks.send_due(at=now + timedelta(minutes=minute), run=tasks.at_once)

    return send


@pytest.fixture
def live(demo: Community, fake_networks: dict[Network, FakeNetwork]) -> FakeNetwork:
    """The demo's channel is live, on a network that takes a repeated post for a new one."""
    channel = Channel.objects.get(community=demo)
    channel.sealed_secret = channel.seal_secret({"account": channel.uri, "token": "first"})
    channel.state = Channel.State.LIVE
    channel.save()
    fake = fake_networks[Network.BLUESKY]
    fake.repeat_for = timedelta(0)
    return fake


def names(page: Page) -> list[str]:
    return page.locator("ol.draft > li b").all_inner_texts()


def status(page: Page) -> str:
    return page.locator(".messages").inner_text()


def put_the_last_first(hands: Hands, javascript: bool) -> None:
    """Without JavaScript by typing a place; with it by the arrow keys, and kept at the end."""
    page = hands.page
    before = names(page)
    if not javascript:
        last = f"ol.draft > li:nth-child({len(before)})"
        hands.press("Move or leave out", within=last)
        hands.fill("Why?", "Two neighbours, side by side.", within=last)
        hands.fill("To place", "1", within=last)
        hands.follow("Move", within=f"{last} .actions")
    else:
        hands.reach(f"Move {before[-1]}", within=".grip")
        for _ in before[:-2]:
            page.keyboard.press("Alt+ArrowUp")
        page.keyboard.press("ArrowUp")
        expect(page.locator("#told")).to_have_text(f"{before[-1]} is now at place 1 of {len(before)}.")
        page.keyboard.press("Enter")
        page.keyboard.type("Two neighbours, side by side.")
        page.keyboard.press("Enter")
        expect(page.locator("#told")).to_have_text("The order is changed.")
        expect(page.locator("ol.draft > li").first.locator(".grip")).to_be_focused()
    assert names(page) == [before[-1], *before[:-1]]


@pytest.mark.long
@both
def test_a_curators_week_with_the_keyboard_alone(
    demo: Community,
    live: FakeNetwork,
    enter: Visit,
    enter_as: Visit,
    visit: Visit,
    sweep: Callable[[int], None],
    server: Server,
    javascript: bool,
) -> None:
    page = enter("curator", javascript=javascript)
    hands = Hands(page)

    # The board is looked at, then closed and counted.
    page.goto(BOARD)
    assert page.locator("article.card").count() >= 5
    hands.follow("Desk")
    hands.follow(Edition.objects.get(community=demo, state="open").week, within="main")
    expect(page.get_by_text("The board closes on")).to_be_visible()
    hands.follow("Close the board and count now")
    assert Edition.objects.filter(community=demo, state="ready").count() == 0
    hands.follow("Yes, close and count")
    assert "The board is closed and counted." in status(page)
    edition = Edition.objects.get(community=demo, state="ready")

    # Order, somebody left out and taken back.
    put_the_last_first(hands, javascript)
    second = names(page)[1]
    hands.press("Move or leave out", within=SECOND_LINE)
    hands.fill("Why?", "They asked for a quiet week.", within=SECOND_LINE)
    hands.follow("Leave out", within=f"{SECOND_LINE} .actions")
    assert second not in names(page)
    hands.follow("Take back")
    assert second in names(page)

    # Words.
    hands.fill("Title", "Umbrellas, found")
    hands.fill("Essay", "A week of **listening**.\n\n<script>alert(1)</script>")
    if javascript:
        expect(page.locator("#essay-preview strong")).to_have_text("listening")
    hands.follow("Keep the words")
    expect(page.locator("#essay-preview strong")).to_have_text("listening")
    expect(page.locator("#outgoing li").first).to_contain_text("Umbrellas, found")
    expect(page.locator("#outgoing li .size").first).to_have_text(re.compile(r"\d+ of 300"))
    with server.lock:
        alt = page.locator("#outgoing img").get_attribute("alt")
    assert alt
    assert second in alt

    # Held, let go on, approved.
    hands.press("Hold or skip")
    hands.follow("Hold")
    expect(page.get_by_role("alert")).to_contain_text("Say why")
    hands.fill("Why?", "We wait for Grete.")
    hands.follow("Hold")
    expect(page.get_by_text("Held by Maren Okafor: We wait for Grete.")).to_be_visible()
    hands.follow("Let it go on")
    hands.follow("Approve")
    expect(page.get_by_text("It goes out by itself")).to_be_visible()

    # Another one goes out first.
    hands.follow("Put another out first")
    hands.fill("Title", "The whole crew")
    hands.press("The whole crew", key="Space")
    hands.follow("Make the draft")
    hands.follow("Publish now")
    expect(page.get_by_text("It goes out as number 4")).to_be_visible()
    hands.follow("Yes, publish it now")
    assert "Out: this is number 4." in status(page)

    # Out; its posts go their way, one gets lost, and is decided.
    sweep(1)
    page.goto(f"{DESK}{edition.week}/")
    expect(page.locator("#outgoing li").first).to_contain_text("No. 5")
    hands.follow("Publish now")
    hands.follow("Yes, publish it now")
    assert "Out: this is number 5." in status(page)
    live.script("send", None, Lost(stored=False))
    sweep(6)
    if not javascript:
        hands.follow("Look again")
    expect(page.locator("#sending").get_by_text("1 of ")).to_be_visible(timeout=PATIENCE)  # by itself, with JavaScript
    hands.follow("Decide what becomes of it")
    hands.follow("It isn't there: send it")
    sweep(2)
    page.goto(f"{DESK}{edition.week}/")
    expect(page.get_by_text("It is out and posted.")).to_be_visible()
    assert not Post.objects.filter(delivery__edition=edition).exclude(state=Post.State.SENT).exists()
    assert len({post.key for post in live.posts}) == len(live.posts)
    assert Moderation.objects.filter(community=demo, kind__in=("drop", "reorder", "hold", "unhold")).count() == 4

    # Somebody else is made a curator.
    hands.follow("People")
    hands.fill("Their user name or handle", "demo-ada")
    hands.follow("Ask them")
    expect(page.get_by_text("is asked to curate")).to_be_visible()
    ada = Hands(enter_as("demo-ada", javascript=javascript))
    ada.page.goto("/me/notifications/")
    ada.follow("asks you to curate")
    ada.press("I have read this", key="Space")
    ada.follow("Join as a curator")
    expect(ada.page.get_by_role("heading", name="The desk")).to_be_visible()

    # A setting, and a report.
    hands.follow("Settings")
    hands.choose("Colour", "Pine")
    hands.follow("Keep")
    expect(page.locator("body")).to_have_class("accent-pine")
    with server.lock:
        unkind = Quote.objects.filter(entry__edition=edition).exclude(
            author__username__in=("demo-curator", "demo-ada")
        )[0]
        thing = find(f"quote-{unkind.pk}")
        assert thing is not None
        report(by=User.objects.get(username="demo-ada"), thing=thing, type="unkind")
    hands.follow("Reports")
    hands.press("Hide it", key="Space")
    hands.fill("Why, for whom it affects", "Please do not speak so of people.")
    hands.follow("Do it")
    expect(page.get_by_text("Hid what somebody said")).to_be_visible()

    assert Membership.objects.get(community=demo, user__username="demo-ada").is_curator
    readers_find_it(visit, javascript, second)


def readers_find_it(visit: Visit, javascript: bool, second: str) -> None:
    """What the world sees of it: the page, its feeds, and a list to import."""
    reader = visit(javascript=javascript)
    reader.goto(f"{BOARD}editions/5/")
    expect(reader.get_by_role("heading", name="Umbrellas, found")).to_be_visible()
    expect(reader.locator(".prose strong")).to_have_text("listening")
    expect(reader.locator(".prose")).to_contain_text("<script>alert(1)</script>")
    assert second in reader.locator("article.card h2").all_inner_texts()
    feeds = reader.locator("link[rel=alternate][href^='/']").evaluate_all("links => links.map(link => link.href)")
    assert {reader.request.get(address).status for address in feeds} == {200}
    with reader.expect_download() as download:
        reader.get_by_role("link", name="List for Mastodon's import").click()
    rows = list(csv.reader(io.StringIO(download.value.path().read_text())))
    assert rows[0] == ["Account address", "Show boosts", "Notify on new posts", "Languages"]
    assert "xochitl@sounds.example" in {row[0] for row in rows[1:]}
