"""What changes how an account is opened is told to its owner: in the app, and at every address proven before."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import LinkedHandle, User
from recommendations.models import Community, Letter, Notification
from tests.accounts.conftest import Visitor
from tests.accounts.test_reauthentication import DEEDS, everything, known
from tests.accounts.test_user import code_in
from tests.conftest import MONDAY
from tests.fakes.mastodon_oauth import MastodonOAuthServer
from tests.sessions import factor, reauthenticated, signed_in

__all__ = ["everything", "known"]
pytestmark = pytest.mark.django_db


def told() -> list[tuple[str, list[str]]]:
    """Each sentence in the app, and to which addresses it goes."""
    return [
        (each.sentence, sorted(Letter.objects.filter(news=each).values_list("address", flat=True)))
        for each in Notification.objects.filter(kind="security").order_by("pk")
    ]


BOTH = ["ada@example.com", "second@example.com"]


def test_an_address_that_is_added_is_told_to_the_ones_before(everything: User, mailoutbox: list[Any]) -> None:
    client = reauthenticated(signed_in(everything), everything)

    client.post("/accounts/email/", {"email": "third@example.com", "action_add": ""})
    assert told() == []
    client.post("/accounts/confirm-email/", {"code": code_in(mailoutbox[-1])})

    assert EmailAddress.objects.get(email="third@example.com").verified
    assert told() == [("The e-mail address third@example.com was added to your account.", BOTH)]


def test_an_address_that_is_removed_is_told_too_to_itself(everything: User) -> None:
    client = reauthenticated(signed_in(everything), everything)

    client.post("/accounts/email/", {"email": "second@example.com", "action_remove": ""})

    assert told() == [("The e-mail address second@example.com was removed from your account.", BOTH)]


def test_another_primary_address_is_told_to_both(everything: User) -> None:
    client = reauthenticated(signed_in(everything), everything)

    client.post("/accounts/email/", {"email": "second@example.com", "action_primary": ""})

    assert told() == [("Mail to you now goes to second@example.com.", BOTH)]


@time_machine.travel(MONDAY, tick=False)
def test_factors_and_recovery_codes_are_told(
    everything: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    client = reauthenticated(signed_in(everything), everything)
    factor(everything)

    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/2fa/recovery-codes/generate/")
        client.post("/accounts/2fa/totp/deactivate/")

    assert sorted(told()) == [
        ("New recovery codes were made for your account.", BOTH),
        ("The authenticator app was removed from your account.", BOTH),
    ]


@pytest.mark.parametrize(
    ("deed", "sentence"),
    [
        ("make a token", "The API token “script” was made for your account."),
        ("download everything", "An archive of all your data was downloaded."),
        ("let a handle go that is a way in", "@ada@mastodon.test can no longer be used to sign in to your account."),
    ],
)
def test_it_is_told_when_it_was_done(everything: User, deed: str, sentence: str) -> None:
    path, form = DEEDS[deed](everything)

    reauthenticated(signed_in(everything), everything).post(path, form)

    assert told() == [(sentence, BOTH)]


def test_a_way_in_that_is_added_is_told(visitor: Visitor, server: MastodonOAuthServer, known: User) -> None:
    linked = LinkedHandle.objects.create(user=known, network="mastodon", name="ada", host="mastodon.test")
    visitor.force_login(known)
    reauthenticated(visitor, known)  # type: ignore[arg-type]

    begun = visitor.post(f"/me/handles/{linked.pk}/sign-in/")
    visitor.get(server.consent(visitor.onward(begun), "ada"))

    assert told() == [("@ada@mastodon.test can now be used to sign in to your account.", ["ada@example.com"])]


def test_a_channel_is_told_to_all_curators(everything: User, community: Community, grace: User) -> None:
    community.memberships.filter(user=grace).update(role="curator")
    path, form = DEEDS["connect on Bluesky"](everything)

    reauthenticated(signed_in(everything), everything).post(path, form)

    sentences = {each.user.username: each.sentence for each in Notification.objects.filter(kind="security")}
    assert set(sentences) == {"ada", "grace"}
    assert sentences["grace"].startswith("Ada connected the account @")


def test_handing_over_is_told(everything: User, community: Community, grace: User) -> None:
    heir = community.memberships.get(user=grace).pk
    client = reauthenticated(signed_in(everything), everything)
    page = client.get("/desk/custserv/settings/hand-over/").content.decode()
    boxes = dict.fromkeys(re.findall(r'type="checkbox" name="(\w+)"', page), "on")

    client.post("/desk/custserv/settings/hand-over/", {"to": heir, **boxes})

    assert [sentence for sentence, _ in told()] == ["You handed Customer Service over to Grace."]


def test_a_first_address_at_sign_up_is_no_news(client: Client, mailoutbox: list[Any]) -> None:
    client.post("/accounts/signup/", {"email": "new@example.com"})
    client.post("/accounts/confirm-email/", {"code": code_in(mailoutbox[-1])})

    assert EmailAddress.objects.get().verified
    assert told() == []
