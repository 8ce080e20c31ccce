"""Give a reason for someone on a draft who has none."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from recommendations.actions import Refused
from recommendations.actions import give_reason as giving
from recommendations.consent import Purpose, Viewer
from recommendations.forms import ReasonForm
from recommendations.models import Entry
from recommendations.views.access import MemberRequest, patient


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def give_reason(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """Ask the people who voted for an entry, and the curators, why to follow them. 404 for everyone else."""
    entry = get_object_or_404(
        Entry.objects.select_related("edition__community", "profile"), pk=pk, edition__community__slug=slug
    )
    community = entry.edition.community
    decision = entry.profile.decision(community.policy, Viewer.MEMBER, Purpose.PAGE)
    if not decision.allowed_for(Viewer.MEMBER) or not giving.may_give_reason(entry, request.user):
        raise Http404
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            giving.give_reason(entry=entry, by=request.user, reason=form.cleaned_data["reason"])
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Thank you. Your reason is on the list, with your name."))
            return redirect("board", slug=slug)
    context = {"community": community, "entry": entry, "form": form}
    return patient(render(request, "nominations/give_reason.html", context, status=422 if form.errors else 200), form)
