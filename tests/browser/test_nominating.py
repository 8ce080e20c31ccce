"""The nominate box: who somebody means is shown while they type, and what they typed outlives a reload."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from recommendations.models import Community, Nomination, Profile, Vote
from tests.browser.conftest import Visit
from tests.browser.test_member import REASON, card_of
from tests.browser.tour import BOARD

NOMINATE = f"{BOARD}nominate/"
EDITION = f"{BOARD}editions/3/"
TOP = "box => box.getBoundingClientRect().top + scrollY"
ANSWERS = (  # typed, said, and what the button says then
    ("@fumiko@garden.example", "Not on the board yet", "Recommend them"),
    ("@yusuf@trains.example", "Already on the board: second them?", "Second them"),
    ("@ines@ayuda.example", "They were featured lately and rest until", "Recommend them"),
    ("nope.skies.example", "They have asked not to be listed", "Recommend them"),
    ("@nobody@trains.example", "Is it spelt right?", "Recommend them"),
    ("@fumiko@gard", "Type a whole handle", "Recommend them"),
)
A_WEEK_AGO = """() => {
    for (const [key, text] of Object.entries(localStorage)) {
        const draft = JSON.parse(text);
        localStorage.setItem(key, JSON.stringify({...draft, at: draft.at - 7 * 24 * 3600 * 1000}));
    }
}"""
FULL = "() => { Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }; }"


def boxes(page: Page) -> tuple[Locator, Locator]:
    """The two to write into, on the nominate page."""
    page.goto(NOMINATE)
    return page.get_by_label("Who should we follow?", exact=True), page.get_by_label("And why?", exact=True)


def kept(page: Page) -> dict[str, Any]:
    """The drafts in this browser."""
    keys = "Object.fromEntries(Object.entries(localStorage).filter(([key]) => key.startsWith('draft:')))"
    found: dict[str, Any] = page.evaluate(keys)
    return found


def test_the_card_tells_in_its_own_place_what_nominating_would_say(
    demo: Community, enter: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recommendations.rules.rest_length", lambda *_: 4)
    page = enter("member")
    handle, reason = boxes(page)
    Profile.objects.filter(name__in=("yusuf", "ines")).update(bio="Lost property, and found people. " * 40)
    profiles = Profile.objects.count()

    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        top = reason.evaluate(TOP)
        for typed, said, deed in ANSWERS:
            handle.fill(typed)
            expect(page.locator("#peek")).to_contain_text(said)
            expect(page.locator("#recommend")).to_have_text(deed)
            expect(handle).to_be_focused()
            assert reason.evaluate(TOP) == pytest.approx(top, abs=1), (width, typed)

    assert Profile.objects.count() == profiles
    assert not Nomination.objects.filter(nominator__username="demo-member").exists()


def test_who_types_is_not_interrupted_and_sends_nothing_but_the_handle(demo: Community, enter: Visit) -> None:
    page = enter("member", expected="ERR_FAILED|htmx:error")
    handle, reason = boxes(page)
    card = page.locator("#peek")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or "") if "/peek/" in request.url else None)
    reason.fill("Words nobody has sent off yet.")

    with page.expect_response("**/peek/"):
        handle.press_sequentially("alice", delay=20)
    expect(card.get_by_text("Type a whole handle")).to_be_visible()
    expect(card.get_by_text("Which network is “alice” on?")).to_be_hidden()
    reason.focus()
    expect(card.get_by_text("Which network is “alice” on?")).to_be_visible()
    page.route("**/peek/", lambda route: route.abort())
    with page.expect_event("requestfailed"):
        handle.fill("arlo_example")
    page.unroute("**/peek/")
    page.get_by_label("Network").select_option("X")
    expect(card).to_contain_text("Already on the board")

    expect(page.get_by_role("alert")).to_have_count(0)
    assert len(sent) == 3
    assert not any("Words" in each for each in sent)
    assert card.get_attribute("aria-live") == "polite"


# --- Drafts


def test_what_was_typed_outlives_a_reload_until_the_server_has_taken_it(demo: Community, enter: Visit) -> None:
    page = enter("member")
    handle, reason = boxes(page)
    handle.fill("@fumiko@garden.example")
    reason.fill("Short.")

    page.reload()
    expect(handle).to_have_value("@fumiko@garden.example")
    expect(reason).to_have_value("Short.")
    expect(page.get_by_text("Kept from before.")).to_be_visible()
    expect(page.locator("#peek")).to_contain_text("Not on the board yet")
    page.get_by_role("button", name="Recommend them").click()
    expect(page.get_by_role("alert")).to_contain_text("A few words more")
    expect(page.get_by_text("Kept from before.")).to_have_count(0)
    reason.fill(REASON)
    page.goto(NOMINATE)
    expect(reason).to_have_value(REASON)
    page.get_by_role("button", name="Recommend them").click()
    page.wait_for_url(f"**{BOARD}")

    assert kept(page) == {}
    page.get_by_role("link", name="Edit or withdraw").click()
    page.get_by_label("Why?").fill("Her garden")
    page.reload()
    expect(page.get_by_label("Why?")).to_have_value("Her garden")
    Nomination.objects.filter(nominator__username="demo-member").update(reason="Said better in another browser.")
    page.reload()
    expect(page.get_by_label("Why?")).to_have_value("Said better in another browser.")


def test_a_draft_can_be_cleared_and_is_forgotten_after_a_week(demo: Community, enter: Visit) -> None:
    page = enter("member")
    handle, reason = boxes(page)
    handle.fill("@fumiko@garden.example")
    reason.fill(REASON)
    page.reload()

    page.get_by_role("button", name="Clear").click()
    expect(handle).to_have_value("")
    expect(handle).to_be_focused()
    expect(reason).to_have_value("")
    expect(page.get_by_text("Kept from before.")).to_have_count(0)
    assert kept(page) == {}
    reason.fill(REASON)
    page.evaluate(A_WEEK_AGO)
    page.reload()
    expect(page.locator("#recommend")).to_be_visible()

    assert kept(page) == {}
    expect(reason).to_have_value("")


def test_a_seconds_reason_is_kept_on_its_own_card_until_it_is_given(demo: Community, enter: Visit) -> None:
    page = enter("member")
    arlo, other = card_of(page, "Arlo Finch"), card_of(page, "Thandiwe Dube")
    other.get_by_role("button", name="Vote for").click()
    for card, words in ((arlo, REASON), (other, "Half a sentence")):
        card.get_by_text("Add a reason").click()
        card.get_by_label("Why?").fill(words)

    page.reload()
    expect(arlo.get_by_label("Why?")).to_have_value(REASON)
    expect(other.get_by_label("Why?")).to_have_value("Half a sentence")
    arlo.get_by_role("button", name="Second them").click()
    expect(arlo.locator(".seconds")).to_contain_text(REASON)
    other.get_by_role("button", name="Voted for").click()  # taken back: the words stay
    expect(other.get_by_role("button", name="Vote for")).to_be_visible()
    page.reload()

    expect(other.get_by_label("Why?")).to_have_value("Half a sentence")
    expect(page.get_by_text("Kept from before.")).to_have_count(1)
    assert Vote.objects.get(voter__username="demo-member").nomination.profile.name == "arlo_example"


def test_what_is_unfolded_and_typed_while_a_vote_is_on_its_way_stays(demo: Community, enter: Visit) -> None:
    page = enter("member")
    thandiwe = card_of(page, "Thandiwe Dube")
    held: list[Route] = []
    page.route("**/vote/", lambda route: held.append(route))
    with page.expect_request("**/vote/"):
        thandiwe.get_by_role("button", name="Vote for").click()
    thandiwe.get_by_text("Add a reason").click()
    thandiwe.get_by_label("Why?").fill("Half a sentence")
    held.pop().continue_()

    expect(thandiwe.get_by_role("button", name="Voted for")).to_be_visible()
    expect(thandiwe.get_by_label("Why?")).to_be_visible()
    expect(thandiwe.get_by_label("Why?")).to_have_value("Half a sentence")
    assert held == []


def test_comments_and_answers_are_kept_each_in_its_own_box(demo: Community, enter: Visit) -> None:
    page = enter("member")
    page.goto(EDITION)
    page.get_by_label("Your comment").fill("One ramp a week.")
    page.get_by_role("button", name="Say it").click()
    expect(page.get_by_text("Said. Thank you.")).to_be_visible()
    page.locator("#comments summary").click()
    answer = page.get_by_label("Your answer").last
    answer.fill("And who else")

    page.get_by_label("Your comment").fill("Another one.")
    page.get_by_role("button", name="Say it").click()
    expect(page.locator(".comment")).to_have_count(2)
    expect(answer).to_have_value("And who else")
    page.reload()

    expect(answer).to_have_value("And who else")
    expect(page.get_by_label("Your comment")).to_have_value("")


def test_drafts_are_ones_own_and_gone_when_one_signs_out(demo: Community, enter: Visit) -> None:
    page = enter("member")
    handle, reason = boxes(page)
    handle.fill("@fumiko@garden.example")
    reason.fill(REASON)

    page.context.clear_cookies(name="session")  # the session ends by itself, and somebody else signs in
    page.get_by_role("button", name="Recommend them").click()
    page.get_by_role("button", name="Enter as the curator").click()
    page.get_by_role("button", name="Sign out").wait_for()
    boxes(page)
    expect(reason).to_have_value("")
    page.context.clear_cookies(name="session")
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Enter as a member").click()
    page.get_by_role("button", name="Sign out").wait_for()
    boxes(page)
    expect(reason).to_have_value(REASON)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("You are signed out.").wait_for()

    assert kept(page) == {}


def test_without_room_in_the_browser_everything_works_as_ever(demo: Community, enter: Visit) -> None:
    page = enter("member")
    handle, reason = boxes(page)
    page.evaluate(FULL)
    handle.fill("@fumiko@garden.example")
    reason.fill(REASON)

    page.get_by_role("button", name="Recommend them").click()

    expect(card_of(page, "ふみこ")).to_contain_text(REASON)
