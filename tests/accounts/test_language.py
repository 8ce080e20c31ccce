"""Which language somebody reads: as they chose, else as their browser says; and nobody is led elsewhere by choosing."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.language import nearest
from accounts.models import User

CHOOSE = "/language/"
HOSTILE = [
    "", "xx", "de\x00", "DE", " de", "de-AT", "../de", "zh-Hant", "<script>", "x" * 1_000_000, "de\r\nX: y",
]  # fmt: skip


def language(client: Client, path: str = "/accounts/login/", **headers: str) -> str:
    """Of the page that is answered."""
    page = client.get(path, headers=headers or None)
    assert page.status_code == 200
    said = page["Content-Language"]
    assert f'<html lang="{said}" dir="{"rtl" if said == "ar" else "ltr"}">' in page.content.decode()
    return said


def choose(client: Client, code: str, back: str = "/c/") -> Any:
    return client.post(CHOOSE, {"language": code, "next": back})


def leave(client: Client) -> None:
    """Signed out, in the same browser (the test client's own way would forget all cookies)."""
    del client.cookies[settings.SESSION_COOKIE_NAME]


# How it is found out


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-CH, en;q=0.7", "de"),
        ("ar-EG", "ar"),
        ("fr", "en"),
        ("fr, ar;q=0.4", "ar"),
        ("*", "en"),
    ],
)
def test_the_browser_says_which(client: Client, db: None, header: str, expected: str) -> None:
    assert language(client, **{"accept-language": header}) == expected


def test_the_cookie_is_stronger_than_the_browser(client: Client, db: None) -> None:
    choose(client, "ar")

    assert language(client, **{"accept-language": "de"}) == "ar"


def test_the_profile_is_stronger_than_the_cookie(client: Client, ada: User) -> None:
    choose(client, "ar")
    User.objects.filter(pk=ada.pk).update(language="de")
    client.force_login(ada)

    assert language(client, "/me/") == "de"
    leave(client)
    assert language(client) == "ar"


@pytest.mark.parametrize("kept", ["xx", "", "de\x07"])
def test_a_language_we_do_not_speak_any_more_is_as_the_browser_says(client: Client, ada: User, kept: str) -> None:
    User.objects.filter(pk=ada.pk).update(language=kept)
    client.force_login(ada)

    assert language(client, "/me/", **{"accept-language": "ar"}) == "ar"


@pytest.mark.parametrize("cookie", ["xx", "de%00", "../../de", "x" * 3000, "ar-EG"])
def test_a_cookie_of_somebody_elses_making_does_no_harm(client: Client, db: None, cookie: str) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = cookie

    assert language(client) in ("en", "ar")


def test_one_persons_language_is_not_the_next_ones(ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(language="ar")
    hers, anybodys = Client(), Client()
    hers.force_login(ada)

    assert [language(hers, "/me/"), language(anybodys), language(hers, "/me/")] == ["ar", "en", "ar"]


def test_a_language_does_not_outlive_its_request(client: Client, db: None) -> None:
    before = translation.get_language()

    language(client, **{"accept-language": "ar"})

    assert translation.get_language() == before


# Choosing


@pytest.mark.parametrize("code", ["en", "de", "ar"])
def test_who_chooses_reads_on_where_they_were(client: Client, db: None, code: str) -> None:
    answer = choose(client, code, "/c/?page=2")

    assert (answer.status_code, answer["Location"]) == (302, "/c/?page=2")
    cookie = answer.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert (cookie.value, cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (code, True, "Lax", 31536000)
    assert language(client) == code


def test_a_member_keeps_the_choice_wherever_they_sign_in(client: Client, ada: User) -> None:
    client.force_login(ada)

    choose(client, "de")

    ada.refresh_from_db()
    assert ada.language == "de"
    elsewhere = Client()
    elsewhere.force_login(ada)
    assert language(elsewhere, "/me/") == "de"


def test_it_works_without_a_token_so_that_pages_can_be_kept(db: None) -> None:
    strict = Client(enforce_csrf_checks=True)

    assert choose(strict, "de").status_code == 302
    assert 'name="csrfmiddlewaretoken"' not in strict.get("/").content.decode()


@pytest.mark.parametrize("code", HOSTILE)
def test_a_hostile_language_changes_nothing(client: Client, ada: User, code: str) -> None:
    client.force_login(ada)

    answer = choose(client, code)

    assert answer.status_code == 400
    assert settings.LANGUAGE_COOKIE_NAME not in answer.cookies
    ada.refresh_from_db()
    assert ada.language == ""


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "http:///evil.example", "",
        "\x00/c/", "/" + "x" * 1_000_000, "https://evil.example@localhost/", "///evil.example",
    ],
)  # fmt: skip
def test_nobody_is_led_elsewhere(client: Client, db: None, back: str) -> None:
    assert choose(client, "de", back)["Location"] == "/"


@pytest.mark.parametrize("back", ["/c/\r\nX-Evil: 1", "/c/\u202ex/", "/c/%0d%0aX: y", "/c/ü/"])
def test_a_strange_address_of_ours_stays_ours(client: Client, db: None, back: str) -> None:
    answer = choose(client, "de", back)

    assert answer["Location"].startswith("/")
    assert answer["Location"].isascii()
    assert "X-Evil" not in answer.headers


def test_reading_the_address_chooses_nothing(client: Client, db: None) -> None:
    assert client.get(CHOOSE, {"language": "de"}).status_code == 405


def test_a_page_that_answers_a_form_offers_no_choice_that_would_lose_what_was_typed(client: Client, ada: User) -> None:
    client.force_login(ada)

    assert f'action="{CHOOSE}"' in client.get("/c/new/").content.decode()
    refused = client.post("/c/new/", {"name": ""})

    assert refused.status_code == 422
    assert f'action="{CHOOSE}"' not in refused.content.decode()


# On one's own page


def profile(user: User, code: str) -> dict[str, str]:
    return {"display_name": user.display_name, "time_zone": "UTC", "language": code}


def test_it_is_chosen_on_ones_page_too(client: Client, ada: User) -> None:
    client.force_login(ada)

    client.post(reverse("me"), profile(ada, "ar"))

    assert language(client, "/me/") == "ar"
    leave(client)
    assert language(client) == "ar"  # this browser remembers


def test_leaving_it_to_the_browser_forgets_the_cookie(client: Client, ada: User) -> None:
    client.force_login(ada)
    choose(client, "ar")

    client.post(reverse("me"), profile(ada, ""))

    assert language(client, "/me/", **{"accept-language": "de"}) == "de"
    leave(client)
    assert language(client, **{"accept-language": "de"}) == "de"


@pytest.mark.parametrize("code", ["xx", "de\x00", "x" * 100_000])
def test_a_hostile_language_is_refused_in_the_form(client: Client, ada: User, code: str) -> None:
    client.force_login(ada)

    page = client.post(reverse("me"), profile(ada, code))

    assert page.status_code == 422
    ada.refresh_from_db()
    assert ada.language == ""


def test_every_language_is_offered_by_its_own_name(client: Client, ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(language="de")
    client.force_login(ada)

    page = client.get("/me/").content.decode()

    for name in ("English", "Deutsch", "العربية"):
        assert f">{name}</option>" in page


# A community's language


@pytest.mark.parametrize(
    ("code", "expected"),
    [("en", "en"), ("de", "de"), ("de-AT", "de"), ("AR", "ar"), ("pt-BR", "en"), ("", "en"), ("x\x00", "en")],
)
def test_the_nearest_of_our_languages_is_found_for_any(code: str, expected: str) -> None:
    assert nearest(code) == expected
