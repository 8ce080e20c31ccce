"""A walk past every page of the demo, as a stranger, a member and the curator: for pictures, and for what must hold
on every page. A stop leaves its page in front of the visitor; stops are made in order, and some prepare later ones.
"""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Page

BOARD = "/c/custserv/"
DESK = "/desk/custserv/"
GARDEN = "庭の写真と、ゆっくりで温かい返事。毎朝それを読むのが楽しみです。"
EMPTY = "/c/night-shift/"  # founded on the way, so that empty pages are seen too
WHO = ("stranger", "member", "curator", "newcomer", "nominee")
ENTER = {"member": "Enter as a member", "curator": "Enter as the curator", "nominee": "Enter as the one recommended"}
THERE = {"member": BOARD, "curator": DESK, "nominee": "/me/said/"}


@dataclass(frozen=True)
class Stop:
    """One page in one state. `status` is what the server must have answered with."""

    name: str
    who: str
    go: Callable[[Page], None]
    status: int = 200


def to(address: str) -> Callable[[Page], None]:
    """Go there by its address."""

    def go(page: Page) -> None:
        page.goto(address)

    return go


def visitors(browser: Browser, base_url: str, **options: object) -> dict[str, Page]:
    """A page for everybody who takes the tour; who stands in ENTER has entered the demo."""
    pages = {}
    for who in WHO:
        context: BrowserContext = browser.new_context(base_url=base_url, **options)  # type: ignore[arg-type]
        context.set_default_timeout(120_000)
        pages[who] = context.new_page()
        if who in ENTER:
            pages[who].goto("/accounts/login/")
            pages[who].get_by_role("button", name=ENTER[who]).click()
            pages[who].wait_for_url(f"**{THERE[who]}")
    return pages


def _board_with_a_vote(page: Page) -> None:
    page.goto(BOARD)
    page.get_by_role("button", name="Vote for").first.click()
    page.locator("article.voted").first.wait_for()
    page.locator("article.voted summary").first.click()


def _board_with_a_refusal(page: Page) -> None:
    page.goto(BOARD)
    card = page.locator("article.card").last
    card.locator("summary").click()
    card.get_by_label("Why?").fill("Too short.")
    card.get_by_role("button", name="Second").click()
    card.get_by_role("alert").wait_for()


def _ballot(page: Page) -> None:
    page.goto(BOARD)
    page.locator("summary", has_text="Whom you voted for").click()


def _shortcuts(page: Page) -> None:
    page.goto(BOARD)
    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.get_by_role("dialog").wait_for()


def _peek(handle: str, says: str) -> Callable[[Page], None]:
    """What the card beneath the box says while somebody types."""

    def go(page: Page) -> None:
        page.goto(f"{BOARD}nominate/")
        page.get_by_label("Who should we follow?", exact=True).fill(handle)
        page.locator("#peek").get_by_text(says).wait_for()

    return go


def _nominate(handle: str, reason: str) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        page.goto(f"{BOARD}nominate/")
        page.get_by_label("Who should we follow?", exact=True).fill(handle)
        page.get_by_label("And why?", exact=True).fill(reason)
        with page.expect_event("load"):
            page.get_by_role("button", name="Recommend").click()

    return go


def _follow_from(server: str) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        page.get_by_label("Your server, or your whole handle").fill(server)
        page.get_by_role("button", name="Take me there").click()
        page.get_by_role("alert").wait_for()

    return go


def _edit_nomination(page: Page) -> None:
    page.goto(BOARD)
    with page.expect_event("load"):
        page.get_by_role("link", name="Edit or withdraw").click()


def _found(page: Page) -> None:
    page.goto("/c/new/")
    page.get_by_label("Name").fill("Night shift")
    page.locator("input[name=slug][value=night-shift]").wait_for()
    page.get_by_role("button", name="Found").click()
    page.get_by_role("heading", name="First steps").wait_for()


def _sure(page: Page) -> None:
    page.get_by_role("button", name="Publish now").click()
    page.get_by_role("heading", name="Publish it now?").wait_for()


def _out(page: Page) -> None:
    page.get_by_role("button", name="Yes, publish it now").click()
    page.get_by_role("heading", name="On its way").wait_for()


def _moved(page: Page) -> None:
    page.goto(page.url)
    grip = page.locator("ol.draft .grip").nth(1)
    grip.focus()
    grip.press("ArrowUp")
    page.get_by_role("button", name="Keep this order").wait_for()


def _end_without_meaning_it(page: Page) -> None:
    page.goto("/desk/night-shift/settings/end/")
    page.get_by_role("button", name="End it").click()
    page.get_by_role("alert").wait_for()


def _ended(page: Page) -> None:
    page.get_by_label("Yes, it has come to its end.").check()
    page.get_by_role("button", name="End it").click()
    page.get_by_role("button", name="Bring it back").wait_for()


def _draft(page: Page) -> None:
    """A draft is at hand: a special edition of the whole crew."""
    page.goto(f"{DESK}special/")
    page.get_by_label("Title", exact=True).fill("The whole crew")
    page.get_by_label("Essay").fill("Three weeks, and *what company*. All of them once more, before the holidays.")
    page.get_by_label("whole crew").check()
    page.get_by_role("button", name="Make the draft").click()
    page.wait_for_url(f"**{DESK}20*/")


def _refused_at_the_draft(page: Page) -> None:
    line = page.locator("ol.draft > li").first
    line.locator("summary").click()
    line.get_by_role("button", name="Leave out").click()
    page.get_by_role("alert").wait_for()


def _left_out(page: Page) -> None:
    line = page.locator("ol.draft > li").first  # still open after the refusal
    line.get_by_label("Why").fill("She asked to be left out this once.")
    line.get_by_role("button", name="Leave out").click()
    page.get_by_role("heading", name="Left out").wait_for()


def _bad_special(page: Page) -> None:
    page.goto(f"{DESK}special/")
    page.get_by_label("Title", exact=True).fill("Names that are none")
    page.get_by_label("People").fill("ines@ayuda.example Because of her drafts.\n@@@ what is this")
    with page.expect_event("load"):
        page.get_by_role("button", name="Make the draft").click()


def _token(page: Page) -> None:
    page.goto("/me/")
    page.locator("summary", has_text="Make a token").click()
    page.get_by_label("What is it for?").fill("My garden's bulletin board")
    with page.expect_event("load"):
        page.get_by_role("button", name="Make it").click()


def _handle(page: Page) -> None:
    page.goto("/me/")
    page.locator("summary", has_text="Add a handle").click()
    page.get_by_label("Handle").fill("@robin@care.example")
    page.get_by_role("button", name="Add it").click()
    page.get_by_text("Put ff-").wait_for()


def _yes_and_thanks(page: Page) -> None:
    page.goto("/me/said/")
    page.get_by_label("Posts may mention me").check()
    page.get_by_role("button", name="Yes, recommend me").click()
    page.get_by_text("You said yes.").wait_for()
    page.get_by_role("button", name="Thank").first.click()
    page.get_by_text("Thanked").wait_for()
    page.get_by_role("button", name="Hide this reason").last.click()
    page.get_by_text("only you can read this").wait_for()
    page.locator("summary", has_text="Leave this list").click()
    page.locator("summary", has_text="No, leave me out").click()


def _blocked(page: Page) -> None:
    page.locator("summary", has_text="Block").last.click()
    page.get_by_role("button", name="Block them").last.click()
    page.get_by_role("heading", name="Whom you blocked").wait_for()


def _comment(page: Page) -> None:
    page.goto(f"{BOARD}editions/3/")
    page.get_by_label("Your comment").fill("Tariq's ramps, *every week*. And who else measures what they promise?")
    page.get_by_role("button", name="Say it").click()
    page.get_by_text("Said. Thank you.").wait_for()


def _refused_comment(page: Page) -> None:
    page.locator("#comments").get_by_text("Answer", exact=False).first.click()
    page.get_by_label("Your answer").fill("   ")
    page.get_by_role("button", name="Answer").click()
    page.get_by_role("alert").wait_for()


def _edit_comment(page: Page) -> None:
    page.get_by_role("link", name="Edit or take back").click()
    page.get_by_role("button", name="Take it back").wait_for()


def _answer(page: Page) -> None:
    page.goto(f"{BOARD}editions/3/comments/")
    page.locator("#comments summary").first.click()
    page.get_by_label("Your answer").fill("Soledad does: she counts the jokes that survive.")
    page.get_by_role("button", name="Answer").click()
    page.get_by_text("Said. Thank you.").wait_for()


def _news(page: Page) -> None:
    page.goto("/me/notifications/")
    page.get_by_role("link", name="answers what you said").wait_for()


def _report(page: Page) -> None:
    page.goto(f"{BOARD}editions/3/")
    page.locator("article.comment", has_text="ramps").get_by_role("link", name="Report").click()
    page.get_by_role("heading", name="What is wrong?").wait_for()


def _report_without_a_reason(page: Page) -> None:
    page.get_by_label("In your own words").fill("It is about the ramps. Somebody who reads it may think of me.")
    page.get_by_role("button", name="Report it").click()
    page.get_by_role("alert").first.wait_for()


def _reported(page: Page) -> None:
    page.get_by_label("Unkind or harassing").check()
    page.get_by_role("button", name="Report it").click()
    page.get_by_text("It will be looked at").wait_for()


def _undecided(page: Page) -> None:
    page.goto(f"{DESK}reports/")
    page.get_by_label("Hide it").check()
    page.get_by_role("button", name="Do it").click()
    page.get_by_role("alert").wait_for()


def _decided(page: Page) -> None:
    page.get_by_label("Warn who said it").check()
    page.get_by_label("Why, for whom it affects").fill("Kindly meant, we think; but please without names of streets.")
    page.get_by_role("button", name="Do it").click()
    page.get_by_role("button", name="Show it again").wait_for()


def _decisions(page: Page) -> None:
    page.goto("/me/decisions/")
    page.locator("summary", has_text="Ask somebody else").first.click()
    page.get_by_role("button", name="Ask", exact=True).first.click()
    page.get_by_role("alert").wait_for()


def _not_erased(page: Page) -> None:
    page.goto("/me/data/")
    page.get_by_label("Type your user name").fill("somebody else")
    page.get_by_role("button", name="Erase me for good").click()
    page.get_by_role("alert").wait_for()


def _sign_up(page: Page) -> None:
    page.goto("/accounts/signup/")
    page.get_by_label("mail").fill("somebody.new@example.com")
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code", exact=True).wait_for()


def _wrong_code(page: Page) -> None:
    page.get_by_label("Code", exact=True).fill("NOTIT1")
    with page.expect_event("load"):
        page.get_by_role("button", name="Go on").click()


def _without_cookie(page: Page) -> None:
    """What was typed, and no cookie to prove that it was typed here."""
    page.goto(f"{BOARD}nominate/")
    page.get_by_label("Who should we follow?", exact=True).fill("@ines@ayuda.example")
    page.get_by_label("And why?", exact=True).fill("She shows the drafts she threw away.")
    page.context.clear_cookies(name="csrf")
    with page.expect_event("load"):
        page.get_by_role("button", name="Recommend").click()


TOUR = [
    Stop("home", "stranger", to("/")),
    Stop("communities", "stranger", to("/c/")),
    Stop("communities-found", "stranger", to("/c/?q=servce")),
    Stop("communities-none", "stranger", to("/c/?q=zebras")),
    Stop("board", "stranger", to(BOARD)),
    Stop("archive", "stranger", to(f"{BOARD}editions/")),
    Stop("crew", "stranger", to(f"{BOARD}crew/")),
    Stop("about", "stranger", to(f"{BOARD}about/")),
    Stop("embed", "stranger", to(f"{BOARD}editions/3/embed/")),
    Stop("edition", "stranger", to(f"{BOARD}editions/3/")),
    Stop("person", "stranger", to("/p/mastodon/ines@ayuda.example/")),
    Stop("remote-follow", "stranger", to("/p/mastodon/ines@ayuda.example/follow/")),
    Stop("remote-follow-refused", "stranger", _follow_from("localhost"), 422),
    Stop("member-page", "stranger", to("/m/demo-ada/")),
    Stop("member-page-empty", "stranger", to("/m/demo-member/")),
    Stop("how-we-rank", "stranger", to("/how-we-rank/")),
    Stop("feeds", "stranger", to("/feeds/")),
    Stop("feeds-community", "stranger", to(f"{BOARD}feeds/")),
    Stop("person-rtl", "stranger", to("/p/mastodon/mariam@tea.example/")),
    Stop("search", "stranger", to("/search/?q=bisucits")),
    Stop("search-nothing", "stranger", to("/search/?q=zebras")),
    Stop("tag", "stranger", to("/tags/custserv/")),
    Stop("join", "stranger", to(f"{BOARD}join/")),
    Stop("sign-in", "stranger", to("/accounts/login/")),
    Stop("sign-up", "stranger", to("/accounts/signup/")),
    Stop("sign-in-code", "stranger", to("/accounts/login/code/")),
    Stop("not-found", "stranger", to("/c/nowhere/"), 404),
    Stop("code", "newcomer", _sign_up),
    Stop("code-wrong", "newcomer", _wrong_code),
    Stop("home-member", "member", to("/")),
    Stop("board-member", "member", to(BOARD)),
    Stop("board-voted", "member", _board_with_a_vote),
    Stop("board-refused", "member", _board_with_a_refusal),
    Stop("board-ballot", "member", _ballot),
    Stop("shortcuts", "member", _shortcuts),
    Stop("nominate", "member", to(f"{BOARD}nominate/")),
    Stop("peek", "member", _peek("@fumiko@garden.example", "Not on the board")),
    Stop("peek-on-board", "member", _peek("@yusuf@trains.example", "Already on the board")),
    Stop("nominate-wrong", "member", _nominate("not a handle", "Because."), 422),
    Stop("nominate-declined", "member", _nominate("nope.skies.example", "She is the kindest person of all."), 422),
    Stop(
        "nominated",
        "member",
        _nominate("@fumiko@garden.example", GARDEN),
    ),
    Stop("nomination", "member", _edit_nomination),
    Stop("follow", "member", to(f"{BOARD}editions/3/follow/")),
    Stop("comment", "member", _comment),
    Stop("comment-refused", "member", _refused_comment, 422),
    Stop("comment-edit", "member", _edit_comment),
    Stop("comments", "curator", _answer),
    Stop("news", "member", _news),
    Stop("news-settings", "member", to("/me/notifications/settings/")),
    Stop("news-empty", "nominee", to("/me/notifications/")),
    Stop("stop-mail-broken", "stranger", to("/mail/stop/cut-in-two/"), 404),
    Stop("report", "nominee", _report),
    Stop("report-wrong", "nominee", _report_without_a_reason, 422),
    Stop("reported", "nominee", _reported),
    Stop("reports-refused", "curator", _undecided, 422),
    Stop("reports", "curator", _decided),
    Stop("decisions", "member", _decisions, 422),
    Stop("decisions-none", "nominee", to("/me/decisions/")),
    Stop("log", "stranger", to(f"{BOARD}log/")),
    Stop("opted-out", "stranger", to("/opted-out/")),
    Stop("data", "nominee", to("/me/data/")),
    Stop("data-wrong", "member", _not_erased, 422),
    Stop("me", "member", to("/me/")),
    Stop("me-handle", "member", _handle),
    Stop("me-token", "member", _token),
    Stop("said-empty", "member", to("/me/said/")),
    Stop("said", "nominee", to("/me/said/")),
    Stop("me-nominee", "nominee", to("/me/")),
    Stop("said-yes", "nominee", _yes_and_thanks),
    Stop("said-blocked", "nominee", _blocked),
    Stop("email", "member", to("/accounts/email/")),
    Stop("factors", "member", to("/accounts/2fa/")),
    Stop("passkeys", "member", to("/accounts/2fa/webauthn/")),
    Stop("passkey-add", "member", to("/accounts/2fa/webauthn/add/")),
    Stop("totp", "member", to("/accounts/2fa/totp/activate/")),
    Stop("sessions", "member", to("/accounts/sessions/")),
    Stop("forbidden", "member", to(DESK), 403),
    Stop("desk", "curator", to(DESK)),
    Stop("desk-open", "curator", to(f"{DESK}current/")),
    Stop("special", "curator", to(f"{DESK}special/")),
    Stop("special-wrong", "curator", _bad_special, 422),
    Stop("desk-draft", "curator", _draft),
    Stop("desk-refused", "curator", _refused_at_the_draft, 409),
    Stop("desk-left-out", "curator", _left_out),
    Stop("desk-moved", "curator", _moved),
    Stop("desk-sure", "curator", _sure),
    Stop("desk-out", "curator", _out),
    Stop("channels", "curator", to(f"{DESK}channels/")),
    Stop("people", "curator", to(f"{DESK}members/")),
    Stop("settings", "curator", to(f"{DESK}settings/")),
    Stop("hand-over", "curator", to(f"{DESK}settings/hand-over/")),
    Stop("new-community", "curator", to("/c/new/")),
    Stop("begin", "curator", _found),
    Stop("board-empty", "curator", to(EMPTY)),
    Stop("crew-empty", "curator", to(f"{EMPTY}crew/")),
    Stop("archive-empty", "curator", to(f"{EMPTY}editions/")),
    Stop("desk-empty", "curator", to("/desk/night-shift/")),
    Stop("channels-empty", "curator", to("/desk/night-shift/channels/")),
    Stop("reports-empty", "curator", to("/desk/night-shift/reports/")),
    Stop("log-empty", "curator", to(f"{EMPTY}log/")),
    Stop("end-wrong", "curator", _end_without_meaning_it, 422),
    Stop("ended", "curator", _ended),
    Stop("data-owner", "curator", to("/me/data/")),
    Stop("stale-form", "member", _without_cookie, 403),
]
