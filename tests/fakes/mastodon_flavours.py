"""The ways in which servers that speak Mastodon's API differ, as far as a client notices."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Flavour:
    """Mastodon as it is, unless said otherwise."""

    version: str = "4.5.1"
    source_url: str = "https://github.com/mastodon/mastodon"
    keys: Literal["honoured", "ignored", "racing"] = "honoured"
    repeats_fail: bool = False  # mastodon#40399: a known key answers 500, though the post stands
    instance_v2: bool = True
    instance_v1: bool = True
    media_v2: bool = True
    pending_polls: int = 0  # a picture is worked on (202) until it was asked for so often (206)
    edits: int = 200  # 404, 405 or 501: posts cannot be edited
    html_errors: bool = False
    ids: Literal["strings", "numbers", "uuids"] = "strings"
    strict: bool = False  # JSON with real booleans only; `media_ids[]` of a form is not seen
    tells_language: bool = True
    tells_uri: bool = True  # Account.uri came with Mastodon 4.2
    bad_token: int = 401
    bad_token_says: Literal["JSON", "text", "page"] = "JSON"
    lag: float = 0.0  # seconds until a post turns up among the account's own
    markup: Literal["mastodon", "markdown", "short"] = "mastodon"
    characters: int = 500
    url_length: int = 23
    counts: Literal["mastodon", "graphemes", "code points"] = "mastodon"  # all but Mastodon count everything in full
    media: int = 4
    description: int = 1_500


FLAVOURS = {
    "mastodon": Flavour(),
    "mastodon-4.2": Flavour(version="4.2.10", pending_polls=1),
    "fork": Flavour(
        version="4.6.0-alpha.1+glitch", source_url="https://github.com/glitch-soc/mastodon", characters=5_000
    ),
    "affected": Flavour(version="4.7.0", repeats_fail=True),
    "old": Flavour(version="3.0.1", instance_v2=False, media_v2=False, tells_uri=False),
    "pleroma": Flavour(
        version="2.7.2 (compatible; Pleroma 2.6.0)",
        source_url="",
        keys="racing",
        instance_v2=False,
        tells_uri=False,
        tells_language=False,
        bad_token=403,
        characters=5_000,
        url_length=0,
        counts="graphemes",
        markup="markdown",
    ),
    "gotosocial": Flavour(
        version="0.19.1+git-9b1a3f2",
        source_url="https://codeberg.org/superseriousbusiness/gotosocial",
        keys="ignored",
        strict=True,
        ids="uuids",
        tells_uri=False,
        edits=501,
        characters=5_000,
        url_length=25,
        counts="code points",
    ),
    "html": Flavour(
        version="4.0.0 (compatible; Iceshrimp 2026.1)",
        keys="ignored",
        html_errors=True,
        instance_v1=False,
        instance_v2=False,
        bad_token=400,
        edits=404,
        lag=5.0,
        markup="short",
    ),
    "takahe": Flavour(
        version="4.0.0 (compatible; Takahe 0.11.0)",
        source_url="https://jointakahe.org",
        keys="ignored",
        bad_token=400,
        bad_token_says="text",
        edits=405,
        tells_language=False,
        url_length=0,
        counts="code points",
    ),
    "numbers": Flavour(
        version="4.2.1 (compatible; Sharkey 2026.9)",
        keys="racing",
        ids="numbers",
        instance_v1=False,
        pending_polls=2,
        edits=405,
        characters=3_000,
        url_length=0,
        counts="code points",
        description=100,
    ),
}
