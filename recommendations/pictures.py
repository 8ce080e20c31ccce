"""An edition -> its share image and alt text; somebody else's picture -> our own, re-encoded copy. Pure.

Other people's bytes are hostile until decoded: only four raster formats are let near a decoder, told by their first
bytes, and what comes out holds pixels and nothing else. SVG is no picture here (it is a program). This piece does not
know where a picture came from or where it will be kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageDraw, ImageOps

from recommendations.lettering import Style, draw, is_leftward, shorten, width, wrap
from recommendations.markup import clean_line, clean_text

AVATAR_SIDE = 128  # pixels: shown at 56, twice as many on sharp screens, and at 96 on a person's page
AVATAR_BYTES = 4_000_000
AVATAR_PIXELS = 4_096 * 4_096
SHARE_SIZE = (1200, 630)
ALT_LIMIT = 1_000

_FORMATS: dict[str, Callable[[bytes], bool]] = {
    "PNG": lambda data: data.startswith(b"\x89PNG\r\n\x1a\n"),
    "JPEG": lambda data: data.startswith(b"\xff\xd8\xff"),
    "GIF": lambda data: data.startswith((b"GIF87a", b"GIF89a")),
    "WEBP": lambda data: data.startswith(b"RIFF") and data[8:12] == b"WEBP",
}


class NotAPicture(Exception):
    """These bytes are no picture we take, or a dangerous one."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share image: PNG bytes, what it says in words (at most ALT_LIMIT characters), and its size in pixels."""

    data: bytes
    alt: str
    width: int = SHARE_SIZE[0]
    height: int = SHARE_SIZE[1]
    media_type: str = "image/png"


def avatar(data: bytes) -> bytes:
    """A square WebP of AVATAR_SIDE pixels, cut from the middle of the first frame, the right way up, without metadata.

    Raises NotAPicture.
    """
    if len(data) > AVATAR_BYTES:
        raise NotAPicture("This picture is too large.")
    kind = next((name for name, fits in _FORMATS.items() if fits(data)), None)
    if kind is None:
        raise NotAPicture("This is no PNG, JPEG, GIF or WebP picture.")
    try:
        with Image.open(BytesIO(data), formats=[kind]) as picture:
            if picture.width * picture.height > AVATAR_PIXELS:
                raise NotAPicture("This picture has too many pixels.")
            picture.draft("RGB", (2 * AVATAR_SIDE, 2 * AVATAR_SIDE))  # JPEG: decode no more than is wanted
            upright = ImageOps.exif_transpose(picture)
            square = ImageOps.fit(upright.convert("RGBA"), (AVATAR_SIDE, AVATAR_SIDE))
    except NotAPicture:
        raise
    except Exception as error:  # decoders raise whatever a broken file makes them stumble over
        raise NotAPicture("This picture is broken.") from error
    fresh = Image.frombytes(square.mode, square.size, square.tobytes())  # pixels alone
    out = BytesIO()
    fresh.save(out, "WEBP", quality=78, method=6)
    return out.getvalue()


_PAPER, _INK, _FAINT = "#fbf7ee", "#1f1a17", "#6a6259"
_ACCENTS = {"brick": "#9c3b27", "pine": "#2c5b47", "ink": "#264a7a", "plum": "#6c2f5d", "ochre": "#80560f"}
_MARGIN = 76
_MEASURE = SHARE_SIZE[0] - 2 * _MARGIN
_BETWEEN = "  ·  "


def share_image(
    *, title: str, community: str, hashtag: str, line: str, names: Sequence[str], accent: str = "brick"
) -> Share:
    """The picture that goes with an edition's posts: its masthead, its title, and whom it recommends, in order.

    `line` says which edition this is, such as "No. 12 · 2026-W47"; `hashtag` comes without its #; `accent` is one of
    the communities' colours (an unknown one is brick). Any text will do: long ones are shortened, more names than
    fit are counted. Read from the right where the title is.
    """
    alt = share_alt(title=title, community=community, hashtag=hashtag, line=line, names=names)
    community, line, tag = (clean_line(each) for each in (community, line, "#" + hashtag.lstrip("#")))
    title = clean_line(title, 200) or community
    names = [name for each in names if (name := clean_line(each, 80))]
    colour = _ACCENTS.get(accent, _ACCENTS["brick"])
    page = _Page(leftward=is_leftward(title))

    page.write(shorten(line, Style.TEXT, 30, _MEASURE / 2), Style.TEXT, 30, _FAINT, 104, at_end=True)
    page.write(shorten(community, Style.TITLE, 38, _MEASURE / 2), Style.TITLE, 38, _INK, 104)
    page.rule(128, 3, _INK)
    page.rule(135, 1, _INK)
    size, lines = _fitting(title)
    baseline = 150
    for each in lines:
        baseline += round(size * 1.12)
        page.write(each, Style.TITLE, size, _INK, baseline)
    _write_names(page, names, colour, top=baseline + 44)
    page.rule(548, 1, _INK)
    page.write(shorten(tag, Style.TEXT, 32, _MEASURE), Style.TEXT, 32, colour, 592)

    out = BytesIO()
    page.picture.save(out, "PNG", optimize=True)
    return Share(out.getvalue(), alt)


def share_alt(*, title: str, community: str, hashtag: str, line: str, names: Sequence[str]) -> str:
    """What the share image of the same arguments says, in words; it costs next to nothing."""
    community, line, tag = (clean_line(each) for each in (community, line, "#" + hashtag.lstrip("#")))
    said = " · ".join(each for each in (community, tag, line) if each)
    whom = ", ".join(name for each in names if (name := clean_line(each, 80)))
    return clean_text(f"{said}\n{clean_line(title, 200) or community}\n{whom}", ALT_LIMIT)


class _Page:
    """Paper to write on, from the side where reading begins."""

    def __init__(self, *, leftward: bool) -> None:
        self.leftward = leftward
        self.picture = Image.new("RGB", SHARE_SIZE, _PAPER)
        self.canvas = ImageDraw.Draw(self.picture)

    def rule(self, y: int, height: int, ink: str) -> None:
        self.canvas.rectangle((_MARGIN, y, SHARE_SIZE[0] - _MARGIN - 1, y + height - 1), fill=ink)

    def write(
        self, text: str, style: Style, size: int, ink: str, baseline: int, *, start: float = 0, at_end: bool = False
    ) -> float:
        """Write one line, `start` pixels in from where lines begin (or up to their end); how wide it was."""
        wide = width(text, style, size)
        x = _MEASURE - wide if at_end else start
        x = _MEASURE - wide - x if self.leftward else x
        draw(self.canvas, (_MARGIN + x, baseline), text, style, size, ink)
        return wide


def _fitting(title: str) -> tuple[int, list[str]]:
    """The largest size at which the title takes two lines, or three small ones, the last shortened at need."""
    for size, most in ((92, 2), (78, 2), (66, 2), (56, 3)):
        lines = wrap(title, Style.TITLE, size, _MEASURE)
        if len(lines) <= most:
            return size, lines
    return size, [*lines[:2], shorten(" ".join(lines[2:]), Style.TITLE, size, _MEASURE)]


def _write_names(page: _Page, names: Sequence[str], colour: str, *, top: int) -> None:
    """The names one after another, as large as they all fit above the foot; those that do not are counted."""
    for size in (54, 46, 40, 36, 32):
        high = round(size * 1.42)
        rows, left = _rows(names, size, (536 - top) // high)
        if not left:
            break
    baseline = top + size
    for row in rows:
        start = 0.0
        for place, name in enumerate(row):
            if place:
                start += page.write(_BETWEEN, Style.TEXT, size, colour, baseline, start=start)
            start += page.write(name, Style.TEXT, size, _INK, baseline, start=start)
        baseline += high


def _rows(names: Sequence[str], size: int, most: int) -> tuple[list[list[str]], int]:
    """The names in at most `most` rows, and how many are left over; then the last of them is their count."""
    gap = width(_BETWEEN, Style.TEXT, size)

    def wide(row: Sequence[str]) -> float:
        return sum(width(each, Style.TEXT, size) for each in row) + gap * (len(row) - 1)

    rows: list[list[str]] = [[]]
    for place, name in enumerate(names):
        short = shorten(name, Style.TEXT, size, _MEASURE)
        if wide([*rows[-1], short]) <= _MEASURE:
            rows[-1].append(short)
        elif len(rows) < most:
            rows.append([short])
        else:
            left = len(names) - place
            while rows[-1] and wide([*rows[-1], f"+{left}"]) > _MEASURE:
                rows[-1].pop()
                left += 1
            rows[-1].append(f"+{left}")
            return rows, left
    return rows, 0
