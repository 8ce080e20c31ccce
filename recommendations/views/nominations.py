"""Nominate, say it better, withdraw, vote."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from recommendations import tasks
from recommendations.actions import Refused
from recommendations.actions import nominate as nominating
from recommendations.actions import vote as voting
from recommendations.forms import NominationForm, ReasonForm
from recommendations.models import Nomination, Vote
from recommendations.models.board import card_for, current_edition
from recommendations.models.nomination import BALLOT_SIZE
from recommendations.views.access import MemberRequest, community_or_404, patient, signed_in


@login_required
@require_http_methods(["GET", "POST"])
def nominate(request: MemberRequest, slug: str) -> HttpResponse:
    """Who should we follow, and why?"""
    community = community_or_404(slug)
    edition = current_edition(community)
    form = NominationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            if edition is None:
                raise Refused(_("There is no open board just now. Look in again in a minute."))
            edition.community = community
            outcome = nominating.nominate(
                by=request.user, edition=edition, handle=form.parsed, reason=form.cleaned_data["reason"]
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
    context = {
        "community": community,
        "edition": edition,
        "form": form,
        "membership": community.membership_of(request.user),
    }
    return patient(render(request, "nominations/nominate.html", context, status=422 if form.errors else 200), form)


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """Say it better, while the board is open."""
    nomination = _nomination(slug, pk)
    form = ReasonForm(request.POST or None, initial={"reason": nomination.reason})
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
    nomination = _nomination(slug, pk)
    try:
        stays = nominating.withdraw(by=request.user, nomination=nomination)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            _("Withdrawn. They stay on the board, because others spoke for them too.") if stays else _("Withdrawn."),
        )
    return redirect("board", slug=slug)


@require_POST
@signed_in
def vote(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """Give a vote (`give`), with a reason if there is one, or take it back (`take_back`).

    htmx gets the card and how many votes are left, everybody else is led back to the card.
    """
    nomination = _nomination(slug, pk)
    form = ReasonForm(request.POST)
    try:
        if request.POST.get("deed") == "take_back":
            voting.take_back(by=request.user, nomination=nomination)
        elif form.is_valid():
            voting.approve(by=request.user, nomination=nomination, reason=form.cleaned_data["reason"])
    except Refused as refusal:
        form.is_valid()
        form.refuse(refusal)
    if getattr(request, "htmx", False):
        given = Vote.objects.ballot(nomination.edition, request.user).count()
        context = {
            "community": nomination.edition.community,
            "card": card_for(nomination, request.user),
            "form": form,
            "votes_left": max(0, BALLOT_SIZE - given),
        }
        return patient(render(request, "nominations/voted.html", context, status=422 if form.errors else 200), form)
    if not form.errors:
        return redirect(f"{nomination.edition.community.get_absolute_url()}#nomination-{pk}")
    context = {
        "community": nomination.edition.community,
        "nomination": nomination,
        "form": form,
        "seconding": True,
    }
    return patient(render(request, "nominations/edit.html", context, status=422), form)


def _nomination(slug: str, pk: int) -> Nomination:
    return get_object_or_404(
        Nomination.objects.select_related("edition__community", "profile", "nominator"),
        pk=pk,
        edition__community__slug=slug,
    )
