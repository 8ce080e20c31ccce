"""Every form of the site, sent twice: the second press makes nothing, and leads where the first one did.

The forms are those that the pages of one small world show to each role, filled in as a person might, one press for each
button. The role matrix knows the pages.
"""

from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection, models, transaction
from django.http import HttpResponse
from django.test import Client

from tests.access.routes import API, about, address, table
from tests.access.test_role_matrix import ALL
from tests.access.world import World
from tests.forms import Form, forms

pytestmark = [pytest.mark.django_db, pytest.mark.everywhere]

LANGUAGE = "/language/"  # on every page, and tried once in tests/test_words.py
UNTYPED = {"once", "csrfmiddlewaretoken"}
WORDS = "Words of some length, for the others to read."
TYPED = {
    "handle": "@zoe@social.example", "email": "new@private.example", "slug": "poets", "hashtag": "poets",
    "name": "Poets", "title": "The whole crew", "uses": "3", "domain": "quiet.example", "until": "2026-12-01",
}  # fmt: skip
COUNTED = [model for model in apps.get_models() if isinstance(model._meta.pk, models.AutoField) and model._meta.managed]
NEWEST = " UNION ALL ".join(
    f"SELECT '{model._meta.db_table}', MAX({model._meta.pk.column}) FROM {model._meta.db_table}" for model in COUNTED
)


def newest() -> dict[str, int]:
    """The newest row of each table. No key is given twice."""
    with connection.cursor() as cursor:
        cursor.execute(NEWEST)
        return {name: pk or 0 for name, pk in cursor.fetchall()}


def fill(form: Form) -> list[Form]:
    """As a person might fill it in: with words where there are none; and, if they tick everything, so."""
    for name in form.empty:
        form.fields[name] = [TYPED.get(name, WORDS)]
    ticked = Form(form.action, form.method, dict(form.fields), buttons=form.buttons)
    for name, values in form.choices.items():
        form.fields.setdefault(name, values[:1])
        ticked.fields[name] = values[-1:]
    return [form, ticked]


def outcome(response: HttpResponse) -> str:
    """What a person sees of it."""
    return f"{response.status_code} {response.headers.get('Location', '')}"


def undone() -> Any:
    """A transaction that what must be outermost takes for a test's."""
    cell = transaction.atomic()
    cell._from_testcase = True  # type: ignore[attr-defined]
    return cell


@pytest.mark.parametrize("role", ["nominator", "owner", "nominee", "member", "foreign", "staff"])
def test_every_form_pressed_twice_does_its_work_once(role: str, world: World, fake_networks: Any) -> None:
    rows = [row for row in table() if row.method == "GET" and not row.route.startswith((API, "admin/"))]
    wrong: list[str] = []
    pressed: set[str] = set()
    for row in rows:
        for route in about(row, rows, ALL):
            path = address(row, route, world)
            with undone():
                client = Client(raise_request_exception=False)
                client.cookies = SimpleCookie(world.cookies[role].output(header="", sep=";"))
                page = client.get(path)
                shown = page.status_code == 200 and page.headers["Content-Type"].startswith("text/html")
                found = forms(page.content.decode(), path) if shown else []
                for form in [each for one in found if one.method == "post" for each in fill(one)]:
                    for to, data in form.presses():
                        typed = {name: value for name, value in data.items() if name not in UNTYPED}
                        said = f"{to} {sorted(typed.items())}"
                        if said in pressed or to == LANGUAGE:
                            continue
                        pressed.add(said)
                        wrong += [f"{role} {path} -> {said}: {what}" for what in press_twice(client, to, data)]
                transaction.set_rollback(True)

    assert wrong == [], "\n".join(wrong)
    assert len(pressed) > 20


def press_twice(client: Client, to: str, data: dict[str, list[str]]) -> list[str]:
    """What the second press did that it must not do; all is taken back."""
    cache.clear()
    with undone():
        first = client.post(to, data)
        between = newest()
        second = client.post(to, data)
        after = newest()
        transaction.set_rollback(True)
    made = [f"a second {name}" for name in after if after[name] != between[name]]
    elsewhere = outcome(first) != outcome(second)
    return made + ([f"{outcome(first)}, then {outcome(second)}"] if elsewhere else [])
