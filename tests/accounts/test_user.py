"""People: invented names, no e-mail needed, times in their own zone, second factors sealed."""

import re
from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from accounts.adapter import AccountAdapter, MFAAdapter
from accounts.forms import HandleForm, PersonForm
from accounts.middleware import TimeZoneMiddleware
from accounts.models import LinkedHandle, User
from recommendations import seals
from tests.sessions import reauthenticated

pytestmark = pytest.mark.django_db


def test_an_invented_name_gives_nothing_away_and_a_chosen_one_is_shown():
    user = User.objects.create(email="grace.hopper@navy.example")

    AccountAdapter().populate_username(RequestFactory().get("/"), user)

    assert user.username.startswith("m-")
    assert "grace" not in str(user)
    user.display_name = "Grace"
    assert str(user) == user.get_short_name() == "Grace"


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "localtime/../etc"])
def test_a_zone_that_does_not_exist_is_refused(grace, zone):
    grace.time_zone = zone

    with pytest.raises(ValidationError):
        grace.full_clean(exclude=["password"])


def test_times_are_shown_in_the_readers_zone(person, client):
    person("Edsger", time_zone="Asia/Tokyo")
    shown = []

    def view(request):
        shown.append(Template("{{ at|date:'H:i' }}").render(Context({"at": datetime(2026, 1, 1, tzinfo=UTC)})))

    request = RequestFactory().get("/")
    for session_key in (None, "there"):
        request.session = type("Session", (), {"session_key": session_key})()
        request.user = User.objects.get(username="edsger")
        TimeZoneMiddleware(view)(request)

    assert shown == ["00:00", "09:00"]
    assert timezone.get_current_timezone_name() == "UTC"


def test_second_factors_are_sealed_for_their_one_use():
    adapter = MFAAdapter()

    sealed = adapter.encrypt("JBSWY3DPEHPK3PXP")

    assert "JBSWY3DPEHPK3PXP" not in sealed
    assert adapter.decrypt(sealed) == "JBSWY3DPEHPK3PXP"
    with pytest.raises(seals.Unsealable):
        seals.unseal(sealed, keys=["dGVzdHMgc2VhbCB3aXRoIHRoaXMga2V5LCBhbG9uZSE="], context="channel:1:did")


def test_a_display_name_is_one_clean_line(grace):
    form = PersonForm({"display_name": " Grace\u202e\n<b>Hopper</b> ", "time_zone": "Europe/Berlin"}, instance=grace)

    assert form.is_valid(), form.errors
    assert form.cleaned_data["display_name"] == "Grace <b>Hopper</b>"


def test_a_handle_that_cannot_be_read_is_told_beside_its_field():
    form = HandleForm({"handle": "not a handle", "network": ""})

    assert not form.is_valid()
    assert form.errors["handle"]


def test_my_page_takes_name_zone_handle_and_token_and_lets_go_of_them(client, grace, fake_networks):
    client.force_login(grace)
    reauthenticated(client, grace)

    client.post("/me/", {"display_name": "Grace H.", "time_zone": "Europe/Berlin"})
    client.post("/me/handles/", {"handle": "@grace@social.example", "network": ""})
    linked = LinkedHandle.objects.get()
    looked = client.post(f"/me/handles/{linked.pk}/", {"deed": "prove"}, follow=True)
    fake_networks["mastodon"].add_person(linked.handle, bio=linked.token)
    proven = client.post(f"/me/handles/{linked.pk}/", {"deed": "prove"}, follow=True)
    made = client.post("/me/tokens/", {"name": "script", "scopes": ["read", "vote"], "days": "30"})
    shown = " ".join(client.get("/me/").content.decode().split())
    client.post(f"/me/tokens/{grace.api_tokens.get().pk}/")
    client.post(f"/me/handles/{linked.pk}/", {"deed": "remove"})

    grace.refresh_from_db()
    assert (grace.display_name, grace.time_zone) == ("Grace H.", "Europe/Berlin")
    assert "could not look" in looked.content.decode()
    assert "is yours: proven" in proven.content.decode()
    assert "ff_" in made.content.decode()
    assert "<code>read</code> <code>vote</code> · expires" in shown
    assert "never used" in shown
    assert 'role="group" aria-labelledby="id_scopes_label"' in shown
    assert not grace.api_tokens.exists()
    assert not LinkedHandle.objects.exists()


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/me/", {"display_name": "x" * 61, "time_zone": "UTC"}),
        ("/me/", {"display_name": "Kept in the form", "time_zone": "Mars/Olympus"}),
        ("/me/handles/", {"handle": "no handle at all", "network": ""}),
        ("/me/tokens/", {"name": ""}),
        ("/me/tokens/", {"name": "without a scope", "days": "30"}),
        ("/me/tokens/", {"name": "for ever", "scopes": "read", "days": "36500"}),
        ("/me/tokens/", {"name": "of everything", "scopes": "admin", "days": "30"}),
    ],
)
def test_bad_input_on_my_page_is_422_with_the_typed_text_kept(client, grace, path, data):
    client.force_login(grace)
    reauthenticated(client, grace)

    response = client.post(path, data)

    assert response.status_code == 422
    assert all(value in response.content.decode() for value in data.values() if value and "Mars" not in value)


def test_nobody_touches_somebody_elses_handles_and_tokens(client, grace, alan):
    linked = LinkedHandle.objects.create(user=alan, network="x", name="alan")
    client.force_login(grace)
    reauthenticated(client, grace)

    assert client.post(f"/me/handles/{linked.pk}/", {"deed": "remove"}).url == "/me/"
    assert LinkedHandle.objects.filter(pk=linked.pk).exists()


def test_somebody_without_an_email_address_can_use_every_page_of_theirs(client, grace, community):
    assert not EmailAddress.objects.filter(user=grace).exists()
    client.force_login(grace)
    reauthenticated(client, grace)

    for path in ("/", "/me/", "/c/custserv/", "/c/custserv/nominate/", "/c/new/", "/accounts/email/", "/accounts/2fa/",
                 "/accounts/sessions/"):  # fmt: skip
        assert client.get(path).status_code == 200, path


def code_in(mail):
    """The code that a mail brings."""
    return re.search(r"^ +([A-Z0-9]{4}-[A-Z0-9]{4})$", mail.body, re.MULTILINE)[1]


def test_signing_in_by_a_code_from_the_mail(client, mailoutbox):
    client.post("/accounts/signup/", {"email": "edsger@example.com"})
    client.post("/accounts/confirm-email/", {"code": code_in(mailoutbox[-1])})

    user = User.objects.get(email="edsger@example.com")
    assert client.session["_auth_user_id"] == str(user.pk)
    client.logout()
    client.post("/accounts/login/code/", {"email": "edsger@example.com"})
    assert "_auth_user_id" not in client.session
    client.post("/accounts/login/code/confirm/", {"code": code_in(mailoutbox[-1])})
    assert client.session["_auth_user_id"] == str(user.pk)
