"""What a refusal of the API looks like: problem+json (RFC 9457), whoever refuses."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

TYPE = "application/problem+json"
ROOT = "/api/"
_SAID = {
    400: "That is not a request we can read.",
    404: "There is nothing here.",
    405: "That method is not for this address; the Allow header names those that are.",
    413: "That is more than we read.",
    500: "Something broke on our side. It has been written down; please try again later.",
}


def problem(status: int, detail: str, **more: Any) -> HttpResponse:
    """An error. `detail` is for the person, `more` for the program."""
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return JsonResponse(body, status=status, content_type=TYPE)


class ProblemMiddleware:
    """Beneath /api/, what Django or the framework refuses before or beside an operation is a problem too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer; an error that is no problem+json yet becomes one, and keeps its headers."""
        response = self.get_response(request)
        if (
            response.status_code < HTTPStatus.BAD_REQUEST
            or not request.path.startswith(ROOT)
            or response.headers["Content-Type"] == TYPE
        ):
            return response
        said = problem(response.status_code, _SAID.get(response.status_code, response.reason_phrase))
        response.content = said.content
        response.headers["Content-Type"] = TYPE
        return response
