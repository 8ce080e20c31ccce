"""Ways in beside the code by e-mail: the demo's two buttons, and passkeys."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.mail import EmailMessage
from playwright.sync_api import Page, expect

from accounts.models import User
from recommendations.models import Community
from tests.browser.conftest import Visit
from tests.browser.test_member import both, make_account, the_code

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@contextmanager
def authenticator(page: Page) -> Iterator[Callable[[bool], None]]:
    """A passkey device in this page's browser; call it with False, and its owner is not recognised any more."""
    protocol = page.context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    made = protocol.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})

    def recognises(verified: bool) -> None:
        device = {"authenticatorId": made["authenticatorId"], "isUserVerified": verified}
        protocol.send("WebAuthn.setUserVerified", device)

    yield recognises
    protocol.send("WebAuthn.disable")


def confirm_by_mail(page: Page, outbox: list[EmailMessage]) -> None:
    """Show once more that it is you: by a code to the address that you have."""
    page.get_by_role("button", name="Send the code").click()
    page.get_by_label("Code").fill(the_code(outbox[-1]))
    page.get_by_role("button", name="Confirm", exact=True).click()


def account_with_passkey(page: Page, outbox: list[EmailMessage]) -> None:
    page.goto("/accounts/login/")
    make_account(page, "ada@example.com", outbox)
    page.wait_for_url("**/me/")
    page.get_by_role("link", name="Passkeys and codes").click()
    page.get_by_role("link", name="Add a passkey").click()
    confirm_by_mail(page, outbox)
    page.get_by_label("What do you call it?").fill("Ada's phone")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()


def test_a_passkey_is_added_and_signs_in_by_itself(visit: Visit, mailoutbox: list[EmailMessage]) -> None:
    page = visit()
    with authenticator(page):
        account_with_passkey(page, mailoutbox)
        assert page.locator(".codes code").count() == 10
        page.goto("/accounts/2fa/webauthn/")
        expect(page.locator("li b")).to_have_text("Ada's phone")
        page.get_by_role("button", name="Sign out").click()
        sent = len(mailoutbox)

        page.goto("/accounts/login/?next=/c/")
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()

    assert page.url.endswith("/c/")
    assert len(mailoutbox) == sent


def test_a_passkey_is_asked_for_after_the_code_and_a_recovery_code_does_instead(
    visit: Visit, mailoutbox: list[EmailMessage]
) -> None:
    page = visit()
    with authenticator(page):
        account_with_passkey(page, mailoutbox)
        recovery = page.locator(".codes code").first.inner_text()
        for proof in ("passkey", "code"):
            page.get_by_role("button", name="Sign out").click()
            page.goto("/accounts/login/")
            page.get_by_label("E-mail address").fill("ada@example.com")
            page.get_by_role("button", name="Send me a code").click()
            page.get_by_label("Code").fill(the_code(mailoutbox[-1]))
            page.get_by_role("button", name="Go on").click()
            expect(page.get_by_role("heading", name="One more step")).to_be_visible()
            if proof == "passkey":
                page.get_by_role("button", name="Use a passkey").click()
            else:
                page.locator("input[name=code]").fill(recovery)
                page.get_by_role("button", name="Sign in", exact=True).click()
            page.wait_for_url("**/me/")


def test_a_passkey_whose_owner_is_not_recognised_is_told_and_lets_nobody_in(
    visit: Visit, mailoutbox: list[EmailMessage]
) -> None:
    page = visit()
    with authenticator(page) as recognises:
        account_with_passkey(page, mailoutbox)
        page.get_by_role("button", name="Sign out").click()
        recognises(False)

        page.goto("/accounts/login/")
        page.get_by_role("button", name="Sign in with a passkey").click()

        expect(page.get_by_role("alert")).to_contain_text("The passkey was not used")
    expect(page.get_by_role("button", name="Sign out")).to_have_count(0)


def test_without_javascript_a_passkey_is_not_promised(visit: Visit) -> None:
    page = visit(javascript=False)

    page.goto("/accounts/login/")

    expect(page.locator("noscript p")).to_have_text(
        "Passkeys need JavaScript in your browser. A code by e-mail does not."
    )
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()


def test_newcomers_have_different_names_that_give_nothing_away_until_they_choose_one(
    visit: Visit, mailoutbox: list[EmailMessage]
) -> None:
    names = []
    for address in ("ada@example.com", "grace@example.com"):
        page = visit()
        page.goto("/accounts/login/")
        make_account(page, address, mailoutbox)
        names.append(page.get_by_role("heading", level=1).inner_text())
        expect(page.get_by_text(f"so far they see {names[-1]}.")).to_be_visible()

    page.get_by_label("Display name").fill("Grace")
    page.get_by_role("button", name="Keep").click()

    assert names[0] != names[1]
    assert all(name.startswith("m-") for name in names)
    expect(page.get_by_role("heading", level=1)).to_have_text("Grace")
    expect(page.get_by_text("so far they see")).to_have_count(0)


@both
def test_one_sees_where_one_is_signed_in_and_ends_it_there(
    visit: Visit, mailoutbox: list[EmailMessage], javascript: bool
) -> None:
    here, there = visit(javascript=javascript), visit(javascript=javascript)
    here.goto("/accounts/login/")
    make_account(here, "ada@example.com", mailoutbox)
    there.goto("/accounts/login/code/")
    there.get_by_label("E-mail address").fill("ada@example.com")
    there.get_by_role("button", name="Send me a code").click()
    there.get_by_label("Code").fill(the_code(mailoutbox[-1]))
    there.get_by_role("button", name="Go on").click()
    there.wait_for_url("**/me/")

    here.get_by_role("link", name="Where I am signed in").click()
    expect(here.locator("main li", has_text="127.0.0.1")).to_have_count(2)
    here.get_by_role("button", name="Sign out everywhere else").click()

    expect(here.locator("main li", has_text="127.0.0.1")).to_have_count(1)
    there.goto("/me/")
    expect(there.get_by_role("heading", name="Sign in")).to_be_visible()


@both
def test_another_e_mail_address_is_added_and_confirmed(
    visit: Visit, mailoutbox: list[EmailMessage], javascript: bool
) -> None:
    page = visit(javascript=javascript)
    page.goto("/accounts/login/")
    make_account(page, "ada@example.com", mailoutbox)

    page.get_by_role("link", name="E-mail", exact=True).click()
    page.get_by_label("E-mail address").fill("ada@work.example")
    page.get_by_role("button", name="Add it").click()
    confirm_by_mail(page, mailoutbox)
    page.get_by_role("button", name="Go on").wait_for()
    page.get_by_label("Code").fill(the_code(mailoutbox[-1]))
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("ada@work.example").check()
    page.get_by_role("button", name="Write to this one").click()

    expect(page.locator(".field", has_text="ada@work.example")).to_contain_text("we write to this one")


@both
@pytest.mark.parametrize(("button", "lands"), [("a member", "/c/custserv/"), ("the curator", "/desk/custserv/")])
def test_one_click_enters_the_demo(demo: Community, visit: Visit, javascript: bool, button: str, lands: str) -> None:
    page = visit(javascript=javascript)

    page.goto("/")
    page.get_by_role("link", name="Try it: enter the demo").click()
    page.get_by_role("button", name=f"Enter as {button}").click()

    page.wait_for_url(f"**{lands}")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


@pytest.mark.parametrize(("is_demo", "loopback"), [(False, True), (True, False)])
def test_the_demo_is_entered_nowhere_but_in_the_demo_on_this_machine(
    visit: Visit, settings: Any, is_demo: bool, loopback: bool
) -> None:
    settings.FF_DEMO, settings.FF_LOOPBACK = is_demo, loopback
    User.objects.create(username="demo-member")
    page = visit()

    page.goto("/accounts/login/")
    token = page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    answer = page.request.post("/demo/enter/", form={"as": "member", "csrfmiddlewaretoken": token})

    expect(page.get_by_role("button", name="Enter as")).to_have_count(0)
    assert answer.status == 404
    page.goto("/")
    expect(page.get_by_role("link", name="Try it")).to_have_count(0)
