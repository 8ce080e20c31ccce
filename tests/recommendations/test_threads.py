import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommendations.handles import Handle, Network
from recommendations.measures import Limits, Post, fits, graphemes, size
from recommendations.threads import (
    MENTIONS_PER_POST,
    MINIMUM_BYTES,
    MINIMUM_CHARACTERS,
    Outline,
    Person,
    Words,
    compose,
)
from recommendations.weighted import urls, weighted

LIMITS = {
    Network.BLUESKY: Limits(characters=300, bytes=3_000),
    Network.MASTODON: Limits(characters=500, url_length=23),
    Network.X: Limits(characters=280, url_length=23),
}
DID = "did:plc:" + "a" * 24
# Account::MENTION_RE of Mastodon and the mentions of twitter-text, read narrowly: whatever either would notify.
A_SERVER_READS = re.compile(r"(?<![/\w])[@＠]\w")

ADA = Person(
    name="Ada Lovelace",
    handle=Handle(Network.MASTODON, "ada", "example.social"),
    page_url="https://example.social/@ada",
    uri="https://example.social/users/ada",
    reason="She wrote the first program.",
    by="Grace",
)
GRACE = Person(
    name="Grace Hopper",
    handle=Handle(Network.BLUESKY, "grace.test"),
    page_url=f"https://bsky.app/profile/{DID}",
    uri=DID,
    reason="コンパイラを発明した",
    by="Ada",
)
LINUS = Person(
    name="Linus",
    handle=Handle(Network.X, "linus"),
    page_url="https://x.com/linus",
    uri="1",
    reason="A kernel, for fun.",
    by="Grace",
)
EDITION = Outline(
    community="Women in Computing",
    title="Pioneers",
    number=12,
    people=(ADA, GRACE, LINUS),
    hashtag="WomenInTech",
    link="https://ff.example/c/wic/2026-w47",
    language="en",
)


def thread(network: Network, limits: Limits | None = None, **changes: Any) -> list[Post]:
    measure = weighted if network == Network.X else graphemes
    return compose(replace(EDITION, **changes), network=network, limits=limits or LIMITS[network], measure=measure)


def spans(post: Post) -> list[tuple[str, str, str]]:
    data = post.text.encode()
    return [(facet.kind, data[facet.start : facet.end].decode(), facet.value) for facet in post.facets]


def test_a_thread_on_bluesky_opens_names_everybody_and_closes() -> None:
    opening, people, closing = thread(Network.BLUESKY)

    assert opening.text == (
        "Women in Computing · No. 12 · Pioneers\n3 people to follow\n#WomenInTech\nff.example/c/wic/2026-w47"
    )
    assert people.text == (
        "Ada Lovelace\n“She wrote the first program.” — Grace\n\n"
        "Grace Hopper @grace.test\n“コンパイラを発明した” — Ada\n\n"
        "Linus\n“A kernel, for fun.” — Grace"
    )
    assert closing.text == "Whom should more people know? Nominate them for next week:\nff.example/c/wic/2026-w47"


def test_on_bluesky_the_tag_the_link_and_everybodys_page_are_facets() -> None:
    opening, people, closing = thread(Network.BLUESKY)

    link = ("link", "ff.example/c/wic/2026-w47", "https://ff.example/c/wic/2026-w47")
    assert spans(opening) == [("tag", "#WomenInTech", "WomenInTech"), link]
    assert spans(people) == [
        ("link", "Ada Lovelace", "https://example.social/@ada"),
        ("link", "@grace.test", f"https://bsky.app/profile/{DID}"),
        ("link", "Linus", "https://x.com/linus"),
    ]
    assert spans(closing) == [link]


def test_on_bluesky_a_person_of_bluesky_who_allows_it_is_mentioned_by_did() -> None:
    post = thread(Network.BLUESKY, people=(replace(GRACE, mention=True),))[1]

    assert spans(post) == [("mention", "@grace.test", DID)]


@pytest.mark.parametrize("person", [replace(ADA, mention=True), replace(GRACE, mention=True, uri="not a did")])
def test_on_bluesky_nobody_else_is_ever_mentioned(person: Person) -> None:
    post = thread(Network.BLUESKY, people=(person,))[1]

    assert post.mentions == 0


def test_on_bluesky_an_unproven_handle_is_not_shown_and_the_name_links_instead() -> None:
    person = replace(GRACE, handle=Handle(Network.BLUESKY, DID))

    post = thread(Network.BLUESKY, people=(person,))[1]

    assert post.text.startswith("Grace Hopper\n“")
    assert spans(post) == [("link", "Grace Hopper", GRACE.page_url)]


def test_on_mastodon_a_person_is_named_with_the_page_unless_they_may_be_mentioned() -> None:
    plain = thread(Network.MASTODON, people=(ADA,))[1]
    mentioned = thread(Network.MASTODON, people=(replace(ADA, mention=True),))[1]

    assert plain.text.startswith("Ada Lovelace https://example.social/@ada\n“")
    assert spans(plain) == [("link", "https://example.social/@ada", "https://example.social/@ada")]
    assert mentioned.text.startswith("Ada Lovelace @ada@example.social\n“")
    assert spans(mentioned) == [("mention", "@ada@example.social", "https://example.social/users/ada")]


def test_on_mastodon_people_of_elsewhere_are_never_mentioned() -> None:
    people = (replace(GRACE, mention=True), replace(LINUS, mention=True))

    post = thread(Network.MASTODON, people=people)[1]

    assert post.mentions == 0
    assert f"Grace Hopper https://bsky.app/profile/{DID}\n" in post.text


def test_on_mastodon_a_handle_that_servers_would_misread_is_no_mention() -> None:
    person = replace(ADA, mention=True, handle=Handle(Network.MASTODON, "ådå", "example.social"))

    post = thread(Network.MASTODON, people=(person,))[1]

    assert spans(post) == [("link", "https://example.social/@ada", "https://example.social/@ada")]


def test_on_x_one_post_names_everybody_plainly() -> None:
    posts = thread(Network.X, people=(replace(ADA, mention=True), GRACE, LINUS))

    assert [post.text for post in posts] == [
        "Women in Computing · No. 12 · Pioneers\n3 people to follow\nAda Lovelace, Grace Hopper, Linus\n"
        "#WomenInTech\nhttps://ff.example/c/wic/2026-w47"
    ]
    assert posts[0].mentions == 0


def test_on_x_who_does_not_fit_is_counted() -> None:
    people = tuple(replace(ADA, name=f"Ada the {number}th of Lovelace") for number in range(30))

    (post,) = thread(Network.X, people=people)

    names = post.text.split("\n")[2].split(", ")
    assert names[-1] == f"+{30 - (len(names) - 1)}"
    assert fits(post, network=Network.X, limits=LIMITS[Network.X])


def test_on_x_the_tag_gives_way_before_the_only_name() -> None:
    weighty = Limits(characters=140, url_length=23)

    link = "https://ff.community/c/wic/2026-w47"
    (post,) = thread(Network.X, weighty, people=(replace(ADA, name="A" * 50),), hashtag="T" * 64, link=link)

    assert "A" * 50 in post.text
    assert [facet.kind for facet in post.facets] == ["link"]


def test_on_x_an_edition_of_nobody_is_its_head_and_link() -> None:
    (post,) = thread(Network.X, people=())

    assert post.text.startswith("Women in Computing · No. 12 · Pioneers\n#WomenInTech\nhttps://")


def test_another_measure_may_count() -> None:
    def double(text: str) -> int:
        return 2 * graphemes(text)

    (post,) = compose(EDITION, network=Network.X, limits=Limits(characters=160), measure=double)

    assert graphemes(post.text) <= 80


@pytest.mark.parametrize("network", [Network.MASTODON, Network.X])
def test_nothing_a_stranger_writes_becomes_a_mention(network: Network) -> None:
    evil = "@bob @bob@evil.example (@bob) “@bob” ＠bob .@bob"
    person = replace(ADA, name=evil, reason=evil, by=evil, page_url="https://e.example/,@bob@evil.example")

    words = Words(number=evil, people=lambda _: evil, invitation=evil)

    posts = thread(network, community=evil, title=evil, words=words, people=(person,))

    for post in posts:
        assert "bob" in post.text
        assert not A_SERVER_READS.search(post.text)


def test_a_stranger_cannot_write_a_facet_or_turn_the_text_around() -> None:
    reason = "#tag @bob.test https://evil.example \u202etxet\u202c\n\n\nGrace Hopper @grace.test"

    post = thread(Network.BLUESKY, people=(replace(ADA, reason=reason),))[1]

    assert [kind for kind, *_ in spans(post)] == ["link"]
    assert post.text.count("\n") == 1
    assert "\u202e" not in post.text


def test_at_most_five_people_are_notified_by_one_post() -> None:
    people = tuple(
        replace(ADA, name=f"A{n}", reason="x", mention=True, handle=Handle(Network.MASTODON, f"a{n}", "b.example"))
        for n in range(12)
    )

    posts = thread(Network.MASTODON, people=people)[1:-1]

    assert [post.mentions for post in posts] == [5, 5, 2]


def test_a_long_reason_has_a_post_of_its_own_and_ends_at_a_word() -> None:
    long = replace(ADA, reason="She wrote the first program. " * 30)

    posts = thread(Network.BLUESKY, people=(long, GRACE))

    assert posts[1].text.startswith("Ada Lovelace\n“She wrote the first program. She")
    assert re.search(r" (She|wrote|the|first|program)…” — Grace\Z", posts[1].text)
    assert posts[2].text.startswith("Grace Hopper @grace.test\n“")


def test_an_endless_name_or_author_is_cut_and_an_endless_handle_left_out() -> None:
    handle = Handle(Network.BLUESKY, ".".join(["a" * 60] * 4) + ".test")
    person = replace(GRACE, name="Grace " * 50, by="Ada " * 50, handle=handle, reason="wrote " * 100)

    post = thread(Network.BLUESKY, people=(person,))[1]

    first, said = post.text.split("\n")
    assert first == ("Grace " * 8).strip() + "…"
    assert said.startswith("“wrote wrote wrote")
    assert said.endswith("wrote…” — " + ("Ada " * 7).strip() + "…")
    assert spans(post) == [("link", first, GRACE.page_url)]


@pytest.mark.parametrize(
    ("network", "named"),
    [
        (Network.BLUESKY, "@grace.test"),
        (Network.MASTODON, "grace.test https://bsky.app"),
        (Network.X, "grace.\u2060test"),
    ],
)
def test_who_has_no_name_goes_by_the_handle(network: Network, named: str) -> None:
    text = "".join(post.text for post in thread(network, people=(replace(GRACE, name="\u200b"),)))

    assert named in text
    assert "grace.test @grace.test" not in text


def test_a_name_of_a_single_endless_character_gives_way_to_the_handle() -> None:
    person = replace(ADA, name="👩" + "\u200d👩" * 100)

    post = thread(Network.MASTODON, people=(person,))[1]

    assert post.text.startswith("ada@\u2060example.social https://example.social/@ada\n")


def test_who_has_neither_a_name_nor_an_address_is_still_listed() -> None:
    nobody = Person("", Handle(Network.MASTODON, ""), "javascript:alert(1)", "", "Quiet.", "Ada")

    assert thread(Network.MASTODON, people=(nobody,))[1].text == "…\n“Quiet.” — Ada"
    assert thread(Network.BLUESKY, people=(nobody,))[1] == Post("…\n“Quiet.” — Ada", people=(0,))


@pytest.mark.parametrize(
    ("reason", "by", "said"),
    [("Kind.", "", "\n“Kind.”"), ("", "Ada", "\nAda"), ("", "", "")],
)
def test_a_missing_reason_or_author_leaves_no_empty_marks(reason: str, by: str, said: str) -> None:
    post = thread(Network.BLUESKY, people=(replace(ADA, reason=reason, by=by),))[1]

    assert post.text == f"Ada Lovelace{said}"


@pytest.mark.parametrize(
    ("language", "quoted"),
    [("de", "„Kind.“"), ("fr-CA", "«\u00a0Kind.\u00a0»"), ("ja", "「Kind.」"), ("xx", "“Kind.”"), ("", "“Kind.”")],
)
def test_a_reason_is_quoted_as_its_language_does(language: str, quoted: str) -> None:
    post = thread(Network.BLUESKY, language=language, people=(replace(ADA, reason="Kind."),))[1]

    assert quoted in post.text


@pytest.mark.parametrize("hashtag", ["", "two words", "12345", "a" * 65, "evil\n@bob"])
def test_a_hashtag_that_is_none_is_left_out(hashtag: str) -> None:
    assert [facet.kind for facet in thread(Network.BLUESKY, hashtag=hashtag)[0].facets] == ["link"]


def test_a_hashtag_may_come_with_its_sign() -> None:
    assert spans(thread(Network.BLUESKY, hashtag="#فيمتك")[0])[0] == ("tag", "#فيمتك", "فيمتك")


def test_an_empty_outline_still_makes_no_broken_post() -> None:
    empty = Outline(community="", people=(), words=Words(invitation=""))

    assert compose(empty, network=Network.BLUESKY, limits=LIMITS[Network.BLUESKY]) == [Post(""), Post("")]


def test_a_long_link_is_shown_short_on_bluesky_and_whole_elsewhere() -> None:
    link = "https://ff.example/c/women-in-computing/editions/2026-w47"

    assert spans(thread(Network.BLUESKY, link=link)[-1])[0][1] == "ff.example/c/women-in-computing/edition…"
    assert spans(thread(Network.MASTODON, link=link)[-1])[0][1] == link


def test_a_link_that_crowds_out_the_words_is_left_out() -> None:
    post = thread(Network.MASTODON, Limits(characters=140), link="https://ff.example/" + "c" * 150)[-1]

    assert post == Post(Words().invitation)


def test_a_thread_that_goes_on_has_no_second_opening() -> None:
    whole = thread(Network.BLUESKY)

    assert thread(Network.BLUESKY, opening=False) == whole[1:]


def test_an_edition_is_known_by_number_and_title_as_far_as_it_has_them() -> None:
    first_lines = [
        thread(Network.BLUESKY, title=title, number=number)[0].text.split("\n")[0]
        for title, number in (("", 12), ("Pioneers", None), ("", None))
    ]

    assert first_lines == [
        "Women in Computing · No. 12",
        "Women in Computing · Pioneers",
        "Women in Computing",
    ]


def test_another_language_brings_its_own_words() -> None:
    words = Words(number="Nr. {number}", people=lambda count: f"{count} Menschen", invitation="Wer fehlt?")

    opening, _, closing = thread(Network.BLUESKY, words=words)

    assert opening.text.startswith("Women in Computing · Nr. 12 · Pioneers\n3 Menschen\n")
    assert closing.text.startswith("Wer fehlt?\n")


def test_one_person_is_one_person() -> None:
    assert "\n1 person to follow\n" in thread(Network.BLUESKY, people=(ADA,))[0].text


@pytest.mark.parametrize("network", [Network.BLUESKY, Network.MASTODON])
def test_every_post_knows_whose_entries_it_carries(network: Network) -> None:
    crowd = tuple(replace(ADA, entry=number, reason="She did. " * 20) for number in range(101, 108))

    posts = thread(network, people=crowd)

    assert [posts[0].people, posts[-1].people] == [(), ()]
    assert all(post.text.count("Ada Lovelace") == len(post.people) for post in posts)
    assert [entry for post in posts for entry in post.people] == list(range(101, 108))


def test_on_x_the_post_carries_those_it_names() -> None:
    crowd = tuple(replace(ADA, name=f"Ada the {number}th of Lovelace", entry=number) for number in range(1, 31))

    (post,) = thread(Network.X, people=crowd)

    assert post.people == tuple(range(1, post.text.count("Lovelace") + 1))


def test_facets_are_kept_as_plain_json() -> None:
    assert thread(Network.BLUESKY)[-1].facets[0].as_json == {
        "start": 59,
        "end": 84,
        "kind": "link",
        "value": "https://ff.example/c/wic/2026-w47",
    }


@pytest.mark.parametrize(
    "limits", [Limits(MINIMUM_CHARACTERS - 1), Limits(300, MINIMUM_BYTES - 1), Limits(0, 0), Limits(-5, -5)]
)
@pytest.mark.parametrize("network", list(Network))
def test_limits_too_small_for_anybody_are_no_error_and_the_posts_say_that_they_do_not_fit(
    limits: Limits, network: Network
) -> None:
    enough = Limits(
        max(limits.characters, MINIMUM_CHARACTERS),
        max(limits.bytes, MINIMUM_BYTES) if limits.bytes is not None else None,
    )

    posts = compose(EDITION, network=network, limits=limits)

    assert posts == compose(EDITION, network=network, limits=enough)
    if limits.characters <= 0:
        assert not any(fits(post, network=network, limits=limits) for post in posts)


def test_on_x_nothing_that_others_wrote_becomes_a_link_a_tag_or_a_mention() -> None:
    evil = "@bob #bob $BOB bob.example.com https://example.com/bob 例.example.com"
    words = Words(number=evil, people=lambda _: evil, invitation=evil)

    (post,) = thread(Network.X, community=evil, title=evil, words=words, people=(replace(ADA, name=evil),), link="")

    assert "bob" in post.text
    assert urls(post.text) == []
    assert not re.search(r"[@#$]\w", post.text.removesuffix("#WomenInTech"))


def test_on_x_what_is_no_domain_is_left_as_it_is() -> None:
    (post,) = thread(Network.X, people=(replace(ADA, name="J. Doe 3.14 $5 …"),), title="", number=None, link="")

    assert post.text == "Women in Computing\n1 person to follow\nJ. Doe 3.14 $5 …\n#WomenInTech"


any_text = st.one_of(
    st.text(max_size=60),
    st.text(st.sampled_from("aé漢क्षि🇩🇪👩\u200d\u0301\u0600 \n@#.,/:—…ا\u202e\ud800"), max_size=400),
    st.text("ab ", max_size=700),
    st.lists(
        st.sampled_from(
            ["https://a.bc", "@bob", "@bob@evil.example", "#tag", "word", "語", "👨‍👩‍👧‍👦", "\u202e", "a.com", "z."]
        )
    ).map(" ".join),
)
handles = st.sampled_from(
    [ADA.handle, GRACE.handle, LINUS.handle, Handle(Network.BLUESKY, DID), Handle(Network.BLUESKY, "a" * 63 + ".test")]
)
pages = st.one_of(st.sampled_from([ADA.page_url, GRACE.page_url, "https://a.example/" + "b" * 400]), any_text)
people = st.builds(
    Person,
    name=any_text,
    handle=handles,
    page_url=pages,
    uri=st.sampled_from([DID, "https://example.social/users/ada"]),
    reason=any_text,
    by=any_text,
    mention=st.booleans(),
)
outlines = st.builds(
    Outline,
    community=any_text,
    title=any_text,
    number=st.none() | st.integers(1, 10_000),
    people=st.lists(people, max_size=6).map(tuple),
    opening=st.booleans(),
    words=st.builds(Words, people=any_text.map(lambda text: lambda _: text), invitation=any_text),
    hashtag=st.one_of(st.just("WomenInTech"), any_text),
    link=pages,
    language=st.sampled_from(["", "en", "fr", "ja"]),
)
channels = st.one_of(
    st.tuples(st.just(Network.BLUESKY), st.builds(Limits, st.integers(140, 600), st.integers(500, 3_000))),
    st.tuples(
        st.just(Network.MASTODON), st.builds(Limits, st.integers(140, 1_500), url_length=st.sampled_from([23, None]))
    ),
    st.tuples(st.just(Network.X), st.builds(Limits, st.integers(140, 600), url_length=st.just(23))),
)


@settings(max_examples=300)
@given(outlines, channels)
def test_whatever_is_written_every_post_fits_and_its_facets_are_sound(
    outline: Outline, channel: tuple[Network, Limits]
) -> None:
    network, limits = channel
    measure = weighted if network == Network.X else graphemes

    posts = compose(outline, network=network, limits=limits, measure=measure)

    assert posts == compose(outline, network=network, limits=limits, measure=measure)
    for post in posts:
        assert fits(post, network=network, limits=limits, measure=measure)
        assert post.mentions <= MENTIONS_PER_POST
        data, last = post.text.encode(), 0
        for facet in post.facets:
            assert last <= facet.start < facet.end <= len(data)
            shown = data[facet.start : facet.end].decode()
            if facet.kind == "tag":
                assert shown == f"#{facet.value}"
            if facet.kind == "link" and network != Network.BLUESKY:
                assert shown == facet.value
            last = facet.end
        outside = strip_facets(post)
        if network != Network.BLUESKY:
            assert not A_SERVER_READS.search(outside)
        if network == Network.X:
            assert urls(outside) == []


@settings(max_examples=200)
@given(st.lists(st.tuples(any_text, any_text, handles, st.booleans()), min_size=1, max_size=8), channels)
def test_everybody_stands_whole_in_exactly_one_post(
    listed: list[tuple[str, str, Handle, bool]], channel: tuple[Network, Limits]
) -> None:
    network, limits = channel
    if network == Network.X:
        network = Network.MASTODON
    crowd = tuple(
        Person(f"Name{n}e", handle, f"https://a.example/{n}", DID, f"Reason{n}e {reason}", f"Author{n}e", mention)
        for n, (_, reason, handle, mention) in enumerate(listed)
    )

    posts = compose(replace(EDITION, people=crowd), network=network, limits=limits)[1:-1]

    for n in range(len(crowd)):
        homes = [post.text for post in posts if f"Name{n}e" in post.text]
        assert len(homes) == 1
        piece = next(piece for piece in homes[0].split("\n\n") if f"Name{n}e" in piece)
        label, said = piece.split("\n")
        assert label.startswith(f"Name{n}e")
        assert re.match(rf"“Reason{n}(e|…)", said)
        assert said.endswith(f"” — Author{n}e")
    order = [int(number) for post in posts for number in re.findall(r"(?m)^Name(\d+)e", post.text)]
    assert order == sorted(order)


@given(any_text.filter(lambda text: text.strip()), st.sampled_from(list(Network)))
def test_no_text_is_counted_shorter_than_a_reader_sees_it(text: str, network: Network) -> None:
    text = text.encode(errors="replace").decode()

    assert size(text, network=network, limits=LIMITS[network]) >= graphemes(text)


def strip_facets(post: Post) -> str:
    """The post's text with a space where our own spans are."""
    data, at, rest = post.text.encode(), 0, ""
    for facet in post.facets:
        rest += data[at : facet.start].decode() + " "
        at = facet.end
    return rest + data[at:].decode()
