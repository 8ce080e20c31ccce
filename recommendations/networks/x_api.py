"""Speaking with X's API v2: signed calls, and what a refusal means, whatever was asked.

Refusals come as {"title", "detail", "type", "status"} (docs.x.com, "Response codes and errors"); "type" is an
address whose last word names the problem. It does not know what the calls are about.
"""

import html
import re
from typing import Any

from recommendations.markup import clean_line
from recommendations.networks.base import Rejected, Revoked, Unavailable
from recommendations.networks.guard import Forbidden
from recommendations.networks.http import Client, Response
from recommendations.networks.verdict import X as PROBLEM
from recommendations.networks.verdict import own_word, unexplained

TIMEOUT = 5.0

_SHORT = re.compile(r"https?://t\.co/[A-Za-z0-9]+")
_LONGEST_URL = 4_096  # of what X makes a short link (twitter-text)
_PAID = {"usage-capped", "credits"}  # the month's posts or the prepaid credits are used up
_SETTINGS = {"client-forbidden", "client-not-enrolled", "unsupported-authentication"}


def bearer(token: str) -> dict[str, str]:
    """The header of a signed call."""
    return {"Authorization": f"Bearer {token}"}


def read(
    http: Client, url: str, token: str, *, params: dict[str, str] | None = None, timeout: float = TIMEOUT
) -> dict[str, Any]:
    """What a GET answers. Raises Revoked, Rejected and, for whatever else is no answer, Unavailable."""
    try:
        response = http.get(url, params=params, headers=bearer(token), timeout=timeout, follow=False)
        if response.status == 200:
            return response.json()
    except Forbidden:
        raise
    except Rejected as error:
        raise Unavailable(str(error)) from error
    raise refusal(response) or Unavailable(said(response), retry_at=response.retry_at)


def refusal(response: Response) -> Rejected | Unavailable | None:
    """The error to raise where X surely did nothing of what was asked; None where that cannot be told.

    Unexplained where it is not X that says no (`verdict`).
    """
    if 300 <= response.status < 500 and response.status not in (408, 429) and own_word(response, PROBLEM) is None:
        return unexplained(response)
    kinds = _kinds(response)
    if response.status == 402 or kinds & _PAID:
        return Rejected(
            "%(answer)s The app's credits there are used up, or its limit is reached: whoever runs this site can "
            "see to that at developer.x.com. Then send it again.",
            answer=said(response),
        )
    if kinds & _SETTINGS:
        return Rejected(
            "%(answer)s Whoever runs this site must look at its app at developer.x.com.", answer=said(response)
        )
    if response.status == 401:
        return Revoked("%(answer)s Please connect the channel again.", answer=said(response))
    if response.status == 429:
        return Unavailable(said(response), retry_at=response.retry_at)
    if 400 <= response.status < 500 and response.status != 408:
        return Rejected(said(response))
    return None


def said(response: Response) -> str:
    """What X gave as its reason, as a sentence for a curator."""
    problem = document(response)
    reasons = (problem.get(name) for name in ("detail", "error_description", "title", "error"))
    reason = next((line for each in reasons if isinstance(each, str) and (line := clean_line(each, limit=200))), "")
    return f"X said: {(reason or f'status {response.status}').rstrip('.')}."


def document(response: Response) -> dict[str, Any]:
    """What X answered, a problem or not; empty if it is no JSON object."""
    try:
        return response.json()
    except Rejected:
        return {}


def entry(value: Any) -> dict[str, Any]:
    """An object inside an answer, or an empty one where something else stands."""
    return value if isinstance(value, dict) else {}


def entries(value: Any) -> list[dict[str, Any]]:
    """The objects of a list inside an answer, whatever else stands there."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def word(value: Any) -> str:
    """A text inside an answer, or an empty one where something else stands."""
    return value if isinstance(value, str) else ""


def as_written(text: str, entities: Any) -> str:
    """A text as it was sent: X's short links as the addresses they stand for, &lt; &gt; &amp; as themselves.

    `entities`: X's {"urls": [{"url", "expanded_url"}]} of that text.
    """
    whole = {word(url.get("url")): word(url.get("expanded_url")) for url in entries(entry(entities).get("urls"))}
    return _SHORT.sub(lambda short: whole.get(short[0], short[0])[:_LONGEST_URL], html.unescape(text))


def _kinds(response: Response) -> set[str]:
    """The names X gives to the problem: the last word of its "type", and its "reason"."""
    problem = document(response) if response.status >= 400 else {}
    kinds = {word(problem.get("type")).rpartition("/")[2], word(problem.get("reason"))}
    return kinds | (
        {"usage-capped"} if word(problem.get("title")) in ("UsageCapExceeded", "CreditsDepleted") else set()
    )
