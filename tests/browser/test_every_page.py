"""What must hold on every page of the tour.

No barrier that axe-core knows of, in light and in dark; nothing wider than a narrow screen, in either reading
direction; no message on the console, nothing that the content policy forbids, nothing from elsewhere (the visitors are
watched, see conftest).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from allauth.mfa.models import Authenticator
from django.core.mail import EmailMessage
from playwright.sync_api import Browser, Page

from accounts.models import User
from recommendations.models import Community
from tests.browser.conftest import NOTHING, PATIENCE, Visit, Watch
from tests.browser.server import Server
from tests.browser.test_entrance import account_with_passkey, authenticator
from tests.browser.test_member import the_code
from tests.browser.tour import TOUR, visitors

AXE = (Path(__file__).parents[1] / "vendor" / "axe-4.14.1.min.js").read_text()
RUN_AXE = """async () => {
    const found = await axe.run();
    return found.violations.map(rule =>
        `${rule.id} (${rule.help}): ${rule.nodes.slice(0, 3).map(node => node.html.slice(0, 200)).join("  and  ")}`);
}"""
OVERFLOW = """() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    const wide = one => { const box = one.getBoundingClientRect(); return box.right > room + 1 || box.left < -1; };
    const found = [...document.querySelectorAll("body *")].filter(wide).map(one => one.outerHTML.slice(0, 160));
    return ["wider than the screen", ...found.slice(-3)];
}"""
NARROW = (320, 640)  # 640: a window of 1280 at 200 % zoom
Look = Callable[[Page], list[str]]
MAIN = ("home", "board", "edition", "person", "me", "desk")


@pytest.fixture
def walk(chrome: Browser, server: Server, demo: Community) -> Callable[..., list[str]]:
    """Take the tour, or `only` some stops of it, and look at each page; what was found, by page.

    The visitors are watched on the way. Those of a tour in another language enter in English and then choose theirs.
    """

    def take(look: Look, *, only: tuple[str, ...] = (), language: str = "") -> list[str]:
        found = []
        pages = visitors(chrome, server.url)
        if language:
            for page in pages.values():
                page.context.add_cookies([{"name": "language", "value": language, "url": server.url}])
        watches = {who: Watch(page.context, server.url, NOTHING) for who, page in pages.items()}
        statuses = {who: statuses_of(page) for who, page in pages.items()}
        for stop in TOUR:
            if only and stop.name not in only:
                continue
            page = pages[stop.who]
            page.set_default_timeout(PATIENCE)
            statuses[stop.who].clear()
            stop.go(page)
            if stop.status not in statuses[stop.who]:
                found.append(f"{stop.name}: answered {statuses[stop.who]}, not {stop.status}")
            found += [f"{stop.name}: {complaint}" for complaint in look(page)]
            found += [f"{stop.name}: {seen}" for seen in watches[stop.who].seen]
            watches[stop.who].seen.clear()
        for page in pages.values():
            page.context.close()
        with server.lock:
            return found

    return take


def statuses_of(page: Page) -> list[int]:
    """A list that gains the status of each answer the page gets from now on."""
    statuses: list[int] = []
    page.on("response", lambda answer: statuses.append(answer.status))
    return statuses


def barriers(page: Page) -> list[str]:
    page.evaluate(AXE)
    found = []
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}, {page.url}: {violation}" for violation in page.evaluate(RUN_AXE)]
    return found


@pytest.mark.long
def test_no_page_has_a_barrier_in_light_or_in_dark(walk: Callable[..., list[str]]) -> None:
    assert walk(barriers) == []


def test_no_main_page_has_a_barrier_in_arabic_or_is_wider_than_a_narrow_screen(
    walk: Callable[..., list[str]],
) -> None:
    seen = []

    def look(page: Page) -> list[str]:
        seen.append(page.evaluate("[document.documentElement.lang, getComputedStyle(document.body).direction].join()"))
        page.set_viewport_size({"width": 320, "height": 800})
        page.evaluate(AXE)
        return [*page.evaluate(RUN_AXE), *page.evaluate(OVERFLOW)]

    assert walk(look, only=MAIN, language="ar") == []
    assert seen == ["ar,rtl"] * len(MAIN)


def test_no_page_of_somebody_with_a_passkey_has_a_barrier(visit: Visit, mailoutbox: list[EmailMessage]) -> None:
    page = visit()
    with authenticator(page):
        account_with_passkey(page, mailoutbox)
        found = barriers(page)
        key = f"/accounts/2fa/webauthn/keys/{Authenticator.objects.get(type='webauthn').pk}"
        for address in ("/me/", "/accounts/email/", "/accounts/sessions/", "/accounts/2fa/", "/accounts/2fa/webauthn/",
                        f"{key}/edit/", f"{key}/remove/", "/accounts/2fa/recovery-codes/generate/",
                        "/accounts/2fa/reauthenticate/", "/accounts/2fa/webauthn/reauthenticate/",
                        "/accounts/logout/"):  # fmt: skip
            answer = page.goto(address)
            assert answer is not None
            assert answer.status == 200
            found += barriers(page)
        page.get_by_role("button", name="Sign out").first.click()
        page.goto("/accounts/login/code/")
        page.get_by_label("E-mail address").fill("ada@example.com")
        page.get_by_role("button", name="Send me a code").click()
        page.get_by_label("Code").fill(the_code(mailoutbox[-1]))
        page.get_by_role("button", name="Go on").click()
        page.get_by_role("heading", name="One more step").wait_for()
        found += barriers(page)

    assert found == []


@pytest.mark.long
def test_no_page_is_wider_than_a_narrow_screen_in_either_direction(
    walk: Callable[..., list[str]], demo: Community
) -> None:
    long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
    User.objects.filter(username="demo-ada").update(display_name=long[:60])
    Community.objects.filter(pk=demo.pk).update(name=long, description=f"{long} https://example.org/{long * 4}")
    demo.editions.filter(number=3).update(title=f"{long} {long}"[:120], essay=f"`{long * 3}`\n\n    {long * 3}")

    def look(page: Page) -> list[str]:
        found = []
        for width in NARROW:
            page.set_viewport_size({"width": width, "height": 800})
            for direction in ("ltr", "rtl"):
                page.evaluate("direction => { document.documentElement.dir = direction }", direction)
                found += [f"at {width} px, {direction}: {html}" for html in page.evaluate(OVERFLOW)]
        page.evaluate("document.documentElement.dir = 'ltr'")
        return found

    assert walk(look) == []
