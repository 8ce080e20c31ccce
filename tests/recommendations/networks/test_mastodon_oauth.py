"""OAuth with Mastodon's kin against a strict server over https: who somebody is, and who cannot pretend to be them."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from recommendations.handles import Handle, Network
from recommendations.networks import authorizer
from recommendations.networks.base import NotFound, Options, Rejected, Unavailable
from recommendations.networks.granting import Asked, Authorizer, Declined, Forgotten, Granted
from recommendations.networks.mastodon_oauth import SIGN_IN
from tests.fakes.internet import Internet, Reply
from tests.fakes.mastodon_oauth import MastodonOAuthServer, reply

HOST = "mastodon.test"
REDIRECT = f"https://ff.example/oauth/mastodon/{HOST}/"
ADA = Handle(Network.MASTODON, "ada", HOST)
VERIFY = "/api/v1/accounts/verify_credentials"
METADATA = "/.well-known/oauth-authorization-server"


@pytest.fixture(scope="module")
def internet() -> Iterator[Internet]:
    with Internet() as internet:
        yield internet


@pytest.fixture
def server(internet: Internet) -> MastodonOAuthServer:
    """Ada's server, new for every test."""
    server = MastodonOAuthServer(HOST)
    server.add_person("ada", display_name="Ada :heart: Lovelace", emojis=[{"shortcode": "heart"}])
    internet.serve(HOST, server.respond)
    return server


@pytest.fixture
def asker(internet: Internet) -> Authorizer:
    return authorizer(Network.MASTODON, Options(ca_file=str(internet.ca_file), site_url="https://ff.example"))


def ask(asker: Authorizer, who: Handle | str = HOST, **more: Any) -> Asked:
    return asker.ask(who, **({"redirect_uri": REDIRECT, "scopes": SIGN_IN} | more))


def answer(back: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(back).query))


def sign_in(asker: Authorizer, server: MastodonOAuthServer, name: str = "ada", **more: Any) -> Granted:
    asked = ask(asker, **more)
    return asker.grant(asked.pending, answer(server.consent(asked.url, name)))


def test_who_signed_in_is_known_by_their_actor(asker: Authorizer, server: MastodonOAuthServer) -> None:
    granted = sign_in(asker, server)

    assert (granted.issuer, granted.uri) == (f"https://{HOST}", f"https://{HOST}/users/ada")
    assert (granted.handle, granted.name, granted.scopes) == (ADA, "Ada Lovelace", ("profile",))
    assert granted.secret["server"] == f"https://{HOST}"
    assert granted.secret["token"] in server.tokens


def test_what_was_granted_can_be_given_back(asker: Authorizer, server: MastodonOAuthServer) -> None:
    granted = sign_in(asker, server)

    asker.drop(granted.secret)
    server.instead["/oauth/revoke"] = reply(503)
    asker.drop(granted.secret)

    assert granted.secret["token"] not in server.tokens


def test_the_question_has_state_and_pkce_and_no_more_scopes_than_needed(
    asker: Authorizer, server: MastodonOAuthServer
) -> None:
    first, second = ask(asker), ask(asker)

    query = answer(first.url)
    assert first.url.startswith(f"https://{HOST}/oauth/authorize?")
    assert (query["response_type"], query["scope"], query["redirect_uri"]) == ("code", "profile", REDIRECT)
    assert (query["code_challenge_method"], query["state"]) == ("S256", first.state)
    assert first.state != second.state
    assert first.pending["verifier"] != second.pending["verifier"]
    assert first.pending["verifier"] not in first.url


def test_a_server_is_told_who_we_are_once(asker: Authorizer, server: MastodonOAuthServer) -> None:
    first = ask(asker)
    again = ask(asker, registration=first.registration)

    assert again.registration is None
    assert len(server.apps) == 1
    (app,) = server.apps.values()
    assert (app["client_name"], app["website"], app["redirect_uris"]) == (
        "Follow Friday",
        "https://ff.example",
        REDIRECT,
    )


def test_a_server_that_has_forgotten_us_is_told_anew_before_anybody_is_sent_there(
    asker: Authorizer, server: MastodonOAuthServer
) -> None:
    first = ask(asker)
    server.apps.clear()

    again = ask(asker, registration=first.registration)

    assert again.registration is not None
    assert server.consent(again.url, "ada").startswith(REDIRECT)


def test_a_server_that_forgets_us_while_somebody_is_there(asker: Authorizer, server: MastodonOAuthServer) -> None:
    asked = ask(asker)
    back = server.consent(asked.url, "ada")
    server.apps.clear()

    with pytest.raises(Forgotten, match="begin again"):
        asker.grant(asked.pending, answer(back))


def test_a_server_without_client_credentials_is_believed_to_know_us(
    asker: Authorizer, server: MastodonOAuthServer
) -> None:
    first = ask(asker)
    server.instead["/oauth/token"] = reply(400, {"error": "unsupported_grant_type"})

    assert ask(asker, registration=first.registration).registration is None


@pytest.mark.parametrize("told", [Reply(404), Reply(200, b"<!doctype html><p>an app</p>")])
def test_servers_before_4_3_have_no_metadata_and_no_scope_profile(
    asker: Authorizer, server: MastodonOAuthServer, told: Reply
) -> None:
    server.instead[METADATA] = told
    server.accepts = ["read", "read:accounts"]

    granted = sign_in(asker, server)

    assert granted.handle == ADA
    assert granted.scopes == ("read:accounts",)


def test_a_server_that_rejects_fine_scopes_is_asked_once_for_coarse_ones(
    asker: Authorizer, server: MastodonOAuthServer
) -> None:
    server.knows_metadata = False
    server.accepts = ["read", "write"]

    granted = sign_in(asker, server)
    both = ask(asker, scopes=("profile", "write:statuses", "write:media"))

    assert granted.scopes == ("read",)
    assert answer(both.url)["scope"] == "read write"
    assert server.paths().count("/api/v1/apps") == 4


def test_a_server_that_rejects_even_coarse_scopes_is_asked_no_further(
    asker: Authorizer, server: MastodonOAuthServer
) -> None:
    server.accepts = []

    with pytest.raises(Rejected, match="Is it a Mastodon server"):
        ask(asker)

    assert server.paths().count("/api/v1/apps") == 2


def test_a_token_that_may_only_see_userinfo_does(asker: Authorizer, server: MastodonOAuthServer) -> None:
    server.instead[VERIFY] = reply(403, {"error": "This action is outside the authorized scopes"})

    granted = sign_in(asker, server)

    assert (granted.handle, granted.uri) == (ADA, f"https://{HOST}/users/ada")


def test_handles_may_live_on_another_domain_than_their_server(asker: Authorizer, internet: Internet) -> None:
    server = MastodonOAuthServer("social.ada.test", domain="ada.test")
    server.add_person("ada")
    internet.serve("social.ada.test", server.respond)
    internet.serve("ada.test", server.respond)
    handle = Handle(Network.MASTODON, "ada", "ada.test")

    home = asker.home(handle)
    granted = sign_in(asker, server, who=home)

    assert home == "social.ada.test"
    assert (granted.handle, granted.issuer) == (handle, "https://social.ada.test")


def test_a_handle_or_its_server_may_be_named(asker: Authorizer, server: MastodonOAuthServer) -> None:
    assert asker.home(ADA) == asker.home(" Mastodon.TEST.".strip()) == HOST
    assert sign_in(asker, server, who=ADA).handle == ADA


@pytest.mark.parametrize(
    ("who", "error"),
    [
        (Handle(Network.MASTODON, "nobody", HOST), NotFound),
        (Handle(Network.BLUESKY, "ada.bsky.social"), Rejected),
        ("localhost", Rejected),
        ("no server at all", Rejected),
        ("nowhere.test", Unavailable),
    ],
)
def test_nobody_is_sent_to_a_server_that_is_none(
    asker: Authorizer, server: MastodonOAuthServer, who: Handle | str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        ask(asker, who)


# Hostile and broken servers


@pytest.mark.parametrize("issuer", ["https://honest.test", f"http://{HOST}", "", None, 7])
def test_a_server_that_says_it_is_another_is_refused(
    asker: Authorizer, server: MastodonOAuthServer, issuer: Any
) -> None:
    server.metadata["issuer"] = issuer

    with pytest.raises(Rejected, match="another server"):
        ask(asker)


@pytest.mark.parametrize(
    "name", ["authorization_endpoint", "token_endpoint", "revocation_endpoint", "app_registration_endpoint"]
)
@pytest.mark.parametrize(
    "address",
    [
        "https://honest.test/oauth/token",
        f"http://{HOST}/oauth",
        f"https://{HOST}:8443/",
        "javascript:alert(1)",
        f"https://{HOST}@evil.test/",
        "https://[",
        5,
        None,
        f"https://{HOST}/#here",
    ],
)
def test_endpoints_must_be_on_the_servers_own_host(
    asker: Authorizer, server: MastodonOAuthServer, name: str, address: Any
) -> None:
    server.metadata[name] = address

    with pytest.raises(Rejected):
        ask(asker)


def test_an_answer_from_another_issuer_is_refused(asker: Authorizer, server: MastodonOAuthServer) -> None:
    asked = ask(asker)
    back = answer(server.consent(asked.url, "ada"))

    with pytest.raises(Rejected, match="another server"):
        asker.grant(asked.pending, back | {"iss": "https://honest.test"})

    assert "/oauth/token" not in server.paths()


def test_a_server_that_promised_to_say_who_it_is_must(asker: Authorizer, server: MastodonOAuthServer) -> None:
    server.metadata["authorization_response_iss_parameter_supported"] = True
    asked = ask(asker)
    back = answer(server.consent(asked.url, "ada"))

    with pytest.raises(Rejected, match="another server"):
        asker.grant(asked.pending, {key: value for key, value in back.items() if key != "iss"})

    assert asker.grant(asked.pending, back).handle == ADA


@pytest.mark.parametrize("state", [None, "", "another", "ö" * 50, "\ud800"])
def test_an_answer_to_another_question_is_refused(
    asker: Authorizer, server: MastodonOAuthServer, state: str | None
) -> None:
    asked = ask(asker)
    back = answer(server.consent(asked.url, "ada"))
    changed = {**back, "state": state} if state is not None else {"code": back["code"]}

    with pytest.raises(Rejected, match="another attempt"):
        asker.grant(asked.pending, changed)  # type: ignore[arg-type]


def test_a_code_works_once(asker: Authorizer, server: MastodonOAuthServer) -> None:
    asked = ask(asker)
    back = answer(server.consent(asked.url, "ada"))
    asker.grant(asked.pending, back)

    with pytest.raises(Rejected, match="begin again"):
        asker.grant(asked.pending, back)


def test_somebody_elses_code_does_not_work_with_our_verifier(asker: Authorizer, server: MastodonOAuthServer) -> None:
    mine, theirs = ask(asker), ask(asker)
    stolen = answer(server.consent(theirs.url, "ada"))["code"]

    with pytest.raises(Rejected):
        asker.grant(mine.pending, {"state": mine.state, "code": stolen})


@pytest.mark.parametrize("changed", ["https://evil.test/", REDIRECT + "more"])
def test_a_changed_redirect_uri_gives_no_token(asker: Authorizer, server: MastodonOAuthServer, changed: str) -> None:
    asked = ask(asker)
    back = answer(server.consent(asked.url, "ada"))

    with pytest.raises(Rejected):
        asker.grant(asked.pending | {"redirect_uri": changed}, back)


def test_who_says_no_is_told_that_nothing_changed(asker: Authorizer, server: MastodonOAuthServer) -> None:
    asked = ask(asker)

    with pytest.raises(Declined, match="nothing has changed"):
        asker.grant(asked.pending, answer(server.consent(asked.url, "ada", agree=False)))


@pytest.mark.parametrize(
    ("answered", "error", "words"),
    [
        ({"error": "server_error"}, Unavailable, "try again"),
        ({"error": "invalid_scope", "error_description": "No\nsuch <b>scope</b>"}, Rejected, "No such"),
        ({"error": ""}, Rejected, "did not agree"),
        ({}, Rejected, "no code"),
        ({"code": "x" * 5_000}, Rejected, "no code"),
    ],
)
def test_other_answers_say_what_happened(
    asker: Authorizer, server: MastodonOAuthServer, answered: dict[str, str], error: type[Exception], words: str
) -> None:
    asked = ask(asker)

    with pytest.raises(error, match=words):
        asker.grant(asked.pending, {"state": asked.state, **answered})


@pytest.mark.parametrize(
    "lie",
    [
        {"acct": "grace@honest.test"},
        {"acct": "grace@honest.test", "uri": "https://honest.test/users/grace"},
        {"username": "grace", "acct": "grace"},
        {"uri": "https://honest.test/users/grace"},
        {"uri": f"https://{HOST}/users/grace"},
        {"acct": "x@twitter.com"},
        {"acct": "a@b@c"},
        {"acct": "ada@[", "username": None},
        {"username": None, "acct": None},
        {"username": ["ada"], "acct": 5},
        {"username": "a" * 10_000, "acct": "a"},
    ],
)
def test_a_server_cannot_pass_somebody_off_as_somebody_else(
    asker: Authorizer, server: MastodonOAuthServer, internet: Internet, lie: dict[str, Any]
) -> None:
    """CVE-2024-23832: a remote account's handle in a server's own account document."""
    honest = MastodonOAuthServer("honest.test")
    honest.add_person("grace")
    internet.serve("honest.test", honest.respond)
    server.accounts["ada"] |= lie

    with pytest.raises(Rejected):
        sign_in(asker, server)

    assert server.tokens == {}, "what was granted to a liar is given back"


def test_an_actor_on_another_host_is_not_this_servers_to_vouch_for(
    asker: Authorizer, server: MastodonOAuthServer, internet: Internet
) -> None:
    honest = MastodonOAuthServer("honest.test")
    victim = honest.add_person("grace")
    honest.fingers[f"acct:grace@{HOST}"] = honest.fingers["acct:grace@honest.test"]
    internet.serve("honest.test", honest.respond)
    server.add_person("grace")
    link = {"rel": "self", "type": "application/activity+json", "href": victim}
    server.fingers[f"acct:grace@{HOST}"] = {"subject": f"acct:grace@{HOST}", "links": [link]}
    server.accounts["grace"]["uri"] = victim

    with pytest.raises(Rejected):
        sign_in(asker, server, "grace")


def test_even_where_both_servers_agree_only_the_actors_own_can_vouch(
    asker: Authorizer, server: MastodonOAuthServer, internet: Internet
) -> None:
    other = MastodonOAuthServer("social.other.test", domain=HOST)
    other.add_person("ada")
    internet.serve(other.host, other.respond)
    server.fingers = other.fingers
    server.accounts["ada"]["uri"] = other.accounts["ada"]["uri"]

    with pytest.raises(Rejected, match="another server"):
        sign_in(asker, server)


@pytest.mark.parametrize(
    ("actor", "error"),
    [
        (reply(200, {"id": f"https://{HOST}/users/ada", "preferredUsername": "grace"}), Rejected),
        (reply(200, {"id": f"https://{HOST}/users/grace", "preferredUsername": "ada"}), Rejected),
        (reply(200, {"id": f"https://{HOST}/users/ada"}), Rejected),
        (reply(410), Rejected),
        (reply(503), Unavailable),
        (reply(401, {"error": "Request not signed"}), None),
        (Reply(200, b"<p>a page"), None),
    ],
)
def test_the_actor_must_bear_the_name_where_strangers_see_it(
    asker: Authorizer, server: MastodonOAuthServer, actor: Reply, error: type[Exception] | None
) -> None:
    server.instead["/users/ada"] = actor

    if error is None:
        assert sign_in(asker, server).handle == ADA
        return
    with pytest.raises(error):
        sign_in(asker, server)


def test_an_account_that_cannot_be_found_proves_nothing(asker: Authorizer, server: MastodonOAuthServer) -> None:
    server.fingers.clear()

    with pytest.raises(Rejected, match="nobody is found"):
        sign_in(asker, server)


@pytest.mark.parametrize(
    ("path", "instead", "error"),
    [
        (METADATA, Reply(503), Unavailable),
        (METADATA, Reply(429), Unavailable),
        (METADATA, Reply(204), Rejected),
        (METADATA, reply(200, [1]), None),
        ("/api/v1/apps", Reply(503), Unavailable),
        ("/api/v1/apps", Reply(403), Rejected),
        ("/api/v1/apps", Reply(200, b"{"), Rejected),
        ("/api/v1/apps", reply(200, {"client_id": "a", "client_secret": ""}), Rejected),
        ("/api/v1/apps", reply(200, {"client_id": 5, "client_secret": "b"}), Rejected),
        ("/oauth/token", Reply(502), Unavailable),
        ("/oauth/token", Reply(400, b"nonsense"), Rejected),
        ("/oauth/token", reply(200, {"access_token": "a\nb"}), Rejected),
        ("/oauth/token", reply(200, {"access_token": "x" * 20_000}), Rejected),
        ("/oauth/token", reply(200, []), Rejected),
        (VERIFY, Reply(500), Unavailable),
        (VERIFY, Reply(404), Rejected),
        (VERIFY, reply(200, [1]), Rejected),
    ],
)
def test_broken_servers_are_no_surprise(
    asker: Authorizer, server: MastodonOAuthServer, path: str, instead: Reply, error: type[Exception] | None
) -> None:
    server.instead[path] = instead

    if error is None:
        assert sign_in(asker, server, scopes=("read:accounts",)).handle == ADA
        return
    with pytest.raises(error):
        sign_in(asker, server)


def test_a_server_that_hangs_up_while_we_ask_is_unavailable(asker: Authorizer, server: MastodonOAuthServer) -> None:
    def hang_up(_request: object) -> Reply:
        raise ConnectionError

    server.instead["/api/v1/apps"] = hang_up

    with pytest.raises(Unavailable):
        ask(asker)
