"""OAuth with X: asked, granted, renewed once, given back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from recommendations.handles import Handle, Network
from recommendations.networks.base import Rejected, Revoked, Unavailable
from recommendations.networks.granting import Asked, Declined, Forgotten, Granted
from recommendations.networks.x import X
from recommendations.networks.x_oauth import CHANNEL, SIGN_IN, XOAuth
from tests.fakes.x import CLIENT_ID, Answer, FakeX, Fault

ADA = Handle(Network.X, "ada")
BACK = "https://ff.example/accounts/x/callback/"


@pytest.fixture
def fake() -> Iterator[FakeX]:
    with FakeX() as server:
        server.add_account("Ada", name="Ada Lovelace")
        yield server


@pytest.fixture
def oauth(fake: FakeX) -> XOAuth:
    return XOAuth(fake.options)


def ask(oauth: XOAuth) -> Asked:
    return oauth.ask(ADA, redirect_uri=BACK, scopes=CHANNEL)


def said_yes(fake: FakeX, asked: Asked) -> dict[str, str]:
    """The answer that the browser brings back."""
    query = parse_qs(urlsplit(asked.url).query)
    return {"state": asked.state, "code": fake.authorize("ada", query["code_challenge"][0], query["redirect_uri"][0])}


def granted(fake: FakeX, oauth: XOAuth) -> Granted:
    asked = ask(oauth)
    return oauth.grant(asked.pending, said_yes(fake, asked))


def soon(secret: dict[str, str]) -> datetime:
    """Shortly before a token runs out."""
    return datetime.fromisoformat(secret["expires_at"]) - timedelta(minutes=4)


def test_a_person_is_sent_to_x_with_a_state_and_a_challenge(oauth: XOAuth) -> None:
    asked = ask(oauth)

    address = urlsplit(asked.url)
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert (address.scheme, address.netloc, address.path) == ("https", "x.com", "/i/oauth2/authorize")
    assert query == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": BACK,
        "scope": "tweet.read tweet.write users.read offline.access",
        "state": asked.state,
        "code_challenge": query["code_challenge"],
        "code_challenge_method": "S256",
    }
    assert asked.pending["verifier"] not in asked.url
    assert asked.registration is None
    assert oauth.home(ADA) == ""


def test_no_two_questions_are_alike(oauth: XOAuth) -> None:
    first, second = ask(oauth), ask(oauth)

    assert first.state != second.state
    assert first.pending["verifier"] != second.pending["verifier"]


def test_without_an_app_of_ours_nobody_is_sent_anywhere(fake: FakeX) -> None:
    with pytest.raises(Rejected, match="no app on X"):
        ask(XOAuth(replace(fake.options, x_client_id="")))


def test_what_is_granted_says_who_it_is_and_opens_a_channel(fake: FakeX, oauth: XOAuth) -> None:
    grant = granted(fake, oauth)

    assert (grant.network, grant.issuer, grant.uri) == (Network.X, "https://x.com", "https://x.com/i/user/44196001")
    assert (grant.handle, grant.name) == (ADA, "Ada Lovelace")
    assert grant.scopes == CHANNEL
    assert timedelta(hours=1) < datetime.fromisoformat(grant.secret["expires_at"]) - datetime.now(UTC)
    assert X(fake.options).connect(**grant.secret).uri == grant.uri


def test_a_code_is_good_once(fake: FakeX, oauth: XOAuth) -> None:
    asked = ask(oauth)
    answer = said_yes(fake, asked)
    oauth.grant(asked.pending, answer)

    with pytest.raises(Rejected):
        oauth.grant(asked.pending, answer)


def test_another_browsers_answer_is_refused(fake: FakeX, oauth: XOAuth) -> None:
    mine, theirs = ask(oauth), ask(oauth)

    with pytest.raises(Rejected, match="another attempt"):
        oauth.grant(mine.pending, said_yes(fake, theirs))
    with pytest.raises(Rejected):
        oauth.grant(mine.pending, said_yes(fake, theirs) | {"state": mine.state})  # the verifier is not theirs


def test_a_no_is_a_no(oauth: XOAuth) -> None:
    asked = ask(oauth)

    with pytest.raises(Declined):
        oauth.grant(asked.pending, {"state": asked.state, "error": "access_denied"})


def test_an_app_that_x_does_not_know_any_more_says_so(fake: FakeX) -> None:
    oauth = XOAuth(replace(fake.options, x_client_secret="old"))
    asked = ask(oauth)

    with pytest.raises(Forgotten):
        oauth.grant(asked.pending, said_yes(fake, asked))


def test_an_app_without_a_secret_says_its_id_in_the_form(fake: FakeX) -> None:
    oauth = XOAuth(replace(fake.options, x_client_secret=""))
    asked = ask(oauth)

    with pytest.raises(Rejected):
        oauth.grant(asked.pending, said_yes(fake, asked))

    assert "authorization" not in fake.asked[-1].headers
    assert fake.asked[-1].params["client_id"] == CLIENT_ID


def test_who_only_signs_in_leaves_no_refresh_token(fake: FakeX, oauth: XOAuth) -> None:
    asked = oauth.ask(ADA, redirect_uri=BACK, scopes=SIGN_IN)
    tokens = {"access_token": fake.allow("ada")["access"], "expires_in": 7_200, "token_type": "bearer"}
    fake.script("token", Answer(200, tokens))

    grant = oauth.grant(asked.pending, said_yes(fake, asked))

    assert grant.secret["refresh"] == ""
    assert grant.scopes == SIGN_IN
    assert oauth.renewed(grant.secret, at=soon(grant.secret)) is None


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, "<h1>"),
        Answer(200, {}),
        Answer(200, {"access_token": "a"}),
        Answer(200, {"access_token": "a", "expires_in": True}),
        Answer(200, {"access_token": "a", "expires_in": -5}),
        Answer(200, {"access_token": "a", "expires_in": 10**30}),
        Answer(200, {"access_token": "\r\nX: y", "expires_in": 7_200}),
        Answer(400, {"error": "invalid_request"}),
    ],
)
def test_an_answer_without_a_proper_token_grants_nothing(fake: FakeX, oauth: XOAuth, answer: Answer) -> None:
    asked = ask(oauth)
    fake.script("token", answer)

    with pytest.raises(Rejected):
        oauth.grant(asked.pending, said_yes(fake, asked))


def test_tokens_are_renewed_only_when_little_is_left_of_them(fake: FakeX, oauth: XOAuth) -> None:
    secret = granted(fake, oauth).secret

    assert oauth.renewed(secret, at=datetime.now(UTC)) is None
    assert oauth.renewed(secret, at=soon(secret) - timedelta(minutes=2)) is None


def test_new_tokens_take_the_place_of_the_old_and_work(fake: FakeX, oauth: XOAuth) -> None:
    x = X(fake.options)
    account = x.connect(**granted(fake, oauth).secret)
    at = soon(account.secret)

    renewed = x.renewed(account.secret, at=at)

    assert renewed is not None
    assert renewed["user"] == account.secret["user"]
    assert renewed["access"] != account.secret["access"]
    assert renewed["expires_at"] == (at + timedelta(seconds=7_200)).isoformat()
    x.send({"text": "Hello"}, key="k", secret=renewed)
    with pytest.raises(Revoked):
        x.send({"text": "Hello again"}, key="k", secret=account.secret)


def test_a_refresh_token_works_once(fake: FakeX, oauth: XOAuth) -> None:
    secret = granted(fake, oauth).secret
    oauth.renewed(secret, at=soon(secret))

    with pytest.raises(Revoked, match="connect the channel again"):
        oauth.renewed(secret, at=soon(secret))


def test_when_an_answer_with_new_tokens_gets_lost_so_does_the_channel(fake: FakeX, oauth: XOAuth) -> None:
    secret = granted(fake, oauth).secret
    fake.script("token", Fault.AFTER_HANG_UP)

    with pytest.raises(Unavailable):
        oauth.renewed(secret, at=soon(secret))
    with pytest.raises(Revoked):
        oauth.renewed(secret, at=soon(secret))


@pytest.mark.parametrize(
    "fault", [Fault.BEFORE_503, Fault.BEFORE_HANG_UP, Fault.BEFORE_GARBAGE, Fault.BUSY, Answer(200, {})]
)
def test_trouble_with_x_costs_no_channel(fake: FakeX, oauth: XOAuth, fault: Fault | Answer) -> None:
    secret = granted(fake, oauth).secret
    fake.script("token", fault)

    with pytest.raises(Unavailable):
        oauth.renewed(secret, at=soon(secret))

    assert oauth.renewed(secret, at=soon(secret)) is not None


@pytest.mark.parametrize(
    "answer",
    [
        Answer(401, {"error": "invalid_client"}),
        Answer(400, {"error": "invalid_client"}),
        Answer(403, {"error": "unauthorized_client"}),
    ],
)
def test_trouble_with_our_own_app_costs_no_channel(fake: FakeX, oauth: XOAuth, answer: Answer) -> None:
    secret = granted(fake, oauth).secret
    fake.script("token", answer)

    with pytest.raises(Forgotten, match="its app on X"):
        oauth.renewed(secret, at=soon(secret))


def test_what_is_given_back_opens_nothing(fake: FakeX, oauth: XOAuth) -> None:
    secret = granted(fake, oauth).secret

    oauth.drop(secret)

    with pytest.raises(Revoked):
        X(fake.options).connect(**secret)
    with pytest.raises(Revoked):
        oauth.renewed(secret, at=soon(secret))


def test_giving_back_is_never_an_error(fake: FakeX, oauth: XOAuth) -> None:
    secret = granted(fake, oauth).secret
    fake.script("revoke", Fault.BEFORE_HANG_UP)

    oauth.drop(secret)
    oauth.drop({})
    oauth.drop({"access": "\ud800", "refresh": ""})

    assert fake.asked_for("revoke") == 1
