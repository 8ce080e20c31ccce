"""The words of a person's card.

In Python and not in the card's template, because a card is made for each line of a list: what is the same for all of
them is said once. Why somebody stands where they stand is said in counting.py.
"""

from django import template
from django.utils.translation import gettext as _

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
