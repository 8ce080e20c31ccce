"""An edition -> the posts that carry it to a network. Pure and deterministic.

What goes in are words that were chosen (and translated) elsewhere, people who were judged fit to be posted,
and what one post may hold. What comes out are texts with facets: spans of our own making, in UTF-8 bytes.
This piece does not know models, consent, or how a network is spoken to. Names and reasons are written by
strangers, so nothing in them becomes a link, a tag or a mention of ours.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import regex

from recommendations.handles import Handle, Network, is_did
from recommendations.markup import clean_line
from recommendations.measures import (
    Kind,
    Limits,
    Measure,
    Post,
    Span,
    Spans,
    address,
    cut,
    fits,
    graphemes,
    is_mention,
    joined,
    lines,
    size,
)

__all__ = ["Outline", "Person", "Post", "Words", "compose", "size"]

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
_LIVE_ON_X = regex.compile(r"[@＠#＃]|\$(?=\p{L})|\.(?=\p{L})")  # noqa: RUF001
LIVE = {Network.MASTODON: _AT_SIGN, Network.X: _LIVE_ON_X}  # what a server makes more of than text
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
    entry: int = 0  # whatever the caller knows them by; it comes back in Post.people


def _people(count: int) -> str:
    return "1 person to follow" if count == 1 else f"{count} people to follow"


@dataclass(frozen=True, slots=True)
class Words:
    """What we say ourselves; another language brings its own."""

    number: str = "No. {number}"
    people: Callable[[int], str] = _people
    invitation: str = "Whom should more people know? Nominate them for next week:"


@dataclass(frozen=True, slots=True)
class Outline:
    """What the thread says. An empty part is left out."""

    community: str
    people: tuple[Person, ...]
    title: str = ""
    number: int | None = None
    hashtag: str = ""
    link: str = ""
    language: str = ""  # BCP 47; chooses the quotation marks
    opening: bool = True  # False: the thread goes on from a post that was sent before
    words: Words = Words()


def compose(outline: Outline, *, network: Network, limits: Limits, measure: Measure = graphemes) -> list[Post]:
    """The thread: an opening, the people in their order, a closing. Every post fits `limits` by `measure`.

    The opening gives the community, the edition, how many people there are, the hashtag and the link; the
    closing invites to nominate, with the link.

    A person is never split: name, handle, reason and its author stand in one post, with as many others as fit
    and at most MENTIONS_PER_POST notifying mentions. A reason that is too long even for a post of its own is
    cut at a word and ends in an ellipsis; so does an endless name.

    Who is named how: on Bluesky, people of Bluesky by name and handle, which is a mention if they allow it
    and else a link; people of elsewhere by a name that links to them. On Mastodon, people of Mastodon who
    may be mentioned as `@user@host` (which always notifies), everybody else by name and URL. On X plain
    names, and one post only: its rules forbid automatic mentions.

    On Mastodon and X, where the server reads mentions out of the text, every @ that a stranger wrote is
    followed by U+2060 WORD JOINER: it cannot be seen, is part of no handle and, unlike a zero-width joiner,
    belongs to no emoji. X also makes links of hashtags, of $CODES and of bare domains, and takes thirteen times
    the price for a post with a domain in it: there, # and $ and the full stop before a letter are followed by it.

    Limits below MINIMUM_CHARACTERS or MINIMUM_BYTES are taken for these, as there is nothing to be said in less:
    then posts may not fit (`size` shows by how much), and the server will say so to the curator.
    """
    octets = limits.bytes if limits.bytes is None else max(limits.bytes, MINIMUM_BYTES)
    limits = replace(limits, characters=max(limits.characters, MINIMUM_CHARACTERS), bytes=octets)
    composer = _Composer(outline, network, limits, measure)
    if network == Network.X:
        return [composer.single()]
    return [*composer.opening(), *composer.people(), composer.closing()]


@dataclass(frozen=True, slots=True)
class _Composer:
    outline: Outline
    network: Network
    limits: Limits
    measure: Measure

    def opening(self) -> list[Post]:
        if not self.outline.opening:
            return []
        return [self._framed(self._head(), [lines(self._tag(), self._link()), self._link()])]

    def closing(self) -> Post:
        return self._framed(self._clean(self.outline.words.invitation), [self._link()])

    def people(self) -> list[Post]:
        posts: list[tuple[Spans, tuple[int, ...]]] = []
        for person in self.outline.people:
            piece = self._person(person)
            before, entries = posts[-1] if posts else ((), ())
            together = (*before, Span("\n\n"), *piece)
            post = joined(together)
            if before and post.mentions <= MENTIONS_PER_POST and self._fits(post):
                posts[-1] = (together, (*entries, person.entry))
            else:
                posts.append((piece, (person.entry,)))
        return [joined(spans, entries) for spans, entries in posts]

    def single(self) -> Post:
        """Names alone, as many as fit; `+3` stands for the rest."""
        head = (Span(self._short(self._head(), (self.limits.characters // 2, None))),)
        names = [self._name(person) for person in self.outline.people]
        entries = tuple(person.entry for person in self.outline.people)
        tails = [lines(self._tag(), self._link()), self._link()]
        for tail in tails:
            for shown in range(len(names), 0, -1):
                rest = [f"+{len(names) - shown}"] if shown < len(names) else []
                spans = lines(head, (Span(", ".join(names[:shown] + rest)),), tail)
                post = joined(spans, entries[:shown])
                if self._fits(post):
                    return post
        return self._framed(self._head(), tails)

    def _head(self) -> str:
        outline = self.outline
        number = outline.words.number.format(number=outline.number) if outline.number else ""
        parts = (self._clean(part) for part in (outline.community, number, outline.title))
        people = self._clean(outline.words.people(len(outline.people))) if outline.people else ""
        return "\n".join(filter(None, (" · ".join(filter(None, parts)), people)))

    def _framed(self, words: str, tails: list[Spans]) -> Post:
        """The words, cut if they must be, over the first tail that leaves room for any."""

        def over(tail: Spans, text: str) -> Post:
            return joined(lines((Span(text),), tail))

        tail = next((each for each in tails if self._fits(over(each, words and "…"))), ())
        return over(tail, cut(words, lambda text: self._fits(over(tail, text))))

    def _person(self, person: Person) -> Spans:
        *ways, bare = self._ways_to_name(person)
        # A label may take half a post, so that the reason is never crowded out by an endless handle.
        half = (self.limits.characters // 2, self.limits.bytes and self.limits.bytes // 2)
        label = next((way for way in ways if self._fits(joined(way), half)), bare)
        by = self._short(self._clean(person.by), _AUTHOR)
        reason = cut(
            self._clean(person.reason),
            lambda text: self._fits(joined(lines(label, self._said(text, by)))),
        )
        return lines(label, self._said(reason, by))

    def _ways_to_name(self, person: Person) -> list[Spans]:
        """How to name somebody, the fullest way first; the last one always fits."""
        handle, page = person.handle, address(person.page_url)
        name = self._name(person)
        before = f"{name} " if self._clean(person.name) else ""
        if self.network == Network.BLUESKY:
            mark: tuple[Kind | None, str] = ("link", page) if page else (None, "")
            if handle.network != self.network:
                return [(Span(name, *mark),)]
            if person.mention and is_did(person.uri):
                mark = ("mention", person.uri)
            full = (Span(before), Span(str(handle), *mark))
            return [(Span(name, *mark),)] if is_did(handle.name) else [full, (Span(name, *mark),)]
        ways: list[Spans] = [(Span(name),)]
        if page:
            ways.insert(0, (Span(f"{name} "), Span(page, "link", page)))
        if person.mention and handle.network == self.network and is_mention(str(handle)):
            ways.insert(0, (Span(before), Span(str(handle), "mention", person.uri)))
        return ways

    def _said(self, reason: str, by: str) -> Spans:
        opening, closing = _QUOTES.get(self.outline.language.partition("-")[0].lower(), ("“", "”"))
        quoted = f"{opening}{reason}{closing}" if reason else ""
        return (Span(" — ".join(filter(None, (quoted, by)))),)

    def _name(self, person: Person) -> str:
        for words in (person.name, person.handle.address):
            name = self._short(self._clean(words), _NAME)
            if name.strip("…"):
                return name
        return "…"

    def _clean(self, words: str) -> str:
        words = clean_line(words, limit=16 * self.limits.characters)
        live = LIVE.get(self.network)
        return live.sub("\\g<0>\u2060", words) if live else words

    def _short(self, words: str, room: tuple[int, int | None]) -> str:
        return cut(words, lambda text: self._fits(Post(text), room))

    def _tag(self) -> Spans:
        tag = self.outline.hashtag.removeprefix("#")
        return (Span(f"#{tag}", "tag", tag),) if _TAG.fullmatch(tag) else ()

    def _link(self) -> Spans:
        url = address(self.outline.link)
        if not url:
            return ()
        shown = url
        if self.network == Network.BLUESKY:
            shown = url.partition("://")[2].rstrip("/")
            shown = shown if len(shown) <= _SHOWN_URL else shown[: _SHOWN_URL - 1] + "…"
        return (Span(shown, "link", url),)

    def _fits(self, post: Post, room: tuple[int, int | None] | None = None) -> bool:
        limits = replace(self.limits, characters=room[0], bytes=room[1]) if room else self.limits
        return fits(post, network=self.network, limits=limits, measure=self.measure)
