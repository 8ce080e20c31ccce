"""What templates need beyond Django's own: Markdown, initials, colours."""

import json
import secrets
import zlib

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from recommendations import markup
from recommendations.handles import Network

register = template.Library()

HUES = 8  # classes hue-0 to hue-7 in the style sheet


@register.filter
def markdown(text: str) -> SafeString:
    """Markdown as safe HTML (markup.render lets only its own short list of tags through)."""
    return mark_safe(markup.render(text))  # noqa: S308 - cleaned by nh3


@register.filter
def ld(told: object) -> SafeString:
    """JSON-LD to stand in a script element, which no word in it can end (as Django's json_script does it)."""
    text = json.dumps(told, ensure_ascii=False)
    return mark_safe(text.replace("<", "\\u003C").replace(">", "\\u003E").replace("&", "\\u0026"))  # noqa: S308


@register.filter
def initials(name: str) -> str:
    """One or two letters to stand where a picture is missing."""
    words = [word for word in name.replace("@", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "·"


@register.filter
def hue(name: str) -> int:
    """Which of the avatar colours somebody has: always the same one."""
    return zlib.crc32(name.encode("utf-8", "surrogatepass")) % HUES


@register.filter
def web(address: str) -> str:
    """An address that a link may lead to; nothing for whatever is not of the web (javascript: for instance)."""
    return address if address.lower().startswith(("https://", "http://")) else ""


@register.filter
def network_label(network: str) -> str:
    """A network's name for people."""
    return Network(network).label


@register.simple_tag
def once() -> SafeString:
    """A hidden field with a key of this rendered form, so that sending it twice makes one thing (OnceKey)."""
    return format_html('<input type="hidden" name="once" value="{}">', secrets.token_urlsafe(16))
