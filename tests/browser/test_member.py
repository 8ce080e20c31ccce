"""What may go wrong on a member's way, with JavaScript and without. The way itself: test_member_week."""

import re

import pytest
from django.core.mail import EmailMessage
from playwright.sync_api import Locator, Page, expect

from recommendations.models import Community, Nomination, Vote
from tests.browser.conftest import Visit
from tests.browser.tour import BOARD

both = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
WHERE = "card => card.getBoundingClientRect().top"
REASON = "Answers every beginner's question as if it were the first time."


def the_code(mail: EmailMessage) -> str:
    """The code in a mail: it stands on a line of its own."""
    found = re.search(r"^ {4}(\S+)$", str(mail.body), re.MULTILINE)
    assert found, mail.body
    return found[1]


def make_account(page: Page, address: str, outbox: list[EmailMessage]) -> None:
    page.get_by_role("link", name="Make an account").click()
    page.get_by_label("E-mail address").fill(address)
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("heading", name="What is the code?")).to_be_visible()
    page.get_by_label("Code").fill(the_code(outbox[-1]))
    page.get_by_role("button", name="Go on").click()


def card_of(page: Page, name: str) -> Locator:
    return page.locator("article.card", has=page.get_by_role("heading", name=name))


@both
def test_somebody_signs_in_with_a_code_by_e_mail_and_out_again(
    demo: Community, visit: Visit, mailoutbox: list[EmailMessage], javascript: bool
) -> None:
    page = visit(javascript=javascript)
    page.goto("/accounts/login/")
    make_account(page, "grace@example.com", mailoutbox)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status")).to_contain_text("You are signed out.")

    page.goto(BOARD)
    page.get_by_role("navigation", name="Site").get_by_role("link", name="Sign in").click()
    page.get_by_label("E-mail address").fill("grace@example.com")
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code").fill("AAAAAA")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_be_visible()
    sent = len(mailoutbox)
    page.get_by_role("button", name="Send another code").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert len(mailoutbox) == sent + 1
    page.get_by_label("Code").fill(the_code(mailoutbox[-1]))
    page.get_by_role("button", name="Go on").click()

    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert page.url.endswith(BOARD)
    assert "without the code nobody gets in" in str(mailoutbox[-1].body)


@both
def test_a_nomination_that_cannot_be_keeps_what_was_typed_and_says_what_helps(
    demo: Community, enter: Visit, javascript: bool
) -> None:
    page = enter("member", javascript=javascript)
    page.goto(f"{BOARD}nominate/")
    handle, reason = page.get_by_label("Who should we follow?", exact=True), page.get_by_label("And why?", exact=True)

    for typed, why, complaint in (
        ("two words", REASON, "blank"),
        ("fumiko@garden.example", "Nice.", "A few words more"),
        ("nope.skies.example", REASON, "not to be listed"),
        ("", REASON, "required"),
        ("@ines@ayuda.example<script>", REASON, ""),
    ):
        handle.fill(typed)
        reason.fill(why)
        page.get_by_role("button", name="Recommend them").click()
        expect(page.get_by_role("alert").first).to_contain_text(complaint)
        expect(handle).to_have_value(typed)
        expect(reason).to_have_value(why)

    assert not Nomination.objects.filter(nominator__username="demo-member").exists()


@both
def test_a_second_that_is_too_short_is_refused_beside_what_was_typed(
    demo: Community, enter: Visit, javascript: bool
) -> None:
    page = enter("member", javascript=javascript)
    card = card_of(page, "Arlo Finch")

    card.get_by_text("Add a reason").click()
    card.get_by_label("Why?").fill("Short.")
    card.get_by_role("button", name="Second them").click()

    expect(page.get_by_role("alert")).to_contain_text("A reason has 20 to 500 characters; yours has 6.")
    expect(page.locator("textarea:visible")).to_have_value("Short.")
    assert not Vote.objects.filter(voter__username="demo-member").exists()


def test_voting_loads_no_page_and_moves_nothing(demo: Community, enter: Visit) -> None:
    page = enter("member", viewport={"width": 390, "height": 844})
    cards = page.locator("article.card")
    card = cards.nth(3)
    others = card.locator("xpath=following-sibling::article[1]")
    page.evaluate("window.stillHere = true")
    others.get_by_text("Add a reason").click()
    others.get_by_label("Why?").fill("Half a sentence that is not")
    card.scroll_into_view_if_needed()
    before = card.evaluate(WHERE)

    card.get_by_role("button", name="Vote for").click()
    expect(card.get_by_role("button", name="Voted for")).to_have_attribute("aria-pressed", "true")

    assert page.evaluate("window.stillHere") is True
    assert card.evaluate(WHERE) == pytest.approx(before, abs=1)
    expect(others.get_by_label("Why?")).to_have_value("Half a sentence that is not")
    expect(card.get_by_role("button", name="Voted for")).to_be_focused()
    expect(page.locator("#ballot-line")).to_contain_text("1 of 10 votes used.")


def test_without_javascript_a_vote_leads_back_to_the_card(demo: Community, enter: Visit) -> None:
    page = enter("member", javascript=False, viewport={"width": 390, "height": 844})
    card = page.locator("article.card").nth(3)

    card.get_by_role("button", name="Vote for").click()

    expect(card.get_by_role("button", name="Voted for")).to_be_in_viewport()
    assert page.url.endswith(f"#{card.get_attribute('id')}")


def test_somebody_whose_session_has_ended_is_led_to_sign_in_and_loses_nobody_elses_card(
    demo: Community, enter: Visit
) -> None:
    page = enter("member")
    page.context.clear_cookies(name="session")

    page.get_by_role("button", name="Vote for").first.click()

    page.wait_for_url("**/accounts/login/?next=/c/custserv/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_vote_that_reaches_nobody_is_not_lost_in_silence(demo: Community, enter: Visit) -> None:
    page = enter("member", expected="ERR_FAILED|htmx:error")
    card = page.locator("article.card").first
    page.route("**/vote/", lambda route: route.abort())

    card.get_by_text("Add a reason").click()
    card.get_by_label("Why?").fill(REASON)
    card.get_by_role("button", name="Second them").click()

    expect(card.get_by_role("alert")).to_contain_text("Are you online?")
    expect(card.get_by_label("Why?")).to_have_value(REASON)
