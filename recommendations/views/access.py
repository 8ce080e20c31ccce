"""What a view may assume about who is asking: signed in, a member, a curator."""

import math
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from recommendations.forms import RefusingForm
from recommendations.models import Community, Edition, Membership, Nomination
from recommendations.models.board import is_shown

View = Callable[..., HttpResponseBase]
_LONGEST = 18  # digits of a row's number, so that no database is asked for more than it can hold


class MemberRequest(HttpRequest):
    """A request of somebody signed in."""

    user: User


def community_or_404(slug: str) -> Community:
    """The community at an address."""
    return get_object_or_404(Community.objects.select_related("gathering"), slug=slug)


def edition_or_404(slug: str, number: int) -> Edition:
    """The published edition at an address."""
    return get_object_or_404(
        Edition.objects.published().select_related("community"), community__slug=slug, number=number
    )


def nomination_or_404(slug: str, pk: int, user: User) -> Nomination:
    """Return the nomination at an address, if this reader may see its card on the board."""
    found = _nomination(slug, pk)
    if not is_shown(found, user):
        raise Http404
    return found


def own_nomination_or_404(slug: str, pk: int, user: User) -> Nomination:
    """Return the reader's own nomination at an address, whatever has become of it since."""
    found = _nomination(slug, pk)
    if found.nominator_id != user.pk:
        raise Http404
    return found


def _nomination(slug: str, pk: int) -> Nomination:
    rows = Nomination.objects.select_related("edition__community", "profile", "nominator")
    return get_object_or_404(rows, pk=pk, edition__community__slug=slug)


def number(text: str) -> int:
    """The number typed or sent; 0 for whatever is none."""
    return int(text) if text.isdecimal() and len(text) <= _LONGEST else 0


def patient(response: HttpResponse, form: RefusingForm) -> HttpResponse:
    """The page of a form; 429 with Retry-After (RFC 6585, 4) where it was refused because it came too soon."""
    if form.again_at is not None:
        wait = (form.again_at - timezone.now()).total_seconds()
        response.status_code = 429
        response["Retry-After"] = str(max(1, math.ceil(wait)))
    return response


def to_sign_in(request: HttpRequest, back: str) -> HttpResponseBase:
    """Lead somebody who is not (or no longer) signed in there, and from there `back`, a page that can be read.

    A whole page, also when htmx asked for a piece of one.
    """
    response = redirect_to_login(back)
    if getattr(request, "htmx", False):
        return HttpResponse(headers={"HX-Redirect": response.url})
    return response


def signed_in(view: View) -> View:
    """For deeds within a community: whoever is not signed in is led to do so, and then to the board."""

    @wraps(view)
    def checked(request: HttpRequest, slug: str, **arguments: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_sign_in(request, reverse("board", args=[slug]))
        return view(request, slug, **arguments)

    return checked


def curators_only(view: Callable[Concatenate[HttpRequest, Membership, ...], HttpResponseBase]) -> View:
    """Call the view with the curator's membership in place of the slug; 404 and 403 for everybody else."""

    @wraps(view)
    def checked(request: HttpRequest, slug: str, **arguments: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_sign_in(request, request.path if request.method == "GET" else reverse("desk", args=[slug]))
        community = community_or_404(slug)
        membership = community.membership_of(request.user)
        if membership is None or not membership.is_curator:
            raise PermissionDenied(_("This desk belongs to the community's curators."))
        membership.community = community
        return view(request, membership, **arguments)

    return checked
