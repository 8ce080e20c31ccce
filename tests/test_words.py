"""Every word for people is marked, gathered, translated whole, and compiled."""

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from django.conf import settings
from django.template.base import Lexer, TokenType
from django.utils import translation

from tests import words

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
TEMPLATES = sorted((words.ROOT / "templates").rglob("*.*"))
PYTHON = [path for folder in words.SOURCES for path in sorted((words.ROOT / folder).rglob("*.py"))]
NAMES = {"Follow Friday", "Atom", "JSON Feed", "API"}  # the same in every language
SPOKEN = {"alt", "aria-label", "placeholder", "title"}  # attributes that people hear or read
_PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?[sd]|(?<!\{)\{(\w*)\}")
_TAG = re.compile(r"</?\w[^>]*>")


def translated(language: str) -> list[Message]:
    return [message for message in words.read(language) if message.id]


def forms(message: Message) -> list[tuple[str, str]]:
    """Each translation with the English sentence it stands for."""
    if isinstance(message.id, str):
        return [(message.id, message.string)]
    return [(message.id[-1], string) for string in message.string]


def told(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def placeholders(text: str) -> set[str]:
    return {match[0] for match in _PLACEHOLDER.finditer(text.replace("%%", ""))}


# Gathered


def test_there_are_files_for_each_language_but_english() -> None:
    assert words.languages() == sorted(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_the_sources_are_those_of_the_file(language: str) -> None:
    there = {(message.context, message.id) for message in translated(language)}
    found = set(words.found())

    assert (found - there, there - found) == (set(), set()), "run `make words`, and translate what is new"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_runs_is_what_was_translated(language: str) -> None:
    compiled = words.po_file(language).with_suffix(".mo").read_bytes()

    assert compiled == words.as_mo(words.read(language)), "run `make words`"


@pytest.mark.parametrize("language", LANGUAGES)
def test_writing_a_file_again_changes_nothing(language: str) -> None:
    once = words.as_po(words.updated(language, words.found()))

    assert b"Date" not in once.split(b"\n\n")[0]
    assert once == words.as_po(words.updated(language, words.found()))


def test_words_are_found_in_templates_and_in_python() -> None:
    found = words.found()

    assert found[(None, "Who should we follow, and why?")].files >= {"templates/communities/board.html"}
    assert (
        None,
        ("%(left)s nomination left this week.", "%(left)s nominations left this week."),
    ) in found  # counted, trimmed, in a template
    assert (None, ("%(n)d vote counted for them.", "%(n)d votes counted for them.")) in found  # ngettext
    assert (None, "Join <bdi>%(community)s</bdi>") in found  # with a name in it
    assert found[(None, "Add a reason")].files == {"templates/people/card.jinja"}
    assert (None, "somebody who has left") in found
    assert found[(None, "Curator")].files == {"recommendations/models/membership.py"}  # lazy, in a class


def test_a_translation_stays_with_its_sentence_and_no_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(words, "LOCALE", tmp_path)
    words.po_file("de").parent.mkdir(parents=True)
    words.po_file("de").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "Stays"\nmsgstr "Bleibt"\n\nmsgid "Goes"\nmsgstr "Geht"\n'
    )
    word = words.Word({"a.py"}, ["Translators: a greeting"])

    after = words.updated("de", {(None, "Stays"): word, ("a verb", "Stays"): word, (None, ("one", "many")): word})

    assert {(m.context, m.id): m.string for m in after if m.id} == {
        (None, "Stays"): "Bleibt",
        ("a verb", "Stays"): None,
        (None, ("one", "many")): ("", ""),
    }
    assert len(words.missing(after)) == 2
    assert b"#. Translators: a greeting\n#: a.py\n" in words.as_po(after)


def test_the_image_holds_what_was_translated() -> None:
    assert "\nCOPY locale locale\n" in (words.ROOT / "Dockerfile").read_text()


# Translated


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_in_english_or_in_doubt(language: str) -> None:
    assert [message.id for message in words.missing(words.read(language))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_counted_sentence_has_all_forms_the_language_has(language: str) -> None:
    catalog = words.read(language)
    counted = [message for message in translated(language) if not isinstance(message.id, str)]

    assert catalog.num_plurals == {"ar": 6, "de": 2}[language]
    assert [message.id for message in counted if len(message.string) != catalog.num_plurals] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_names_what_the_sentence_names(language: str) -> None:
    wrong = []
    for message in translated(language):
        for english, string in forms(message):
            lacking = placeholders(english) - placeholders(string)
            number = 0 if isinstance(message.id, str) else 1  # a form for one or two may do without the number
            if placeholders(string) - placeholders(english) or len(lacking) > number:
                wrong.append((told(message), string))

    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_markup_of_its_sentence_and_breaks_no_attribute(language: str) -> None:
    wrong = []
    for message in translated(language):
        for english, string in forms(message):
            same = sorted(_TAG.findall(english)) == sorted(_TAG.findall(string))
            rest = _TAG.sub("", string)
            if not same or "<" in rest or ('"' in rest and '"' not in _TAG.sub("", english)):
                wrong.append((told(message), string))

    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_begins_and_ends_as_its_sentence(language: str) -> None:
    wrong = [
        (english, string)
        for message in translated(language)
        for english, string in forms(message)
        if (english[0].isspace(), english[-1].isspace()) != (string[0].isspace(), string[-1].isspace())
    ]

    assert wrong == []


@pytest.mark.parametrize(("number", "told"), [(0, 0), (1, 1), (2, 2), (5, 3), (103, 3), (11, 4), (99, 4), (100, 5)])
def test_arabic_counts_as_arabic_does(number: int, told: int) -> None:
    message = words.read("ar").get(("%(left)s nomination left this week.", "%(left)s nominations left this week."))
    assert message is not None

    with translation.override("ar"):
        assert translation.ngettext(*message.id, number) == message.string[told]


# Marked


UNSPOKEN = ("script", "style", "kbd")  # a key is called what stands on it


class _Spoken(HTMLParser):
    """Collects what a template says by itself: text between tags, and attributes that are read out."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in UNSPOKEN
        self.said += [value for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in UNSPOKEN

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.said.append(data)


def unmarked(source: str) -> list[str]:
    """What a template says that is not in a {% translate %} or {% blocktranslate %}."""
    html, inside = "", ""
    for token in Lexer(source).tokenize():
        tag = token.contents.split(" ")[0] if token.token_type == TokenType.BLOCK else ""
        if inside:
            inside = "" if tag == f"end{inside}" else inside
        elif tag in ("blocktranslate", "comment"):
            inside = tag
        elif token.token_type == TokenType.TEXT:
            html += token.contents
    parser = _Spoken()
    parser.feed(html)
    parser.close()
    said = (re.sub(r"[\W\d_]+", " ", text).strip() for text in parser.said)
    return [text for text in said if text and text not in NAMES]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(words.ROOT / "templates").as_posix())
def test_a_template_says_nothing_that_cannot_be_translated(path: Path) -> None:
    assert unmarked(path.read_text()) == []


def test_words_that_are_not_marked_are_seen() -> None:
    source = (
        '<p title="{{ x }} on it">{% translate "Yes" %} {# no #}Hello{% blocktranslate %}you{% endblocktranslate %}'
    )

    assert unmarked(source + "<script>let it = 1</script><b>API</b> · 3 <img alt='A dog'>") == [
        "on it",
        "Hello",
        "A dog",
    ]


def test_what_is_said_while_a_module_is_imported_waits_for_the_reader() -> None:
    """Then nobody is there yet whose language could be spoken: such words are gettext_lazy."""
    found = [f"{path.relative_to(words.ROOT)}:{line}" for path in PYTHON for line in too_early(path.read_text())]

    assert found == []


def too_early(source: str) -> list[int]:
    """The lines on which gettext itself is called outside any function."""
    tree = ast.parse(source)
    at_once = {"gettext", "ngettext", "pgettext", "npgettext"}
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.name in at_once
    }
    lines, todo = [], list(ast.iter_child_nodes(tree))
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            lines.append(node.lineno)
        todo += ast.iter_child_nodes(node)
    return lines


def test_words_said_too_early_are_seen() -> None:
    source = "from django.utils.translation import gettext as _\nA = _('x')\ndef f():\n    return _('y')\n"

    assert too_early(source) == [2]
