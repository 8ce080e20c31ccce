"""What a view may assume about who is asking: signed in, a member, a curator."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404

from accounts.models import User
from recommendations.models import Community, Membership

View = Callable[..., HttpResponseBase]


class MemberRequest(HttpRequest):
    """A request of somebody signed in."""

    user: User


def community_or_404(slug: str) -> Community:
    """The community at an address."""
    return get_object_or_404(Community.objects.select_related("gathering"), slug=slug)


def curators_only(view: Callable[Concatenate[HttpRequest, Membership, ...], HttpResponseBase]) -> View:
    """Call the view with the curator's membership in place of the slug; 404 and 403 for everybody else."""

    @wraps(view)
    @login_required
    def checked(request: HttpRequest, slug: str, **arguments: Any) -> HttpResponseBase:
        community = community_or_404(slug)
        membership = community.membership_of(request.user)
        if membership is None or not membership.is_curator:
            raise PermissionDenied("This desk belongs to the community's curators.")
        membership.community = community
        return view(request, membership, **arguments)

    return checked
