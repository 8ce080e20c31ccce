"""A Mastodon server on a small internet, and a browser that goes through it."""

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.fakes.internet import Internet
from tests.fakes.mastodon_oauth import MastodonOAuthServer

HOST = "mastodon.test"


class Visitor(Client):
    """A visitor at our own address. `onward` says where a page leads to, as the browser would go there by itself."""

    def __init__(self, **more: Any) -> None:
        super().__init__(HTTP_HOST="localhost:8000", **more)

    def onward(self, response: HttpResponse) -> str:
        assert response.status_code == 200, response.content.decode()[-3000:]
        return unescape(response.content.decode().split('http-equiv="refresh" content="0;url=')[1].split('"')[0])

    def enter(self, server: MastodonOAuthServer, name: str, *, follow: bool = True, **form: str) -> HttpResponse:
        """Sign in with Mastodon as `name`."""
        begun = self.post("/accounts/login/with/mastodon/", {"mastodon": server.host, **form})
        return self.get(server.consent(self.onward(begun), name), follow=follow)

    @property
    def who(self) -> int | None:
        """Who is signed in."""
        key = self.session.get("_auth_user_id")
        return int(key) if key else None


@pytest.fixture(scope="package")
def internet() -> Iterator[Internet]:
    with Internet() as internet:
        yield internet


@pytest.fixture
def server(internet: Internet, settings: Any) -> MastodonOAuthServer:
    """Ada's and Grace's server, new for every test."""
    settings.FF_CA_FILE = str(internet.ca_file)
    server = MastodonOAuthServer(HOST)
    for name in ("ada", "grace"):
        server.add_person(name)
    internet.serve(HOST, server.respond)
    return server


@pytest.fixture
def visitor(db: None) -> Visitor:
    return Visitor()
