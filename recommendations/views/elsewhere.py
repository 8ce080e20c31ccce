"""What machines and other sites read of ours: robots, the sitemap, the web app's manifest, embeds and oEmbed."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_GET

from accounts.models import User
from recommendations.consent import Policy, Purpose, Viewer
from recommendations.models import Community, Edition, Entry, Profile
from recommendations.models.reading import lines
from recommendations.models.recommended import found_members
from recommendations.page_cache import cache_page_for
from recommendations.views.access import edition_or_404

ROBOTS = "User-agent: *\nDisallow: /me/\nDisallow: /desk/\nDisallow: /accounts/\nDisallow: /search/\nDisallow: /api/\n"
WIDTH, HEIGHT = 480, 640  # pixels of an embed, where a site asks for no other
SMALLEST, LARGEST = 240, 1_200


@require_GET
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may leave alone, and where the sitemap is."""
    return HttpResponse(f"{ROBOTS}Sitemap: {settings.FF_BASE_URL}{reverse('sitemap')}\n", content_type="text/plain")


@require_GET
def manifest(request: HttpRequest) -> JsonResponse:
    """So that the site can be put on a phone's first screen."""
    icons = [
        {"src": static("icon.svg"), "type": "image/svg+xml", "sizes": "any"},
        {"src": static("icon-180.png"), "type": "image/png", "sizes": "180x180"},
    ]
    told = {"name": "Follow Friday", "start_url": "/", "display": "minimal-ui", "icons": icons}
    return JsonResponse(told, content_type="application/manifest+json")


@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"], "script-src": ["'none'"]})
@require_GET
@cache_page_for(3600)
def embed(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """An edition for a frame on another site: no script, nothing personal; links lead out of the frame."""
    edition = edition_or_404(slug, number)
    listed = lines(edition, viewer=Viewer.PUBLIC, purpose=Purpose.PAGE)
    context = {"community": edition.community, "edition": edition, "lines": listed}
    response = render(request, "editions/embed.html", context)
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_GET
def oembed(request: HttpRequest) -> HttpResponse:
    """How to show an edition elsewhere (oembed.com, 2.3.4.4): a frame. 404 for other addresses, 501 for XML."""
    if request.GET.get("format", "json") != "json":
        return HttpResponse("Only JSON, please.", status=501, content_type="text/plain")
    edition = _edition_at(request.GET.get("url", ""))
    width, height = _size(request, "maxwidth", WIDTH), _size(request, "maxheight", HEIGHT)
    told: dict[str, Any] = {
        "version": "1.0",
        "type": "rich",
        "title": _title(edition),
        "author_name": edition.community.name,
        "author_url": settings.FF_BASE_URL + edition.community.get_absolute_url(),
        "provider_name": "Follow Friday",
        "provider_url": settings.FF_BASE_URL,
        "width": width,
        "height": height,
        "html": frame_for(edition, width=width, height=height),
    }
    return JsonResponse(told, headers={"Access-Control-Allow-Origin": "*"})


def frame_for(edition: Edition, *, width: int = WIDTH, height: int = HEIGHT) -> str:
    """The HTML with which another site shows an edition."""
    src = settings.FF_BASE_URL + reverse("embed", args=[edition.community.slug, edition.number])
    context = {"src": src, "width": width, "height": height, "title": _title(edition)}
    return render_to_string("editions/frame.html", context).strip()


def oembed_url(edition: Edition) -> str:
    """Where `oembed` tells of an edition."""
    page = settings.FF_BASE_URL + edition.get_absolute_url()
    return f"{settings.FF_BASE_URL}{reverse('oembed')}?{urlencode({'url': page, 'format': 'json'})}"


def _title(edition: Edition) -> str:
    told = {"headline": edition.headline, "community": edition.community, "number": edition.number}
    return _("%(headline)s: %(community)s, No. %(number)d") % told


def _edition_at(url: str) -> Edition:
    try:
        asked, ours = urlsplit(url), urlsplit(settings.FF_BASE_URL)
        found = resolve(asked.path)
    except (ValueError, Resolver404) as error:
        raise Http404 from error
    if asked.netloc.lower() != ours.netloc.lower() or found.url_name != "edition":
        raise Http404
    return edition_or_404(found.kwargs["slug"], found.kwargs["number"])


def _size(request: HttpRequest, name: str, usual: int) -> int:
    asked = request.GET.get(name, "")
    most = int(asked) if asked.isdecimal() and len(asked) < 6 else usual
    return max(SMALLEST, min(usual, most, LARGEST))


class Pages(Sitemap):
    """Those that are always there."""

    def items(self) -> list[str]:
        """Their names."""
        return ["home", "communities", "site_feeds", "how_we_rank"]

    def location(self, item: str) -> str:
        """Where they are."""
        return reverse(item)


class Communities(Sitemap):
    """Their boards."""

    changefreq = "daily"

    def items(self) -> QuerySet[Community]:
        """All of them."""
        return Community.objects.order_by("pk")


class Editions(Sitemap):
    """What is out."""

    def items(self) -> QuerySet[Edition]:
        """All of them."""
        return Edition.objects.published().select_related("community").order_by("pk")

    def lastmod(self, item: Edition) -> Any:
        """When its page changed."""
        return item.updated_at


class People(Sitemap):
    """Whom everybody may see."""

    def items(self) -> QuerySet[Profile]:
        """Those who stand in an edition, wish to, and are not for members alone."""
        out = Entry.objects.present().filter(edition__state=Edition.State.PUBLISHED)
        there = Profile.objects.listable(Policy.OPEN).filter(members_only=False, pk__in=out.values("profile"))
        return there.defer("bio").order_by("pk")


class Members(Sitemap):
    """Whose page may be found."""

    def items(self) -> QuerySet[User]:
        """Those who wish it, and have recommended somebody."""
        return found_members()


SITEMAPS = {"pages": Pages, "communities": Communities, "editions": Editions, "people": People, "members": Members}
