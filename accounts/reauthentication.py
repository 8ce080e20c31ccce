"""Ask people once more who they are before they change how their account is opened, or take everything with them.

    @reauthentication_required          # beneath login_required or curators_only
    def tokens(request): ...

What was sent is kept, sealed, while its sender is asked, and goes on by itself afterwards. It holds for 15 minutes
(`ACCOUNT_REAUTHENTICATION_TIMEOUT`). Signing in does not count, and nobody is let through because there is nothing to
ask them for: allauth would (`did_recently_reauthenticate`), so its own pages ask here too, by way of our adapter.
"""

import json
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.account.utils import get_next_redirect_url
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import resolve, reverse
from django.utils.http import urlencode

from accounts.models import User
from recommendations import seals

LONGEST = 20_000  # characters of a form that is kept; ours are far shorter
_CONTEXT = "suspended form"
_CALLBACK = "accounts.reauthentication.go_on"  # allauth calls it once somebody has shown who they are

View = Callable[..., HttpResponseBase]


def recently(request: HttpRequest) -> bool:
    """Return whether the person in this session has been asked, and has shown who they are, within the last minutes."""
    if not isinstance(request.user, User):
        return False
    records = get_authentication_records(request, request.user)
    shown = [record["at"] for record in records if record.get("reauthenticated")]
    return bool(shown) and time.time() - max(shown) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def shown(request: HttpRequest, method: str, **more: Any) -> None:
    """Record that the person has just shown who they are."""
    assert isinstance(request.user, User)
    record_authentication(request, request.user, method, reauthenticated=True, **more)


def reauthentication_required(view: View) -> View:
    """Ask before the view does what it is sent (POST). Its GET is left alone: it shows the form."""

    @wraps(view)
    def checked(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
        if request.method != "POST" or recently(request):
            return view(request, *arguments, **named)
        return ask(request)

    return checked


def ask(request: HttpRequest) -> HttpResponseBase:
    """Keep the form that was sent, and lead to where its sender is asked."""
    path, form = request.get_full_path(), request.POST.urlencode()
    if len(form) <= LONGEST:
        note = json.dumps({"path": path, "form": form, "user": request.user.pk, "at": time.time()})
        sealed = seals.seal(note.encode(), keys=settings.FF_SEAL_KEYS, context=_CONTEXT)
        request.session[STATE_SESSION_KEY] = {"callback": _CALLBACK, "state": {"sealed": sealed}}
    first, *_others = get_adapter().get_reauthentication_methods(request.user)
    return HttpResponseRedirect(f"{first['url']}?{urlencode({'next': path})}")


def go_on(request: HttpRequest, state: dict[str, str]) -> HttpResponseBase:
    """Do what was asked for before, if it is still what its sender goes back to; else lead them there."""
    back = get_next_redirect_url(request) or reverse("me")
    try:
        note = json.loads(seals.unseal(state["sealed"], keys=settings.FF_SEAL_KEYS, context=_CONTEXT))
    except seals.Unsealable:
        return HttpResponseRedirect(back)
    fresh = time.time() - note["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    if not (fresh and note["user"] == request.user.pk and note["path"] == back and recently(request)):
        return HttpResponseRedirect(back if note["path"] != back else _page_of(back))
    path, _, query = note["path"].partition("?")
    request.method, request.path, request.path_info = "POST", path, path
    request.GET, request.POST = QueryDict(query), QueryDict(note["form"])
    found = resolve(path)
    answer: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
    return answer


def _page_of(path: str) -> str:
    """A page that can be read, where a form that has grown old would have gone."""
    return reverse("me") if path.startswith("/me/") else "/"
