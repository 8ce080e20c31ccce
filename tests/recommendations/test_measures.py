import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.handles import Network
from recommendations.measures import Facet, Limits, Post, address, cut, fits, graphemes, is_mention, size, utf8_bytes
from recommendations.weighted import weighted

MASTODON = Limits(characters=500, url_length=23)
BLUESKY = Limits(characters=300, bytes=3_000)


def marked(before: str, own: str, kind: str, value: str, after: str = "") -> Post:
    start = len(before.encode())
    return Post(before + own + after, (Facet(start, start + len(own.encode()), kind, value),))  # type: ignore[arg-type]


def on_mastodon(post: Post) -> int:
    return size(post.text, post.facets, network=Network.MASTODON, limits=MASTODON)


@pytest.mark.parametrize(
    ("text", "characters", "octets"),
    [
        ("", 0, 0),
        ("Ada", 3, 3),
        ("👨‍👩‍👧‍👦", 1, 25),
        ("🏳️‍🌈", 1, 14),
        ("e\u0301", 1, 3),
        ("नमस्ते", 3, 18),
        ("한글", 2, 6),
        ("\r\n", 1, 2),
        ("🇩🇪🇫🇷", 2, 16),
    ],
)
def test_characters_are_what_a_person_sees_and_bytes_what_goes_over_the_wire(
    text: str, characters: int, octets: int
) -> None:
    assert (graphemes(text), utf8_bytes(text)) == (characters, octets)


def test_a_long_link_of_ours_counts_as_the_server_says() -> None:
    url = "https://example.com/" + "long" * 20

    assert on_mastodon(marked("Hi ", url, "link", url)) == 26


def test_a_short_link_of_ours_counts_as_much_as_a_long_one() -> None:
    assert on_mastodon(marked("Hi ", "https://x.example/long", "link", "https://x.example/long")) == 26


def test_where_urls_have_no_fixed_length_a_link_counts_in_full() -> None:
    post = marked("Hi ", "https://x.example/long", "link", "https://x.example/long")

    assert size(post.text, post.facets, network=Network.BLUESKY, limits=BLUESKY) == 25


@pytest.mark.parametrize(
    ("url", "room"),
    [
        ("http://localhost:8000/" + "c" * 40, 0),  # without a dot it is a URL to none
        ("https://x.example/" + "c" * 40, 0),  # a URL to the end, or none
        ("https://x.example/" + "c" * 40 + ".", 6),  # the server may see no more than https://x.example
        ("https://a.com.example/" + "c" * 40, 10),  # or than https://a.com
        ("https://192.0.2.1/" + "c" * 40, 6),
        ("http://a.bc/.", 12),
        ("http://" + "a.com." * 50 + "example/", 23),  # longer than any host's name
    ],
)
def test_a_url_that_a_server_may_not_recognise_counts_in_full_and_with_room_for_what_it_may(
    url: str, room: int
) -> None:
    assert on_mastodon(marked("", url, "link", url)) == len(url) + room


def test_a_link_over_other_words_counts_as_those_words() -> None:
    assert on_mastodon(marked("", "Ada", "link", "https://x.example/ada")) == 3


def test_a_mention_counts_without_its_server_on_mastodon_alone() -> None:
    post = marked("", "@alice@example.com", "mention", "https://example.com/alice")

    assert on_mastodon(post) == 6
    assert size(post.text, post.facets, network=Network.BLUESKY, limits=BLUESKY) == 18


def test_a_mention_no_server_would_read_counts_in_full() -> None:
    assert on_mastodon(marked("", "@ålice@example.com", "mention", "x")) == 18


def test_a_stranger_gains_nothing_by_writing_what_looks_like_a_url_or_a_mention() -> None:
    url = "https://x.example/" + "a" * 60

    assert on_mastodon(Post(f"See {url}")) == 4 + len(url)
    assert on_mastodon(Post("See http://a.bc")) == 4 + 23
    assert on_mastodon(Post("See http://a.comhttp://b.com")) == 4 + 2 * 23
    assert on_mastodon(Post("@alice@example.com")) == 18


def test_on_x_urls_count_alike_whoever_wrote_them() -> None:
    def on_x(post: Post) -> int:
        return size(post.text, post.facets, network=Network.X, limits=Limits(280, url_length=23), measure=weighted)

    url = "https://example.com/" + "long" * 20

    assert on_x(marked("Hi ", url, "link", url)) == on_x(Post(f"Hi {url}")) == 26
    assert on_x(Post("Hi example.com")) == 26
    assert on_x(Post("Hi http://a.newdomain")) == 26
    assert on_x(Post("Hi http://a.newdomain/" + "c" * 40)) == 3 + 19 + 40


def test_any_measure_may_do_the_counting() -> None:
    def twice(text: str) -> int:
        return 2 * len(text)

    assert size("Ada", network=Network.X, limits=Limits(280), measure=twice) == 6
    assert not fits(Post("Ada"), network=Network.X, limits=Limits(5), measure=twice)


def test_a_post_fits_only_if_both_its_characters_and_its_bytes_do() -> None:
    def fit(text: str, limits: Limits) -> bool:
        return fits(Post(text), network=Network.BLUESKY, limits=limits)

    assert fit("ñandú", Limits(5, 7))
    assert not fit("ñandú", Limits(4, 7))
    assert not fit("ñandú", Limits(5, 6))


def test_what_fits_is_not_cut() -> None:
    assert cut("Ada Lovelace", lambda text: len(text) <= 12) == "Ada Lovelace"


@pytest.mark.parametrize(
    ("text", "room", "kept"),
    [
        ("She wrote the first program", 15, "She wrote the…"),
        ("She wrote the first program", 14, "She wrote the…"),
        ("She wrote, and wrote", 11, "She wrote…"),
        ("First,\nsecond third", 10, "First…"),
        ("Donaudampfschifffahrt", 10, "Donaudamp…"),
        ("a Donaudampfschifffahrt", 10, "a Donauda…"),
        ("コンパイラを発明した", 6, "コンパイラ…"),
        ("words", 1, "…"),
    ],
)
def test_a_text_is_cut_at_a_word_if_it_has_words(text: str, room: int, kept: str) -> None:
    assert cut(text, lambda part: len(part) <= room) == kept


@given(st.text(st.characters(codec="utf-8"), max_size=80), st.integers(1, 40), st.integers(3, 120))
def test_a_cut_fits_and_splits_no_character(text: str, characters: int, octets: int) -> None:
    def fit(part: str) -> bool:
        return graphemes(part) <= characters and utf8_bytes(part) <= octets

    kept = cut(text, fit)

    assert fit(kept)
    if kept != text:
        assert kept.endswith("…")
        beginning = kept[:-1]
        assert text.startswith(beginning)
        assert graphemes(beginning) + graphemes(text[len(beginning) :]) == graphemes(text)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://example.social/@ada", "https://example.social/@ada"),
        ("https://example.social/@ada@other.example", "https://example.social/@ada%40other.example"),
        ("https://example.social/?q=@ada@other.example", "https://example.social/?q=%40ada%40other.example"),
        ("https://example.social/ada–lovelace", "https://example.social/ada%E2%80%93lovelace"),
        ("http://localhost:8000/c/wic", "http://localhost:8000/c/wic"),
        ("", ""),
        ("javascript:alert(1)", ""),
        ("ftp://example.social/ada", ""),
        ("https://", ""),
        ("https://ada@example.social/", ""),
        ("https://example.social:port/", ""),
        ("https://example.social:99999/", ""),
        ("https://[::1/", ""),
        ("https://exämple.social/", ""),
        ("https://example.social/ @victim@example.com", ""),
        ("https://example.social/\n@victim@example.com", ""),
        ("https://example.social/<b>", ""),
        ("https://example.social/" + "a" * 2_000, ""),
        ("https://example.social/\ud800", "https://example.social/%3F"),
    ],
)
def test_only_a_plain_address_is_let_into_a_post(url: str, kept: str) -> None:
    assert address(url) == kept


@given(st.text(max_size=200))
def test_no_text_at_all_makes_an_address_that_is_not_ascii(text: str) -> None:
    assert address(f"https://example.social/{text}").isascii()


@pytest.mark.parametrize("text", ["@ada@example.social", "@a_1@b.c", "@a.b-c@x-y.example"])
def test_a_handle_of_the_fediverse_is_a_mention(text: str) -> None:
    assert is_mention(text)


@pytest.mark.parametrize(
    "text", ["ada@example.social", "@ada", "@.ada@example.social", "@ada@example.", "@a b@c.d", ""]
)
def test_what_servers_would_not_read_to_its_end_is_no_mention(text: str) -> None:
    assert not is_mention(text)
