"""Statuses and their media on the fake Mastodon: posted, edited, deleted, listed."""

import itertools
import re
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.fakes import mastodon_text
from tests.fakes.web import Answer, Asked, File

if TYPE_CHECKING:
    from tests.fakes.mastodon import Account, FakeMastodon

KEYS_KEPT = timedelta(hours=1)
PAGE, LONGEST_PAGE = 20, 40
_MENTION = re.compile(r"(?<![\w/])@\w[\w.-]*@[a-z0-9][a-z0-9.-]*[a-z0-9]", re.IGNORECASE | re.ASCII)
_NOT_REPLIED = "The post you are trying to reply to does not appear to exist."


@dataclass(slots=True)
class Media:
    """A picture; `polls` are still to be made until it is ready."""

    id: str
    account: str
    file: File
    description: str
    polls: int = 0


@dataclass(slots=True)
class Status:
    """A post as the world sees it, or saw it."""

    id: str
    account: str
    text: str
    in_reply_to_id: str | None
    language: str | None
    visibility: str
    sensitive: bool
    media: list[str]
    created_at: datetime
    url: str
    edited: bool = False
    deleted: bool = False
    alts: list[str] = field(default_factory=list)


class Statuses:
    """The endpoints below /api/v1/statuses and /api/v2/media."""

    def __init__(self, fake: "FakeMastodon") -> None:
        self.fake = fake
        self.race = 0.05  # seconds that a racing server takes from a look at the keys to the post being stored
        self.all: list[Status] = []
        self.media: dict[str, Media] = {}
        self.notified: list[tuple[str, str]] = []  # (status, @user@host): who hears of a mention, once for a status
        self.keys: dict[tuple[str, str], tuple[str, datetime]] = {}
        self._numbers = itertools.count(115_000_000_000_000_001)
        fake.route("POST", "/api/v1/statuses", "send", self.create)
        fake.route("GET", "/api/v1/statuses/([^/]+)", "status", self.show)
        fake.route("PUT", "/api/v1/statuses/([^/]+)", "edit", self.edit)
        fake.route("DELETE", "/api/v1/statuses/([^/]+)", "delete", self.delete)
        fake.route("GET", "/api/v1/accounts/([^/]+)/statuses", "look", self.own)
        fake.route("POST", "/api/v1/media", "upload", self.upload)
        fake.route("GET", "/api/v1/media/([^/]+)", "poll", self.poll)
        if fake.flavour.media_v2:
            fake.route("POST", "/api/v2/media", "upload", self.upload)

    def create(self, asked: Asked) -> Answer:
        account = self.fake.signed_in(asked, "write:statuses")
        if isinstance(account, Answer):
            return account
        racing = self.fake.flavour.keys == "racing"
        if racing:
            known = self._known(asked, account)
            time.sleep(self.race)
            return known or self._create(asked, account)
        with self.fake.lock:
            return self._known(asked, account) or self._create(asked, account)

    def show(self, asked: Asked, status_id: str) -> Answer:
        status = self._find(status_id)
        return Answer(200, self.entity(status)) if status else self.fake.error(404, "Record not found")

    def edit(self, asked: Asked, status_id: str) -> Answer:
        account = self.fake.signed_in(asked, "write:statuses")
        if isinstance(account, Answer):
            return account
        if self.fake.flavour.edits != 200:
            return self.fake.error(self.fake.flavour.edits, "Not here")
        params = asked.params
        with self.fake.lock:
            status = self._find(status_id, account)
            if status is None:
                return self.fake.error(404, "Record not found")
            refusal = self._refusal(params, account, editing=status)
            if refusal:
                return refusal
            media = [str(each) for each in params.get("media_ids") or []]
            changed = (params["status"], params.get("language") or status.language, media)
            if changed != (status.text, status.language, status.media):
                status.text, status.language, status.media = changed
                status.edited = True
                status.alts = self._alts(media)
                self._notify(status)
            return Answer(200, self.entity(status))

    def delete(self, asked: Asked, status_id: str) -> Answer:
        account = self.fake.signed_in(asked, "write:statuses")
        if isinstance(account, Answer):
            return account
        with self.fake.lock:
            status = self._find(status_id, account)
            if status is None:
                return self.fake.error(404, "Record not found")
            status.deleted = True
            return Answer(200, self.entity(status) | {"text": status.text})

    def own(self, asked: Asked, account_id: str) -> Answer:
        """The newest first; a post turns up after the flavour's lag."""
        account = self.fake.signed_in(asked, "read:statuses")
        if isinstance(account, Answer):
            return account
        if not any(each.id == account_id for each in self.fake.accounts.values()):
            return self.fake.error(404, "Record not found")
        latest = self.fake.now - timedelta(seconds=self.fake.flavour.lag)
        theirs = [each for each in self.all if each.account == account_id]
        shown = [each for each in reversed(theirs) if not each.deleted and each.created_at <= latest]
        if max_id := asked.query.get("max_id"):
            at = next((number for number, each in enumerate(self.all) if each.id == max_id), len(self.all))
            shown = [each for each in shown if self.all.index(each) < at]
        limit = min(int(asked.query.get("limit", PAGE)), LONGEST_PAGE)
        return Answer(200, [self.entity(each) for each in shown[:limit]])

    def upload(self, asked: Asked) -> Answer:
        account = self.fake.signed_in(asked, "write:media")
        if isinstance(account, Answer):
            return account
        params = asked.params
        file, description = params.get("file"), params.get("description", "")
        if not isinstance(file, File) or not file.media_type.startswith("image/"):
            return self.fake.error(422, "Validation failed: File content type is invalid")
        if len(description) > self.fake.flavour.description:
            most = self.fake.flavour.description
            return self.fake.error(422, f"Validation failed: Description is too long (maximum is {most} characters)")
        with self.fake.lock:
            polls = self.fake.flavour.pending_polls if asked.path.startswith("/api/v2") else 0
            media = Media(self._new_id(), account.id, file, description, polls)
            self.media[media.id] = media
        return Answer(202 if media.polls else 200, self._media_entity(media))

    def poll(self, asked: Asked, media_id: str) -> Answer:
        with self.fake.lock:
            media = self.media.get(media_id)
            if media is None:
                return self.fake.error(404, "Record not found")
            media.polls = max(media.polls - 1, 0)
            return Answer(206 if media.polls else 200, self._media_entity(media))

    def entity(self, status: Status) -> dict[str, Any]:
        """docs.joinmastodon.org/entities/Status"""
        account = self.fake.by_id(status.account)
        parent = next((each for each in self.all if each.id == status.in_reply_to_id), None)
        return {
            "id": self.fake.json_id(status.id),
            "created_at": f"{status.created_at:%Y-%m-%dT%H:%M:%S}.{status.created_at.microsecond // 1000:03}Z",
            "edited_at": self.fake.now.isoformat() if status.edited else None,
            "in_reply_to_id": self.fake.json_id(status.in_reply_to_id),
            "in_reply_to_account_id": self.fake.json_id(parent.account) if parent else None,
            "sensitive": status.sensitive,
            "spoiler_text": "",
            "visibility": status.visibility,
            "language": status.language if self.fake.flavour.tells_language else None,
            "uri": f"https://{self.fake.domain}/users/{account.name}/statuses/{status.id}",
            "url": status.url,
            "replies_count": sum(each.in_reply_to_id == status.id for each in self.all),
            "reblogs_count": 0,
            "favourites_count": 0,
            "content": mastodon_text.render(status.text, self.fake.flavour.markup),
            "reblog": None,
            "account": self.fake.account_entity(account),
            "media_attachments": [self._media_entity(self.media[each]) for each in status.media],
            "mentions": [],
            "tags": [],
            "emojis": [],
            "card": None,
            "poll": None,
        }

    def _known(self, asked: Asked, account: "Account") -> Answer | None:
        """What a repeat with a known key gets."""
        key, now = (account.id, asked.headers.get("idempotency-key", "")), self.fake.now
        with self.fake.lock:
            status_id, kept_at = self.keys.get(key, ("", now))
        if not key[1] or not status_id or now - kept_at >= KEYS_KEPT or self.fake.flavour.keys == "ignored":
            return None
        if self.fake.flavour.repeats_fail:
            return Answer(500, {"status": 500, "error": "Internal Server Error"})
        status = self._find(status_id)
        return Answer(200, self.entity(status)) if status else self.fake.error(404, "Record not found")

    def _create(self, asked: Asked, account: "Account") -> Answer:
        params = asked.params
        with self.fake.lock:
            refusal = self._refusal(params, account)
            if refusal:
                return refusal
            parent = params.get("in_reply_to_id")
            media = [str(each) for each in params.get("media_ids") or []]
            new = self._new_id()
            status = Status(
                id=new,
                account=account.id,
                text=params.get("status") or "",
                in_reply_to_id=str(parent) if parent else None,
                language=params.get("language"),
                visibility=params.get("visibility") or "public",
                sensitive=params.get("sensitive") in (True, "true", "1"),
                media=media,
                created_at=self.fake.now,
                url=f"https://{self.fake.domain}/@{account.name}/{new}",
                alts=self._alts(media),
            )
            self.all.append(status)
            self._notify(status)
            self.keys[account.id, asked.headers.get("idempotency-key", "")] = (new, self.fake.now)
        return Answer(200, self.entity(status))

    def _notify(self, status: Status) -> None:
        """As Mastodon: a handle of another server in the text; again for the same status, nobody hears anything."""
        for handle in _MENTION.findall(status.text):
            if (status.id, handle) not in self.notified:
                self.notified.append((status.id, handle))

    def _refusal(self, params: dict[str, Any], account: "Account", editing: Status | None = None) -> Answer | None:
        """As Mastodon's validations, in their order (PostStatusService, StatusLengthValidator)."""
        flavour, text, media = self.fake.flavour, params.get("status") or "", params.get("media_ids") or []
        if flavour.strict and not isinstance(params.get("sensitive", False), bool):
            return self.fake.error(422, "sensitive must be a boolean")
        parent = params.get("in_reply_to_id")
        if not editing and parent and not self._find(str(parent)):
            return self.fake.error(404, _NOT_REPLIED)
        if len(media) > flavour.media:
            return self.fake.error(422, f"Cannot attach more than {flavour.media} files")
        known = [self.media.get(str(each)) for each in media]
        if any(each is None or each.account != account.id for each in known):
            return self.fake.error(422, "Media not found or already attached to another post")
        if any(each and each.polls for each in known):
            return self.fake.error(422, "Cannot attach files that have not finished processing. Try again in a moment!")
        if not text.strip() and not media:
            return self.fake.error(422, "Validation failed: Text can't be blank")
        if mastodon_text.length(text, flavour.url_length, flavour.counts) > flavour.characters:
            return self.fake.error(422, f"Validation failed: Text character limit of {flavour.characters} exceeded")
        return None

    def _find(self, status_id: str, account: "Account | None" = None) -> Status | None:
        return next(
            (
                each
                for each in self.all
                if each.id == status_id and not each.deleted and (account is None or each.account == account.id)
            ),
            None,
        )

    def _alts(self, media: list[str]) -> list[str]:
        return [self.media[each].description for each in media]

    def _new_id(self) -> str:
        return str(uuid.uuid4()) if self.fake.flavour.ids == "uuids" else str(next(self._numbers))

    def _media_entity(self, media: Media) -> dict[str, Any]:
        url = None if media.polls else f"https://{self.fake.domain}/media/{media.id}.png"
        return {
            "id": self.fake.json_id(media.id),
            "type": "image",
            "url": url,
            "preview_url": url,
            "description": media.description or None,
        }
