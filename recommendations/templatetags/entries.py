"""Why somebody stands where they stand, in words: one sentence, and its arithmetic.

Every sentence holds for every entry, and each number in it can be counted again from the ballots. Made once for each
line of a list, so no query is asked for here.
"""

from collections.abc import Mapping
from math import isqrt

from django import template
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.circles import VOICE
from recommendations.explanation import Explanation, Void
from recommendations.models.reading import Line

register = template.Library()

MANY = 100  # half a point is none of the numbers that have a form of their own, in any language
SHOWN = 5  # circles of which each is told; one more is told, too, as it would be no shorter to sum it up


@register.filter
def why_here(line: Line) -> list[str]:
    """A line that was voted for (`line.explanation` must be there), in paragraphs.

    One sentence, the arithmetic, and what became of the place since, if anything did.
    """
    why, entry = line.explanation, line.entry
    assert why is not None
    told = [_votes(why) if why.circles is None else _circles(why, len(why.circles)), _sums(why)]
    if entry.computed_rank != line.rank:
        since = _("The votes had put them at %(place)d. Since then a curator changed the list, or somebody left it.")
        told.append(since % {"place": entry.computed_rank})
    return told


def _votes(why: Explanation) -> str:
    """One vote, one point."""
    if not why.void and not why.half:
        told = ngettext(
            "%(voted)d person voted for them, and the vote counts.",
            "%(voted)d people voted for them, and every vote counts.",
            why.voted,
        )
    elif not why.void:
        told = ngettext(
            "%(voted)d person voted for them, %(half)d with a vote that counts by half.",
            "%(voted)d people voted for them, %(half)d with a vote that counts by half.",
            why.voted,
        )
    elif not why.half:
        told = ngettext(
            "%(voted)d person voted for them, %(valid)d with a vote that counts.",
            "%(voted)d people voted for them, %(valid)d with a vote that counts.",
            why.voted,
        )
    else:
        told = ngettext(
            "%(voted)d person voted for them, %(valid)d with a vote that counts, in full or by half.",
            "%(voted)d people voted for them, %(valid)d with a vote that counts, in full or by half.",
            why.voted,
        )
    return told % {"voted": why.voted, "valid": why.supporters, "half": why.half}


def _circles(why: Explanation, circles: int) -> str:
    """Who votes alike counts together."""
    if not why.void and circles == 1:
        told = ngettext(
            "%(voted)d person voted for them, from one circle: people who lately voted for the same person or came in "
            "together, and who count as the square root of their voices.",
            "%(voted)d people voted for them, all from one circle: people who lately voted for the same person or came "
            "in together, and who count as the square root of their voices.",
            why.voted,
        )
    elif not why.void:
        told = ngettext(
            "%(voted)d person from %(circles)d circles voted for them; a circle is people who lately voted for the "
            "same person or came in together, and it counts as the square root of its voices.",
            "%(voted)d people from %(circles)d circles voted for them; a circle is people who lately voted for the "
            "same person or came in together, and it counts as the square root of its voices.",
            why.voted,
        )
    elif circles == 1:
        told = ngettext(
            "%(voted)d person voted for them, %(valid)d with a vote that counts, from one circle: people who lately "
            "voted for the same person or came in together, and who count as the square root of their voices.",
            "%(voted)d people voted for them, %(valid)d with a vote that counts, from one circle: people who lately "
            "voted for the same person or came in together, and who count as the square root of their voices.",
            why.voted,
        )
    else:
        told = ngettext(
            "%(voted)d person voted for them, %(valid)d with a vote that counts, from %(circles)d circles; a circle is "
            "people who lately voted for the same person or came in together, and it counts as the square root of its "
            "voices.",
            "%(voted)d people voted for them, %(valid)d with a vote that counts, from %(circles)d circles; a circle is "
            "people who lately voted for the same person or came in together, and it counts as the square root of its "
            "voices.",
            why.voted,
        )
    return told % {"voted": why.voted, "valid": why.supporters, "circles": circles}


def _sums(why: Explanation) -> str:
    """The arithmetic: what became of the votes, what the circles give, and what that makes."""
    told = [] if why.counted == why.voted else _of_one_entry(why)
    if why.circles:
        told.append(_added_up(why.circles))
    told.append(
        ngettext("That makes %(points)s point.", "That makes %(points)s points.", plural_of(why))
        % {"points": points(why)}
    )
    return " ".join(told)


def _added_up(circles: tuple[int, ...]) -> str:
    """The points of the largest circles, and those of all others together."""
    whole = number(isqrt(VOICE))
    if len(circles) <= SHOWN + 1:
        added = " + ".join(number(each) for each in circles)
        return ngettext(
            "One whole voice alone makes %(whole)s points; their circle gives %(added)s.",
            "One whole voice alone makes %(whole)s points; their circles give %(added)s.",
            len(circles),
        ) % {"whole": whole, "added": added}
    added, others = " + ".join(number(each) for each in circles[:SHOWN]), circles[SHOWN:]
    return ngettext(
        "One whole voice alone makes %(whole)s points; their circles give %(added)s, and %(n)d more %(rest)s.",
        "One whole voice alone makes %(whole)s points; their circles give %(added)s, and %(n)d more together %(rest)s.",
        len(others),
    ) % {"whole": whole, "added": added, "n": len(others), "rest": number(sum(others))}


def _of_one_entry(why: Explanation) -> list[str]:
    """What became of the votes for one person, where not all of them counted in full."""
    told = [in_full(why)]
    if why.half:
        told.append(
            ngettext(
                "%(n)d vote counted by half, because the two praised each other this week.",
                "%(n)d votes counted by half, because they praised each other this week.",
                why.half,
            )
            % {"n": why.half}
        )
    told += of_newcomers(why.void)
    if why.void.get(Void.SELF):
        told.append(_("Their own vote did not count."))
    if mutual := why.void.get(Void.MUTUAL):
        told.append(
            ngettext(
                "%(n)d vote did not count, because the two praise each other.",
                "%(n)d votes did not count, because they praise each other.",
                mutual,
            )
            % {"n": mutual}
        )
    return told


def in_full(why: Explanation) -> str:
    """How many votes counted in full."""
    told = ngettext("%(n)d vote counted in full.", "%(n)d votes counted in full.", why.counted)
    return told % {"n": why.counted}


def of_newcomers(void: Mapping[Void, int]) -> list[str]:
    """How many came too late for this edition; nothing where none did."""
    newcomers = void.get(Void.NEWCOMER)
    if not newcomers:
        return []
    told = ngettext(
        "%(n)d vote came from a member who joined after the board had opened, and did not count.",
        "%(n)d votes came from members who joined after the board had opened, and did not count.",
        newcomers,
    )
    return [told % {"n": newcomers}]


@register.filter
def points(why: Explanation) -> str:
    """A score as people read it."""
    return number(why.points)


@register.filter
def plural_of(why: Explanation) -> int:
    """The number whose plural form a score takes."""
    return MANY if why.points % 1 else int(why.points)


@register.filter
def number(value: float) -> str:
    """As the reader's language writes it: 3,464 or 1.5."""
    return formats.number_format(value, 1 if value % 1 else 0, force_grouping=True)
