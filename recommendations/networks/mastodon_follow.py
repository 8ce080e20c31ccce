"""Following on Mastodon and what speaks its API, with what a reader granted on their own server.

Their own server is asked for everything: who somebody is there (accounts/lookup; search with `resolve` for those it
has not met yet), how the reader stands to them (accounts/relationships), and then to follow. Read in
docs.joinmastodon.org (methods/accounts, methods/search, methods/lists) and mastodon/mastodon 4.5
(app/services/follow_service.rb: 404 for who is gone, 403 for who blocks, is blocked or has moved, 422 for the server's
own limits; app/models/list_account.rb: only who one follows, or asked to follow, can be on a list).

A secret is as `mastodon_oauth` says; of it "server" and "token" are used. A wire is {"id"} and, as it applies, "moved"
(the handle they moved to), "list" (a list's id) and "stands" (an Outcome that was found, so nobody is followed again).
"""

from typing import Any, TypeVar

from recommendations.handles import Handle, Network
from recommendations.markup import clean_line
from recommendations.networks.base import Options, OutcomeUnknown, Rejected, Revoked, Unavailable
from recommendations.networks.following import Followed, List, Outcome, Person
from recommendations.networks.http import Response, client
from recommendations.networks.mastodon_account import at
from recommendations.networks.mastodon_api import Api, host_of, identifier, repeatable
from recommendations.networks.verdict import MASTODON, own_word

FOLLOW = ("read:accounts", "read:search", "read:follows", "write:follows")
MAKE_LIST = (*FOLLOW, "read:lists", "write:lists")
SECONDS = 10.0  # `search` makes the reader's server go and ask another one

_GONE = (404, 410)
_FOUND = 10  # accounts a search may bring
_ACCT_LIMIT = 400
_NAME_LIMIT = 200  # characters; servers allow 256 for a list's title

T = TypeVar("T")


class MastodonFollower:
    """A Follower. Holds nothing but its options; safe to use from many threads."""

    network = Network.MASTODON
    per_day = 300  # of the 400 that a server takes: the rest is the reader's own
    per_minute = 12  # each costs up to five calls, of 300 in five minutes
    list_follows = True

    def __init__(self, options: Options) -> None:
        self._http = client(options)

    def scopes(self, *, as_list: bool) -> tuple[str, ...]:
        """As `following.Follower`. Servers that know only coarse scopes are asked for those by `mastodon_oauth`."""
        return MAKE_LIST if as_list else FOLLOW

    def renewed(self, secret: dict[str, Any]) -> None:
        """None: these tokens do not run out."""

    def already(self, people: list[Person], *, secret: dict[str, Any]) -> dict[str, Followed]:
        """Nothing: one must be known to the reader's server by its own number first, which `seek` finds out."""
        return {}

    def make_list(self, name: str, *, key: str, secret: dict[str, Any]) -> List:
        """As `following.Follower`. A list of the reader's that has this name is taken; servers know no keys of ours."""
        api, title = self._api(secret), name[:_NAME_LIMIT]
        with repeatable():
            known = _document(api, api.get("/api/v1/lists", timeout=SECONDS), list)
        for each in known:
            if isinstance(each, dict) and each.get("title") == title and identifier(each.get("id")):
                return _list(api, each)
        # A lost answer does no harm: the next try finds the list by its name.
        with repeatable():
            made = _document(api, api.post("/api/v1/lists", json={"title": title}, timeout=SECONDS), dict)
        if not identifier(made.get("id")):
            raise Unavailable("%(host)s did not say what the list is called.", host=host_of(api.server))
        return _list(api, made)

    def seek(
        self, person: Person, *, secret: dict[str, Any], on: dict[str, Any] | None = None
    ) -> Followed | dict[str, Any]:
        """As `following.Follower`: two or three looks."""
        api = self._api(secret)
        account = self._account(api, person)
        if account is None:
            return Followed(
                Outcome.GONE,
                f"{host_of(api.server)} finds nobody at {person.handle} (any more).",
            )
        moved = account.get("moved")
        wire: dict[str, Any] = {}
        if isinstance(moved, dict):
            account, wire = moved, {"moved": _handle(moved, api)}
        own_id = identifier(account.get("id"))
        if not own_id or account.get("suspended") is True:
            return Followed(
                Outcome.GONE,
                f"{host_of(api.server)} has no place for {person.handle} any more.",
            )
        found = self._standing(api, own_id)
        if isinstance(found, Followed):
            if found.outcome == Outcome.REFUSED or on is None:
                return Followed(found.outcome, found.words, wire.get("moved", ""))
            wire["stands"] = found.outcome.value
        if on is not None:
            wire["list"] = on["id"]
        return {"id": own_id, **wire}

    def follow(self, wire: dict[str, Any], *, secret: dict[str, Any]) -> Followed:
        """As `following.Follower`: POST accounts/:id/follow, and lists/:id/accounts where they shall be on one."""
        api, moved = self._api(secret), wire.get("moved", "")
        if "stands" in wire:
            done = Followed(Outcome(wire["stands"]), moved_to=moved)
        else:
            done = self._follow(api, wire["id"], moved)
        if "list" not in wire or done.outcome in (Outcome.GONE, Outcome.REFUSED):
            return done
        try:
            return Followed(done.outcome, self._enlist(api, wire), moved)
        except (Revoked, Unavailable) as error:
            if "stands" in wire:
                raise
            raise OutcomeUnknown(str(error)) from error  # they are followed: that must not be called for again

    def _api(self, secret: dict[str, Any]) -> Api:
        return at(self._http, secret["server"], secret["token"])

    def _account(self, api: Api, person: Person) -> dict[str, Any] | None:
        """Who they are on the reader's server; None if it finds nobody, or somebody else by that name."""
        acct = person.handle.address
        with repeatable():
            response = api.get("/api/v1/accounts/lookup", params={"acct": acct}, timeout=SECONDS)
            if response.status == 200:
                account = _document(api, response, dict)
                return account if _is(account, person, api) else None
            if response.status not in (*_GONE, 401, 405, 501):  # 401: kin that know no such address
                _accepted(api, response)
            query = {"q": f"@{acct}", "resolve": "true", "type": "accounts", "limit": str(_FOUND)}
            response = api.get("/api/v2/search", params=query, timeout=SECONDS)
            if response.status in _GONE and own_word(response, MASTODON) is not None:
                return None
            found = _document(api, response, dict).get("accounts")
        accounts = found if isinstance(found, list) else []
        return next((each for each in accounts if isinstance(each, dict) and _is(each, person, api)), None)

    def _standing(self, api: Api, own_id: str) -> Followed | None:
        """How the reader stands to them (entities/Relationship); None: they can be followed."""
        with repeatable():
            response = api.get("/api/v1/accounts/relationships", params={"id[]": own_id}, timeout=SECONDS)
            found = _document(api, response, list)
        one = next((each for each in found if isinstance(each, dict) and identifier(each.get("id")) == own_id), {})
        if one.get("following") is True:
            return Followed(Outcome.ALREADY)
        if one.get("requested") is True:
            return Followed(Outcome.REQUESTED)
        if one.get("blocking") is True:
            return Followed(Outcome.REFUSED, "You have blocked them.")
        if one.get("domain_blocking") is True:
            return Followed(Outcome.REFUSED, "You have blocked their whole server.")
        if one.get("blocked_by") is True:
            return Followed(Outcome.REFUSED, "They have blocked you.")
        return None

    def _follow(self, api: Api, own_id: str, moved: str) -> Followed:
        response = api.post(f"/api/v1/accounts/{own_id}/follow", json={}, timeout=SECONDS)
        if response.status in _GONE and own_word(response, MASTODON) is not None:
            return Followed(Outcome.GONE, f"{response.host} says that they are gone.", moved)
        try:
            now = _document(api, response, dict)
        except (Revoked, Unavailable, OutcomeUnknown):
            raise
        except Rejected as error:
            return Followed(Outcome.REFUSED, str(error), moved)
        if now.get("following") is True:
            return Followed(Outcome.FOLLOWED, moved_to=moved)
        if now.get("requested") is True:
            return Followed(Outcome.REQUESTED, moved_to=moved)
        raise OutcomeUnknown("%(host)s does not say whether you follow them now.", host=response.host)

    def _enlist(self, api: Api, wire: dict[str, Any]) -> str:
        """Put them on the list, which may be done twice; what the server says if it does not take them."""
        path = f"/api/v1/lists/{wire['list']}/accounts"
        with repeatable():
            response = api.post(path, json={"account_ids": [wire["id"]]}, timeout=SECONDS)
            if response.status == 422 and "taken" in api.reason(response):  # they are on it
                return ""
            try:
                _accepted(api, response)
            except (Revoked, Unavailable, OutcomeUnknown):
                raise
            except Rejected as error:
                return f"Not on the list: {error}"
        return ""


def _accepted(api: Api, response: Response) -> Response:
    try:
        return api.accepted(response)
    except Revoked:
        raise Revoked("%(host)s does not let us any more. Please allow it again.", host=response.host) from None


def _document(api: Api, response: Response, shape: type[T]) -> T:
    _accepted(api, response)
    return api.document(response, shape)


def _is(account: dict[str, Any], person: Person, api: Api) -> bool:
    """Is it them? Their uri says so; servers before Mastodon 4.2 tell none, so there the names must do."""
    if account.get("uri") and person.uri:
        return bool(account["uri"] == person.uri)
    return _handle(account, api).lower() == str(person.handle)


def _handle(account: dict[str, Any], api: Api) -> str:
    """`@name@host`: servers leave their own host away."""
    acct = account.get("acct")
    name, _, host = clean_line(acct[:_ACCT_LIMIT] if isinstance(acct, str) else "").partition("@")
    return str(Handle(Network.MASTODON, name, host or host_of(api.server)))


def _list(api: Api, made: dict[str, Any]) -> List:
    own_id = identifier(made.get("id"))
    return List({"id": own_id}, f"{api.server}/lists/{own_id}")
