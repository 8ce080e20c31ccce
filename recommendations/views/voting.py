"""Vote, second, take it back."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from recommendations.actions import Refused
from recommendations.actions import vote as voting
from recommendations.forms import ReasonForm
from recommendations.models.board import ballot_for, card_for, voters
from recommendations.views.access import MemberRequest, nomination_or_404, patient, signed_in


@require_POST
@signed_in
def vote(request: MemberRequest, slug: str, pk: int) -> HttpResponse:
    """Give a vote that is secret (`give`), one with a reason (`second`), or take it back (`take_back`).

    What stands in the box beside a vote that is secret stays there and is told to no one. htmx gets the card and the
    ballot, everybody else is led back to the card, or to the box.
    """
    nomination = nomination_or_404(slug, pk, request.user)
    form = ReasonForm(request.POST)
    deed = request.POST.get("deed")
    unsaid = deed == "give" and bool(request.POST.get("reason", "").strip())
    try:
        if deed == "take_back":
            voting.take_back(by=request.user, nomination=nomination)
        elif deed == "give":
            voting.approve(by=request.user, nomination=nomination)
        elif form.is_valid():
            voting.approve(by=request.user, nomination=nomination, reason=form.cleaned_data["reason"])
    except Refused as refusal:
        form.is_valid()
        form.refuse(refusal)
    community = nomination.edition.community
    if getattr(request, "htmx", False):
        context = {
            "community": community,
            "card": card_for(nomination, request.user),
            "form": form,
            "typed": request.POST.get("reason", "") if unsaid or form.errors else "",
            "ballot": ballot_for(nomination.edition, request.user),
            "voters": voters(nomination.edition),
        }
        return patient(render(request, "nominations/voted.html", context, status=422 if form.errors else 200), form)
    if not form.errors and not unsaid:
        return redirect(f"{community.get_absolute_url()}#nomination-{pk}")
    context = {"community": community, "nomination": nomination, "form": form, "seconding": True, "unsaid": unsaid}
    return patient(render(request, "nominations/edit.html", context, status=422 if form.errors else 200), form)
