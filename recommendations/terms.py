"""The terms by which texts are found: the same for what is kept and for what is looked for. Pure.

A term is a word without case, accents and width; writing without spaces between words (Chinese, Japanese, Thai ...)
is taken two letters at a time. For the databases' own text indexes a term is spelled in plain letters and digits
(`spelled`), so that none of them takes it apart once more by rules of its own; what begins alike still does.

Slips: two terms are near when leaving out at most one letter of each makes them the same (SymSpell's idea, Wolf
Garbe 2012): one letter wrong, missing, too many, or two that changed places. So the near ones are found by equality.
"""

import hashlib
import unicodedata

import regex

LONGEST = 40  # letters of a term; the rest of longer ones is not looked at
MOST_IN_QUERY = 8
_SHORTEST_WITH_SLIPS = 4
_WORDS = regex.compile(r"(?<hash>[#\uff03])?(?<word>[\p{L}\p{M}\p{N}_]+)")
_SCRIPTS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー"  # without spaces between words
_RUNS = regex.compile(rf"(?<unspaced>[{_SCRIPTS}]+)|[^{_SCRIPTS}_]+")


def terms(text: str) -> list[str]:
    """The terms of a text in its order, each once. A hashtag is two: the word, and the word with its `#`."""
    found: dict[str, None] = {}
    for match in _WORDS.finditer(text):
        word = folded(match["word"])
        for term in _parts(word):
            found.setdefault(term[:LONGEST])
        if match["hash"] and word:
            found.setdefault(f"#{word[:LONGEST]}")
    return list(found)


def folded(word: str) -> str:
    """Without case, accents and width."""
    decomposed = unicodedata.normalize("NFKD", word).casefold()
    return "".join(each for each in decomposed if not unicodedata.combining(each)).strip("_")


def spelled(term: str) -> str:
    """A term in letters and digits alone, beginning with a letter; what begins alike is spelled alike so far."""
    return "x" + term.encode("utf-8", "replace").hex()


def read(spelling: str) -> str:
    """The term that was `spelled` so."""
    return bytes.fromhex(spelling[1:]).decode()


def pattern(term: str) -> str:
    """What to look for: words that begin so, marked by a `*`; hashtags are looked for whole."""
    return spelled(term) if term.startswith("#") else f"{spelled(term)}*"


def slips(term: str) -> frozenset[int]:
    """Keys by which near terms are found: they share at least one. Signed numbers of 64 bits; none of short terms."""
    if len(term) < _SHORTEST_WITH_SLIPS or term.startswith("#"):
        return frozenset()
    shorter = {term[:place] + term[place + 1 :] for place in range(len(term))}
    return frozenset(_number(each) for each in {term, *shorter})


def distance(one: str, other: str) -> int:
    """How many letters are wrong, missing, too many, or have changed places (optimal string alignment)."""
    before, last = [0], list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        now = [row]
        for column, against in enumerate(other, start=1):
            cost = min(last[column] + 1, now[-1] + 1, last[column - 1] + (letter != against))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == against:
                cost = min(cost, before[column - 2] + 1)
            now.append(cost)
        before, last = last, now
    return last[-1]


def is_near(one: str, other: str) -> bool:
    """May one be a slip of the other? One letter in a short term, two in a long one."""
    return distance(one, other) <= (1 if len(one) < 6 else 2)


def _parts(word: str) -> list[str]:
    parts = []
    for run in _RUNS.finditer(word):
        text = run[0]
        if run["unspaced"] and len(text) > 1:
            parts += [text[place : place + 2] for place in range(len(text) - 1)]
        else:
            parts.append(text)
    return parts


def _number(text: str) -> int:
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
