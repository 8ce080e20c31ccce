"""Every address x every role: the answer that the table promises, and none of the world's secrets.

What is sent by POST is not checked for a token against forgery here: tests/recommendations/test_pages.py does that.
A line that is missing is printed as the site answers today: read it before it is copied into the table.
"""

import io
import re
import zipfile
from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from tests.access.routes import API, Row, about, address, operations_of_the_api, routes, table, told
from tests.access.world import ROLES, SECRETS, World, text

pytestmark = [pytest.mark.django_db, pytest.mark.everywhere]

ROWS = table()
BODY = {
    "deed": "second", "reason": "Answers every question, and is kind about it.", "text": "A comment of some length.",
    "handle": "@zoe@social.example", "network": "mastodon", "words": "Words of some length.", "name": "A name",
}  # fmt: skip
JSON_BODY: dict[str, dict[str, str]] = {
    "POST api/v1/communities/{slug}/nominations": {"handle": "@zoe@social.example", "reason": BODY["reason"]},
    "POST api/v1/communities/{slug}/weeks/{week}/{deed}": {"why": "It waits."},
}


Ask = Callable[[Row, str, str], tuple[str, str]]


@pytest.fixture
def ask(world: World, fake_networks: Any) -> Ask:
    """ask(row, route, role): the answer in the table's words, and all that the role was told."""

    def asked(row: Row, route: str, role: str) -> tuple[str, str]:
        client = Client(raise_request_exception=False)
        headers: dict[str, str] = {}
        in_api = route.startswith(API)
        if role != "anonymous" and in_api:
            headers["Authorization"] = f"Bearer {world.tokens[role]}"
        elif role != "anonymous":
            client.cookies = SimpleCookie(world.cookies[role].output(header="", sep=";"))
        if row.variant.endswith("htmx"):
            headers["HX-Request"] = "true"
        sent: dict[str, Any] = {}
        if in_api:
            sent = {"data": JSON_BODY.get(f"{row.method} {route}", {}), "content_type": "application/json"}
        elif row.method == "POST":
            sent = {"data": BODY}
        cache.clear()
        cell = transaction.atomic()
        cell._from_testcase = True  # type: ignore[attr-defined]  # what must be outermost takes this for it
        with cell:
            response = getattr(client, row.method.lower())(address(row, route, world), headers=headers, **sent)
            body = b"".join(response.streaming_content) if response.streaming else response.content
            transaction.set_rollback(True)
        there = response.headers.get("Location") or response.headers.get("HX-Redirect") or ""
        if body.startswith(b"PK"):  # what one takes along
            with zipfile.ZipFile(io.BytesIO(body)) as packed:
                body = b"".join(packed.read(name) for name in packed.namelist())
        login = re.match(r"(/c/[^/]+)?/(accounts|admin)/login/", there)
        return "login" if login else str(response.status_code), f"{there}\n{body.decode(errors='replace')}"

    return asked


def leaks(route: str, role: str, said: str, asked_for: str) -> list[str]:
    """Return the secrets that a role was told and must not know."""
    found = []
    for secret, (marked, readers) in SECRETS.items():
        allowed = any(
            role == reader.partition("@")[0] and route.startswith(reader.partition("@")[2])
            for reader in readers.split()
        )
        if marked in said.replace(asked_for, "") and not allowed:
            found.append(f"{role} is told {secret}")
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_role_gets_what_the_table_says_and_no_secret(row: Row, ask: Ask, world: World) -> None:
    wrong = []
    for route in about(row, ROWS, ALL):
        answers, told_secrets = {}, []
        for role in ROLES:
            answers[role], said = ask(row, route, role)
            told_secrets += leaks(route, role, said, address(row, route, world))

        assert told_secrets == [], f"{row.method} {route}"
        expected = {role: row.expects(role) for role in ROLES}
        got = {role: expected[role] if answers[role] in expected[role].split("/") else answers[role] for role in ROLES}
        if got != expected:
            wrong.append(told(row.name if row.route == route else f"{row.method} {route}", answers))
    assert wrong == [], "\n".join(wrong)


ALL = sorted(routes() | {route for _, route in operations_of_the_api()})


def test_each_operation_of_the_api_has_a_line() -> None:
    lined = {(row.method, row.route) for row in ROWS}

    assert sorted(operations_of_the_api() - lined) == []


def test_each_line_is_about_an_address_that_there_is() -> None:
    gone = [row.name for row in ROWS if not about(row, ROWS, ALL)]

    assert gone == []


def test_no_line_stands_twice() -> None:
    names = [row.name for row in ROWS]

    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_each_address_has_a_line_for_each_method_that_it_answers(method: str, ask: Ask) -> None:
    missing = []
    lined = {route for line in ROWS if line.method == method for route in about(line, ROWS, ALL)}
    for route in sorted(routes() - lined):
        row = Row(method, route, "", "")
        answers = {role: ask(row, route, role)[0] for role in ROLES}
        if set(answers.values()) - {"404", "405", "login"} or (method == "GET" and "404" in answers.values()):
            missing.append(told(row.name, answers))

    assert missing == [], "\n".join(missing)


def test_the_world_holds_each_secret(world: World, ask: Ask) -> None:
    """A secret that nobody can read proves nothing: each must be told to a reader it is meant for."""
    told_to_nobody_here = {
        "what opens a channel",
        "another community's report",
        "the name of a person who declined",
    }
    seen = set()
    for row in ROWS:
        for role in ("nominator", "owner", "foreign", "nominee", "staff"):
            is_read = row.method == "GET" and not row.route.endswith("**")
            if (is_read or row.route == "me/data/download/") and set(SECRETS) - told_to_nobody_here - seen:
                said = ask(row, row.route, role)[1]
                seen |= {secret for secret in SECRETS if text(secret) in said}

    assert set(SECRETS) - told_to_nobody_here - seen == set()


def test_the_table_is_as_large_as_the_documents_say(record_property: Callable[[str, object], None]) -> None:
    lines = sum(len(about(row, ROWS, ALL)) for row in ROWS)
    record_property("cells", lines * len(ROLES))
    print(f"{len(ALL)} routes; {lines} lines x {len(ROLES)} roles = {lines * len(ROLES)} cells")

    assert {row.method for row in ROWS} <= {"GET", "POST", "PUT", "DELETE"}
