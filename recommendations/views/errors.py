"""What people see when something is not there, not theirs, or broken."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    return _page(request, "400", 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403, with the reason where the code gave one."""
    return _page(request, "403", 403, why=str(exception or ""))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form was too old or came from elsewhere. What was typed is shown back, so that it isn't lost."""
    typed = [
        (name, value)
        for name, value in request.POST.items()
        if name not in ("csrfmiddlewaretoken", "password", "code") and isinstance(value, str) and value.strip()
    ]
    return _page(request, "403_csrf", 403, typed=typed[:20])


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    return _page(request, "404", 404)


def too_many(request: HttpRequest) -> HttpResponse:
    """429: signing in and the like, too often in a short time."""
    response = _page(request, "429", 429)
    response["Retry-After"] = "60"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a page that needs neither database nor session."""
    return render(None, "errors/500.html", status=500)


def _page(request: HttpRequest, name: str, status: int, **context: Any) -> HttpResponse:
    """An error's page. Where htmx asked for a piece of a page, this one takes the place of all of it."""
    response = render(request, f"errors/{name}.html", context, status=status)
    if "HX-Request" in request.headers:
        response["HX-Retarget"], response["HX-Reswap"] = "body", "innerHTML"
    return response
