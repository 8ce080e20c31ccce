"""The first visit: how much is fetched, whether anything jumps, and what remains on paper and without motion."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import brotli
import pytest
from playwright.sync_api import Page, Request, Response, Route, expect

from recommendations.models import Community
from tests.browser.conftest import Visit
from tests.browser.tour import BOARD

PAGES = ["/", BOARD, f"{BOARD}editions/3/", "/accounts/login/"]
PAINTED = "() => new Promise(tell => requestAnimationFrame(() => requestAnimationFrame(tell)))"
SHIFTS = """() => new Promise(tell => {
    let sum = 0;
    new PerformanceObserver(list => { for (const shift of list.getEntries()) sum += shift.value; })
        .observe({type: "layout-shift", buffered: true});
    requestAnimationFrame(() => setTimeout(() => tell(sum), 100));
})"""


def on_the_wire(response: Response) -> int:
    """Bytes of a response as our static files are sent: text by Brotli. Pages themselves count as they are."""
    body = response.body()
    return len(brotli.compress(body)) if response.request.resource_type in ("stylesheet", "script") else len(body)


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("width", [390, 1280])
def test_a_first_page_is_under_100_kilobytes_in_under_15_requests(
    demo: Community, visit: Visit, address: str, width: int
) -> None:
    page = visit(viewport={"width": width, "height": 800})
    finished: list[Request] = []
    page.on("requestfinished", lambda request: finished.append(request))

    page.goto(address, wait_until="networkidle")

    responses = [response for response in (request.response() for request in finished) if response]
    sizes = {response.url.rsplit("/", 1)[1] or "page": on_the_wire(response) for response in responses}
    assert len(responses) < 15, sizes
    assert sum(sizes.values()) < 100_000, sizes


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_jumps_when_the_font_arrives_late(demo: Community, visit: Visit, address: str, width: int) -> None:
    page = visit(viewport={"width": width, "height": 800})
    held: list[Route] = []
    page.route("**/*.woff2", lambda route: held.append(route))

    page.goto(address, wait_until="domcontentloaded")
    page.evaluate(PAINTED)
    for font in held:
        font.continue_()
    page.evaluate("document.fonts.ready.then(() => true)")

    assert held
    assert page.evaluate(SHIFTS) < 0.02


def test_with_reduced_motion_nothing_moves(demo: Community, visit: Visit) -> None:
    page = visit(reduced_motion="reduce")
    page.goto(BOARD)

    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    moving = "[...document.querySelectorAll('*')].filter(one => one.getAnimations().length).length"
    assert page.evaluate(moving) == 0


def test_on_paper_there_is_the_list_and_nothing_to_click(demo: Community, enter: Visit) -> None:
    page = enter("member")
    page.emulate_media(media="print", color_scheme="dark")

    expect(page.get_by_role("button", name="Vote for").first).to_be_hidden()
    expect(page.get_by_role("navigation", name="Site")).to_be_hidden()
    expect(page.locator("article.card blockquote").first).to_be_visible()
    assert ink_and_paper(page) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]


def ink_and_paper(page: Page) -> list[str]:
    return [page.evaluate(f"getComputedStyle(document.body).{which}") for which in ("color", "backgroundColor")]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/St_Johns"])
def test_closing_is_told_in_the_readers_own_zone(demo: Community, visit: Visit, zone: str) -> None:
    page = visit(timezone_id=zone)

    page.goto(BOARD)

    closing = page.locator(".masthead time[data-countdown]")
    moment = datetime.fromisoformat(closing.get_attribute("datetime") or "")
    expect(closing).to_contain_text(f"{moment.astimezone(ZoneInfo(zone)):%H:%M}")
    expect(page.locator(".masthead time[data-countdown] + span")).to_have_text(re.compile(r"^\(.+\)$"))
