"""Sentences of pieces that know no language: told in English, said in the reader's."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

import recommendations.networks
from recommendations.handles import Unreadable, parse
from recommendations.networks.base import Unavailable
from recommendations.sentences import Told
from tests import words

NETWORKS = Path(inspect.getfile(recommendations.networks)).parent
GERMAN = {"%(host)s cannot be reached.": "%(host)s ist nicht zu erreichen.", "Nothing.": "Nichts."}
# What somebody else's server said, or a sentence that was gathered where it is raised first.
PASSED_ON = {"said(response)", "told", "str(error)", "said"}


def in_german(sentence: str) -> str:
    return GERMAN.get(sentence, sentence)


def test_a_sentence_is_whole_in_english_and_can_be_said_in_another_language() -> None:
    trouble = Unavailable("%(host)s cannot be reached.", host="tea.example")

    assert str(trouble) == "tea.example cannot be reached."
    assert trouble.said(in_german) == "tea.example ist nicht zu erreichen."
    assert trouble.said(str) == str(trouble)


@pytest.mark.parametrize("sentence", ["100 % of it went wrong.", "Nothing %(of) it.", "%", "%%"])
def test_what_has_no_places_is_said_as_it_is(sentence: str) -> None:
    assert str(Told(sentence)) == Told(sentence).said(in_german) == sentence


def test_what_somebody_typed_is_no_place_to_be_filled() -> None:
    with pytest.raises(Unreadable) as refused:
        parse("%(host)s %s of it")

    assert "%(host)s %s of it" in refused.value.said(in_german)


def _raised() -> Iterator[tuple[str, ast.Call]]:
    told = {name for name, where in words.KEYWORDS.items() if where is None and name not in ("_",)}
    for path in [*NETWORKS.glob("*.py"), NETWORKS.parent / "handles.py", NETWORKS.parent / "schedule.py"]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in told and node.args:
                yield f"{path.name}:{node.lineno}", node


def test_every_sentence_of_theirs_can_be_gathered_for_translators() -> None:
    lost = [
        where
        for where, call in _raised()
        if not isinstance(call.args[0], ast.Constant) and ast.unparse(call.args[0]) not in PASSED_ON
    ]

    assert len(list(_raised())) > 100
    assert lost == []
