"""How Mastodon and its kin count a post, and what HTML they make of it."""

import html
import re

import regex

_URL = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]]", re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w/])@(\w+(?:[\w.-]*\w)?)@([\w.-]+\w)")
_TAG = re.compile(r"(?<![\w/&])#(\w*[^\W\d]\w*)")
_SHOWN = 30  # characters of an address that are shown


def length(text: str, url_length: int, counts: str = "mastodon") -> int:
    """On Mastodon: graphemes, with each address as `url_length`, each @user@host as @user.

    docs.joinmastodon.org/user/posting/#text. Kin count "graphemes" or "code points", all in full.
    """
    if counts == "code points":
        return len(text)
    if counts == "graphemes":
        return len(regex.findall(r"\X", text))
    text = _URL.sub("x" * url_length, text)
    return len(regex.findall(r"\X", _MENTION.sub(r"@\1", text)))


def render(text: str, markup: str) -> str:
    """The `content` of a status."""
    made = html.escape(text, quote=False)
    made = _URL.sub(lambda found: _link(found[0], markup), made)
    made = _MENTION.sub(lambda found: _mention(found[1], found[2], markup), made)
    made = _TAG.sub(
        r'<a href="https://mastodon.test/tags/\1" class="mention hashtag" rel="tag">#<span>\1</span></a>', made
    )
    if markup == "markdown":
        made = re.sub(r"(?<!\w)([*_]{1,2})(\S[^*_\n]*?)\1(?!\w)", r"<em>\2</em>", made)
        return "<br/>".join(made.split("\n"))
    paragraphs = [each.replace("\n", "<br />") for each in re.split(r"\n{2,}", made)]
    return "".join(f"<p>{each}</p>" for each in paragraphs)


def _link(url: str, markup: str) -> str:
    scheme, rest = url[: url.index("//") + 2], url[url.index("//") + 2 :]
    if markup == "short":
        shown = rest if len(rest) <= _SHOWN else f"{rest[:_SHOWN]}…"
    elif markup == "markdown":
        shown = url
    else:
        ellipsis = ' class="ellipsis"' if len(rest) > _SHOWN else ""
        hidden = f'<span class="invisible">{rest[_SHOWN:]}</span>'
        shown = f'<span class="invisible">{scheme}</span><span{ellipsis}>{rest[:_SHOWN]}</span>{hidden}'
    return f'<a href="{url}" target="_blank" rel="nofollow noopener" translate="no">{shown}</a>'


def _mention(name: str, host: str, markup: str) -> str:
    shown = f"{name}<!-- -->@{host}" if markup == "short" else name
    link = f'<a href="https://{host}/@{name}" class="u-url mention">@<span>{shown}</span></a>'
    return f'<span class="h-card" translate="no">{link}</span>'
