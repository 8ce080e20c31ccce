"""The page that asks people once more who they are: by a code to their address, or by their network.

People with a passkey or an authenticator app are asked for that, on allauth's pages: what a mailbox alone opens would
make the second factor worth nothing.
"""

import time
from dataclasses import dataclass
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import resume_request
from allauth.account.models import EmailAddress
from allauth.account.utils import get_next_redirect_url
from allauth.core import ratelimit
from allauth.core.internal.cryptokit import compare_user_code
from allauth.core.ratelimit import respond_429
from allauth.socialaccount.models import SocialAccount
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.asking import Finished, begin
from accounts.models import User
from accounts.onward import SCOPES, onward
from accounts.provider import uid_of
from accounts.reauthentication import recently, shown
from accounts.second_factor import holds_second_factor
from recommendations import handles
from recommendations.handles import Network
from recommendations.networks.base import Rejected, Unavailable

LASTS, TRIES = 600, 5  # seconds and wrong codes, as for signing in
REAUTHENTICATE = "reauthenticate"  # the purpose for the network, and the limit on tries
_CODE = "reauthentication_code"  # in the session


@dataclass(frozen=True)
class Ways:
    """What somebody without a second factor can show."""

    address: str
    networks: list[SocialAccount]


def ways_of(user: User) -> Ways:
    """By which address and which networks the person is known."""
    proven = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "pk").first()
    return Ways(proven.email if proven else "", list(SocialAccount.objects.filter(user=user).order_by("pk")))


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def reauthenticate(request: HttpRequest) -> HttpResponseBase:
    """Ask; `deed` is `send` (a code by mail), `code` or `network`."""
    assert isinstance(request.user, User)
    if holds_second_factor(request.user):
        methods = get_adapter().get_reauthentication_methods(request.user)
        return redirect(f"{methods[0]['url']}?{urlencode({'next': _back(request)})}")
    ways, deed, wrong = ways_of(request.user), request.POST.get("deed"), ""
    if request.method == "POST" and not ratelimit.consume(request, action=REAUTHENTICATE, user=request.user):
        return respond_429(request)
    if deed == "send" and ways.address:
        wrong = _send(request, request.user, ways.address)
    elif deed == "code":
        wrong = _check(request)
        if not wrong:
            shown(request, "code", email=ways.address)
            return resume_request(request) or redirect("me")
    elif deed == "network":
        account = get_object_or_404(SocialAccount, user=request.user, pk=_number(request.POST.get("account", "")))
        try:
            return _to_network(request, account)
        except (handles.Unreadable, Rejected, Unavailable) as error:
            messages.error(request, error.said(_))
    context = {"ways": ways, "sent": bool(_pending(request)), "wrong": wrong, "back": _back(request)}
    none = not (ways.address or ways.networks)
    return render(request, "account/reauthenticate.html", context, status=403 if none else 422 if wrong else 200)


@login_required
@never_cache
@require_GET
def done(request: HttpRequest) -> HttpResponseBase:
    """Back from the network: go on with what was to be done, or ask again if nothing came of it."""
    if not recently(request):
        return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': _back(request)})}")
    return resume_request(request) or redirect("me")


def came_back(request: HttpRequest, finished: Finished) -> HttpResponse:
    """Take the network's word, if it is about an account that opens this one."""
    granted = finished.granted
    mine = SocialAccount.objects.filter(user=request.user.pk, provider=granted.network.value)
    uid = uid_of(granted.network, granted.uri)
    if mine.filter(uid=uid).exists():
        shown(request, "socialaccount", provider=granted.network.value, uid=uid)
    else:
        messages.error(
            request,
            _("You signed in there as %(handle)s. Use the account that you sign in here with.")
            % {"handle": granted.handle},
        )
    return HttpResponseRedirect(finished.next)


def _back(request: HttpRequest) -> str:
    return get_next_redirect_url(request) or reverse("me")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) <= 18 else 0


def _to_network(request: HttpRequest, account: SocialAccount) -> HttpResponse:
    network = Network(account.provider)
    who = handles.parse(str(account.extra_data.get("handle", "")), network)
    back = f"{reverse('reauthenticated')}?{urlencode({'next': _back(request)})}"
    url = begin(request, network=network, who=who, purpose=REAUTHENTICATE, scopes=SCOPES[network], next=back)
    return onward(request, network, url)


def _send(request: HttpRequest, user: User, address: str) -> str:
    """Send a code to an address that was proven before; what went wrong, if something did."""
    if not ratelimit.consume(request, action="request_login_code", key=f"reauthenticate-{user.pk}"):
        return _("Too many codes. Wait a minute and try again.")
    code = get_adapter().generate_login_code()
    request.session[_CODE] = {"code": code, "at": time.time(), "tries": 0, "user": user.pk}
    get_adapter().send_mail("account/email/reauthentication_code", address, {"user": user, "code": code})
    return ""


def _check(request: HttpRequest) -> str:
    """Compare the code that was typed; what is wrong, if something is."""
    pending = _pending(request)
    if pending is None:
        return _("This code has expired. Send a new one.")
    if compare_user_code(actual=request.POST.get("code", ""), expected=pending["code"]):
        del request.session[_CODE]
        return ""
    pending["tries"] += 1
    request.session[_CODE] = pending
    if pending["tries"] >= TRIES:
        del request.session[_CODE]
        return _("Too many wrong codes. Send a new one.")
    return _("That code is wrong. Look at the newest mail from us and type it again.")


def _pending(request: HttpRequest) -> dict[str, Any] | None:
    pending: dict[str, Any] | None = request.session.get(_CODE)
    if pending is None or pending["user"] != request.user.pk or time.time() - pending["at"] > LASTS:
        return None
    return pending
