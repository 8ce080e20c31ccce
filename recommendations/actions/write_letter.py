"""Make the mail that a letter is: in its reader's language and time zone, saying what may be said at this moment."""

import zoneinfo
from typing import Any
from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from recommendations.actions.wish import Mails
from recommendations.consent import Purpose, Viewer
from recommendations.markup import clean_line
from recommendations.models import Community, Letter, Membership, Notification, Wish
from recommendations.models.reading import lines

SUBJECT_MAX = 150
QUOTES = 3  # of one person in a mail; the page has them all


class Needless(Exception):
    """There is nothing (any more) to be said to them by mail. The message says why, for whoever runs the server."""


def address_of(user: User) -> EmailAddress:
    """Where mail reaches somebody: an address they proved, and its server has not refused. Raises Needless."""
    proven = EmailAddress.objects.filter(user=user, verified=True, primary=True)
    address = proven.select_related("refused").first()
    if address is None or not user.is_active:
        raise Needless("They have no address that they have proven.")
    if hasattr(address, "refused"):
        raise Needless("Their server has refused that address.")
    return address


def write_letter(letter: Letter, to: str) -> EmailMultiAlternatives:
    """The mail, ready to be sent. Raises Needless."""
    user = letter.user
    language = user.language or settings.LANGUAGE_CODE
    with translation.override(language), timezone.override(zoneinfo.ZoneInfo(user.time_zone)):
        if letter.news:
            return _alone(letter, letter.news, to)
        return _news_of_edition(letter, to) if letter.edition else _what_happened(letter, to)


def _alone(letter: Letter, news: Notification, to: str) -> EmailMultiAlternatives:
    """A change to how an account is opened: always sent, so without a way to stop it."""
    return _mail(
        letter, to, template="security", subject=news.sentence, mails=None, list_id="security", context={"news": news}
    )


def _news_of_edition(letter: Letter, to: str) -> EmailMultiAlternatives:
    edition = letter.edition
    assert edition is not None
    community = edition.community
    if not Membership.objects.active().filter(user=letter.user_id, community=community, digest=True).exists():
        raise Needless("They do not want that community's editions by mail any more.")
    # A mail leaves our house: what only signed-in people may see is not in it.
    listed = lines(edition, viewer=Viewer.PUBLIC, purpose=Purpose.FEED)
    if not any(line.shown for line in listed):
        raise Needless("There is nobody on the list who may be shown.")
    whole = all(line.shown for line in listed)
    return _mail(
        letter,
        to,
        template="edition",
        subject=_("%(headline)s · %(community)s No. %(number)d")
        % {"headline": edition.headline, "community": community, "number": edition.number},
        mails=Mails(letter.user_id, community=community.pk),
        list_id=f"{community.slug}.editions",
        context={
            "community": community,
            "edition": edition,
            "lines": [(line, line.quotes[:QUOTES], len(line.quotes) - QUOTES) for line in listed],
            # The picture names everybody who was listed when it was drawn.
            "picture": edition.share_image if whole and edition.share_image else None,
        },
    )


def _what_happened(letter: Letter, to: str) -> EmailMultiAlternatives:
    wanted = {kind for kind, wish in Wish.objects.of(letter.user_id).items() if wish.by_mail}
    news = letter.notifications.filter(read_at=None, kind__in=wanted).order_by("at", "pk")
    happened = list(news.select_related("community", "by_user"))
    if not happened:
        raise Needless("They have read it already, or do not want it by mail any more.")
    number = len(happened)
    several = translation.ngettext("%(number)d thing happened", "%(number)d things happened", number)
    return _mail(
        letter,
        to,
        template="news",
        subject=happened[0].sentence if number == 1 else several % {"number": number},
        mails=Mails(letter.user_id, kinds=tuple(sorted({each.kind for each in happened}))),
        list_id="news",
        context={"happened": happened},
    )


def _mail(
    letter: Letter,
    to: str,
    *,
    template: str,
    subject: str,
    mails: Mails | None,
    list_id: str,
    context: dict[str, Any],
) -> EmailMultiAlternatives:
    """Headers by RFC 8058 (stopping it by one click), RFC 2919 (List-Id) and RFC 3834 (no answering machines)."""
    host = urlsplit(settings.FF_BASE_URL).hostname
    community = context.get("community")
    stop = f"{settings.FF_BASE_URL}{reverse('stop_mail', args=[mails.token])}" if mails else ""
    one_click = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    context |= {
        "user": letter.user,
        "base_url": settings.FF_BASE_URL,
        "subject": clean_line(subject, SUBJECT_MAX),
        "stop": stop,
        "css": STYLE,
        "accent": ACCENTS[community.accent if community else Community.Accent.BRICK],
    }
    mail = EmailMultiAlternatives(
        subject=context["subject"],
        body=render_to_string(f"mail/{template}.txt", context).strip() + "\n",
        to=[to],
        headers={
            "Message-ID": f"<{letter.key}@{host}>",
            "List-Id": f"<{list_id}.{host}>",
            "Auto-Submitted": "auto-generated",
        }
        | (one_click if stop else {}),
    )
    mail.attach_alternative(render_to_string(f"mail/{template}.html", context), "text/html")
    return mail


# Mail programs read style sheets as they please, so each element carries its own. A sheet in the head of the frame
# changes the colours for the dark, where it is read.
_SERIF = "Georgia,'Times New Roman',serif"
_SANS = "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
STYLE = {
    "body": f"margin:0;padding:0;background:#fbf8f1;color:#1e1b16;font:16px/1.55 {_SANS};",
    "frame": "max-width:600px;margin:0 auto;padding:24px 20px 40px;overflow-wrap:anywhere;",
    "name": f"margin:0;font:600 22px/1.2 {_SERIF};",
    "line": "margin:8px 0 0;padding:6px 0;border-top:1px solid #dcd4c4;border-bottom:1px solid #dcd4c4;font-size:14px;",
    "h1": f"margin:28px 0 12px;font:500 32px/1.15 {_SERIF};",
    "h2": f"margin:32px 0 8px;font:600 21px/1.25 {_SERIF};",
    "h3": f"margin:0;font:600 19px/1.25 {_SERIF};",
    "p": "margin:0 0 14px;",
    "prose": f"margin:0 0 24px;font:18px/1.6 {_SERIF};",
    "entry": "margin:0;padding:20px 0;border-top:1px solid #dcd4c4;",
    "soft": "margin:2px 0 0;color:#5f574b;font-size:14px;",
    "quote": f"margin:10px 0 0;font:18px/1.5 {_SERIF};",
    "picture": "display:block;width:100%;max-width:600px;height:auto;border:0;margin:0 0 24px;",
    "button": "display:inline-block;padding:10px 18px;border-radius:4px;font-weight:600;text-decoration:none;",
    "small": "margin:0 0 10px;color:#5f574b;font-size:14px;",
    "foot": "margin:40px 0 0;padding:16px 0 0;border-top:1px solid #1e1b16;",
}
# By a community's accent, in the light and in the dark: the values of the site's own sheet.
ACCENTS = {
    "brick": ("#9c3322", "#f0977f"),
    "pine": ("#22603f", "#83cfa1"),
    "ink": ("#234e8a", "#93bbf2"),
    "plum": ("#7a2f6b", "#e39fd4"),
    "ochre": ("#7a5000", "#e2b45f"),
}
