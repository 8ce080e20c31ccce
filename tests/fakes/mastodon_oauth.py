"""A Mastodon server as far as OAuth and finding out who somebody is go: as strict as the real one, and scriptable.

    server = MastodonOAuthServer("mastodon.test")
    server.add_person("ada", display_name="Ada Lovelace")
    internet.serve(server.host, server.respond)
    back = server.consent(asked.url, "ada")             # Ada at the consent page; the address she is sent back to

Every reply can be replaced: `server.instead["/api/v1/apps"] = reply(503)`; a function gets the request. What a
hostile server says of its people: `server.accounts["ada"]["acct"] = "grace@elsewhere.test"`.
"""

import base64
import hashlib
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from tests.fakes.internet import Reply, Request

SCOPES = ["read", "profile", "write", "read:accounts", "write:statuses", "write:media", "write:follows", "follow"]
Instead = Reply | Callable[[Request], Reply]


def reply(status: int = 200, document: Any = None, **headers: str) -> Reply:
    """JSON, or nothing."""
    body = b"" if document is None else json.dumps(document).encode()
    return Reply(status, body, {"Content-Type": "application/json", **headers})


@dataclass
class MastodonOAuthServer:
    """What it knows is there to be looked at; `domain` is the part of its handles behind the @."""

    host: str
    domain: str = ""
    knows_metadata: bool = True
    accepts: list[str] = field(default_factory=lambda: list(SCOPES))  # scopes an app may be registered with
    metadata: dict[str, Any] = field(default_factory=dict)  # changes
    instead: dict[str, Instead] = field(default_factory=dict)  # by path
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    fingers: dict[str, dict[str, Any]] = field(default_factory=dict)
    actors: dict[str, dict[str, Any]] = field(default_factory=dict)
    apps: dict[str, dict[str, Any]] = field(default_factory=dict)
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def issuer(self) -> str:
        return f"https://{self.host}"

    def add_person(self, name: str, **changes: Any) -> str:
        """Somebody with an account here; their actor's URI."""
        uri, domain = f"{self.issuer}/users/{name}", self.domain or self.host
        account = {"id": "1", "username": name, "acct": name, "uri": uri, "url": f"{self.issuer}/@{name}"}
        self.accounts[name] = account | {"display_name": name.title(), "emojis": [], "fields": []} | changes
        link = {"rel": "self", "type": "application/activity+json", "href": uri}
        for host in {domain, self.host}:
            self.fingers[f"acct:{name}@{host}"] = {"subject": f"acct:{name}@{domain}", "links": [link]}
        self.actors[f"/users/{name}"] = {"id": uri, "type": "Person", "preferredUsername": name}
        return uri

    def consent(self, url: str, name: str, *, agree: bool = True) -> str:
        """At the consent page, `name` says yes or no: the address one is sent back to."""
        query = urlsplit(url).query
        form = urlencode([*parse_qsl(query), ("as", name), ("agree", "yes" if agree else "no")])
        answer = self.respond(Request("POST", "/oauth/authorize", body=form.encode()))
        assert answer.status == 302, answer.body
        return str(answer.headers["Location"])

    def paths(self) -> list[str]:
        """What was asked, without queries."""
        return [request.path.partition("?")[0] for request in self.asked]

    def respond(self, request: Request) -> Reply:
        """The server's answer."""
        self.asked.append(request)
        path, _, query = request.path.partition("?")
        instead = self.instead.get(path)
        if instead is not None:
            return instead(request) if callable(instead) else instead
        form = {key: values[0] for key, values in parse_qs(request.body.decode(errors="replace")).items()}
        match path:
            case "/.well-known/oauth-authorization-server" if self.knows_metadata:
                return reply(200, self._metadata())
            case "/.well-known/webfinger":
                finger = self.fingers.get(parse_qs(query).get("resource", [""])[0])
                return reply(200, finger) if finger else reply(404)
            case "/api/v1/apps":
                return self._register(form)
            case "/oauth/authorize":
                return self._authorize(dict(parse_qsl(query)) | form, request.method)
            case "/oauth/token":
                return self._token(form)
            case "/oauth/revoke":
                self.tokens.pop(form.get("token", ""), None)
                return reply(200, {})
            case "/api/v1/accounts/verify_credentials":
                return self._me(request, {"profile", "read", "read:accounts"}, dict)
            case "/oauth/userinfo":
                return self._me(request, {"profile"}, self._userinfo)
            case _ if path in self.actors:
                return reply(200, self.actors[path])
        return Reply(404, b"<h1>Not found</h1>", {"Content-Type": "text/html"})

    def _metadata(self) -> dict[str, Any]:
        known = {
            "issuer": f"{self.issuer}/",  # Mastodon writes it with a slash
            "authorization_endpoint": f"{self.issuer}/oauth/authorize",
            "token_endpoint": f"{self.issuer}/oauth/token",
            "revocation_endpoint": f"{self.issuer}/oauth/revoke",
            "userinfo_endpoint": f"{self.issuer}/oauth/userinfo",
            "app_registration_endpoint": f"{self.issuer}/api/v1/apps",
            "scopes_supported": self.accepts,
            "code_challenge_methods_supported": ["S256"],
        }
        return known | self.metadata

    def _register(self, form: dict[str, str]) -> Reply:
        if not set(form.get("scopes", "read").split()) <= set(self.accepts):
            return reply(422, {"error": "Validation failed: Scopes doesn't match configured on the server."})
        number = next(self._numbers)
        app = {"client_id": f"client-{number}", "client_secret": f"secret-{number}", **form}
        self.apps[app["client_id"]] = app
        return reply(200, app)

    def _authorize(self, form: dict[str, str], method: str) -> Reply:
        app = self.apps.get(form.get("client_id", ""))
        if app is None or form.get("redirect_uri") != app["redirect_uris"]:
            return Reply(401, b"Client authentication failed due to unknown client", {"Content-Type": "text/html"})
        if not set(form["scope"].split()) <= set(app["scopes"].split()) or ("agree" not in form and method == "POST"):
            return Reply(400, b"The requested scope is invalid", {"Content-Type": "text/html"})
        if method == "GET":
            return self._page(form, app)
        back = {"state": form["state"]}
        if self.metadata.get("authorization_response_iss_parameter_supported"):
            back["iss"] = f"{self.issuer}/"
        if form["agree"] == "yes":
            back["code"] = f"code-{next(self._numbers)}"
            self._codes[back["code"]] = form
        else:
            back |= {"error": "access_denied", "error_description": "The resource owner denied the request."}
        return Reply(302, b"", {"Location": f"{form['redirect_uri']}?{urlencode(back)}"})

    def _page(self, form: dict[str, str], app: dict[str, Any]) -> Reply:
        hidden = "".join(f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in form.items())
        names = "".join(f'<input name="as" value="{escape(name)}">' for name in list(self.accounts)[:1])
        page = f"""<!doctype html><title>Authorize</title><h1>{escape(app["client_name"])} asks</h1>
<form method="post" action="/oauth/authorize">{hidden}{names}<button name="agree" value="yes">Authorize</button>
<button name="agree" value="no">Deny</button></form>"""
        return Reply(200, page.encode(), {"Content-Type": "text/html; charset=utf-8"})

    def _token(self, form: dict[str, str]) -> Reply:
        app = self.apps.get(form.get("client_id", ""))
        if app is None or form.get("client_secret") != app["client_secret"]:
            return reply(401, {"error": "invalid_client", "error_description": "Client authentication failed."})
        if form.get("grant_type") == "client_credentials":
            return reply(200, self._issue({"scope": "read", "as": ""}))
        code = self._codes.pop(form.get("code", ""), None)
        digest = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=")
        same = code and (code["client_id"], code["redirect_uri"]) == (form["client_id"], form.get("redirect_uri"))
        if not code or not same or code["code_challenge"] != digest.decode():
            return reply(400, {"error": "invalid_grant", "error_description": "The provided grant is invalid."})
        return reply(200, self._issue(code))

    def _issue(self, grant: dict[str, str]) -> dict[str, Any]:
        token = f"token-{next(self._numbers)}"
        self.tokens[token] = grant
        return {"access_token": token, "token_type": "Bearer", "scope": grant["scope"], "created_at": 1}

    def _me(self, request: Request, enough: set[str], shown: Callable[[dict[str, Any]], dict[str, Any]]) -> Reply:
        token = self.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if token is None or not token["as"]:
            return reply(401, {"error": "The access token is invalid"})
        if not enough & set(token["scope"].split()):
            return reply(403, {"error": "This action is outside the authorized scopes"})
        return reply(200, shown(self.accounts[token["as"]]))

    def _userinfo(self, account: dict[str, Any]) -> dict[str, Any]:
        return {
            "iss": self.issuer,
            "sub": account["uri"],
            "name": account["display_name"],
            "preferred_username": account["username"],
        }
