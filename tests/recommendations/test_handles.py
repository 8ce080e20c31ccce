"""Reading handles: what people type and paste, and what we say when we cannot make it out."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommendations.handles import (
    Handle,
    Network,
    Unreadable,
    ascii_host,
    is_at_handle,
    is_did,
    page_url,
    parse,
)
from tests.growth import assert_grows_at_most

MASTODON, BLUESKY, X = Network.MASTODON, Network.BLUESKY, Network.X
VECTORS = Path(__file__).parents[1] / "vectors" / "atproto"
DID = "did:plc:7iza6de2dwap2sbkpav7c6c6"


def ada(host="example.social", name="ada"):
    return Handle(MASTODON, name, host)


def sky(name="ada.bsky.social"):
    return Handle(BLUESKY, name)


def tweet(name="ada"):
    return Handle(X, name)


READABLE = [
    # name@host, as people write and copy it
    ("@ada@example.social", None, ada()),
    ("ada@example.social", None, ada()),
    ("ada@example.social", MASTODON, ada()),
    ("@Ada@Example.SOCIAL", None, ada()),
    ("  @ada@example.social\n", None, ada()),
    ("\u2068@ada@example.social\u2069", None, ada()),
    ("\u200e@ada@example.social\u200f\ufeff", None, ada()),
    ("@ada@exam\u00adple.social", None, ada()),
    ("@ada@example.social.", None, ada()),
    ("@ada@example.social,", None, ada()),
    ("(@ada@example.social)", None, ada()),
    ("( @ada@example.social )", None, ada()),
    (": @ada@example.social", None, ada()),
    ("“@ada@example.social”!", None, ada()),
    ("<ada@example.social>", None, ada()),
    ("«@ada@example.social»", None, ada()),
    ("`@ada@example.social`", None, ada()),
    ("＠ada＠example．social", None, ada()),
    ("ａｄａ@example.social", None, ada()),
    ("acct:ada@example.social", None, ada()),
    ("ACCT:ada@example.social", None, ada()),
    ("acct:@ada@example.social", None, ada()),
    ("@acct:ada@example.social", None, ada()),
    ("@ada@example.social/", None, ada()),
    ("@ada@bücher.example", None, ada("xn--bcher-kva.example")),
    ("@ada@BÜCHER.example", None, ada("xn--bcher-kva.example")),
    ("@ada@例え.example", None, ada("xn--r8jz45g.example")),
    ("@ada@xn--bcher-kva.example", None, ada("xn--bcher-kva.example")),
    ("@a.d-a_1@example.social", None, ada(name="a.d-a_1")),
    ("@_@example.social", None, ada(name="_")),
    ("@1815@example.social", None, ada(name="1815")),
    ("@ada@deep.down.example.social", None, ada("deep.down.example.social")),
    ("@ada.bsky.social@bsky.brid.gy", None, ada("bsky.brid.gy", "ada.bsky.social")),
    (f"@{'a' * 128}@example.social", None, ada(name="a" * 128)),
    # name@host although another network was chosen: clear enough with an @ in front
    ("@ada@example.social", BLUESKY, ada()),
    ("@ada@example.social", X, ada()),
    ("acct:ada@example.social", X, ada()),
    ("@ada@twitter.com", None, tweet()),
    ("@ada@x.com", MASTODON, tweet()),
    ("@ada@www.threads.net", None, ada("threads.net")),
    # profile URLs of Mastodon and its kin
    ("https://example.social/@ada", None, ada()),
    ("http://example.social/@ada", None, ada()),
    ("HTTPS://Example.Social/@Ada", None, ada()),
    ("//example.social/@ada", None, ada()),
    ("example.social/@ada", None, ada()),
    ("https://example.social/@ada/", None, ada()),
    ("https://example.social//@ada", None, ada()),
    ("https://example.social/@ada?lang=de#top", None, ada()),
    ("https://example.social./@ada", None, ada()),
    ("https://example.social/%40ada", None, ada()),
    ("https://example.social/@ada/109876543210987654", None, ada()),
    ("https://example.social/@ada/with_replies", None, ada()),
    ("https://example.social/@ada@other.example", None, ada("other.example")),
    ("https://example.social/@ada@other.example/109876543210987654", None, ada("other.example")),
    ("https://example.social/web/@ada", None, ada()),
    ("https://example.social/web/@ada@other.example", None, ada("other.example")),
    ("https://example.social/users/ada", None, ada()),
    ("https://example.social/users/ada/statuses/109876543210987654", None, ada()),
    ("https://bücher.example/@ada", None, ada("xn--bcher-kva.example")),
    ("https://www.threads.com/@ada", None, ada("threads.net")),
    ("https://example.social/@ada", X, ada()),
    ("https://example.social/@ada", BLUESKY, ada()),
    ("https://example.social/users/ada", X, ada()),
    ("https://example.social/ada", MASTODON, ada()),
    ("https://example.social/u/ada", MASTODON, ada()),
    ("https://example.social/profile/ada", MASTODON, ada()),
    ("https://example.social/accounts/ada/video-channels", MASTODON, ada()),
    ("https://example.social/p/ada/631902112344", MASTODON, ada()),
    ("(https://example.social/@ada).", None, ada()),
    ("https://example.social/@ada?from=https://x.com/grace", None, ada()),
    # Bluesky: domains, DIDs, URLs
    ("ada.bsky.social", None, sky()),
    ("@ada.bsky.social", None, sky()),
    ("@Ada.Bsky.Social", BLUESKY, sky()),
    ("ada.bsky.social", MASTODON, sky()),
    ("@ada.bsky.social", X, sky()),
    ("lovelace.example", None, sky("lovelace.example")),
    ("lovelace.example", BLUESKY, sky("lovelace.example")),
    ("@bücher.example", None, sky("xn--bcher-kva.example")),
    ("ada.test", None, sky("ada.test")),
    ("ada.bsky.social/", None, sky()),
    (DID, None, sky(DID)),
    (f"@{DID}", None, sky(DID)),
    (DID, MASTODON, sky(DID)),
    ("did:web:lovelace.example", X, sky("did:web:lovelace.example")),
    ("did:web:Lovelace.Example", None, sky("did:web:lovelace.example")),
    (f"at://{DID}/app.bsky.feed.post/3jwdwj2ctlk26", None, sky(DID)),
    ("at://ada.bsky.social", None, sky()),
    ("https://bsky.app/profile/ada.bsky.social", None, sky()),
    ("https://bsky.app/profile/lovelace.example", None, sky("lovelace.example")),
    (f"https://bsky.app/profile/{DID}", None, sky(DID)),
    ("https://bsky.app/profile/did%3Aplc%3A7iza6de2dwap2sbkpav7c6c6", None, sky(DID)),
    ("https://bsky.app/profile/ada.bsky.social/post/3jwdwj2ctlk26", None, sky()),
    ("https://bsky.app/profile/@ada.bsky.social", None, sky()),
    ("bsky.app/profile/ada.bsky.social", X, sky()),
    ("https://www.bsky.app/profile/ada.bsky.social?ref=x#y", MASTODON, sky()),
    ("https://ada.bsky.social", None, sky()),
    ("https://ada.bsky.social/", MASTODON, sky()),
    ("https://lovelace.example", BLUESKY, sky("lovelace.example")),
    # X
    ("@ada", X, tweet()),
    ("ada", X, tweet()),
    ("@Ada_L", X, tweet("ada_l")),
    (" @ada: ", X, tweet()),
    ("@123456789012345", X, tweet("123456789012345")),
    ("https://x.com/ada", None, tweet()),
    ("https://x.com/Ada", X, tweet()),
    ("x.com/ada", None, tweet()),
    ("https://www.x.com/ada", None, tweet()),
    ("https://x.com/@ada", None, tweet()),
    ("https://twitter.com/ada", None, tweet()),
    ("http://www.twitter.com/ada/", None, tweet()),
    ("https://mobile.twitter.com/ada", None, tweet()),
    ("https://m.twitter.com/ada", None, tweet()),
    ("https://x.com/ada?s=20&t=abc#m", None, tweet()),
    ("https://x.com/ada/status/1585841080431321088", None, tweet()),
    ("https://x.com/ada/with_replies", MASTODON, tweet()),
    ("https://twitter.com/intent/user?screen_name=ada", None, tweet()),
    ("https://x.com/intent/follow?lang=en&screen_name=ada", BLUESKY, tweet()),
]

UNREADABLE = [
    # nothing there
    ("", None, "Type a handle"),
    (" \t\n", None, "Type a handle"),
    ("@", None, "Type a handle"),
    ("...", None, "Type a handle"),
    ("\u200b\u2066", None, "Type a handle"),
    ("@@", MASTODON, "Type a handle"),
    ("://", None, "Type a handle"),
    ("https://", None, "Which network"),
    # a part is missing
    ("@ada", None, "Which network"),
    ("ada", None, "Which network"),
    ("@ada", MASTODON, "server is missing"),
    ("@ada", BLUESKY, "not a whole Bluesky handle"),
    ("@ada@", None, "not look like a server"),
    ("@@example.social", None, "cannot be the name"),
    ("@ada@example", None, "not look like a server"),
    ("@ada@exampl…", None, "cut off"),
    ("“@ada@exampl…”", None, "cut off"),
    ("https://example.social/@ad...", None, "cut off"),
    ("example.social", MASTODON, "lacks either a name or a server"),
    # not a name, not a server
    ("@a da@example.social", None, "blank"),
    ("@ada@example.social @grace@example.social", None, "blank"),
    ("@ada\tlovelace", X, "blank"),
    ("@ada@example.social@again", None, "not look like a server"),
    ("@.ada@example.social", None, "cannot be the name"),
    ("@ada-@example.social", None, "cannot be the name"),
    ("@ädä@example.social", None, "cannot be the name"),
    ("@ad\x00a@example.social", None, "cannot be the name"),
    ("@ad\ud800a@example.social", None, "cannot be the name"),
    ("@<b>ada</b>@example.social", None, "more than a server's name"),
    (f"@{'a' * 129}@example.social", None, "cannot be the name"),
    ("@ada@example.social:8080", None, "not look like a server"),
    ("@ada@127.0.0.1", None, "not look like a server"),
    ("@ada@[::1]", None, "not look like a server"),
    ("@ada@localhost", None, "not look like a server"),
    ("@ada@mail.internal", None, "not look like a server"),
    ("@ada@printer.local", None, "not look like a server"),
    ("@ada@expyuzz4wqqyqhjn.onion", None, "not look like a server"),
    ("@ada@-example.social", None, "not look like a server"),
    ("@ada@example..social", None, "not look like a server"),
    ("@ada@exa_mple.social", None, "not look like a server"),
    (f"@ada@{'a' * 64}.social", None, "not look like a server"),
    (f"@ada@{'a.' * 127}social", None, "not look like a server"),
    (f"@ada@{'ä' * 300}.social", None, "not look like a server"),
    ("@ada@\u0301.social", None, "not look like a server"),
    ("@ada@ex\ud800ample.social", None, "not look like a server"),
    # the network chosen and the text do not go together
    ("ada@example.social", BLUESKY, "e-mail address"),
    ("ada@example.social", X, "e-mail address"),
    ("lovelace.example", X, "cannot be on X"),
    ("lovelace.example", MASTODON, "lacks either a name or a server"),
    ("@ada@bsky.social", None, "Bluesky handles"),
    ("@ada@bsky.app", None, "Bluesky handles"),
    # DIDs
    ("did:plc:short", None, "not a DID we know"),
    ("did:key:zQ3shZc2QzApp2oymGvQbzP8eKheVshBHbU4ZYjeXqwSKEn6N", None, "not a DID we know"),
    ("DID:plc:7iza6de2dwap2sbkpav7c6c6", None, "not a DID we know"),
    ("did:web:localhost%3A1234", None, "not look like a server"),
    ("did:web:lovelace.example:path", None, "not look like a server"),
    # X
    ("@ada-lovelace", X, "cannot be a name on X"),
    ("@1234567890123456", X, "cannot be a name on X"),
    ("https://x.com/", None, "not of a person's profile"),
    ("https://x.com/home", None, "not of a person's profile"),
    ("https://x.com/Home", None, "not of a person's profile"),
    ("https://x.com/i/user/12", None, "not of a person's profile"),
    ("https://x.com/search?q=ada", None, "not of a person's profile"),
    ("https://twitter.com/hashtag/ff", None, "not of a person's profile"),
    ("https://twitter.com?lang=en", None, "not of a person's profile"),
    ("https://x.com/intent/tweet?text=hi", None, "not of a person's profile"),
    ("https://x.com/intent/user?user_id=12", None, "cannot be a name on X"),
    ("https://x.com/ada-lovelace", None, "cannot be a name on X"),
    # URLs that do not name a person
    ("https://example.social/about", None, "whose page"),
    ("https://example.social/tags/ff", MASTODON, "whose page"),
    ("https://example.social/ada", None, "whose page"),
    ("https://example.social/u/ada", X, "whose page"),
    ("https://example.social/users", None, "whose page"),
    ("https://example.social?x=1", MASTODON, "whose page"),
    ("https://example.social/@", None, "cannot be the name"),
    ("https://example.social/@/109876543210987654", None, "cannot be the name"),
    ("https://example.social/@ada%2Fgrace", None, "cannot be the name"),
    ("https://bsky.app/", None, "not of a person's profile"),
    ("https://bsky.app/profile/", None, "not of a person's profile"),
    ("https://bsky.app/search?q=ada", None, "not of a person's profile"),
    ("https://bsky.app/profile/ada", None, "not look like a server"),
    ("https://www.youtube.com/@ada", None, "none of the networks"),
    ("https://medium.com/@ada", MASTODON, "none of the networks"),
    ("https://t.me/ada", X, "none of the networks"),
    ("https://example.social:8443/@ada", None, "more than a server's name"),
    ("https://example.social:443/@ada", None, "more than a server's name"),
    ("https://ada@example.social", None, "more than a server's name"),
    ("https://ada:secret@example.social/@ada", None, "more than a server's name"),
    ("https://[::1]/@ada", None, "more than a server's name"),
    ("https://127.0.0.1/@ada", None, "not look like a server"),
    ("https://2130706433/@ada", None, "not look like a server"),
    ("https://localhost/@ada", None, "not look like a server"),
    ("https://x.com\\@example.social/@ada", None, "more than a server's name"),
    ("https://example.social\\@ada/", None, "more than a server's name"),
    ("ftp://example.social/@ada", None, "not the address of a profile"),
    ("javascript://example.social/@ada", None, "not the address of a profile"),
    ("data:text/html,<b>", None, "more than a server's name"),
    ("/@ada", None, "Which network"),
    ("ada/grace", None, "not look like a server"),
]


@pytest.mark.parametrize(("typed", "network", "expected"), READABLE)
def test_a_handle_is_read_as_people_write_it(typed, network, expected):
    handle = parse(typed, network)

    assert handle == expected


@pytest.mark.parametrize(("typed", "network", "expected"), READABLE)
def test_a_handle_written_out_reads_as_itself(typed, network, expected):
    assert parse(str(expected), expected.network) == expected
    assert parse(page_url(expected)) == expected


@pytest.mark.parametrize(("typed", "network", "message"), UNREADABLE)
def test_what_cannot_be_read_is_refused_with_a_message_that_helps(typed, network, message):
    with pytest.raises(Unreadable, match=message):
        parse(typed, network)


def test_the_tables_hold_a_hundred_shapes_and_more():
    assert len(READABLE) >= 100
    assert len(UNREADABLE) >= 80


def test_a_message_quotes_no_more_than_sixty_characters_and_nothing_invisible():
    with pytest.raises(Unreadable) as refused:
        parse(f"\x1b[31m\u202e\ud800{'ada<' * 100}", Network.X)

    message = str(refused.value)
    quoted = message[message.index("“") + 1 : message.index("”")]
    assert len(quoted) == 61
    assert quoted.endswith("…")
    assert quoted.isprintable()
    message.encode()


@pytest.mark.parametrize(
    "text",
    [
        (lambda n: "a" * n),
        (lambda n: "@" * n),
        (lambda n: " " * n),
        (lambda n: "\u200b" * n),
        (lambda n: "a." * (n // 2)),
        (lambda n: "https://" + "a/" * (n // 2)),
        (lambda n: "ﷺ" * n),
        (lambda n: f"@{'a.' * (n // 2)}@b-b-b"),
        (lambda n: "did:plc:" + ":" * n),
        (lambda n: "\u0301" * n),
    ],
    ids=["letters", "at", "blanks", "invisible", "dots", "path", "ligature", "local part", "did", "marks"],
)
@pytest.mark.parametrize("size", [1_980, 1_000_000], ids=["as long as may be", "a megabyte"])
def test_a_refusal_costs_no_more_than_the_length_of_what_is_refused(text, size):
    def refuse(typed):
        with pytest.raises(Unreadable):
            parse(typed, Network.MASTODON)

    assert_grows_at_most(refuse, text, size)


def test_blanks_around_a_handle_do_not_count_towards_its_length():
    assert parse(" " * 5_000 + "@ada@example.social" + "\n" * 5_000) == ada()


@pytest.mark.parametrize(
    ("handle", "url"),
    [
        (ada(), "https://example.social/@ada"),
        (sky(), "https://bsky.app/profile/ada.bsky.social"),
        (sky(DID), f"https://bsky.app/profile/{DID}"),
        (tweet(), "https://x.com/ada"),
    ],
)
def test_the_page_of_a_handle_is_where_people_find_it(handle, url):
    assert page_url(handle) == url


@pytest.mark.parametrize(
    ("handle", "written", "address"),
    [
        (ada(), "@ada@example.social", "ada@example.social"),
        (sky(), "@ada.bsky.social", "ada.bsky.social"),
        (tweet(), "@ada", "ada"),
    ],
)
def test_a_handle_is_written_as_people_do(handle, written, address):
    assert str(handle) == written
    assert handle.address == address


def test_a_network_is_called_by_the_name_people_know():
    assert [network.label for network in Network] == ["Mastodon", "Bluesky", "X"]


def test_a_host_is_folded_to_ascii():
    assert ascii_host("Bücher.Example.") == "xn--bcher-kva.example"


def cases(file):
    lines = (VECTORS / file).read_text(encoding="utf-8").split("\n")
    return [line for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize(
    ("file", "count", "judge", "verdict"),
    [
        ("handle_syntax_valid.txt", 71, is_at_handle, True),
        ("handle_syntax_invalid.txt", 48, is_at_handle, False),
        ("did_syntax_valid.txt", 24, is_did, True),
        ("did_syntax_invalid.txt", 18, is_did, False),
    ],
)
def test_the_networks_own_vectors_agree_with_us(file, count, judge, verdict):
    lines = cases(file)

    wrong = [line for line in lines if judge(line) is not verdict]

    assert len(lines) == count
    assert wrong == []


def test_the_longest_did_is_two_kilobytes():
    assert is_did("did:plc:" + "a" * 2_040)
    assert not is_did("did:plc:" + "a" * 2_041)


networks = st.sampled_from([None, *Network])
anything = st.text(st.characters(codec=None, categories=None), max_size=80)  # surrogates too
likely = st.text(st.sampled_from("aZ0._-@:/?#%4\\[] \n<&é例ſKﷺ\u200f\ud800\x00"), max_size=40)
FRAGMENTS = """
https:// at:// acct: did:plc: did:web: @ / /@ /users/ ?screen_name= ada example.social x.com /intent/user
bsky.app/profile/ .bsky.social %40 … é
"""
fragments = st.lists(st.sampled_from(FRAGMENTS.split()), max_size=7).map("".join)


@pytest.mark.parametrize("text", ["@i", "Home", "https://x.com/intent/user?screen_name=search"])
def test_a_page_of_x_is_nobodys_name(text):
    with pytest.raises(Unreadable, match="is a page of X"):
        parse(text, Network.X)


@settings(max_examples=400)
@given(anything | likely | fragments, networks)
def test_any_text_is_a_handle_or_unreadable(text, network):
    try:
        handle = parse(text, network)
    except Unreadable as refused:
        str(refused).encode()
        return

    assert parse(str(handle), handle.network) == handle
    assert parse(page_url(handle), network) == handle
    assert str(handle).isascii()
    assert len(str(handle)) <= 1 + 128 + 1 + 253


names = st.from_regex(r"[a-z0-9_]([a-z0-9_.-]{0,20}[a-z0-9_])?", fullmatch=True)
hosts = st.from_regex(r"([a-z0-9]{1,8}\.){1,3}(social|example|org)", fullmatch=True)
around = st.text(st.sampled_from(" \n\t\"'“”()[]<>,;:!?\u200e\u2068\u2069\ufeff"), max_size=5)


@given(names, hosts, around, around)
def test_what_stands_around_a_pasted_handle_changes_nothing(name, host, before, after):
    expected = parse(f"@{name}@{host}")

    assert parse(f"{before}@{name}@{host}{after}") == expected
    assert parse(f"{before}https://{host}/@{name}{after}") == expected
