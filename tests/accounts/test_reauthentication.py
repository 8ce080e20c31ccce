"""Whoever holds an open session shows who they are before they change how the account is opened."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, LinkedHandle, User
from recommendations.models import Channel, Community, Notification
from tests.accounts.conftest import Visitor
from tests.accounts.test_user import code_in
from tests.conftest import MONDAY
from tests.fakes.mastodon_oauth import MastodonOAuthServer
from tests.sessions import factor, reauthenticated, signed_in, totp_code

pytestmark = pytest.mark.django_db

ASKS = "/accounts/reauthenticate/"
URI = "https://mastodon.test/users/ada"


@pytest.fixture
def known(ada: User) -> User:
    """Ada, who has proven one address."""
    EmailAddress.objects.create(user=ada, email="ada@example.com", verified=True, primary=True)
    return ada


@pytest.fixture
def everything(known: User, community: Community) -> User:
    """Ada with a second address, a handle that is a way in, and a community."""
    EmailAddress.objects.create(user=known, email="second@example.com", verified=True)
    LinkedHandle.objects.create(
        user=known, network="mastodon", name="ada", host="mastodon.test", uri=URI, proven_at=timezone.now()
    )
    extra = {"handle": "@ada@mastodon.test"}
    SocialAccount.objects.create(user=known, provider="mastodon", uid=f"https://mastodon.test {URI}", extra_data=extra)
    return known


def handle_of(user: User) -> int:
    return LinkedHandle.objects.get(user=user).pk


DEEDS: dict[str, Callable[[User], tuple[str, dict[str, Any]]]] = {
    "add an address": lambda u: ("/accounts/email/", {"email": "mine@evil.example", "action_add": ""}),
    "remove an address": lambda u: ("/accounts/email/", {"email": "second@example.com", "action_remove": ""}),
    "make one primary": lambda u: ("/accounts/email/", {"email": "second@example.com", "action_primary": ""}),
    "make a token": lambda u: ("/me/tokens/", {"name": "script", "scopes": ["read"], "days": "30"}),
    "download everything": lambda u: ("/me/data/download/", {}),
    "be erased": lambda u: ("/me/data/erase/", {"confirmation": u.username}),
    "add a passkey": lambda u: ("/accounts/2fa/webauthn/add/", {"name": "x", "credential": "{}"}),
    "add an app": lambda u: ("/accounts/2fa/totp/activate/", {"code": "123456"}),
    "make recovery codes": lambda u: ("/accounts/2fa/recovery-codes/generate/", {}),
    "let a handle go that is a way in": lambda u: (f"/me/handles/{handle_of(u)}/", {"deed": "remove"}),
    "make a handle a way in": lambda u: (f"/me/handles/{handle_of(u)}/sign-in/", {}),
    "connect on Bluesky": lambda u: (
        "/desk/custserv/channels/", {"network": "bluesky", "handle": "ada.test", "password": "open sesame"}
    ),
    "connect on Mastodon": lambda u: ("/desk/custserv/channels/", {"network": "mastodon", "mastodon": "ada@x.test"}),
    "hand the community over": lambda u: ("/desk/custserv/settings/hand-over/", {"to": "1", "sure": "on"}),
}  # fmt: skip


def state_of_things() -> dict[str, Any]:
    return {
        model._meta.label: list(model.objects.order_by("pk").values())
        for model in (User, EmailAddress, ApiToken, LinkedHandle, SocialAccount, Authenticator, Channel, Notification)
    } | {"roles": list(Community.objects.values_list("memberships__user", "memberships__role"))}


@pytest.mark.parametrize("age", [None, 901], ids=["never asked", "asked sixteen minutes ago"])
@pytest.mark.parametrize("deed", DEEDS)
def test_an_open_session_alone_changes_nothing(everything: User, deed: str, age: float | None) -> None:
    client = signed_in(everything)
    if age is not None:
        reauthenticated(client, everything, ago=age)
    path, form = DEEDS[deed](everything)
    before = state_of_things()

    answer = client.post(path, form)

    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{ASKS}?next=")
    assert client.get(answer["Location"]).status_code == 200
    assert state_of_things() == before


@pytest.mark.parametrize("deed", DEEDS)
def test_who_has_a_second_factor_is_asked_for_that(everything: User, deed: str) -> None:
    """A code to a mailbox would make it worth nothing."""
    factor(everything)
    client = signed_in(everything)
    path, form = DEEDS[deed](everything)
    if "totp/activate" in path:
        path = "/accounts/2fa/totp/deactivate/"
    before = state_of_things()

    asked = client.post(path, form, follow=True)
    client.post(ASKS, {"deed": "send"})

    assert asked.redirect_chain[-1][0].startswith("/accounts/2fa/reauthenticate/?next=")
    assert state_of_things() == before
    assert "reauthentication_code" not in client.session


@pytest.mark.parametrize("path", ["/accounts/2fa/webauthn/add/", "/accounts/2fa/totp/activate/"])
def test_allauths_pages_ask_who_has_nothing_to_be_asked_for(ada: User, path: str) -> None:
    """allauth itself would let them through (`did_recently_reauthenticate`)."""
    client = signed_in(ada)

    answer = client.get(path, follow=True)

    assert answer.redirect_chain[-1][0].startswith(ASKS)
    assert answer.status_code == 403
    assert "Ask the people who run this server" in answer.content.decode()


def test_pages_that_only_show_are_open(everything: User) -> None:
    client = signed_in(everything)

    for path in ("/accounts/email/", "/me/", "/me/data/", "/desk/custserv/channels/", "/accounts/2fa/"):
        assert client.get(path).status_code == 200, path


def test_a_code_to_the_address_that_was_there_lets_what_was_typed_go_on(known: User, mailoutbox: list[Any]) -> None:
    client = signed_in(known)
    asked = client.post("/me/tokens/", {"name": "my script", "scopes": ["read"], "days": "30"})
    client.post(ASKS, {"deed": "send", "next": "/me/tokens/"})
    (mail,) = mailoutbox

    answer = client.post(ASKS, {"deed": "code", "code": code_in(mail), "next": "/me/tokens/"})

    assert mail.to == ["ada@example.com"]
    assert asked["Location"] == f"{ASKS}?next=%2Fme%2Ftokens%2F"
    assert "Your new token" in answer.content.decode()
    assert ApiToken.objects.get().name == "my script"


def test_a_kept_form_is_sealed(known: User) -> None:
    client = signed_in(known)
    client.post("/me/tokens/", {"name": "my secret", "scopes": ["read"], "days": "30"})

    assert "my secret" not in str(dict(client.session.items()))


def test_a_form_that_was_left_does_not_go_on_with_another(known: User, mailoutbox: list[Any]) -> None:
    client = signed_in(known)
    client.post("/me/data/erase/", {"confirmation": "ada"})

    client.post(ASKS, {"deed": "send", "next": "/accounts/2fa/"})
    answer = client.post(ASKS, {"deed": "code", "code": code_in(mailoutbox[-1]), "next": "/accounts/2fa/"})

    assert answer["Location"] == "/accounts/2fa/"
    known.refresh_from_db()
    assert known.is_active


def test_a_form_that_grew_old_does_not_go_on(known: User, mailoutbox: list[Any]) -> None:
    client = signed_in(known)
    with time_machine.travel(MONDAY, tick=False) as clock:
        client = signed_in(known)
        client.post("/me/tokens/", {"name": "my script", "scopes": ["read"], "days": "30"})
        clock.shift(timedelta(minutes=16))
        client.post(ASKS, {"deed": "send", "next": "/me/tokens/"})
        answer = client.post(ASKS, {"deed": "code", "code": code_in(mailoutbox[-1]), "next": "/me/tokens/"})

    assert answer["Location"] == "/me/"
    assert not ApiToken.objects.exists()


def test_a_code_cannot_be_guessed_or_used_late_or_elsewhere(known: User, grace: User, mailoutbox: list[Any]) -> None:
    with time_machine.travel(MONDAY, tick=False) as clock:
        client, other = signed_in(known), signed_in(known)
        client.post(ASKS, {"deed": "send"})
        code = code_in(mailoutbox[-1])

        elsewhere = other.post(ASKS, {"deed": "code", "code": code})
        tries = [client.post(ASKS, {"deed": "code", "code": "AAAA-AAAA"}) for _ in range(5)]
        after = client.post(ASKS, {"deed": "code", "code": code})
        clock.shift(timedelta(minutes=2))
        client.post(ASKS, {"deed": "send"})
        late = code_in(mailoutbox[-1])
        clock.shift(timedelta(minutes=10, seconds=1))
        too_late = client.post(ASKS, {"deed": "code", "code": late})

    assert [each.status_code for each in (elsewhere, *tries, after, too_late)] == [422] * 8
    assert "Too many wrong codes" in tries[-1].content.decode()


def test_tries_and_mails_are_limited(known: User, mailoutbox: list[Any]) -> None:
    client = signed_in(known)

    answers = [client.post(ASKS, {"deed": "send"}).status_code for _ in range(11)]

    assert len(mailoutbox) == 3
    assert answers == [200] * 3 + [422] * 7 + [429]


@time_machine.travel(MONDAY, tick=False)
def test_an_authenticator_app_lets_it_go_on(known: User) -> None:
    factor(known)
    client = signed_in(known)
    asked = client.post("/me/tokens/", {"name": "my script", "scopes": ["read"], "days": "30"}, follow=True)

    form = {"code": totp_code(), "next": "/me/tokens/"}
    answer = client.post(asked.redirect_chain[-1][0].partition("?")[0], form)

    assert "Your new token" in answer.content.decode()


def confirm_at(server: MastodonOAuthServer, visitor: Visitor, name: str, back: str) -> Any:
    """Confirm by the network, where one signs in as `name`."""
    account = SocialAccount.objects.get(user=visitor.who).pk
    begun = visitor.post(ASKS, {"deed": "network", "account": account, "next": back})
    return visitor.get(server.consent(visitor.onward(begun), name), follow=True)


def test_the_network_one_signs_in_by_lets_it_go_on(visitor: Visitor, server: MastodonOAuthServer) -> None:
    visitor.enter(server, "ada")
    visitor.post("/me/tokens/", {"name": "my script", "scopes": ["vote"], "days": "90"})

    answer = confirm_at(server, visitor, "ada", "/me/tokens/")

    assert "Your new token" in answer.content.decode()
    assert {each["as"] for each in server.tokens.values()} <= {""}, "no token of hers is kept"


def test_another_account_on_the_network_does_not(visitor: Visitor, server: MastodonOAuthServer) -> None:
    visitor.enter(server, "ada")
    ada = visitor.who
    visitor.post("/me/tokens/", {"name": "my script", "scopes": ["vote"], "days": "90"})

    answer = confirm_at(server, visitor, "grace", "/me/tokens/")

    assert "Use the account that you sign in here with" in answer.content.decode()
    assert not ApiToken.objects.exists()
    assert visitor.who == ada


def test_signing_in_is_not_being_asked_again(client: Client, known: User, mailoutbox: list[Any]) -> None:
    client.post("/accounts/login/code/", {"email": "ada@example.com"})
    client.post("/accounts/login/code/confirm/", {"code": code_in(mailoutbox[-1])})

    assert client.post("/me/data/download/")["Location"].startswith(ASKS)


def test_the_page_leads_nowhere_else(known: User) -> None:
    page = signed_in(known).get(f"{ASKS}?next=https://evil.test/").content.decode()

    assert re.search(r'name="next" value="/me/"', page)
