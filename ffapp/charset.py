"""What comes in is UTF-8, as every browser sends it.

Django would decode a form by whatever codec its Content-Type names: some of those make text that no page can be
written in (lone surrogates), and some are none.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class CharsetMiddleware:
    """Reads every form as UTF-8, whatever it calls itself; what is not becomes replacement characters."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Before anything reads the form."""
        request.encoding = "utf-8"
        return self.get_response(request)
