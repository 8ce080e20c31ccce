"""The two headers that no setting of Django's gives: who may embed what is ours, and what our pages never ask for."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_NEVER = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


class HeadersMiddleware:
    """Cross-Origin-Resource-Policy and Permissions-Policy on every response, static files among them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pictures may stand elsewhere (feed readers show them); everything else only here."""
        response = self.get_response(request)
        ours = "cross-origin" if request.path.startswith(settings.MEDIA_URL) else "same-origin"
        response.headers.setdefault("Cross-Origin-Resource-Policy", ours)
        response.headers.setdefault("Permissions-Policy", _NEVER)
        return response
