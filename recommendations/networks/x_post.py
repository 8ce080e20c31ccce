"""Posts on X: is the one we mean among the account's own, and what an answer to sending means.

X has no idempotency key, so a post is known by its text alone: as X shows it, with its short links written
out again. It does not know channels, deliveries or how a session is renewed.
"""

import re
import unicodedata
from datetime import UTC, datetime, timedelta

from recommendations.networks.base import NotFound, OutcomeUnknown, Rejected
from recommendations.networks.http import Client, Response
from recommendations.networks.posting import Receipt
from recommendations.networks.verdict import X as PROBLEM
from recommendations.networks.verdict import own_word
from recommendations.networks.x_api import as_written, document, entries, entry, read, refusal, said, word

PAGE = 100  # the most posts one look at the timeline brings
PAGES = 5  # that are paid for
CLOCK_SLACK = timedelta(minutes=1)  # between our clock and theirs

_ID = re.compile(r"[0-9]{1,19}")
_IN_ADDRESS = re.compile(
    r"(?:(?:https?://)?(?:(?:www|m|mobile)\.)?(?:x|twitter)\.com/(?:i|i/web|\w{1,15})/status(?:es)?/)?"
    r"([0-9]{1,19})(?:[/?#]\S*)?",
    flags=re.ASCII | re.IGNORECASE,
)
_NOT_TOLD_APART = re.compile(r"[\u200b\u2060\ufeff]|https?://", flags=re.IGNORECASE)  # X writes it before a domain


def receipt(post: str) -> Receipt:
    """Of a post's number. The address holds whatever the account is called."""
    return Receipt(remote_id=post, url=f"https://x.com/i/status/{post}", reference={"id": post})


def number(remote_id: str) -> str:
    """A post's number, from itself or from an address of its page. Rejected where there is none in it."""
    found = _IN_ADDRESS.fullmatch(remote_id.strip()[:500])
    if found is None:
        raise Rejected("That is not the address of a post on X. They look like https://x.com/alice/status/12345.")
    return found[1]


def outcome(response: Response) -> Receipt:
    """What became of a post that was sent. Raises OutcomeUnknown, Revoked, Rejected, Unavailable."""
    if 200 <= response.status < 300:
        try:
            post = word(entry(response.json().get("data")).get("id"))
        except Rejected as error:
            raise OutcomeUnknown(str(error)) from error
        if _ID.fullmatch(post):
            return receipt(post)
        raise OutcomeUnknown("X answered, but not about this post.")
    said_no = own_word(response, PROBLEM) or {}
    if response.status == 403 and "duplicate" in word(said_no.get("detail")).lower():
        raise OutcomeUnknown(
            "X said that this text was posted already. Most likely it was us, and the answer got lost: we look for it."
        )
    raise refusal(response) or OutcomeUnknown(said(response))


def is_gone(response: Response) -> bool:
    """Does this answer to a DELETE say that the post stands no more?"""
    done = document(response) if response.status == 200 else {}
    return (response.status == 404 and own_word(response, PROBLEM) is not None) or entry(done.get("data")).get(
        "deleted"
    ) is True


def ours(http: Client, api: str, user: str, token: str, *, post: str) -> Receipt:
    """The account's own post of that number. Raises NotFound, Revoked, Rejected, Unavailable."""
    answer = read(http, f"{api}/2/tweets/{post}", token, params={"tweet.fields": "author_id"})
    if entry(answer.get("data")).get("author_id") != user:
        raise NotFound("There is no post of this account.")
    return receipt(post)


def standing(http: Client, api: str, user: str, token: str, *, text: str, since: datetime) -> Receipt | None:
    """The account's own post of this text, the newest if there are several; None if none is to be seen.

    Raises Revoked, Rejected (also where there are too many since then to be sure), Unavailable.
    """
    wanted = _normal(text)
    params = {
        "max_results": str(PAGE),
        "start_time": (since - CLOCK_SLACK).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "tweet.fields": "created_at,entities",
    }
    for _ in range(PAGES):
        answer = read(http, f"{api}/2/users/{user}/tweets", token, params=params)
        for post in entries(answer.get("data")):
            here = as_written(word(post.get("text")), post.get("entities"))
            if _normal(here) == wanted and _ID.fullmatch(word(post.get("id"))):
                return receipt(word(post.get("id")))
        more = word(entry(answer.get("meta")).get("next_token"))
        if not more:
            return None
        params["pagination_token"] = more
    raise Rejected("This account has posted so much since that we cannot tell whether this post is there.")


def _normal(text: str) -> str:
    """What two texts must share to be one: not how they are composed, blanks, nor what nobody sees or need write."""
    return " ".join(_NOT_TOLD_APART.sub("", unicodedata.normalize("NFC", text)).split())
