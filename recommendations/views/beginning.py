"""The first steps of a new community: each can be taken as it is proposed, by one press, or put away with the rest."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from recommendations.actions import Refused
from recommendations.actions.begin import put_away, take, usual_values
from recommendations.models import Membership
from recommendations.models.beginning import beginning
from recommendations.models.board import current_edition
from recommendations.views.access import curators_only


@require_http_methods(["GET", "POST"])
@curators_only
def begin(request: HttpRequest, curator: Membership) -> HttpResponse:
    """What is to be thought of, and what is done already (`step` to take one, `put_away` for all)."""
    community = curator.community
    if request.method == "POST":
        try:
            if "put_away" in request.POST:
                put_away(by=curator)
                return redirect("desk", slug=community.slug)
            take(step=request.POST.get("step", ""), by=curator)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Good, that is settled."))
        return redirect("begin", slug=community.slug)
    edition = current_edition(community)
    context = {
        "community": community,
        "curator": curator,
        "beginning": beginning(community),
        "usual_values": usual_values(community.language),
        "invitations": community.invitations.filter(uses_left__gt=0, role=Membership.Role.MEMBER).order_by("pk"),
        "edition": edition,
        "is_open": edition is not None and edition.takes_ballots(timezone.now()),
    }
    return render(request, "desk/begin.html", context)
