"""What the API's tests share: it is Monday, the board is open, and one asks with a token or without."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from accounts.models import ApiToken, User
from recommendations.actions.compile import compile_edition
from recommendations.actions.publish import publish
from recommendations.models import Edition, Nomination
from tests.conftest import FRIDAY, MONDAY, THURSDAY
from tests.recommendations.actions.conftest import nominated, on_mastodon

__all__ = ["nominated", "on_mastodon"]

Ask = Callable[..., Any]


@pytest.fixture
def monday() -> Iterator[None]:
    """The clock shows Monday noon of week 2026-W45, and goes on."""
    with time_machine.travel(MONDAY):
        yield


def token_of(user: User) -> str:
    """A fresh personal token's text."""
    return ApiToken.objects.issue(user, "test")[1]


@pytest.fixture
def ask(monday: None, db: None) -> Ask:
    """ask("GET", "/communities", by=ada): the response, with `.data`. Cross-site checks are on, as for any browser."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)

    def call(method: str, path: str, body: Any = None, *, by: User | None = None, **headers: str) -> HttpResponse:
        if by is not None:
            headers["Authorization"] = f"Bearer {token_of(by)}"
        data = body if isinstance(body, bytes | str) else "" if body is None else json.dumps(body)
        response = client.generic(method, f"/api/v1{path}", data, content_type="application/json", headers=headers)
        response.data = json.loads(response.content) if response.content else None
        return response

    return call


@pytest.fixture
def published(edition: Edition, grace: User, nominated: Callable[..., Nomination]) -> Edition:
    """Number 1, of week 2026-W45: Rosa and Emma."""
    for name in ("rosa", "emma"):
        nominated(name, by=grace)
    compile_edition(edition=edition, at=THURSDAY)
    return publish(edition=edition, at=FRIDAY)
