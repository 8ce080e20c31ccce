"""Ten thousand texts, counted by us and by others (tests/counting/count.mjs under Node).

Known, and not among them: npm's twitter-text cuts characters beyond U+FFFF in two, and so finds a bare domain right
after one and an underscore (`🧿_a.com`); emoji newer than Unicode 14 that it does not know are counted in parts here,
too. Mastodon gives URLs more scripts in their paths than twitter-text does; what strangers write counts in full here.
"""

import json
import random
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from recommendations.handles import Network
from recommendations.measures import Limits, Post, Span, graphemes, joined, size, utf8_bytes
from recommendations.weighted import urls, weighted
from tests.node import installed_packages, node

pytestmark = pytest.mark.node

RECIPE = Path(__file__).resolve().parents[1] / "counting"
TEXTS = 10_000
MASTODON = Limits(characters=500, url_length=23)

PLAIN = ["a", "word", "Ada", "naïve", "ﬁn", "№", "—", "…", "“so”", "(", ")", ",", "!", "\n", "1", "3.14", "ſ", "\u00a0"]
MARKS = ["e\u0301", "n\u0303o", "q\u0307\u0323", "Z\u0334\u0335\u0336", "\u0915\u094d\u0937\u093f", "กำ", "ழ்", "\u0958"]
SCRIPTS = [
    "語",
    "漢字",
    "かな",
    "カ\u3099",
    "한글",
    "\u1112\u1161\u11ab",
    "العربية",
    "לשון",
    "हिन्दी",
    "தமிழ்",
    "ไทย",
    "ქართული",
    "ᄒ",
]
ASTRAL = ["𝔸", "𠮷", "𓀀", "\U0001f9ff"]
EMOJI = [
    *"😀👋🏽🧑🎉❤☺©®™♟⌚🀄⭐", "❤️", "☺️", "☺\ufe0e", "©️", "⌚️", "👋🏽", "☝🏽", "☝️", "✌🏿",
    "🧔🏻‍♂️", "🕵️‍♀️", "🏋🏿‍♀️", "👩‍🚀", "👨🏾‍⚕️",
    "🧑‍🎄", "👨‍👩‍👧‍👦", "👩‍👦", "👩‍❤️‍👨", "👩‍❤️‍💋‍👩", "👩🏻‍❤️‍👨🏿", "🧑🏻‍❤️‍🧑🏿",
    "🧑‍🤝‍🧑", "🧑🏻‍🤝‍🧑🏻", "👩🏻‍🤝‍👨🏽", "🫱🏻‍🫲🏿", "👩🏽‍🦰", "👯‍♀️",
    "🏳️‍🌈", "🏳️‍⚧️", "🏴‍☠️", "👁‍🗨", "🐕‍🦺", "🐈‍⬛", "🐻‍❄️", "❤️‍🔥", "😮‍💨", "😵‍💫", "😶‍🌫️",
    "🇩🇪", "🇫🇷🇩🇪", "🇦🇦", "🇩", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "1️⃣", "#️⃣", "*⃣", "2⃣",
    "😀\u200d😀", "👨\u200d👨\u200d👨", "\u200d", "\ufe0f",
]  # fmt: skip
TAGS = ["#FollowFriday", "#tag_1", "#日本語", "$AAPL"]
MENTIONS = ["@alice", "@alice@example.com", "@a.b@sub.example.org", "＠bob", "x@y.com", ".@bob", "@bob@例え.jp"]
URLS = [
    "http://test.co", "https://example.com", "https://example.com/", "HTTPS://Example.COM/A", "https://example.com:8443/a?b=c&d=e#f",
    "https://example.com/a_(b)", "https://example.com/(a(b)c)", "(https://example.com/a)",
    "https://example.com/a.", "https://example.com/é",
    "https://example.com/a,b;c", "https://example.com/@ada/1", "https://example.com/?q=ü",
    "https://例え.jp/テスト", "https://münchen.de/straße",
    "https://a.b.c.example.museum/x", "http://t.co/abcdef12", "http://localhost:8000/c/x",
    "http://192.0.2.1/a", "https://example.invalidtld/path",
    "http://-bad.example.com", "http://under_score.com", "http://sub_domain.example.com/",
    "https://xn--bcher-kva.example/", "https://xn--p1ai.xn--p1ai/",
    "https://example.com/" + "long/" * 30, "http://" + "a" * 70 + ".com", "https://example.com…",
    "https://example.com/кириллица",
]  # fmt: skip
DOMAINS = [
    "example.com", "www.example.co.uk/path", "t.co", "foo.baz", "node.js", "e.g.", "example.com/",
    "example.com?x=1", "a.example.com:80/b", "日本.jp",
    "これはexample.com/pathです", "twitter.com中国語t.co/x", "vermögensberater.de", "Example.ORG.",
    "-example.com", "_a.com", "/a.com", "a..com",
    "user@example.com", "example.com@b", "x.museum-", "ac.uk", "foo.中国", "foo.中国/bar",
    "a.com,b.com", "москва.рф", "xn--80ak6aa92e.com", "РУС.рус",
]  # fmt: skip
EVERYTHING = [PLAIN, MARKS, SCRIPTS, ASTRAL, EMOJI, TAGS, MENTIONS, URLS, DOMAINS]
NOTHING_LIVE = [PLAIN, MARKS, SCRIPTS, ASTRAL, EMOJI, TAGS]


@dataclass(frozen=True)
class Counted:
    """A post, whether everything in it that a server may take for a URL or a mention is ours, and others' counts."""

    post: Post
    ours_alone: bool
    others: dict[str, Any]


def strangers_words(dice: random.Random, pieces: list[list[str]]) -> str:
    glue = dice.choice([" ", " ", " ", "", "\n", "."])
    return glue.join(dice.choice(dice.choice(pieces)) for _ in range(dice.randint(1, 12)))


def a_post(dice: random.Random) -> tuple[Post, bool]:
    """Half of them any mixture at all; half of them as `threads` makes them: spans of ours between plain words."""
    if dice.random() < 0.5:
        return Post(strangers_words(dice, EVERYTHING)), False
    spans = [Span(strangers_words(dice, NOTHING_LIVE).replace(".", "·"))]
    for _ in range(dice.randint(0, 3)):
        host = dice.choice(["example.com", "a.example.org", "ff.social"])
        url = f"https://{host}/{'p/' * dice.randint(0, 20)}{dice.randint(1, 99)}"
        handle = f"@{dice.choice(['ada', 'a_1', 'grace.h-x'])}@{dice.choice(['example.com', 'b.c.example'])}"
        mark = dice.choice([Span(url, "link", url), Span(handle, "mention", url), Span("#Tag", "tag", "Tag")])
        spans += [Span("\n"), mark, Span("\n"), Span(strangers_words(dice, NOTHING_LIVE).replace(".", "·"))]
    return joined(tuple(spans)), True


@pytest.fixture(scope="module")
def counted() -> list[Counted]:
    dice = random.Random(5_2026)
    posts = [a_post(dice) for _ in range(TEXTS)]
    lines = "\n".join(json.dumps(post.text) for post, _ in posts)
    command = [node(), str(RECIPE / "count.mjs"), str(installed_packages(RECIPE))]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, timeout=120, check=True)
    others = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(others) == TEXTS
    return [Counted(post, alone, each) for (post, alone), each in zip(posts, others, strict=True)]


def differing(counted: list[Counted], ours: Any, theirs: str) -> list[tuple[str, int, int]]:
    """The texts on which we disagree, with both counts: nothing else is worth reading when this fails."""
    both = ((each.post.text, ours(each), each.others[theirs]) for each in counted)
    return [(text, mine, other) for text, mine, other in both if mine != other]


def test_graphemes_are_those_of_another_segmenter(counted: list[Counted]) -> None:
    assert differing(counted, lambda each: graphemes(each.post.text), "graphemes") == []


def test_bytes_are_those_of_another_encoder(counted: list[Counted]) -> None:
    assert differing(counted, lambda each: utf8_bytes(each.post.text), "bytes") == []


def on_mastodon(each: Counted) -> int:
    return size(each.post.text, each.post.facets, network=Network.MASTODON, limits=MASTODON)


def test_on_mastodon_what_is_ours_counts_as_the_server_counts_it(counted: list[Counted]) -> None:
    assert differing([each for each in counted if each.ours_alone], on_mastodon, "mastodon") == []


def test_on_mastodon_nothing_counts_as_less_than_the_server_says(counted: list[Counted]) -> None:
    assert [pair for pair in differing(counted, on_mastodon, "mastodon") if pair[1] < pair[2]] == []


def test_on_x_everything_counts_as_twitter_text_counts_it(counted: list[Counted]) -> None:
    assert differing(counted, lambda each: weighted(each.post.text), "x") == []


def test_on_x_the_same_words_are_urls(counted: list[Counted]) -> None:
    assert differing(counted, lambda each: urls(each.post.text), "urls") == []


def test_on_x_no_post_counts_as_less_than_twitter_text_says(counted: list[Counted]) -> None:
    def on_x(each: Counted) -> int:
        limits = Limits(280, url_length=23)
        return size(each.post.text, each.post.facets, network=Network.X, limits=limits, measure=weighted)

    assert [pair for pair in differing(counted, on_x, "x") if pair[1] < pair[2]] == []
