"""A reader's own Mastodon server, whole: it asks them whether we may (OAuth), and then lets us follow for them.

there = ReadersMastodon("mastodon.test")
there.follows.add_person("grace@navy.example")
internet.serve(there.oauth.host, there.respond)
"""

import json
from urllib.parse import parse_qsl

from tests.fakes.internet import Reply, Request
from tests.fakes.mastodon import Token
from tests.fakes.mastodon_follows import FollowsMastodon
from tests.fakes.mastodon_oauth import SCOPES, MastodonOAuthServer
from tests.fakes.web import Asked

_OURS = ("/api/v2/search", "/api/v1/lists", "/api/v1/accounts/")


class ReadersMastodon:
    """`oauth` knows Ada and who may act for her, `follows` whom she follows."""

    def __init__(self, host: str) -> None:
        self.oauth = MastodonOAuthServer(host)
        self.oauth.accepts = [*SCOPES, "read:follows", "read:search", "read:lists", "write:lists"]
        self.oauth.add_person("ada", display_name="Ada Lovelace")
        self.follows = FollowsMastodon(domain=host)
        self.follows.add_account("ada")

    def respond(self, request: Request) -> Reply:
        """Whichever of the two it is for."""
        path, _, query = request.path.partition("?")
        if not path.startswith(_OURS) or path.endswith("/verify_credentials"):
            return self.oauth.respond(request)
        own = self.follows.accounts["ada"].id
        self.follows.tokens = {
            token: Token(own, tuple(grant["scope"].split()))
            for token, grant in self.oauth.tokens.items()
            if grant["as"] == "ada"
        }
        headers = {name.lower(): value for name, value in request.headers.items()}
        answer = self.follows.answer(Asked("", request.method, path, dict(parse_qsl(query)), headers, request.body))
        assert answer is not None
        return Reply(
            answer.status, json.dumps(answer.body).encode(), {"Content-Type": "application/json", **answer.headers}
        )
