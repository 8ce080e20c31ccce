"""Markdown -> safe HTML; remote HTML -> plain text; any text -> clean text. Pure.

Whatever comes in, what goes out is NFC, holds no control characters, no lone surrogates (no database and no
encoder takes those) and nothing that turns the reading order around, so that one line cannot dress up as
another. This piece does not know who wrote a text or where it will stand; templates still escape plain text.
"""

import html
import importlib.util
import unicodedata
from collections.abc import MutableMapping
from typing import Any

import nh3
import regex
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

BIO_LIMIT = 2_000  # characters kept of a remote bio; most servers allow 500
LINE_LIMIT = 100
SOURCE_LIMIT = 30_000  # characters of HTML or Markdown that are parsed: nested input takes quadratic time

_TAGS = {"p", "br", "h3", "h4", "h5", "h6", "strong", "em", "s", "a", "ul", "ol", "li", "blockquote", "hr",
         "code", "pre"}  # fmt: skip
_BLOCKS = {"p", "div", "li", "tr", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"}
_BLOCK_ENDS = regex.compile(r" ?(?:</?(?!br>)[a-z0-9]+> ?)+")

# Gone: controls but for tab and line ends, surrogates, private use and non-characters; bidi embeddings,
# overrides and isolates; zero-width spaces, joiners of nothing, soft hyphens, deprecated format marks,
# fillers that look like nothing. Kept: ZWJ and ZWNJ (emoji, Persian), the single bidi marks, and tag
# characters (flags).
_GONE = regex.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u115f\u1160\u180e\u200b\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    r"\ufff9-\ufffc\U000e0000-\U000e001f\p{Cs}\p{Co}\p{Noncharacter_Code_Point}]"
)
_LINE_ENDS = regex.compile(r"\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_BLANKS = regex.compile(r"[\t\x1f\p{Zs}]+")
# No script needs more marks on one letter, and a thousand of them hide a page.
_PILED_UP = regex.compile(r"(\p{M}{8})\p{M}+")
_VISIBLE = regex.compile(r"[\p{L}\p{N}\p{P}\p{S}--\u2800]", flags=regex.V1)  # U+2800 is an empty Braille cell
_CLUSTER = regex.compile(r"\X")


def clean_text(text: str, limit: int = BIO_LIMIT) -> str:
    """Text of several lines: cleaned, blanks collapsed, no two empty lines in a row, at most `limit` long.

    The limit is in code points, as a database column counts; the cut is made between what people see as
    characters, and is marked by an ellipsis.
    """
    text = _normal(text)
    lines = [_BLANKS.sub(" ", line).strip(" ") for line in _LINE_ENDS.split(text)]
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return _cut("\n".join(kept).strip("\n"), limit)


def clean_line(text: str, limit: int = LINE_LIMIT) -> str:
    """One line, for display names and subjects: cleaned as `clean_text`, line ends become blanks.

    Empty when nothing in it can be seen.
    """
    line = _BLANKS.sub(" ", _LINE_ENDS.sub(" ", _normal(text))).strip(" ")
    return _cut(line, limit) if _VISIBLE.search(line) else ""


def plain_text(html_text: str, limit: int = BIO_LIMIT) -> str:
    """The words of a remote HTML text, such as a bio: no tags, entities decoded, cleaned as `clean_text`.

    A `<br>` and the end of a list item or a heading become one line end, the end of a `<p>` an empty line;
    line ends in the source itself are blanks, as in a browser. Scripts and styles go with their content.
    Text that never was HTML belongs in `clean_text`.
    """
    source = _BLANKS.sub(" ", _LINE_ENDS.sub(" ", _GONE.sub("", html_text[:SOURCE_LIMIT])))
    marked = nh3.clean(source, tags=_BLOCKS | {"br"}, attributes={})
    marked = _BLOCK_ENDS.sub(lambda match: "\n\n" if "p>" in match[0] else "\n", marked)
    return clean_text(html.unescape(marked.replace("<br>", "\n")), limit)


def render(markdown: str) -> str:
    """Markdown as HTML that may stand on our pages unescaped.

    CommonMark without HTML and pictures (a picture becomes a link to it); headings begin at h3, for the page
    has its own h1 and h2; a link that leads to anything but http or https stays as it was typed. A text past
    SOURCE_LIMIT characters is shown as typed, in paragraphs, and nothing is lost.
    """
    text = _normal(_LINE_ENDS.sub("\n", markdown))
    if len(text) > SOURCE_LIMIT:
        paragraphs = regex.split(r"\n\s*\n", text)
        return "".join(f"<p>{html.escape(each)}</p>\n" for each in paragraphs)
    return nh3.clean(
        _MARKDOWN.render(text),
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https"},
        url_relative="deny",
        link_rel="nofollow noopener ugc",
    )


def _normal(text: str) -> str:
    """NFC, after what must go has gone: ordering a long pile of marks would take quadratic time."""
    return unicodedata.normalize("NFC", _PILED_UP.sub(r"\1", _GONE.sub("", text)))


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    room = limit - 1
    end = 0
    for cluster in _CLUSTER.finditer(text):
        if cluster.end() > room:
            break
        end = cluster.end()
    return text[: end or room].rstrip() + "…"


def _heading(self: RendererHTML, tokens: list[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
    token = tokens[idx]
    token.tag = f"h{min(6, int(token.tag[1]) + 2)}"
    return self.renderToken(tokens, idx, options, env)


def _is_web_address(url: str) -> bool:
    return regex.match(r"https?://", url, flags=regex.IGNORECASE) is not None


def _markdown() -> MarkdownIt:
    linkify = importlib.util.find_spec("linkify_it") is not None
    markdown = MarkdownIt("commonmark", {"html": False, "linkify": linkify})
    markdown.enable(["strikethrough", "linkify"]).disable("image")
    markdown.validateLink = _is_web_address  # type: ignore[method-assign]
    markdown.add_render_rule("heading_open", _heading)
    markdown.add_render_rule("heading_close", _heading)
    return markdown


_MARKDOWN = _markdown()
