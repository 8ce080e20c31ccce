"""What must be documented is: every setting and every command, in every place that lists them."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = (ROOT / ".env.example").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
README = (ROOT / "README.md").read_text()
READERS = {"text", "words", "switch", "number", "whole_number", "one_of"}  # of ffapp/environment.py
FOR_COMPOSE = {"POSTGRES_PASSWORD"}  # read by docker-compose.yml alone


def settings_read() -> set[str]:
    """Every variable that ffapp asks the environment for."""
    found = {"FF_BASE_URL"}  # environment.site() reads it under its own name
    for path in (ROOT / "ffapp").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in READERS:
                    found.add(str(node.args[0].value))
    return found


def commands() -> set[str]:
    """Every management command of ours, and `serve`."""
    folder = ROOT / "recommendations" / "management" / "commands"
    return {path.stem for path in folder.glob("[a-z]*.py")} | {"serve"}


def table(heading: str) -> dict[str, str]:
    """The rows of operations.md's table under a heading: what the first cell holds in code, and the whole row."""
    section = OPERATIONS.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    return {row.split("`")[1]: row for row in rows}


def test_the_settings_are_found_where_they_are_read() -> None:
    assert {"FF_SECRET_KEY", "FF_LATE_AFTER", "FF_PORT", "FF_DATA_DIR", "DATABASE_URL", "REDIS_URL"} <= settings_read()


def test_the_environment_is_read_in_one_place() -> None:
    elsewhere = [
        str(path.relative_to(ROOT))
        for folder in ("ffapp", "accounts", "recommendations")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"os\.environ(\.get\(|\[)|getenv", path.read_text()) and path.name != "environment.py"
    ]

    assert elsewhere == []


def test_the_example_names_every_setting_once_and_none_that_is_not_read() -> None:
    named = re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", EXAMPLE, re.MULTILINE)

    assert len(named) == len(set(named))
    assert set(named) == settings_read() | FOR_COMPOSE


def test_the_example_holds_no_secret() -> None:
    values = dict(re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))

    assert {name: value for name, value in values.items() if value} == {"FF_BASE_URL": "https://ff.example"}


def test_every_setting_is_explained() -> None:
    assert set(table("Settings")) == settings_read()


def test_every_command_is_explained() -> None:
    assert {row.split()[1] for row in table("Commands")} == commands()


@pytest.mark.parametrize("name", sorted(commands() - {"serve"}))
def test_every_option_of_a_command_is_explained(name: str) -> None:
    source = (ROOT / "recommendations" / "management" / "commands" / f"{name}.py").read_text()
    (row,) = [row for what, row in table("Commands").items() if what.split()[1] == name]

    for option in re.findall(r'add_argument\("(--[a-z-]+)"', source):
        assert option in row, option


def test_no_setting_is_mentioned_that_does_not_exist() -> None:
    for text in (OPERATIONS, README):
        assert set(re.findall(r"\bFF_[A-Z_]+\b", text)) <= settings_read()


def test_every_test_that_the_page_on_security_names_is_there() -> None:
    named = set(re.findall(r"`(?:tests/[a-z_/]*/)?(test_[a-z_]+\.py)`", (ROOT / "docs" / "security.md").read_text()))
    there = {path.name for path in (ROOT / "tests").rglob("test_*.py")}

    assert len(named) > 15
    assert named - there == set()
