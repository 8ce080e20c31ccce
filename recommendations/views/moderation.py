"""What was reported, at a community's desk and at the server's: decide about it, and answer appeals."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.staff import is_staff_here, staff_door
from recommendations.actions import Refused, moderate
from recommendations.actions.appeal import answer_appeal
from recommendations.actions.opt_out import opt_in, opt_out
from recommendations.models import Appeal, DomainOptOut, Membership, Report
from recommendations.models.cases import Case, cases
from recommendations.models.report import ReportQuerySet
from recommendations.models.reported import parse
from recommendations.models.said import spoken_for
from recommendations.report_forms import DecisionForm, DomainForm, WordsForm
from recommendations.views.access import MemberRequest, View, curators_only, to_sign_in

APPEALS, DOMAINS = 50, 200


def staff_only(view: Callable[..., HttpResponseBase]) -> View:
    """Let only the server's staff reach the view, and only in a session that has shown a second factor."""

    @wraps(view)
    def checked(request: HttpRequest, **arguments: Any) -> HttpResponseBase:
        back = request.path if request.method == "GET" else reverse("moderation")
        if not isinstance(request.user, User):
            return to_sign_in(request, back)
        if not is_staff_here(request):
            return staff_door(request, back)
        return view(request, **arguments)

    return checked


@require_GET
@curators_only
def reports(request: HttpRequest, curator: Membership) -> HttpResponse:
    """What waits for this community's curators, and what they decided."""
    return _desk_page(request, curator)


@require_POST
@curators_only
def decide(request: HttpRequest, curator: Membership, ref: str) -> HttpResponse:
    """Decide about one thing (`deed`: decide, dismiss, unhide)."""
    case = _case(Report.objects.for_desk(curator.community), ref)
    refused = _decide(request, case, curator.user)
    if refused is None:
        return redirect("reports", slug=curator.community.slug)
    return _desk_page(request, curator, refused=refused, at_case=ref)


@require_POST
@curators_only
def answer(request: HttpRequest, curator: Membership, pk: int) -> HttpResponse:
    """Answer an appeal (`deed`: uphold, overturn)."""
    appeal = get_object_or_404(Appeal.objects.for_curator(curator.community, curator.user), pk=pk)
    refused = _answer(request, appeal, curator.user)
    if refused is None:
        return redirect("reports", slug=curator.community.slug)
    return _desk_page(request, curator, answered=refused, at_appeal=pk)


@require_GET
@staff_only
def staff(request: MemberRequest) -> HttpResponse:
    """What waits for the server's staff, in all communities."""
    return _staff_page(request)


@require_POST
@staff_only
def decide_as_staff(request: MemberRequest, ref: str) -> HttpResponse:
    """Decide about one thing of any community."""
    case = _case(Report.objects.all(), ref)
    refused = _decide(request, case, request.user)
    return redirect("moderation") if refused is None else _staff_page(request, refused=refused, at_case=ref)


@require_POST
@staff_only
def answer_as_staff(request: MemberRequest, pk: int) -> HttpResponse:
    """Answer an appeal that no curator can answer."""
    appeal = get_object_or_404(Appeal.objects.for_staff(request.user), pk=pk)
    refused = _answer(request, appeal, request.user)
    return redirect("moderation") if refused is None else _staff_page(request, answered=refused, at_appeal=pk)


@require_http_methods(["GET", "POST"])
@staff_only
def domains(request: MemberRequest) -> HttpResponse:
    """Servers whose admins opted out: one more, or (`undo`) one less."""
    form = DomainForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            if request.POST.get("deed") == "undo":
                opt_in(domain=data["domain"])
                messages.success(request, _("%(domain)s has opted in again.") % {"domain": data["domain"]})
            else:
                made = opt_out(domain=data["domain"], reason=data["reason"], by=request.user)
                messages.success(request, _("%(domain)s has opted out: it holds from now on.") % {"domain": made})
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect("domains")
    page = Paginator(DomainOptOut.objects.standing(), DOMAINS).get_page(request.GET.get("page"))
    context = {"form": form, "page": page}
    return render(request, "moderation/domains.html", context, status=422 if form.errors else 200)


def _case(reports: ReportQuerySet, ref: str) -> Case:
    """What a form names, if it is among these reports and still there."""
    named = parse(ref)
    found = cases(reports.on(*named), None)[0] if named else []
    if not found or found[0].thing is None:
        raise Http404
    return found[0]


def _decide(request: HttpRequest, case: Case, by: User) -> DecisionForm | None:
    """Do it; the form with what was refused, if it was."""
    form, deed = DecisionForm(request.POST), request.POST.get("deed")
    assert case.thing is not None
    if not form.is_valid():
        return form
    data = form.cleaned_data
    try:
        if deed == "dismiss":
            moderate.dismiss(thing=case.thing, by=by, words=data["words"])
            messages.success(request, _("Dismissed: nothing was wrong with it."))
        elif deed == "unhide":
            moderate.unhide(thing=case.thing, by=by, words=data["words"])
            messages.success(request, _("It can be read again."))
        elif deed == "decide":
            moderate.decide(
                thing=case.thing,
                by=by,
                deeds=data["deeds"],
                words=data["words"],
                until=form.ends_at,
                for_fraud=data["fraud"],
            )
            messages.success(request, _("Done. Whom it affects is told."))
        else:
            raise Refused(_("We did not understand what should be done."))
    except Refused as refusal:
        form.refuse(refusal)
        return form
    return None


def _answer(request: HttpRequest, appeal: Appeal, by: User) -> WordsForm | None:
    form, deed = WordsForm(request.POST), request.POST.get("deed")
    if form.is_valid():
        try:
            if deed not in ("uphold", "overturn"):
                raise Refused(_("We did not understand what should be done."))
            overturn = deed == "overturn"
            answer_appeal(appeal=appeal, by=by, overturn=overturn, words=form.cleaned_data["words"])
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Answered. Both sides are told."))
            return None
    return form


def _desk_page(request: HttpRequest, curator: Membership, **typed: Any) -> HttpResponse:
    community, user = curator.community, curator.user
    context = {
        "community": community,
        "curator": curator,
        "appeals": Appeal.objects.open().for_curator(community, user)[:APPEALS],
    }
    return _page(request, "desk/reports.html", Report.objects.for_desk(community), user, context, **typed)


def _staff_page(request: MemberRequest, **typed: Any) -> HttpResponse:
    at = timezone.now()
    context = {"appeals": Appeal.objects.open().for_staff(request.user)[:APPEALS], "now": at}
    return _page(request, "moderation/staff.html", Report.objects.for_staff(at), request.user, context, **typed)


def _page(
    request: HttpRequest,
    template: str,
    reports: ReportQuerySet,
    user: User,
    context: dict[str, Any],
    *,
    refused: DecisionForm | None = None,
    at_case: str = "",
    answered: WordsForm | None = None,
    at_appeal: int = 0,
) -> HttpResponse:
    shown, page = cases(reports, request.GET.get("page") or request.POST.get("page"))
    context |= {
        "page": page,
        "cases": shown,
        "mine": _about(user, shown),
        "form": DecisionForm(),
        "refused": refused,
        "at_case": at_case,
        "answered": answered,
        "at_appeal": at_appeal,
        "typed": request.POST,
        "typed_deeds": request.POST.getlist("deeds"),
    }
    return render(request, template, context, status=422 if refused or answered else 200)


def _about(user: User, shown: list[Case]) -> set[str]:
    """The things among them that are about who looks: what others say of those is not for their eyes."""
    people = {case.thing.profile.pk for case in shown if case.thing and case.thing.profile}
    mine = set(spoken_for(user).filter(pk__in=people).values_list("pk", flat=True))
    return {
        case.ref
        for case in shown
        if case.thing and ((case.thing.profile and case.thing.profile.pk in mine) or case.thing.author == user)
    }
