"""How long a text is to X, which weighs characters: at most 280 (docs.x.com, "Counting characters"). Pure.

The rule is twitter-text's, configuration 3: in NFC, weight 1 for the scripts that write words letter by letter,
2 for everything else; an emoji is 2 however many characters it is made of; a URL is 23 however long it is, and
a bare domain is a URL. Which words are URLs, and which runs are one emoji, is said below as twitter-text and the
emoji of Unicode 14 have it; what is newer is counted in parts, so never as less.

It does not know posts, limits or who wrote the text.
"""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import regex

URL = 23
EMOJI = 2
HEAVY = 2

_LONGEST = 2_500  # beyond, a text is far too long for one post: which of its words are URLs takes long to say
_LONGEST_URL = 4_096
_LONGEST_LABEL = 63
_LONGEST_SHORT_LINK = 40

_LIGHT = regex.compile("[\0-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]+")

# --- URLs ---

_LISTED = Path(__file__).with_name("top_level_domains.txt").read_text(encoding="utf-8").splitlines()
_TOP_LEVEL_DOMAINS = {word for line in _LISTED if not line.startswith("#") for word in line.split()}

_LATIN = (
    "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272\u0289\u028b"
    "\u02bb\u0300-\u036f\u1e00-\u1eff"
)
_NO_CHARACTERS = "\ufffe\ufeff\uffff"
_DIRECTIONS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_SPACES = "\t-\r \u0085\u00a0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_IN_LABEL = rf"[^!'#%&()*+,\\\-./:;<=>?@\[\]\^_{{|}}~${_SPACES}{_NO_CHARACTERS}{_DIRECTIONS}]"
_TLD = r"(?i:\L<domains>(?=[^0-9A-Za-z@+-]|\Z)|xn--[0-9A-Za-z-]+)"
_DOMAIN = rf"(?:{_IN_LABEL}(?:[_-]*{_IN_LABEL})*+\.){{0,64}}{_IN_LABEL}(?:-*{_IN_LABEL})*+\.{_TLD}"
_IN_PATH = rf"[A-Za-z\u0400-\u04ff0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&{_LATIN}]"
_PARENTHESES = rf"\((?:{_IN_PATH}+|{_IN_PATH}*\({_IN_PATH}+\){_IN_PATH}*)\)"
_PATH_END = rf"[+\-A-Za-z\u0400-\u04ff0-9=_#/{_LATIN}]"
_PATH = rf"(?:{_IN_PATH}*(?:{_PARENTHESES}{_IN_PATH}*)*{_PATH_END}|{_PARENTHESES}|@{_IN_PATH}+/)"
_QUERY = r"\?[A-Za-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[A-Za-z0-9\-_&=#/]"
_URL = regex.compile(
    rf"(?P<before>[^A-Za-z0-9@\uff20$#\uff03{_NO_CHARACTERS}]|[{_DIRECTIONS}]|^)"
    rf"(?P<url>(?P<protocol>(?i:https?)://)?(?P<domain>{_DOMAIN})(?::[0-9]+)?(?P<path>/{_PATH}*)?(?:{_QUERY})?)",
    domains=_TOP_LEVEL_DOMAINS,
)
_PERHAPS = regex.compile(rf"\.{_TLD}", domains=_TOP_LEVEL_DOMAINS)
_PLAIN_DOMAIN = regex.compile(rf"(?:[-a-zA-Z0-9{_LATIN}]+\.)+{_TLD}", domains=_TOP_LEVEL_DOMAINS)
_SHORT_LINK = regex.compile(rf"https?://t\.co/([a-z0-9]+)(?:{_QUERY})?", flags=regex.IGNORECASE | regex.ASCII)

# --- emoji: J joins, V asks for the picture, T is a skin tone ---

_J, _V, _T = "\u200d", "\ufe0f", "[🏻-🏿]"
_HEART = f"{_J}❤{_V}{_J}"
_OTHER_TONE = rf"(?!\g<tone>){_T}"
_NEWER = "\U0001faf7\U0001faf8\U0001f46f\U0001f93c"  # have taken skin tones since
_JOINED = "|".join(
    [
        rf"(?:👨{_J}[👨👩]|👩{_J}👩|[👨👩]){_J}(?:👧{_J}[👦👧]|👦{_J}👦|[👦👧])",  # families
        rf"(?:👩{_HEART}(?:💋{_J})?[👨👩]|👨{_HEART}(?:💋{_J})?👨)",  # couples
        rf"(?:👩{_T}{_HEART}(?:💋{_J})?[👨👩]|👨{_T}{_HEART}(?:💋{_J})?👨){_T}",
        rf"🧑(?P<tone>{_T}){_HEART}(?:💋{_J})?🧑{_OTHER_TONE}",
        rf"🧑{_J}🤝{_J}🧑|🧑{_T}{_J}🤝{_J}🧑{_T}",  # hand in hand
        rf"(?:👩(?P<tone>{_T}){_J}🤝{_J}[👨👩]|👨(?P<tone>{_T}){_J}🤝{_J}👨|🫱(?P<tone>{_T}){_J}🫲){_OTHER_TONE}",
        rf"[👨👩🧑]{_T}?{_J}(?:[⚕⚖✈]{_V}|[🌾🍳🍼🎄🎓🎤🎨🏫🏭💻💼🔧🔬🚀🚒🦯🦰🦱🦲🦳🦼🦽])",  # trades, hair
        rf"[🏃🏄🏊👮👰👱👳👷💁💂💆💇🙅🙆🙇🙋🙍🙎🚣🚴🚵🚶🤦🤵🤷🤸🤹🤽🤾🦸🦹🧍🧎🧏🧔🧖-🧝]{_T}?{_J}[♀♂]{_V}",
        rf"[🏋🏌🕵⛹](?:{_T}|{_V}){_J}[♀♂]{_V}",
        rf"[👯🤼🧞🧟]{_J}[♀♂]{_V}",
        rf"🏳{_V}{_J}(?:🌈|⚧{_V})|🏴{_J}☠{_V}|❤{_V}{_J}[🔥🩹]|😮{_J}💨|😵{_J}💫|😶{_J}🌫{_V}",
        rf"👁{_J}🗨|🐈{_J}⬛|🐕{_J}🦺|🐻{_J}❄{_V}",
    ]
)
_FLAGS = (
    "A[CDEFGILMOQRSTUWXZ] B[ABDEFGHIJLMNOQRSTVWYZ] C[ACDFGHIKLMNOPRUVWXYZ] D[EGJKMOZ] E[ACEGHRSTU] F[IJKMOR] "
    "G[ABDEFGHILMNPQRSTUWY] H[KMNRTU] I[CDELMNOQRST] J[EMOP] K[EGHIMNPRWYZ] L[ABCIKRSTUVY] "
    "M[ACDEFGHKLMNOPQRSTUVWXYZ] N[ACEFGILOPRUZ] OM P[AEFGHKLMNRSTWY] QA R[EOSUW] S[ABCDEGHIJKLMNORSTVXYZ] "
    "T[ACDFGHJKLMNORTVWZ] U[AGMNSYZ] V[ACEGINU] W[FS] XK Y[ET] Z[AMW]"
)
_FLAG = regex.sub("[A-Z]", lambda letter: chr(ord(letter[0]) - ord("A") + ord("🇦")), _FLAGS.replace(" ", "|"))
_REGION = "|".join(
    f"🏴{''.join(chr(0xE0000 + ord(each)) for each in name)}\U000e007f" for name in ("gbeng", "gbsct", "gbwls")
)
# Pictures by themselves that may ask for it all the same.
_DRAWN = "⌚⌛◽◾☔☕♈-♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛔⛪⛲⛳⛵⛺⛽❗⬛⬜⭐⭕🀄🈚🈯"
_EMOJI = regex.compile(
    rf"{_JOINED}|{_FLAG}|{_REGION}|[#*0-9]{_V}?\u20e3"
    rf"|[\p{{Emoji_Modifier_Base}}--\p{{Emoji_Presentation}}]{_V}{_T}|[\p{{Emoji_Modifier_Base}}--[{_NEWER}]]{_T}"
    rf"|[[\p{{Emoji}}--\p{{Emoji_Presentation}}--[#*0-9♾]]||[{_DRAWN}]]{_V}",
    flags=regex.V1,
)


def weighted(text: str) -> int:
    """How long X takes a text to be; 280 is the most it takes."""
    if len(text) > _LONGEST:
        return _plain(regex.sub(r"\S+", lambda word: word[0].ljust(URL, "x") if "." in word[0] else word[0], text))
    text = unicodedata.normalize("NFC", text)
    spans = [(start, -URL, end) for start, end in _urls(text)]
    spans += [(match.start(), -EMOJI, match.end()) for match in _EMOJI.finditer(text)]
    length = at = 0
    for start, weight, end in sorted(spans):
        if start >= at:
            length += _plain(text[at:start]) - weight
            at = end
    return length + _plain(text[at:])


def urls(text: str) -> list[str]:
    """What X would make links of in a text (at most _LONGEST of it), bare domains among them, in NFC."""
    text = unicodedata.normalize("NFC", text[:_LONGEST])
    return [text[start:end] for start, end in _urls(text)]


def _plain(text: str) -> int:
    return HEAVY * len(text) - sum(match.end() - match.start() for match in _LIGHT.finditer(text))


def _urls(text: str) -> Iterator[tuple[int, int]]:
    """Where the URLs stand: start and end."""
    if not _PERHAPS.search(text):
        return
    # Where upper and lower case are one, a long s is an s; X does not take it for one.
    for match in _URL.finditer(text.replace("\u017f", "\u0101")):
        start, domain, url = match.start("url"), match["domain"], match["url"]
        if not _is_domain(domain) or len(url) + (0 if match["protocol"] else len("https://")) > _LONGEST_URL:
            continue
        if match["protocol"]:
            short = _SHORT_LINK.match(url)
            if short is None:
                yield start, match.end()
            elif len(short[1]) <= _LONGEST_SHORT_LINK:
                yield start, start + short.end()
        elif not match["before"] or match["before"] not in "-_./":
            plain = list(_PLAIN_DOMAIN.finditer(domain))
            for each in plain:
                # Only the last has what follows the domain: its path, and then its query.
                rest = len(url) - len(domain) if match["path"] and each is plain[-1] else 0
                yield start + each.start(), start + each.end() + rest


def _is_domain(domain: str) -> bool:
    """Could it be registered: no label longer than 63 in the form that goes over the wire?"""
    if domain.startswith("xn--") and not _PLAIN_DOMAIN.search(domain):
        return False
    return all(0 < _wire_length(label) <= _LONGEST_LABEL for label in domain.split("."))


def _wire_length(label: str) -> int:
    if label.isascii() or len(label) > _LONGEST_LABEL:
        return len(label)
    parts = regex.split("[\u3002\uff0e\uff61]", label)  # full stops of other scripts
    return sum(
        len(part if part.isascii() else part.encode("punycode")) + 4 * (not part.isascii()) for part in parts
    ) + (len(parts) - 1)
