"""Whole pages from the cache for readers who are not signed in.

Outermost of all middleware: a hit costs one look into Redis. Pages are kept only where the cache is shared by
all processes (settings.FF_PAGE_CACHE), only for requests without a session, and only as long as nothing
in them changed: the key carries the number of their community's last change (models.page_version). It carries the
language, too, that Django's middleware would choose for the reader.
"""

import hashlib
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import parse_http_date_safe
from django.utils.translation import get_language_from_request

from recommendations.models.page_version import SITE, page_version

_EDITION = 2  # of what pages may show: pages that were kept by a release that showed more are never asked for again
_COMMUNITY = re.compile(r"/c/([-a-zA-Z0-9_]{1,40})/")


def cache_page_for(seconds: int) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Let this view's page be kept for everybody who is not signed in, until something in it changes."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def keeping(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            response = view(request, *args, **kwargs)
            response.keep_for = seconds  # type: ignore[attr-defined]
            return response

        return keeping

    return decorate


class PageCacheMiddleware:
    """Answer from the cache where that is safe; keep what a view allows to be kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The kept page, or the fresh one."""
        if not self._is_public(request):
            return self.get_response(request)
        key = self._key(request)
        kept = cache.get(key)
        if kept is not None:
            body, headers = kept
            response = HttpResponse(body, headers=headers)
            seen = parse_http_date_safe(headers.get("Last-Modified", ""))
            return get_conditional_response(request, headers.get("ETag"), seen, response) or response
        response = self.get_response(request)
        seconds = getattr(response, "keep_for", 0)
        if seconds and response.status_code == 200 and not response.cookies and not response.streaming:
            headers = {name: value for name, value in response.items() if name.lower() != "set-cookie"}
            cache.set(key, (response.content.decode(), headers), seconds)
        return response

    def _is_public(self, request: HttpRequest) -> bool:
        return (
            settings.FF_PAGE_CACHE
            and request.method == "GET"
            and settings.SESSION_COOKIE_NAME not in request.COOKIES
            and not request.META.get("QUERY_STRING")
            and "HTTP_HX_REQUEST" not in request.META
            and "HTTP_AUTHORIZATION" not in request.META
        )

    def _key(self, request: HttpRequest) -> str:
        found = _COMMUNITY.match(request.path)
        page = f"{request.scheme}://{request.get_host()}{request.path}"  # of any length, and with anything in it
        digest = hashlib.sha256(page.encode(errors="backslashreplace")).hexdigest()
        return (
            f"page:{_EDITION}:{page_version(found[1] if found else SITE)}:{get_language_from_request(request)}:{digest}"
        )
