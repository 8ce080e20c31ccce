"""`python -m tests.words`: gather every word for people, bring locale/<language>/ up to date, compile it.

Needs none of the gettext programs: templates become Python-like source by Django's own `templatize`, Babel finds the
words in both, and writes what Python's gettext reads. A translation stays with its English sentence; a sentence that is
new or was changed has none until somebody writes it into the .po file.
"""

import io
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
LOCALE = ROOT / "locale"
SOURCES = ("accounts", "recommendations", "ffapp")
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
    # Errors that pure modules and networks raise with a sentence: recommendations/sentences.py
    **dict.fromkeys(("Unreadable", "Unkeepable", "Rejected", "Revoked", "Declined", "Forgotten", "Forbidden")),
    **dict.fromkeys(("NotFound", "Unavailable", "OutcomeUnknown", "_UselessError", "lost")),
}
HINT = "Translators:"  # begins a comment that is for translators

Id = str | tuple[str, str]  # the English sentence, or its singular and plural
Key = tuple[str | None, Id]  # with its context


@dataclass
class Word:
    """A sentence for people: where it stands, and what translators are told of it."""

    files: set[str]
    hints: list[str]


class _Catalog(Catalog):
    """Without the dates and the version that would change at each writing; with the plurals its file had before."""

    plurals = ""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:  # type: ignore[override]
        return [
            ("Language", str(self.locale_identifier)),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Plural-Forms", self.plurals),
        ]

    @mime_headers.setter
    def mime_headers(self, headers: Iterable[tuple[str, str]]) -> None:
        raise AttributeError("the header of a file is fixed")  # Babel's own property can be set; ours cannot


def languages() -> list[str]:
    """All there are files for; English is in the sources."""
    return sorted(folder.name for folder in LOCALE.iterdir() if (folder / "LC_MESSAGES").is_dir())


def po_file(language: str) -> Path:
    """What people edit."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> "_Catalog":
    """A language's .po file."""
    with po_file(language).open("rb") as file:
        there = read_po(file, locale=language)
    catalog = _empty(language, there.plural_forms)
    for message in there:
        if message.id:
            catalog[message.id] = message
    return catalog


def _empty(language: str, plurals: str) -> "_Catalog":
    catalog = _Catalog(locale=language, charset="utf-8", fuzzy=False, header_comment=f"# Follow Friday: {language}")
    catalog.plurals = plurals
    return catalog


def found() -> dict[Key, Word]:
    """Every sentence for people in templates and Python."""
    words: dict[Key, Word] = {}
    for path, source in _sources():
        for _line, id, hints, context in extract("python", io.BytesIO(source), KEYWORDS, (HINT,)):
            name = path.relative_to(ROOT).as_posix()
            word = words.setdefault((context, id), Word(set(), []))  # type: ignore[arg-type]
            word.files.add(name)
            word.hints += [hint for hint in hints if hint not in word.hints]
    return words


def _sources() -> Iterator[tuple[Path, bytes]]:
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, path.read_bytes()
    for path in sorted((ROOT / "templates").rglob("*.*")):
        lines = templatize(path.read_text(), origin=str(path)).splitlines()
        yield path, "\n".join(line.lstrip() for line in lines).encode()  # the indentation is HTML's, not Python's


def updated(language: str, words: dict[Key, Word]) -> Catalog:
    """The language's file with exactly these words, and the translations it had for them."""
    before = read(language)
    after = _empty(language, before.plurals)
    for (context, id), word in sorted(words.items(), key=lambda item: (min(item[1].files), str(item[0][1]))):
        kept = before.get(id, context)
        after.add(
            id,
            kept.string if kept and _fits(kept, id) else None,
            locations=[(file, 0) for file in sorted(word.files)],
            auto_comments=word.hints,
            user_comments=kept.user_comments if kept else (),
            flags=kept.flags & {"fuzzy"} if kept else (),
            context=context,
        )
    return after


def _fits(kept: Message, id: Id) -> bool:
    """Whether a sentence that is counted was counted before, too."""
    return isinstance(kept.string, str) == isinstance(id, str)


def as_po(catalog: Catalog) -> bytes:
    """The text of a .po file."""
    file = io.BytesIO()
    write_po(file, catalog, width=120, include_lineno=False)
    return file.getvalue()


def as_mo(catalog: Catalog) -> bytes:
    """What gettext reads when the site runs."""
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def missing(catalog: Catalog) -> list[Message]:
    """What nobody has translated yet, or must look at once more."""
    return [
        message
        for message in catalog
        if message.id
        and (message.fuzzy or not all([message.string] if isinstance(message.id, str) else message.string))
    ]


def main() -> int:
    """Write all files; 1 while something is not translated."""
    words, left = found(), 0
    for language in languages():
        catalog = updated(language, words)
        po_file(language).write_bytes(as_po(catalog))
        po_file(language).with_suffix(".mo").write_bytes(as_mo(read(language)))
        todo = missing(catalog)
        left += len(todo)
        print(f"{language}: {len(words)} sentences, {len(todo)} to translate")
        for message in todo[:10]:
            print(f"  {message.id!r}")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
