"""Text a person typed -> Handle(network, name, host). Pure: no lookup, no model, no setting.

It knows how handles and profile addresses are written, not whether anybody is there.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn
from urllib.parse import parse_qs, unquote

import idna

from recommendations.sentences import Told

LONGEST = 2_000  # characters of typed text; a profile's address with a tracking query stays far below
NAME_LIMIT = 128  # of the name in name@host; servers allow 30 to 128

# https://atproto.com/specs/handle: two labels or more, of 1 to 63, the last not beginning with a digit
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?", re.I | re.A)
_DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]*[A-Za-z0-9._-]")  # https://atproto.com/specs/did
_PLC = re.compile(r"did:plc:[a-z2-7]{24}")
_FEDIVERSE_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?", re.I | re.A)
_X_NAME = re.compile(r"[a-z0-9_]{1,15}", re.I | re.A)
_SCHEME = re.compile(r"(?:([a-z][a-z0-9+.-]*):)?//", re.I | re.A)
_ADDRESS = re.compile(r"(?P<host>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?")

_AROUND = " \t\n\v\f\r\x85\u2028\u2029\"'`“”‘’«»„‚‹›()[]{}<>*.,;:!?/"  # noqa: RUF001

_NOT_PUBLIC = {"alt", "arpa", "home", "internal", "invalid", "lan", "local", "localhost", "onion"}
_X_HOSTS = {sub + host for host in ("x.com", "twitter.com") for sub in ("", "www.", "mobile.", "m.")}
_X_PAGE = re.compile(  # what stands where a name would
    r"about|account|compose|download|explore|hashtag|home|i|intent|jobs|login|logout|messages|notifications|oauth"
    r"|privacy|search|settings|share|signup|tos|who_to_follow"
)
_BLUESKY_HOSTS = {"bsky.app", "www.bsky.app", "staging.bsky.app"}
_THREADS = dict.fromkeys(("threads.com", "www.threads.com", "www.threads.net"), "threads.net")
_ELSEWHERE = re.compile(r"(?:.+\.)?(?:(?:facebook|github|instagram|linkedin|medium|reddit|tiktok|youtube)\.com|t\.me)")


class Network(StrEnum):
    """The networks on which somebody can be recommended; the values stand in URLs and never change."""

    MASTODON = "mastodon"
    BLUESKY = "bluesky"
    X = "x"

    @property
    def label(self) -> str:
        """The name people know it by."""
        return "X" if self is Network.X else self.value.capitalize()


@dataclass(frozen=True, slots=True)
class Handle:
    """An address on a network: where a profile is found today. It may change; a profile's uri does not.

    `name` and `host` are lower case where the network folds case, and hosts are in ASCII (IDNA) form.
    Mastodon and its kin: ("alice", "example.social"). Bluesky: the handle is a domain, so
    ("alice.bsky.social", ""). X: ("alice", "").
    """

    network: Network
    name: str
    host: str = ""

    def __str__(self) -> str:
        """As people write it: `@alice@example.social`, `@alice.bsky.social`, `@alice`."""
        return f"@{self.address}"

    @property
    def address(self) -> str:
        """The handle without its leading @, as it stands in our URLs: /p/<network>/<address>/."""
        return f"{self.name}@{self.host}" if self.host else self.name


class Unreadable(Told, ValueError):
    """No handle can be read from this text. The sentence is for the person who typed it."""


def parse(text: str, network: Network | None = None) -> Handle:
    """The handle in `text`: typed, or copied from a profile, a post or an address bar.

    `network` is what the person chose beside the field, if anything. It settles what the text leaves open
    (`alice` on X, a bare path on a Mastodon-compatible server). Where the text can mean one network only
    (`@user@host`, a DID, a profile's URL, `*.bsky.social`) the text wins; where the two disagree and the text
    is not that clear, Unreadable asks. `user@host` without a leading @ may be an e-mail address: it is taken
    for a handle only if Mastodon, or nothing, was chosen. A domain alone is a Bluesky handle.

    `parse(str(handle), handle.network) == handle` for every handle returned. Raises Unreadable, nothing else.
    """
    typed = _clean(text)
    bare = typed.removeprefix("@")
    if bare[:4].lower() == "did:":
        return _bluesky(bare)
    if "/" in typed:
        return _from_address(typed, network)
    acct = bare[:5].lower() == "acct:"
    name, at, host = (bare[5:].removeprefix("@") if acct else bare).partition("@")
    if at:
        clear = acct or typed.startswith("@") or network in (None, Network.MASTODON)
        return _fediverse(name, host) if clear else _refuse_email(typed)
    if "." in bare:
        return _from_domain(bare, network)
    if network is Network.X:
        return _x(bare)
    return _refuse_bare_name(typed, network)


def is_at_handle(text: str) -> bool:
    """Is this, exactly as it stands, a syntactically valid AT Protocol handle? (atproto.com/specs/handle)"""
    return len(text) <= 253 and _DOMAIN.fullmatch(text) is not None


def is_did(text: str) -> bool:
    """Is this, exactly as it stands, a syntactically valid DID of any method? (atproto.com/specs/did)"""
    return len(text) <= 2_048 and _DID.fullmatch(text) is not None


def page_url(handle: Handle) -> str:
    """Where people usually find this profile in a browser; a look-up may know a better address."""
    match handle.network:
        case Network.MASTODON:
            return f"https://{handle.host}/@{handle.name}"
        case Network.BLUESKY:
            return f"https://bsky.app/profile/{handle.name}"
        case Network.X:
            return f"https://x.com/{handle.name}"


def follow_url(handle: Handle) -> str:
    """Where somebody signed in on that network follows this profile; in the fediverse that is on their own server."""
    if handle.network is Network.X:
        return f"https://x.com/intent/follow?screen_name={handle.name}"
    return page_url(handle)


def ascii_host(text: str) -> str:
    """A public host's name in lower-case ASCII form; Unreadable for ports, numbers and local names."""
    host = text.removesuffix(".").lower()
    if not host.isascii() and len(host) <= 253:
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except UnicodeError:
            host = ""
    if not is_at_handle(host) or host.rpartition(".")[2] in _NOT_PUBLIC:
        raise Unreadable("%(text)s does not look like a server, such as example.social.", text=_quote(text))
    return host


def _clean(text: str) -> str:
    """What was meant: full-width forms folded, invisible marks and punctuation around it gone."""
    text = text.strip()
    if len(text) > LONGEST:
        raise Unreadable(
            "That is %(count)s characters long. All we need is a handle such as @alice@example.social, or the "
            "address of one profile.",
            count=f"{len(text):,}",
        )
    visible = "".join(each for each in text if unicodedata.category(each) != "Cf")
    begun = unicodedata.normalize("NFKC", visible).lstrip(_AROUND)
    folded = begun.rstrip(_AROUND)
    if not folded.strip("@"):
        raise Unreadable("Type a handle such as @alice@example.social, or paste the address of a profile.")
    if "..." in begun[len(folded) :]:
        raise Unreadable("%(text)s seems to be cut off at the end. Please paste the whole handle.", text=_quote(text))
    if any(each.isspace() for each in folded):
        raise Unreadable("%(text)s has a blank in it. One handle at a time, please.", text=_quote(text))
    return folded


def _from_address(typed: str, network: Network | None) -> Handle:
    """A profile's URL, or a page below it, on any of the three networks."""
    begin = _SCHEME.match(typed)
    scheme = ((begin and begin[1]) or "https").lower()
    address = _ADDRESS.match(typed, begin.end() if begin else 0)
    if not address or scheme not in ("http", "https", "at"):
        raise Unreadable("%(text)s is not the address of a profile. Those begin with https://.", text=_quote(typed))
    if scheme == "at":
        return _bluesky(address["host"])
    if "@" in address["host"] or ":" in address["host"]:
        raise Unreadable(
            "%(text)s has more than a server's name before the first slash. "
            "A handle such as @alice@example.social will do.",
            text=_quote(typed),
        )
    host = ascii_host(address["host"])
    path = [unquote(each) for each in address["path"].split("/") if each]
    if host in _X_HOSTS:
        return _from_x_page(typed, path, address["query"] or "")
    if host in _BLUESKY_HOSTS:
        if len(path) > 1 and path[0] == "profile":
            return _bluesky(path[1])
        raise Unreadable("%(text)s is a page of Bluesky, but not of a person's profile.", text=_quote(typed))
    if _ELSEWHERE.fullmatch(host):
        raise Unreadable("%(host)s is none of the networks we know: Mastodon and its kin, Bluesky and X.", host=host)
    if not path and (network is Network.BLUESKY or host.endswith(".bsky.social")):
        return _bluesky(host)
    return _from_fediverse_page(typed, host, path, network)


def _from_x_page(typed: str, path: list[str], query: str) -> Handle:
    page = path[0].lower() if path else ""
    if page == "intent" and path[1:2] in (["user"], ["follow"]):
        names = parse_qs(query).get("screen_name", [""])
        return _x(names[0])
    if not page or _X_PAGE.fullmatch(page):
        raise Unreadable("%(text)s is a page of X, but not of a person's profile.", text=_quote(typed))
    return _x(path[0].removeprefix("@"))


def _from_fediverse_page(typed: str, host: str, path: list[str], network: Network | None) -> Handle:
    """/@name and /users/name are understood anywhere; the other customs only if Mastodon was chosen."""
    if path[:1] == ["web"]:
        path = path[1:]
    first, second = [*path, "", ""][:2]
    if first.startswith("@"):
        name, _, other = first[1:].partition("@")
        return _fediverse(name, other or host)
    if first == "users" and second:
        return _fediverse(second, host)
    if network is Network.MASTODON:
        # Lemmy, Friendica, PeerTube and Pixelfed's posts; then profiles of Pleroma, Akkoma and Pixelfed
        if first in ("u", "profile", "accounts", "p") and second:
            return _fediverse(second, host)
        if len(path) == 1:
            return _fediverse(first, host)
    raise Unreadable(
        "%(text)s does not tell us whose page that is. Please give the handle itself, such as @alice@%(host)s.",
        text=_quote(typed),
        host=host,
    )


def _from_domain(text: str, network: Network | None) -> Handle:
    if network in (None, Network.BLUESKY) or text.lower().endswith(".bsky.social"):
        return _bluesky(text)
    if network is Network.X:
        raise Unreadable(
            "%(text)s cannot be on X, where names have no dots. Is it a Bluesky handle?", text=_quote(text)
        )
    raise Unreadable(
        "%(text)s lacks either a name or a server. A Mastodon handle has both: @alice@example.social. "
        "If it is a Bluesky handle, choose Bluesky.",
        text=_quote(text),
    )


def _fediverse(name: str, host: str) -> Handle:
    if len(name) > NAME_LIMIT or not _FEDIVERSE_NAME.fullmatch(name):
        raise Unreadable(
            "%(name)s cannot be the name in a Mastodon handle such as @alice@example.social: that has "
            "letters without accents, digits, _ and, inside, dots and hyphens.",
            name=_quote(name),
        )
    host = ascii_host(host)
    if host in _X_HOSTS:
        return _x(name)  # people on Mastodon write @alice@twitter.com for somebody on X
    if host in _BLUESKY_HOSTS or host == "bsky.social":
        raise Unreadable("Bluesky handles have one @ at most: alice.bsky.social.")
    return Handle(Network.MASTODON, name.lower(), _THREADS.get(host, host))


def _bluesky(text: str) -> Handle:
    """From a handle without @, or a DID. Bluesky resolves two methods (atproto.com/specs/did)."""
    text = text.removeprefix("@")
    if text[:4].lower() != "did:":
        return Handle(Network.BLUESKY, ascii_host(text))
    if _PLC.fullmatch(text):
        return Handle(Network.BLUESKY, text)
    if text.startswith("did:web:") and len(text) <= 253:
        return Handle(Network.BLUESKY, f"did:web:{ascii_host(text[8:])}")
    raise Unreadable(
        "%(text)s is not a DID we know. Bluesky's are did:plc: with 24 letters and digits, or did:web: with a domain.",
        text=_quote(text),
    )


def _x(name: str) -> Handle:
    if not _X_NAME.fullmatch(name):
        raise Unreadable("%(name)s cannot be a name on X: those have 1 to 15 letters, digits and _.", name=_quote(name))
    if _X_PAGE.fullmatch(name.lower()):
        raise Unreadable("%(name)s is a page of X, and nobody's name there.", name=_quote(name))
    return Handle(Network.X, name.lower())


def _refuse_email(typed: str) -> NoReturn:
    raise Unreadable(
        "%(text)s looks like an e-mail address, or like a Mastodon handle: for that, choose Mastodon or begin with @.",
        text=_quote(typed),
    )


def _refuse_bare_name(typed: str, network: Network | None) -> NoReturn:
    seen = _quote(typed)
    match network:
        case Network.MASTODON:
            raise Unreadable(
                "The server is missing after %(text)s. A whole handle looks like @alice@example.social.", text=seen
            )
        case Network.BLUESKY:
            raise Unreadable("%(text)s is not a whole Bluesky handle. Those look like alice.bsky.social.", text=seen)
        case _:
            raise Unreadable(
                "Which network is %(text)s on? Write @alice@example.social or alice.bsky.social, or choose X.",
                text=seen,
            )


def _quote(text: str) -> str:
    """At most 60 characters of what was typed, nothing invisible among them, fit for a message."""
    shown = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text[:60])
    return f"“{shown}…”" if len(text) > 60 else f"“{shown}”"
