"""What a token may do, how long, and what is said when it may not."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import ApiToken, Scope, User
from recommendations.models import Edition
from tests.conftest import MONDAY
from tests.recommendations.api.conftest import Ask

pytestmark = pytest.mark.django_db

OPERATIONS = {  # method and path -> the scope
    ("GET", "/communities"): "read",
    ("GET", "/communities/custserv/board"): "read",
    ("GET", "/communities/custserv/weeks/current"): "read",
    ("GET", "/communities/custserv/deliveries"): "read",
    ("POST", "/communities/custserv/nominations"): "vote",
    ("PUT", "/nominations/{pk}/vote"): "vote",
    ("DELETE", "/nominations/{pk}/vote"): "vote",
    ("POST", "/communities/custserv/weeks/current/hold"): "curate",
}
BODIES: dict[str, Any] = {
    "/communities/custserv/nominations": {"handle": "@rosa@tea.example", "reason": "Answers everyone, kindly."},
    "/communities/custserv/weeks/current/hold": {"why": "Wait for one more answer."},
}


def bearer(user: User, *scopes: str) -> str:
    return f"Bearer {ApiToken.objects.issue(user, 'test', scopes=scopes, at=MONDAY)[1]}"


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_each_operation_wants_its_scope_and_no_other(
    ask: Ask, edition: Edition, ada: User, grace: User, nominated: Any, method: str, path: str
) -> None:
    scope = OPERATIONS[method, path]
    here = path.format(pk=nominated("emma", by=grace).pk)
    others = [each for each in Scope.values if each != scope]

    refused = ask(method, here, BODIES.get(path), Authorization=bearer(ada, *others))
    done = ask(method, here, BODIES.get(path), Authorization=bearer(ada, scope))

    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
    assert refused.data["scope"] == scope
    assert f"“{scope}”" in refused.data["detail"]
    assert done.status_code in (200, 201), done.data


def test_the_description_names_the_scope_of_every_operation(ask: Ask) -> None:
    schema = ask("GET", "/openapi.json").data
    said = {
        operation["operationId"]: operation["security"][0]["Bearer"]
        for methods in schema["paths"].values()
        for operation in methods.values()
    }

    assert said["nominate"] == said["vote"] == said["take_back"] == ["vote"]
    assert said["work_on_week"] == ["curate"]
    assert {tuple(scopes) for name, scopes in said.items() if name not in
            ("nominate", "vote", "take_back", "work_on_week")} == {("read",)}  # fmt: skip
    assert {} in schema["paths"]["/api/v1/communities"]["get"]["security"]
    assert {} not in schema["paths"]["/api/v1/communities/{slug}/deliveries"]["get"]["security"]
    assert "Scope: `vote`." in schema["paths"]["/api/v1/nominations/{pk}/vote"]["put"]["description"]


def test_a_token_ends_and_says_so(ask: Ask, edition: Edition, ada: User) -> None:
    header = f"Bearer {ApiToken.objects.issue(ada, 'test', days=30, at=MONDAY)[1]}"

    with time_machine.travel(MONDAY + timedelta(days=29, hours=23)):
        before = ask("GET", "/communities/custserv/deliveries", Authorization=header)
    with time_machine.travel(MONDAY + timedelta(days=30)):
        after = ask("GET", "/communities/custserv/deliveries", Authorization=header)
        where_anyone_reads = ask("GET", "/communities", Authorization=header)

    assert before.status_code == 200
    assert (after.status_code, where_anyone_reads.status_code) == (401, 401)
    assert after.data["detail"] == "This token has expired. Make a new one on your page."
    assert "expired" in after["WWW-Authenticate"]
