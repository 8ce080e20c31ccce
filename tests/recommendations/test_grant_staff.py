"""`manage.py grant_staff`: the way to a first admin; whom it finds, refuses, and what it says."""

import io
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import LinkedHandle, User
from tests.sessions import factor, signed_in, with_second_factor

pytestmark = pytest.mark.django_db


def grant(*arguments: str) -> str:
    said = io.StringIO()
    call_command("grant_staff", *arguments, stdout=said)
    return said.getvalue()


@pytest.fixture
def known(ada: User) -> User:
    """Ada with a confirmed address and a proven handle."""
    EmailAddress.objects.create(user=ada, email="ada@example.com", verified=True, primary=True)
    handle = {"network": "mastodon", "name": "ada", "host": "mastodon.test", "uri": "https://mastodon.test/users/ada"}
    LinkedHandle.objects.create(user=ada, proven_at=timezone.now(), **handle)
    return ada


@pytest.mark.parametrize("who", ["ada", "Ada@Example.com", "@ada@mastodon.test", "https://mastodon.test/@ada"])
def test_staff_are_named_by_name_address_or_handle(known: User, who: str) -> None:
    said = grant(who)

    known.refresh_from_db()
    assert (known.is_staff, known.is_superuser) == (True, True)
    assert "Ada (ada) is staff now" in said
    assert "no second factor yet" in said
    assert "/accounts/2fa/" in said


def test_someone_may_be_given_the_moderation_pages_alone(known: User) -> None:
    factor(known)

    said = grant("ada", "--moderation-only")

    known.refresh_from_db()
    assert (known.is_staff, known.is_superuser) == (True, False)
    assert "/admin/" not in said
    assert "They have a second factor" in said


def test_staff_rights_are_taken_back(known: User) -> None:
    grant("ada")
    client = with_second_factor(signed_in(known), known)

    said = grant("ada@example.com", "--revoke")

    known.refresh_from_db()
    assert (known.is_staff, known.is_superuser) == (False, False)
    assert "no longer staff" in said
    assert client.get("/moderation/").status_code == 403


def test_a_claim_or_an_unconfirmed_address_names_nobody(ada: User) -> None:
    EmailAddress.objects.create(user=ada, email="ada@example.com", verified=False, primary=True)
    LinkedHandle.objects.create(user=ada, network="mastodon", name="ada", host="mastodon.test")

    for who in ("ada@example.com", "@ada@mastodon.test", "", "nobody"):
        with pytest.raises(CommandError, match="There is no one"):
            grant(who)

    assert not User.objects.filter(is_staff=True).exists()


def test_who_could_mean_two_people_is_refused(known: User, person: Any) -> None:
    grace = person("Grace")
    EmailAddress.objects.create(user=grace, email="ada@mastodon.test", verified=True, primary=True)

    with pytest.raises(CommandError, match="may mean 2 people: ada, grace"):
        grant("ada@mastodon.test")

    assert not User.objects.filter(is_staff=True).exists()


def test_who_may_not_sign_in_is_not_made_staff(known: User) -> None:
    User.objects.update(is_active=False)

    with pytest.raises(CommandError, match="not active"):
        grant("ada")


@pytest.mark.parametrize("name", ["createsuperuser", "changepassword"])
def test_djangos_commands_for_passwords_say_what_to_do_instead(name: str) -> None:
    with pytest.raises(CommandError, match="grant_staff"):
        call_command(name)
    assert not User.objects.exists()
