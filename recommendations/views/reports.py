"""Report something: what is wrong with it, and who will see that. Take a report back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from recommendations.actions import Refused
from recommendations.actions import report as reporting
from recommendations.models import Report
from recommendations.models.report import Kind
from recommendations.models.reported import for_reader
from recommendations.report_forms import ReportForm
from recommendations.views.access import MemberRequest, patient, to_sign_in


@require_http_methods(["GET", "POST"])
def report(request: HttpRequest) -> HttpResponseBase:
    """`what` names the thing. Whoever says "this is me" is led to where they decide it themselves."""
    what = request.GET.get("what", "")
    if not isinstance(request.user, User):
        return to_sign_in(request, request.get_full_path())
    thing = for_reader(what, request.user)
    if thing is None:
        raise Http404
    form = ReportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if form.is_about_themselves:
            messages.info(request, _("Nobody else need decide that: say here what you wish. It holds at once."))
            return redirect("said")
        data = form.cleaned_data
        try:
            reporting.report(by=request.user, thing=thing, type=data["type"], words=data["words"])
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Thank you. It will be looked at, and you will be told."))
            return redirect(thing.link)
    context = {
        "community": thing.community,
        "thing": thing,
        "form": form,
        "to_staff": reporting.goes_to_staff(thing),
        "entry": thing.row.entry_id if thing.kind == Kind.QUOTE else None,
    }
    page = render(request, "reports/report.html", context, status=422 if form.errors else 200)
    return patient(page, form)


@login_required
@require_POST
def withdraw(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a report of one's own back."""
    made = get_object_or_404(Report, pk=pk, reporter=request.user)
    try:
        reporting.withdraw(report=made, by=request.user)
        messages.success(request, _("Withdrawn."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("decisions")
