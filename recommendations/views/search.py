"""Search, and the page of a hashtag."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from recommendations import terms
from recommendations.consent import Viewer
from recommendations.models import search as searching
from recommendations.models.search import Found, Query
from recommendations.page_cache import cache_page_for

LONGEST = 200  # characters of what is looked for
PER_PAGE, BESIDE = 20, 5


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """People, editions and communities by words; near ones where nobody has exactly those."""
    text = typed(request)
    return _page(request, searching.search(text), text=text)


def typed(request: HttpRequest) -> str:
    """What is looked for (`?q=`), as much of it as is read."""
    return request.GET.get("q", "")[:LONGEST].replace("\x00", "").strip()


@require_GET
@cache_page_for(600)
def tag(request: HttpRequest, name: str) -> HttpResponse:
    """Everything with a hashtag. There is one address for each, however it is written."""
    plain = terms.folded(name)
    if not plain or f"#{plain}" not in terms.terms(f"#{plain}"):
        raise Http404
    if plain != name:
        return redirect("tag", plain, permanent=True)
    return _page(request, searching.find(Query([f"#{plain}"])), tag=plain)


def _page(request: HttpRequest, found: Found, *, text: str = "", tag: str = "") -> HttpResponse:
    viewer = Viewer.MEMBER if request.user.is_authenticated else Viewer.PUBLIC
    page = Paginator(found.people, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "site/search.html",
        {
            "text": text,
            "tag": tag,
            "query": found.query,
            "page": page,
            "people": searching.shown(list(page.object_list), found.query, viewer=viewer),
            "editions": searching.editions(found.editions[:BESIDE]),
            "communities": searching.communities(found.communities[:BESIDE]),
        },
    )
