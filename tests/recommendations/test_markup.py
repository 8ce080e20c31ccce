import importlib.util
import unicodedata
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from recommendations.markup import SOURCE_LIMIT, clean_line, clean_text, plain_text, render
from tests.growth import assert_grows_at_most

ALLOWED = {"p", "br", "h3", "h4", "h5", "h6", "strong", "em", "s", "a", "ul", "ol", "li", "blockquote", "hr",
           "code", "pre"}  # fmt: skip
MEGABYTE = 1_000_000

# Text with a taste for trouble: markup of both kinds, links, controls, marks, surrogates.
pieces = st.sampled_from(
    [
        *(
            "<",
            ">",
            "&",
            "&lt;",
            "&#60;",
            '"',
            "'",
            "`",
            "\\",
            "*",
            "_",
            "~~",
            "](",
            "[a](",
            "![a](",
            ")",
            "//a.example",
        ),
        *(
            "<script>",
            "</script>",
            "<img src=x onerror=alert(1)>",
            "<svg/onload=x>",
            "<a href=",
            "<!--",
            "-->",
        ),
        *(
            "<p>",
            "<br>",
            "</p>",
            "<b hx-get='/x'>",
            "hx-on:click=",
            "<![CDATA[",
            "javascript:alert(1)",
            "JaVaScRiPt:",
        ),
        *(
            "data:text/html,x",
            "https://a.example/",
            "[a]: javascript:x\n",
            "<https://a.example>",
            "<javascript:x>",
        ),
        *(
            "```\n",
            "# ",
            "\n",
            "\n\n",
            "> ",
            "- ",
            "1. ",
            "\t",
            "\u2028",
            "\x00",
            "\u202e",
            "\u2066",
            "\u200b",
        ),
        *("\ud800", "\udfff", "\u0301", "e\u0301", "👩\u200d🔬"),
    ]
)
hostile = st.lists(pieces | st.text(max_size=5), max_size=30).map("".join)


class Seen(HTMLParser):
    """What a browser would meet."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def is_clean(text: str) -> bool:
    return (
        not regex.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029\u2066-\u2069\p{Cs}]", text)
        and unicodedata.is_normalized("NFC", text)
        and text == text.strip()
    )


def test_markdown_becomes_paragraphs_lists_and_links() -> None:
    html = render("Read **Ada** and *Grace*:\n\n1. [Ada](https://ada.example)\n2. ~~nobody~~ `else`\n\n> They write.")

    assert html == (
        "<p>Read <strong>Ada</strong> and <em>Grace</em>:</p>\n<ol>\n"
        '<li><a href="https://ada.example" rel="nofollow noopener ugc">Ada</a></li>\n'
        "<li><s>nobody</s> <code>else</code></li>\n</ol>\n"
        "<blockquote>\n<p>They write.</p>\n</blockquote>\n"
    )


def test_headings_begin_at_the_third_level() -> None:
    html = render("# One\n\n## Two\n\nThree\n---\n\n##### Five\n\n###### Six")

    assert html == "<h3>One</h3>\n<h4>Two</h4>\n<h4>Three</h4>\n<h6>Five</h6>\n<h6>Six</h6>\n"


def test_html_in_markdown_is_shown_as_it_was_typed() -> None:
    html = render('<b hx-get="/x">Ada</b>\n\n<script>alert(1)</script>')

    assert [tag for tag, _ in Seen(html).tags] == ["p", "p"]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


@pytest.mark.parametrize(
    "target",
    ["javascript:alert(1)", "JAVASCRIPT:alert(1)", "data:image/png;base64,AAAA", "//example.com", "/settings",
     "mailto:ada@example.com", "vbscript:x", "&#106;avascript:x", "file:///etc/passwd"],
)  # fmt: skip
def test_a_link_that_does_not_lead_to_the_web_is_no_link(target: str) -> None:
    html = render(f"[Ada]({target}) ![Ada]({target})")

    assert Seen(html).tags == [("p", {})]
    assert "Ada" in html


def test_a_picture_from_elsewhere_becomes_a_link_to_it() -> None:
    html = render("![Ada](https://example.com/ada.png)")

    assert [tag for tag, _ in Seen(html).tags] == ["p", "a"]


def test_a_bare_address_becomes_a_link_where_linkify_is_installed() -> None:
    links = [
        attrs for tag, attrs in Seen(render("See https://ada.example/x and <https://grace.example>")).tags if tag == "a"
    ]

    expected = 2 if importlib.util.find_spec("linkify_it") else 1
    assert len(links) == expected
    assert links[-1] == {"href": "https://grace.example", "rel": "nofollow noopener ugc"}


@given(text=hostile)
@example(text="[a](https://example.com/\ud800)")
def test_no_markdown_brings_more_than_the_tags_and_attributes_we_list(text: str) -> None:
    html = render(text)

    for tag, attributes in Seen(html).tags:
        assert tag in ALLOWED
        assert set(attributes) <= ({"href", "rel"} if tag == "a" else {"start"} if tag == "ol" else set())
        if "href" in attributes:
            assert str(attributes["href"]).lower().startswith(("http://", "https://"))
            assert attributes["rel"] == "nofollow noopener ugc"
    html.encode()
    assert not regex.search(r"[\x00-\x08\u202a-\u202e\u2066-\u2069]", html)


def test_a_very_long_text_is_shown_as_typed_and_whole() -> None:
    text = "**Ada** <b>\n\n" * SOURCE_LIMIT

    html = render(text)

    assert html.count("<p>**Ada** &lt;b&gt;</p>") == SOURCE_LIMIT


def test_a_remote_bio_becomes_its_words() -> None:
    bio = (
        '<p>Ada &amp; <b>friends</b><br />\nof the sea</p>\n<p><a href="https://ada.example/long" rel="me">'
        '<span class="invisible">https://</span><span class="ellipsis">ada.example/</span>'
        '<span class="invisible">long</span></a> <a href="/tags/nobot">#<span>nobot</span></a></p>'
    )

    assert plain_text(bio) == "Ada & friends\nof the sea\n\nhttps://ada.example/long #nobot"


def test_the_items_of_a_list_stand_on_lines_of_their_own() -> None:
    assert plain_text("I like<ul><li>tea<li>the sea</ul><h1>And</h1>Grace") == "I like\ntea\nthe sea\nAnd\nGrace"


def test_a_bio_that_was_escaped_once_shows_what_its_author_typed() -> None:
    assert plain_text("I &lt;3 you &amp;amp; tea") == "I <3 you &amp; tea"
    assert plain_text("I <3 you") == "I <3 you"


def test_scripts_go_with_what_they_say() -> None:
    assert plain_text("Ada<script>alert(1)</script><style>p{}</style><!-- no --> writes") == "Ada writes"


def test_a_bio_cannot_turn_the_reading_order_around() -> None:
    assert plain_text("<p>Ada \u202eecarG&#x202e; \u2066x\u2069</p>") == "Ada ecarG x"


def test_right_to_left_scripts_joiners_and_flags_stay() -> None:
    for text in (
        "שלום",
        "می\u200cخواهم",
        "👩\u200d🔬",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "a\u200e",
    ):
        assert clean_text(text) == text
        assert clean_line(text) == text


def test_a_long_bio_is_cut_and_says_so() -> None:
    assert plain_text("Ada " * 5_000, limit=10) == "Ada Ada A…"
    assert len(plain_text("Ada " * 5_000)) == 2_000


@given(html=hostile, limit=st.integers(1, 60))
def test_any_html_becomes_clean_text_within_its_limit(html: str, limit: int) -> None:
    text = plain_text(html, limit)

    assert len(text) <= limit
    assert is_clean(text)
    assert "\n\n\n" not in text


@given(text=hostile | st.text(), limit=st.integers(1, 60))
def test_any_text_becomes_clean_and_stays_as_it_then_is(text: str, limit: int) -> None:
    once = clean_text(text, limit)

    assert len(once) <= limit
    assert is_clean(once)
    assert clean_text(once, limit) == once


@given(text=hostile | st.text(), limit=st.integers(1, 60))
def test_any_text_becomes_one_clean_line_and_stays_as_it_then_is(text: str, limit: int) -> None:
    once = clean_line(text, limit)

    assert len(once) <= limit
    assert is_clean(once)
    assert "\n" not in once
    assert "  " not in once
    assert clean_line(once, limit) == once


def test_line_ends_of_every_kind_are_one_kind() -> None:
    assert clean_text("a\r\nb\rc\u2028d\x85e\x0bf") == "a\nb\nc\nd\ne\nf"
    assert clean_line("a\r\nb\rc\u2028d\x85e\x0bf") == "a b c d e f"


def test_empty_lines_and_blanks_are_not_piled_up() -> None:
    assert clean_text("\n\n a \t b\u3000\n \n\n\nc \n") == "a b\n\nc"


@pytest.mark.parametrize(
    "name", ["", "   ", "\u200b", "\u3164", "\u2800", "\u0301", "\u202e\u2066", "\u200d", "\x00\n"]
)
def test_a_name_in_which_nothing_can_be_seen_is_empty(name: str) -> None:
    assert clean_line(name) == ""


def test_a_line_is_cut_between_what_people_see_as_characters() -> None:
    family = "👩\u200d👩\u200d👧"

    assert clean_line(f"Ada {family}{family}", limit=10) == f"Ada {family}…"
    assert clean_line(f"Ada {family}{family}", limit=9) == "Ada…"
    assert clean_line("Ada e\u0301\u0323ee", limit=7) == "Ada ẹ\u0301…"
    assert clean_line("Ada e\u0301\u0323ee", limit=6) == "Ada…"


def test_one_character_longer_than_the_limit_is_cut_all_the_same() -> None:
    assert clean_line("\u200d".join("👩" * 50), limit=5) == "👩\u200d👩\u200d…"


def test_a_thousand_marks_on_one_letter_are_eight() -> None:
    assert clean_line("Z" + "\u0336" * 1_000 + "algo") == "Z" + "\u0336" * 8 + "algo"


def test_decomposed_and_composed_names_are_equal() -> None:
    assert clean_line("Ze\u0301lie") == clean_line("Z\u00e9lie") == "Zélie"


MANY = [
    *("word ", "*", "[", "![](", "> ", "- ", "1. ", "_a*", "`", "\\", "[a]: b\n", "https://a.b "),
    *("&", "<", "<div>", "<a><b>", "<table><td>", "<!--", "&amp;", "&#x202e;"),
    *("\n", "\n \t", "\u0300\u0316", "\ud800", "a\u200d", "🇩", "👨\u200d", "\u202e"),
]


PARSED = [plain_text, render]  # as far as SOURCE_LIMIT, and in that the square of a nested text's length is allowed


@pytest.mark.parametrize("work", [plain_text, clean_text, clean_line, render])
@pytest.mark.parametrize("text", MANY)
def test_twice_as_much_of_anything_takes_no_more_than_twice_the_time(text: str, work: Callable[[str], str]) -> None:
    def source(length: int) -> str:
        return (text * (length // len(text) + 1))[:length]

    assert_grows_at_most(work, source, MEGABYTE // 4)
    assert_grows_at_most(work, source, SOURCE_LIMIT, factor=4.5 if work in PARSED else 2.5)


@pytest.mark.parametrize("text", MANY)
def test_a_megabyte_of_anything_is_taken(text: str) -> None:
    for work in (plain_text, clean_text, clean_line, render):
        assert isinstance(work(text * (MEGABYTE // len(text))), str)
