"""How long a post is to a network, and how a text is cut to what is left. Pure.

This piece knows texts, their marked spans and the ways of counting, not editions or how a network is reached.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple
from urllib.parse import quote, urlsplit

import regex

from recommendations.handles import Network
from recommendations.weighted import URL, urls

Kind = Literal["mention", "link", "tag"]
Measure = Callable[[str], int]  # text -> how long it is, in what the network counts

_LONGEST_URL = 2_000
_CLUSTER = regex.compile(r"\X")
_LOOKS_LIKE_URL = regex.compile(r"https?://(?:(?!https?://)\S)*", flags=regex.IGNORECASE)
_ORIGIN = regex.compile(r"https?://[^/?#:]*", flags=regex.IGNORECASE)
_ADDRESS = regex.compile(r"https?://[!#-;=?-\[\]_a-z~]+", flags=regex.IGNORECASE)
_LONGEST_ORIGIN = len("https://") + 253
_HOST = regex.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
# What every server that shortens URLs takes for one, to its last character, if it knows the top-level domain.
_PLAIN_URL = regex.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(?::\d{1,5})?"
    r"(?:/(?:[a-z0-9/._~%+=@-]*[a-z0-9/_+-])?)?(?:\?(?:[a-z0-9=&%_./+-]*[a-z0-9=&_/-]))?",
    flags=regex.IGNORECASE,
)
_MENTION = regex.compile(r"(@[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?)@[a-z0-9.-]*[a-z0-9]", flags=regex.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one post may hold; kept on the Channel as JSON."""

    characters: int
    bytes: int | None = None
    url_length: int | None = None  # a URL counts as this many characters; None: in full
    images: int = 0
    alt_length: int | None = None
    edits: bool | None = None  # whether the server takes edits of what was posted; None: as far as its network does


@dataclass(frozen=True, slots=True)
class Facet:
    """A span of a post that is more than text: `start` and `end` count UTF-8 bytes, the end is exclusive."""

    start: int
    end: int
    kind: Kind
    value: str  # a permanent uri, an address, a tag without its #

    @property
    def as_json(self) -> dict[str, Any]:
        """As it is kept with the post: {"start", "end", "kind", "value"}."""
        return {"start": self.start, "end": self.end, "kind": self.kind, "value": self.value}


@dataclass(frozen=True, slots=True)
class Post:
    """One post of a thread; its facets are in order and do not overlap."""

    text: str
    facets: tuple[Facet, ...] = ()
    people: tuple[int, ...] = ()  # the entries it carries (Person.entry)

    @property
    def mentions(self) -> int:
        """How many people it notifies."""
        return sum(facet.kind == "mention" for facet in self.facets)


class Span(NamedTuple):
    """A stretch of text on its way into a post, and the facet it becomes, if any."""

    text: str
    kind: Kind | None = None
    value: str = ""


Spans = tuple[Span, ...]


def joined(spans: Spans, people: tuple[int, ...] = ()) -> Post:
    """The spans, one after the other, as a post."""
    at, facets = 0, []
    for span in spans:
        end = at + utf8_bytes(span.text)
        if span.kind:
            facets.append(Facet(at, end, span.kind, span.value))
        at = end
    return Post("".join(span.text for span in spans), tuple(facets), people)


def lines(*groups: Spans) -> Spans:
    """Each group of spans on a line of its own; empty ones are left out."""
    spans: list[Span] = []
    for group in groups:
        if any(span.text for span in group):
            spans += [Span("\n"), *group] if spans else group
    return tuple(spans)


def graphemes(text: str) -> int:
    """How many characters a person sees (UAX 29 extended grapheme clusters)."""
    return len(_CLUSTER.findall(text))


def utf8_bytes(text: str) -> int:
    """How many bytes the text takes on the wire."""
    return len(text.encode(errors="surrogatepass"))


def size(
    text: str,
    facets: Iterable[Facet] = (),
    *,
    network: Network,
    limits: Limits,
    measure: Measure = graphemes,
) -> int:
    """How long the network takes a post to be, in what `limits.characters` counts.

    Where URLs have a fixed length (`limits.url_length`), a link of ours counts that; on Mastodon
    `@user@host` counts as `@user` (its StatusLengthValidator). What strangers wrote counts in full, and
    never less than a URL if it looks like one: whether a server sees a URL in it cannot be known, and a
    refused post helps nobody. X reads URLs out of the whole text, ours and others alike, and so does its measure
    (`weighted`); there a URL whose top-level domain we do not know counts no less than one we do.
    """
    if network == Network.X:
        return measure(
            _LOOKS_LIKE_URL.sub(lambda match: match[0] if urls(match[0]) else match[0].ljust(URL, "x"), text)
        )
    data, at, counted = text.encode(errors="surrogatepass"), 0, ""
    for facet in facets:
        before, own = _text(data[at : facet.start]), _text(data[facet.start : facet.end])
        counted += _padded(before, limits) + _stand_in(own, facet, network, limits)
        at = facet.end
    return measure(counted + _padded(_text(data[at:]), limits))


def fits(post: Post, *, network: Network, limits: Limits, measure: Measure = graphemes) -> bool:
    """Will the network take this post?"""
    if limits.bytes is not None and utf8_bytes(post.text) > limits.bytes:
        return False
    return size(post.text, post.facets, network=network, limits=limits, measure=measure) <= limits.characters


def cut(text: str, fit: Callable[[str], bool]) -> str:
    """The text if it fits, else as much of it as fits, then an ellipsis: whole characters, if possible words.

    `fit` must not refuse a shorter text than one it took. The ellipsis alone is the least that comes back.
    """
    if not text or fit(text):
        return text
    ends = [0, *(cluster.end() for cluster in _CLUSTER.finditer(text))]
    low, high = 0, len(ends) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if fit(_with_ellipsis(text[: ends[middle]])):
            low = middle
        else:
            high = middle - 1
    kept = text[: ends[low]]
    words = regex.split(r"\s+\S*$", kept, maxsplit=1)[0]
    # A script without blanks, or one endless word: better half a word than half a reason.
    return _with_ellipsis(words if len(words) * 2 > len(kept) else kept)


def is_mention(text: str) -> bool:
    """Does every server that speaks Mastodon's API read exactly this as the mention of one person?"""
    return _MENTION.fullmatch(text) is not None


def address(url: str) -> str:
    """An http(s) URL as it may stand in a post, in ASCII; empty if it is none, or a doubtful one.

    Servers look for mentions inside URLs, too: an @ is kept only behind a slash, where none of them sees one.
    """
    url = regex.sub(r"[^\x00-\x7f]", lambda match: quote(match[0], errors="replace"), url[: _LONGEST_URL + 1])
    if len(url) > _LONGEST_URL or not _ADDRESS.fullmatch(url):
        return ""
    try:
        parts = urlsplit(url)
        known = _HOST.fullmatch(parts.hostname or "") and (parts.port or 443) and "@" not in parts.netloc
    except ValueError:
        return ""
    return regex.sub(r"(?<!/)@", "%40", url) if known else ""


def _with_ellipsis(text: str) -> str:
    return text.rstrip(" \n,;:.…—–-") + "…"  # noqa: RUF001


def _text(data: bytes) -> str:
    return data.decode(errors="surrogatepass")


def _padded(text: str, limits: Limits) -> str:
    """With room for whatever a server may take for a URL in it: the whole, or no more than the origin."""
    room = limits.url_length or 0

    def pad(match: regex.Match[str]) -> str:
        url = match[0]
        found = _ORIGIN.match(url)
        origin = found[0] if found else ""
        if "." not in origin:
            return url.ljust(room, "x")
        if len(origin) > _LONGEST_ORIGIN:
            return url + "x" * room
        if _PLAIN_URL.fullmatch(url) and urls(url) in ([], [url]):
            return url.ljust(room, "x")
        shortest = (urls(origin) or [origin])[0]
        return url + "x" * (room - graphemes(shortest))

    return _LOOKS_LIKE_URL.sub(pad, text) if room else text


def _stand_in(own: str, facet: Facet, network: Network, limits: Limits) -> str:
    """What the network counts in place of a span of ours."""
    if (
        facet.kind == "link"
        and own == facet.value
        and limits.url_length
        and _PLAIN_URL.fullmatch(own)
        and urls(own) == [own]
    ):
        return "x" * limits.url_length
    if facet.kind == "mention" and network == Network.MASTODON and (mention := _MENTION.fullmatch(own)):
        return str(mention[1])
    return _padded(own, limits)
