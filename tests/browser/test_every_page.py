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
from playwright.sync_api import Browser, Page, Response

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
IN_ARABIC = 70  # addresses at least; what answers to a form alone is looked at in English


@pytest.fixture
def walk(chrome: Browser, server: Server, demo: Community) -> Callable[..., list[str]]:
    """Take the tour, and look at each page; what was found, by page. The visitors are watched on the way.

    `once_more`: afterwards look so at each address they came by, in Arabic.
    """

    def take(look: Look, *, once_more: Look | None = None) -> list[str]:
        found = []
        addresses = {}
        pages = visitors(chrome, server.url)
        watches = {who: Watch(page.context, server.url, NOTHING) for who, page in pages.items()}
        answers = {who: answers_to(page) for who, page in pages.items()}
        for stop in TOUR:
            page = pages[stop.who]
            page.set_default_timeout(PATIENCE)
            answers[stop.who].clear()
            stop.go(page)
            statuses = [answer.status for answer in answers[stop.who]]
            if stop.status not in statuses:
                found.append(f"{stop.name}: answered {statuses}, not {stop.status}")
            found += [f"{stop.name}: {complaint}" for complaint in look(page)]
            found += [f"{stop.name}: {seen}" for seen in watches[stop.who].seen]
            watches[stop.who].seen.clear()
            here = page.url.partition("#")[0]
            if any(answer.url == here and answer.request.method == "GET" for answer in answers[stop.who]):
                addresses[stop.who, here] = stop.name
        if once_more:
            for page in pages.values():
                page.context.add_cookies([{"name": "language", "value": "ar", "url": server.url}])
            for (who, address), name in addresses.items():
                answer = pages[who].goto(address)
                if answer and answer.ok:
                    found += [f"{name}, in Arabic: {complaint}" for complaint in once_more(pages[who])]
        for page in pages.values():
            page.context.close()
        with server.lock:
            return found

    return take


def answers_to(page: Page) -> list[Response]:
    """A list that gains each answer the page gets from now on."""
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    return answers


def barriers(page: Page) -> list[str]:
    page.evaluate(AXE)
    found = []
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}, {page.url}: {violation}" for violation in page.evaluate(RUN_AXE)]
    return found


@pytest.mark.long
def test_no_page_has_a_barrier_in_light_in_dark_or_in_arabic(walk: Callable[..., list[str]]) -> None:
    seen = []

    def in_arabic(page: Page) -> list[str]:
        seen.append(page.evaluate("[document.documentElement.lang, getComputedStyle(document.body).direction].join()"))
        page.set_viewport_size({"width": 320, "height": 800})
        page.evaluate(AXE)
        return [*page.evaluate(RUN_AXE), *page.evaluate(OVERFLOW)]

    assert walk(barriers, once_more=in_arabic) == []
    assert set(seen) == {"ar,rtl"}
    assert len(seen) >= IN_ARABIC


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
