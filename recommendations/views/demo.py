"""In the demo, on this machine alone: enter with one click."""

from ipaddress import ip_address

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.reauthentication import shown

PERSONS = {"member": "demo-member", "curator": "demo-curator", "nominee": "demo-ines"}


@require_POST
def enter(request: HttpRequest) -> HttpResponse:
    """Sign in as somebody of the demo. Anywhere but on the loopback there is no such page."""
    if not (settings.FF_DEMO and settings.FF_LOOPBACK and _from_here(request)):
        raise Http404
    user = get_object_or_404(User, username=PERSONS.get(request.POST.get("as", "")))
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    shown(request, "demo")  # one click is all that signing in takes here
    if request.POST["as"] == "nominee":
        return redirect("said")
    return redirect("desk" if request.POST["as"] == "curator" else "board", slug="custserv")


def _from_here(request: HttpRequest) -> bool:
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
