"""A report, from the first click to the public log, and an appeal; with JavaScript and without."""

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from recommendations.actions.report import report
from recommendations.actions.vote import approve
from recommendations.models import Community, Membership, Nomination
from recommendations.models.board import current_edition
from recommendations.models.reported import find
from tests.browser.conftest import Visit
from tests.browser.server import Server
from tests.browser.test_every_page import AXE, NARROW, OVERFLOW, RUN_AXE
from tests.browser.test_member import both, card_of
from tests.browser.tour import BOARD

UNKIND = "So slow that one must simply see it to believe it."
BAD = "Please do not speak so of people."


@pytest.fixture
def said(demo: Community) -> Nomination:
    """The member who can be entered seconds somebody on the board, unkindly."""
    member = User.objects.get(username="demo-member")
    edition = current_edition(demo)
    assert edition is not None
    nomination = edition.nominations.exclude(nominator=member).select_related("profile", "edition__community")[0]
    nomination.votes.filter(voter=member).delete()
    approve(by=member, nomination=nomination, reason=UNKIND)
    return nomination


def look(page: Page) -> list[str]:
    """Barriers, and what is wider than a narrow screen."""
    page.evaluate(AXE)
    found: list[str] = list(page.evaluate(RUN_AXE))
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": 800})
        found += page.evaluate(OVERFLOW)
    page.set_viewport_size({"width": 1280, "height": 800})
    return found


@both
def test_from_a_report_to_the_log_and_by_an_appeal_back_again(
    demo: Community, said: Nomination, enter_as: Visit, visit: Visit, server: Server, javascript: bool
) -> None:
    with server.lock:
        Membership.objects.filter(community=demo, user__username="demo-ada").update(role="curator")
    name = said.profile.title

    reporter = enter_as("demo-ines", javascript=javascript)
    reporter.goto(BOARD)
    second = card_of(reporter, name).locator("li", has_text=UNKIND)
    second.get_by_role("link", name="Report").click()
    expect(reporter.get_by_text(UNKIND)).to_be_visible()
    reporter.get_by_label("Unkind or harassing").check()
    reporter.get_by_label("In your own words").fill("This hurts.")
    reporter.get_by_role("button", name="Report it").click()
    expect(reporter.get_by_role("status")).to_contain_text("It will be looked at")

    curator = enter_as("demo-curator", javascript=javascript)
    curator.goto("/desk/custserv/reports/")
    expect(curator.get_by_text("This hurts.")).to_be_visible()
    curator.get_by_label("Hide it").check()
    curator.get_by_label("Why, for whom it affects").fill(BAD)
    curator.get_by_role("button", name="Do it").click()
    expect(curator.get_by_role("status")).to_contain_text("Whom it affects is told")

    stranger = visit(javascript=javascript)
    stranger.goto(BOARD)
    expect(stranger.get_by_text(UNKIND)).to_have_count(0)
    expect(card_of(stranger, name)).to_be_visible()
    stranger.get_by_role("link", name="How this place is kept").click()
    line = stranger.get_by_role("listitem").filter(has_text="Hid what somebody said")
    expect(line).to_contain_text("Unkind or harassing")
    with server.lock:
        people = [str(user) for user in User.objects.all()]
    for unnamed in (*people, name, BAD, UNKIND, "This hurts."):
        expect(stranger.locator("main")).not_to_contain_text(unnamed)

    author = enter_as("demo-member", javascript=javascript)
    author.goto("/me/decisions/")
    expect(author.get_by_text(BAD)).to_be_visible()
    author.locator("summary", has_text="Ask somebody else").click()
    author.get_by_label("Why was it wrong?").fill("We are friends, and it is our joke.")
    author.get_by_role("button", name="Ask", exact=True).click()
    expect(author.get_by_role("status")).to_contain_text("Somebody else than who decided")

    curator.goto("/desk/custserv/reports/")
    expect(curator.get_by_text("it is our joke")).to_have_count(0)
    other = enter_as("demo-ada", javascript=javascript)
    other.goto("/desk/custserv/reports/")
    expect(other.get_by_text("it is our joke")).to_be_visible()
    other.get_by_label("Both sides read it").fill("So it is. Sorry.")
    other.get_by_role("button", name="Overturn the decision").click()
    expect(other.get_by_role("status")).to_contain_text("Both sides are told")

    stranger.goto(BOARD)
    expect(stranger.get_by_text(UNKIND)).to_be_visible()
    stranger.goto("/c/custserv/log/")
    expect(stranger.get_by_role("listitem").filter(has_text="Appeal: overturned")).to_be_visible()
    expect(stranger.get_by_role("listitem").filter(has_text="Hid what somebody said")).to_contain_text("overturned")
    author.goto("/me/decisions/")
    expect(author.get_by_text("So it is. Sorry.")).to_be_visible()


def test_whose_will_it_is_against_is_asked_only_then(demo: Community, said: Nomination, enter_as: Visit) -> None:
    page = enter_as("demo-ines")
    page.goto(f"/report/?what=nomination-{said.pk}")
    mine = page.get_by_label("Mine: this is me")
    expect(mine).to_be_hidden()

    page.get_by_label("Against their will").check()
    mine.check()
    page.get_by_role("button", name="Report it").click()

    page.wait_for_url("**/me/said/")


def test_the_pages_of_the_servers_staff_have_no_barriers(
    demo: Community, said: Nomination, enter_as: Visit, server: Server
) -> None:
    with server.lock:
        User.objects.filter(username="demo-ines").update(is_staff=True)
        report(
            by=User.objects.get(username="demo-ada"), thing=find(f"community-{demo.pk}"), type="other", words="Look."
        )  # type: ignore[arg-type]
    page = enter_as("demo-ines")

    page.goto("/moderation/")
    expect(page.get_by_text("Look.")).to_be_visible()
    found = look(page)
    page.get_by_role("link", name="Servers that opted out").click()
    page.get_by_label("Domain").fill("strict.example")
    page.get_by_role("button", name="Opt it out").click()
    expect(page.get_by_role("status")).to_contain_text("strict.example has opted out")
    found += look(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("opted in again")

    assert found == []
