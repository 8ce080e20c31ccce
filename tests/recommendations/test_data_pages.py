"""My data: an archive to take along, and being erased, after showing who one is and typing one's name."""

import io
import zipfile
from urllib.parse import quote

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client

from accounts.models import LinkedHandle, User
from recommendations.models import DoNotList, Erasure, Profile
from tests.conftest import MONDAY
from tests.recommendations.actions.conftest import nominated, on_mastodon
from tests.sessions import reauthenticated, signed_in

__all__ = ["nominated", "on_mastodon"]
pytestmark = pytest.mark.django_db

SECRET = "JBSWY3DPEHPK3PXP"
PAGE, ERASE, DOWNLOAD = "/me/data/", "/me/data/erase/", "/me/data/download/"


@pytest.fixture(autouse=True)
def _nobody_has_a_password(grace, ada, community):
    for user in (grace, ada):
        user.set_unusable_password()
        user.save()


@pytest.fixture
def as_grace(grace):
    client = Client()
    client.force_login(grace)
    reauthenticated(client, grace)
    return client


def text(response):
    return response.content.decode()


@pytest.mark.parametrize(("address", "method"), [(PAGE, "get"), (DOWNLOAD, "post"), (ERASE, "post"), (ERASE, "get")])
def test_a_stranger_is_led_to_sign_in(client, address, method):
    answer = getattr(client, method)(address)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")


def test_nothing_happens_by_looking(as_grace):
    assert as_grace.get(DOWNLOAD).status_code == 405
    assert as_grace.get(ERASE).headers["Location"] == PAGE
    assert User.objects.filter(username="grace").exists()


def test_the_archive_is_downloaded(as_grace):
    answer = as_grace.post(DOWNLOAD)

    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"].startswith('attachment; filename="follow-friday-')
    assert "no-store" in answer["Cache-Control"]
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert "README.txt" in archive.namelist()
        assert b"custserv" not in archive.read("memberships.json")
        assert b"Customer Service" in archive.read("memberships.json")


@pytest.mark.parametrize("typed", ["", "Grace!", "ada", "grace\n\u202e", "x" * 2000])
def test_another_name_erases_nobody(as_grace, typed):
    answer = as_grace.post(ERASE, {"confirmation": typed})

    assert answer.status_code == 422
    assert "Nothing was erased" in text(answer)
    assert User.objects.filter(username="grace", is_active=True).exists()


def test_who_types_their_name_is_erased_and_signed_out(as_grace):
    answer = as_grace.post(ERASE, {"confirmation": " Grace "}, follow=True)

    assert answer.redirect_chain == [("/", 302)]
    assert "You are erased here" in text(answer)
    assert not User.objects.filter(username="grace").exists()
    assert as_grace.get("/me/").status_code == 302


def test_who_wishes_is_forgotten_with_their_profiles(as_grace, grace, ada, nominated):
    nominated("hopper", by=ada)
    uri = "https://social.example/users/hopper"
    LinkedHandle.objects.create(
        user=grace, network="mastodon", name="hopper", host="social.example", uri=uri, proven_at=MONDAY
    )
    assert "fingerprint" in text(as_grace.get(PAGE))

    as_grace.post(ERASE, {"confirmation": "grace", "forget_profiles": "on"})

    assert Profile.objects.get().uri is None
    assert DoNotList.objects.count() == 2


def test_who_has_a_second_factor_shows_it_first(grace):
    as_grace = signed_in(grace)
    TOTP.activate(grace, SECRET)

    answer = as_grace.post(ERASE, {"confirmation": "grace"})

    assert answer.headers["Location"] == f"/accounts/2fa/reauthenticate/?next={quote(ERASE, safe='')}"
    assert User.objects.filter(username="grace").exists()
    code = format_hotp_value(hotp_value(SECRET, next(yield_hotp_counters_from_time())))
    answer = as_grace.post(f"/accounts/2fa/reauthenticate/?next={ERASE}", {"code": code})
    assert answer.headers["Location"] == "/"
    assert not User.objects.filter(username="grace").exists()


def test_an_owner_learns_what_to_do_first_and_can_end_what_is_theirs_alone(ada, community, edition):
    client = Client()
    client.force_login(ada)
    reauthenticated(client, ada)
    assert "First somebody else must own these communities" in text(client.get(PAGE))

    answer = client.post(ERASE, {"confirmation": "ada"})
    assert answer.status_code == 422
    assert "You own Customer Service" in text(answer)
    assert "not alone in it" in text(client.post("/me/data/end/custserv/", follow=True))
    community.memberships.exclude(user=ada).update(state="left")
    assert "has ended" in text(client.post("/me/data/end/custserv/", follow=True))

    client.post(ERASE, {"confirmation": "ada"})
    assert not User.objects.filter(username="ada").exists()
    assert not Erasure.objects.exists()


def test_nobody_ends_what_they_do_not_own(as_grace, community):
    assert "Only the owner" in text(as_grace.post("/me/data/end/custserv/", follow=True))
    assert as_grace.post("/me/data/end/nowhere/").status_code == 404
    community.refresh_from_db()
    assert community.archived_at is None
