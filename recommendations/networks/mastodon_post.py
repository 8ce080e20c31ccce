"""Posting to Mastodon and everything that speaks its API: effectively once.

Mastodon remembers an `Idempotency-Key` for an hour (PostStatusService), kin may ignore it, and some releases of
Mastodon answer a repeat with 500 although the post stands (mastodon#40399). So in doubt we first look among the
account's own recent statuses; a post that is not there is repeated with its key while a server that is known to
honour keys still remembers it, and later, or elsewhere, only after two empty looks.

A secret is {"server", "token", "account", "honours_keys", "alt_length"}; tokens do not run out by themselves.
A reference is {"id"}. This piece knows no edition, channel or delivery.
"""

import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from typing import Any
from urllib.parse import urlsplit

from recommendations.measures import Limits, Measure, graphemes
from recommendations.networks import mastodon_account as accounts
from recommendations.networks import mastodon_status as statuses
from recommendations.networks.base import (
    CannotEdit,
    NotFound,
    Options,
    OutcomeUnknown,
    Rejected,
    Unavailable,
    Unexplained,
)
from recommendations.networks.http import Response, client
from recommendations.networks.mastodon_api import NOT_THERE, Api, host_of, identifier, repeatable
from recommendations.networks.mastodon_instance import instance
from recommendations.networks.mastodon_media import upload
from recommendations.networks.posting import Connected, Doubt, Part, Picture, Receipt, Sent
from recommendations.networks.verdict import MASTODON, own_word, unexplained
from recommendations.networks.webfinger import PAGE_LIMIT, is_web_address

CONNECT_SECONDS = 10.0
WRITE_SECONDS = 15.0  # Mastodon asks the servers of those who are mentioned before it answers
LOOK_SECONDS = 20.0
UPLOAD_SECONDS = 30.0  # together with a look and a write: well below a claim's lease

REPEAT_FOR = timedelta(minutes=50)  # of the hour that Mastodon keeps a key
CLOCK_SLACK = timedelta(minutes=5)  # between our clock and theirs
PAGE = 40  # statuses: the most that Mastodon gives at once
PAGES = 10  # that are read: two weeks of a busy account, should we have to look so far back
PAGES_FOUND = 2  # that are read while a person waits

_STATUSES = "/api/v1/statuses"


class MastodonPoster:
    """The half of Mastodon that posts (posting.Poster). Holds nothing but its client; safe to use from many threads."""

    measure: Measure = staticmethod(graphemes)
    editable = True

    def __init__(self, options: Options) -> None:
        self._http = client(options)

    def doubt(self, secret: dict[str, Any]) -> Doubt:
        """Repeated where keys are honoured; elsewhere two empty looks must do."""
        return Doubt(
            wait=timedelta(minutes=1),
            repeat_for=REPEAT_FOR if secret["honours_keys"] else timedelta(0),
            enough_looks=2,
        )

    def price(self, part: Part) -> int:
        """Nothing."""
        return 0

    def key(self, *, moment: datetime, serial: int, part: int) -> str:
        """An Idempotency-Key such as `ff-20261106T150000.000000Z-7-0`."""
        return f"ff-{moment.astimezone(UTC):%Y%m%dT%H%M%S.%f}Z-{serial}-{part}"

    def connect(self, **credentials: str) -> Connected:
        """`server` (its address), `token`, and, where OAuth granted it, `scope`: which scopes, by blanks.

        Raises Revoked (a token that is no good), Rejected, Unavailable.
        """
        until = time.monotonic() + CONNECT_SECONDS
        api = accounts.at(self._http, credentials["server"].strip(), credentials["token"].strip())
        accounts.check_scope(credentials.get("scope", ""))
        who = accounts.account(api, timeout=until - time.monotonic())
        there = instance(api, timeout=until - time.monotonic())
        secret = {
            "server": api.server,
            "token": api.token,
            "account": who.id,
            "honours_keys": there.honours_keys,
            "alt_length": there.limits.alt_length,
        }
        return Connected(who.uri, who.handle, who.page_url, secret, there.limits)

    def renewed(self, secret: dict[str, Any], *, at: datetime) -> dict[str, Any] | None:
        """Never: these tokens last until they are revoked."""
        return None

    def verify(self, secret: dict[str, Any]) -> dict[str, Any] | None:
        """By verify_credentials."""
        accounts.check(self._api(secret), secret["account"], timeout=CONNECT_SECONDS)
        return None

    def limits(self, secret: dict[str, Any]) -> Limits:
        """As the server tells them now. Unavailable where it tells none: what is known stays."""
        api = self._api(secret)
        there = instance(api, timeout=CONNECT_SECONDS)
        if not there.said:
            raise Unavailable("%(host)s does not say how long posts may be.", host=host_of(api.server))
        return there.limits

    def wire(
        self,
        part: Part,
        *,
        secret: dict[str, Any],
        root: dict[str, Any] | None,
        parent: dict[str, Any] | None,
        picture: dict[str, Any] | None,
    ) -> dict[str, Any]:
        """The body of POST /api/v1/statuses. A reply names its parent alone."""
        return statuses.body(part, parent=parent, picture=picture)

    def upload(self, picture: Picture, *, secret: dict[str, Any]) -> dict[str, Any]:
        """{"id"}, once the server has worked through it. A picture in no post is forgotten by the server."""
        with repeatable():
            media = upload(picture, self._api(secret), alt_length=secret["alt_length"], timeout=UPLOAD_SECONDS)
        return {"id": media}

    def send(self, wire: dict[str, Any], *, key: str, secret: dict[str, Any]) -> Sent:
        """Post. A server that honours keys may answer with what already stands under this one.

        Raises Rejected if that is another post, or the parent is gone; else as posting.Poster.
        """
        api = self._api(secret)
        status = api.document(api.post(_STATUSES, json=wire, key=key, timeout=WRITE_SECONDS))
        receipt = _receipt(status, secret)
        if receipt is None:
            raise OutcomeUnknown("The server answered, but not about a post of this account.")
        if secret["honours_keys"] and not statuses.is_part(status, wire):
            raise Rejected(
                "Another post stands where this one was to go: %(url)s. Nothing was changed. Please look at the "
                "account: somebody or something else posts through it.",
                url=receipt.url,
            )
        return Sent(receipt)

    def look(self, wire: dict[str, Any], *, key: str, secret: dict[str, Any], since: datetime) -> Sent | None:
        """Search the account's own statuses, the newest first, for `statuses.is_part`.

        Rejected where there are too many of them since then to be sure.
        """
        oldest = since - CLOCK_SLACK
        for page in self._own(secret):
            recent = [each for each in page if (made := statuses.made_at(each)) is None or made >= oldest]
            found = [each for each in recent if statuses.is_part(each, wire)]
            receipts = [receipt for each in found if (receipt := _receipt(each, secret))]
            if receipts:
                return Sent(receipts[-1])  # should there be two: the first that was made
            if not recent:
                return None
        raise Rejected("This account has posted so much since that we cannot tell whether this post is there.")

    def find(self, address: str, *, secret: dict[str, Any]) -> Sent:
        """By the id that most servers' addresses end in; else by comparing it with those of our last statuses."""
        if not is_web_address(address, PAGE_LIMIT) or not host_of(address):
            raise Rejected("That is not the address of a post. They look like https://mastodon.example/@alice/12345.")
        with suppress(NotFound, Unexplained):
            sent = self._ours(self._standing(_last_of(address), secret), secret)
            if sent and host_of(address) in (host_of(secret["server"]), host_of(sent.receipt.url)):
                return sent
        for status in chain.from_iterable(islice(self._own(secret), PAGES_FOUND)):
            if address in (status.get("url"), status.get("uri")) and (sent := self._ours(status, secret)):
                return sent
        raise NotFound("There is no post of this account.")

    def edit(self, remote_id: str, wire: dict[str, Any], *, secret: dict[str, Any]) -> Sent:
        """PUT its new text. Pictures stay: without their ids, Mastodon would take them off (UpdateStatusService)."""
        api, path = self._api(secret), _path(remote_id)
        media = wire.get("media_ids") or statuses.media_of(self._standing(remote_id, secret))
        json = {name: wire[name] for name in ("status", "sensitive", "language") if name in wire}
        with repeatable():
            response = api.put(path, json=json | ({"media_ids": media} if media else {}), timeout=WRITE_SECONDS)
            if response.status in (*NOT_THERE, 410):
                self._standing(remote_id, secret)
                raise _cannot_edit(response)
            receipt = _receipt(api.document(response), secret)
        if receipt is None or receipt.remote_id != remote_id:
            raise Unavailable("The server answered, but not about this post.")
        return Sent(receipt)

    def delete(self, remote_id: str, *, secret: dict[str, Any]) -> dict[str, Any] | None:
        """Take it down; a post that is gone already is no error. A page that says 404 is not believed (`_standing`)."""
        api = self._api(secret)
        with repeatable():
            response = api.delete(_path(remote_id), timeout=WRITE_SECONDS)
            if response.status in (404, 410):
                with suppress(NotFound):
                    self._standing(remote_id, secret)
                    raise unexplained(response)
            else:
                api.document(response)
        return None

    def _own(self, secret: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
        """Our statuses in pages, the newest first; an empty one at the end, and none after PAGES."""
        until = time.monotonic() + LOOK_SECONDS
        api, seen, params = self._api(secret), set[str](), {"limit": str(PAGE), "exclude_reblogs": "true"}
        for _ in range(PAGES):
            path = f"/api/v1/accounts/{secret['account']}/statuses"
            with repeatable():
                page = api.document(api.get(path, params=params, timeout=until - time.monotonic()), list)
            own = [each for each in page if isinstance(each, dict) and identifier(each.get("id"))]
            if page and not own:
                raise Unavailable("The server answered, but not with the posts of this account.")
            page = [each for each in own if identifier(each["id"]) not in seen]
            yield page
            if not page:
                return
            seen |= {identifier(each["id"]) for each in page}
            params["max_id"] = identifier(page[-1]["id"])

    def _standing(self, remote_id: str, secret: dict[str, Any]) -> dict[str, Any]:
        """The status as it is. NotFound if the server says itself that it is gone.

        Some kin say 404 with a page, as a firewall may, too: then the post is gone if it is not among our own.
        """
        api = self._api(secret)
        response = api.get(_path(remote_id), timeout=WRITE_SECONDS)
        with repeatable():
            if response.status not in (404, 410):
                return api.document(response)
            if own_word(response, MASTODON) is None:
                pages = list(self._own(secret))
                if pages[-1] or any(identifier(each["id"]) == remote_id for page in pages for each in page):
                    raise unexplained(response)
        raise NotFound("This post is gone: somebody has deleted it.")

    def _ours(self, status: dict[str, Any], secret: dict[str, Any]) -> Sent | None:
        receipt = _receipt(status, secret)
        return Sent(receipt) if receipt else None

    def _api(self, secret: dict[str, Any]) -> Api:
        return Api(self._http, secret["server"], secret["token"])


def _cannot_edit(response: Response) -> Rejected | Unexplained:
    """What it means that there is no way to edit a post that stands."""
    if response.status not in NOT_THERE or own_word(response, MASTODON) is None:
        return unexplained(response)
    return CannotEdit("%(host)s cannot edit posts. You can delete this one, or leave it as it is.", host=response.host)


def _path(remote_id: str) -> str:
    if not identifier(remote_id):
        raise NotFound("This is not the address of a post that we made.")
    return f"{_STATUSES}/{remote_id}"


def _last_of(address: str) -> str:
    return urlsplit(address).path.rstrip("/").rpartition("/")[2]


def _receipt(status: dict[str, Any], secret: dict[str, Any]) -> Receipt | None:
    return statuses.receipt(status, account=secret["account"], server=secret["server"])
