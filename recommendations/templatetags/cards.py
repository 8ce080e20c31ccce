"""The words of a person's card.

In Python and not in the card's template, because a card is made for each line of a list: what is the same for all of
them is said once, and counted sentences cost a fraction of what they cost there.
"""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.explanation import Explanation, Void
from recommendations.models.reading import Line
from recommendations.templatetags.follow_friday import plural_of, points

register = template.Library()


@register.simple_tag
def card_words() -> dict[str, str]:
    """What the cards of a board say to a member, by name; to be given to each as `words`."""
    return {
        "add": _("Add a reason"),
        "edit": _("Edit your reason"),
        "why": _("Why? 20 to 500 characters, shown with your name"),
        "second": _("Second them"),
    }


@register.filter
def why_here(line: Line) -> str:
    """The arithmetic of a line that was voted for; `line.explanation` must be there."""
    why, entry = line.explanation, line.entry
    assert why is not None
    told = [
        ngettext("%(n)d person voted for them.", "%(n)d people voted for them.", why.voted) % {"n": why.voted},
        _("All of it counted.") if why.counted == why.voted else " ".join(_parts(why)),
        ngettext("That makes %(points)s point.", "That makes %(points)s points.", plural_of(entry.score))
        % {"points": points(entry.score)},
    ]
    if entry.computed_rank != line.rank:
        told.append(_("The ballots had put them at %(place)d; a curator moved them.") % {"place": entry.computed_rank})
    return " ".join(told)


def _parts(why: Explanation) -> list[str]:
    """What became of the votes, where not all of them counted in full."""
    told = [ngettext("%(n)d vote counted in full.", "%(n)d votes counted in full.", why.counted) % {"n": why.counted}]
    if why.half:
        told.append(
            ngettext(
                "%(n)d vote counted by half, because the two praised each other this week.",
                "%(n)d votes counted by half, because they praised each other this week.",
                why.half,
            )
            % {"n": why.half}
        )
    if newcomers := why.void.get(Void.NEWCOMER):
        told.append(
            ngettext(
                "%(n)d vote came from a member who joined after the board had opened, and did not count.",
                "%(n)d votes came from members who joined after the board had opened, and did not count.",
                newcomers,
            )
            % {"n": newcomers}
        )
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
