"""Looking people up on X, with and without its API."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import respx

from recommendations.consent import Signal
from recommendations.handles import Handle, Network
from recommendations.networks.base import Found, NotFound, Options, Rejected, Revoked, Unavailable
from recommendations.networks.guard import Forbidden
from recommendations.networks.x import X
from tests.fakes.x import APP_TOKEN, CREDITS, NOT_ENROLLED, USAGE_CAP, Answer, FakeX, Fault

ADA = Handle(Network.X, "ada")


@pytest.fixture
def fake() -> Iterator[FakeX]:
    with FakeX() as server:
        yield server


@pytest.fixture
def x(fake: FakeX) -> X:
    return X(replace(fake.options, x_bearer=APP_TOKEN))


@respx.mock
def test_without_an_app_token_somebody_is_listed_as_typed_and_marked_unchecked() -> None:
    found = X(Options()).look_up(ADA)

    assert found == Found(
        handle=ADA,
        uri="https://x.com/ada",
        page_url="https://x.com/ada",
        signal=Signal.AUTOMATIC,
        checked=False,
    )
    assert X.network is Network.X


def test_with_one_they_are_known_by_their_number(fake: FakeX, x: X) -> None:
    fake.add_account(
        "Ada",
        name="Ada \u202eLovelace",
        description="Engines &amp; verse. https://t.co/aaaaaaaaaa",
        entities={
            "description": {
                "urls": [{"url": "https://t.co/aaaaaaaaaa", "expanded_url": "https://ada.example/x?y=1&z=2"}]
            }
        },
        profile_image_url="https://pbs.twimg.com/a.png",
        protected=False,
    )

    found = x.look_up(ADA)

    assert found == Found(
        handle=ADA,
        uri="https://x.com/i/user/44196001",
        page_url="https://x.com/ada",
        name="Ada Lovelace",
        bio="Engines & verse. https://ada.example/x?y=1&z=2",
        avatar_url="https://pbs.twimg.com/a.png",
        signal=Signal.AUTOMATIC,
    )


def test_who_shows_posts_to_followers_alone_has_not_asked_to_be_listed(fake: FakeX, x: X) -> None:
    fake.add_account("ada", protected=True)

    assert x.look_up(ADA).signal == Signal.UNKNOWN


def test_a_bio_may_decline(fake: FakeX, x: X) -> None:
    fake.add_account("ada", protected=True, description="Please #NoFollowFriday")

    assert x.look_up(ADA).signal == Signal.DECLINED


@pytest.mark.parametrize("more", [None, {"suspended": True}])
def test_nobody_and_who_is_suspended_are_not_found(fake: FakeX, x: X, more: dict[str, Any] | None) -> None:
    if more:
        fake.add_account("ada", **more)

    with pytest.raises(NotFound, match="nobody"):
        x.look_up(ADA)


def test_while_x_is_busy_it_is_asked_again_when_it_says(fake: FakeX, x: X) -> None:
    fake.script("lookup", Fault.BUSY)

    with pytest.raises(Unavailable) as trouble:
        x.look_up(ADA)

    assert trouble.value.retry_at is not None
    assert timedelta(minutes=4) < trouble.value.retry_at - datetime.now(UTC) < timedelta(minutes=6)


@pytest.mark.parametrize("refusal", [USAGE_CAP, CREDITS, NOT_ENROLLED])
def test_where_the_apps_credits_or_rights_end_nothing_is_made_up(fake: FakeX, x: X, refusal: Answer) -> None:
    fake.script("lookup", refusal)

    with pytest.raises(Rejected, match=r"developer\.x\.com"):
        x.look_up(ADA)


def test_an_api_at_an_address_we_may_not_go_to_is_a_setting_to_mend(fake: FakeX) -> None:
    with pytest.raises(Forbidden):
        X(replace(fake.options, open_hosts=(), x_bearer=APP_TOKEN)).look_up(ADA)


def test_a_wrong_app_token_is_refused(fake: FakeX) -> None:
    with pytest.raises(Revoked):
        X(replace(fake.options, x_bearer="guess")).look_up(ADA)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, "<h1>Welcome</h1>"),
        Answer(200, []),
        Answer(200, {}),
        Answer(200, {"data": []}),
        Answer(200, {"data": {"id": "1"}}),
        Answer(200, {"data": {"id": 1, "username": "ada"}}),
        Answer(200, {"data": {"id": "one", "username": "ada"}}),
        Answer(200, {"data": {"id": "1", "username": "@ada@example.social"}}),
        Answer(200, {"data": {"id": "1", "username": ["ada"]}}),
        Answer(200, b"x" * 1_100_000),
        Answer(204),
        Answer(500, {"title": ["?"]}),
    ],
)
def test_an_answer_that_cannot_be_read_is_no_answer(fake: FakeX, x: X, answer: Answer) -> None:
    fake.script("lookup", answer)

    with pytest.raises(Unavailable):
        x.look_up(ADA)


@pytest.mark.parametrize(
    "more",
    [
        {"name": 5, "description": {"a": 1}, "profile_image_url": "javascript:alert(1)", "protected": None},
        {"entities": "urls", "description": "https://t.co/a"},
        {"entities": {"description": {"urls": [1, {"url": 2}, {"url": "https://t.co/a", "expanded_url": None}]}}},
        {"name": "\ud800\x00", "description": "\u202e"},
    ],
)
def test_whatever_stands_in_a_profile_is_no_error(fake: FakeX, x: X, more: dict[str, Any]) -> None:
    fake.add_account("ada", **more)

    found = x.look_up(ADA)

    assert found.uri == "https://x.com/i/user/44196001"
    assert found.avatar_url == ""


@pytest.mark.parametrize("name", ["../tweets", "ada?x=1", "a/b", "é", "\ud800", "a" * 16, "..", ""])
def test_a_strange_name_is_nobodys_and_costs_nothing(fake: FakeX, x: X, name: str) -> None:
    with pytest.raises(NotFound):
        x.look_up(Handle(Network.X, name))

    assert fake.asked == []
