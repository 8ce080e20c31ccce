"""The table of attacks as a picture: one line per attack, the fewest fakes from left to right, on a logarithmic scale.

SVG by hand. The product's methods are filled and carry their numbers; the others stand below them, hollow.
"""

from collections.abc import Mapping
from math import log10
from xml.sax.saxutils import escape

from benchmarks.ranking.measure import MOST
from benchmarks.ranking.table import fakes

Found = Mapping[str, Mapping[str, int | None]]  # attack -> method -> fewest fakes; None: MOST were too few

WIDTH, LEFT, RIGHT, TOP, ROW = 960, 300, 70, 92, 44
ASIDE = 7  # so that two marks do not hide each other
BEYOND = WIDTH - RIGHT + 26  # where stands what nobody managed
SHAPES = {
    "count": "M-6,0a6,6 0 1,0 12,0a6,6 0 1,0 -12,0z",
    "circles": "M-6,0a6,6 0 1,0 12,0a6,6 0 1,0 -12,0z",
    "Wilson": "M0,-5L5,0L0,5L-5,0z",
    "hotness": "M0,-5L5,4L-5,4z",
    "quadratic": "M-4,-4h8v8h-8z",
}
STYLE = """
text{font:14px system-ui,sans-serif;fill:#1f2328}.quiet{fill:#59636e;font-size:12px}.end{text-anchor:end}
.middle{text-anchor:middle}.line{stroke:#d1d9e0}.between{stroke:#afb8c1;stroke-width:2}.back{fill:#fff}
.mark{fill:none;stroke:#59636e;stroke-width:1.5}.count{fill:#8a6d00;stroke:none}.circles{fill:#0a5fb4;stroke:none}
text.count,text.circles{font-size:12px;font-weight:600;paint-order:stroke;stroke:#fff;stroke-width:4}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.quiet{fill:#9198a1}.line{stroke:#3d444d}.between{stroke:#59636e}
.back{fill:#0d1117}.mark{stroke:#9198a1}.count{fill:#d9b342;stroke:none}.circles{fill:#6cb2ff;stroke:none}
text.count,text.circles{stroke:#0d1117}}
"""


def svg(found: Found) -> str:
    """The whole picture."""
    height = TOP + ROW * len(found) + 16
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{escape(TITLE)}</title><style>{STYLE}</style>",
        f'<rect class="back" width="{WIDTH}" height="{height}"/>',
        f'<text x="16" y="26">{escape(TITLE)}</text>',
        *_legend(),
        *_scale(height),
    ]
    for number, (attack, by_method) in enumerate(found.items()):
        parts += _row(attack, by_method, TOP + ROW * number + ROW // 2)
    return "\n".join([*parts, "</svg>\n"])


TITLE = "Fewest fakes that put somebody undeserving into the top 10 (further right is better)"


def across(number: int | None) -> float:
    """How far to the right a number of fakes stands."""
    if number is None:
        return BEYOND
    return round(LEFT + (WIDTH - LEFT - RIGHT) * log10(number) / log10(MOST), 1)


def _legend() -> list[str]:
    parts = []
    for number, method in enumerate(SHAPES):
        parts.append(_mark(method, LEFT + 108 * number, 52))
        parts.append(f'<text class="quiet" x="{LEFT + 12 + 108 * number}" y="56">{escape(method)}</text>')
    return parts


def _scale(height: int) -> list[str]:
    parts = []
    for number in (1, 10, 100, 1_000, 10_000, None):
        x, label = across(number), fakes(number)
        parts.append(f'<line class="line" x1="{x}" x2="{x}" y1="{TOP - 6}" y2="{height - 12}"/>')
        parts.append(f'<text class="quiet middle" x="{x}" y="{TOP - 12}">{escape(label)}</text>')
    return parts


def _row(attack: str, by_method: Mapping[str, int | None], y: int) -> list[str]:
    parts = [f'<text class="end" x="{LEFT - 16}" y="{y + 5}">{escape(attack)}</text>']
    product = sorted(("count", "circles"), key=lambda method: across(by_method[method]))
    least, most = (across(by_method[method]) for method in product)
    if least == most:
        least, most = least - ASIDE, most + ASIDE
    parts.append(f'<line class="between" x1="{least}" x2="{most}" y1="{y - 6}" y2="{y - 6}"/>')
    for method, x, side in zip(product, (least, most), ("end", "start"), strict=True):
        parts.append(_mark(method, x, y - 6))
        if by_method[method] is not None:
            at = x - 10 if side == "end" else x + 10
            number = fakes(by_method[method])
            parts.append(f'<text class="{method}" text-anchor="{side}" x="{at:.1f}" y="{y - 2}">{number}</text>')
    others = [method for method in SHAPES if method not in product]
    for place, method in enumerate(others):
        aside = 2 * ASIDE * (place - 1) if by_method[method] is None else 0
        parts.append(_mark(method, across(by_method[method]) + aside, y + 10))
    return parts


def _mark(method: str, x: float, y: float) -> str:
    return f'<path class="mark {method}" transform="translate({x},{y})" d="{SHAPES[method]}"/>'
