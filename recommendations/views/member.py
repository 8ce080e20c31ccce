"""A member's page for others: whom they recommended and why; and the switch for it on "My page"."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.forms import PageForm
from accounts.models import LinkedHandle, User
from recommendations import handles
from recommendations.actions.introduce import introduce
from recommendations.consent import Viewer
from recommendations.models.recommended import given, is_sent_away, people_in, recommended_by, where
from recommendations.page_cache import cache_page_for
from recommendations.views.access import MemberRequest

PER_PAGE = 30


@require_GET
@cache_page_for(600)
def member(request: HttpRequest, username: str) -> HttpResponse:
    """Whom they recommended, the newest first; in one community with `?in=` its slug. 404 where there is no page."""
    if "\0" in username:  # no database has such a name, and one of them may not even be asked
        raise Http404
    author = get_object_or_404(User, username=username)
    if not author.has_page:
        raise Http404
    viewer = Viewer.MEMBER if request.user.is_authenticated else Viewer.PUBLIC
    quotes = recommended_by(author, viewer=viewer)
    communities = where(quotes)
    if not communities and is_sent_away(author):
        raise Http404
    chosen = next((each.community for each in communities if each.community.slug == request.GET.get("in")), None)
    listed = quotes.filter(entry__edition__community=chosen) if chosen else quotes
    whole = listed.select_related("entry__profile", "entry__edition__community")
    page = Paginator(whole, PER_PAGE).get_page(request.GET.get("page"))
    linked = LinkedHandle.objects.filter(user=author, proven_at__isnull=False).order_by("pk")
    proven = [(each.handle, handles.page_url(each.handle)) for each in linked] if author.shows_handles else []
    found = author.page == User.Page.FOUND and bool(communities)
    context = {
        "author": author,
        "people": people_in(quotes),
        "where": communities,
        "chosen": chosen,
        "page": page,
        "given": given(page.object_list, viewer=viewer),
        "handles": proven,
        "structured": _structured(author, [url for _handle, url in proven]) if found else None,
    }
    return render(request, "members/member.html", context)


@login_required
@require_POST
def change_page(request: MemberRequest) -> HttpResponse:
    """Say whether there is one, and what it tells."""
    form = PageForm(request.POST, instance=request.user)
    if form.is_valid():
        introduce(user=request.user, **form.cleaned_data)
        messages.success(request, _("Kept."))
    else:
        messages.error(request, _("Choose one of the three, please."))
    return redirect("me")


def _structured(author: User, elsewhere: list[str]) -> dict[str, Any]:
    """Who it is, for search engines (schema.org ProfilePage)."""
    url = settings.FF_BASE_URL + author.get_absolute_url()
    who: dict[str, Any] = {"@type": "Person", "name": str(author), "identifier": author.username, "url": url}
    if elsewhere:
        who["sameAs"] = elsewhere
    return {"@context": "https://schema.org", "@type": "ProfilePage", "url": url, "mainEntity": who}
