"""A person's page: what was said of them, in the communities that may show it; and following them from one's server."""

from urllib.parse import urlsplit

from allauth.core import ratelimit
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.asking import RATE
from accounts.forms import MastodonDoorForm
from recommendations import handles
from recommendations.actions import Refused
from recommendations.actions.lead_home import lead_home
from recommendations.charts import bars, width_of
from recommendations.consent import Viewer
from recommendations.handles import Network
from recommendations.models import Entry, Profile
from recommendations.models.portrait import weeks_of
from recommendations.models.reading import published_about
from recommendations.page_cache import cache_page_for

REMEMBERED = 365 * 24 * 3600  # seconds that a browser keeps the server its reader came from


@require_GET
@cache_page_for(600)
def person(request: HttpRequest, network: str, address: str) -> HttpResponse:
    """Everything published about a profile. An old address redirects; nobody is shown against their will."""
    profile, entries = _shown(request, network, address)
    if profile.get_absolute_url() != request.path:
        return redirect(profile, permanent=True)
    weeks = weeks_of(entries, now=timezone.now())
    context = {
        "profile": profile,
        "entries": entries,
        "bars": bars(weeks),
        "chart_width": width_of(weeks),
        "weeks": len(weeks),
        "recommended": sum(1 for number in weeks if number),
    }
    return render(request, "people/person.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def follow(request: HttpRequest, network: str, address: str) -> HttpResponse:
    """Follow somebody of the fediverse from one's own server: which one, and then there. Its host alone is remembered.

    The answer is a page that leads there and shows where; never a redirect to wherever somebody typed.
    """
    profile, _entries = _shown(request, network, address)
    if profile.network != Network.MASTODON:
        raise Http404
    context = {"profile": profile, "known": _known_server(request), "form": MastodonDoorForm()}
    if request.method == "GET":
        return render(request, "people/follow.html", context)
    form = context["form"] = MastodonDoorForm(request.POST)
    if not form.is_valid():
        return render(request, "people/follow.html", context, status=422)
    if not ratelimit.consume(request, action=RATE):
        form.add_error("mastodon", _("That was often in a short time. Please wait a minute, then try again."))
        return render(request, "people/follow.html", context, status=429)
    try:
        way = lead_home(profile=profile, reader=form.who)
    except Refused as refusal:
        form.add_error("mastodon", str(refusal))
        return render(request, "people/follow.html", context, status=422)
    there = {"profile": profile, "way": way, "host": urlsplit(way.url).netloc}
    response = render(request, "people/onward.html", there)
    if not way.trouble:
        _remember(response, way.server)
    return response


def _remember(response: HttpResponse, server: str) -> None:
    response.set_cookie(
        settings.FF_SERVER_COOKIE_NAME,
        server,
        max_age=REMEMBERED,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _known_server(request: HttpRequest) -> str:
    """The server this browser came from before, if that is one."""
    try:
        return handles.ascii_host(request.COOKIES.get(settings.FF_SERVER_COOKIE_NAME, ""))
    except handles.Unreadable:
        return ""


def _shown(request: HttpRequest, network: str, address: str) -> tuple[Profile, list[Entry]]:
    """Who is, was, or has gone from that address, and what of them this reader may see; 404 where there is nothing."""
    try:
        handle = handles.parse(address, Network(network))
    except ValueError as error:
        raise Http404 from error
    profile = Profile.objects.at(handle).first()
    if profile is None:
        profile = Profile.objects.formerly_at(handle).first()
        if profile is None:
            raise Http404
    viewer = Viewer.MEMBER if request.user.is_authenticated else Viewer.PUBLIC
    entries = published_about(profile, viewer=viewer)
    if not entries and profile.moved_to:
        profile = profile.moved_to
        entries = published_about(profile, viewer=viewer)
    if not entries:
        raise Http404
    return profile, entries
