"""A member's whole week: by the keyboard alone, and again without JavaScript. One story, two pairs of hands."""

import re
from typing import Protocol

import pytest
from django.core.mail import EmailMessage
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import LinkedHandle, User
from recommendations.actions.compile import compile_edition
from recommendations.actions.publish import publish
from recommendations.actions.review import approve
from recommendations.consent import Word
from recommendations.models import Comment, Community, Edition, Nomination, Profile, Thanks, Vote
from tests.browser.conftest import Visit
from tests.browser.hands import Hands
from tests.browser.server import Server
from tests.browser.test_member import REASON, card_of, the_code
from tests.browser.tour import BOARD

LEADS_ELSEWHERE = """() => {
    const one = document.activeElement;
    return one.matches("a") || (one.type === "submit" && !one.form.matches("[hx-post]"));
}"""
BETTER = "Her garden teaches patience, one photograph a morning."
SECOND = "He heard my bottom bracket through a phone line."


class Doer(Protocol):
    """How somebody does what is to be done on a page."""

    page: Page

    def press(self, words: str) -> None:
        """A link, a button, a fold-out or a checkbox, by its first words."""

    def write(self, label: str, text: str) -> None:
        """Into a field, in place of what is there."""

    def second(self, name: str, reason: str) -> None:
        """On the board: unfold the box on somebody's card, and say why."""


class Keyboard(Hands):
    """A keyboard, with JavaScript."""

    def press(self, words: str, *, within: str = "", key: str = "Space") -> None:
        self.reach(words, within=within)
        if self.page.evaluate(LEADS_ELSEWHERE):
            with self.page.expect_event("load"):
                self.page.keyboard.press("Enter")
        else:
            self.page.keyboard.press(key)

    def write(self, label: str, text: str) -> None:
        self.fill(label, text)

    def second(self, name: str, reason: str) -> None:
        card = f"#{card_of(self.page, name).get_attribute('id')}"
        self.press("Add a reason", within=card)
        self.fill("Why?", reason, within=card)
        self.press("Second them", within=card)


class Pointer:
    """A mouse, in a browser without JavaScript."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, words: str) -> None:
        here = self.page.locator("a:visible, button:visible, summary:visible, label:visible")
        here.filter(has_text=re.compile(rf"^\s*{re.escape(words)}")).first.click()

    def write(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=label.endswith("?")).first.fill(text)

    def second(self, name: str, reason: str) -> None:
        card = card_of(self.page, name)
        card.get_by_text("Add a reason").click()
        card.get_by_label("Why?").fill(reason)
        card.get_by_role("button", name="Second them").click()


@pytest.fixture(params=["keyboard", "no JavaScript"])
def hands(request: pytest.FixtureRequest, visit: Visit, demo: Community) -> Doer:
    """Somebody at the board, whom nobody knows yet."""
    by_keyboard = request.param == "keyboard"
    page = visit(javascript=by_keyboard)
    page.goto(BOARD)
    return Keyboard(page) if by_keyboard else Pointer(page)


def test_a_members_week(hands: Doer, demo: Community, server: Server, mailoutbox: list[EmailMessage]) -> None:
    _come_in(hands, mailoutbox)
    robin = User.objects.get(email="robin@example.com")
    assert demo.memberships.get(user=robin).is_active
    assert re.fullmatch(r"m-\w{8}", robin.username)

    _nominate(hands)
    _second_vote_and_take_it_back(hands, robin)
    _say_it_better_and_withdraw(hands, robin)
    with server.lock:
        yusuf = _a_week_later(demo, robin)
    _read_and_comment(hands, robin)
    _look_how_to_follow(hands)
    _answer_what_is_said(hands, robin, yusuf)


def _come_in(hands: Doer, outbox: list[EmailMessage]) -> None:
    page = hands.page
    hands.press("Join Customer Service Chat")
    hands.press("Sign in to join")
    hands.press("Make an account")
    hands.write("E-mail address", "robin@example.com")
    hands.press("Send me a code")
    expect(page.get_by_role("heading", name="What is the code?")).to_be_visible()
    hands.write("Code", the_code(outbox[-1]))
    hands.press("Go on")
    hands.press("Join")
    expect(page.get_by_role("alert")).to_contain_text("agree")
    hands.press("I have read this, and agree")
    hands.press("Join")
    expect(page.get_by_role("status").first).to_contain_text("Welcome to Customer Service Chat.")


def _nominate(hands: Doer) -> None:
    page = hands.page
    scripts = isinstance(hands, Keyboard)
    expect(page.locator("#keys-button")).to_be_visible(visible=scripts)
    hands.press("Nominate somebody")
    expect(page.locator("#peek")).to_be_visible(visible=scripts)
    hands.write("Who should we follow?", "fumiko@garden.example")
    hands.write("And why?", "Nice.")
    hands.press("Recommend them")
    expect(page.get_by_role("alert")).to_contain_text("A few words more")
    hands.write("And why?", REASON)
    hands.press("Recommend them")
    expect(card_of(page, "ふみこ")).to_contain_text(REASON)
    expect(page.locator("#ballot-line")).to_contain_text("1 of 10 votes used.")


def _second_vote_and_take_it_back(hands: Doer, robin: User) -> None:
    page = hands.page
    arlo, thandiwe = card_of(page, "Arlo Finch"), card_of(page, "Thandiwe Dube")
    hands.second("Arlo Finch", SECOND)
    expect(arlo.locator(".seconds")).to_contain_text(SECOND)
    expect(arlo.get_by_role("button", name="Voted for Arlo Finch")).to_be_visible()
    hands.press("Vote for Thandiwe Dube")
    expect(thandiwe.get_by_role("button", name="Voted for Thandiwe Dube")).to_be_visible()
    expect(page.locator("#ballot-line")).to_contain_text("3 of 10 votes used.")
    hands.press("Voted for Thandiwe Dube")
    expect(thandiwe.get_by_role("button", name="Vote for Thandiwe Dube")).to_be_visible()
    expect(page.locator("#ballot-line")).to_contain_text("2 of 10 votes used.")
    assert Vote.objects.filter(voter=robin).exclude(reason="").get().nomination.profile.name == "arlo_example"


def _say_it_better_and_withdraw(hands: Doer, robin: User) -> None:
    page = hands.page
    hands.press("Edit or withdraw")
    hands.write("Why?", BETTER)
    hands.press("Keep it")
    expect(card_of(page, "ふみこ")).to_contain_text(BETTER)
    hands.press("Edit or withdraw")
    hands.press("Withdraw the nomination")
    expect(page.get_by_role("status").first).to_contain_text("Withdrawn.")
    expect(card_of(page, "ふみこ")).to_have_count(0)
    assert not Nomination.objects.filter(nominator=robin).exists()


def _a_week_later(demo: Community, robin: User) -> Profile:
    """The edition is out, and Robin has proven to be somebody on its list."""
    edition = Edition.objects.select_related("community").get(community=demo, state=Edition.State.OPEN)
    curator = demo.memberships.get(user__username="demo-curator")
    compile_edition(edition=edition, at=edition.closes_at)
    approve(edition=edition, by=curator, at=edition.closes_at)
    publish(edition=edition, at=timezone.now())
    yusuf = Profile.objects.get(name="yusuf")
    LinkedHandle.objects.create(
        user=robin, network=yusuf.network, name=yusuf.name, host=yusuf.host, uri=yusuf.uri or "",
        proven_at=timezone.now(),
    )  # fmt: skip
    return yusuf


def _read_and_comment(hands: Doer, robin: User) -> None:
    page = hands.page
    hands.press("Editions")
    hands.press("No. 4")
    expect(card_of(page, "Arlo Finch")).to_contain_text(SECOND)
    hands.write("Your comment", "Him I shall follow, *at once*.")
    hands.press("Say it")
    expect(page.locator(".comment em")).to_have_text("at once")
    assert Comment.objects.get(author=robin).edition.number == 4


def _look_how_to_follow(hands: Doer) -> None:
    hands.press("Follow with my account")
    expect(hands.page.get_by_label("Your server, or your whole handle")).to_be_visible()


def _answer_what_is_said(hands: Doer, robin: User, yusuf: Profile) -> None:
    page = hands.page
    hands.press(robin.get_full_name())
    hands.press("Said of me")
    hands.press("Thank Bao Trinh for “Lost property")
    expect(page.get_by_text("Thanked").first).to_be_visible()
    hands.press("Yes, recommend me")
    expect(page.get_by_text("You said yes.")).to_be_visible()
    assert Thanks.objects.filter(author__username="demo-bao", profile=yusuf).exists()
    yusuf.refresh_from_db()
    assert yusuf.word == Word.ACCEPTED
