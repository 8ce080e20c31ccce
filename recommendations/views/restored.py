"""For the server's own people, after a restore from a backup: which channels pause, and one press for all to go on."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from recommendations.actions.restore import paused_by_restore, resume_all
from recommendations.views.access import MemberRequest
from recommendations.views.moderation import staff_only


@require_http_methods(["GET", "POST"])
@staff_only
def restored(request: MemberRequest) -> HttpResponse:
    """Show what pauses; resume all."""
    if request.method == "POST":
        number = resume_all()
        said = ngettext("%(number)d channel posts again.", "%(number)d channels post again.", number)
        messages.success(request, said % {"number": number})
        return redirect("restored")
    return render(request, "moderation/restored.html", {"channels": paused_by_restore()[:200]})
