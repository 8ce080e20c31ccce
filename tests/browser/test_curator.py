"""The curator's way, with JavaScript and without: count, read and edit the draft, approve, publish, and what is out."""

import csv
import io

import pytest
from playwright.sync_api import Locator, Page, expect

from recommendations.models import Community, Edition, Moderation, Post
from tests.browser.conftest import Visit
from tests.browser.tour import BOARD, DESK

both = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])


def open_draft(page: Page) -> None:
    """Close the board from the desk and stand before its draft."""
    page.goto(f"{DESK}current/")
    page.get_by_role("button", name="Close the board and count now").click()
    expect(page.get_by_role("status")).to_contain_text("The board is closed and counted.")


def names(page: Page) -> list[str]:
    return page.locator("ol.draft > li b").all_inner_texts()


def line_of(page: Page, name: str) -> Locator:
    return page.locator("ol.draft > li", has=page.locator("b", has_text=name))


def open_moves(line: Locator) -> None:
    line.locator("summary").click()


@both
def test_a_curator_closes_edits_approves_and_publishes_an_edition(
    demo: Community, enter: Visit, visit: Visit, javascript: bool
) -> None:
    page = enter("curator", javascript=javascript)
    open_draft(page)
    edition = Edition.objects.get(community=demo, state=Edition.State.READY)
    before = names(page)
    assert len(before) >= 5

    page.get_by_label("Title", exact=True).fill("Umbrellas, found")
    page.get_by_label("Essay").fill("A week of **listening**.\n\n<script>alert(1)</script>")
    page.get_by_role("button", name="Keep the words").click()
    expect(page.get_by_role("heading", name="Umbrellas, found")).to_be_visible()

    last = line_of(page, before[-1])
    open_moves(last)
    last.get_by_role("button", name="Up").click()
    expect(page.get_by_role("alert")).to_contain_text("Say why you change the order")
    last.get_by_label("Why?").fill("Two neighbours, side by side.")
    last.get_by_label("To place").fill("1")
    last.get_by_role("button", name="Move", exact=True).click()
    page.wait_for_url("**#entry-*")
    assert names(page) == [before[-1], *before[:-1]]
    expect(line_of(page, before[-1])).to_be_in_viewport()

    gone = line_of(page, before[0])
    open_moves(gone)
    gone.get_by_label("Why?").fill("They asked for a quiet week.")
    gone.get_by_role("button", name="Leave out").click()
    expect(page.get_by_role("heading", name="Left out")).to_be_visible()
    assert before[0] not in names(page)
    assert Moderation.objects.filter(community=demo, kind__in=("drop", "reorder")).count() == 2

    page.get_by_role("link", name="See its posts").click()
    expect(page.locator("ol.posts li").first).to_contain_text("Umbrellas, found")
    page.go_back()

    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Approved by Maren Okafor")).to_be_visible()
    page.get_by_role("button", name="Publish now").click()
    expect(page.get_by_role("status")).to_contain_text("Out: this is number 4.")
    expect(page.get_by_text("Only written down").first).to_be_visible()
    edition.refresh_from_db()
    assert edition.state == Edition.State.PUBLISHED
    assert not Post.objects.filter(delivery__edition=edition).exclude(state=Post.State.PENDING).exists()

    reader = visit(javascript=javascript)
    reader.goto(BOARD)
    reader.get_by_role("link", name="No. 4 Umbrellas, found").click()
    expect(reader.get_by_role("heading", name="Umbrellas, found")).to_be_visible()
    expect(reader.locator(".prose strong")).to_have_text("listening")
    expect(reader.locator(".prose")).to_contain_text("<script>alert(1)</script>")
    assert reader.locator("article.card h2").all_inner_texts() == [before[-1], *before[1:-1]]
    feeds = reader.locator("link[rel=alternate][href^='/']").evaluate_all("links => links.map(link => link.href)")
    assert [reader.request.get(address).status for address in feeds] == [200, 200]
    with reader.expect_download() as download:
        reader.get_by_role("link", name="List for Mastodon's import").click()
    rows = list(csv.reader(io.StringIO(download.value.path().read_text())))
    assert rows[0] == ["Account address", "Show boosts", "Notify on new posts", "Languages"]
    assert "xochitl@sounds.example" in {row[0] for row in rows[1:]}


@both
def test_a_refused_deed_keeps_what_was_typed_where_it_was_typed(
    demo: Community, enter: Visit, javascript: bool
) -> None:
    page = enter("curator", javascript=javascript)
    open_draft(page)

    line = page.locator("ol.draft > li").nth(3)
    open_moves(line)
    line.get_by_label("Why?").fill("Out of turn.")
    line.get_by_label("To place").fill("99")
    line.get_by_role("button", name="Move", exact=True).evaluate("button => button.form.noValidate = true")
    line.get_by_role("button", name="Move", exact=True).click()

    expect(line.get_by_role("alert")).to_contain_text("They cannot move there.")
    expect(line.get_by_label("Why?")).to_have_value("Out of turn.")
    expect(line.get_by_label("Why?")).to_be_in_viewport()


@both
def test_words_that_are_too_long_are_shown_again_with_the_reason(
    demo: Community, enter: Visit, javascript: bool
) -> None:
    page = enter("curator", javascript=javascript)
    open_draft(page)
    essay = "All of it was kind. " * 1001

    page.get_by_label("Essay").fill(essay)
    page.get_by_role("button", name="Keep the words").evaluate("button => button.form.essay.maxLength = 90000")
    page.get_by_label("Essay").fill(essay)
    page.get_by_role("button", name="Keep the words").click()

    expect(page.get_by_role("alert").first).to_contain_text("20000")
    expect(page.get_by_label("Essay")).to_have_value(essay)


@both
def test_a_week_is_held_and_let_go_on(demo: Community, enter: Visit, javascript: bool) -> None:
    page = enter("curator", javascript=javascript)
    page.goto(f"{DESK}current/")

    page.get_by_text("Hold or skip").click()
    page.get_by_role("button", name="Hold").click()
    expect(page.get_by_role("alert")).to_contain_text("Say why")
    page.get_by_label("Why?").fill("We wait for Grete.")
    page.get_by_role("button", name="Hold").click()
    expect(page.get_by_text("Held by Maren Okafor: We wait for Grete.")).to_be_visible()
    page.get_by_role("button", name="Let it go on").click()

    expect(page.get_by_role("status")).to_contain_text("It goes on.")


@both
def test_a_channel_rehearses_in_sight_goes_live_and_pauses(demo: Community, enter: Visit, javascript: bool) -> None:
    page = enter("curator", javascript=javascript)
    page.goto(f"{DESK}channels/")

    expect(page.locator("ol.posts li").first).to_contain_text("#custserv")
    expect(page.locator("ol.posts .note").first).to_contain_text("of 300")
    page.get_by_role("button", name="Go live").click()
    expect(page.get_by_role("status")).to_contain_text("It is not connected to an account yet.")
    page.get_by_label("Handle", exact=True).fill("custserv.bsky.social")
    page.get_by_label("App password").fill("wrong")
    page.get_by_role("button", name="Connect").click()

    expect(page.get_by_role("alert")).to_contain_text("did not let us in")
    expect(page.get_by_label("Handle", exact=True)).to_have_value("custserv.bsky.social")
    page.get_by_label("App password").fill("open sesame")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("status")).to_contain_text("It rehearses until you let it go live.")
    page.get_by_role("button", name="Go live with @custserv.bsky.social").click()
    expect(page.get_by_role("status")).to_contain_text("is live")
    page.get_by_role("button", name="Pause @custserv.bsky.social").click()
    expect(page.get_by_role("status")).to_contain_text("pauses.")


@both
def test_people_are_invited_made_curators_and_banned(
    demo: Community, enter: Visit, visit: Visit, javascript: bool
) -> None:
    page = enter("curator", javascript=javascript)
    page.goto(f"{DESK}members/")

    page.get_by_label("How many may use the link?").fill("2")
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_text("lets in 2 more")).to_be_visible()
    path = page.locator(".side code").inner_text().split("/c/", 1)[1]
    ada = page.locator("li", has_text="Ada Kowalczyk")
    ada.locator("summary").click()
    ada.get_by_role("button", name="Make curator").click()
    expect(ada.locator(".state")).to_have_text("Curator")
    bao = page.locator("li", has_text="Bao Trinh")
    bao.locator("summary").click()
    bao.get_by_label("Reason").fill("Sold votes.")
    bao.get_by_role("button", name="Ban").click()
    expect(bao.locator(".state")).to_have_text("Banned")

    guest = visit(javascript=javascript)
    guest.goto(f"/c/{path}")
    expect(guest.get_by_role("heading", name="Join Customer Service Chat")).to_be_visible()


@both
def test_settings_are_kept_and_a_week_that_cannot_be_is_explained(
    demo: Community, enter: Visit, javascript: bool
) -> None:
    page = enter("curator", javascript=javascript)
    page.goto(f"{DESK}settings/")

    page.get_by_label("It closes on").select_option("Monday")
    page.get_by_label("The edition is out on").select_option("Sunday")
    page.get_by_label("In a sentence").fill("People who answer, kindly.")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("more than three days")
    expect(page.get_by_label("In a sentence")).to_have_value("People who answer, kindly.")
    page.get_by_label("The edition is out on").select_option("Tuesday")
    page.get_by_label("Colour").select_option("Pine")
    page.get_by_role("button", name="Keep", exact=True).click()

    expect(page.get_by_role("status")).to_contain_text("Kept.")
    expect(page.locator("body")).to_have_class("accent-pine")
