"""Two members vote on the same board at once: each sees their own state right, and nothing jumps."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Response, expect

from recommendations.models import Community, Nomination, Vote
from tests.browser.conftest import Visit
from tests.browser.test_member import card_of
from tests.browser.tour import BOARD

PHONE = {"width": 390, "height": 700}
TYPED = "Half a sentence that is not"
WHERE = "card => [card.getBoundingClientRect().top, card.getBoundingClientRect().height, scrollY]"


class Member:
    """Somebody at the board, far down on it, with a fold-out open and half a sentence in it."""

    def __init__(self, page: Page, name: str) -> None:
        self.page = page
        self.name = name
        page.goto(BOARD)
        page.locator("summary", has_text="Whom you voted for").click()
        names = page.locator("article.card h2").all_inner_texts()
        self.other = names[-1]  # in each member's own order
        self.card(self.other).get_by_text("Add a reason").click()
        self.card(self.other).get_by_label("Why?").fill(TYPED)

    def card(self, name: str) -> Locator:
        return card_of(self.page, name)

    def vote(self, name: str, *, back: bool = False) -> list[float]:
        """Vote, or take it back; by how much the card and the page moved meanwhile, or the card grew."""
        card = self.card(name)
        card.scroll_into_view_if_needed()
        before = card.evaluate(WHERE)
        card.get_by_role("button", name=f"Voted for {name}" if back else f"Vote for {name}").click()
        expect(card.get_by_role("button", name=f"Vote for {name}" if back else f"Voted for {name}")).to_be_focused()
        return [after - was for was, after in zip(before, card.evaluate(WHERE), strict=True)]

    def sees(self, *voted: str) -> None:
        """Their own state, everywhere on the page: pressed buttons, the ballot's line, its marks and its names."""
        page = self.page
        expect(page.locator("[aria-pressed=true]")).to_have_count(len(voted))
        for name in voted:
            expect(self.card(name).get_by_role("button", name=f"Voted for {name}")).to_be_visible()
        expect(page.locator("#ballot-line")).to_contain_text(f"{len(voted)} of 10 votes used.")
        expect(page.locator("#ballot-line .given")).to_have_count(len(voted))
        assert page.locator("#ballot-people li").all_inner_texts() == list(voted)
        expect(page.locator("#ballot-people")).to_be_visible()
        expect(self.card(self.other).get_by_label("Why?")).to_have_value(TYPED)


@pytest.fixture
def two(demo: Community, enter: Visit) -> Callable[[], tuple[Member, Member]]:
    """Robin and Maren, each in a browser of their own."""
    return lambda: (Member(enter("member", viewport=PHONE), "Robin"), Member(enter("curator", viewport=PHONE), "Maren"))


def test_two_members_vote_at_once_and_each_sees_their_own(
    demo: Community, enter: Visit, two: Callable[[], tuple[Member, Member]]
) -> None:
    Vote.objects.filter(voter__username="demo-curator", nomination__edition__state="open").delete()
    robin, maren = two()
    free = [
        name
        for name in robin.page.locator("article.card h2").all_inner_texts()
        if name not in (robin.other, maren.other)
    ]
    first, second, third = free[:3]

    moved = [
        robin.vote(first),
        maren.vote(first),
        maren.vote(second),
        robin.vote(third),
        robin.vote(first, back=True),
        maren.vote(third),
        robin.vote(second),
        maren.vote(second, back=True),
    ]

    assert [[round(each) for each in one] for one in moved] == [[0, 0, 0]] * 8
    robin.sees(third, second)
    maren.sees(first, third)
    for member in (robin, maren):  # and the same after a reload, so what they saw is what is true
        member.page.reload()
        expect(member.page.locator("[aria-pressed=true]")).to_have_count(2)
        expect(member.page.locator("#ballot-line")).to_contain_text("2 of 10 votes used.")


def test_who_votes_hears_how_many_have_and_never_for_whom(
    demo: Community, enter: Visit, two: Callable[[], tuple[Member, Member]]
) -> None:
    Vote.objects.filter(voter__username="demo-curator", nomination__edition__state="open").delete()
    robin, maren = two()
    name = next(
        each
        for each in robin.page.locator("article.card h2").all_inner_texts()
        if each not in (robin.other, maren.other)
    )
    answers: list[Response] = []
    robin.page.on("response", lambda answer: answers.append(answer) if "/vote/" in answer.url else None)
    there = Nomination.objects.get(edition__state="open", edition__community=demo, profile__display_name=name)

    maren.vote(name)
    robin.vote(name)
    robin.vote(name, back=True)
    Vote.objects.filter(nomination=there, reason="").delete()  # a reason stands on the card, a vote must not
    robin.vote(name)

    # The card says the same, whether many voted for them or nobody did.
    many, nobody = (answer.text().split("</article>")[0] for answer in (answers[0], answers[2]))
    assert without_token(many) == without_token(nobody)
    now = Vote.objects.filter(nomination__edition=there.edition).values("voter").distinct().count()
    expect(robin.page.locator("#voters")).to_contain_text(f"{now} people have voted.")


def without_token(html: str) -> str:
    return html.split('name="csrfmiddlewaretoken"')[0] + html.split('name="csrfmiddlewaretoken"')[1].split(">", 1)[1]
