"""What a new community may be called in addresses and posts, made of the name somebody gave it."""

import regex
from django.utils.text import slugify

from recommendations.models.community import HASHTAG, RESERVED_SLUGS, Community

SLUG_MAX, HASHTAG_MAX = 40, 64
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")


def hashtag_of(name: str) -> str:
    """ "Night shift" -> "NightShift": each word begins with a capital, so that screen readers tell them apart.

    Empty where that makes none that a community may have.
    """
    words = [word[0].upper() + word[1:] for word in _WORD.findall(name)]
    tag = "".join(words)[:HASHTAG_MAX]
    return tag if HASHTAG.fullmatch(tag) else ""


def free_slug(name: str) -> str:
    """An address that nobody has, such as night-shift or night-shift-2; empty where the name has no Latin letter."""
    base = slugify(name)[: SLUG_MAX - 4].strip("-_")
    if not base:
        return ""
    taken = {*RESERVED_SLUGS, *Community.objects.filter(slug__startswith=base).values_list("slug", flat=True)}
    return next(each for each in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if each not in taken)
