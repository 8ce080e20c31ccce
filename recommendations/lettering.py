"""Text of any script, set with the fonts in `fonts/` so that nothing shows as an empty box. Pure.

Each character people see goes to the first font that draws all of it; what no font draws is written in its
compatible form (bold script as plain letters), without its marks, or as a middle dot. Runs of one font are
put into visual order by the rules of the bidi algorithm that matter for a line of names (UAX #9, two levels).
Letters are joined and reordered where Pillow has Raqm, that is, where the system has libfribidi; elsewhere
they stand one by one, in the right order.
This piece does not know what is written, nor on what.
"""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import regex
from PIL import ImageDraw, ImageFont, features

FONTS = Path(__file__).parent / "fonts"
SHAPED = bool(features.check("raqm"))
MISSING = "·"

_CLUSTER = regex.compile(r"\X")
_INVISIBLE = regex.compile(r"[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cs}\p{Zl}\p{Zp}]")
_LETTER = regex.compile(r"[\p{L}\p{M}]")
_PICTURE = regex.compile(r"\p{Emoji_Presentation}|\p{Emoji}\ufe0f")
_MARK = regex.compile(r"\p{M}")
_SOLID = regex.compile(r"[\p{L}\p{M}\p{N}\p{S}]")
_EMOJI = "NotoEmoji-Regular"
_LEFTWARD = {"NotoSerifHebrew-Regular", "NotoNaskhArabic-Regular"}


class Style(StrEnum):
    """The Latin letters of a text, and with them the font asked first."""

    TITLE = "Newsreader-Title"
    TEXT = "Newsreader-Text"


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring characters of one font and direction."""

    font: str
    text: str
    rightward: bool = True


def draws(font: str, text: str) -> bool:
    """Does this font draw every visible character of the text?"""
    return all(ord(each) in _coverage()[font] for each in _INVISIBLE.sub("", text))


def is_leftward(text: str) -> bool:
    """Is this text read from right to left, by its first letter that has a direction?"""
    return next((not rightward for each in text if (rightward := _direction(each)) is not None), False)


def runs(text: str, style: Style) -> list[Run]:
    """The text in visual order, from left to right."""
    pieces = [piece for cluster in _CLUSTER.findall(text) for piece in _drawable(cluster, style)]
    fonts: list[str] = []
    for piece in pieces:
        # Blanks and digits stay with the leftward letters they follow, so that a phrase is put in order as one.
        stays = fonts and not _LETTER.search(piece) and fonts[-1] in _LEFTWARD and draws(fonts[-1], piece)
        fonts.append(fonts[-1] if stays else _font_of(piece, style) or style)
    joined: list[tuple[str, str]] = []
    for font, group in groupby(zip(fonts, pieces, strict=True), key=itemgetter(0)):
        # What stands around a run's letters belongs between it and its neighbours.
        joined += [(font, part) for part in _parted([piece for _, piece in group]) if part]
    return _in_visual_order(joined, leftward=is_leftward(text))


def width(text: str, style: Style, size: int, *, shaped: bool = SHAPED) -> float:
    """How wide the text will be, in pixels."""
    return sum(_width(run, size, shaped) for run in runs(text, style))


def draw(
    canvas: ImageDraw.ImageDraw,
    place: tuple[float, float],
    text: str,
    style: Style,
    size: int,
    ink: str,
    *,
    shaped: bool = SHAPED,
) -> float:
    """Write the text on its baseline, from its left edge; where it ended."""
    x, baseline = place
    for run in runs(text, style):
        face = _face(run.font, size, shaped)
        direction = _direction_of(run, shaped)
        canvas.text((x, baseline), _letters(run, shaped), ink, face, anchor="ls", direction=direction)
        x += _width(run, size, shaped)
    return x


def shorten(text: str, style: Style, size: int, limit: float) -> str:
    """The text, or as much of it as fits into `limit` pixels, and an ellipsis."""
    if width(text, style, size) <= limit:
        return text
    clusters = _CLUSTER.findall(text)
    fits, too_long = 0, len(clusters)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if width("".join(clusters[:middle]).rstrip() + "…", style, size) <= limit:
            fits = middle
        else:
            too_long = middle
    return "".join(clusters[:fits]).rstrip() + "…"


def wrap(text: str, style: Style, size: int, limit: float) -> list[str]:
    """The text in lines of at most `limit` pixels, broken at blanks, and within words that are longer than a line."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if width(longer, style, size) <= limit:
            line = longer
            continue
        if line:
            lines.append(line)
        line = ""
        for cluster in _CLUSTER.findall(word):
            if line and width(line + cluster, style, size) > limit:
                lines.append(line)
                line = ""
            line += cluster
    return [*lines, line] if line else lines


def _parted(pieces: list[str]) -> tuple[str, str, str]:
    """What leads, the part from the first letter, digit or symbol to the last, and what trails."""
    solid = [place for place, piece in enumerate(pieces) if _SOLID.search(piece)] or [0]
    first, end = solid[0], solid[-1] + 1
    return "".join(pieces[:first]), "".join(pieces[first:end]), "".join(pieces[end:])


def _drawable(cluster: str, style: Style) -> list[str]:
    """The cluster itself, or what can be drawn in its place."""
    if not _INVISIBLE.sub("", cluster):
        return []
    if _font_of(cluster, style):
        return [cluster]
    compatible = unicodedata.normalize("NFKC", cluster)
    if compatible != cluster:
        return [piece for each in _CLUSTER.findall(compatible) for piece in _drawable(each, style)]
    bare = _MARK.sub("", unicodedata.normalize("NFD", cluster))
    return [bare] if bare and _font_of(bare, style) else [MISSING]


@lru_cache(maxsize=4_096)
def _font_of(piece: str, style: Style) -> str | None:
    order = [style, *(each for each in _coverage() if each not in set(Style))]
    if _PICTURE.search(piece):
        order.insert(0, _EMOJI)
    return next((font for font in order if draws(font, piece)), None)


def _direction(character: str) -> bool | None:
    """True: read rightward; False: leftward; None: as what stands around it."""
    return {"L": True, "R": False, "AL": False}.get(unicodedata.bidirectional(character))


def _in_visual_order(pieces: list[tuple[str, str]], *, leftward: bool) -> list[Run]:
    strong = [next((each for each in map(_direction, text) if each is not None), None) for _, text in pieces]
    directions = []
    for place, own in enumerate(strong):
        before = next((each for each in reversed(strong[:place]) if each is not None), not leftward)
        after = next((each for each in strong[place + 1 :] if each is not None), not leftward)
        between = before if before == after else not leftward
        directions.append(between if own is None else own)
    levels = [(2 if rightward else 1) if leftward else int(not rightward) for rightward in directions]
    order = list(range(len(pieces)))
    for level in (2, 1):
        order = [
            place
            for high, group in groupby(order, key=lambda place, level=level: levels[place] >= level)  # type: ignore[misc]
            for place in (reversed(list(group)) if high else group)
        ]
    return [Run(*pieces[place], rightward=directions[place]) for place in order]


def _width(run: Run, size: int, shaped: bool) -> float:
    return _face(run.font, size, shaped).getlength(_letters(run, shaped), direction=_direction_of(run, shaped))


def _letters(run: Run, shaped: bool) -> str:
    return run.text if shaped or run.rightward else "".join(reversed(_CLUSTER.findall(run.text)))


def _direction_of(run: Run, shaped: bool) -> str | None:
    if not shaped:
        return None
    return "ltr" if run.rightward else "rtl"


@lru_cache(maxsize=128)
def _face(font: str, size: int, shaped: bool) -> ImageFont.FreeTypeFont:
    engine = ImageFont.Layout.RAQM if shaped else ImageFont.Layout.BASIC
    return ImageFont.truetype(FONTS / f"{font}.ttf", size, layout_engine=engine)


@cache
def _coverage() -> dict[str, frozenset[int]]:
    """Code points by font, the preferred font first."""
    covered = {}
    for line in (FONTS / "coverage.txt").read_text(encoding="ascii").splitlines():
        font, *ranges = line.split()
        edges = (each.partition("-") for each in ranges)
        covered[font] = frozenset(
            code for first, _, last in edges for code in range(int(first, 16), int(last or first, 16) + 1)
        )
    return covered
