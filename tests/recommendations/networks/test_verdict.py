"""What something on the way says in a server's place is no verdict, whatever was asked, in whatever dress."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from recommendations.networks.base import CannotEdit, Options, Rejected, Revoked, Unavailable, Unexplained
from recommendations.networks.bluesky import Bluesky
from recommendations.networks.http import Response
from recommendations.networks.posting import Connected, Part
from recommendations.networks.verdict import MASTODON, OAUTH, XRPC, X, own_word
from recommendations.networks.x import X as XPoster
from recommendations.networks.x_oauth import XOAuth
from tests.fakes.web import DRESSES, Answer, Fault
from tests.fakes.x import FakeX
from tests.recommendations.networks.atmosphere import ADA, PDS, Sky, answer, atmosphere, refusal
from tests.recommendations.networks.mastodons import PICTURE, Desk, desk

JSON = {"content-type": "application/json; charset=utf-8"}


@pytest.mark.parametrize(
    ("protocol", "headers", "body"),
    [
        (MASTODON, JSON, '{"error": "Record not found"}'),
        (MASTODON, JSON, '{"error": "Validation failed", "details": {}}'),
        (XRPC, JSON, '{"error": "ExpiredToken", "message": "Token has expired"}'),
        (X, {"content-type": "application/problem+json"}, '{"title": "Forbidden", "detail": "No", "status": 403}'),
        (OAUTH, JSON, '{"error": "invalid_grant", "error_description": "Used up"}'),
    ],
)
def test_a_refusal_in_the_protocols_own_format_is_the_servers_word(protocol: Any, headers: Any, body: str) -> None:
    assert own_word(Response(403, headers, body.encode(), PDS), protocol) is not None


@pytest.mark.parametrize("protocol", [MASTODON, XRPC, X, OAUTH])
@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"content-type": "text/html"}, "<h1>Blocked</h1>"),
        ({"content-type": "text/html"}, '{"error": "invalid_grant", "title": "a", "detail": "b"}'),
        ({"content-type": "text/plain"}, "Invalid Bearer token"),
        ({}, ""),
        (JSON, ""),
        (JSON, "[]"),
        (JSON, '{"message": "Forbidden"}'),
        (JSON, '{"success": false, "errors": [{"code": 1020}]}'),
        (JSON, '{"error": {"code": 403}, "detail": 7}'),
    ],
)
def test_nothing_else_is(protocol: Any, headers: dict[str, str], body: str) -> None:
    assert own_word(Response(403, headers, body.encode(), PDS), protocol) is None


def test_json_that_a_gateway_makes_is_not_mastodons_word() -> None:
    body = b'{"timestamp": 1, "status": 403, "error": "Forbidden", "path": "/api/v1/statuses"}'

    assert own_word(Response(403, JSON, body, PDS), MASTODON) is None


@pytest.fixture
def here() -> Iterator[Desk]:
    with desk() as made:
        yield made


MASTODON_CALLS: dict[str, Callable[[Desk, str], Any]] = {
    "send": lambda here, _: here.send(here.part("Another")),
    "edit": lambda here, own: here.poster.edit(own, here.wire(here.part("Better")), secret=here.secret),
    "delete": lambda here, own: here.poster.delete(own, secret=here.secret),
    "look": lambda here, _: here.look(here.part()),
    "connect": lambda here, _: here.poster.verify(here.secret),
    "upload": lambda here, _: here.poster.upload(PICTURE, secret=here.secret),
    "instance": lambda here, _: here.poster.limits(here.secret),
}


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("call", MASTODON_CALLS)
def test_on_mastodon(here: Desk, call: str, dress: Fault) -> None:
    own = here.send(here.part()).remote_id
    here.fake.script(call, dress, dress)
    may_be_so = (call, dress) in {("upload", Fault.NOT_FOUND_PAGE), ("instance", Fault.NOT_FOUND_PAGE)}

    error = None
    try:
        MASTODON_CALLS[call](here, own)
    except (Unavailable, Rejected) as raised:
        error = raised

    assert isinstance(error, Unavailable) or (may_be_so and not isinstance(error, Rejected))
    assert isinstance(error, Unexplained) or call == "instance" or may_be_so
    assert here.fake.texts("ada") == [here.part().text]


@pytest.mark.parametrize("call", ["edit", "delete", "connect"])
def test_a_page_that_says_all_is_well_is_no_answer_either(here: Desk, call: str) -> None:
    own = here.send(here.part()).remote_id
    here.fake.script(call, Fault.BEFORE_GARBAGE)

    with pytest.raises(Unavailable):
        MASTODON_CALLS[call](here, own)


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_server_that_says_itself_that_it_cannot_edit_is_believed_while_the_post_stands(
    here: Desk, status: int
) -> None:
    own = here.send(here.part()).remote_id
    here.fake.script("edit", Answer(status, {"error": "Not implemented"}))

    with pytest.raises(CannotEdit):
        MASTODON_CALLS["edit"](here, own)


def test_a_403_for_an_edit_is_never_taken_for_cannot(here: Desk) -> None:
    own = here.send(here.part()).remote_id
    here.fake.script("edit", Answer(403, {"error": "This action is not allowed"}))

    with pytest.raises(Rejected) as raised:
        MASTODON_CALLS["edit"](here, own)

    assert not isinstance(raised.value, CannotEdit)


def test_a_page_for_every_question_about_a_post_does_not_make_it_gone(here: Desk) -> None:
    own = here.send(here.part()).remote_id
    here.fake.script("edit", Fault.NOT_FOUND_PAGE)
    here.fake.script("status", Fault.NOT_FOUND_PAGE, Fault.NOT_FOUND_PAGE)

    with pytest.raises(Unexplained):
        MASTODON_CALLS["edit"](here, own)


def test_a_server_that_says_gone_with_a_page_is_believed_where_the_post_is_not_among_our_own() -> None:
    with desk("html") as here:
        own = here.send(here.part()).remote_id
        here.fake.delete_by_hand(own)

        here.poster.delete(own, secret=here.secret)


@pytest.mark.parametrize("says", ["text", "page"])
def test_a_token_refused_in_other_words_is_not_yet_revoked(says: str) -> None:
    with desk(bad_token=400, bad_token_says=says) as here:
        here.fake.revoke("ada")

        with pytest.raises(Unexplained):
            here.poster.verify(here.secret)


def test_a_token_refused_in_the_servers_own_words_is(here: Desk) -> None:
    here.fake.revoke("ada")

    with pytest.raises(Revoked):
        here.poster.verify(here.secret)


def test_a_scope_refused_with_underscores_is_about_the_token(here: Desk) -> None:
    here.fake.script("send", Answer(403, {"error": "out_of_scope_for_token"}))

    with pytest.raises(Revoked):
        here.send(here.part())


# X


@pytest.fixture
def fake() -> Iterator[FakeX]:
    with FakeX() as server:
        yield server


@pytest.fixture
def ada(fake: FakeX) -> Connected:
    return XPoster(fake.options).connect(**fake.add_account("ada"))


X_CALLS: dict[str, Callable[[XPoster, dict[str, Any]], Any]] = {
    "send": lambda x, secret: x.send({"text": "Another"}, key="k", secret=secret),
    "delete": lambda x, secret: x.delete("1985000000000000001", secret=secret),
    "look": lambda x, secret: x.look({"text": "a"}, key="k", secret=secret, since=datetime.now(UTC)),
    "connect": lambda x, secret: x.verify(secret),
}


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("call", X_CALLS)
def test_on_x(fake: FakeX, ada: Connected, call: str, dress: Fault) -> None:
    fake.script(call, dress)

    with pytest.raises(Unexplained):
        X_CALLS[call](XPoster(fake.options), ada.secret)


@pytest.mark.parametrize("dress", DRESSES)
def test_a_renewal_of_xs_tokens(fake: FakeX, ada: Connected, dress: Fault) -> None:
    fake.script("token", dress)

    with pytest.raises(Unexplained):
        XOAuth(fake.options).renewed(ada.secret, at=datetime.now(UTC) + timedelta(hours=2))


def test_a_used_up_renewal_is_revoked_at_401_too(fake: FakeX, ada: Connected) -> None:
    fake.script("token", Answer(401, {"error": "invalid_grant"}))

    with pytest.raises(Revoked):
        XOAuth(fake.options).renewed(ada.secret, at=datetime.now(UTC) + timedelta(hours=2))


# Bluesky

SECRET = {"did": ADA, "handle": "ada.example.com", "pds": PDS, "access": "a", "refresh": "r", "password": "p"}
KEY = "3mznnivvj2222"
AT = datetime(2026, 11, 6, 15, tzinfo=UTC)
PAGES = {
    "firewall": answer(403, "<h1>Blocked</h1>", content_type="text/html"),
    "plain text": answer(400, "Invalid token", content_type="text/plain"),
    "empty": httpx.Response(403),
    "proxy": answer(403, {"message": "Forbidden"}),
    "login": answer(401, "<h1>Sign in</h1>"),
    "portal": answer(302, "", location="https://portal.example/"),
}
BLUESKY_CALLS: dict[str, tuple[str, str]] = {
    "send": ("POST", "com.atproto.repo.putRecord"),
    "delete": ("POST", "com.atproto.repo.deleteRecord"),
    "look": ("GET", "com.atproto.repo.getRecord"),
    "verify": ("GET", "com.atproto.server.getSession"),
    "renewal": ("POST", "com.atproto.server.refreshSession"),
    "sign-in": ("POST", "com.atproto.server.createSession"),
}


@pytest.fixture
def sky() -> Iterator[Sky]:
    with atmosphere() as made:
        made.knows_ada()
        yield made


@pytest.mark.parametrize("dress", PAGES)
@pytest.mark.parametrize("call", BLUESKY_CALLS)
def test_on_bluesky(sky: Sky, call: str, dress: str) -> None:
    poster = Bluesky(Options())
    sky.xrpc("POST", "com.atproto.server.refreshSession", refusal("ExpiredToken"))
    if call in ("renewal", "sign-in"):
        sky.xrpc("GET", "com.atproto.server.getSession", refusal("ExpiredToken"))
    elif dress == "login":
        session = {"did": ADA, "accessJwt": "b", "refreshJwt": "s"}
        sky.xrpc("POST", "com.atproto.server.refreshSession", answer(200, session))
    method, name = BLUESKY_CALLS[call]
    sky.xrpc(method, name, PAGES[dress])
    wire = poster.wire(Part("Hello", key=KEY, created_at=AT), secret=SECRET, root=None, parent=None, picture=None)

    does: dict[str, Callable[[], Any]] = {
        "send": lambda: poster.send(wire, key=KEY, secret=SECRET),
        "delete": lambda: poster.delete(f"at://{ADA}/app.bsky.feed.post/{KEY}", secret=SECRET),
        "look": lambda: poster.look(wire, key=KEY, secret=SECRET, since=AT),
    }

    with pytest.raises(Unavailable) as raised:
        does.get(call, lambda: poster.verify(SECRET))()

    assert isinstance(raised.value, Unexplained) or call == "look"


@pytest.mark.parametrize("name", ["AccountTakedown", "AccountDeactivated"])
def test_an_account_that_is_stopped_is_revoked(sky: Sky, name: str) -> None:
    sky.xrpc("GET", "com.atproto.server.getSession", refusal(name))

    with pytest.raises(Revoked):
        Bluesky(Options()).verify(SECRET)


def test_a_withdrawn_app_password_is_revoked(sky: Sky) -> None:
    for method, name in (("GET", "getSession"), ("POST", "refreshSession")):
        sky.xrpc(method, f"com.atproto.server.{name}", refusal("ExpiredToken"))
    sky.xrpc("POST", "com.atproto.server.createSession", refusal("AuthenticationRequired", status=401))

    with pytest.raises(Revoked):
        Bluesky(Options()).verify(SECRET)
