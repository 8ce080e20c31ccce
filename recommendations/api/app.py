"""The API itself: who is asking, how often, and what a refusal looks like."""

import math
import time
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, AuthorizationError, HttpError, Throttled, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.security import HttpBearer
from ninja.throttling import BaseThrottle

from accounts.models import ApiToken, Scope, User
from recommendations.actions import Refused, TooSoon
from recommendations.api import problems, shapes
from recommendations.api.problems import problem
from recommendations.models import Community, Membership
from recommendations.models.state import IllegalMove, Overtaken

PEOPLE, ADDRESSES = 240, 120  # requests a minute, with a token and without


class MissingScope(Exception):
    """A token that does not reach so far; the argument is the scope that would."""


class Expired(Exception):
    """A token whose time is over."""


class Bearer(HttpBearer):
    """A personal token that has a scope: the one place where scopes are checked."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """The token's owner, who is the request's user from here on. Raises MissingScope, Expired."""
        found = ApiToken.objects.bearer(token)
        if found is None:
            if ApiToken.objects.expired(token):
                raise Expired
            return None
        if self.scope not in found.scope_list:
            raise MissingScope(self.scope)
        request.user = found.user
        return found.user


def anyone(request: HttpRequest) -> bool:
    """No token is no fault where one only reads. Who is signed in on the pages is nobody here."""
    request.user = AnonymousUser()
    return "Authorization" not in request.headers


reads, votes, curates = (Bearer(scope) for scope in Scope)
reader = [reads, anyone]


class TokenRequest(HttpRequest):
    """A request that came with a token: its owner is the user."""

    user: User


class Problem:
    """The refusals that each operation documents, by status."""

    read = dict.fromkeys((400, 401, 403, 404, 422, 429), shapes.Problem)
    write = dict.fromkeys((400, 401, 403, 404, 409, 413, 422, 429), shapes.Problem)


class PerMinute(BaseThrottle):
    """So many requests a minute: of a person where a token was sent, else from an address."""

    def allow_request(self, request: HttpRequest) -> bool:
        """Count, in a cache that all processes share."""
        user = request.user
        most = PEOPLE if user.pk else ADDRESSES
        who = f"person:{user.pk}" if user.pk else f"address:{request.META.get('REMOTE_ADDR')}"
        key = f"api:{who}:{time.time() // 60:.0f}"
        try:
            return bool(cache.add(key, 1, 120) or cache.incr(key) <= most)
        except ValueError:  # a full cache threw it out between the two
            return True

    def wait(self) -> float:
        """Seconds until the next minute begins."""
        return 60 - time.time() % 60


class FollowFridayAPI(NinjaAPI):
    """Ninja, with a description that says what is true of tokens and of errors."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The function's name."""
        return operation.view_func.__name__

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Errors are problem+json; each operation says its scope; where anyone may read, a token is an alternative."""
        schema = super().get_openapi_schema(**options)
        known = {
            operation.view_func.__name__: operation.auth_callbacks
            for _, router in self._routers
            for view in router.path_operations.values()
            for operation in view.operations
        }
        for methods in schema["paths"].values():
            for operation in methods.values():
                callbacks = known[operation["operationId"]]
                (scope,) = [each.scope.value for each in callbacks if isinstance(each, Bearer)]
                optional = anyone in callbacks
                operation["security"] = [{Bearer.__name__: [scope]}, *([{}] if optional else [])]
                needs = f"A token, if you send one, needs the scope `{scope}`." if optional else f"Scope: `{scope}`."
                operation["description"] = f"{operation.get('description', '')}\n\n{needs}".strip()
                for status, response in operation["responses"].items():
                    if status >= 400:
                        response["content"] = {problems.TYPE: response["content"]["application/json"]}
        return schema


api = FollowFridayAPI(
    title="Follow Friday",
    version="1.0",
    urls_namespace="api",
    servers=[{"url": settings.FF_BASE_URL}],
    description="Communities, boards, editions; with a personal token: nominate, vote, and work at the desk, "
    "as far as its scopes reach (read, vote, curate).",
    throttle=[PerMinute()],
)


def curator_of(request: HttpRequest, slug: str) -> Membership:
    """The asking curator's membership. Raises Http404, PermissionDenied."""
    community = get_object_or_404(Community, slug=slug)
    membership = community.membership_of(request.user)
    if membership is None or not membership.is_curator:
        raise PermissionDenied(_("This is for the community's curators."))
    membership.community = community
    return membership


@api.exception_handler(Refused)
def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    """409: understood, and not done."""
    return problem(409, str(error), **({"field": error.field} if error.field else {}))


@api.exception_handler(TooSoon)
def too_soon(request: HttpRequest, error: TooSoon) -> HttpResponse:
    """429: as often as one may, and when again."""
    response = problem(429, str(error))
    response["Retry-After"] = str(max(1, math.ceil((error.again_at - timezone.now()).total_seconds())))
    return response


@api.exception_handler(Overtaken)
@api.exception_handler(IllegalMove)
def overtaken(request: HttpRequest, error: Exception) -> HttpResponse:
    """409: it has moved on meanwhile."""
    return problem(409, "It has moved on meanwhile. Look at it again.")


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """422: unreadable, and where."""
    errors = [{"where": list(map(str, e.get("loc", []))), "what": str(e.get("msg", e))} for e in error.errors]
    detail = "; ".join(f"{e['where'][-1] if e['where'] else 'request'}: {e['what']}" for e in errors)
    return problem(422, detail or "That could not be read.", errors=errors)


@api.exception_handler(AuthenticationError)
def unauthenticated(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """401."""
    response = problem(401, "Send a personal token: Authorization: Bearer TOKEN. Make one on your page.")
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(Expired)
def expired(request: HttpRequest, error: Expired) -> HttpResponse:
    """401: it was valid once."""
    response = problem(401, _("This token has expired. Make a new one on your page."))
    response["WWW-Authenticate"] = 'Bearer error="invalid_token", error_description="expired"'
    return response


@api.exception_handler(MissingScope)
def missing_scope(request: HttpRequest, error: MissingScope) -> HttpResponse:
    """403, naming the scope (RFC 6750, 3.1)."""
    scope = str(error)
    said = _("This token does not have the scope “%(scope)s”. Make one that does on your page.") % {"scope": scope}
    response = problem(403, said, scope=scope)
    response["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{scope}"'
    return response


@api.exception_handler(AuthorizationError)
@api.exception_handler(PermissionDenied)
def forbidden(request: HttpRequest, error: Exception) -> HttpResponse:
    """403."""
    return problem(403, str(error) or "That is not yours to do.")


@api.exception_handler(Http404)
def missing(request: HttpRequest, error: Http404) -> HttpResponse:
    """404."""
    return problem(404, "There is nothing here.")


@api.exception_handler(Throttled)
def throttled(request: HttpRequest, error: Throttled) -> HttpResponse:
    """429, and when to come back."""
    response = problem(429, "That was too much at once. Wait a little, please.")
    response["Retry-After"] = str(int(error.wait or 60) + 1)
    return response


@api.exception_handler(RequestDataTooBig)
def too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    """413."""
    return problem(413, f"That is more than the {settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes we read.")


@api.exception_handler(HttpError)
def other(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Whatever else the framework refuses, such as a body that is no JSON (400)."""
    return problem(error.status_code, str(error))
