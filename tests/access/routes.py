"""Every address of the site as the URL resolver and the API know them, and the table of what each role gets there."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.urls import URLResolver, get_resolver

from recommendations.api import api
from tests.access.world import HERE, ROLES, World

TABLE = Path(__file__).with_name("roles.txt")
API = "api/v1/"


@dataclass(frozen=True)
class Row:
    """One line of the table: `METHOD route @variant | role,role:answer *:answer`."""

    method: str
    route: str
    variant: str
    expected: str

    @property
    def name(self) -> str:
        """Return how the line begins."""
        return f"{self.method} {self.route}{f' @{self.variant}' if self.variant else ''}"

    def expects(self, role: str) -> str:
        """Return the answer that a role gets: a status, or `login` where it is led to sign in."""
        answers: dict[str, str] = {}
        for group in self.expected.split():
            roles, _, answer = group.rpartition(":")
            answers |= dict.fromkeys(roles.split(","), answer)
        assert set(answers) <= {*ROLES, "*"}, f"{self.name}: an unknown role in {self.expected}"
        return answers.get(role) or answers["*"]


def table() -> list[Row]:
    """Return the lines of the table."""
    rows = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            what, _, expected = line.partition("|")
            address, _, variant = what.strip().partition(" @")
            method, _, route = address.partition(" ")
            rows.append(Row(method, route.strip(), variant.strip(), expected.strip()))
    return rows


def told(name: str, answers: Mapping[str, str]) -> str:
    """Return the line that says what each role got, in as few words as possible."""
    usual = Counter(answers.values()).most_common(1)[0][0]
    others: dict[str, list[str]] = {}
    for role, answer in answers.items():
        if answer != usual:
            others.setdefault(answer, []).append(role)
    return " ".join([f"{name} |", *(f"{','.join(roles)}:{answer}" for answer, roles in others.items()), f"*:{usual}"])


def routes() -> set[str]:
    """Return every pattern that the resolver knows, but for the API's operations."""
    operations = {re.sub(r"{(\w+)}", r"<\1>", route) for _, route in operations_of_the_api()}
    return {route for route in _patterns(get_resolver().url_patterns) if route not in operations}


def operations_of_the_api() -> set[tuple[str, str]]:
    """Return (method, route) of each operation."""
    return {
        (method, f"{API}{f'{prefix}{path}'.lstrip('/')}")
        for prefix, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    }


def about(row: Row, rows: list[Row], every: Iterable[str]) -> list[str]:
    """Return the routes that a line is about; `admin/**` is about all that begin so and have no line of their own."""
    if not row.route.endswith("**"):
        return [row.route] if row.route in every else []
    own = {line.route for line in rows if line.method == row.method}
    return sorted(route for route in every if route.startswith(row.route.removesuffix("**")) and route not in own)


def _patterns(patterns: list[Any], before: str = "") -> Iterator[str]:
    for each in patterns:
        route = f"{before}{each.pattern}"
        if isinstance(each, URLResolver):
            yield from _patterns(each.url_patterns, route)
        else:
            yield route


def address(row: Row, route: str, world: World) -> str:
    """Return the path that a line asks for: its route with the world's rows in place of its parameters."""
    if "(?P" in route or "^" in route:
        return REGEXES[route]
    variant = row.variant.removesuffix("htmx").strip()
    there = " there" if variant == "there" else ""

    def given(match: re.Match[str]) -> str:
        name = match[1]
        if name == "pk":
            return str(world.pk[next(key for part, key in PK.items() if part in route) + there])
        if name == "ref":
            return f"comment-{world.pk[f'comment{there}']}"
        if name == "code":
            return "invitation-code"
        if name == "token":
            return world.stop
        if name == "deed":
            return next(deed for part, deed in DEEDS.items() if part in route)
        return VALUES[name]

    if variant and variant != "there":
        route = re.sub(r"<int:pk>|{pk}", str(world.pk[variant.replace("-", " ")]), route)
    path = "/" + re.sub(r"<(?:\w+:)?(\w+)>|{(\w+)}", lambda m: given(_named(m)), route)
    if route == "report/":
        path += f"?what=nomination-{world.pk[variant.replace('-', ' ') if variant and not there else 'open' + there]}"
    return path


def _named(match: re.Match[str]) -> re.Match[str]:
    found = re.match(r"(\w+)", match[1] or match[2])
    assert found
    return found


PK = {
    "nominations": "open", "comments": "comment", "members/invitations": "invitation", "members": "membership",
    "channels": "channel", "desk/<slug:slug>/appeals": "appeal", "moderation/appeals": "appeal", "posts": "post",
    "decisions": "decision", "reports": "report", "handles": "handle", "tokens": "token", "follows": "follow",
    "webauthn": "token", "entries": "entry",
}  # fmt: skip
DEEDS = {
    "me/said": "accept", "follows": "stop", "channels": "pause", "weeks": "hold", "desk": "hold",
}  # fmt: skip
VALUES = {
    "slug": HERE, "number": "1", "network": "mastodon", "address": "@rosa@social.example", "username": "nominator1",
    "handle": "rosa@social.example", "week": "2026-W46", "section": "editions", "home": "social.example",
    "name": "custserv", "object_id": "1", "content_type_id": "1", "key": "1", "uidb36": "1",
}  # fmt: skip
ADMIN_APP = "admin/^(?P<app_label>accounts|account|socialaccount|recommendations|auth)/$"
REGEXES = {
    "admin/(?P<url>.*)$": "/admin/nothing/",
    ADMIN_APP: "/admin/auth/",
}
