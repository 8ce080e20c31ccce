"""Speak your mind and hear of answers, with JavaScript and without, with the keyboard alone."""

import pytest
from playwright.sync_api import Page, expect

from recommendations.models import Comment, Community, Notification
from tests.browser.conftest import Visit
from tests.browser.tour import BOARD

both = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
EDITION = f"{BOARD}editions/3/"
WORDS = "One ramp a week, and *nobody* forgets it."


def say(page: Page, words: str) -> None:
    page.goto(EDITION)
    page.get_by_label("Your comment").fill(words)
    page.get_by_role("button", name="Say it").click()


@both
def test_a_member_speaks_and_is_answered_and_hears_of_it(demo: Community, enter: Visit, javascript: bool) -> None:
    member = enter("member", javascript=javascript)
    say(member, WORDS)
    expect(member.locator(".comment em")).to_have_text("nobody")

    curator = enter("curator", javascript=javascript)
    curator.goto(EDITION)
    curator.locator("#comments summary").click()
    curator.get_by_label("Your answer").fill("I shall not.")
    curator.locator("#comments details").get_by_role("button", name="Answer").click()
    expect(curator.locator(".threads ol .comment")).to_contain_text("I shall not.")

    member.goto("/me/notifications/")
    expect(member.locator(".count")).to_have_text("1 unread")
    member.get_by_role("link", name="Maren Okafor answers what you said").click()
    expect(member.locator(".comment", has_text="I shall not.")).to_be_visible()
    member.goto("/me/notifications/")
    member.get_by_role("button", name="Mark all as read").click()
    expect(member.locator(".count")).to_have_count(0)
    assert not Notification.objects.unread().filter(user__username="demo-member").exists()


def test_what_is_refused_is_still_there_and_can_be_mended(demo: Community, enter: Visit) -> None:
    page = enter("member")
    say(page, WORDS)
    expect(page.get_by_text("Said. Thank you.")).to_be_visible()
    page.locator("#comments summary").click()
    page.get_by_label("Your answer").fill("See https://example.com/ for more")

    page.locator("#comments details").get_by_role("button", name="Answer").click()

    expect(page.get_by_role("alert")).to_contain_text("without the link")
    expect(page.get_by_label("Your answer")).to_have_value("See https://example.com/ for more")
    page.get_by_label("Your answer").fill("See for yourselves.")
    page.locator("#comments details").get_by_role("button", name="Answer").click()
    expect(page.locator(".threads ol .comment")).to_contain_text("See for yourselves.")
    assert Comment.objects.count() == 2


def test_the_focus_goes_where_something_happened(demo: Community, enter: Visit) -> None:
    page = enter("member")
    page.goto(EDITION)
    page.get_by_label("Your comment").focus()
    page.keyboard.type(WORDS)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Said. Thank you.")).to_be_focused()

    page.locator("#comments summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_role("alert")).to_contain_text("nothing in it")
    expect(page.get_by_label("Your answer")).to_be_focused()
