"""The fake Mastodon does what Mastodon does, here and as a program of its own."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes.mastodon import FLAVOURS, FakeMastodon, Fault
from tests.fakes.mastodon_text import length, render
from tests.fakes.web import Answer, Remote
from tests.waiting import PATIENCE

HERE = Path(__file__).parents[2]
CLIENT = httpx.Client(verify=False, trust_env=False, timeout=PATIENCE)


@pytest.fixture
def fake() -> Iterator[FakeMastodon]:
    with FakeMastodon() as fake:
        fake.add_account("ada")
        yield fake


def call(fake: FakeMastodon, method: str, path: str, key: str = "", **body: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {next(iter(fake.tokens), 'none')}"} | ({"Idempotency-Key": key} if key else {})
    return CLIENT.request(method, fake.url + path, headers=headers, **body)


def post(fake: FakeMastodon, key: str = "", **params: Any) -> httpx.Response:
    return call(fake, "POST", "/api/v1/statuses", key, json={"status": "Hello"} | params)


def upload(fake: FakeMastodon, description: str = "", media_type: str = "image/png") -> httpx.Response:
    files = {"file": ("a.png", b"\x89PNG", media_type)}
    return call(fake, "POST", "/api/v2/media", files=files, data={"description": description})


@pytest.mark.parametrize(
    ("text", "counts", "expected"),
    [
        ("@alice@example.com", "mastodon", 6),
        ("@alice@example.com", "graphemes", 18),
        ("Hi https://x.example/long", "mastodon", 26),
        ("Hi https://x.example/long", "graphemes", 25),
        ("example.com counts in full", "mastodon", 26),
        ("👩‍👩‍👧 ü", "mastodon", 3),
        ("👩‍👩‍👧 ü", "code points", 7),
    ],
)
def test_it_counts_as_mastodon_and_its_kin_do(text: str, counts: str, expected: int) -> None:
    assert length(text, 23, counts) == expected


@pytest.mark.parametrize("markup", ["mastodon", "markdown", "short"])
def test_what_it_shows_cannot_hold_foreign_markup(markup: str) -> None:
    assert "<script" not in render("<script>alert(1)</script> & https://a.example/<b>", markup)


@pytest.mark.parametrize(
    ("params", "status", "words"),
    [
        ({"status": "a" * 501}, 422, "limit of 500"),
        ({"status": " "}, 422, "blank"),
        ({"in_reply_to_id": "12345"}, 404, "does not appear to exist"),
        ({"media_ids": ["1"]}, 422, "not found"),
        ({"media_ids": ["1"] * 5}, 422, "more than 4"),
    ],
)
def test_it_refuses_what_mastodon_refuses(fake: FakeMastodon, params: dict[str, Any], status: int, words: str) -> None:
    refused = post(fake, **params)

    assert refused.status_code == status
    assert words in refused.json()["error"]
    assert fake.texts("ada") == []


def test_it_wants_descriptions_and_pictures_as_mastodon_does(fake: FakeMastodon) -> None:
    fake.flavour = replace(fake.flavour, pending_polls=2)

    assert upload(fake, "x" * 1_501).status_code == 422
    assert upload(fake, media_type="text/html").status_code == 422
    pending = upload(fake)
    media = pending.json()["id"]
    assert (pending.status_code, pending.json()["url"]) == (202, None)
    assert post(fake, media_ids=[media]).status_code == 422
    assert [call(fake, "GET", f"/api/v1/media/{media}").status_code for _ in range(2)] == [206, 200]
    assert post(fake, media_ids=[media]).status_code == 200
    assert call(fake, "GET", "/api/v1/media/5").status_code == 404


def test_a_strict_server_takes_json_with_real_booleans_alone(fake: FakeMastodon) -> None:
    fake.flavour = FLAVOURS["gotosocial"]
    media = upload(fake).json()["id"]

    assert post(fake, sensitive=0).status_code == 422
    form = call(fake, "POST", "/api/v1/statuses", data={"status": "Form", "media_ids[]": media})

    assert form.status_code == 200
    assert fake.statuses("ada")[0]["media"] == []


def test_a_key_is_honoured_for_an_hour_of_the_server_s_clock(fake: FakeMastodon) -> None:
    first = post(fake, key="k").json()["id"]
    fake.advance(3_599)
    again = post(fake, key="k").json()["id"]
    fake.advance(2)
    later = post(fake, key="k").json()["id"]

    assert first == again != later
    assert len(fake.texts("ada")) == 2


@pytest.mark.parametrize(("keys", "made"), [("honoured", {1}), ("racing", set(range(2, 9))), ("ignored", {8})])
def test_eight_at_once_with_one_key(fake: FakeMastodon, keys: Any, made: set[int]) -> None:
    fake.flavour = replace(fake.flavour, keys=keys)
    fake.kept.race = 0.5

    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(lambda _: post(fake, key="k"), range(8)))

    assert len(fake.texts("ada")) in made


def test_a_known_key_whose_post_is_deleted_is_not_found(fake: FakeMastodon) -> None:
    fake.delete_by_hand(post(fake, key="k").json()["id"])

    assert post(fake, key="k").status_code == 404


def test_faults_come_in_their_order_and_then_all_is_well(fake: FakeMastodon) -> None:
    fake.delay = 0.0
    fake.script("send", Fault.BEFORE_500, "after 504", None, Fault.SLOW, Answer(418, {"tea": True}))

    seen = [post(fake).status_code for _ in range(6)]

    assert seen == [500, 504, 200, 200, 418, 200]
    assert len(fake.texts("ada")) == 4


def test_an_answer_can_be_swallowed(fake: FakeMastodon) -> None:
    fake.silence = 0.01
    fake.script("send", Fault.AFTER_HANG_UP, Fault.BEFORE_HANG_UP, Fault.AFTER_SILENCE)

    for _ in range(3):
        with pytest.raises(httpx.RemoteProtocolError):
            post(fake)

    assert len(fake.texts("ada")) == 2


def test_scopes_and_revoked_tokens(fake: FakeMastodon) -> None:
    fake.tokens = {"few": replace(next(iter(fake.tokens.values())), scopes=("write:media",))}

    few = [upload(fake).status_code, post(fake).status_code]
    fake.revoke("ada")

    assert few == [200, 403]
    for method, path in [
        ("POST", "/api/v1/statuses"),
        ("POST", "/api/v2/media"),
        ("PUT", "/api/v1/statuses/1"),
        ("DELETE", "/api/v1/statuses/1"),
        ("GET", "/api/v1/accounts/1/statuses"),
        ("GET", "/api/v1/accounts/verify_credentials"),
    ]:
        assert call(fake, method, path).status_code == 401


def test_a_timeline_lags_where_the_flavour_says_so(fake: FakeMastodon) -> None:
    fake.flavour = replace(fake.flavour, lag=5.0)
    own = f"/api/v1/accounts/{fake.accounts['ada'].id}/statuses"
    post(fake)

    before = call(fake, "GET", own).json()
    fake.advance(6)

    assert before == []
    assert [each["content"] for each in call(fake, "GET", own).json()] == ["<p>Hello</p>"]
    assert call(fake, "GET", "/api/v1/accounts/1/statuses").status_code == 404


def test_it_can_be_looked_up_without_a_token(fake: FakeMastodon) -> None:
    def get(path: str, **params: str) -> httpx.Response:
        return CLIENT.get(fake.url + path, params=params)

    finger = get("/.well-known/webfinger", resource="acct:ada@mastodon.test")

    assert finger.json()["links"][1]["href"] == "https://mastodon.test/users/ada"
    assert get("/api/v1/accounts/lookup", acct="ada").json()["uri"] == "https://mastodon.test/users/ada"
    assert get("/users/ada").json()["preferredUsername"] == "ada"
    assert [
        get("/.well-known/webfinger", resource="acct:ada@elsewhere.test").status_code,
        get("/api/v1/accounts/lookup", acct="nobody").status_code,
        get("/users/nobody").status_code,
        get("/nothing").status_code,
    ] == [404] * 4


def test_as_a_program_of_its_own_it_obeys_and_tells_and_ends_with_its_stdin() -> None:
    program = subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.mastodon", "mastodon"],
        cwd=HERE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdin
    assert program.stdout
    remote = Remote(program.stdout.readline().strip())

    ada = remote.add_account("ada")
    remote.script("send", "after 502")
    headers = {"Authorization": f"Bearer {ada['token']}"}
    lost = CLIENT.post(f"{remote.url}/api/v1/statuses", json={"status": "Hello"}, headers=headers)
    seen = remote.statuses("ada")
    refused = CLIENT.post(f"{remote.url}/_test/lock", json={"arguments": [], "named": {}})

    assert lost.status_code == 502
    assert [(each["text"], each["deleted"]) for each in seen] == [("Hello", False)]
    assert remote.asked_for("send") == 1
    assert refused.status_code == 404
    program.stdin.close()
    assert program.wait(PATIENCE) == 0
    program.stdout.close()
