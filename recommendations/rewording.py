"""A frozen part of a thread said in other words: without some of its mentions, or as a curator wrote it. Pure.

It knows texts and facets, not whom an edition has notified already, nor who may be named.
"""

from collections.abc import Mapping
from typing import Any

from recommendations.handles import Network
from recommendations.markup import clean_line
from recommendations.measures import Facet, Limits, Measure, Post, Span, fits, joined
from recommendations.threads import LIVE


def spans_of(text: str, facets: list[Facet]) -> list[Span]:
    """Cut a text into its facets and what stands between them."""
    data, at, spans = text.encode(errors="surrogatepass"), 0, []
    for facet in facets:
        spans.append(Span(data[at : facet.start].decode(errors="surrogatepass")))
        spans.append(Span(data[facet.start : facet.end].decode(errors="surrogatepass"), facet.kind, facet.value))
        at = facet.end
    spans.append(Span(data[at:].decode(errors="surrogatepass")))
    return [span for span in spans if span.text]


def without_mentions(
    text: str,
    facets: list[dict[str, Any]],
    pages: Mapping[str, str],
    *,
    network: Network,
    limits: Limits,
    measure: Measure,
) -> Post:
    """Turn the mentions of these people into links to their pages: {the facet's value: a page's address}.

    On Bluesky the words stay. Elsewhere the server reads mentions out of the text: there the page's address stands in
    their place or, where that does not fit, the bare name, which is shorter than any mention.
    """
    spans = spans_of(text, [Facet(**facet) for facet in facets])
    if network == Network.BLUESKY:
        return joined(tuple(_as_link(span, span.text, pages) for span in spans))
    linked = joined(tuple(_as_link(span, pages.get(span.value, ""), pages) for span in spans))
    if fits(linked, network=network, limits=limits, measure=measure):
        return linked
    return joined(tuple(_bare(span) if span.kind == "mention" and span.value in pages else span for span in spans))


def _as_link(span: Span, shown: str, pages: Mapping[str, str]) -> Span:
    if span.kind != "mention" or span.value not in pages:
        return span
    page = pages[span.value]
    return Span(shown, "link", page) if shown and page else _bare(span)


def _bare(span: Span) -> Span:
    return Span(span.text.lstrip("@").partition("@")[0])


def reworded(text: str, *, old: str, facets: list[dict[str, Any]], network: Network, limits: Limits) -> Post:
    """A text that a curator wrote in place of `old`: facets whose words still stand are kept, nothing new goes live."""
    spans: list[Span] = []
    rest = "\n".join(clean_line(line, limit=16 * limits.characters) for line in text.splitlines()).strip()
    for span in spans_of(old, [Facet(**facet) for facet in facets]):
        if not span.kind:
            continue
        before, found, after = rest.partition(span.text)
        if found:
            spans += [Span(_inert(before, network)), span]
            rest = after
    return joined(tuple(span for span in (*spans, Span(_inert(rest, network))) if span.text))


def _inert(words: str, network: Network) -> str:
    live, words = LIVE.get(network), words.replace("\u2060", "")
    return live.sub("\\g<0>\u2060", words) if live else words
