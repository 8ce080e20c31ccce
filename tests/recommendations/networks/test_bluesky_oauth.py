"""OAuth with Bluesky against the real server, and against servers that lie: who somebody is, and what they allowed."""

import json
import subprocess
from base64 import urlsafe_b64encode
from dataclasses import replace
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest

from recommendations.handles import Handle, Network
from recommendations.networks import authorizer, bluesky_app, dpop
from recommendations.networks.base import Options, Rejected, Revoked, Unavailable
from recommendations.networks.bluesky_app import FOLLOW, MAKE_LIST, SIGN_IN
from recommendations.networks.bluesky_granted import call
from recommendations.networks.bluesky_oauth import BlueskyOAuth
from recommendations.networks.granting import Asked, Declined, Granted
from recommendations.networks.http import client
from tests.node import installed_packages, node
from tests.pds import RECIPE, Account, Pds
from tests.recommendations.networks.atmosphere import ADA, HANDLE, MALLORY, PDS, Sky, answer, atmosphere, document
from tests.recommendations.networks.pds_consent import consent

SITE = "http://localhost:8000"
REDIRECT = "http://127.0.0.1:8000/oauth/bluesky/"
ISSUER = "https://issuer.example.com"
CREATE = "/xrpc/com.atproto.repo.createRecord"
SESSION = "/xrpc/com.atproto.server.getSession"


def handle(account: Account) -> Handle:
    return Handle(Network.BLUESKY, account.handle)


def given(back: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(back).query))


def ask(options: Options, who: Handle | str, scopes: tuple[str, ...] = SIGN_IN) -> Asked:
    asker = authorizer(Network.BLUESKY, options)
    assert asker.home(who) == ""
    return asker.ask(who, redirect_uri=bluesky_app.redirect_uri(options.site_url), scopes=scopes)


def grant(options: Options, asked: Asked, back: dict[str, str]) -> Granted:
    return authorizer(Network.BLUESKY, options).grant(asked.pending, back)


# The real server


@pytest.fixture
def options(pds: Pds) -> Options:
    return replace(pds.options, site_url=SITE)


@pytest.fixture
def ada(pds: Pds) -> Account:
    return pds.account("ada")


def allowed(pds: Pds, options: Options, account: Account, scopes: tuple[str, ...] = SIGN_IN) -> Granted:
    """Somebody says yes to us on their server."""
    asked = ask(options, handle(account), scopes)
    return grant(options, asked, given(consent(pds, asked.url, account)))


@pytest.mark.pds
def test_who_signed_in_is_known_by_their_did(pds: Pds, options: Options, ada: Account) -> None:
    pds.put(ada, "app.bsky.actor.profile", "self", {"displayName": "Ada Lovelace"})

    granted = allowed(pds, options, ada)

    assert (granted.issuer, granted.uri, granted.handle) == (pds.url, ada.did, handle(ada))
    assert (granted.name, granted.scopes) == ("Ada Lovelace", ("atproto",))
    assert json.loads(json.dumps(granted.secret)) == granted.secret


@pytest.mark.pds
def test_begun_with_a_server_whoever_signs_in_there_is_it(pds: Pds, options: Options, ada: Account) -> None:
    asked = ask(options, pds.url)

    assert grant(options, asked, given(consent(pds, asked.url, ada))).uri == ada.did


@pytest.mark.pds
def test_who_says_no_is_told_that_nothing_changed(pds: Pds, options: Options, ada: Account) -> None:
    asked = ask(options, handle(ada))

    with pytest.raises(Declined, match="nothing has changed"):
        grant(options, asked, given(consent(pds, asked.url, ada, agree=False)))


@pytest.mark.pds
def test_signing_in_as_another_than_one_said_is_refused(pds: Pds, options: Options, ada: Account) -> None:
    asked = ask(options, handle(ada))
    mallory = pds.account("mallory")

    with pytest.raises(Rejected):
        grant(options, asked, given(consent(pds, asked.url, mallory)))


@pytest.mark.pds
def test_a_code_works_once_and_with_its_own_redirect_uri_and_verifier(pds: Pds, options: Options, ada: Account) -> None:
    asked, other = ask(options, handle(ada)), ask(options, handle(ada))
    back = given(consent(pds, asked.url, ada))
    for changed in ({"redirect_uri": REDIRECT + "x"}, {"verifier": other.pending["verifier"]}):
        again = ask(options, handle(ada))
        with pytest.raises(Rejected, match="begin again"):
            authorizer(Network.BLUESKY, options).grant(again.pending | changed, given(consent(pds, again.url, ada)))

    grant(options, asked, back)

    with pytest.raises(Rejected, match="begin again"):
        grant(options, asked, back)


@pytest.mark.pds
@pytest.mark.parametrize("scopes", [FOLLOW, MAKE_LIST])
def test_following_takes_a_scope_that_allows_nothing_else(
    pds: Pds, options: Options, ada: Account, scopes: tuple[str, ...]
) -> None:
    grace = pds.account("grace")
    follow = {"$type": "app.bsky.graph.follow", "subject": grace.did, "createdAt": "2026-11-06T15:00:00Z"}
    post = {"$type": "app.bsky.feed.post", "text": "Not me", "createdAt": "2026-11-06T15:00:00Z"}
    granted = allowed(pds, options, ada, scopes)

    def write(record: dict[str, Any]) -> int:
        body = {"repo": ada.did, "collection": record["$type"], "record": record}
        response, renewed = call(client(options), granted.secret, "POST", CREATE, json=body)
        assert renewed is None
        return response.status

    assert granted.scopes == scopes
    assert (write(follow), write(post)) == (200, 403)
    assert [each["value"]["subject"] for each in pds.records(ada, "app.bsky.graph.follow")] == [grace.did]
    assert pds.records(ada) == []


@pytest.mark.pds
def test_a_token_that_has_run_out_is_renewed_once_and_given_back_for_good(
    pds: Pds, options: Options, ada: Account
) -> None:
    secret = allowed(pds, options, ada).secret
    old = secret | {"access": secret["access"][:-8] + "AAAAAAAA"}

    response, renewed = call(client(options), old, "GET", SESSION)

    assert (response.status, response.json()["did"]) == (200, ada.did)
    assert renewed is not None
    assert renewed["refresh"] != secret["refresh"]
    with pytest.raises(Revoked):  # the old refresh token worked once
        call(client(options), old, "GET", SESSION)


@pytest.mark.pds
def test_what_was_granted_can_be_given_back(pds: Pds, options: Options, ada: Account) -> None:
    granted = allowed(pds, options, ada)

    authorizer(Network.BLUESKY, options).drop(granted.secret)

    with pytest.raises(Revoked, match="allow it again"):
        call(client(options), granted.secret, "GET", SESSION)


# Who we are


@pytest.mark.parametrize(
    ("site", "loopback", "redirect"),
    [
        ("http://localhost:8000", True, "http://127.0.0.1:8000/oauth/bluesky/"),
        ("http://127.0.0.1", True, "http://127.0.0.1/oauth/bluesky/"),
        ("http://[::1]:80", True, "http://127.0.0.1:80/oauth/bluesky/"),
        ("http://demo.localhost:8000", True, "http://127.0.0.1:8000/oauth/bluesky/"),
        ("https://ff.example", False, "https://ff.example/oauth/bluesky/"),
        ("https://localhost.ff.example", False, "https://localhost.ff.example/oauth/bluesky/"),
    ],
)
def test_on_ones_own_machine_we_are_the_loopback_client(site: str, loopback: bool, redirect: str) -> None:
    assert bluesky_app.is_loopback(site) is loopback
    assert bluesky_app.redirect_uri(site) == redirect
    if loopback:
        query = given(bluesky_app.client_id(site, FOLLOW))
        assert query == {"redirect_uri": redirect, "scope": " ".join(FOLLOW)}
    else:
        assert bluesky_app.client_id(site, FOLLOW) == f"{site}/oauth/bluesky/client-metadata.json"


def test_our_metadata_names_all_that_we_may_ask_for() -> None:
    about_us = bluesky_app.client_metadata("https://ff.example")

    assert about_us["client_id"] == bluesky_app.client_id("https://ff.example", SIGN_IN)
    assert about_us["redirect_uris"] == [bluesky_app.redirect_uri("https://ff.example")]
    assert {*SIGN_IN, *FOLLOW, *MAKE_LIST} == set(about_us["scope"].split())


@pytest.mark.pds
def test_the_real_server_takes_our_metadata() -> None:
    """Its own checks, run on the document alone: it could not fetch it from a site that does not exist."""
    about_us = bluesky_app.client_metadata("https://ff.example.com")  # it refuses names that end in .example
    script = """
        import path from 'node:path'
        import { createRequire } from 'node:module'
        const [installed, text] = process.argv.slice(1)
        const provider = createRequire(path.join(installed, 'package.json')).resolve('@atproto/oauth-provider/provider')
        const { ClientManager } = await import(path.join(path.dirname(provider), 'client/client-manager.js'))
        const { oauthClientMetadataSchema } = await import(
          createRequire(provider).resolve('@atproto/oauth-types'))
        const server = { grant_types_supported: ['authorization_code', 'refresh_token'] }
        const manager = new ClientManager(server, null, {}, null, null, fetch, new Map(), new Map())
        const about = oauthClientMetadataSchema.parse(JSON.parse(text))
        console.log(JSON.stringify(manager.validateClientMetadata(about.client_id, about).redirect_uris))
    """
    command = [node(), "--input-type=module", "-e", script, str(installed_packages(RECIPE)), json.dumps(about_us)]

    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)

    assert done.stderr == ""
    assert json.loads(done.stdout) == about_us["redirect_uris"]


# Proofs


def test_a_proof_is_for_one_request_and_its_token() -> None:
    key = dpop.new_key()

    header = jwt.get_unverified_header(text := dpop.proof(key, "GET", "https://a.test/x?y=1#z", nonce="n", token="t"))
    claims = jwt.decode(text, jwt.PyJWK(header["jwk"]), algorithms=["ES256"])

    assert (header["typ"], "d" in header["jwk"]) == ("dpop+jwt", False)
    assert (claims["htm"], claims["htu"], claims["nonce"]) == ("GET", "https://a.test/x", "n")
    assert claims["ath"] == urlsafe_b64encode(sha256(b"t").digest()).decode().rstrip("=")
    other = jwt.decode(dpop.proof(key, "GET", "https://a.test/x"), jwt.PyJWK(header["jwk"]), algorithms=["ES256"])
    assert claims["jti"] != other["jti"]


# Servers that lie, or are broken


@pytest.fixture
def sky() -> Any:
    with atmosphere() as sky:
        sky.knows_ada()
        sky.on("GET", f"{PDS}/.well-known/oauth-protected-resource", resource())
        sky.on("GET", f"{ISSUER}/.well-known/oauth-authorization-server", metadata())
        sky.on("POST", f"{ISSUER}/oauth/par", answer(201, {"request_uri": "urn:one", "expires_in": 60}))
        sky.on("POST", f"{ISSUER}/oauth/token", token())
        sky.on("POST", f"{ISSUER}/oauth/revoke", answer(200, {}))
        sky.on("GET", f"{PDS}/xrpc/com.atproto.repo.getRecord", answer(400, {"error": "RecordNotFound"}))
        yield sky


def resource(*servers: Any) -> Any:
    return answer(200, {"resource": PDS, "authorization_servers": list(servers or [ISSUER])})


def metadata(**changes: Any) -> Any:
    known = {
        "issuer": ISSUER,
        "authorization_endpoint": f"{ISSUER}/oauth/authorize",
        "token_endpoint": f"{ISSUER}/oauth/token",
        "revocation_endpoint": f"{ISSUER}/oauth/revoke",
        "pushed_authorization_request_endpoint": f"{ISSUER}/oauth/par",
        "authorization_response_iss_parameter_supported": True,
    }
    return answer(200, known | changes)


def token(**changes: Any) -> Any:
    given = {"access_token": "a", "refresh_token": "r", "token_type": "DPoP", "sub": ADA, "scope": "atproto"}
    return answer(200, given | changes)


HERE = Options(site_url="https://ff.example")
WHO = Handle(Network.BLUESKY, HANDLE)


def come_back(asked: Asked, **changes: str) -> Granted:
    return grant(HERE, asked, {"state": asked.state, "iss": ISSUER, "code": "c"} | changes)


def test_all_goes_well_with_an_entryway_of_its_own(sky: Sky) -> None:
    asked = ask(HERE, WHO)
    pushed = dict(parse_qsl(sky.asked[-1].content.decode()))

    granted = come_back(asked)

    assert given(asked.url) == {
        "client_id": "https://ff.example/oauth/bluesky/client-metadata.json",
        "request_uri": "urn:one",
    }
    assert (pushed["scope"], pushed["code_challenge_method"], pushed["login_hint"]) == ("atproto", "S256", HANDLE)
    assert (granted.uri, granted.issuer, granted.handle, granted.name) == (ADA, ISSUER, WHO, "")


def test_a_name_that_cannot_be_had_is_no_trouble(sky: Sky) -> None:
    sky.on("GET", f"{PDS}/xrpc/com.atproto.repo.getRecord", answer(503))

    assert come_back(ask(HERE, WHO)).name == ""


def test_a_host_may_be_the_authorization_server_itself(sky: Sky) -> None:
    sky.on("GET", f"{ISSUER}/.well-known/oauth-protected-resource", answer(404))

    assert come_back(ask(HERE, "issuer.example.com")).uri == ADA


def test_only_bluesky_handles_are_asked_about() -> None:
    with pytest.raises(Rejected, match="not a Bluesky handle"):
        ask(HERE, Handle(Network.MASTODON, "ada", "ada.example"))


@pytest.mark.parametrize("sub", [MALLORY, "", None, 5, "did:", ["did:plc:x"]])
def test_a_token_about_somebody_else_is_refused_and_given_back(sky: Sky, sub: Any) -> None:
    sky.on("POST", f"{ISSUER}/oauth/token", token(sub=sub))
    sky.on("GET", f"https://plc.directory/{MALLORY}", answer(200, document(MALLORY)))
    asked = ask(HERE, WHO)

    with pytest.raises(Rejected):
        come_back(asked)

    assert sky.names()[-1] == "revoke"


def test_a_server_cannot_vouch_for_accounts_of_another(sky: Sky) -> None:
    """Begun with the liar's own server: its token says that this is Ada, who lives elsewhere."""
    liar = "https://liar.example.com"
    sky.on("GET", f"{liar}/.well-known/oauth-protected-resource", resource(liar))
    endpoints = {f"{name}_endpoint": f"{liar}/oauth/{name}" for name in ("authorization", "token", "revocation")}
    sky.on(
        "GET",
        f"{liar}/.well-known/oauth-authorization-server",
        metadata(issuer=liar, pushed_authorization_request_endpoint=f"{liar}/oauth/par", **endpoints),
    )
    sky.on("POST", f"{liar}/oauth/par", answer(201, {"request_uri": "urn:one"}))
    sky.on("POST", f"{liar}/oauth/token", token())
    asked = ask(HERE, "liar.example.com")

    with pytest.raises(Rejected, match="lives on another server"):
        come_back(asked, iss=liar)


def test_an_account_that_moved_meanwhile_is_not_vouched_for(sky: Sky) -> None:
    asked = ask(HERE, WHO)
    sky.on("GET", f"{PDS}/.well-known/oauth-protected-resource", resource("https://elsewhere.example.com"))

    with pytest.raises(Rejected, match="lives on another server"):
        come_back(asked)


@pytest.mark.parametrize("iss", ["https://liar.example.com", "", f"{ISSUER}/"])
def test_an_answer_from_another_issuer_is_refused(sky: Sky, iss: str) -> None:
    asked = ask(HERE, WHO)

    with pytest.raises(Rejected, match="another server"):
        come_back(asked, iss=iss)
    with pytest.raises(Rejected, match="another server"):
        grant(HERE, asked, {"state": asked.state, "code": "c"})

    assert "token" not in sky.names()


@pytest.mark.parametrize("state", ["", "another"])
def test_an_answer_to_another_question_is_refused(sky: Sky, state: str) -> None:
    asked = ask(HERE, WHO)

    with pytest.raises(Rejected, match="another attempt"):
        come_back(asked, state=state)


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://liar.example.com"},
        {"issuer": None},
        {"authorization_endpoint": "https://liar.example.com/oauth/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "https://liar.example.com/oauth/token"},
        {"pushed_authorization_request_endpoint": None},
        {"pushed_authorization_request_endpoint": "http://issuer.example.com/oauth/par"},
        {"revocation_endpoint": 5},
        {"authorization_response_iss_parameter_supported": False},
    ],
)
def test_a_server_that_contradicts_itself_is_refused(sky: Sky, changes: dict[str, Any]) -> None:
    sky.on("GET", f"{ISSUER}/.well-known/oauth-authorization-server", metadata(**changes))

    with pytest.raises(Rejected):
        ask(HERE, WHO)


@pytest.mark.parametrize(
    ("method", "url", "reply", "error"),
    [
        ("GET", f"{PDS}/.well-known/oauth-protected-resource", answer(503), Unavailable),
        ("GET", f"{PDS}/.well-known/oauth-protected-resource", answer(404), Rejected),
        ("GET", f"{PDS}/.well-known/oauth-protected-resource", answer(200, {}), Rejected),
        ("GET", f"{PDS}/.well-known/oauth-protected-resource", resource(ISSUER, PDS), Rejected),
        ("GET", f"{PDS}/.well-known/oauth-protected-resource", resource(5), Rejected),
        ("GET", f"{PDS}/.well-known/oauth-protected-resource", resource(f"{ISSUER}/path"), Rejected),
        ("GET", f"{PDS}/.well-known/oauth-protected-resource", resource("https://["), Rejected),
        ("GET", f"{PDS}/.well-known/oauth-protected-resource", resource("http://127.0.0.1"), Rejected),
        ("GET", f"{ISSUER}/.well-known/oauth-authorization-server", answer(429), Unavailable),
        ("GET", f"{ISSUER}/.well-known/oauth-authorization-server", answer(404), Rejected),
        ("GET", f"{ISSUER}/.well-known/oauth-authorization-server", answer(200, "no JSON"), Rejected),
        ("POST", f"{ISSUER}/oauth/par", answer(500), Unavailable),
        ("POST", f"{ISSUER}/oauth/par", answer(400, {"error": "invalid_scope"}), Rejected),
        ("POST", f"{ISSUER}/oauth/par", answer(400, "no JSON"), Rejected),
        ("POST", f"{ISSUER}/oauth/par", answer(201, {"request_uri": 5}), Rejected),
        ("POST", f"{ISSUER}/oauth/token", answer(503), Unavailable),
        ("POST", f"{ISSUER}/oauth/token", answer(400, {"error": ["invalid_grant"]}), Rejected),
        ("POST", f"{ISSUER}/oauth/token", token(token_type="Bearer"), Rejected),
        ("POST", f"{ISSUER}/oauth/token", token(access_token=None), Rejected),
    ],
)
def test_broken_servers_are_no_surprise(sky: Sky, method: str, url: str, reply: Any, error: type[Exception]) -> None:
    sky.on(method, url, reply)

    with pytest.raises(error):
        come_back(ask(HERE, WHO))


def test_a_nonce_is_asked_for_at_most_once_in_a_row(sky: Sky) -> None:
    wants = answer(400, {"error": "use_dpop_nonce"}, dpop_nonce="n")
    sky.on("POST", f"{ISSUER}/oauth/par", wants)

    with pytest.raises(Rejected):
        ask(HERE, WHO)

    assert sky.names().count("par") == 2


@pytest.mark.parametrize("body", [{"error": "use_dpop_nonce"}, {"error": "invalid_request"}, "no JSON"])
@pytest.mark.parametrize("nonce", [{}, {"dpop_nonce": "n"}, {"dpop_nonce": "x" * 5_000}])
def test_a_refusal_is_never_answered_more_than_once(sky: Sky, nonce: dict[str, str], body: Any) -> None:
    sky.on("POST", f"{ISSUER}/oauth/par", answer(400, body, **nonce))

    with pytest.raises(Rejected):
        ask(HERE, WHO)

    assert sky.names().count("par") <= 2


def test_a_resource_wants_its_own_nonce_with_a_401(sky: Sky) -> None:
    secret = come_back(ask(HERE, WHO)).secret
    wants = answer(401, {"error": "use_dpop_nonce"}, www_authenticate='DPoP error="use_dpop_nonce"', dpop_nonce="n")
    sky.on("GET", PDS + SESSION, wants, answer(200, {}))

    response, renewed = call(client(HERE), secret, "GET", SESSION)

    assert (response.status, renewed) == (200, None)
    proof = jwt.decode(sky.asked[-1].headers["dpop"], options={"verify_signature": False})
    assert (proof["nonce"], proof["htu"]) == ("n", PDS + SESSION)
    assert sky.asked[-1].headers["authorization"] == "DPoP a"


@pytest.mark.parametrize(
    ("renewal", "error"),
    [
        (answer(400, {"error": "invalid_grant"}), Revoked),
        (answer(401, {"error": "invalid_client"}), Revoked),
        (answer(503), Unavailable),
        (token(sub=MALLORY), Revoked),
        (token(access_token="b"), Revoked),  # which is refused like the first
    ],
)
def test_what_cannot_be_renewed_is_said(sky: Sky, renewal: Any, error: type[Exception]) -> None:
    secret = come_back(ask(HERE, WHO)).secret
    sky.on("POST", f"{ISSUER}/oauth/token", renewal)
    sky.on("GET", PDS + SESSION, answer(401, {"error": "invalid_token"}))

    with pytest.raises(error):
        call(client(HERE), secret, "GET", SESSION)


def test_without_a_refresh_token_it_ends_when_the_token_does(sky: Sky) -> None:
    sky.on("POST", f"{ISSUER}/oauth/token", token(refresh_token=None))
    secret = come_back(ask(HERE, WHO)).secret
    sky.on("GET", PDS + SESSION, answer(401, {"error": "invalid_token"}))

    with pytest.raises(Revoked, match="run out"):
        call(client(HERE), secret, "GET", SESSION)


def test_giving_back_what_is_gone_is_no_trouble(sky: Sky) -> None:
    granted = come_back(ask(HERE, WHO))
    sky.on("POST", f"{ISSUER}/oauth/revoke", answer(503))

    BlueskyOAuth(HERE).drop(granted.secret)
    sky.on("POST", f"{ISSUER}/oauth/revoke")  # nobody there
    BlueskyOAuth(HERE).drop(granted.secret)

    assert sky.names()[-1] == "revoke"
