"""Everything that matters is done with the keyboard alone, and one sees where one is."""

from playwright.sync_api import Page, expect

from recommendations.models import Community, Nomination, Vote
from tests.browser.conftest import Visit
from tests.browser.tour import BOARD

FOCUSED = "[document.activeElement.tagName, document.activeElement.textContent.trim()]"
OUTLINE = "parseFloat(getComputedStyle(document.activeElement).outlineWidth)"


def tab_to(page: Page, text: str, *, most: int = 60) -> None:
    """Press Tab until what has the focus says this. Wherever one comes by, the focus must be seen."""
    for _ in range(most):
        page.keyboard.press("Tab")
        assert page.evaluate(OUTLINE) >= 2, page.evaluate(FOCUSED)
        if text in page.evaluate(FOCUSED)[1]:
            return
    raise AssertionError(f"Tab does not lead to {text!r}")


def test_the_first_tab_offers_to_skip_to_the_content(demo: Community, visit: Visit) -> None:
    page = visit()
    page.goto(BOARD)

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_a_vote_and_a_second_with_the_keyboard_alone(demo: Community, enter: Visit) -> None:
    page = enter("member")
    first = page.locator("article.card").first
    name = first.locator("h2").inner_text()

    tab_to(page, f"Vote for {name}")
    page.keyboard.press("Enter")
    expect(first.get_by_role("button", name=f"Voted for {name}")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Her letters make my Mondays better.")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(first.locator(".seconds")).to_contain_text("better.")
    expect(first.get_by_role("button", name=f"Voted for {name}")).to_be_focused()
    page.keyboard.press("Enter")
    expect(first.get_by_role("button", name=f"Vote for {name}")).to_be_focused()

    assert not Vote.objects.filter(voter__username="demo-member").exists()


def test_a_nomination_with_the_keyboard_alone(demo: Community, enter: Visit) -> None:
    page = enter("member")

    tab_to(page, "Nominate somebody")
    page.keyboard.press("Enter")
    page.wait_for_url("**/nominate/")
    page.get_by_label("Who should we follow?", exact=True).focus()
    page.keyboard.type("fumiko@garden.example")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("Her garden teaches patience, one photograph a morning.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**{BOARD}")
    assert Nomination.objects.filter(nominator__username="demo-member").count() == 1
