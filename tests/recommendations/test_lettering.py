import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from recommendations.lettering import (
    FONTS,
    MISSING,
    SHAPED,
    Run,
    Style,
    draw,
    draws,
    is_leftward,
    runs,
    shorten,
    width,
    wrap,
)

COVERED = {
    line.split()[0]: line.split()[1:] for line in (FONTS / "coverage.txt").read_text(encoding="ascii").splitlines()
}
NOBODYS = chr(0x10FFFD)  # private use: no font draws it, so it shows the font's empty box
HEBREW, ARABIC, TEXT = "NotoSerifHebrew-Regular", "NotoNaskhArabic-Regular", Style.TEXT.value

NAMES = [
    "Ada Lovelace", "Łukasz Žižek", "Đặng Thị Hương", "Şükrü Ñandú", "Þóra", "Анна Ахматова", "Леся Українка", "Ђорђе",
    "Ελένη Παπαδοπούλου", "ὦ ἄνδρες", "יוסי כהן", "שָׁלוֹם", "أحمد علي", "پروین اعتصامی", "می‌خواهم", "ڈاکٹر", "山田太郎",
    "中島みゆき", "王力宏", "朱镕基", "髙橋", "ﾃｽﾄ", "ＡＢＣ",
    "김민수", "뷁", "नमस्ते", "श्री", "বাংলা", "ਪੰਜਾਬੀ", "ગુજરાતી", "ଓଡ଼ିଆ",
    "தமிழ்", "తెలుగు", "ಕನ್ನಡ", "മലയാളം", "සිංහල", "ภาษาไทย", "ລາວ", "မြန်မာ", "ខ្មែរ", "አማርኛ", "ⵜⵉⴼⵉⵏⴰⵖ", "Հայերեն",
    "ქართული", "👩‍🔬", "🏳️‍🌈", "❤️", "🇩🇪", "👍🏽", "1️⃣", "✨🎉🦋", "★☆♥♡♪✓✦",
    "→←≠≈∞", "™®©°•·|~«»„“…—–№€₿₹", "ᴀᴅᴀ", "ʇɹoɯ",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_any_living_script_is_drawn_as_it_is(name: str) -> None:
    placed = runs(name, Style.TEXT)

    assert MISSING not in "".join(run.text for run in placed).replace("·" if "·" in name else "", "")
    assert sorted("".join(run.text for run in placed)) == sorted(name)
    assert all(draws(run.font, run.text) for run in placed)


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("𝓐𝓭𝓪 𝔾𝕣𝕒𝕔𝕖 Ⓐⓓⓐ", "Ada Grace Ada"),  # letters made of mathematical signs
        ("𒀀", MISSING),
        (f"Ada {NOBODYS}", f"Ada {MISSING}"),
        ("Ada\u200b\u202e\ufeff", "Ada"),
        ("Z\u1cd0", "Z"),  # a mark no font sets on a Z
        ("\u200d", ""),
        ("\ud800\x00", ""),
        ("", ""),
    ],
)
def test_what_no_font_draws_gives_way_to_what_is_nearest_to_it(text: str, drawn: str) -> None:
    assert "".join(run.text for run in runs(text, Style.TEXT)) == drawn


@given(text=st.text(max_size=40), style=st.sampled_from(Style))
def test_no_text_shows_an_empty_box(text: str, style: Style) -> None:
    for run in runs(text, style):
        assert draws(run.font, run.text)


@given(code=st.characters(exclude_categories=["Cs"]), style=st.sampled_from(Style))
def test_every_character_can_be_measured(code: str, style: Style) -> None:
    assert width(code, style, 20) >= 0


@pytest.mark.parametrize("font", COVERED)
def test_a_font_draws_every_character_it_says_it_covers(font: str) -> None:
    face = ImageFont.truetype(FONTS / f"{font}.ttf", 24, layout_engine=ImageFont.Layout.BASIC)
    empty_box = bytes(face.getmask(NOBODYS))
    lookalikes = {"□", "▯"}
    codes = [
        code
        for each in COVERED[font]
        for code in range(int(each.partition("-")[0], 16), int(each.partition("-")[2] or each, 16) + 1)
    ]

    undrawn = [
        f"{code:X}"
        for code in codes
        if unicodedata.category(chr(code)) not in ("Zs", "Zl", "Zp", "Cf", "Cc")
        and chr(code) not in lookalikes
        and bytes(face.getmask(chr(code))) == empty_box
    ]

    assert codes
    assert undrawn == []


def test_every_font_in_the_folder_has_its_coverage_and_every_licence_is_there() -> None:
    assert {path.stem for path in FONTS.glob("*.ttf")} == set(COVERED)
    assert {path.name for path in FONTS.iterdir()} >= {"OFL.txt", "Apache-2.0.txt", "README.md"}
    assert sum(path.stat().st_size for path in FONTS.iterdir()) < 6_500_000


def test_titles_and_texts_have_letters_of_their_own() -> None:
    assert [run.font for run in runs("Ada", Style.TITLE)] == ["Newsreader-Title"]
    assert [run.font for run in runs("Ada", Style.TEXT)] == ["Newsreader-Text"]


def test_an_emoji_is_drawn_as_one_though_other_fonts_have_such_a_sign() -> None:
    assert [run.font for run in runs("❤️", Style.TEXT)] == ["NotoEmoji-Regular"]
    assert [run.font for run in runs("🎉2026", Style.TEXT)] == ["NotoEmoji-Regular", TEXT]


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("Ada יוסי x", [("Ada", TEXT), (" ", TEXT), ("יוסי", HEBREW), (" ", HEBREW), ("x", TEXT)]),
        ("יוסי Ada כהן", [("כהן", HEBREW), (" ", TEXT), ("Ada", TEXT), (" ", HEBREW), ("יוסי", HEBREW)]),
        ("Ada אב אחמ!", [("Ada", TEXT), (" ", TEXT), ("אב אחמ", HEBREW), ("!", TEXT)]),
        ("أحمد אב", [("אב", HEBREW), (" ", ARABIC), ("أحمد", ARABIC)]),
        ("أحمد 12", [("أحمد 12", ARABIC)]),
        ("(יוסי)", [(")", TEXT), ("יוסי", HEBREW), ("(", TEXT)]),
        ("12 · 3", [("12 · 3", TEXT)]),
    ],
)  # fmt: skip
def test_runs_are_in_visual_order(text: str, order: list[tuple[str, str]]) -> None:
    assert [(run.text, run.font) for run in runs(text, Style.TEXT)] == order


def test_what_stands_between_leftward_letters_is_leftward_too() -> None:
    assert [run.rightward for run in runs("(יוסי)", Style.TEXT)] == [False, False, False]
    assert runs("Ada · יוסי", Style.TEXT)[1] == Run(TEXT, " · ", rightward=True)


@pytest.mark.parametrize(
    ("text", "leftward"),
    [
        ("Ada", False),
        ("יוסי Ada", True),
        ("12 יוסי", True),
        ("أحمد", True),
        ("· 12", False),
        ("", False),
        ("山", False),
    ],
)
def test_a_text_is_read_from_where_its_first_letter_says(text: str, leftward: bool) -> None:
    assert is_leftward(text) is leftward


def ink_of(text: str, *, shaped: bool) -> tuple[int, int, int, int]:
    """The box of what was drawn."""
    paper = Image.new("L", (800, 200), 255)
    draw(ImageDraw.Draw(paper), (100, 120), text, Style.TEXT, 60, "#000000", shaped=shaped)
    return paper.point(lambda value: 255 - value).getbbox() or (0, 0, 0, 0)


@pytest.mark.parametrize("text", ["Ada Lovelace", "أحمد علي", "יוסי Ada", "नमस्ते", "山田 🎉"])
@pytest.mark.parametrize("shaped", {SHAPED, False})
def test_a_text_is_drawn_where_and_as_wide_as_it_is_measured(text: str, shaped: bool) -> None:
    left, top, right, bottom = ink_of(text, shaped=shaped)

    assert 90 <= left <= 115
    assert abs(right - (100 + width(text, Style.TEXT, 60, shaped=shaped))) < 20
    assert 30 < top < 120 < bottom + 8 < 170


def test_without_raqm_leftward_letters_still_begin_at_the_right() -> None:
    first, second = "\u05e9", "\u05d0"
    together = Image.new("L", (300, 100), 255)
    by_hand = Image.new("L", (300, 100), 255)

    draw(ImageDraw.Draw(together), (50, 70), first + second, Style.TEXT, 50, "#000000", shaped=False)
    canvas = ImageDraw.Draw(by_hand)
    draw(canvas, (50, 70), second, Style.TEXT, 50, "#000000", shaped=False)
    draw(canvas, (50 + width(second, Style.TEXT, 50, shaped=False), 70), first, Style.TEXT, 50, "#000000", shaped=False)

    assert together.tobytes() == by_hand.tobytes()


@example(text="Ada\u2029Lovelace\u2028", limit=400)
@given(text=st.text(max_size=60), limit=st.integers(60, 400))
def test_a_shortened_text_fits(text: str, limit: int) -> None:
    short = shorten(text, Style.TEXT, 24, limit)

    assert width(short, Style.TEXT, 24) <= limit
    assert short == text or short.endswith("…")


def test_a_text_that_fits_is_left_as_it_is_and_a_long_one_ends_in_an_ellipsis() -> None:
    assert shorten("Ada Lovelace", Style.TEXT, 24, 400) == "Ada Lovelace"
    assert shorten("Ada Lovelace " * 9, Style.TEXT, 24, 400).startswith("Ada Lovelace Ada Lovelace Ada")
    assert shorten("Ada Lovelace", Style.TEXT, 24, 100) in ("Ada L…", "Ada Lo…", "Ada Lov…")


def test_lines_break_at_blanks_and_within_words_only_when_they_must() -> None:
    assert wrap("Eleven people of the sea", Style.TITLE, 60, 400) == ["Eleven people", "of the sea"]
    assert wrap("", Style.TITLE, 60, 400) == []
    assert "".join(wrap("今週のおすすめの人々", Style.TITLE, 60, 200)) == "今週のおすすめの人々"


@given(text=st.text(max_size=60))
def test_wrapping_loses_nothing_but_blanks_and_no_line_is_too_long(text: str) -> None:
    lines = wrap(text, Style.TEXT, 20, 120)

    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(width(line, Style.TEXT, 20) <= 120 for line in lines)
