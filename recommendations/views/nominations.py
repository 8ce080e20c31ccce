"""Nominate, see beforehand whom a handle means, say it better, withdraw."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from recommendations import tasks
from recommendations.actions import Refused
from recommendations.actions import nominate as nominating
from recommendations.actions.peek import peek as look_at
from recommendations.forms import NominationForm, ReasonForm, WhomForm
from recommendations.models import Community, Edition
from recommendations.models.board import current_edition, may_edit
from recommendations.views.access import MemberRequest, community_or_404, own_nomination_or_404, patient, signed_in


@login_required
@require_http_methods(["GET", "POST"])
def nominate(request: MemberRequest, slug: str) -> HttpResponse:
    """Who should we follow, and why?"""
    community = community_or_404(slug)
    form = NominationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            outcome = nominating.nominate(
                by=request.user,
                edition=_open_edition(community),
                handle=form.parsed,
                reason=form.cleaned_data["reason"],
            )
        except Refused as refusal:
            form.refuse(refusal)
        else:
            profile = outcome.nomination.profile
            tasks.nudge(tasks.avatar_one, profile.pk)
            if outcome.seconded:
                messages.success(
                    request, _("%(name)s is on the board already: your reason seconds them.") % {"name": profile.title}
                )
            else:
                messages.success(request, _("%(name)s is on the board. Thank you.") % {"name": profile.title})
            return redirect("board", slug=slug)
    membership = community.membership_of(request.user)
    context = {
        "community": community,
        "form": form,
        "membership": membership,
        "suspended_until": membership.reads_only_until(timezone.now()) if membership else None,
    }
    return patient(render(request, "nominations/nominate.html", context, status=422 if form.errors else 200), form)


@require_POST
def peek(request: HttpRequest, slug: str) -> HttpResponse:
    """Whom the handle in the box means, for somebody who is still typing: a piece of the page, for htmx.

    POST, so that what is typed stands in no log; yet nothing is written. 403 and 429 say so in the same place.
    """
    community = community_or_404(slug)
    form = WhomForm(request.POST)
    context: dict[str, Any] = {"community": community}
    status = 200
    try:
        if not isinstance(request.user, User):
            raise Refused(_("You are not signed in any more."))
        if form.is_valid():
            context["peek"] = look_at(by=request.user, edition=_open_edition(community), handle=form.parsed)
        else:
            context["unreadable"] = form.errors["handle"] if form.data.get("handle") and "handle" in form.errors else []
    except Refused as refusal:
        form.is_valid()
        form.refuse(refusal)
        context["refusal"] = str(refusal)
        status = 403
    return patient(render(request, "nominations/peek.html", context, status=status), form)


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """Say it better, while the board is open; for the nominator alone, who must still be a member.

    A reason that was taken away is not shown to them either, nor changed: they may withdraw the nomination. Where the
    person it is about has declined there is no such page.
    """
    nomination = own_nomination_or_404(slug, pk, request.user)
    if not may_edit(nomination, request.user):
        raise Http404
    form = ReasonForm(request.POST or None, initial={"reason": nomination.reason if nomination.is_readable else ""})
    if request.method == "POST" and form.is_valid():
        try:
            nominating.edit_reason(by=request.user, nomination=nomination, reason=form.cleaned_data["reason"])
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Your reason has been changed."))
            return redirect("board", slug=slug)
    context = {"community": nomination.edition.community, "nomination": nomination, "form": form}
    return render(request, "nominations/edit.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def withdraw(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """Take a nomination back."""
    nomination = own_nomination_or_404(slug, pk, request.user)
    try:
        stays = nominating.withdraw(by=request.user, nomination=nomination)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            _("Withdrawn. They stay on the board, because others said why, too.") if stays else _("Withdrawn."),
        )
    return redirect("board", slug=slug)


def _open_edition(community: Community) -> Edition:
    """The edition whose board takes nominations, now or next. Raises Refused."""
    edition = current_edition(community)
    if edition is None:
        raise Refused(_("There is no open board just now. Look in again in a minute."))
    edition.community = community
    return edition
