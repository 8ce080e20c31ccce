"""The header Idempotency-Key: what a script sends again, because the answer was lost, is done once and answered twice.

As draft-ietf-httpapi-idempotency-key-header has it: the same key with the same request gets the answer it got the first
time; with another request 422; while the first is still being worked on 409. A refusal is not kept: what was refused
may be tried again with the same key. What is named by when it is asked for (the week `current`) cannot have a key: sent
again it would be another one.
"""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse
from ninja import Header, Schema, Status
from ninja.utils import contribute_operation_args
from pydantic import Field

from recommendations.api.app import TokenRequest
from recommendations.api.problems import problem
from recommendations.models import OnceKey
from recommendations.models.once_key import STARTED_FOR, Kept

Operation = Callable[..., Any]

CURRENT = "current"  # as a week: the one that is open when it is asked for
_ARGUMENT = "idempotency"


class IdempotencyHeaders(Schema):
    """What an operation that writes reads beside its body."""

    key: str | None = Field(
        None,
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Any text that you send with this one request and, where its answer got lost, with it again: "
        "then it is done once, and answered as it was the first time. Kept for a day.",
    )


def idempotent(again: Operation | None = None) -> Callable[[Operation], Operation]:
    """Let an operation take the header. `again`: an operation that reads what there is now, in place of a kept answer.

    It is for answers that name people, who may have declined since.
    """

    def decorate(operation: Operation) -> Operation:
        @wraps(operation)
        def answered(request: TokenRequest, **arguments: Any) -> Any:
            key = arguments.pop(_ARGUMENT).key
            if key is None:
                return operation(request, **arguments)
            if arguments.get("week") == CURRENT:
                return problem(422, "Name the week: which one is current may have changed when you send it again.")
            kept = OnceKey.objects.begin(key, by=request.user.pk, fingerprint=_fingerprint(request))
            if kept == Kept.OTHER:
                return problem(422, "This Idempotency-Key came with another request before. Send another key.")
            if kept == Kept.STARTED:
                response = problem(409, "The first request with this Idempotency-Key is still being worked on.")
                response["Retry-After"] = str(int(STARTED_FOR.total_seconds()))
                return response
            if isinstance(kept, dict):
                return again(request, **arguments) if again else Status(kept["status"], kept["body"])
            done = False
            try:
                result = operation(request, **arguments)
                done = not isinstance(result, HttpResponse)  # else it is a problem
            finally:
                if done:
                    status, body = (result.status_code, result.value) if isinstance(result, Status) else (200, result)
                    OnceKey.objects.finish(key, by=request.user.pk, answer=_plain(status, None if again else body))
                else:
                    OnceKey.objects.let_go(key, by=request.user.pk)
            return result

        contribute_operation_args(answered, _ARGUMENT, IdempotencyHeaders, Header(...))
        return answered

    return decorate


def _fingerprint(request: TokenRequest) -> str:
    said = f"{request.method} {request.get_full_path()}\n".encode() + request.body
    return hashlib.sha256(said).hexdigest()


def _plain(status: int, body: Any) -> dict[str, Any]:
    return {"status": status, "body": body.model_dump() if isinstance(body, Schema) else body}
