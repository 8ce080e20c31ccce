"""Times are shown in the reader's own zone, and words in their own language."""

import zoneinfo
from collections.abc import Callable
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.utils import timezone, translation

from accounts.language import is_ours


class TimeZoneMiddleware:
    """Activates a signed-in person's time zone for the length of the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Only a request that carries a session asks who is there, so anonymous pages cost no query."""
        if request.session.session_key is None or not request.user.is_authenticated:
            return self.get_response(request)
        with timezone.override(zoneinfo.ZoneInfo(request.user.time_zone)):
            return self.get_response(request)


class LanguageMiddleware(LocaleMiddleware):
    """As Django's: by cookie, else as the browser says. But what a signed-in person has chosen comes first."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """No language outlives its request: the thread's next work may be nobody's."""
        with translation.override(translation.get_language()):
            return cast(HttpResponse, super().__call__(request))

    def process_request(self, request: HttpRequest) -> None:
        """Only a request that carries a session asks who is there."""
        super().process_request(request)
        if request.session.session_key is not None and request.user.is_authenticated and is_ours(request.user.language):
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = request.user.language
