"""The staff's door: the admin and the moderation pages open for staff with a second factor, used in this session."""

from collections.abc import Iterator
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import User
from tests.accounts.test_user import code_in
from tests.conftest import MONDAY
from tests.sessions import factor, prove, reauthenticated, signed_in, totp_code, with_second_factor

pytestmark = pytest.mark.django_db

PAGES = ["/admin/", "/admin/accounts/user/", "/moderation/", "/moderation/domains/"]
NEEDED = "Second factor needed"


@pytest.fixture
def barbara(person: Any) -> User:
    return person("Barbara", is_staff=True, is_superuser=True)


def text(response: Any) -> str:
    return response.content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_staff_without_a_second_factor_read_how_to_get_one(barbara: User, path: str) -> None:
    answer = signed_in(barbara).get(path, follow=True)

    assert answer.status_code == 403
    assert NEEDED in text(answer)
    assert 'href="/accounts/2fa/webauthn/add/"' in text(answer)
    assert 'href="/accounts/2fa/totp/activate/"' in text(answer)


@pytest.mark.parametrize("path", PAGES)
def test_a_factor_that_this_session_has_not_used_opens_nothing(barbara: User, path: str) -> None:
    """It was begun before the factor was added, or by a way that skipped it."""
    client = prove(signed_in(barbara), barbara, method="login_by_code")
    factor(barbara)

    answer = client.get(path, follow=True)

    assert answer.status_code == 403
    assert "Confirm with your second factor" in text(answer)


@pytest.mark.parametrize("path", PAGES)
def test_staff_who_used_their_factor_get_in(barbara: User, path: str) -> None:
    assert with_second_factor(signed_in(barbara), barbara).get(path).status_code == 200


def test_being_asked_again_without_a_factor_is_no_second_factor(barbara: User) -> None:
    client = reauthenticated(signed_in(barbara), barbara)
    factor(barbara)

    assert client.get("/moderation/").status_code == 403


def test_a_factor_that_was_removed_since_opens_nothing(barbara: User) -> None:
    client = with_second_factor(signed_in(barbara), barbara)
    Authenticator.objects.filter(user=barbara, type=Authenticator.Type.TOTP).delete()

    assert client.get("/moderation/").status_code == 403
    assert client.get("/admin/", follow=True).status_code == 403


def test_recovery_codes_alone_are_no_second_factor(barbara: User) -> None:
    factor(barbara)
    codes = Authenticator.objects.get(user=barbara, type=Authenticator.Type.RECOVERY_CODES)
    Authenticator.objects.filter(user=barbara, type=Authenticator.Type.TOTP).delete()
    client = prove(signed_in(barbara), barbara, method="mfa", type="recovery_codes", id=codes.pk)

    assert client.get("/moderation/").status_code == 403


def test_another_persons_factor_in_the_session_opens_nothing(barbara: User, ada: User) -> None:
    factor(barbara)
    client = prove(signed_in(barbara), barbara, method="mfa", type="totp", id=factor(ada).pk)

    assert client.get("/moderation/").status_code == 403


@time_machine.travel(MONDAY, tick=False)
@pytest.mark.parametrize("code", ["totp", "recovery"])
def test_who_signs_in_by_e_mail_and_then_a_factor_gets_in(
    client: Client, barbara: User, mailoutbox: list[Any], code: str
) -> None:
    EmailAddress.objects.create(user=barbara, email="barbara@example.com", verified=True, primary=True)
    factor(barbara)
    codes = Authenticator.objects.get(user=barbara, type=Authenticator.Type.RECOVERY_CODES)
    typed = totp_code() if code == "totp" else codes.wrap().generate_codes()[0]

    client.post("/accounts/login/code/", {"email": "barbara@example.com"})
    client.post("/accounts/login/code/confirm/", {"code": code_in(mailoutbox[-1])})
    half_way = client.get("/moderation/")
    client.post("/accounts/2fa/authenticate/", {"code": typed})

    assert half_way.status_code == 302
    assert client.get("/moderation/").status_code == 200
    assert client.get("/admin/").status_code == 200


@time_machine.travel(MONDAY, tick=False)
def test_a_session_begun_before_the_factor_opens_once_it_is_confirmed(barbara: User) -> None:
    client = prove(signed_in(barbara), barbara, method="login_by_code")
    factor(barbara)

    asked = client.get("/accounts/reauthenticate/?next=/moderation/", follow=True)
    answer = client.post("/accounts/2fa/reauthenticate/", {"code": totp_code(), "next": "/moderation/"}, follow=True)

    assert asked.status_code == 200
    assert answer.redirect_chain[-1][0] == "/moderation/"
    assert answer.status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_people_who_are_not_staff_are_refused_with_a_factor_or_without(ada: User, path: str) -> None:
    assert signed_in(ada).get(path, follow=True).status_code == 403
    assert with_second_factor(signed_in(ada), ada).get(path, follow=True).status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_visitors_are_led_to_the_sites_own_sign_in(client: Client, path: str) -> None:
    answer = client.get(path, follow=True)

    assert answer.redirect_chain[-1][0].startswith("/accounts/login/?next=")


def test_a_staff_page_refuses_what_is_sent_to_it_too(barbara: User) -> None:
    answer = signed_in(barbara).post("/moderation/domains/", {"domain": "evil.example", "reason": "so"})

    assert answer.status_code == 403
    assert NEEDED in text(answer)


def test_the_admins_own_sign_in_takes_no_password(client: Client) -> None:
    User.objects.create_superuser("root1", "root@example.com", "correct horse")

    answers = [client.post("/admin/login/", {"username": "root1", "password": "correct horse"}) for _ in range(3)]

    assert {(each.status_code, each["Location"][:16]) for each in answers} == {(302, "/accounts/login/")}
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("next", ["https://evil.test/", "//evil.test/", "javascript:alert(1)"])
def test_the_admins_door_leads_to_no_other_site(barbara: User, next: str) -> None:
    client = with_second_factor(signed_in(barbara), barbara)

    assert client.get("/admin/login/", {"next": next})["Location"] == "/admin/"


def routes(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    """Every address of the site, as its patterns say it."""
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, before + str(each.pattern))
        else:
            yield before + str(each.pattern)


def test_no_address_of_the_site_is_about_passwords() -> None:
    assert [route for route in routes(get_resolver().url_patterns) if "password" in route] == []


@pytest.mark.parametrize("path", ["reset/", "change/", "set/", "reset/done/", "reset/key/1-set-password/"])
def test_the_addresses_of_passwords_are_gone(client: Client, ada: User, path: str) -> None:
    assert client.get(f"/accounts/password/{path}").status_code == 404
    assert signed_in(ada).post(f"/accounts/password/{path}", {"email": "a@example.com"}).status_code == 404


def test_a_hash_that_is_kept_opens_nothing(client: Client) -> None:
    user = User.objects.create_superuser("root1", "root@example.com", "correct horse")
    assert user.password.startswith("pbkdf2"), "as an earlier release, or createsuperuser, left it"

    client.post("/accounts/login/", {"login": "root@example.com", "password": "correct horse"})

    assert not client.login(username="root1", password="correct horse")
    assert not client.login(email="root@example.com", password="correct horse")
    assert not user.has_usable_password()
    assert "_auth_user_id" not in client.session


def test_hashes_of_earlier_releases_are_made_unusable_and_nothing_else_is_touched(ada: User, grace: User) -> None:
    User.objects.create_superuser("root1", "root@example.com", "correct horse")
    User.objects.filter(pk=ada.pk).update(password="!as it was")
    migration = import_module("accounts.migrations.0005_passwords_that_open_nothing")

    migration.forget_passwords(apps, SimpleNamespace(connection=connection))

    kept = dict(User.objects.values_list("username", "password"))
    assert kept.pop("root1").startswith("!")
    assert kept == {"ada": "!as it was", "grace": ""}


def test_no_password_can_be_set(ada: User) -> None:
    ada.set_password("correct horse")
    ada.save()

    assert ada.password.startswith("!")
    assert not ada.check_password("correct horse")


def test_an_address_that_is_taken_is_told_without_a_word_of_passwords(
    client: Client, ada: User, mailoutbox: list[Any]
) -> None:
    EmailAddress.objects.create(user=ada, email="ada@example.com", verified=True, primary=True)

    client.post("/accounts/signup/", {"email": "ada@example.com"})

    (mail,) = mailoutbox
    assert "password" not in mail.body
    assert "/accounts/login/" in mail.body


def test_no_form_or_list_of_the_admin_shows_a_secret(rf: Any, barbara: User) -> None:
    secrets = {"password", "digest", "data", "token", "token_secret", "secret", "key", "session_key", "code"}
    request = rf.get("/admin/")
    request.user = barbara
    shown = {
        f"{model._meta.label}.{name}"
        for model, of in admin.site._registry.items()
        for name in [
            *(each for _, options in of.get_fieldsets(request) for each in options["fields"]),
            *of.get_list_display(request),
        ]
        if isinstance(name, str) and (name in secrets or name.startswith("sealed"))
    }

    by_name_alone = {"recommendations.Letter.key", "recommendations.Post.key"}  # they find a row again, no more
    assert shown - by_name_alone == set()


@pytest.mark.parametrize("model", [Authenticator, UserSession])
def test_factors_and_sessions_are_not_in_the_admin(model: Any) -> None:
    assert not admin.site.is_registered(model)


def test_ways_in_are_not_changed_in_the_admin(barbara: User, ada: User) -> None:
    client = with_second_factor(signed_in(barbara), barbara)
    form = {"user": ada.pk, "email": "barbara@example.com", "verified": "on", "primary": "on"}

    assert client.post("/admin/account/emailaddress/add/", form).status_code == 403
    client.post(f"/admin/accounts/user/{ada.pk}/change/", {"username": "ada", "email": "barbara@example.com"})

    ada.refresh_from_db()
    assert ada.email == ""
    assert not EmailAddress.objects.exists()
