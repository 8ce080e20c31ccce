"""X's API v2, in memory, over real HTTP.

    with FakeX() as fake:
        ada = fake.add_account("ada")
        X(fake.options).connect(**ada)
        fake.script("send", Fault.AFTER_502, USAGE_CAP)

Its endpoints, by the names that `script` takes: connect (users/me), lookup, send, status, delete, look, token, revoke.
As a program of its own: `python -m tests.fakes.x` prints its address and ends with its stdin;
`tests.fakes.web.Remote(address)` then has the same operations, and takes the faults of `FAULTS` by their names.

Shapes and refusals are those of X's OpenAPI document (api.x.com/2/openapi.json) and docs.x.com.
"""

import base64
import hashlib
import itertools
import math
import re
import unicodedata
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from recommendations.networks.base import Options
from tests.fakes.web import Answer, Asked, FakeWeb, Fault, serve_until_stdin_ends

__all__ = ["CREDITS", "DUPLICATE", "FAULTS", "NOT_ENROLLED", "USAGE_CAP", "FakeX", "Fault", "length"]

PROBLEMS = "https://api.twitter.com/2/problems"
CLIENT_ID, CLIENT_SECRET, APP_TOKEN = "follow-friday", "the app's secret", "the app's token"
TOKEN_LIVES = 7_200  # seconds
DUPLICATE_FOR = timedelta(hours=12)
LONGEST = 280


def problem(status: int, title: str, detail: str, kind: str = "", **more: Any) -> Answer:
    """A refusal in X's shape."""
    address = f"{PROBLEMS}/{kind}" if kind else "about:blank"
    body = {"title": title, "detail": detail, "type": address, "status": status} | more
    return Answer(status, body, {"Content-Type": "application/problem+json"})


DUPLICATE = problem(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")
USAGE_CAP = problem(
    429,
    "UsageCapExceeded",
    "Usage cap exceeded: Monthly product cap",
    "usage-capped",
    period="Monthly",
    scope="Product",
)
CREDITS = problem(402, "CreditsDepleted", "Your enrolled account does not have any credits.", "credits")
NOT_ENROLLED = problem(
    403,
    "Client Forbidden",
    "When authenticating requests to the X API v2 endpoints, you must use keys from an attached app.",
    "client-forbidden",
    reason="client-not-enrolled",
)
FAULTS = {"duplicate": DUPLICATE, "usage cap": USAGE_CAP, "credits": CREDITS, "not enrolled": NOT_ENROLLED}


@dataclass(slots=True)
class Account:
    """Somebody with an account on X."""

    id: str
    username: str
    more: dict[str, Any] = field(default_factory=dict)  # whatever else their User object holds


@dataclass(slots=True)
class Token:
    """What opens an account until `expires`."""

    account: str
    expires: datetime
    refresh: str


@dataclass(slots=True)
class Tweet:
    """A post as the world sees it, or saw it. `text` is what was sent."""

    id: str
    account: str
    text: str
    created_at: datetime
    seen_from: datetime  # the timeline lags behind
    deleted: bool = False


class FakeX(FakeWeb):
    """`lag`: seconds until the timeline shows a new post."""

    operations = (
        *FakeWeb.operations,
        "add_account",
        "allow",
        "revoke",
        "standing",
        "texts",
        "post_by_hand",
        "delete_by_hand",
        "set_lag",
        "authorize",
    )

    def __init__(self) -> None:
        super().__init__()
        self.lag = 0.0
        self.accounts: dict[str, Account] = {}  # by username in lower case
        self.dress: Fault | None = None
        self.tokens: dict[str, Token] = {}
        self.refreshes: dict[str, str] = {}  # refresh token -> access token; each works once
        self.codes: dict[str, tuple[str, str, str]] = {}  # code -> username, challenge, redirect URI
        self.tweets: list[Tweet] = []
        self._numbers = itertools.count(1)
        self.route("POST", "/2/tweets", "send", self._send)
        self.route("GET", "/2/tweets/([^/]+)", "status", self._status)
        self.route("DELETE", "/2/tweets/([^/]+)", "delete", self._delete)
        self.route("GET", "/2/users/me", "connect", self._me)
        self.route("GET", "/2/users/by/username/([^/]+)", "lookup", self._by_username)
        self.route("GET", "/2/users/([^/]+)/tweets", "look", self._timeline)
        self.route("POST", "/2/oauth2/token", "token", self._token)
        self.route("POST", "/2/oauth2/revoke", "revoke", self._revoke)

    @property
    def options(self) -> Options:
        """Options under which the product finds this server, its app registered here, without an app token."""
        return Options(open_hosts=(self.host,), x_api=self.url, x_client_id=CLIENT_ID, x_client_secret=CLIENT_SECRET)

    # What tests do, here or from another process

    def script(self, endpoint: str, *faults: Fault | Answer | str | None) -> None:
        super().script(endpoint, *(FAULTS.get(each, each) if isinstance(each, str) else each for each in faults))

    def add_account(self, username: str, **more: Any) -> dict[str, str]:
        """Somebody who can post from now on: what `X.connect` takes."""
        self.accounts[username.lower()] = Account(str(44_196_000 + next(self._numbers)), username, more)
        return self.allow(username)

    def allow(self, username: str, seconds: int = TOKEN_LIVES) -> dict[str, str]:
        """New tokens for an account."""
        number = next(self._numbers)
        access, refresh = f"access-{username}-{number}", f"refresh-{username}-{number}"
        with self.lock:
            expires = self.now + timedelta(seconds=seconds)
            self.tokens[access] = Token(self.accounts[username.lower()].id, expires, refresh)
            self.refreshes[refresh] = access
        return {"access": access, "refresh": refresh, "expires_at": expires.isoformat()}

    def revoke(self, username: str, dress: str = "") -> None:
        """The account's owner throws our app out; `dress`: the Fault by which X says so."""
        self.dress = Fault(dress) if dress else None
        own = self.accounts[username.lower()].id
        with self.lock:
            self.tokens = {access: token for access, token in self.tokens.items() if token.account != own}
            self.refreshes = {refresh: access for refresh, access in self.refreshes.items() if access in self.tokens}

    def authorize(self, username: str, challenge: str, redirect_uri: str) -> str:
        """Somebody says yes in the browser; the code that comes back."""
        code = f"code-{next(self._numbers)}"
        self.codes[code] = (username, challenge, redirect_uri)
        return code

    def standing(self, username: str = "") -> list[dict[str, Any]]:
        """What the world sees, or saw, of an account (or of all), the first first (see Tweet)."""
        own = self.accounts[username.lower()].id if username else ""
        with self.lock:
            return [asdict(each) for each in self.tweets if own in ("", each.account)]

    def texts(self, username: str = "") -> list[str]:
        """What the world reads there now."""
        return [each["text"] for each in self.standing(username) if not each["deleted"]]

    def post_by_hand(self, username: str, text: str, minutes_ago: float = 0) -> str:
        """The account's owner writes something themselves; its id."""
        with self.lock:
            new = self._stored(self.accounts[username.lower()].id, text, self.now - timedelta(minutes=minutes_ago))
            self.tweets.sort(key=lambda each: each.created_at)
        return new.id

    def delete_by_hand(self, tweet: str) -> None:
        """Behind our back."""
        with self.lock:
            next(each for each in self.tweets if each.id == tweet).deleted = True

    def set_lag(self, seconds: float) -> None:
        """How long the timeline lags behind from now on."""
        self.lag = seconds

    # Endpoints

    def trouble(self, fault: Fault) -> Answer:
        if fault is Fault.BUSY:
            reset = str(math.ceil((self.now + timedelta(minutes=5)).timestamp()))
            headers = {"x-rate-limit-limit": "100", "x-rate-limit-remaining": "0", "x-rate-limit-reset": reset}
            return Answer(429, {"title": "Too Many Requests", "detail": "Too Many Requests", "status": 429}, headers)
        if fault is Fault.BAD_TOKEN:
            return problem(401, "Unauthorized", "Unauthorized")
        return super().trouble(fault)

    def unknown(self, asked: Asked) -> Answer:
        return problem(404, "Not Found", "Not Found")

    def _signed_in(self, asked: Asked, app: bool = False) -> str | Answer:
        """Whose token it is, "" for the app's own; or why not."""
        given = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if given == APP_TOKEN:
            kind = "unsupported-authentication"
            return (
                "" if app else problem(403, "Unsupported Authentication", "Application-Only is forbidden here.", kind)
            )
        token = self.tokens.get(given)
        return token.account if token and token.expires > self.now else self.trouble(self.dress or Fault.BAD_TOKEN)

    def _send(self, asked: Asked) -> Answer:
        account = self._signed_in(asked)
        if isinstance(account, Answer):
            return account
        unknown = set(asked.params) - {"text"}
        text = asked.params.get("text")
        if unknown or not isinstance(text, str):
            return problem(
                400, "Invalid Request", "One or more parameters to your request was invalid.", "invalid-request"
            )
        if not text.strip() or length(text) > LONGEST:
            return problem(400, "Invalid Request", "Your Tweet text is too long.", "invalid-request")
        with self.lock:
            for each in self.tweets:
                alike = each.account == account and not each.deleted and _told(each.text) == _told(text)
                if alike and self.now - each.created_at < DUPLICATE_FOR:
                    return DUPLICATE
            new = self._stored(account, text, self.now)
        return Answer(
            201, {"data": {"id": new.id, "text": self._shown(new)["text"], "edit_history_tweet_ids": [new.id]}}
        )

    def _status(self, asked: Asked, tweet: str) -> Answer:
        account = self._signed_in(asked, app=True)
        if isinstance(account, Answer):
            return account
        found = self._find(tweet)
        if found is None:
            return Answer(200, {"errors": [self._missing("tweet", "id", tweet)]})
        return Answer(200, {"data": self._shown(found) | {"author_id": found.account}})

    def _delete(self, asked: Asked, tweet: str) -> Answer:
        account = self._signed_in(asked)
        if isinstance(account, Answer):
            return account
        found = self._find(tweet)
        if found is None:
            return problem(404, "Not Found Error", f"Could not find tweet with id: [{tweet}].", "resource-not-found")
        if found.account != account:
            return problem(403, "Forbidden", "You are not authorized to delete this Tweet.")
        found.deleted = True
        return Answer(200, {"data": {"deleted": True}})

    def _me(self, asked: Asked) -> Answer:
        account = self._signed_in(asked)
        if isinstance(account, Answer):
            return account
        return Answer(200, {"data": self._user(next(each for each in self.accounts.values() if each.id == account))})

    def _by_username(self, asked: Asked, username: str) -> Answer:
        account = self._signed_in(asked, app=True)
        if isinstance(account, Answer):
            return account
        found = self.accounts.get(username.lower())
        if found is None:
            return Answer(200, {"errors": [self._missing("user", "username", username)]})
        if found.more.get("suspended"):
            missing = self._missing("user", "username", username)
            detail = f"User has been suspended: [{username}]."
            return Answer(200, {"errors": [missing | {"title": "Forbidden", "detail": detail}]})
        return Answer(200, {"data": self._user(found)})

    def _timeline(self, asked: Asked, account: str) -> Answer:
        signed_in = self._signed_in(asked, app=True)
        if isinstance(signed_in, Answer):
            return signed_in
        query = asked.query
        most, start = int(query.get("max_results", "10")), query.get("start_time", "2010-11-06T00:00:00Z")
        if not 5 <= most <= 100 or not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", start):
            return problem(
                400, "Invalid Request", "One or more parameters to your request was invalid.", "invalid-request"
            )
        since = datetime.fromisoformat(start)
        with self.lock:
            own = [
                each
                for each in reversed(self.tweets)
                if each.account == account
                and not each.deleted
                and each.seen_from <= self.now
                and each.created_at >= since
            ]
        first = int(query.get("pagination_token", "page0").removeprefix("page"))
        page = own[first : first + most]
        meta: dict[str, Any] = {"result_count": len(page)}
        if own[first + most :]:
            meta["next_token"] = f"page{first + most}"
        if not page:
            return Answer(200, {"meta": meta})
        return Answer(200, {"data": [self._shown(each) for each in page], "meta": meta})

    def _token(self, asked: Asked) -> Answer:
        form = asked.params
        basic = base64.b64encode(
            f"{CLIENT_ID}:{CLIENT_SECRET}".replace("'", "%27").replace(" ", "%20").encode()
        ).decode()
        if asked.headers.get("authorization") != f"Basic {basic}":
            words = "Missing valid authorization header"
            return Answer(401, {"error": "unauthorized_client", "error_description": words})
        with self.lock:
            if form.get("grant_type") == "refresh_token":
                access = self.refreshes.pop(form.get("refresh_token", ""), None)
                old = self.tokens.pop(access, None) if access else None
                return self._granted(old.account) if old else self._bad_token()
            username, challenge, redirect_uri = self.codes.pop(form.get("code", ""), ("", "", ""))
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            proven = base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge
            if not username or not proven or form.get("redirect_uri") != redirect_uri:
                return self._bad_token()
            return self._granted(self.accounts[username.lower()].id)

    def _revoke(self, asked: Asked) -> Answer:
        given = asked.params.get("token", "")
        with self.lock:
            access = self.refreshes.pop(given, given)
            self.tokens.pop(access, None)
        return Answer(200, {"revoked": True})

    # What they are made of

    def _granted(self, account: str) -> Answer:
        made = self.allow(next(each.username for each in self.accounts.values() if each.id == account))
        return Answer(
            200,
            {
                "token_type": "bearer",
                "expires_in": TOKEN_LIVES,
                "access_token": made["access"],
                "refresh_token": made["refresh"],
                "scope": "tweet.read tweet.write users.read offline.access",
            },
        )

    def _bad_token(self) -> Answer:
        words = "Value passed for the token was invalid."
        return Answer(400, {"error": "invalid_request", "error_description": words})

    def _stored(self, account: str, text: str, at: datetime) -> Tweet:
        new = Tweet(
            str(1_985_000_000_000_000_000 + next(self._numbers)), account, text, at, at + timedelta(seconds=self.lag)
        )
        self.tweets.append(new)
        return new

    def _find(self, tweet: str) -> Tweet | None:
        with self.lock:
            return next((each for each in self.tweets if each.id == tweet and not each.deleted), None)

    def _missing(self, kind: str, parameter: str, value: str) -> dict[str, Any]:
        return {
            "title": "Not Found Error",
            "type": f"{PROBLEMS}/resource-not-found",
            "detail": f"Could not find {kind} with {parameter}: [{value}].",
            "resource_type": kind,
            "parameter": parameter,
            "resource_id": value,
            "value": value,
        }

    def _user(self, account: Account) -> dict[str, Any]:
        more = {name: value for name, value in account.more.items() if name != "suspended"}
        return {"id": account.id, "username": account.username, "name": account.username.title()} | more

    def _shown(self, tweet: Tweet) -> dict[str, Any]:
        """As X shows it: escaped, with its URLs shortened to t.co."""
        urls: list[dict[str, Any]] = []

        def shorten(found: re.Match[str]) -> str:
            short = f"https://t.co/{hashlib.sha256(f'{tweet.id}{found.start()}'.encode()).hexdigest()[:10]}"
            whole = found[0] if "://" in found[0] else f"http://{found[0]}"
            urls.append({"url": short, "expanded_url": whole, "display_url": whole.partition("://")[2][:27]})
            return short

        text = _URL.sub(shorten, unicodedata.normalize("NFC", tweet.text.strip()))
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        for url in urls:
            url["start"] = text.index(url["url"])
            url["end"] = url["start"] + len(url["url"])
        created = tweet.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        shown = {"id": tweet.id, "text": text, "created_at": created, "edit_history_tweet_ids": [tweet.id]}
        return shown | ({"entities": {"urls": urls}} if urls else {})


# X's rule of length in small: the commonest top-level domains, and emoji by what they are made of.
_URL = re.compile(
    r"(?<![\w@#$./-])(?:https?://(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?(?:/[\w!*';:=+,.$/%#\[\]~@|&()-]*[\w=#/+-])?"
    r"(?:\?[\w!?*'@();:&=+$/%#\[\].,~|-]*[\w&=#/-])?"
    r"|(?:[a-z0-9-]+\.)+(?:com|org|net|edu|gov|de|uk|io|co|jp|social|app|dev|info|xyz)(?![\w@-])(?:/[\w/.%+-]*[\w/])?)",
    re.IGNORECASE,
)
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}|[#*0-9]\ufe0f?\u20e3"
    "|[\u2190-\u2bff\U0001f000-\U0001faff]\ufe0f?[\U0001f3fb-\U0001f3ff]?"
    "(?:\u200d[\u2190-\u2bff\U0001f000-\U0001faff]\ufe0f?[\U0001f3fb-\U0001f3ff]?)*[\U000e0020-\U000e007f]*"
)


def length(text: str) -> int:
    """How long X takes a text to be."""
    text = _EMOJI.sub("漢", _URL.sub("x" * 23, unicodedata.normalize("NFC", text)))
    return sum(1 if _light(ord(each)) else 2 for each in text)


def _light(point: int) -> bool:
    return point <= 0x10FF or 0x2000 <= point <= 0x200D or 0x2010 <= point <= 0x201F or 0x2032 <= point <= 0x2037


def _told(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


if __name__ == "__main__":
    serve_until_stdin_ends(FakeX())
