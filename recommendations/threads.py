"""An edition -> the posts that carry it to a network. Pure and deterministic.

What goes in are words that were chosen (and translated) elsewhere, people who were judged fit to be posted,
and what one post may hold. What comes out are texts with facets: spans of our own making, in UTF-8 bytes.
This piece does not know models, consent, or how a network is spoken to. Names and reasons are written by
strangers, so nothing in them becomes a link, a tag or a mention of ours.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import regex

from recommendations.handles import Handle, Network, is_did
from recommendations.markup import clean_line
from recommendations.measures import (
    Facet,
    Kind,
    Measure,
    Post,
    address,
    cut,
    fits,
    graphemes,
    is_mention,
    utf8_bytes,
)
from recommendations.networks.base import Limits

MENTIONS_PER_POST = 5  # more is marked as spam
MINIMUM_CHARACTERS = 140  # below these, a name, the beginning of a reason and its author do not fit
MINIMUM_BYTES = 500

_NAME = (50, 200)  # characters, bytes
_AUTHOR = (30, 120)
_SHOWN_URL = 40
_QUOTES = {
    **dict.fromkeys(("es", "it", "pt", "ru", "uk"), ("«", "»")),
    **dict.fromkeys(("ja", "zh"), ("「", "」")),
    "de": ("„", "“"),
    "fr": ("«\u00a0", "\u00a0»"),
    "pl": ("„", "”"),
}
_AT_SIGN = regex.compile(r"[@＠]")  # noqa: RUF001 (X reads the full-width sign as a mention, too)
_TAG = regex.compile(r"(?=.*[^\d_])[\p{L}\p{M}\p{N}_]{1,64}")


@dataclass(frozen=True, slots=True)
class Person:
    """One entry of the edition, as it may be posted."""

    name: str
    handle: Handle
    page_url: str
    uri: str  # the DID, where a Bluesky mention wants one
    reason: str
    by: str  # who gave the reason
    mention: bool = False  # may be notified


@dataclass(frozen=True, slots=True)
class Outline:
    """What the thread says, in the community's language. An empty part is left out."""

    community: str
    title: str  # "Edition 12"
    opening: str  # "7 people to follow, chosen by 31 of us"
    people: tuple[Person, ...]
    closing: str  # the invitation to nominate
    hashtag: str = ""
    link: str = ""
    language: str = ""  # BCP 47; chooses the quotation marks


class _Span(NamedTuple):
    text: str
    kind: Kind | None = None
    value: str = ""


_Spans = tuple[_Span, ...]


def compose(
    outline: Outline, *, network: Network, limits: Limits, measure: Measure = graphemes
) -> list[Post]:
    """The thread: an opening, the people in their order, a closing. Every post fits `limits` by `measure`.

    A person is never split: name, handle, reason and its author stand in one post, with as many others as fit
    and at most MENTIONS_PER_POST notifying mentions. A reason that is too long even for a post of its own is
    cut at a word and ends in an ellipsis; so does an endless name.

    Who is named how: on Bluesky, people of Bluesky by name and handle, which is a mention if they allow it
    and else a link; people of elsewhere by a name that links to them. On Mastodon, people of Mastodon who
    may be mentioned as `@user@host` (which always notifies), everybody else by name and URL. On X plain
    names, and one post only: its rules forbid automatic mentions.

    On Mastodon and X, where the server reads mentions out of the text, every @ that a stranger wrote is
    followed by U+2060 WORD JOINER: it cannot be seen, is part of no handle and, unlike a zero-width joiner,
    belongs to no emoji.

    Raises ValueError if `limits` are below MINIMUM_CHARACTERS or MINIMUM_BYTES.
    """
    if limits.characters < MINIMUM_CHARACTERS or (limits.bytes is not None and limits.bytes < MINIMUM_BYTES):
        raise ValueError(
            f"A post must hold at least {MINIMUM_CHARACTERS} characters and {MINIMUM_BYTES} bytes; here it "
            f"may hold {limits.characters} characters and {limits.bytes} bytes."
        )
    composer = _Composer(outline, network, limits, measure)
    if network == Network.X:
        return [composer.single()]
    return [composer.opening(), *composer.people(), composer.closing()]


@dataclass(frozen=True, slots=True)
class _Composer:
    outline: Outline
    network: Network
    limits: Limits
    measure: Measure

    def opening(self) -> Post:
        return self._framed(self._head(), [_lines(self._tag(), self._link()), self._link()])

    def closing(self) -> Post:
        return self._framed(self._clean(self.outline.closing), [self._link()])

    def people(self) -> list[Post]:
        posts: list[_Spans] = []
        for person in self.outline.people:
            piece = self._person(person)
            together = (*posts[-1], _Span("\n\n"), *piece) if posts else piece
            post = _post(together)
            if posts and post.mentions <= MENTIONS_PER_POST and self._fits(post):
                posts[-1] = together
            else:
                posts.append(piece)
        return [_post(spans) for spans in posts]

    def single(self) -> Post:
        """Names alone, as many as fit; `+3` stands for the rest."""
        head = (_Span(self._short(self._head(), (self.limits.characters // 2, None))),)
        names = [self._name(person) for person in self.outline.people]
        tails = [_lines(self._tag(), self._link()), self._link()]
        for tail in tails:
            for shown in range(len(names), 0, -1):
                rest = [f"+{len(names) - shown}"] if shown < len(names) else []
                post = _post(_lines(head, (_Span(", ".join(names[:shown] + rest)),), tail))
                if self._fits(post):
                    return post
        return self._framed(self._head(), tails)

    def _head(self) -> str:
        outline = self.outline
        first = " · ".join(filter(None, (self._clean(outline.community), self._clean(outline.title))))
        return "\n".join(filter(None, (first, self._clean(outline.opening))))

    def _framed(self, words: str, tails: list[_Spans]) -> Post:
        """The words, cut if they must be, over the first tail that leaves room for any."""

        def over(tail: _Spans, text: str) -> Post:
            return _post(_lines((_Span(text),), tail))

        tail = next((each for each in tails if self._fits(over(each, words and "…"))), ())
        return over(tail, cut(words, lambda text: self._fits(over(tail, text))))

    def _person(self, person: Person) -> _Spans:
        *ways, bare = self._ways_to_name(person)
        # A label may take half a post, so that the reason is never crowded out by an endless handle.
        half = (self.limits.characters // 2, self.limits.bytes and self.limits.bytes // 2)
        label = next((way for way in ways if self._fits(_post(way), half)), bare)
        by = self._short(self._clean(person.by), _AUTHOR)
        reason = cut(
            self._clean(person.reason),
            lambda text: self._fits(_post(_lines(label, self._said(text, by)))),
        )
        return _lines(label, self._said(reason, by))

    def _ways_to_name(self, person: Person) -> list[_Spans]:
        """How to name somebody, the fullest way first; the last one always fits."""
        handle, page = person.handle, address(person.page_url)
        name = self._name(person)
        before = f"{name} " if self._clean(person.name) else ""
        if self.network == Network.X:
            return [(_Span(name),)]
        if self.network == Network.BLUESKY:
            mark: tuple[Kind | None, str] = ("link", page) if page else (None, "")
            if handle.network != self.network:
                return [(_Span(name, *mark),)]
            if person.mention and is_did(person.uri):
                mark = ("mention", person.uri)
            full = (_Span(before), _Span(str(handle), *mark))
            return [(_Span(name, *mark),)] if is_did(handle.name) else [full, (_Span(name, *mark),)]
        ways: list[_Spans] = [(_Span(name),)]
        if page:
            ways.insert(0, (_Span(f"{name} "), _Span(page, "link", page)))
        if person.mention and handle.network == self.network and is_mention(str(handle)):
            ways.insert(0, (_Span(before), _Span(str(handle), "mention", person.uri)))
        return ways

    def _said(self, reason: str, by: str) -> _Spans:
        opening, closing = _QUOTES.get(self.outline.language.partition("-")[0].lower(), ("“", "”"))
        quoted = f"{opening}{reason}{closing}" if reason else ""
        return (_Span(" — ".join(filter(None, (quoted, by)))),)

    def _name(self, person: Person) -> str:
        for words in (person.name, person.handle.address):
            name = self._short(self._clean(words), _NAME)
            if name.strip("…"):
                return name
        return "…"

    def _clean(self, words: str) -> str:
        words = clean_line(words, limit=16 * self.limits.characters)
        return words if self.network == Network.BLUESKY else _AT_SIGN.sub("\\g<0>\u2060", words)

    def _short(self, words: str, room: tuple[int, int | None]) -> str:
        return cut(words, lambda text: self._fits(Post(text), room))

    def _tag(self) -> _Spans:
        tag = self.outline.hashtag.removeprefix("#")
        return (_Span(f"#{tag}", "tag", tag),) if _TAG.fullmatch(tag) else ()

    def _link(self) -> _Spans:
        url = address(self.outline.link)
        if not url:
            return ()
        shown = url
        if self.network == Network.BLUESKY:
            shown = url.partition("://")[2].rstrip("/")
            shown = shown if len(shown) <= _SHOWN_URL else shown[: _SHOWN_URL - 1] + "…"
        return (_Span(shown, "link", url),)

    def _fits(self, post: Post, room: tuple[int, int | None] | None = None) -> bool:
        limits = replace(self.limits, characters=room[0], bytes=room[1]) if room else self.limits
        return fits(post, network=self.network, limits=limits, measure=self.measure)


def _post(spans: _Spans) -> Post:
    at, facets = 0, []
    for span in spans:
        end = at + utf8_bytes(span.text)
        if span.kind:
            facets.append(Facet(at, end, span.kind, span.value))
        at = end
    return Post("".join(span.text for span in spans), tuple(facets))


def _lines(*lines: _Spans) -> _Spans:
    """Each group of spans on a line of its own; empty ones are left out."""
    spans: list[_Span] = []
    for line in lines:
        if any(span.text for span in line):
            spans += [_Span("\n"), *line] if spans else line
    return tuple(spans)
