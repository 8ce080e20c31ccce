"""A person's card, on the board and in an edition: `{% card it community=community %}`.

It is made for each line of a list, so its template, and no other, is in Jinja: docs/decisions/0014-cards-in-jinja.md.
"""

from typing import Any

from django import template
from django.forms.utils import ErrorDict
from django.template import engines
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from recommendations.models.board import Card
from recommendations.models.community import Community
from recommendations.models.reading import Line, recommended_by
from recommendations.templatetags.entries import why_here
from recommendations.templatetags.follow_friday import hue, initials, network_label, web

register = template.Library()

STRICT = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}


@register.simple_tag
def card(
    of: Card | Line,
    *,
    community: Community,
    votable: bool = False,
    csrf_token: str = "",
    refused: ErrorDict | None = None,
    typed: str = "",
) -> SafeString:
    """The card of a person on the board, or of a line that is shown.

    `votable`: with what it takes to vote, for which `csrf_token` is needed; `refused` and `typed`: what was wrong with
    a vote, and the reason that came with it.
    """
    told = {
        "card": of,
        "community": community,
        "votable": votable,
        "csrf_token": csrf_token,
        "refused": refused,
        "typed": typed,
    }
    made = engines["jinja2"].get_template("people/card.jinja")
    return mark_safe(made.render(told))  # noqa: S308 - Jinja escapes what it is given


def environment(**options: Any) -> Environment:
    """What a card's template can call (settings.TEMPLATES names this)."""
    made = Environment(**options | STRICT)  # noqa: S701 - Django's options say that it escapes
    made.globals |= {
        "_": _said,
        "hue": hue,
        "initials": initials,
        "month": lambda day: date_format(day, "YEAR_MONTH_FORMAT"),
        "network_label": network_label,
        "recommended_by": recommended_by,
        "url": lambda name, *args: reverse(name, args=args),
        "web": web,
        "why_here": why_here,
    }
    return made


def _said(sentence: str) -> Markup:
    """A sentence of ours, in the reader's language; it may be HTML, and whatever is filled in is escaped."""
    return Markup(gettext(sentence))  # noqa: S704 - nobody but translators wrote it
