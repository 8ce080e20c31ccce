"""No test asserts how long something took: a slower machine is no fault of the product.

Growth is asserted by `tests.growth`, a wait by `tests.waiting`, and what the product promises of time on a
`tests.clock.Clock`.
"""

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
CLOCKS = {"perf_counter", "perf_counter_ns", "process_time", "process_time_ns", "thread_time", "monotonic",
          "monotonic_ns", "time_ns"}  # fmt: skip
TOLD = {"elapsed"}  # what libraries call the time something took


def looks_at_a_clock(node: ast.AST, timed: set[str]) -> bool:
    """Return whether an expression reads a clock, or a name that was made from one."""
    for each in ast.walk(node):
        match each:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="time"), attr="time")):
                return True
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) if name in CLOCKS:
                return True
            case ast.Attribute(attr=name) if name in TOLD:
                return True
            case ast.Name(id=name) if name in timed | TOLD:
                return True
    return False


def timed_names(function: ast.AST) -> set[str]:
    """Return the names in a function whose values come from a clock, directly or through other names."""
    found: set[str] = set()
    before = -1
    while len(found) != before:
        before = len(found)
        for node in ast.walk(function):
            if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if looks_at_a_clock(node.value, found):
                    found |= {each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)}
    return found


def assertions_about_time(source: str) -> list[int]:
    """Return the lines of the assertions in a module that compare what a clock says."""
    lines: set[int] = set()
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
            continue
        timed = set() if isinstance(function, ast.Module) else timed_names(function)
        for node in ast.walk(function):
            if isinstance(node, ast.Assert):
                comparisons = [each for each in ast.walk(node.test) if isinstance(each, ast.Compare)]
                if any(looks_at_a_clock(each, timed) for each in comparisons):
                    lines.add(node.lineno)
    return sorted(lines)


def test_no_test_asserts_how_long_something_took() -> None:
    found = [
        f"{path.relative_to(TESTS.parent)}:{line}"
        for path in sorted(TESTS.rglob("*.py"))
        for line in assertions_about_time(path.read_text(encoding="utf-8"))
    ]

    assert found == [], "assert growth (tests/growth.py), wait (tests/waiting.py) or set a clock (tests/clock.py)"


@pytest.mark.parametrize(
    "source",
    [
        "def test():\n    began = time.perf_counter()\n    work()\n    assert time.perf_counter() - began < 2",
        "def test():\n    began = process_time()\n    took = process_time() - began\n    assert 1 < took < 2, work",
        "def test():\n    end = time.monotonic() + 5\n    while not so():\n        assert time.monotonic() < end",
        "def test():\n    assert client.get('/').elapsed.total_seconds() < 1",
        "def test():\n    began = time.time()\n    late = began + 5\n    limit = late\n    assert clock() < limit",
        "assert time.time() < 5",
    ],
)
def test_an_assertion_about_time_is_found(source: str) -> None:
    assert assertions_about_time(source) == [source.count("\n") + 1]


@pytest.mark.parametrize(
    "source",
    [
        "def test():\n    until = time.monotonic() + 5\n    found = identify(until)\n    assert ADA in clock.seen",
        "def test():\n    began = clock.now\n    work()\n    assert clock.now - began == 5",
        "def test():\n    assert response.time() == 5",
    ],
)
def test_an_assertion_about_something_else_is_let_be(source: str) -> None:
    assert assertions_about_time(source) == []
