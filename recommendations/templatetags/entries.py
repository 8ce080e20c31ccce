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
from recommendations.models.reading import Level, Line

register = template.Library()

MANY = 100  # half a point is none of the numbers that have a form of their own, in any language
SHOWN = 5  # circles of which each is told; one more is told, too, as it would be no shorter to sum it up


@register.filter
def why_here(line: Line) -> list[str]:
    """A line that was voted for (`line.explanation` must be there), in paragraphs.

    Whose votes, the arithmetic, and what became of the place since, if anything did.
    """
    why, entry = line.explanation, line.entry
    assert why is not None
    told = [_votes(why), _sums(why)]
    if why.circles:
        told[0] += " " + _span(len(why.circles))
    if line.level:
        told[1] += " " + _level(line.level)
    if entry.computed_rank != line.rank:
        since = _("The votes had put them at %(place)d. Since then a curator changed the list, or somebody left it.")
        told.append(since % {"place": entry.computed_rank})
    return told


def _votes(why: Explanation) -> str:
    """How many people voted, and how many of their votes counted."""
    if not why.void and not why.half:
        told = ngettext(
            "%(voted)d person voted for them, and the vote counted.",
            "%(voted)d people voted for them, and every vote counted.",
            why.voted,
        )
    elif not why.void:
        told = ngettext(
            "%(voted)d person voted for them; %(half)d of the votes counted by half.",
            "%(voted)d people voted for them; %(half)d of the votes counted by half.",
            why.voted,
        )
    elif not why.half:
        told = ngettext(
            "%(voted)d person voted for them; %(valid)d of the votes counted.",
            "%(voted)d people voted for them; %(valid)d of the votes counted.",
            why.voted,
        )
    else:
        told = ngettext(
            "%(voted)d person voted for them; %(valid)d of the votes counted, in full or by half.",
            "%(voted)d people voted for them; %(valid)d of the votes counted, in full or by half.",
            why.voted,
        )
    return told % {"voted": why.voted, "valid": why.supporters, "half": why.half}


def _span(circles: int) -> str:
    """Who votes alike counts together."""
    told = ngettext(
        "They span %(n)d circle of voters who shared an earlier pick, or joined from one server in one week: the more "
        "in one, the less each adds.",
        "They span %(n)d circles of voters who shared an earlier pick, or joined from one server in one week: the more "
        "in one, the less each adds.",
        circles,
    )
    return told % {"n": circles}


def _level(level: Level) -> str:
    """How it came that somebody else with as many points is before or behind them."""
    if level == Level.LOTS:
        return _("Somebody else has as many points and counted votes, so lots were drawn.")
    return _("Somebody else has as many points; more counted votes come first.")


def _sums(why: Explanation) -> str:
    """The arithmetic: what became of the votes, what the circles give, and what that makes."""
    told = _of_one_entry(why)
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
        return _("Each circle gives %(whole)s × √(its voices for them): %(added)s.") % {"whole": whole, "added": added}
    added, others = " + ".join(number(each) for each in circles[:SHOWN]), circles[SHOWN:]
    return ngettext(
        "Each circle gives %(whole)s × √(its voices for them): %(added)s, and %(n)d more %(rest)s.",
        "Each circle gives %(whole)s × √(its voices for them): %(added)s, and %(n)d more together %(rest)s.",
        len(others),
    ) % {"whole": whole, "added": added, "n": len(others), "rest": number(sum(others))}


def _of_one_entry(why: Explanation) -> list[str]:
    """What became of the votes for one person that did not count in full; nothing where all did."""
    told = []
    if why.half:
        half = ngettext(
            "%(n)d vote counted by half, because the two praised each other this week.",
            "%(n)d votes counted by half, because they praised each other this week.",
            why.half,
        )
        told += [in_full(why), half % {"n": why.half}]
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
    """How many votes counted in full; where none counted by half, nobody asks what else there is."""
    if why.half:
        told = ngettext("%(n)d vote counted in full.", "%(n)d votes counted in full.", why.counted)
    else:
        told = ngettext("%(n)d vote counted.", "%(n)d votes counted.", why.counted)
    return told % {"n": why.counted}


def of_newcomers(void: Mapping[Void, int]) -> list[str]:
    """How many came too late for this edition; nothing where none did."""
    newcomers = void.get(Void.NEWCOMER)
    if not newcomers:
        return []
    told = ngettext(
        "%(n)d vote came from a member who joined after voting had begun, and did not count.",
        "%(n)d votes came from members who joined after voting had begun, and did not count.",
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
