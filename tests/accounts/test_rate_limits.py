"""Signing in, in whichever way, is limited: by address and by account; and an address cannot be made up."""

import pytest
from allauth.account import app_settings
from allauth.account.models import EmailAddress
from allauth.core.internal.ratelimit import parse_rates
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from ffapp.proxies import behind_proxies
from tests.accounts.test_user import code_in
from tests.sessions import factor, signed_in

pytestmark = pytest.mark.django_db

CODE, SIGN_UP, LOGIN = "/accounts/login/code/", "/accounts/signup/", "/accounts/login/with/mastodon/"


def ask_for_a_code(address="ada@example.com", **where):
    """In a browser of its own each time, as a script would; the answer is its page."""
    return Client(**where).post(CODE, {"email": address}).content.decode()


@pytest.mark.parametrize("action", ["login", "login_failed", "request_login_code", "signup", "reauthenticate",
                                    "manage_email", "confirm_email", "ask_network"])  # fmt: skip
def test_every_way_in_has_a_limit(action):
    assert parse_rates(app_settings.RATE_LIMITS[action])


def test_codes_for_one_account_are_few(db, mailoutbox):
    pages = [ask_for_a_code() for _ in range(5)]

    assert len(mailoutbox) == 3
    assert ["Too many failed login attempts" in page for page in pages] == [False] * 3 + [True] * 2


def test_codes_asked_for_from_one_address_are_limited_whomever_they_are_for(db, mailoutbox):
    for number in range(25):
        ask_for_a_code(f"somebody{number}@example.com")
    assert len(mailoutbox) == 20

    ask_for_a_code("else@example.com", REMOTE_ADDR="198.51.100.9")

    assert len(mailoutbox) == 21


def test_new_accounts_from_one_address_are_limited_and_who_is_stopped_reads_when_to_come_back(db):
    answers = [Client().post(SIGN_UP, {"email": f"new{number}@example.com"}) for number in range(21)]

    assert [answer.status_code for answer in answers] == [302] * 20 + [429]
    assert answers[-1]["Retry-After"] == "60"
    assert "A little slower, please" in answers[-1].content.decode()


def test_a_code_cannot_be_guessed(client, mailoutbox):
    User.objects.create(username="ada", email="ada@example.com")
    client.post(CODE, {"email": "ada@example.com"})
    tries = [client.post("/accounts/login/code/confirm/", {"code": f"AAAAA{n}"}) for n in range(5)]

    assert [answer.status_code for answer in tries[:4]] == [200] * 4
    assert tries[4].status_code == 302, "after five wrong ones the code is worth nothing"
    assert "_auth_user_id" not in client.session


WRONG = "Incorrect code."
STOPPED = "Too many failed login attempts"


@pytest.mark.parametrize("code", ["123456", "12345678"], ids=["as an app's", "as a recovery code"])
def test_second_factors_cannot_be_guessed_from_however_many_addresses(ada, mailoutbox, code):
    factor(ada)
    EmailAddress.objects.create(user=ada, email="ada@example.com", verified=True, primary=True)
    pages = []

    for number in range(7):
        browser = Client(REMOTE_ADDR=f"198.51.100.{number}")
        if number < 3:
            browser.post(CODE, {"email": "ada@example.com"})
            browser.post("/accounts/login/code/confirm/", {"code": code_in(mailoutbox[-1])})
            half_way = browser
        pages.append(half_way.post("/accounts/2fa/authenticate/", {"code": code}).content.decode())

    assert [WRONG in page for page in pages] == [True] * 5 + [False] * 2
    assert [STOPPED in page for page in pages] == [False] * 5 + [True] * 2


def test_second_factors_cannot_be_guessed_by_who_holds_an_open_session(ada):
    factor(ada)
    browser = signed_in(ada)

    pages = [browser.post("/accounts/2fa/reauthenticate/", {"code": "123456"}).content.decode() for _ in range(7)]

    assert [STOPPED in page for page in pages] == [False] * 5 + [True] * 2


def test_passkeys_cannot_be_tried_without_a_limit(client):
    answers = [client.post("/accounts/2fa/webauthn/login/", {"credential": "{}"}) for _ in range(11)]

    assert [answer.status_code for answer in answers] == [302] * 10 + [429]


def test_being_sent_to_ones_network_is_limited(client):
    answers = [client.post(LOGIN, {"mastodon": "nowhere.invalid"}) for _ in range(2)]
    assert all("often in a short time" not in answer.content.decode() for answer in answers)
    cache.clear()

    for _ in range(20):
        client.post(LOGIN, {"mastodon": "social.example"})
    answer = client.post(LOGIN, {"mastodon": "social.example"})

    assert "That was often in a short time" in answer.content.decode()


def test_an_address_that_a_visitor_makes_up_is_not_believed(db, mailoutbox):
    for number in range(25):
        ask_for_a_code(f"somebody{number}@example.com", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")

    assert len(mailoutbox) == 20


def test_behind_a_trusted_proxy_each_visitor_counts_alone(db, mailoutbox):
    """ffapp.wsgi wraps the application so; what it makes of an environ is what the limits see."""
    seen = []
    application = behind_proxies(
        lambda environ, _start: seen.append(environ["REMOTE_ADDR"]) or [],
        trusted=["10.0.0.1"],
        address_header="ClientAddress",
        scheme_header="ClientScheme",
    )
    arriving = [("10.0.0.1", "203.0.113.7"), ("10.0.0.1", "203.0.113.8"), ("192.0.2.1", "203.0.113.9")]

    for proxy, said in arriving:
        environ = {"REMOTE_ADDR": proxy, "HTTP_CLIENTADDRESS": said, "HTTP_CLIENTSCHEME": "https"}
        application(environ | {"HTTP_X_FORWARDED_FOR": "6.6.6.6"}, None)
    for address in seen:
        for number in range(15):
            ask_for_a_code(f"{number}@{address.replace('.', '-')}.example", REMOTE_ADDR=address)

    assert seen == ["203.0.113.7", "203.0.113.8", "192.0.2.1"]
    assert len(mailoutbox) == 45
