"""One server that speaks Mastodon's API, and one token: calls, and what refusals mean.

It knows no posts. What a server says in its refusals is a stranger's word: it is cleaned, shortened, and never
carries our token on into a message.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar, overload
from urllib.parse import urlsplit

from recommendations.markup import clean_line, plain_text
from recommendations.networks.base import OutcomeUnknown, Rejected, Revoked, Unavailable, Unexplained
from recommendations.networks.http import Client, Response
from recommendations.networks.verdict import MASTODON, own_word, unexplained

NOT_THERE = (404, 405, 501)  # how servers say that they lack an endpoint

_REASON_LIMIT = 200
_ERROR_READ = 20_000  # characters of a server's own words that are searched for our token
_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,100}")
# What servers say with 400, 403 and 422 when it is the token, its scopes or the login behind it that they refuse.
_OF_THE_TOKEN = re.compile(r"\b(?:tokens?|scopes?|unauthori[sz]ed|(?:un)?authenticated|log-?in)\b", re.IGNORECASE)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Api:
    """`server` is an origin such as https://mastodon.example. What the methods raise is what Client's do."""

    http: Client
    server: str
    token: str = field(repr=False)

    def get(self, path: str, *, timeout: float, params: Mapping[str, str] | None = None) -> Response:
        return self.http.get(self.server + path, params=params, headers=self._headers(), timeout=timeout, follow=False)

    def post(
        self,
        path: str,
        *,
        timeout: float,
        json: Any = None,
        data: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        key: str = "",
    ) -> Response:
        headers = self._headers() | ({"Idempotency-Key": key} if key else {})
        return self.http.post(self.server + path, json=json, data=data, files=files, headers=headers, timeout=timeout)

    def put(self, path: str, *, json: Any, timeout: float) -> Response:
        return self.http.put(self.server + path, json=json, headers=self._headers(), timeout=timeout)

    def delete(self, path: str, *, timeout: float) -> Response:
        return self.http.delete(self.server + path, headers=self._headers(), timeout=timeout)

    def accepted(self, response: Response) -> Response:
        """The answer if the server says that all is well; else what it means is raised.

        429: Unavailable until X-RateLimit-Reset. 408 and every 5xx: OutcomeUnknown. That includes 503: a
        proxy may give up on a server that goes on, and Mastodon itself answers 503 for troubles which its code
        may meet after the post was stored (app/controllers/concerns/api/error_handling.rb); a look costs less
        than a second post. In the server's own words (`verdict`) 401, and 400, 403 or 422 that speak of the token, mean
        Revoked, and all else Rejected; in any other words: Unexplained.
        """
        status, reason = response.status, self.reason(response)
        if 200 <= status < 300:
            return response
        said = f"{response.host} said: {(reason or f'status {status}').rstrip('.')}."
        if status == 429:
            raise Unavailable(said, retry_at=response.retry_at)
        if status == 408 or status >= 500:
            raise OutcomeUnknown(said)
        if own_word(response, MASTODON) is None:
            raise unexplained(response)
        if status == 401 or (status in (400, 403, 422) and _OF_THE_TOKEN.search(reason.replace("_", " "))):
            raise Revoked("%(answer)s Please connect the channel again.", answer=said)
        raise Rejected(said)

    @overload
    def document(self, response: Response) -> dict[str, Any]: ...
    @overload
    def document(self, response: Response, shape: type[T]) -> T: ...
    def document(self, response: Response, shape: type[Any] = dict) -> Any:
        """The JSON in an answer that says that all is well. If it cannot be read, the outcome is unknown."""
        self.accepted(response)
        try:
            return response.json(shape)
        except Rejected as error:
            raise OutcomeUnknown(str(error)) from error

    def reason(self, response: Response) -> str:
        """The server's own words about an error (docs.joinmastodon.org/entities/Error); often there are none."""
        try:
            error = response.json().get("error")
        except Rejected:
            return ""
        words = plain_text(error, limit=_ERROR_READ) if isinstance(error, str) else ""
        return clean_line(words.replace(self.token, "…"), limit=_REASON_LIMIT)

    def _headers(self) -> dict[str, str]:
        return {"Accept": "application/json", "Authorization": f"Bearer {self.token}"}


def identifier(value: object) -> str:
    """An id as text, which servers write as a number or a string; empty if it is none that can stand in a URL."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if _IDENTIFIER.fullmatch(text) else ""


def host_of(address: str) -> str:
    """The host in an address, whatever it is; empty if there is none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


@contextmanager
def repeatable() -> Iterator[None]:
    """Around calls of which a second one does no harm: a lost answer means no more than to try again."""
    try:
        yield
    except Unexplained:
        raise
    except OutcomeUnknown as error:
        raise Unavailable(str(error)) from error
