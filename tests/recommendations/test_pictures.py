import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw

from recommendations import lettering, pictures
from recommendations.pictures import (
    ALT_LIMIT,
    AVATAR_BYTES,
    AVATAR_SIDE,
    NotAPicture,
    Share,
    avatar,
    share_image,
)

RED, BLUE = (200, 20, 20), (20, 20, 200)
EARLY, MIDDLE, LATE = AVATAR_SIDE // 6, AVATAR_SIDE // 2, AVATAR_SIDE * 5 // 6  # pixels of an avatar


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 300), mode: str = "RGB", **save: Any) -> bytes:
    """Red, with a blue left half."""
    image = Image.new("RGB", size, RED)
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 2 - 1, size[1]), fill=BLUE)
    out = BytesIO()
    image.convert(mode).save(out, kind, **save)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def is_near(one: tuple[int, ...] | float | None, other: tuple[int, int, int]) -> bool:
    assert isinstance(one, tuple)
    return all(abs(a - b) < 40 for a, b in zip(one, other, strict=False))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_picture_becomes_a_square_webp(kind: str) -> None:
    image = opened(avatar(picture(kind)))

    assert (image.format, image.size) == ("WEBP", (AVATAR_SIDE, AVATAR_SIDE))
    assert is_near(image.convert("RGB").getpixel((EARLY, MIDDLE)), BLUE)
    assert is_near(image.convert("RGB").getpixel((LATE, MIDDLE)), RED)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_a_png_of_any_mode_is_read(mode: str) -> None:
    out = BytesIO()
    Image.new(mode, (10, 20)).save(out, "PNG")

    assert opened(avatar(out.getvalue())).size == (AVATAR_SIDE, AVATAR_SIDE)


def test_a_print_shops_jpeg_is_read() -> None:
    assert opened(avatar(picture("JPEG", mode="CMYK"))).size == (AVATAR_SIDE, AVATAR_SIDE)


def test_what_is_see_through_stays_so() -> None:
    out = BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(out, "PNG")

    assert opened(avatar(out.getvalue())).convert("RGBA").getpixel((MIDDLE, MIDDLE))[3] == 0  # type: ignore[index]


def test_the_middle_of_a_wide_picture_is_taken() -> None:
    image = opened(avatar(picture(size=(1_000, 100)))).convert("RGB")

    assert is_near(image.getpixel((EARLY, MIDDLE)), BLUE)
    assert is_near(image.getpixel((LATE, MIDDLE)), RED)


def test_a_photograph_is_turned_upright_and_forgets_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # taken with the camera on its side: turn it clockwise
    exif[0x010E] = "Ada's kitchen"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 0.0)

    made = avatar(picture("JPEG", exif=exif, comment=b"Ada's kitchen", icc_profile=b"profile of a camera"))
    image = opened(made)

    assert b"Ada" not in made
    assert not image.getexif()
    assert set(image.info) <= {"background", "loop", "timestamp", "duration"}
    assert is_near(image.convert("RGB").getpixel((MIDDLE, EARLY)), BLUE)
    assert is_near(image.convert("RGB").getpixel((MIDDLE, LATE)), RED)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_a_moving_picture_the_first_frame_is_kept(kind: str) -> None:
    out = BytesIO()
    first, second = Image.new("RGB", (60, 60), RED), Image.new("RGB", (60, 60), BLUE)
    first.save(out, kind, save_all=True, append_images=[second], duration=100)

    image = opened(avatar(out.getvalue()))

    assert getattr(image, "n_frames", 1) == 1
    assert is_near(image.convert("RGB").getpixel((MIDDLE, MIDDLE)), RED)


SVG = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><rect width="9" height="9"/></svg>'
)


def in_kind(kind: str) -> bytes:
    out = BytesIO()
    Image.new("RGB", (9, 9)).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        SVG,
        b"\xef\xbb\xbf" + SVG,
        b"<html>no picture</html>",
        b"%PDF-1.7",
        b"RIFF\x00\x00\x00\x00WEBP",
        in_kind("TIFF"),
        in_kind("BMP"),
        in_kind("ICO"),
        in_kind("PPM"),
        picture("PNG")[:200],
        picture("JPEG")[:300],
        b"\x89PNG\r\n\x1a\n" + SVG,
        picture("PNG").replace(b"IDAT", b"IDAX"),
    ],
)
def test_what_is_no_whole_picture_of_the_four_kinds_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPicture):
        avatar(data)


def png_of(width: int, height: int) -> bytes:
    """A few hundred bytes that claim to be a huge picture."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("width", "height"), [(4_097, 4_096), (10_000, 9_000), (50_000, 50_000), (2**31 - 1, 1)])
def test_a_pixel_bomb_is_refused_unopened(width: int, height: int) -> None:
    with pytest.raises(NotAPicture):
        avatar(png_of(width, height))


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(NotAPicture, match="too large"):
        avatar(picture() + bytes(AVATAR_BYTES))


@given(
    kind=st.sampled_from(["PNG", "JPEG", "GIF", "WEBP"]),
    places=st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 255)), max_size=8),
    cut=st.integers(0, 3_000),
)
@settings(max_examples=150)
def test_a_damaged_picture_is_read_or_refused_and_nothing_worse(
    kind: str, places: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(picture(kind, size=(40, 40)))
    for place, value in places:
        data[place % len(data)] = value

    for each in (bytes(data), bytes(data[:cut])):
        try:
            made = avatar(each)
        except NotAPicture:
            continue
        assert opened(made).size == (AVATAR_SIDE, AVATAR_SIDE)


def ocean(**more: Any) -> Share:
    """The edition of a community of people of the sea."""
    edition: dict[str, Any] = {
        "title": "Eleven people of the sea",
        "community": "Ocean Science",
        "hashtag": "FollowFriday",
        "line": "No. 12 · 2026-W47",
        "names": ["Ada Lovelace", "山田太郎", "Sara 🌊"],
    }
    return share_image(**{**edition, **more})


def ink_within(share: Share, box: tuple[int, int, int, int]) -> int:
    """How many pixels in this box are not paper."""
    part = opened(share.data).convert("RGB").crop(box)
    paper = Image.new("RGB", part.size, "#fbf7ee")
    return sum(ImageChops.difference(part, paper).convert("L").point(lambda value: value and 1).tobytes())


def test_a_share_image_is_a_png_of_the_size_the_networks_ask_for() -> None:
    share = ocean()
    image = opened(share.data)

    assert (image.format, image.size) == ("PNG", (1200, 630))
    assert (share.width, share.height, share.media_type) == (1200, 630, "image/png")
    assert len(share.data) < 1_000_000
    assert ocean().data == share.data


def test_the_alt_text_says_what_the_picture_says() -> None:
    assert ocean().alt == (
        "Ocean Science · #FollowFriday · No. 12 · 2026-W47\nEleven people of the sea\nAda Lovelace, 山田太郎, Sara 🌊"
    )


def test_a_long_alt_text_is_cut() -> None:
    alt = ocean(names=["Ada Lovelace"] * 200).alt

    assert ALT_LIMIT - 15 < len(alt) <= ALT_LIMIT
    assert alt.endswith("…")


def test_a_hashtag_with_its_sign_has_one_sign() -> None:
    assert ocean(hashtag="#FollowFriday") == ocean()


def test_each_part_has_its_place_on_the_page() -> None:
    share = ocean()

    assert ink_within(share, (76, 70, 340, 115)) > 500, "the community"
    assert ink_within(share, (860, 70, 1124, 115)) > 500, "number and week"
    assert ink_within(share, (76, 150, 1124, 290)) > 5_000, "the title"
    assert ink_within(share, (76, 300, 1124, 545)) > 2_000, "the names"
    assert ink_within(share, (76, 560, 340, 605)) > 500, "the hashtag"


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"title": "A headline nobody would write " * 20, "names": [f"Person number {each}" for each in range(60)]},
        {"title": "W" * 300, "community": "W" * 300, "line": "W" * 300, "hashtag": "W" * 300, "names": ["W" * 300] * 9},
        {"title": "من يستحق المتابعة هذا الأسبوع", "community": "أدباء الجمعة", "names": ["أحمد علي", "Ada", "יוסי"]},
        {"title": "今週のおすすめ" * 30, "names": ["山田太郎"] * 40},
        {"title": "🎉" * 300, "names": ["👩\u200d🔬"] * 99},
        {"title": "", "community": "", "line": "", "hashtag": "", "names": []},
        {"title": "\ud800\u202e\x00", "names": ["\ud800", "", "\u3164"]},
    ],
)
def test_nothing_runs_into_the_margins(more: dict[str, Any]) -> None:
    share = ocean(**more)

    assert ink_within(share, (0, 0, 60, 630)) == 0
    assert ink_within(share, (1140, 0, 1200, 630)) == 0
    assert ink_within(share, (0, 0, 1200, 50)) == 0
    assert ink_within(share, (0, 615, 1200, 630)) == 0
    assert ink_within(share, (60, 540, 1140, 548)) == 0, "the names end above the foot"
    assert len(share.data) < 1_000_000


def test_names_that_do_not_fit_are_counted() -> None:
    names = [f"A person of many names, number {each}" for each in range(30)]
    fewer = ocean(names=names[:29])

    assert ocean(names=names).data != fewer.data, "the last line says one more"
    assert ink_within(fewer, (76, 480, 1124, 540)) > 200


def test_a_page_whose_title_is_read_from_the_right_begins_at_the_right() -> None:
    share = ocean(title="מי שווה מעקב", community="ים", names=["יוסי"])

    assert ink_within(share, (1000, 150, 1124, 290)) > 500
    assert ink_within(share, (76, 150, 500, 290)) == 0
    assert ink_within(share, (76, 70, 340, 115)) > 500, "number and week at the end, that is, left"


def test_without_a_title_the_communitys_name_is_the_title() -> None:
    assert ocean(title=" ").data == ocean(title="Ocean Science").data


def test_the_accent_is_the_communitys_and_an_unknown_one_is_brick() -> None:
    assert ocean(accent="pine").data != ocean(accent="brick").data
    assert ocean(accent="nothing we know").data == ocean(accent="brick").data == ocean().data


def test_every_accent_can_be_read_on_paper() -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for colour in (*pictures._ACCENTS.values(), pictures._FAINT):
        assert (luminance(pictures._PAPER) + 0.05) / (luminance(colour) + 0.05) >= 4.5, colour


@given(text=st.text(max_size=80), names=st.lists(st.text(max_size=20), max_size=8))
@settings(max_examples=15)
def test_any_words_make_a_picture(text: str, names: list[str]) -> None:
    share = ocean(title=text, community=text, hashtag=text, line=text, names=names)

    assert opened(share.data).size == (1200, 630)
    share.alt.encode()


def test_a_megabyte_of_title_is_shortened() -> None:
    share = ocean(title="sea " * 250_000, names=["Ada " * 250_000] * 3)

    assert len(share.alt) <= ALT_LIMIT
    assert lettering.MISSING not in share.alt.replace(" · ", "")
