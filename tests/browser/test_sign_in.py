"""Signing in with a network as a person sees it: out of our page, to theirs, and back; with and without JavaScript.

Mastodon's page is a fake server's; Bluesky's is the real server's own.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect

from accounts.models import LinkedHandle, User
from tests.browser.conftest import PATIENCE, Watch
from tests.browser.server import Server
from tests.browser.test_member import both
from tests.fakes.internet import Internet
from tests.fakes.internet import Request as Asked
from tests.fakes.mastodon_oauth import MastodonOAuthServer
from tests.pds import Pds

KNOWN = ("http://localhost", "http://127.0.0.1", "https://mastodon.test", "about:")


class Abroad(Watch):
    """As Watch; but pages of other sites may be asked for, as one goes there."""

    def _request(self, request: Request) -> None:
        if not request.frame.url.startswith(KNOWN):
            self.seen.append(f"a page of {request.frame.url} asked for {request.url}")


@pytest.fixture
def mastodon(settings: Any, server: Server) -> Iterator[MastodonOAuthServer]:
    """Ada's server."""
    settings.FF_BASE_URL = server.url
    with Internet() as internet:
        settings.FF_CA_FILE = str(internet.ca_file)
        there = MastodonOAuthServer("mastodon.test")
        there.add_person("ada", display_name="Ada Lovelace")
        internet.serve(there.host, there.respond)
        yield there


@pytest.fixture
def bluesky(settings: Any, server: Server, pds: Pds) -> Pds:
    """A real server."""
    settings.FF_BASE_URL = server.url
    settings.FF_OPEN_HOSTS = list(pds.options.open_hosts)
    settings.FF_PLC_URL, settings.FF_BLUESKY_RESOLVER = pds.plc_url, pds.url
    return pds


@pytest.fixture
def travel(chrome: Browser, server: Server, transactional_db: None) -> Iterator[Any]:
    """A page that may leave our site: travel(javascript=False, mastodon=there)."""
    watched: list[tuple[BrowserContext, Abroad]] = []

    def open_page(*, javascript: bool = True, mastodon: MastodonOAuthServer | None = None) -> Page:
        context = chrome.new_context(base_url=server.url, java_script_enabled=javascript)
        context.set_default_timeout(PATIENCE)
        if mastodon:
            context.route("https://mastodon.test/**", lambda route: answer(route, mastodon))
        watched.append((context, Abroad(context, server.url, "")))
        return context.new_page()

    yield open_page
    for context, _ in watched:
        context.close()
    with server.lock:
        pass
    assert [seen for _, watch in watched for seen in watch.seen] == []


def answer(route: Route, there: MastodonOAuthServer) -> None:
    """The name leads to the fake server, in the browser too."""
    asked = route.request
    path = asked.url.removeprefix(there.issuer)
    reply = there.respond(Asked(asked.method, path, asked.headers, asked.post_data_buffer or b""))
    route.fulfill(status=reply.status, headers=dict(reply.headers), body=reply.body)


def say_yes_on_bluesky(page: Page, password: str) -> None:
    """Sign in on the server's own page, and allow."""
    page.locator("input[type=password]").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Authorize").click()


@both
def test_one_signs_in_with_mastodon_and_comes_back_to_where_one_was(
    travel: Any, mastodon: MastodonOAuthServer, javascript: bool
) -> None:
    page = travel(javascript=javascript, mastodon=mastodon)
    page.goto("/accounts/login/?next=/c/")

    page.get_by_label("Your server, or your whole handle").fill("mastodon.test")
    page.get_by_role("button", name="Sign in with Mastodon").click()
    page.get_by_role("button", name="Authorize").click()

    page.wait_for_url("**/c/")
    expect(page.get_by_role("link", name="Ada Lovelace")).to_be_visible()
    assert str(LinkedHandle.objects.get()) == "@ada@mastodon.test"


@both
def test_who_says_no_is_back_at_the_entrance(travel: Any, mastodon: MastodonOAuthServer, javascript: bool) -> None:
    page = travel(javascript=javascript, mastodon=mastodon)
    page.goto("/accounts/login/")
    page.get_by_label("Your server, or your whole handle").fill("@ada@mastodon.test")
    page.get_by_role("button", name="Sign in with Mastodon").click()

    page.get_by_role("button", name="Deny").click()

    expect(page.get_by_role("status")).to_contain_text("You said no there")
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()


@both
def test_a_server_that_is_none_is_told_beside_what_was_typed(
    travel: Any, mastodon: MastodonOAuthServer, javascript: bool
) -> None:
    page = travel(javascript=javascript)
    page.goto("/accounts/login/")
    field = page.get_by_label("Your server, or your whole handle")
    field.fill("nowhere.test")

    page.get_by_role("button", name="Sign in with Mastodon").click()

    expect(page.get_by_role("alert")).to_contain_text("nowhere.test cannot be reached")
    expect(field).to_have_value("nowhere.test")


@pytest.mark.pds
def test_one_signs_in_with_bluesky_on_its_real_page(travel: Any, bluesky: Pds) -> None:
    ada = bluesky.account("ada")
    page = travel()
    page.goto("/accounts/login/")

    page.get_by_label("Your handle", exact=True).fill(f"@{ada.handle}")
    page.get_by_role("button", name="Sign in with Bluesky").click()
    say_yes_on_bluesky(page, ada.password)

    page.wait_for_url("**/me/")  # by way of 127.0.0.1, where Bluesky sends people
    linked = LinkedHandle.objects.get()
    assert (linked.uri, str(linked)) == (ada.did, f"@{ada.handle}")
    expect(page.get_by_text("You have one way to sign in here.")).to_be_visible()


@pytest.mark.pds
def test_a_handle_on_my_page_is_proven_by_signing_in_there(
    travel: Any, mastodon: MastodonOAuthServer, bluesky: Pds
) -> None:
    ada = bluesky.account("ada")
    page = travel(mastodon=mastodon)
    page.goto("/accounts/login/")
    page.get_by_label("Your server, or your whole handle").fill("mastodon.test")
    page.get_by_role("button", name="Sign in with Mastodon").click()
    page.get_by_role("button", name="Authorize").click()
    page.wait_for_url("**/me/")

    page.get_by_text("Add a handle").click()
    page.get_by_label("Handle", exact=True).fill(ada.handle)
    page.get_by_role("button", name="Add it").click()
    page.get_by_role("button", name="Sign in there").click()
    page.get_by_role("button", name="Confirm as @ada@mastodon.test").click()  # first: is it you?
    page.get_by_role("button", name="Authorize").click()
    say_yes_on_bluesky(page, ada.password)

    expect(page.get_by_role("status").first).to_contain_text(f"@{ada.handle} is yours: proven.")
    expect(page.get_by_text("You have one way to sign in here.")).to_have_count(0)
    assert User.objects.get().linked_handles.filter(proven_at__isnull=False).count() == 2
