"""Following a whole edition as a reader sees it: from its page, out to their network, back, and to the end."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, Route, expect

from accounts.models import User
from recommendations import tasks
from recommendations.actions.join import found
from recommendations.handles import Network
from recommendations.models import Edition, Following
from tests.browser.conftest import PATIENCE
from tests.browser.server import Server
from tests.browser.test_every_page import AXE, OVERFLOW, RUN_AXE
from tests.browser.test_member import both
from tests.browser.test_sign_in import Abroad
from tests.fakes.internet import Internet, Request
from tests.fakes.mastodon_reader import ReadersMastodon
from tests.recommendations.readers import published, somebody

PEOPLE = ("grace@navy.example", "joan@quiet.example", "alan@bletchley.example", "hedy@film.example")


@pytest.fixture
def there(settings: Any, server: Server) -> Iterator[ReadersMastodon]:
    """Ada's server: Joan decides herself, Alan is gone, and Hedy moved."""
    settings.FF_BASE_URL = server.url
    with Internet() as internet:
        settings.FF_CA_FILE = str(internet.ca_file)
        there = ReadersMastodon("mastodon.test")
        there.follows.add_person(PEOPLE[0])
        there.follows.add_person(PEOPLE[1], locked=True)
        there.follows.add_person(PEOPLE[2], gone=True)
        there.follows.add_person("hedy@radio.example")
        there.follows.add_person(PEOPLE[3], moved="hedy@radio.example")
        internet.serve("mastodon.test", there.respond)
        yield there


@pytest.fixture
def edition(transactional_db: None) -> Edition:
    """Four people on Mastodon, one on Bluesky and one on X."""
    founder = User.objects.create(username="founder")
    community = found(
        by=founder, at=datetime(2026, 10, 30, tzinfo=UTC), name="Tea and Trains", slug="tea", hashtag="tea"
    )
    elsewhere = [somebody("edsger.example", Network.BLUESKY), somebody("barbara", Network.X)]
    edition = published(community, [*(somebody(acct) for acct in PEOPLE), *elsewhere])
    Edition.objects.filter(pk=edition.pk).update(share_image="")  # a browser would fetch it
    edition.refresh_from_db()
    return edition


def work() -> None:
    """What a worker does at a tick."""
    for pk in Following.objects.due(timezone.now()).values_list("pk", flat=True):
        tasks.follow_one(pk)


def lead(context: BrowserContext, there: ReadersMastodon) -> None:
    """The name leads to the fake server, in the browser too."""

    def answer(route: Route) -> None:
        asked = route.request
        path = asked.url.removeprefix(there.oauth.issuer)
        reply = there.respond(Request(asked.method, path, asked.headers, asked.post_data_buffer or b""))
        route.fulfill(status=reply.status, headers=dict(reply.headers), body=reply.body)

    context.route("https://mastodon.test/**", answer)


@pytest.fixture
def travel(chrome: Any, server: Server, transactional_db: None) -> Iterator[Callable[..., Page]]:
    """Ada's page, which may leave our site: travel(there, javascript=False)."""
    watched: list[tuple[BrowserContext, Abroad]] = []

    def open_page(there: ReadersMastodon, *, javascript: bool = True, **options: Any) -> Page:
        context = chrome.new_context(base_url=server.url, java_script_enabled=javascript, **options)
        lead(context, there)
        watched.append((context, Abroad(context, server.url, "")))
        page = context.new_page()
        page.goto("/accounts/login/?next=/c/tea/editions/1/")
        page.get_by_label("Your server, or your whole handle").fill("mastodon.test")
        page.get_by_role("button", name="Sign in with Mastodon").click()
        page.get_by_role("button", name="Authorize").click()
        page.wait_for_url("**/c/tea/editions/1/")
        return page

    yield open_page
    for context, _ in watched:
        context.close()
    with server.lock:
        pass
    assert [seen for _, watch in watched for seen in watch.seen] == []


@both
def test_one_follows_everybody_on_an_edition(
    travel: Callable[..., Page], there: ReadersMastodon, edition: Edition, server: Server, javascript: bool
) -> None:
    page = travel(there, javascript=javascript)
    page.get_by_role("link", name="Follow with my account").click()
    field = page.get_by_label("Your server, or your whole handle")
    expect(field).to_have_value("@ada@mastodon.test")
    page.get_by_role("button", name="Go on to Mastodon").click()
    page.get_by_role("button", name="Authorize").click()

    expect(page.get_by_text("0 of 4")).to_be_visible()
    with server.lock:
        work()
    if not javascript:
        page.get_by_role("link", name="Look again").click()

    expect(page.get_by_text("4 of 4")).to_be_visible(timeout=PATIENCE)  # by itself, where there is JavaScript
    expect(page.get_by_text("They moved to @hedy@radio.example.")).to_be_visible()
    expect(page.get_by_role("status").last).to_have_text("2 followed 1 asked 1 not followed")
    assert there.follows.followed("ada") == {
        "grace@navy.example": "following",
        "joan@quiet.example": "requested",
        "hedy@radio.example": "following",
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_have_no_barrier_and_fit_a_narrow_screen(
    travel: Callable[..., Page], there: ReadersMastodon, edition: Edition, server: Server, scheme: str
) -> None:
    page = travel(there, color_scheme=scheme, viewport={"width": 320, "height": 700})
    page.get_by_role("link", name="Follow with my account").click()
    choosing = complaints(page)
    page.get_by_role("button", name="Go on to Mastodon").click()
    page.get_by_role("button", name="Authorize").click()
    expect(page.get_by_text("0 of 4")).to_be_visible()
    running = complaints(page)
    with server.lock:
        work()
    page.reload()
    expect(page.get_by_text("4 of 4")).to_be_visible()

    assert (choosing, running, complaints(page)) == ([], [], [])


def complaints(page: Page) -> list[str]:
    """What is wrong with a page."""
    page.evaluate(AXE)
    return [*page.evaluate(RUN_AXE), *page.evaluate(OVERFLOW)]
