"""A real Chromium, a server for it, and visitors whose every console message and request is watched."""

import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, expect
from pytest_django import DjangoDbBlocker

from accounts.models import User
from recommendations.management.commands.seed_demo import live
from recommendations.models import Community
from tests.browser.chromium import chromium
from tests.browser.server import Server
from tests.sessions import reauthenticated, with_second_factor

# Playwright's sync API runs a loop in this thread, which Django takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

NOTHING = "(?!)"  # matches no text
PATIENCE = 120_000  # milliseconds until something expected is missing
expect.set_options(timeout=PATIENCE)
_A_REFUSAL = re.compile(r"the server responded with a status of 4\d\d")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser and a real server."""
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    """A running Chromium."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def server(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Server]:
    """Our pages, served."""
    with django_db_blocker.unblock(), Server().running() as running:
        yield running


@pytest.fixture
def demo(transactional_db: None, settings: Any) -> Community:
    """The demo's community as it stands today: three editions, and an open board."""
    settings.FF_DEMO = True
    community = live(timezone.now())
    for user in User.objects.filter(password=""):  # nobody signs in with a password
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return community


class Watch:
    """What must not happen on any page: `seen` stays empty, but for console messages that a test expects."""

    def __init__(self, context: BrowserContext, url: str, expected: str) -> None:
        self.seen: list[str] = []
        self._url = url
        self._expected = re.compile(expected)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.seen.append(f"error: {error.error}"))
        context.on("request", self._request)
        context.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        fine = _A_REFUSAL.search(message.text) or self._expected.search(message.text)
        if message.type in ("error", "warning") and not fine:
            self.seen.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self._url, "data:")):
            self.seen.append(f"asked elsewhere: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type not in ("document", "fetch"):
            self.seen.append(f"{response.status}: {response.url}")


Visit = Callable[..., Page]


@pytest.fixture
def visit(chrome: Browser, server: Server, transactional_db: None) -> Iterator[Visit]:
    """Open a page for somebody: visit(), visit(javascript=False), visit(viewport=...). Nothing bad may be seen."""
    watched: list[tuple[BrowserContext, Watch]] = []

    def open_page(*, javascript: bool = True, expected: str = NOTHING, **options: Any) -> Page:
        context = chrome.new_context(base_url=server.url, java_script_enabled=javascript, **options)
        context.set_default_timeout(PATIENCE)
        watched.append((context, Watch(context, server.url, expected)))
        return context.new_page()

    yield open_page
    for context, _ in watched:
        context.close()
    with server.lock:  # nothing may still be on its way when the tables are emptied
        pass
    assert [seen for _, watch in watched for seen in watch.seen] == []


@pytest.fixture
def enter(visit: Visit) -> Visit:
    """A page of somebody who has entered the demo: enter("member"), enter("curator", javascript=False)."""

    def as_somebody(who: str, **options: Any) -> Page:
        page = visit(**options)
        page.goto("/accounts/login/")
        page.get_by_role("button", name=f"Enter as {'a' if who == 'member' else 'the'} {who}").click()
        page.get_by_role("button", name="Sign out").wait_for()
        page.wait_for_load_state()  # its scripts have run, so that keys and clicks find them
        return page

    return as_somebody


@pytest.fixture
def enter_as(visit: Visit, server: Server) -> Visit:
    """A page of someone who signed in and was asked again a moment ago: enter_as("demo-ada", javascript=False)."""

    def make(username: str, **options: Any) -> Page:
        client = Client()
        with server.lock:
            user = User.objects.get(username=username)
            client.force_login(user)
            reauthenticated(client, user)
            if user.is_staff:
                with_second_factor(client, user)
        page = visit(**options)
        page.context.add_cookies([{"name": "session", "value": client.session.session_key, "url": server.url}])
        return page

    return make
