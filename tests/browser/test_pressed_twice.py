"""A form that is on its way has a button that cannot be pressed; without JavaScript the second press does nothing."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from recommendations.models import Comment, Community, Invitation
from tests.browser.conftest import Visit
from tests.browser.tour import BOARD, DESK

EDITION = f"{BOARD}editions/3/"
# Nobody can look at a page that is about to go, so it looks itself, and tells the next one.
NOTE_WHETHER_DISABLED = """button => addEventListener("submit", () => setTimeout(
    () => sessionStorage.setItem("was disabled", button.disabled)))"""


def held_back(page: Page, address: str) -> Callable[[], None]:
    """Keep what is sent to an address on its way until the returned function is called."""
    waiting: list[Route] = []
    page.route(
        f"**{address}", lambda route: waiting.append(route) if route.request.method == "POST" else route.continue_()
    )

    def go_on() -> None:
        for route in waiting:
            route.continue_()

    return go_on


def test_a_button_waits_for_its_page(demo: Community, enter: Visit) -> None:
    page = enter("curator")
    page.goto(f"{DESK}members/")
    button = page.get_by_role("button", name="Make a link", exact=True)
    button.evaluate(NOTE_WHETHER_DISABLED)

    button.click()

    expect(page.get_by_text("Send them this link")).to_be_visible()
    assert page.evaluate("sessionStorage.getItem('was disabled')") == "true"
    expect(button).to_be_enabled()
    assert Invitation.objects.count() == 1


def test_a_button_waits_for_its_piece_of_a_page(demo: Community, enter: Visit) -> None:
    page = enter("member")
    page.goto(EDITION)
    go_on = held_back(page, f"{EDITION}comments/")
    page.get_by_label("Your comment").fill("One ramp a week.")
    button = page.get_by_role("button", name="Say it")

    button.click(no_wait_after=True)

    expect(button).to_be_disabled()
    go_on()
    expect(page.get_by_text("Said. Thank you.")).to_be_visible()
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("times", [2, 3])
def test_without_javascript_two_presses_make_one_thing(demo: Community, enter: Visit, times: int) -> None:
    page = enter("curator", javascript=False)
    page.goto(f"{DESK}members/")
    button = page.get_by_role("button", name="Make a link", exact=True)

    button.click(click_count=times, delay=0)

    expect(page.get_by_text("Send them this link").first).to_be_visible()
    assert Invitation.objects.count() == 1
