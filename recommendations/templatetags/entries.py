"""Why someone stands where they stand, in words.

Every sentence holds for every entry, and says no more than is published of it (`Explanation.told`). Made once for each
line of a list, so no query is asked for here.
"""

from collections.abc import Mapping

from django import template
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.explanation import Explanation, Void
from recommendations.models.reading import Level, Line, recommended_by

register = template.Library()
register.filter(recommended_by)


@register.filter
def why_here(line: Line) -> list[str]:
    """Explain a line that was voted for (`line.explanation` must be there), in paragraphs.

    How many votes counted, how equals were told apart, and what became of the place since, if anything did.
    """
    why, entry = line.explanation, line.entry
    assert why is not None
    told = [_votes(why)]
    if line.level:
        told[0] += " " + _level(line.level, why)
    if entry.computed_rank != line.rank:
        since = _("The votes had put them at %(place)d. Since then a curator changed the list, or somebody left it.")
        told.append(since % {"place": entry.computed_rank})
    return told


def _votes(why: Explanation) -> str:
    """How many votes counted, and by circles what they are worth."""
    if not why.supporters:
        return _("Only people they had recommended themselves voted for them. Those votes do not count.")
    if why.circles is None:
        told = ngettext("%(n)d vote counted for them.", "%(n)d votes counted for them.", why.supporters)
        return told % {"n": why.supporters}
    told = ngettext(
        "%(n)d vote counted for them, worth about %(points)s points.",
        "%(n)d votes counted for them, worth about %(points)s points: the more alike people vote, the less each adds.",
        why.supporters,
    )
    return told % {"n": why.supporters, "points": points(why)}


def _level(level: Level, why: Explanation) -> str:
    """How someone else with as many points came to stand before or behind them."""
    if level == Level.SUPPORTERS:
        return _("Someone else has as many points; the one with more votes comes first.")
    if why.circles is None:
        return _("Someone else has as many votes, so lots were drawn.")
    return _("Someone else has as many points and votes, so lots were drawn.")


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
    return why.points


@register.filter
def number(value: int) -> str:
    """As the reader's language writes it: 3,464."""
    return formats.number_format(value, 0, force_grouping=True)
