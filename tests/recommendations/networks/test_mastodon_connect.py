"""Connecting an account on a server that speaks Mastodon's API, and reading what the server says of itself."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from recommendations.handles import Handle, Network
from recommendations.measures import Limits
from recommendations.networks.base import Options, Rejected, Revoked, Unavailable
from recommendations.networks.mastodon import Mastodon
from recommendations.networks.mastodon_account import SCOPES
from recommendations.networks.mastodon_instance import LONGEST_POST, SHORTEST_POST
from recommendations.networks.posting import Connected
from recommendations.threads import MINIMUM_CHARACTERS
from tests.fakes.mastodon import FakeMastodon, Fault
from tests.fakes.names import lead
from tests.fakes.web import Answer

USUAL = Limits(characters=500, url_length=23, images=4, alt_length=1_500)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeMastodon]:
    with FakeMastodon() as fake:
        fake.add_account("ada")
        lead(monkeypatch, fake.domain, fake.url)
        yield fake


def connect(fake: FakeMastodon, server: str = "https://mastodon.test", **other: str) -> Connected:
    credentials = {"server": server, "token": next(iter(fake.tokens)), **other}
    return Mastodon(Options(open_hosts=(fake.host,))).connect(**credentials)


def test_an_account_is_connected_as_who_it_is_proven_to_be(fake: FakeMastodon) -> None:
    account = connect(fake)

    assert account.uri == "https://mastodon.test/users/ada"
    assert account.handle == Handle(Network.MASTODON, "ada", "mastodon.test")
    assert account.page_url == "https://mastodon.test/@ada"
    assert account.limits == replace(USUAL, edits=True)
    assert account.secret == {
        "server": "https://mastodon.test",
        "token": next(iter(fake.tokens)),
        "account": fake.accounts["ada"].id,
        "honours_keys": True,
        "alt_length": 1_500,
    }
    assert fake.asked_for("webfinger") == 1


def test_blanks_and_a_slash_around_what_was_typed_do_no_harm(fake: FakeMastodon) -> None:
    account = connect(fake, server=" https://Mastodon.test/ ", token=f" {next(iter(fake.tokens))}\n")

    assert account.secret["server"] == "https://mastodon.test"


@pytest.mark.parametrize(
    "server",
    [
        "",
        "mastodon.test",
        "ftp://mastodon.test",
        "https://",
        "https://mastodon.test/@ada",
        "https://mastodon.test?x",
        "https://mastodon.test#x",
        "https://ada@mastodon.test",
        "https://[",
        "https://mastodon.test:99999999",
        "https://masto\ud800don.test",
        "http://mastodon.test",
        "https://127.0.0.1",
    ],
)
def test_what_is_no_server_is_refused(fake: FakeMastodon, server: str) -> None:
    with pytest.raises(Rejected):
        connect(fake, server=server)

    assert fake.asked == []


@pytest.mark.parametrize("token", ["", " ", "two words", "ü", "line\nbreak", "\x00", "x" * 2_001, "\ud800"])
def test_what_is_no_token_is_refused_and_never_sent(fake: FakeMastodon, token: str) -> None:
    with pytest.raises(Rejected, match="not an access token"):
        connect(fake, token=token)

    assert fake.asked == []


def test_a_wrong_token_is_told_from_a_wrong_server(fake: FakeMastodon) -> None:
    with pytest.raises(Revoked, match="does not take this access token"):
        connect(fake, token="guess")
    fake.script("connect", Answer(404, "<h1>Nothing here</h1>"))
    with pytest.raises(Rejected, match="does not speak Mastodon's API"):
        connect(fake)


@pytest.mark.parametrize("fault", [Fault.BEFORE_500, Fault.BEFORE_502, Fault.BUSY, Fault.BEFORE_HANG_UP])
@pytest.mark.parametrize("where", ["connect", "instance", "webfinger", "actor"])
def test_a_server_in_trouble_is_connected_later(fake: FakeMastodon, where: str, fault: Fault) -> None:
    fake.script(where, fault)

    with pytest.raises(Unavailable):
        connect(fake)


@pytest.mark.parametrize(
    "said",
    [
        {"uri": "https://mastodon.test/users/grace"},
        {"uri": "https://bank.example/users/ada"},
        {"username": "grace"},
        {"username": "ada@bank.example"},
        {"username": ""},
        {"username": None},
        {"username": "../ada"},
        {"id": None},
        {"id": True},
        {"id": "1/../2"},
    ],
)
def test_a_server_that_contradicts_itself_is_refused(fake: FakeMastodon, said: dict[str, Any]) -> None:
    fake.accounts["ada"].more = said

    with pytest.raises(Rejected):
        connect(fake)


def test_a_server_cannot_connect_as_somebody_elsewhere(fake: FakeMastodon) -> None:
    """Its WebFinger answers with the subject and the actor of another server, which would confirm them."""
    fake.domain = "bank.example"
    finger = {
        "subject": "acct:ada@bank.example",
        "links": [{"rel": "self", "type": "application/activity+json", "href": "https://bank.example/users/ada"}],
    }
    fake.script("webfinger", Answer(200, finger), Answer(200, finger))

    with pytest.raises((Rejected, Unavailable)):
        connect(fake)


def test_a_page_elsewhere_is_not_shown_as_theirs(fake: FakeMastodon) -> None:
    fake.accounts["ada"].more = {"url": "https://evil.example/@ada"}

    assert connect(fake).page_url == "https://mastodon.test/@ada"


def test_a_server_that_was_opened_to_us_is_taken_at_its_word(fake: FakeMastodon) -> None:
    with_uri = connect(fake, server=fake.url)
    fake.accounts["ada"].more = {"uri": "https://[", "url": "javascript:alert(1)"}
    without = connect(fake, server=fake.url)

    assert fake.asked_for("webfinger") == 0
    assert (with_uri.uri, with_uri.page_url) == ("https://mastodon.test/users/ada", "https://mastodon.test/@ada")
    assert with_uri.handle == Handle(Network.MASTODON, "ada", "mastodon.test")
    assert (without.uri, without.page_url) == (f"{fake.url}/@ada", f"{fake.url}/@ada")
    assert without.handle == Handle(Network.MASTODON, "ada", "127.0.0.1")


@pytest.mark.parametrize("scope", ["", "read write", " ".join(SCOPES), "read:statuses write follow"])
def test_leave_enough_to_post_and_look_is_accepted(fake: FakeMastodon, scope: str) -> None:
    assert connect(fake, scope=scope).uri


@pytest.mark.parametrize("scope", ["profile", "read", "write", "read write:statuses"])
def test_too_little_leave_is_refused_at_once(fake: FakeMastodon, scope: str) -> None:
    with pytest.raises(Rejected, match="leave to"):
        connect(fake, scope=scope)


def of_statuses(**statuses: Any) -> dict[str, Any]:
    return {"configuration": {"statuses": statuses}}


@pytest.mark.parametrize(
    ("document", "limits"),
    [
        ({}, USUAL),
        ({"configuration": None}, USUAL),
        ({"configuration": []}, USUAL),
        (of_statuses(max_characters="5000"), Limits(5_000, None, 23, 4, 1_500)),
        (of_statuses(max_characters=10**40), Limits(LONGEST_POST, None, 23, 4, 1_500)),
        (of_statuses(max_characters=True, max_media_attachments=1.5, characters_reserved_per_url=[]), USUAL),
        (of_statuses(max_characters=-1, max_media_attachments="many", characters_reserved_per_url=None), USUAL),
        (of_statuses(characters_reserved_per_url=0, max_media_attachments=0), Limits(500, None, None, 0, 1_500)),
        ({"configuration": {"media_attachments": {"description_limit": 420}}}, Limits(500, None, 23, 4, 420)),
        ({"configuration": {"media_attachments": {"description_limit": 0}}}, USUAL),
        ({"version": "4.5.0", **of_statuses(max_characters=600)}, Limits(600, None, 23, 4, 1_500, True)),
        ({"version": "3.4.1", **of_statuses(max_characters=600)}, Limits(600, None, 23, 4, 1_500, False)),
        ({"version": "3.5.3 (compatible; X 1.2)"}, Limits(400, None, None, 4, 1_500)),
        ({"version": "0.19.1+git", **of_statuses(max_characters=5_000)}, Limits(4_500, None, None, 4, 1_500)),
        ({"version": "X", **of_statuses(max_characters=145)}, Limits(140, None, None, 4, 1_500)),
        ({"version": ["4.5.0"], **of_statuses(max_characters=5_000)}, Limits(4_500, None, None, 4, 1_500)),
        ({"max_toot_chars": 3_000}, Limits(3_000, None, 23, 4, 1_500)),
        ({"max_toot_chars": 3_000, **of_statuses(max_characters=600)}, Limits(600, None, 23, 4, 1_500)),
    ],
)
def test_limits_are_read_as_far_as_they_make_sense(
    fake: FakeMastodon, document: dict[str, Any], limits: Limits
) -> None:
    fake.script("instance", Answer(200, document))

    assert connect(fake).limits == limits


@pytest.mark.parametrize("answer", [Answer(200, []), Answer(200, "<h1>x</h1>"), Answer(401, {}), Answer(501, "")])
def test_a_document_that_cannot_be_read_is_asked_for_in_its_older_form(fake: FakeMastodon, answer: Answer) -> None:
    fake.script("instance", answer, Answer(200, of_statuses(max_characters=700)))

    assert connect(fake).limits.characters == 700
    assert fake.asked_for("instance") == 2


def test_the_shortest_post_is_the_one_that_threads_can_fill(fake: FakeMastodon) -> None:
    fake.script("instance", Answer(200, of_statuses(max_characters=SHORTEST_POST)))

    assert SHORTEST_POST == MINIMUM_CHARACTERS
    assert connect(fake).limits.characters == SHORTEST_POST


def test_a_server_of_tiny_posts_is_refused_in_words(fake: FakeMastodon) -> None:
    account = connect(fake)
    tiny = Answer(200, of_statuses(max_characters=139))
    fake.script("instance", tiny, tiny)

    with pytest.raises(Rejected, match="139 characters"):
        connect(fake)
    with pytest.raises(Rejected, match="139 characters"):
        Mastodon(Options(open_hosts=(fake.host,))).limits(account.secret)


@pytest.mark.parametrize(
    ("version", "source", "honours"),
    [
        ("4.0.0", "https://github.com/mastodon/mastodon", True),
        ("4.6.0-beta.1", "https://github.com/mastodon/mastodon", True),
        ("4.4.0rc1", "https://github.com/mastodon/mastodon", True),
        ("4.5.0-nightly.2026-10-01+glitch", "https://github.com/glitch-soc/mastodon", True),
        ("10.0.0", "https://git.example/us/Mastodon.git", True),
        ("3.5.19", "https://github.com/mastodon/mastodon", False),
        ("4.2.0 (compatible; Pleroma 2.7.0)", "https://github.com/mastodon/mastodon", False),
        ("0.19.1+git-9b1a3f2", "https://codeberg.org/superseriousbusiness/gotosocial", False),
        ("4.5.0", "https://codeberg.org/superseriousbusiness/gotosocial", False),
        ("4.5.0", "https://github.com/evil/not-mastodon", False),
        ("4.5.0", None, False),
        ("4.5.0", 5, False),
        (4.5, "https://github.com/mastodon/mastodon", False),
        (None, "https://github.com/mastodon/mastodon", False),
    ],
)
def test_keys_are_trusted_to_mastodon_and_its_forks_alone(
    fake: FakeMastodon, version: Any, source: Any, honours: bool
) -> None:
    fake.script("instance", Answer(200, {"version": version, "source_url": source}))

    assert connect(fake).secret["honours_keys"] is honours
