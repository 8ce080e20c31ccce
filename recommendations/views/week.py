"""One edition at the curator's desk: its week, its draft, its words, the posts it will make, and how they fare."""

import zlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import regex
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from recommendations.actions.compose import Composed, as_published, preview, the_list
from recommendations.actions.share_image import share_alt, share_image
from recommendations.consent import Purpose, Viewer
from recommendations.forms import ESSAY_MAX, DraftForm
from recommendations.markup import clean_text
from recommendations.models import Channel, Edition, Entry, Membership
from recommendations.models.board import current_edition
from recommendations.models.reading import lines
from recommendations.views.access import curators_only
from recommendations.views.outlook import coming, timeline
from recommendations.views.sending import deliveries_of, moves, sendings

_WORD = regex.compile(r"(?w)\b\w.*?\b")  # as UAX 29 counts words: Chinese and Japanese by their characters


@dataclass(frozen=True)
class Outgoing:
    """What one channel will post of a draft: the posts, what they cost in all, and the words of their picture."""

    channel: Channel
    posts: list[Composed]
    alt: str  # empty: no picture goes with it

    @property
    def dollars(self) -> Decimal:
        """What all of them cost."""
        return sum((post.dollars for post in self.posts), Decimal(0))

    @property
    def mark(self) -> str:
        """Tells a picture's address from that of the one before, so that no browser shows an old one."""
        return f"{zlib.crc32(self.alt.encode(errors='replace')):x}"


@require_GET
@curators_only
def week(request: HttpRequest, curator: Membership, week: str) -> HttpResponse:
    """One edition at work."""
    return week_page(request, curator, edition_of(curator, week))


@require_GET
@curators_only
def how_it_fares(request: HttpRequest, curator: Membership, week: str) -> HttpResponse:
    """How its posts fare: a piece of the week's page, which asks for it while anything moves."""
    edition = edition_of(curator, week)
    return render(request, "desk/sending.html", _page(curator, edition) | _fares(curator, edition, timezone.now()))


@require_POST
@curators_only
def essay(request: HttpRequest, curator: Membership, week: str) -> HttpResponse:
    """An essay as it will be read, before it is kept: a piece of the week's page. Nothing is written."""
    edition = edition_of(curator, week)
    text = request.POST.get("essay", "")
    if len(text) > ESSAY_MAX:
        trouble = _("This is longer than an essay may be: %(number)d characters where %(most)d fit.")
        words = {"trouble": trouble % {"number": len(text), "most": ESSAY_MAX}}
        return render(request, "desk/essay.html", _page(curator, edition) | words, status=422)
    return render(request, "desk/essay.html", _page(curator, edition) | read(text))


@never_cache
@require_GET
@curators_only
def picture(request: HttpRequest, curator: Membership, week: str) -> HttpResponse:
    """The share image as it would be drawn now; nobody but curators sees it before the edition is out."""
    edition = edition_of(curator, week)
    if edition.state != Edition.State.READY:
        raise Http404
    return HttpResponse(share_image(as_published(edition)).data, content_type="image/png")


def edition_of(curator: Membership, week: str) -> Edition:
    """The edition of a week; `current` is the open one. Raises Http404."""
    if week == "current":
        edition = current_edition(curator.community)
        if edition is None:
            raise Http404
    else:
        edition = get_object_or_404(
            Edition.objects.select_related("approved_by", "held_by"), community=curator.community, week=week
        )
    edition.community = curator.community
    return edition


def week_page(request: HttpRequest, curator: Membership, edition: Edition, *, refused: str = "") -> HttpResponse:
    """The page of one week at the desk: everything that can be seen and done in its present state."""
    typed: dict[str, Any] | None = request.POST.dict() if refused else None
    words = typed is not None and "essay" in typed
    form = DraftForm(request.POST if words else None, instance=edition)
    form.fields["essay"].widget.attrs |= _preview_of(edition)
    now, draft = timezone.now(), draft_of(edition)
    fares = _fares(curator, edition, now)
    channels = list(curator.community.channels.order_by("pk"))
    context = {
        **_page(curator, edition),
        **draft,
        **fares,
        **read(str(form["essay"].value() or "")),
        "dropped": edition.entries.filter(dropped_at__isnull=False).select_related("profile"),
        "form": form,
        "lists": edition.native_lists.select_related("channel"),
        "channels": channels,
        "outgoing": outgoing(edition, channels),
        "line": timeline(edition, fares["deliveries"], now),
        "coming": coming(
            edition, listed=len(draft["lines"]), channels=channels, deliveries=fares["deliveries"], at=now
        ),
        "now": now,
        "refused": refused,
        "typed": typed or {},
    }
    return render(request, "desk/week.html", context, status=409 if refused else 200)


def ordered(request: HttpRequest, curator: Membership, edition: Edition, *, refused: str = "") -> HttpResponse:
    """The list as it stands now, and the posts that follow from it: what htmx gets for a new order."""
    context = {
        **_page(curator, edition),
        **draft_of(edition),
        "dropped": edition.entries.filter(dropped_at__isnull=False).select_related("profile"),
        "outgoing": outgoing(edition, list(curator.community.channels.order_by("pk"))),
        "refused": refused,
        "typed": request.POST.dict() if refused else {},
        "swapped": True,
    }
    return render(request, "desk/ordered.html", context, status=409 if refused else 200)


def draft_of(edition: Edition) -> dict[str, Any]:
    """The list, and who stands in reserve behind it."""
    return {
        "lines": lines(edition, viewer=Viewer.MEMBER, purpose=Purpose.PAGE),
        "reserve": edition.entries.on_the_draft().filter(reserve=True).select_related("profile"),
    }


def outgoing(edition: Edition, channels: list[Channel]) -> list[Outgoing]:
    """What each channel would post of a draft now; the list is read once for all of them."""
    if edition.state != Edition.State.READY or not channels:
        return []
    entries: list[Entry] = the_list(edition)
    alt = share_alt(as_published(edition))
    return [Outgoing(each, preview(edition, each, entries=entries), _alt_on(each, alt)) for each in channels]


def read(essay: str) -> dict[str, Any]:
    """An essay to be shown as it will be read, and how many words it has."""
    return {"essay": essay, "words": len(_WORD.findall(essay))}


def _alt_on(channel: Channel, alt: str) -> str:
    """The picture's words as this channel takes them; none where it takes no pictures."""
    if not channel.limits.get("images"):
        return ""
    most = channel.limits.get("alt_length")
    return clean_text(alt, most) if most else alt


def _page(curator: Membership, edition: Edition) -> dict[str, Any]:
    return {"community": curator.community, "curator": curator, "edition": edition}


def _fares(curator: Membership, edition: Edition, at: datetime) -> dict[str, Any]:
    deliveries = deliveries_of(edition)
    found = sendings(deliveries, curator.community, at)
    return {"deliveries": deliveries, "sendings": found, "moving": moves(found)}


def _preview_of(edition: Edition) -> dict[str, str]:
    """What the essay's box needs to show it as it will be read; the markup is made on the server."""
    return {
        "hx-post": reverse("desk_essay", args=[edition.community.slug, edition.week]),
        "hx-trigger": "input changed delay:600ms",
        "hx-target": "#essay-preview",
        "hx-swap": "outerHTML",
        "hx-sync": "this:replace",
        "aria-describedby": "essay-words",
    }
