"""An edition's people, or the whole crew, as files: for Mastodon's import, as JSON, and as an ActivityPub collection.

Only people whom everybody may see.
"""

import csv
from collections.abc import Sequence
from typing import Any, Protocol

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from recommendations.actions.compose import edition_url
from recommendations.consent import Purpose, Viewer
from recommendations.handles import Network
from recommendations.models import Community, Edition, Entry, NativeList, Profile, Quote
from recommendations.models.crew import crew, featured
from recommendations.models.reading import lines
from recommendations.page_cache import cache_page_for
from recommendations.views.access import community_or_404, edition_or_404

KEEP = 3600
ACTIVITY = "application/activity+json"
MASTODON_HEADER = ["Account address", "Show boosts", "Notify on new posts", "Languages"]  # its own, as is the file name


class Somebody(Protocol):
    """A line of an edition, or one of the crew."""

    @property
    def profile(self) -> Profile:
        """Who."""
        ...

    @property
    def entry(self) -> Entry:
        """Where they were listed."""
        ...

    @property
    def quotes(self) -> list[Quote]:
        """Why."""
        ...


@require_safe
@cache_page_for(KEEP)
def edition_csv(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """An edition's people for Mastodon's import."""
    return _csv(_listed(edition_or_404(slug, number)), f"{slug}-{number}")


@require_safe
@cache_page_for(KEEP)
def edition_json(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """An edition's people with handles, addresses and reasons."""
    edition = edition_or_404(slug, number)
    about = {"title": edition.headline, "url": edition_url(edition), "number": edition.number}
    return _json(about, edition.community, _listed(edition), edition)


@require_safe
@cache_page_for(KEEP)
def edition_collection(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """An edition's people in the fediverse."""
    edition = edition_or_404(slug, number)
    return _collection(request, edition.headline, _listed(edition))


@require_safe
@cache_page_for(KEEP)
def crew_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """The whole crew for Mastodon's import."""
    return _csv(_featured(community_or_404(slug)), slug)


@require_safe
@cache_page_for(KEEP)
def crew_json(request: HttpRequest, slug: str) -> HttpResponse:
    """The whole crew with handles, addresses, and the reasons given last."""
    community = community_or_404(slug)
    about = {"title": f"{community}: the whole crew", "url": f"{settings.FF_BASE_URL}/c/{slug}/crew/"}
    return _json(about, community, _featured(community), None)


@require_safe
@cache_page_for(KEEP)
def crew_collection(request: HttpRequest, slug: str) -> HttpResponse:
    """The whole crew in the fediverse."""
    community = community_or_404(slug)
    return _collection(request, f"{community}: the whole crew", _featured(community))


def _listed(edition: Edition) -> list[Somebody]:
    return [line for line in lines(edition, viewer=Viewer.PUBLIC, purpose=Purpose.FEED) if line.shown]


def _featured(community: Community) -> list[Somebody]:
    return [*featured(community, crew(community), viewer=Viewer.PUBLIC, purpose=Purpose.FEED)]


def _csv(people: Sequence[Somebody], name: str) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="following_accounts-{name}.csv"'
    writer = csv.writer(response)
    writer.writerow(MASTODON_HEADER)
    for each in people:
        if each.profile.network == Network.MASTODON:
            writer.writerow([each.profile.handle.address, "true", "false", ""])
    return _fresh(response)


def _json(
    about: dict[str, Any], community: Community, people: Sequence[Somebody], edition: Edition | None
) -> HttpResponse:
    packs = NativeList.objects.standing().filter(channel__community=community, edition=edition).order_by("pk")
    return _fresh(
        JsonResponse(
            {
                **about,
                "community": str(community),
                "language": community.language,
                "starter_packs": list(packs.values_list("remote_url", flat=True)),
                "people": [_person(each) for each in people],
            }
        )
    )


def _person(each: Somebody) -> dict[str, Any]:
    profile = each.profile
    return {
        "name": profile.title,
        "network": profile.network,
        "handle": str(profile.handle),
        "uri": profile.uri,
        "url": profile.page_url,
        "page": f"{settings.FF_BASE_URL}{profile.get_absolute_url()}",
        "reasons": [{"text": quote.text, "by": str(quote.author or "")} for quote in each.quotes],
    }


def _collection(request: HttpRequest, name: str, people: Sequence[Somebody]) -> HttpResponse:
    """https://www.w3.org/TR/activitystreams-vocabulary/#dfn-orderedcollection; its items are actors' URIs."""
    actors = [each.profile.uri for each in people if each.profile.network == Network.MASTODON and each.profile.uri]
    collection = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": f"{settings.FF_BASE_URL}{request.path}",
        "type": "OrderedCollection",
        "name": name,
        "totalItems": len(actors),
        "orderedItems": actors,
    }
    return _fresh(JsonResponse(collection, content_type=ACTIVITY))


def _fresh(response: HttpResponse) -> HttpResponse:
    """Keep it, and ask whether it still holds: who declines is gone from it at once."""
    response["Cache-Control"] = "no-cache"
    return response
