"""How an edition was counted, in words; and what a curator may look at."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.explanation import Explanation, Hint, Method, Totals, Void
from recommendations.models.edition import Edition
from recommendations.rules import LARGE, SIZE_EDITIONS
from recommendations.templatetags.entries import of_newcomers

register = template.Library()


@register.filter
def what_counted(edition: Edition) -> str:
    """What became of all votes of an edition, as far as it is published; empty where there were none."""
    if not edition.tally or not (totals := Totals.from_json(edition.tally)).voted:
        return ""
    told = [ngettext("%(n)d vote counted.", "%(n)d votes counted.", totals.counted) % {"n": totals.counted}]
    void = totals.void_told
    told += of_newcomers(void)
    if gone := void.get(Void.GONE):
        told.append(
            ngettext(
                "%(n)d vote came from someone who is no longer a member, and did not count.",
                "%(n)d votes came from people who are no longer members, and did not count.",
                gone,
            )
            % {"n": gone}
        )
    if own := void.get(Void.SELF):
        told.append(
            ngettext(
                "%(n)d vote was for the voter's own profile, and did not count.",
                "%(n)d votes were for the voters' own profiles, and did not count.",
                own,
            )
            % {"n": own}
        )
    if mutual := void.get(Void.MUTUAL):
        told.append(
            ngettext(
                "%(n)d vote was for someone who had recommended the voter, and did not count.",
                "%(n)d votes were for people who had recommended the voter, and did not count.",
                mutual,
            )
            % {"n": mutual}
        )
    return " ".join(told)


@register.filter
def how_counted(edition: Edition) -> str:
    """By which method the votes of an edition were counted, and why by this one."""
    circles, usual = edition.method == Method.CIRCLES, edition.usual_ballots
    values = {"n": usual, "large": LARGE, "editions": SIZE_EDITIONS}
    if edition.method_pinned:
        if circles:
            return _("Votes were counted in circles: the community has chosen so.")
        return _("One vote made one point: the community has chosen so.")
    if circles:
        told = ngettext(
            "Votes were counted in circles: in a usual week %(n)d person voted here, and from %(large)d on we do so.",
            "Votes were counted in circles: in a usual week %(n)d people voted here, and from %(large)d on we do so.",
            usual,
        )
    elif not edition.tally:  # of a time when nobody kept account, and there was nothing to choose
        told = _("One vote made one point.")
    elif usual >= LARGE:
        told = _("One vote made one point: the community had closed fewer than %(editions)d editions before.")
    elif usual:
        told = ngettext(
            "One vote made one point: in a usual week %(n)d person voted here, fewer than %(large)d.",
            "One vote made one point: in a usual week %(n)d people voted here, fewer than %(large)d.",
            usual,
        )
    else:
        told = _(
            "One vote made one point, as it is where a community has just begun, or fewer than %(large)d people vote "
            "in a usual week."
        )
    return told % values


@register.filter
def hints(why: Explanation) -> list[str]:
    """What a curator may look at, in a sentence each. For nobody else."""
    return [_hint(hint, why) for hint in why.hints]


def _hint(hint: Hint, why: Explanation) -> str:
    if hint == Hint.NEW:
        told = ngettext(
            "%(valid)d person supports them, who has not voted in any of the last editions: worth a look, and it may "
            "be a class or a conference.",
            "%(valid)d people support them, and none has voted in any of the last editions: worth a look, and it may "
            "be a class or a conference.",
            why.supporters,
        )
    elif hint == Hint.ALIKE:
        told = ngettext(
            "%(alike)d of the %(valid)d people who support them came in together, as far as we know: worth a look, and "
            "it may be a class or a conference.",
            "%(alike)d of the %(valid)d people who support them came in together, as far as we know: worth a look, and "
            "it may be a class or a conference.",
            why.alike,
        )
    else:
        told = _(
            "One circle gives %(percent)d %% of their points: worth a look, and it may be a few who share a taste."
        )
    return told % {"valid": why.supporters, "alike": why.alike, "percent": why.largest_percent}
