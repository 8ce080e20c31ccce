"""What a curator does beside the usual week (test_curator_week), with JavaScript and without.

What is refused, channels, people, settings, and putting a draft in order by hand.
"""

import pytest
from playwright.sync_api import Locator, Page, expect

from recommendations.actions.edit_draft import drop
from recommendations.models import Community, Edition, Moderation
from tests.browser.conftest import Visit
from tests.browser.server import Server
from tests.browser.tour import DESK

both = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])

ABOVE_THE_BAR = """grip => grip.getBoundingClientRect().bottom
    <= document.querySelector("#order").getBoundingClientRect().top"""


def open_draft(page: Page) -> None:
    """Close the board from the desk and stand before its draft."""
    page.goto(f"{DESK}current/")
    page.get_by_role("button", name="Close the board and count now").click()
    page.get_by_role("button", name="Yes, close and count").click()
    expect(page.get_by_role("status")).to_contain_text("The board is closed and counted.")


def names(page: Page) -> list[str]:
    return page.locator("ol.draft > li b").all_inner_texts()


def line_of(page: Page, name: str) -> Locator:
    return page.locator("ol.draft > li", has=page.locator("b", has_text=name))


def open_moves(line: Locator) -> None:
    line.locator("summary", has_text="Move or leave out").click()


def drag(page: Page, mover: str, onto: str) -> None:
    """With the mouse: from the handle of one line to the middle of another's, in steps as a hand makes them."""
    page.locator("ol.draft").scroll_into_view_if_needed()
    start = line_of(page, mover).locator(".grip").bounding_box()
    end = line_of(page, onto).bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 10, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(start["x"] + 10, end["y"] + end["height"] / 2 + (-20 if end["y"] < start["y"] else 20), steps=12)
    page.mouse.up()


def test_a_draft_is_put_in_order_by_dragging_and_kept_at_once(demo: Community, enter: Visit) -> None:
    page = enter("curator", viewport={"width": 1280, "height": 2000})
    open_draft(page)
    first, second, third, *rest = names(page)

    drag(page, third, first)
    assert names(page) == [third, first, second, *rest]
    expect(page.locator("#told")).to_have_text(f"{third} is now at place 1 of {len(rest) + 3}.")
    drag(page, first, second)
    assert names(page) == [third, second, first, *rest]
    assert not Moderation.objects.filter(community=demo).edits().exists(), "nothing is kept yet"
    page.get_by_label("Why do you change it?").fill("Two neighbours, side by side.")
    page.get_by_role("button", name="Keep this order").click()

    expect(page.locator("#told")).to_have_text("The order is changed.")
    expect(line_of(page, first).locator(".grip")).to_be_focused()
    expect(page.get_by_role("button", name="Keep this order")).to_be_hidden()
    assert page.locator("ol.draft .rank").all_inner_texts() == [str(place + 1) for place in range(len(rest) + 3)]
    edition = Edition.objects.get(community=demo, state="ready")
    assert [entry.profile.title for entry in edition.entries.ranked()] == [third, second, first, *rest]
    assert Moderation.objects.filter(community=demo).edits().get().reason == "Two neighbours, side by side."


def test_a_draft_is_put_in_order_with_a_finger(demo: Community, enter: Visit) -> None:
    page = enter("curator", viewport={"width": 390, "height": 1600}, has_touch=True)
    open_draft(page)
    first, second, *rest = names(page)
    page.locator("ol.draft").scroll_into_view_if_needed()
    start, end = (line_of(page, name).locator(".grip").bounding_box() for name in (second, first))
    assert start
    assert end
    touch = page.context.new_cdp_session(page)

    x, y = start["x"] + 15, start["y"] + 15
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for _ in range(10):
        y -= (start["y"] - end["y"] + 40) / 10
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    expect(page.locator("#told")).to_contain_text("is now at place 1")
    assert names(page) == [second, first, *rest]


def test_an_order_that_is_not_wanted_after_all_is_put_back(demo: Community, enter: Visit) -> None:
    page = enter("curator")
    open_draft(page)
    before = names(page)
    grip = line_of(page, before[0]).locator(".grip")

    grip.press("ArrowUp")
    expect(page.get_by_role("button", name="Keep this order")).to_be_hidden()
    grip.press("ArrowDown")
    assert names(page) == [before[1], before[0], *before[2:]]
    expect(page.get_by_role("button", name="Keep this order")).to_be_in_viewport()
    assert grip.evaluate(ABOVE_THE_BAR), "the bar hides the line"
    grip.press("Escape")

    assert names(page) == before
    expect(page.locator("#told")).to_have_text("The order is as it was.")
    expect(grip).to_be_focused()
    expect(page.get_by_role("button", name="Keep this order")).to_be_hidden()


def test_an_order_that_was_overtaken_shows_the_list_as_it_stands_and_says_why(
    demo: Community, enter: Visit, server: Server
) -> None:
    page = enter("curator")
    open_draft(page)
    before = names(page)
    with server.lock:
        edition = Edition.objects.get(community=demo, state="ready")
        gone = edition.entries.select_related("edition__community").get(rank=3)
        by = demo.memberships.get(user__username="demo-curator")
        drop(entry=gone, by=by, reason="They asked us to wait.")

    line_of(page, before[0]).locator(".grip").press("ArrowDown")
    page.get_by_label("Why do you change it?").fill("Out of turn.")
    page.get_by_role("button", name="Keep this order").click()

    expect(page.locator("#list").get_by_role("alert")).to_contain_text("The list has changed meanwhile.")
    assert names(page) == [*before[:2], *before[3:]]
    expect(line_of(page, before[0]).locator(".grip")).to_be_focused()
    assert not Moderation.objects.filter(community=demo, kind="reorder").exists()


def test_an_order_that_reaches_nobody_is_not_lost_in_silence(demo: Community, enter: Visit) -> None:
    page = enter("curator", expected="ERR_FAILED|htmx:error")
    open_draft(page)
    before = names(page)
    page.route("**/order/", lambda route: route.abort())

    line_of(page, before[0]).locator(".grip").press("ArrowDown")
    page.get_by_label("Why do you change it?").fill("Out of turn.")
    page.get_by_role("button", name="Keep this order").click()

    expect(page.locator("#order").get_by_role("alert")).to_contain_text("Are you online?")
    expect(page.get_by_label("Why do you change it?")).to_have_value("Out of turn.")
    assert names(page) == [before[1], before[0], *before[2:]]


def test_an_essay_is_shown_as_it_will_be_read_while_it_is_written(demo: Community, enter: Visit) -> None:
    page = enter("curator")
    open_draft(page)

    page.get_by_label("Essay").press_sequentially("Two **words** <b onclick=alert(1)>")

    expect(page.locator("#essay-preview strong")).to_have_text("words")
    expect(page.locator("#essay-words")).to_contain_text("words")
    expect(page.locator("#essay-preview .prose")).to_contain_text("<b onclick=alert(1)>")
    assert page.locator("#essay-preview [onclick]").count() == 0
    expect(page.get_by_label("Essay")).to_be_focused()
    assert Edition.objects.get(community=demo, state="ready").essay == "", "nothing is kept by looking"


@both
def test_a_refused_deed_keeps_what_was_typed_where_it_was_typed(
    demo: Community, enter: Visit, javascript: bool
) -> None:
    page = enter("curator", javascript=javascript)
    open_draft(page)

    line = page.locator("ol.draft > li").nth(3)
    open_moves(line)
    line.get_by_label("Why?").fill("Out of turn.")
    line.get_by_label("To place").fill("99")
    line.get_by_role("button", name="Move", exact=True).evaluate("button => button.form.noValidate = true")
    line.get_by_role("button", name="Move", exact=True).click()

    expect(line.get_by_role("alert")).to_contain_text("They cannot move there.")
    expect(line.get_by_label("Why?")).to_have_value("Out of turn.")
    expect(line.get_by_label("Why?")).to_be_in_viewport()


@both
def test_words_that_are_too_long_are_shown_again_with_the_reason(
    demo: Community, enter: Visit, javascript: bool
) -> None:
    page = enter("curator", javascript=javascript)
    open_draft(page)
    essay = "All of it was kind. " * 1001

    page.get_by_label("Essay").fill(essay)
    page.get_by_role("button", name="Keep the words").evaluate("button => button.form.essay.maxLength = 90000")
    page.get_by_label("Essay").fill(essay)
    page.get_by_role("button", name="Keep the words").click()

    expect(page.get_by_role("alert").first).to_contain_text("20000")
    expect(page.get_by_label("Essay")).to_have_value(essay)


@both
def test_a_channel_rehearses_in_sight_goes_live_and_pauses(demo: Community, enter: Visit, javascript: bool) -> None:
    page = enter("curator", javascript=javascript)
    page.goto(f"{DESK}channels/")

    expect(page.locator("ol.posts li").first).to_contain_text("#custserv")
    expect(page.locator("ol.posts .note").first).to_contain_text("of 300")
    page.get_by_role("button", name="Go live").click()
    expect(page.get_by_role("status")).to_contain_text("It is not connected to an account yet.")
    page.get_by_label("Handle", exact=True).fill("custserv.bsky.social")
    page.get_by_label("App password").fill("wrong")
    page.get_by_role("button", name="Connect").click()

    expect(page.get_by_role("alert")).to_contain_text("did not let us in")
    expect(page.get_by_label("Handle", exact=True)).to_have_value("custserv.bsky.social")
    page.get_by_label("App password").fill("open sesame")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("status")).to_contain_text("It rehearses until you let it go live.")
    page.get_by_role("button", name="Go live with @custserv.bsky.social").click()
    expect(page.get_by_role("status")).to_contain_text("is live")
    page.get_by_role("button", name="Pause @custserv.bsky.social").click()
    expect(page.get_by_role("status")).to_contain_text("pauses.")


@both
def test_people_are_invited_made_curators_and_banned(
    demo: Community, enter: Visit, visit: Visit, javascript: bool
) -> None:
    page = enter("curator", javascript=javascript)
    page.goto(f"{DESK}members/")

    page.get_by_label("How many may use the link?").fill("2")
    page.get_by_role("button", name="Make a link", exact=True).click()
    expect(page.get_by_text("lets in 2 more")).to_be_visible()
    path = page.locator(".side code").inner_text().split("/c/", 1)[1]
    ada = page.locator("li", has_text="Ada Kowalczyk")
    ada.locator("summary").click()
    ada.get_by_role("button", name="Make curator").click()
    expect(ada.locator(".state")).to_have_text("Curator")
    bao = page.locator("li", has_text="Bao Trinh")
    bao.locator("summary").click()
    bao.get_by_label("Reason").fill("Sold votes.")
    bao.get_by_role("button", name="Ban").click()
    expect(bao.locator(".state")).to_have_text("Banned")

    guest = visit(javascript=javascript)
    guest.goto(f"/c/{path}")
    expect(guest.get_by_role("heading", name="Join Customer Service Chat")).to_be_visible()


@both
def test_settings_are_kept_and_a_week_that_cannot_be_is_explained(
    demo: Community, enter: Visit, javascript: bool
) -> None:
    page = enter("curator", javascript=javascript)
    page.goto(f"{DESK}settings/")

    page.get_by_label("It closes on").select_option("Monday")
    page.get_by_label("The edition is out on").select_option("Sunday")
    page.get_by_label("In a sentence").fill("People who answer, kindly.")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("more than three days")
    expect(page.get_by_label("In a sentence")).to_have_value("People who answer, kindly.")
    page.get_by_label("The edition is out on").select_option("Tuesday")
    page.get_by_label("Colour").select_option("Pine")
    page.get_by_role("button", name="Keep", exact=True).click()

    expect(page.get_by_role("status")).to_contain_text("Kept.")
    expect(page.locator("body")).to_have_class("accent-pine")
