"""What is told of a change to how an account is opened: at once, everywhere, and whether one wants it or not."""

from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.db import connection

from accounts.models import ApiToken, User
from recommendations import tasks
from recommendations.actions.alert import alert
from recommendations.actions.expire_tokens import tell_of_expiry
from recommendations.actions.wish import wish
from recommendations.models import Letter, Notification, RefusedAddress, Wish
from recommendations.models.wish import Wanted
from tests.conftest import MONDAY
from tests.postbox import Postbox

pytestmark = pytest.mark.django_db

YEAR, WEEK = timedelta(days=365), timedelta(days=7)


@pytest.fixture
def known(ada: User) -> User:
    """Ada with two addresses that she has proven, and one that she has not."""
    for email, verified in (("ada@example.com", True), ("second@example.com", True), ("mine@evil.example", False)):
        EmailAddress.objects.create(user=ada, email=email, verified=verified, primary=email.startswith("ada@"))
    return ada


def said() -> list[str]:
    return [each.sentence for each in Notification.objects.filter(kind="security").order_by("pk")]


def test_it_is_in_the_app_and_goes_to_each_proven_address_at_the_next_tick(known: User, mailoutbox: list[Any]) -> None:
    alert(user=known, occasion="archive", at=MONDAY)

    tasks.mail_due(at=MONDAY, run=tasks.at_once)
    tasks.mail_due(at=MONDAY + timedelta(hours=1), run=tasks.at_once)

    assert said() == ["An archive of all your data was downloaded."]
    assert Notification.objects.get().in_app
    assert sorted(mail.to[0] for mail in mailoutbox) == ["ada@example.com", "second@example.com"]
    for mail in mailoutbox:
        assert mail.subject == "An archive of all your data was downloaded."
        assert "/accounts/sessions/" in mail.body
        assert "List-Unsubscribe" not in mail.extra_headers
        assert len({each.extra_headers["Message-ID"] for each in mailoutbox}) == 2


def test_it_reaches_an_address_that_was_removed_before_the_mail_went_out(known: User, mailoutbox: list[Any]) -> None:
    alert(user=known, occasion="email_removed", about="ada@example.com", addresses=["ada@example.com"], at=MONDAY)
    EmailAddress.objects.filter(email="ada@example.com").delete()

    tasks.mail_due(at=MONDAY, run=tasks.at_once)

    assert [mail.to for mail in mailoutbox] == [["ada@example.com"]]


def test_nobody_can_switch_it_off(known: User, mailoutbox: list[Any]) -> None:
    wish(user=known, wishes={"security": Wanted(False, False)}, digests=[])
    assert Wish.objects.of(known.pk)["security"] == Wanted(True, False), "and mail goes apart"

    alert(user=known, occasion="archive", at=MONDAY)
    tasks.mail_due(at=MONDAY, run=tasks.at_once)

    assert len(mailoutbox) == 2


def test_it_is_sent_even_when_it_was_read_in_the_app(known: User, mailoutbox: list[Any]) -> None:
    """An intruder reads it, too."""
    alert(user=known, occasion="archive", at=MONDAY)
    Notification.objects.all().read(MONDAY)

    tasks.mail_due(at=MONDAY, run=tasks.at_once)

    assert len(mailoutbox) == 2


def test_a_name_with_line_breaks_puts_nothing_into_the_header(known: User, mailoutbox: list[Any]) -> None:
    alert(user=known, occasion="token_made", about="x\r\nBcc: evil@example.com\r\n\r\n<b>", at=MONDAY)

    tasks.mail_due(at=MONDAY, run=tasks.at_once)

    for mail in mailoutbox:
        assert "\n" not in mail.subject
        assert (mail.bcc, mail.cc) == ([], [])


# Tokens that end


def test_tokens_of_earlier_releases_keep_all_rights_and_a_year(known: User) -> None:
    token, _text = ApiToken.objects.issue(known, "old script")
    ApiToken.objects.update(expires_at=None, told_at=None)
    migration = import_module("accounts.migrations.0006_tokens_with_scopes_and_an_end")

    migration.give_a_year(apps, SimpleNamespace(connection=connection))

    token.refresh_from_db()
    assert token.scopes == "read vote curate"
    assert token.expires_at is not None
    assert timedelta(days=364) < token.expires_at - token.created_at <= YEAR + timedelta(minutes=1)
    assert token.told_at is None


def test_owners_of_such_tokens_are_told_once(known: User, mailoutbox: list[Any]) -> None:
    ApiToken.objects.issue(known, "old script")
    ApiToken.objects.update(expires_at=MONDAY + YEAR, told_at=None)

    for minutes in (0, 1, 2):
        tasks.mail_due(at=MONDAY + timedelta(minutes=minutes), run=tasks.at_once)

    assert said() == ["API tokens now expire. Yours expires: old script, 2027-11-02."]
    assert len(mailoutbox) == 2


def test_a_token_that_an_old_process_made_meanwhile_gets_its_year_from_the_sweep(known: User) -> None:
    ApiToken.objects.issue(known, "old script")
    ApiToken.objects.update(expires_at=None, told_at=None)

    tasks.mail_due(at=MONDAY, run=tasks.at_once)

    assert ApiToken.objects.get().expires_at == MONDAY + YEAR


@pytest.mark.parametrize("days", [30, 90, 365])
def test_owners_are_told_once_a_week_before_the_end(known: User, days: int) -> None:
    ApiToken.objects.issue(known, "script", days=days, at=MONDAY)
    end = MONDAY + timedelta(days=days)

    tasks.mail_due(at=end - WEEK - timedelta(minutes=1), run=tasks.at_once)
    assert said() == []
    for hours in (0, 1, 24):
        tasks.mail_due(at=end - WEEK + timedelta(hours=hours), run=tasks.at_once)
    tasks.mail_due(at=end + WEEK, run=tasks.at_once)

    assert said() == [f"An API token of yours expires within a week: script, {end:%Y-%m-%d}."]


def test_a_worker_that_comes_second_says_nothing(known: User) -> None:
    token, _text = ApiToken.objects.issue(known, "script", days=30, at=MONDAY)
    soon = MONDAY + timedelta(days=25)

    tell_of_expiry(token, at=soon)
    tell_of_expiry(token, at=soon)

    assert len(said()) == 1


def test_an_address_that_its_server_refuses_is_written_down_if_it_is_still_theirs(
    known: User, postbox: Postbox
) -> None:
    postbox.to_recipient = "550 5.1.1 There is nobody here"
    alert(user=known, occasion="archive", addresses=["second@example.com", "gone@example.com"], at=MONDAY)

    tasks.mail_due(at=MONDAY, run=tasks.at_once)

    assert set(Letter.objects.values_list("state", flat=True)) == {"dropped"}
    assert [each.address.email for each in RefusedAddress.objects.all()] == ["second@example.com"]
