"""Communities: find one, found one, its board, joining and leaving."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from recommendations.actions import Refused
from recommendations.actions import join as joining
from recommendations.forms import CommunityForm, JoinForm
from recommendations.models import Community, Edition
from recommendations.models.board import board_for
from recommendations.page_cache import cache_page_for
from recommendations.views.access import MemberRequest, community_or_404, signed_in


@require_GET
@cache_page_for(300)
def index(request: HttpRequest) -> HttpResponse:
    """All communities, by name."""
    return render(request, "communities/index.html", {"communities": Community.objects.all()[:500]})


@login_required
@require_http_methods(["GET", "POST"])
def new(request: MemberRequest) -> HttpResponse:
    """Found a community."""
    form = CommunityForm(request.POST or None, initial={"time_zone": request.user.time_zone})
    if form.is_valid():
        try:
            community = joining.found(by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("It's there. Nominate somebody, so that nobody meets an empty board."))
            return redirect("board", slug=community.slug)
    return render(request, "communities/new.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@cache_page_for(30)
def board(request: HttpRequest, slug: str) -> HttpResponse:
    """A community's own page: this week's board, and what came before."""
    community = community_or_404(slug)
    membership = community.membership_of(request.user)
    now = timezone.now()
    gathering = getattr(community, "gathering", None)
    latest = list(Edition.objects.published().filter(community=community)[:5])
    return render(
        request,
        "communities/board.html",
        {
            "community": community,
            "membership": membership,
            "board": board_for(community, membership, now),
            "latest": latest,
            "gathering": gathering,
            "gathering_at": gathering.next_after(now) if gathering else None,
        },
    )


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
    }
    return render(request, "communities/join.html", context, status=422 if form.errors else 200)


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
