"""A form that is sent twice does its work once, and leads where it led the first time: also without JavaScript.

A form that a page shows to someone who is signed in carries a key of its own (`{% once %}`); the same key with the same
words, sent again before anything else is, is the same press. What makes a row keeps the key in the transaction that
makes it (`OnceKey.only_once`), so that two presses at the same moment make one. For everything else the states of the
rows see to that, and what is kept here is where the first press led.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from accounts.models import User
from recommendations.models import OnceKey

FIELD = "once"
# Where people are asked who they are: that is on the way, and not where a form leads.
ASKED = ("/accounts/login/", "/accounts/reauthenticate/", "/accounts/2fa/reauthenticate/", "/accounts/2fa/webauthn/")


def once_key(request: HttpRequest) -> str:
    """Return what names this press: the key of the form with all that it says; "" for a form without a key.

    Someone who goes back, writes something else and sends that has pressed another time.
    """
    if not request.POST.get(FIELD):
        return ""
    return str(request.POST.urlencode())


class _LedOn(HttpResponseRedirect):
    """The answer to a second press."""


class DoubleSubmitMiddleware:
    """Leads the second press of a form to where the first one led. For those who are signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the view's answer, and keep where it leads."""
        response = self.get_response(request)
        if request.method == "POST" and isinstance(response, HttpResponseRedirect) and isinstance(request.user, User):
            key = once_key(request)
            if key and not isinstance(response, _LedOn) and not response.url.startswith(ASKED):
                OnceKey.objects.remember(key, by=request.user.pk, led_to=response.url)
        return response

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponseRedirect | None:
        """Answer a form that was sent before. Runs after the check against forgery, which reads the form as well."""
        if request.method != "POST" or not isinstance(request.user, User):
            return None
        key = once_key(request)
        led_to = OnceKey.objects.led_to(key, by=request.user.pk) if key else ""
        return _LedOn(led_to) if led_to else None
