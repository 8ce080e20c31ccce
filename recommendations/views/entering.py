"""Found a community, join one, leave it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from recommendations.actions import Refused
from recommendations.actions import join as joining
from recommendations.community_forms import CommunityForm, JoinForm
from recommendations.double_submit import once_key
from recommendations.models import Community, Membership
from recommendations.models.naming import free_slug, hashtag_of
from recommendations.views.access import MemberRequest, community_or_404, signed_in


@login_required
@require_http_methods(["GET", "POST"])
def new(request: MemberRequest) -> HttpResponse:
    """Found a community. htmx gets the address and the hashtag that are proposed for a name."""
    if request.method == "GET" and "name" in request.GET:
        shown = _proposed(request.GET)
        return render(request, "communities/called.html", {"form": CommunityForm(initial=shown), "proposed": shown})
    form = CommunityForm(request.POST or None)
    name = form.fields["name"].widget
    name.attrs |= {"hx-get": request.path, "hx-trigger": "input changed delay:400ms"}
    name.attrs |= {"hx-target": "#called", "hx-include": "#called", "hx-swap": "outerHTML", "hx-sync": "this:replace"}
    if form.is_valid():
        fields = form.cleaned_data | {"time_zone": request.user.time_zone, "language": get_language() or "en"}
        try:
            community = joining.found(by=request.user, once=once_key(request), **fields)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("It's there. Nominate somebody, so that nobody meets an empty board."))
            return redirect("begin", slug=community.slug)
    proposed = {name: request.POST.get(name, "") for name in ("proposed_slug", "proposed_hashtag")}
    context = {"form": form, "proposed": proposed}
    return render(request, "communities/new.html", context, status=422 if form.errors else 200)


def _proposed(typed: QueryDict) -> dict[str, str]:
    """Address and hashtag for a name; what somebody has typed themselves stays."""
    name = typed.get("name", "")[:80]
    proposals = {"slug": free_slug(name), "hashtag": hashtag_of(name)}
    kept = {each: typed.get(each, "")[:100] for each in proposals}
    mine = {each: text for each, text in kept.items() if text and text != typed.get(f"proposed_{each}", "")}
    return proposals | mine | {f"proposed_{each}": text for each, text in proposals.items()}


@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, slug: str, code: str = "") -> HttpResponse:
    """Agree to the values and become a member."""
    community = community_or_404(slug)
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not request.user.is_authenticated:
            return redirect("account_login")
        try:
            membership = joining.join(community=community, user=request.user, code=code, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            if membership.is_curator:
                messages.success(request, _("Welcome to the desk of %(community)s.") % {"community": community})
                return redirect("desk", slug=slug)
            if membership.is_active:
                messages.success(request, _("Welcome to %(community)s.") % {"community": community})
            else:
                messages.info(request, _("You've asked to join. A curator will answer."))
            return redirect("board", slug=slug)
    context = {
        "community": community,
        "form": form,
        "code": code,
        "membership": community.membership_of(request.user),
        "to_curate": _asked_to_curate(community, request, code),
    }
    return render(request, "communities/join.html", context, status=422 if form.errors else 200)


def _asked_to_curate(community: Community, request: HttpRequest, code: str) -> bool:
    """Whether this link makes them a curator. What is for somebody else, or used up, makes nobody anything."""
    if not code or not request.user.is_authenticated:
        return False
    theirs = Q(invited=None) | Q(invited=request.user)
    found = community.invitations.filter(theirs, code=code, uses_left__gt=0, role=Membership.Role.CURATOR)
    return found.exists()


@require_POST
@signed_in
def leave(request: MemberRequest, slug: str) -> HttpResponse:
    """Leave a community."""
    community = community_or_404(slug)
    membership = community.membership_of(request.user)
    if membership is not None and membership.is_active:
        try:
            joining.leave(membership=membership)
            messages.success(
                request, _("You have left %(community)s. What you said there stays.") % {"community": community}
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
    return redirect("board", slug=slug)
