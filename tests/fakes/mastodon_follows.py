"""Following on the fake Mastodon: people elsewhere, looked up, searched for, followed, put on lists.

    with FollowsMastodon() as fake:
        ada = fake.add_account("ada")
        fake.add_person("grace@navy.example", locked=True)
        fake.allow_follows(3, minutes=15)
        fake.followed("ada")                    # {"grace@navy.example": "requested"}

Its endpoints, besides those of FakeMastodon: drop, search, relationships, follow, lists, new_list, enlist. Refusals are
those of mastodon/mastodon 4.5 (FollowService, ListAccount, RateLimiter).
"""

import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fakes.mastodon import ALL_SCOPES, Account, FakeMastodon
from tests.fakes.mastodon_flavours import Flavour
from tests.fakes.web import Answer, Asked, serve_until_stdin_ends

_BUSY = {"error": "Too many requests"}


@dataclass(slots=True)
class Elsewhere:
    """Somebody on another server. `known`: this server has met them; `gone`: it no longer finds them."""

    id: str
    acct: str
    uri: str
    locked: bool = False
    moved: str = ""  # acct
    known: bool = True
    gone: bool = False
    suspended: bool = False
    refuses: int = 0  # with this status, though nothing shows it beforehand
    standing: dict[str, bool] = field(default_factory=dict)  # blocking, blocked_by, domain_blocking


class FollowsMastodon(FakeMastodon):
    """A FakeMastodon whose people can follow."""

    operations = (*FakeMastodon.operations, "add_person", "allow_follows", "followed", "effective_follows", "list_of")

    def __init__(self, flavour: Flavour | str = "mastodon", *, domain: str = "mastodon.test") -> None:
        super().__init__(flavour, domain=domain)
        self.people: dict[str, Elsewhere] = {}  # by acct
        self.follows: dict[str, dict[str, str]] = defaultdict(dict)  # account id -> acct -> following, requested
        self.answered: Counter[str] = Counter()  # by acct: calls to follow that were not put off
        self.lists: dict[str, tuple[str, str, list[str]]] = {}  # id -> owner, title, accts
        self._allowed, self._window, self._within = 400, timedelta(hours=24), Counter[datetime]()
        self.route("POST", "/oauth/revoke", "drop", self._drop)
        self.route("GET", "/api/v2/search", "search", self._search)
        self.route("GET", "/api/v1/accounts/relationships", "relationships", self._relationships)
        self.route("POST", "/api/v1/accounts/([^/]+)/follow", "follow", self._follow)
        self.route("GET", "/api/v1/lists", "lists", self._lists)
        self.route("POST", "/api/v1/lists", "new_list", self._new_list)
        self.route("POST", "/api/v1/lists/([^/]+)/accounts", "enlist", self._enlist)

    # What tests do

    def add_person(self, acct: str, **more: Any) -> str:
        """Somebody elsewhere; their uri."""
        name, _, host = acct.partition("@")
        uri = f"https://{host}/users/{name}"
        self.people[acct] = Elsewhere(str(110_000_000_000_000_000 + next(self._numbers)), acct, uri, **more)
        return uri

    def allow_follows(self, number: int, *, minutes: float) -> None:
        """So many in so long a time; more are put off."""
        self._allowed, self._window = number, timedelta(minutes=minutes)
        self._within.clear()

    def granted(self, name: str, scopes: tuple[str, ...] = ALL_SCOPES) -> dict[str, str]:
        """What OAuth gives for an account: as `MastodonOAuth.grant`'s secret."""
        app = {"client_id": "client", "client_secret": "secret", "revoke": f"{self.url}/oauth/revoke"}
        uri = self._uri(self.accounts[name])
        return {"server": self.url, "token": self.allow(name, scopes), "uri": uri, "scope": " ".join(scopes), **app}

    def follow_by_hand(self, name: str, acct: str) -> None:
        """The account's owner follows somebody themselves."""
        self.follows[self.accounts[name].id][acct] = "following"

    def followed(self, name: str) -> dict[str, str]:
        """Whom somebody here follows, or asked to: acct -> following, requested."""
        return dict(self.follows[self.accounts[name].id])

    def effective_follows(self) -> dict[str, int]:
        """How often each was called for, by acct: what was put off does not count."""
        with self.lock:
            return dict(self.answered)

    def list_of(self, name: str) -> dict[str, list[str]]:
        """Somebody's lists: title -> accts."""
        return {title: accts for owner, title, accts in self.lists.values() if owner == self.accounts[name].id}

    # The endpoints

    def _drop(self, asked: Asked) -> Answer:
        with self.lock:
            self.tokens.pop(asked.params.get("token", ""), None)
        return Answer(200, {})

    def _lookup(self, asked: Asked) -> Answer:
        one = self.people.get(asked.query.get("acct", ""))
        if one is None:
            return super()._lookup(asked)
        return Answer(200, self._entity(one)) if one.known and not one.gone else self.error(404, "Record not found")

    def _search(self, asked: Asked) -> Answer:
        account = self.signed_in(asked, "read:search")
        if isinstance(account, Answer):
            return account
        one = self.people.get(asked.query.get("q", "").removeprefix("@"))
        found = one is not None and not one.gone and (one.known or asked.query.get("resolve") == "true")
        if one and found:
            one.known = True
        accounts = [self._entity(one)] if one and found else []
        return Answer(200, {"accounts": accounts, "statuses": [], "hashtags": []})

    def _relationships(self, asked: Asked) -> Answer:
        account = self.signed_in(asked, "read:follows")
        if isinstance(account, Answer):
            return account
        one = self._by_id(asked.query.get("id[]", ""))
        return Answer(200, [self._relationship(account, one)] if one else [])

    def _follow(self, asked: Asked, own_id: str) -> Answer:
        account = self.signed_in(asked, "write:follows")
        if isinstance(account, Answer):
            return account
        with self.lock:
            began = self._window_began()
            if self._within[began] >= self._allowed:
                return self._put_off(began + self._window)
            one = self._by_id(own_id)
            if one is None:
                return self.error(404, "Record not found")
            self.answered[one.acct] += 1
            if one.gone or one.suspended:
                return self.error(404, "Record not found")
            if one.moved or any(one.standing.values()):
                return self.error(403, "This action is not allowed")
            if one.refuses:
                return self.error(one.refuses, "Validation failed: You have reached the limit of accounts to follow")
            self._within[began] += 1
            self.follows[account.id].setdefault(one.acct, "requested" if one.locked else "following")
            return Answer(200, self._relationship(account, one))

    def _window_began(self) -> datetime:
        """Windows of a fixed length, one after another (app/lib/rate_limiter.rb)."""
        length = self._window.total_seconds()
        return datetime.fromtimestamp(self.now.timestamp() // length * length, UTC)

    def _put_off(self, until: datetime) -> Answer:
        reset = until.isoformat(timespec="microseconds").replace("+00:00", "Z")
        headers = {"X-RateLimit-Limit": str(self._allowed), "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
        return Answer(429, _BUSY, headers)

    def _lists(self, asked: Asked) -> Answer:
        account = self.signed_in(asked, "read:lists")
        if isinstance(account, Answer):
            return account
        return Answer(200, [self._list(each) for each, (owner, _, _) in self.lists.items() if owner == account.id])

    def _new_list(self, asked: Asked) -> Answer:
        account = self.signed_in(asked, "write:lists")
        if isinstance(account, Answer):
            return account
        with self.lock:
            new = str(next(self._numbers))
            self.lists[new] = (account.id, asked.params["title"], [])
        return Answer(200, self._list(new))

    def _enlist(self, asked: Asked, own_id: str) -> Answer:
        account = self.signed_in(asked, "write:lists")
        if isinstance(account, Answer):
            return account
        owner, _, accts = self.lists.get(own_id, ("", "", []))
        with self.lock:
            for each in asked.params["account_ids"]:
                one = self._by_id(str(each))
                if owner != account.id or one is None or one.acct not in self.follows[account.id]:
                    return self.error(404, "Record not found")
                if one.acct in accts:
                    return self.error(422, "Validation failed: Account has already been taken")
                accts.append(one.acct)
        return Answer(200, {})

    def _by_id(self, own_id: str) -> Elsewhere | None:
        return next((each for each in self.people.values() if each.id == own_id), None)

    def _entity(self, one: Elsewhere) -> dict[str, Any]:
        """docs.joinmastodon.org/entities/Account"""
        name, _, host = one.acct.partition("@")
        entity = {
            "id": self.json_id(one.id),
            "username": name,
            "acct": one.acct,
            "uri": one.uri,
            "url": f"https://{host}/@{name}",
            "locked": one.locked,
        }
        if not self.flavour.tells_uri:
            del entity["uri"]
        if one.suspended:
            entity["suspended"] = True
        if one.moved:
            entity["moved"] = self._entity(self.people[one.moved])
        return entity

    def _relationship(self, account: Account, one: Elsewhere) -> dict[str, Any]:
        """docs.joinmastodon.org/entities/Relationship"""
        how = self.follows[account.id].get(one.acct)
        known = {"following": how == "following", "requested": how == "requested", "followed_by": False}
        standing = {"blocking": False, "blocked_by": False, "domain_blocking": False, "muting": False, "note": ""}
        return {"id": self.json_id(one.id)} | known | standing | one.standing

    def _list(self, own_id: str) -> dict[str, Any]:
        return {"id": own_id, "title": self.lists[own_id][1], "replies_policy": "list", "exclusive": False}


if __name__ == "__main__":
    serve_until_stdin_ends(FollowsMastodon(*sys.argv[1:]))
