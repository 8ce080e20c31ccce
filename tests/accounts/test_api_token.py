"""A token is shown once, kept as a hash, and opens nothing once its owner may not sign in."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ApiToken

pytestmark = pytest.mark.django_db


def test_a_token_finds_its_owner_and_is_not_kept_itself(grace):
    token, text = ApiToken.objects.issue(grace, "my script")

    assert ApiToken.objects.bearer(text) == token
    assert text not in str(ApiToken.objects.values().get())
    assert str(token) == "my script"


@pytest.mark.parametrize("text", ["", "ff_", "ff_wrong", "x" * 5000, "ff_\x00é"])
def test_another_text_finds_nobody(grace, text):
    ApiToken.objects.issue(grace, "my script")

    assert ApiToken.objects.bearer(text) is None


def test_who_may_not_sign_in_has_no_token_either(grace):
    _, text = ApiToken.objects.issue(grace, "my script")
    grace.is_active = False
    grace.save()

    assert ApiToken.objects.bearer(text) is None


def test_its_last_use_is_written_down_but_not_at_every_use(grace):
    now = timezone.now()
    token, text = ApiToken.objects.issue(grace, "my script")

    for minutes in (0, 5, 9):
        ApiToken.objects.bearer(text, at=now + timedelta(minutes=minutes))
    token.refresh_from_db()
    assert token.last_used_at == now
    ApiToken.objects.bearer(text, at=now + timedelta(minutes=11))

    token.refresh_from_db()
    assert token.last_used_at == now + timedelta(minutes=11)
