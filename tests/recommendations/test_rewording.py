"""A part without some of its mentions, or in a curator's words: never longer, and nothing new goes live."""

import pytest

from recommendations.handles import Network
from recommendations.measures import Limits, Span, graphemes, joined
from recommendations.rewording import reworded, without_mentions

ROSA, EMMA = "https://social.example/users/rosa", "did:plc:" + "e" * 24
PAGE = "https://social.example/@rosa"


def as_json(post):
    return [facet.as_json for facet in post.facets]


def changed(post, network, limits, pages):
    return without_mentions(post.text, as_json(post), pages, network=network, limits=limits, measure=graphemes)


def test_on_mastodon_a_mention_becomes_the_pages_address():
    post = joined((Span("Rosa "), Span("@rosa@social.example", "mention", ROSA), Span("\nkind, é")))

    made = changed(post, Network.MASTODON, Limits(500, url_length=23), {ROSA: PAGE})

    assert made.text == f"Rosa {PAGE}\nkind, é"
    assert [(facet.kind, facet.value) for facet in made.facets] == [("link", PAGE)]


def test_where_the_address_does_not_fit_the_bare_name_stands():
    post = joined((Span("x" * 490 + " "), Span("@rosa@social.example", "mention", ROSA)))

    made = changed(post, Network.MASTODON, Limits(500, url_length=23), {ROSA: PAGE})

    assert made.text.endswith(" rosa")
    assert made.facets == ()


def test_on_bluesky_the_words_stay_and_the_facet_no_longer_notifies():
    page = "https://bsky.app/profile/emma.example"
    post = joined((Span("Emma "), Span("@emma.example", "mention", EMMA), Span(" 😀")))

    made = changed(post, Network.BLUESKY, Limits(300, bytes=3_000), {EMMA: page})

    assert made.text == post.text
    assert [(facet.start, facet.kind, facet.value) for facet in made.facets] == [(5, "link", page)]


def test_others_are_still_mentioned():
    post = joined((Span("@rosa@social.example", "mention", ROSA), Span(" "), Span("@joe@a.example", "mention", "joe")))

    made = changed(post, Network.MASTODON, Limits(500), {ROSA: PAGE})

    assert [(facet.kind, facet.value) for facet in made.facets] == [("link", PAGE), ("mention", "joe")]


@pytest.mark.parametrize(
    ("network", "typed", "said"),
    [
        (
            Network.MASTODON,
            "@eve@x.example and @rosa@social.example",
            "@\u2060eve@\u2060x.example and @rosa@social.example",
        ),
        (Network.X, "#new $CASH a.example", "#\u2060new $\u2060CASH a.\u2060example"),
        (Network.BLUESKY, "one\n\ntwo", "one\n\ntwo"),
    ],
)
def test_what_a_curator_types_is_text_but_for_what_was_there_before(network, typed, said):
    old = joined((Span("Rosa "), Span("@rosa@social.example", "mention", ROSA)))

    made = reworded(typed, old=old.text, facets=as_json(old), network=network, limits=Limits(500))

    assert made.text == said
