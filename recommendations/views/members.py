"""The community's people, as its curators see them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from recommendations.actions import Refused
from recommendations.actions import invite as inviting
from recommendations.actions import join as joining
from recommendations.community_forms import AskForm
from recommendations.double_submit import once_key
from recommendations.models import Invitation, Membership
from recommendations.models.state import IllegalMove, Overtaken
from recommendations.views.access import curators_only, number

MOST, MOST_USES = 1000, 500


@require_GET
@curators_only
def members(request: HttpRequest, curator: Membership) -> HttpResponse:
    """Everybody, those who wait first."""
    return _page(request, curator)


def _page(request: HttpRequest, curator: Membership, form: AskForm | None = None) -> HttpResponse:
    open_ones = curator.community.invitations.filter(uses_left__gt=0)
    people = curator.community.memberships.select_related("user").order_by("-state", "user__display_name")[:MOST]
    return render(
        request,
        "desk/members.html",
        {
            "community": curator.community,
            "curator": curator,
            "members": people,
            "invitations": open_ones.select_related("invited").order_by("pk"),
            "form": form or AskForm(),
        },
        status=422 if form else 200,
    )


@require_POST
@curators_only
def change(request: HttpRequest, curator: Membership, pk: int) -> HttpResponse:
    """Admit, ban, or give a role (`deed`: admit, ban, member, curator)."""
    membership = get_object_or_404(Membership, pk=pk, community=curator.community)
    deed = request.POST.get("deed", "")
    try:
        if deed == "admit":
            joining.admit(membership=membership, by=curator)
        elif deed == "ban":
            joining.ban(
                membership=membership,
                by=curator,
                reason=request.POST.get("reason", ""),
                for_fraud=request.POST.get("fraud") == "yes",
            )
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
    """Make a link that lets members in (`uses`), or one that makes its holder a curator (`role`)."""
    uses, role = number(request.POST.get("uses", "")), request.POST.get("role", Membership.Role.MEMBER)
    once = once_key(request)
    try:
        if role == Membership.Role.CURATOR:
            invitation = inviting.invite(by=curator, role=role, once=once)
        else:
            invitation = inviting.invite(by=curator, uses=min(MOST_USES, uses) or 1, once=once)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        link = request.build_absolute_uri(reverse("join_by_invitation", args=[curator.community.slug, invitation.code]))
        messages.success(request, _("Send them this link: %(link)s") % {"link": link})
    return redirect("members", slug=curator.community.slug)


@require_POST
@curators_only
def ask_curator(request: HttpRequest, curator: Membership) -> HttpResponse:
    """Ask somebody, by name, to curate: they hear of it, and say yes themselves."""
    form = AskForm(request.POST)
    if form.is_valid():
        try:
            asked = inviting.ask_to_curate(by=curator, name=form.cleaned_data["name"])
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("%(name)s has been asked.") % {"name": asked.invited})
            return redirect("members", slug=curator.community.slug)
    return _page(request, curator, form)


@require_POST
@curators_only
def take_back(request: HttpRequest, curator: Membership, pk: int) -> HttpResponse:
    """Nobody comes in by this invitation any more."""
    invitation = get_object_or_404(Invitation, pk=pk, community=curator.community)
    try:
        inviting.take_back(invitation=invitation, by=curator)
        messages.success(request, _("Nobody comes in by it any more."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("members", slug=curator.community.slug)
