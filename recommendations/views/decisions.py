"""Decisions about me, what I may say against them, and what became of what I reported."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from recommendations.actions import Refused
from recommendations.actions import appeal as appealing
from recommendations.models import Moderation, Report
from recommendations.models.reported import load, parse
from recommendations.report_forms import WordsForm
from recommendations.views.access import MemberRequest

PER_PAGE, REPORTS = 20, 50


@login_required
@require_GET
def decisions(request: MemberRequest) -> HttpResponse:
    """What was decided about me, why, and until when."""
    return _page(request)


@login_required
@require_POST
def appeal(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask others to look at a decision again."""
    decision = get_object_or_404(Moderation.objects.about(request.user.pk), pk=pk)
    form = WordsForm(request.POST)
    if form.is_valid():
        try:
            appealing.appeal(decision=decision, by=request.user, words=form.cleaned_data["words"])
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Somebody else than who decided looks at it, and you will be told."))
            return redirect(f"{reverse('decisions')}#decision-{decision.pk}")
    return _page(request, appealed=decision, form=form)


def _page(request: MemberRequest, *, appealed: Moderation | None = None, form: WordsForm | None = None) -> HttpResponse:
    number = request.GET.get("page") or request.POST.get("page")
    page = Paginator(Moderation.objects.about(request.user.pk), PER_PAGE).get_page(number)
    named = [found for found in (parse(decision.thing) for decision in page.object_list) if found]
    things = load(named)
    context: dict[str, Any] = {
        "page": page,
        "shown": [(decision, things.get(decision.thing)) for decision in page.object_list],
        "appealed": appealed,
        "form": form or WordsForm(),
        "reports": Report.objects.filter(reporter=request.user).select_related("community").order_by("-at")[:REPORTS],
        "now": timezone.now(),
    }
    return render(request, "me/decisions.html", context, status=422 if form is not None else 200)
