"""Keys: past the navigation, and from card to card. A whole week by the keyboard alone: test_member_week."""

from playwright.sync_api import Page, expect

from recommendations.models import Community, Vote
from tests.browser.conftest import Visit
from tests.browser.tour import BOARD


def test_the_first_tab_offers_to_skip_to_the_content(demo: Community, visit: Visit) -> None:
    page = visit()
    page.goto(BOARD)

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('main') !== null")


def focused(page: Page) -> str:
    """Which card has the focus."""
    return str(page.evaluate("document.activeElement.closest('article')?.querySelector('h2').textContent ?? ''"))


def test_keys_lead_from_card_to_card_and_vote(demo: Community, enter: Visit) -> None:
    page = enter("member", viewport={"width": 390, "height": 600})
    cards = page.locator("article.card")
    names = cards.locator("h2").all_inner_texts()

    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(cards.nth(1)).to_be_focused()
    expect(cards.nth(1)).to_be_in_viewport()
    assert page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2
    page.keyboard.press("v")
    expect(cards.nth(1).get_by_role("button", name=f"Voted for {names[1]}")).to_be_visible()
    expect(cards.nth(1)).to_be_focused()
    page.keyboard.press("v")
    expect(cards.nth(1).get_by_role("button", name=f"Vote for {names[1]}")).to_be_visible()
    page.keyboard.press("k")
    expect(cards.nth(0)).to_be_focused()
    page.keyboard.press("k")
    expect(cards.nth(0)).to_be_focused()
    page.keyboard.press("s")
    page.keyboard.type("jk v? Her letters make my Mondays better.")
    expect(cards.nth(0).get_by_label("Why?")).to_have_value("jk v? Her letters make my Mondays better.")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(cards.nth(0).locator(".seconds")).to_contain_text("better.")
    expect(cards.nth(0).get_by_role("button", name=f"Voted for {names[0]}")).to_be_focused()
    page.keyboard.press("j")
    assert focused(page) == names[1]
    for held in ("Control+v", "Alt+v", "Meta+v"):
        page.keyboard.press(held)
    page.keyboard.press("n")

    page.wait_for_url(f"**{BOARD}nominate/")
    voted = Vote.objects.filter(voter__username="demo-member").values_list(
        "nomination__profile__display_name", flat=True
    )
    assert list(voted) == [names[0]]


def test_the_keys_are_listed_and_can_be_switched_off_for_good(demo: Community, enter: Visit) -> None:
    page = enter("member")
    button, dialog = page.get_by_role("button", name="Keyboard shortcuts"), page.get_by_role("dialog")

    page.keyboard.press("?")
    expect(dialog).to_contain_text("vote for them, or take the vote back")
    page.keyboard.press("j")
    page.get_by_label("Use these keys").uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("?")
    expect(dialog).to_be_hidden()
    assert focused(page) == ""
    page.reload()
    page.keyboard.press("j")
    assert focused(page) == ""
    button.click()
    page.get_by_label("Use these keys").check()
    dialog.get_by_role("button", name="Close").click()
    expect(button).to_be_focused()
    page.keyboard.press("/")

    page.wait_for_url("**/search/")


def test_strangers_move_by_keys_and_find_no_keys_to_vote(demo: Community, visit: Visit) -> None:
    page = visit()
    for address in (BOARD, f"{BOARD}editions/3/"):
        page.goto(address)

        for key in ("k", "v", "s", "n"):
            page.keyboard.press(key)

        expect(page.locator("article.card").last).to_be_focused()
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_contain_text("the next person")
        expect(page.get_by_role("dialog")).not_to_contain_text("vote")
