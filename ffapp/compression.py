"""Pages are sent compressed to readers who are not signed in: a first visit is most of what a slow line must carry.

Not to anybody else: a page that holds secrets beside words of a stranger's choosing tells of them by its size
(BREACH). The only one in a page for everybody, the token against forged forms, is masked anew each time. Static files
are compressed when they are collected, pictures are so by nature.
"""

import gzip
import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

LEAST = 1_000  # bytes: below that there is nothing to gain
LEVEL = 4  # nine tenths of what the highest gains, in a third of its time
_TEXT = re.compile(r"text/|application/(?:[\w.-]+\+)?(?:json|xml)")
_TAKES_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)


class CompressionMiddleware:
    """Gzip, where the reader takes it and nothing else has encoded it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The response, smaller where that helps."""
        response = self.get_response(request)
        if not self._may_be(request, response):
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        if _TAKES_GZIP.search(request.META.get("HTTP_ACCEPT_ENCODING", "")):
            response.content = gzip.compress(response.content, LEVEL, mtime=0)
            response["Content-Encoding"] = "gzip"
            response["Content-Length"] = str(len(response.content))
            if response.get("ETag", "").startswith('"'):
                response["ETag"] = f"W/{response['ETag']}"  # the same page in other bytes (RFC 9110, 8.8.1)
        return response

    def _may_be(self, request: HttpRequest, response: HttpResponse) -> bool:
        return (
            not response.streaming
            and settings.SESSION_COOKIE_NAME not in request.COOKIES
            and _TEXT.match(response.get("Content-Type", "")) is not None
            and not response.has_header("Content-Encoding")
            and len(response.content) >= LEAST
        )
