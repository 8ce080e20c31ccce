"""The API itself: who is asking, how often, and what a refusal looks like."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, AuthorizationError, HttpError, Throttled, ValidationError
from ninja.security import HttpBearer
from ninja.throttling import AnonRateThrottle, AuthRateThrottle

from accounts.models import ApiToken, User
from recommendations.actions import Refused
from recommendations.api import shapes
from recommendations.models import Community, Membership
from recommendations.models.state import IllegalMove, Overtaken


class Bearer(HttpBearer):
    """A personal token."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """The token's owner, who is the request's user from here on."""
        found = ApiToken.objects.bearer(token)
        if found is None:
            return None
        request.user = found.user
        return found.user


def anyone(request: HttpRequest) -> bool:
    """No token is no fault where one only reads."""
    return "Authorization" not in request.headers


bearer = Bearer()
reader = [bearer, anyone]


class TokenRequest(HttpRequest):
    """A request that came with a token: its owner is the user."""

    user: User


class Problem:
    """The refusals that each operation documents, by status."""

    read = dict.fromkeys((400, 401, 404, 422, 429), shapes.Problem)
    write = dict.fromkeys((400, 401, 403, 404, 409, 422, 429), shapes.Problem)


api = NinjaAPI(
    title="Follow Friday",
    version="1.0",
    urls_namespace="api",
    description="Communities, boards, editions; with a personal token: nominate, vote, and work at the desk.",
    throttle=[AnonRateThrottle("120/m"), AuthRateThrottle("240/m")],
)


def problem(request: HttpRequest, status: int, detail: str, **more: Any) -> HttpResponse:
    """An error as RFC 9457 has it."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **more,
    }
    response = api.create_response(request, body, status=status)
    response["Content-Type"] = "application/problem+json"
    return response


def curator_of(request: HttpRequest, slug: str) -> Membership:
    """The asking curator's membership. Raises Http404, PermissionDenied."""
    community = get_object_or_404(Community, slug=slug)
    membership = community.membership_of(request.user)
    if membership is None or not membership.is_curator:
        raise PermissionDenied("This is for the community's curators.")
    membership.community = community
    return membership


@api.exception_handler(Refused)
def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    """409: understood, and not done."""
    return problem(request, 409, str(error), **({"field": error.field} if error.field else {}))


@api.exception_handler(Overtaken)
@api.exception_handler(IllegalMove)
def overtaken(request: HttpRequest, error: Exception) -> HttpResponse:
    """409: it has moved on meanwhile."""
    return problem(request, 409, "It has moved on meanwhile. Look at it again.")


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """422: unreadable, and where."""
    errors = [{"where": list(map(str, e.get("loc", []))), "what": str(e.get("msg", e))} for e in error.errors]
    detail = "; ".join(f"{e['where'][-1] if e['where'] else 'request'}: {e['what']}" for e in errors)
    return problem(request, 422, detail or "That could not be read.", errors=errors)


@api.exception_handler(AuthenticationError)
def unauthenticated(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """401."""
    response = problem(request, 401, "Send a personal token: Authorization: Bearer TOKEN. Make one on your page.")
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(AuthorizationError)
@api.exception_handler(PermissionDenied)
def forbidden(request: HttpRequest, error: Exception) -> HttpResponse:
    """403."""
    return problem(request, 403, str(error) or "That is not yours to do.")


@api.exception_handler(Http404)
def missing(request: HttpRequest, error: Http404) -> HttpResponse:
    """404."""
    return problem(request, 404, "There is nothing here.")


@api.exception_handler(Throttled)
def throttled(request: HttpRequest, error: Throttled) -> HttpResponse:
    """429, and when to come back."""
    response = problem(request, 429, "That was too much at once. Wait a little, please.")
    if error.wait:
        response["Retry-After"] = str(int(error.wait) + 1)
    return response


@api.exception_handler(HttpError)
def other(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Whatever else the framework refuses, such as a body that is no JSON (400)."""
    return problem(request, error.status_code, str(error))
