"""Everything we hold about me: take it with me, or have it erased. And end a community that I am alone in."""

import tempfile

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.reauthentication import reauthentication_required
from recommendations.actions import Refused
from recommendations.actions.alert import alert
from recommendations.actions.archive import archive
from recommendations.actions.erase import erase, owned_by
from recommendations.actions.export import export
from recommendations.double_submit import once_key
from recommendations.models import Membership
from recommendations.models.said import spoken_for
from recommendations.report_forms import EraseForm
from recommendations.views.access import MemberRequest

IN_MEMORY = 5_000_000  # bytes; a longer archive goes through a file


@login_required
@require_GET
def data(request: MemberRequest) -> HttpResponse:
    """What one can do with it."""
    return _page(request, EraseForm())


@login_required
@never_cache
@require_POST
@reauthentication_required
def download(request: MemberRequest) -> FileResponse:
    """The archive."""
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - the response closes it
    export(user=request.user, into=file)
    file.seek(0)
    alert(user=request.user, occasion="archive", once=once_key(request))
    name = f"follow-friday-{timezone.localdate():%Y-%m-%d}.zip"
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
@reauthentication_required
def leave_for_good(request: MemberRequest) -> HttpResponse:
    """Erase me: after showing once more who one is, and typing one's user name."""
    form = EraseForm(request.POST)
    if request.method == "GET":
        return redirect("data")
    if form.is_valid():
        user = request.user
        try:
            if form.cleaned_data["confirmation"].strip().lower() != user.username.lower():
                raise Refused(_("That is not your user name. Nothing was erased."), field="confirmation")
            erase(user=user, forget_profiles=form.cleaned_data["forget_profiles"])
        except Refused as refusal:
            form.refuse(refusal)
        else:
            logout(request)
            messages.success(request, _("You are erased here. What was posted elsewhere follows within a day."))
            return redirect("home")
    return _page(request, form)


@login_required
@require_POST
def end_community(request: MemberRequest, slug: str) -> HttpResponse:
    """End a community that one owns and is alone in."""
    mine = get_object_or_404(
        Membership.objects.active().select_related("community"), user=request.user, community__slug=slug
    )
    try:
        archive(by=mine)
        messages.success(request, _("%(community)s has ended. Its pages stay.") % {"community": mine.community})
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("data")


def _page(request: MemberRequest, form: EraseForm) -> HttpResponse:
    context = {"form": form, "owned": owned_by(request.user), "profiles": spoken_for(request.user)}
    return render(request, "me/data.html", context, status=422 if form.errors else 200)
