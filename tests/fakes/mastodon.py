"""A server that speaks Mastodon's API, in memory, over real HTTP.

    with FakeMastodon() as fake:
        ada = fake.add_account("ada")
        Mastodon(Options(open_hosts=(fake.host,))).connect(server=fake.url, token=ada["token"])
        fake.script("send", Fault.AFTER_502)

Its endpoints, by the names that `script` takes: instance, connect, lookup, webfinger, send, status, edit, delete, look,
upload, poll. As a program of its own: `python -m tests.fakes.mastodon [flavour]` prints its address and ends with
its stdin; `tests.fakes.web.Remote(address)` then has the same operations.

Shapes and refusals are those of docs.joinmastodon.org and mastodon/mastodon 4.5; what `FLAVOURS` says differs.
"""

import itertools
import sys
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from tests.fakes.mastodon_flavours import FLAVOURS, Flavour
from tests.fakes.mastodon_statuses import Status, Statuses
from tests.fakes.web import Answer, Asked, FakeWeb, Fault, serve_until_stdin_ends

__all__ = ["FLAVOURS", "FakeMastodon", "Fault", "Flavour"]

ALL_SCOPES = ("read", "write", "follow")
_BAD_TOKEN = "The access token is invalid"


@dataclass(slots=True)
class Account:
    """Somebody with an account here."""

    id: str
    name: str
    more: dict[str, Any] = field(default_factory=dict)  # whatever else their Account entity holds


@dataclass(slots=True)
class Token:
    """What opens an account."""

    account: str
    scopes: tuple[str, ...]


class FakeMastodon(FakeWeb):
    """`domain` is where its posts and people say that they live."""

    operations = (
        *FakeWeb.operations,
        "add_account",
        "allow",
        "revoke",
        "statuses",
        "texts",
        "post_by_hand",
        "delete_by_hand",
    )

    def __init__(self, flavour: Flavour | str = "mastodon", *, domain: str = "mastodon.test") -> None:
        super().__init__()
        self.flavour = FLAVOURS[flavour] if isinstance(flavour, str) else flavour
        self.domain = domain
        self.accounts: dict[str, Account] = {}  # by name
        self.tokens: dict[str, Token] = {}
        self.dress: Fault | None = None
        self._numbers = itertools.count(1)
        self.kept = Statuses(self)
        self.route("GET", "/api/v2/instance", "instance", self._instance_v2)
        self.route("GET", "/api/v1/instance", "instance", self._instance_v1)
        self.route("GET", "/api/v1/accounts/verify_credentials", "connect", self._verify_credentials)
        self.route("GET", "/api/v1/accounts/lookup", "lookup", self._lookup)
        self.route("GET", "/.well-known/webfinger", "webfinger", self._webfinger)
        self.route("GET", "/users/([^/]+)", "actor", self._actor)

    # What tests do, here or from another process

    def add_account(self, name: str, **more: Any) -> dict[str, str]:
        """{"id", "token", "uri"}: somebody who can post from now on."""
        account = Account(str(109_000_000_000_000_000 + next(self._numbers)), name, more)
        self.accounts[name] = account
        return {"id": account.id, "token": self.allow(name), "uri": self._uri(account)}

    def allow(self, name: str, scopes: list[str] | tuple[str, ...] = ALL_SCOPES) -> str:
        """A new token for an account."""
        token = f"token-{name}-{next(self._numbers)}"
        self.tokens[token] = Token(self.accounts[name].id, tuple(scopes))
        return token

    def revoke(self, name: str, dress: str = "") -> None:
        """All tokens of an account are worthless from now on; `dress`: the Fault by which the server says so."""
        self.dress = Fault(dress) if dress else None
        own = self.accounts[name].id
        with self.lock:
            self.tokens = {token: each for token, each in self.tokens.items() if each.account != own}

    def statuses(self, name: str) -> list[dict[str, Any]]:
        """What the world sees, or saw, of an account, the first first (see Status)."""
        with self.lock:
            return [asdict(each) for each in self.kept.all if each.account == self.accounts[name].id]

    def texts(self, name: str) -> list[str]:
        """What the world reads there now."""
        return [each["text"] for each in self.statuses(name) if not each["deleted"]]

    def post_by_hand(self, name: str, text: str, in_reply_to_id: str | None = None, minutes_ago: float = 0) -> str:
        """The account's owner writes something themselves; its id."""
        with self.lock:
            new = self.kept._new_id()
            url = f"https://{self.domain}/@{name}/{new}"
            at = self.now - timedelta(minutes=minutes_ago)
            own = self.accounts[name].id
            self.kept.all.append(Status(new, own, text, in_reply_to_id, "en", "public", False, [], at, url))
            self.kept.all.sort(key=lambda each: each.created_at)
        return new

    def delete_by_hand(self, status_id: str) -> None:
        """Behind our back."""
        with self.lock:
            next(each for each in self.kept.all if each.id == status_id).deleted = True

    # What the endpoints are made of

    def signed_in(self, asked: Asked, scope: str) -> Account | Answer:
        """Whose token it is; or why not."""
        token = self.tokens.get(asked.headers.get("authorization", "").removeprefix("Bearer "))
        if token is None:
            return self.trouble(self.dress or Fault.BAD_TOKEN)
        if not {scope, scope.partition(":")[0]} & set(token.scopes):
            return self.error(403, "This action is outside the authorized scopes")
        return self.by_id(token.account)

    def by_id(self, account_id: str) -> Account:
        return next(each for each in self.accounts.values() if each.id == account_id)

    def error(self, status: int, words: str) -> Answer:
        """docs.joinmastodon.org/entities/Error; some kin answer with a page."""
        return Answer(status, f"<h1>{words}</h1>" if self.flavour.html_errors and status == 404 else {"error": words})

    def unknown(self, asked: Asked) -> Answer:
        return self.error(404, "Not Found")

    def trouble(self, fault: Fault) -> Answer:
        if fault is Fault.BUSY:
            reset = (self.now + timedelta(minutes=5)).isoformat(timespec="microseconds").replace("+00:00", "Z")
            headers = {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
            return Answer(429, {"error": "Too many requests"}, headers)
        if fault is Fault.BAD_TOKEN and self.flavour.bad_token_says == "text":
            return Answer(self.flavour.bad_token, "Invalid Bearer token", {"Content-Type": "text/plain"})
        if fault is Fault.BAD_TOKEN and self.flavour.bad_token_says == "page":
            return Answer(self.flavour.bad_token, "<h1>Sign in</h1>")
        if fault is Fault.BAD_TOKEN:
            return self.error(self.flavour.bad_token, _BAD_TOKEN)
        if fault.endswith("500"):
            return Answer(500, {"status": 500, "error": "Internal Server Error"})
        if fault.endswith("503"):
            return self.error(503, "There was a temporary problem serving your request, please try again")
        return super().trouble(fault)

    def json_id(self, own: str | None) -> str | int | None:
        """An id as it stands in JSON."""
        return int(own) if own and self.flavour.ids == "numbers" else own

    def account_entity(self, account: Account) -> dict[str, Any]:
        """docs.joinmastodon.org/entities/Account"""
        entity = {
            "id": self.json_id(account.id),
            "username": account.name,
            "acct": account.name,
            "display_name": account.name.title(),
            "locked": False,
            "bot": True,
            "discoverable": True,
            "noindex": False,
            "created_at": "2026-01-01T00:00:00.000Z",
            "note": "",
            "url": f"https://{self.domain}/@{account.name}",
            "uri": self._uri(account),
            "avatar": f"https://{self.domain}/avatars/original/missing.png",
            "avatar_static": f"https://{self.domain}/avatars/original/missing.png",
            "fields": [],
            "emojis": [],
        } | account.more
        if not self.flavour.tells_uri:
            del entity["uri"]
        return entity

    def _uri(self, account: Account) -> str:
        return f"https://{self.domain}/users/{account.name}"

    def _configuration(self) -> dict[str, Any]:
        return {
            "statuses": {
                "max_characters": self.flavour.characters,
                "max_media_attachments": self.flavour.media,
                "characters_reserved_per_url": self.flavour.url_length,
            },
            "media_attachments": {"description_limit": self.flavour.description},
        }

    def _instance_v2(self, asked: Asked) -> Answer:
        if not self.flavour.instance_v2:
            return self.unknown(asked)
        return Answer(
            200,
            {
                "domain": self.domain,
                "title": "Fake",
                "version": self.flavour.version,
                "source_url": self.flavour.source_url,
                "configuration": self._configuration(),
                "api_versions": {"mastodon": 7},
            },
        )

    def _instance_v1(self, asked: Asked) -> Answer:
        if not self.flavour.instance_v1:
            return self.unknown(asked)
        document = {"uri": self.domain, "title": "Fake", "version": self.flavour.version}
        return Answer(200, document | {"configuration": self._configuration()})

    def _verify_credentials(self, asked: Asked) -> Answer:
        account = self.signed_in(asked, "read:accounts")
        return account if isinstance(account, Answer) else Answer(200, self.account_entity(account))

    def _lookup(self, asked: Asked) -> Answer:
        account = self.accounts.get(asked.query.get("acct", "").removesuffix(f"@{self.domain}"))
        return Answer(200, self.account_entity(account)) if account else self.error(404, "Record not found")

    def _webfinger(self, asked: Asked) -> Answer:
        name, _, host = asked.query.get("resource", "").removeprefix("acct:").rpartition("@")
        account = self.accounts.get(name) if host == self.domain else None
        if account is None:
            return Answer(404, "")
        links = [
            {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": self._page(account)},
            {"rel": "self", "type": "application/activity+json", "href": self._uri(account)},
        ]
        document = {"subject": f"acct:{name}@{host}", "links": links}
        return Answer(200, document, {"Content-Type": "application/jrd+json"})

    def _actor(self, asked: Asked, name: str) -> Answer:
        account = self.accounts.get(name)
        if account is None:
            return self.error(404, "Not Found")
        actor = {"type": "Person", "id": self._uri(account), "preferredUsername": name, "url": self._page(account)}
        return Answer(200, actor, {"Content-Type": "application/activity+json"})

    def _page(self, account: Account) -> str:
        return f"https://{self.domain}/@{account.name}"


if __name__ == "__main__":
    serve_until_stdin_ends(FakeMastodon(*sys.argv[1:]))
