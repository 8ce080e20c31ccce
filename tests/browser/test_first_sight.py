"""The first visit: how much is fetched, whether anything jumps, and what remains on paper and without motion."""

import random
import re
from datetime import datetime
from io import BytesIO
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import brotli
import pytest
from django.core.files.base import ContentFile
from PIL import Image, ImageFilter
from playwright.sync_api import Page, Request, Response, Route, expect

from accounts.models import User
from recommendations.models import Community, Entry, Profile, Quote
from recommendations.pictures import avatar
from tests.browser.conftest import Visit
from tests.browser.tour import BOARD

PERSON = "/p/mastodon/ines@ayuda.example/"
PAGES = ["/", BOARD, f"{BOARD}editions/3/", PERSON, "/accounts/login/"]
ALL_THERE_IS = ["/c/", f"{BOARD}crew/", "/m/demo-ada/", "/feeds/"]
MOST, FONTS = 100_000, 45_000  # bytes
PAINTED = "() => new Promise(tell => requestAnimationFrame(() => requestAnimationFrame(tell)))"
SHIFTS = """() => new Promise(tell => {
    let sum = 0;
    new PerformanceObserver(list => { for (const shift of list.getEntries()) sum += shift.value; })
        .observe({type: "layout-shift", buffered: true});
    requestAnimationFrame(() => setTimeout(() => tell(sum), 100));
})"""


def on_the_wire(request: Request, response: Response) -> int:
    """Bytes as a first visitor gets them: pages by gzip, as they come; our static files by Brotli, as they are kept."""
    if request.resource_type in ("stylesheet", "script"):
        return len(brotli.compress(response.body()))
    if request.resource_type == "document":
        assert response.headers["content-encoding"] == "gzip"
    return request.sizes()["responseBodySize"]


def fetched(page: Page, address: str) -> dict[str, int]:
    """What a first visit fetches, and in how many bytes, by its address."""
    finished: list[Request] = []
    page.on("requestfinished", lambda request: finished.append(request))
    page.goto(address, wait_until="networkidle")
    there = ((request, request.response()) for request in finished)
    return {request.url: on_the_wire(request, response) for request, response in there if response}


@pytest.mark.parametrize("width", [390, 1280])
def test_a_first_page_is_under_100_kilobytes_in_under_15_requests(demo: Community, visit: Visit, width: int) -> None:
    for address in PAGES + ALL_THERE_IS:
        sizes = fetched(visit(viewport={"width": width, "height": 800}, device_scale_factor=2), address)

        assert len(sizes) < 15, sizes
        assert sum(sizes.values()) < MOST, sizes
        assert sum(size for url, size in sizes.items() if url.endswith(".woff2")) < FONTS
        assert {urlsplit(url).hostname for url in sizes} == {"localhost"}


@pytest.mark.parametrize("width", [390, 1280])
def test_so_is_an_edition_of_25_people_with_pictures_like_photographs(
    demo: Community, visit: Visit, width: int
) -> None:
    edition = demo.editions.get(number=3)
    quote = "Łucja answers every beginner's question as if it were the first time, and keeps a list of the best ones."
    for number in range(25 - edition.entries.ranked().count()):
        profile = Profile.objects.create(
            network="mastodon", name=f"photo{number}", host="people.example", uri=f"https://people.example/{number}",
            display_name=f"Person Number {number}", signal="automatic", checked=True,
        )  # fmt: skip
        entry = Entry.objects.create(edition=edition, profile=profile, rank=number + 20)
        Quote.objects.create(entry=entry, position=0, author=User.objects.get(username="demo-ada"), text=quote)
    for profile in Profile.objects.filter(entries__edition=edition):
        profile.avatar.save("avatar.webp", ContentFile(avatar(photograph(profile.pk))))

    sizes = fetched(visit(viewport={"width": width, "height": 800}, device_scale_factor=2), edition.get_absolute_url())

    assert [size for url, size in sizes.items() if url.endswith(".webp")]
    assert sum(sizes.values()) < MOST, sizes


def photograph(seed: int) -> bytes:
    """A picture with as much in it as a portrait has: soft shapes, an edge here and there, and a little grain."""
    chance = random.Random(seed)
    rough = Image.frombytes("RGB", (12, 12), chance.randbytes(12 * 12 * 3)).resize((400, 400), Image.Resampling.BICUBIC)
    grain = Image.frombytes("RGB", (400, 400), chance.randbytes(400 * 400 * 3)).filter(ImageFilter.GaussianBlur(1.5))
    file = BytesIO()
    Image.blend(rough, grain, 0.15).save(file, "JPEG", quality=90)
    return file.getvalue()


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_jumps_when_the_font_arrives_late(demo: Community, visit: Visit, width: int) -> None:
    jumps = {address: shifted(visit(viewport={"width": width, "height": 800}), address) for address in PAGES}

    assert {address: shift for address, shift in jumps.items() if shift >= 0.02} == {}


def shifted(page: Page, address: str) -> float:
    """How much jumped on a page whose fonts were held back."""
    held: list[Route] = []
    page.route("**/*.woff2", lambda route: held.append(route))
    page.goto(address, wait_until="domcontentloaded")
    page.evaluate(PAINTED)
    assert held
    for font in held:
        font.continue_()
    page.evaluate("document.fonts.ready.then(() => true)")
    return float(page.evaluate(SHIFTS))


def test_with_reduced_motion_nothing_moves(demo: Community, visit: Visit) -> None:
    page = visit(reduced_motion="reduce")
    page.goto(BOARD)

    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    moving = "[...document.querySelectorAll('*')].filter(one => one.getAnimations().length).length"
    assert page.evaluate(moving) == 0


def test_on_paper_there_are_the_people_and_nothing_to_click(demo: Community, enter: Visit) -> None:
    page = enter("member")
    for address in (BOARD, f"{BOARD}editions/3/", PERSON):
        page.goto(address)
        page.emulate_media(media="print", color_scheme="dark")

        assert (
            page.locator("button:visible, input:visible, textarea:visible, nav:visible, details:visible").count() == 0
        )
        assert page.locator("a.button:visible, a.report:visible, form:visible").count() == 0
        expect(page.locator("article blockquote").first).to_be_visible()
        expect(page.locator("article .handle").first).to_contain_text("example")
        expect(page.locator(".on-paper")).to_have_text(f"http://localhost:8000{address}")
        assert ink_and_paper(page) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
        whole = page.locator("article.card, .said").first
        assert whole.evaluate("one => getComputedStyle(one).breakInside") == "avoid"
        assert page.pdf(format="A4").startswith(b"%PDF")


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
