"""The community's people, as its curators see them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from recommendations.actions import Refused
from recommendations.actions import join as joining
from recommendations.models import Membership
from recommendations.models.state import IllegalMove, Overtaken
from recommendations.views.access import curators_only, number

MOST = 1000


@require_GET
@curators_only
def members(request: HttpRequest, curator: Membership) -> HttpResponse:
    """Everybody, those who wait first."""
    people = curator.community.memberships.select_related("user").order_by("-state", "user__display_name")[:MOST]
    return render(
        request,
        "desk/members.html",
        {
            "community": curator.community,
            "curator": curator,
            "members": people,
            "invitations": curator.community.invitations.filter(uses_left__gt=0),
        },
    )


@require_POST
@curators_only
def change(request: HttpRequest, curator: Membership, pk: int) -> HttpResponse:
    """Admit, ban, or give a role (`deed`: admit, ban, member, curator, owner)."""
    membership = get_object_or_404(Membership, pk=pk, community=curator.community)
    deed = request.POST.get("deed", "")
    try:
        if deed == "admit":
            joining.admit(membership=membership, by=curator)
        elif deed == "ban":
            joining.ban(membership=membership, by=curator, reason=request.POST.get("reason", ""))
        elif deed in Membership.Role.values:
            joining.give_role(membership=membership, role=deed, by=curator)
        else:
            raise Refused(_("We did not understand what should be done."))
        messages.success(request, _("Done."))
    except (Refused, IllegalMove, Overtaken) as refusal:
        messages.error(request, str(refusal) if isinstance(refusal, Refused) else _("That is no longer possible."))
    return redirect("members", slug=curator.community.slug)


@require_POST
@curators_only
def invite(request: HttpRequest, curator: Membership) -> HttpResponse:
    """Make an invitation link."""
    uses = number(request.POST.get("uses", ""))
    invitation = joining.invite(by=curator, uses=min(500, uses) or 1)
    link = request.build_absolute_uri(reverse("join_by_invitation", args=[curator.community.slug, invitation.code]))
    messages.success(request, _("Send them this link: %(link)s") % {"link": link})
    return redirect("members", slug=curator.community.slug)
