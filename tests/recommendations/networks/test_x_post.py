"""Posting to X, where a post stands at most once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recommendations.handles import Handle, Network
from recommendations.measures import Limits
from recommendations.networks.base import NotFound, OutcomeUnknown, Rejected, Revoked, Unavailable
from recommendations.networks.posting import Connected, Part, Picture, Sent
from recommendations.networks.x import X
from tests.fakes.x import CREDITS, DUPLICATE, NOT_ENROLLED, USAGE_CAP, Answer, FakeX, Fault, length, problem
from tests.growth import assert_grows_at_most

SLOT = datetime(2026, 11, 6, 15, 0, tzinfo=UTC)
KEY = "20261106T150000000000Z-1-0"


@pytest.fixture
def fake() -> Iterator[FakeX]:
    with FakeX() as server:
        server.set_clock(SLOT)
        yield server


@pytest.fixture
def x(fake: FakeX) -> X:
    return X(fake.options)


@pytest.fixture
def ada(fake: FakeX, x: X) -> Connected:
    return x.connect(**fake.add_account("Ada"))


def wire(x: X, ada: Connected, text: str) -> dict[str, Any]:
    return x.wire(Part(text), secret=ada.secret, root=None, parent=None, picture=None)


def send(x: X, ada: Connected, text: str = "Hello") -> Sent:
    return x.send(wire(x, ada, text), key=KEY, secret=ada.secret)


def look(x: X, ada: Connected, text: str = "Hello", since: datetime = SLOT) -> Sent | None:
    return x.look({"text": text}, key=KEY, secret=ada.secret, since=since)


def test_a_channel_knows_whose_it_is(fake: FakeX, x: X) -> None:
    granted = fake.add_account("Ada")

    account = x.connect(**granted)

    assert account == Connected(
        uri="https://x.com/i/user/44196001",
        handle=Handle(Network.X, "ada"),
        page_url="https://x.com/ada",
        secret={"user": "44196001"} | granted,
        limits=Limits(characters=280, url_length=23),
    )


def test_a_time_without_a_zone_is_taken_for_utc(fake: FakeX, x: X) -> None:
    granted = fake.add_account("ada")

    account = x.connect(**granted | {"expires_at": "2026-11-06T17:00:00"})

    assert account.secret["expires_at"] == "2026-11-06T17:00:00+00:00"


@pytest.mark.parametrize("broken", [{"expires_at": "soon"}, {"expires_at": ""}])
def test_what_was_not_granted_properly_is_refused(fake: FakeX, x: X, broken: dict[str, str]) -> None:
    with pytest.raises(Rejected, match="not whole"):
        x.connect(**fake.add_account("ada") | broken)


def test_credentials_that_are_not_there_are_refused(x: X) -> None:
    with pytest.raises(Rejected, match="not whole"):
        x.connect(expires_at=SLOT.isoformat())


def test_a_post_is_its_text_and_stands_under_a_number(fake: FakeX, x: X, ada: Connected) -> None:
    sent = send(x, ada, "Ada & Grace <3\nhttps://example.com/c/wic")

    (tweet,) = fake.standing("ada")
    assert tweet["text"] == "Ada & Grace <3\nhttps://example.com/c/wic"
    assert sent.receipt.remote_id == tweet["id"]
    assert sent.receipt.url == f"https://x.com/i/status/{tweet['id']}"
    assert sent.secret is None


@pytest.mark.parametrize("text", ["", " \n", "漢" * 141, "a" * 281, "https://example.com/a " * 12])
def test_what_x_would_refuse_for_its_length_is_not_tried(x: X, ada: Connected, text: str) -> None:
    with pytest.raises(Rejected, match="280 characters"):
        wire(x, ada, text)


@pytest.mark.parametrize(
    "text",
    [
        "漢" * 140,
        "a" * 280,
        "👩‍👩‍👧‍👦" * 140,
        "https://example.com/a/b " * 11 + "a" * 16,
        "example.com " * 11 + "a" * 16,
    ],
)
def test_what_just_fits_is_taken_by_a_server_that_counts_for_itself(
    fake: FakeX, x: X, ada: Connected, text: str
) -> None:
    assert length(text) == 280

    send(x, ada, text)

    assert fake.texts("ada") == [text]


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("Ada, Grace", 15),
        ("Ada, Grace https://example.com/c", 200),
        ("Ada, example.com", 200),
        ("Ada, e.\u2060com", 15),
    ],
)
def test_a_post_with_a_url_has_another_price(x: X, text: str, price: int) -> None:
    assert x.price(Part(text)) == price


def test_pictures_stay_at_home(x: X, ada: Connected) -> None:
    assert x.limits(ada.secret).images == 0
    with pytest.raises(Rejected, match="without a picture"):
        x.upload(Picture(b"", "image/png", "", 1, 1), secret=ada.secret)


def test_it_is_never_repeated_by_itself(x: X, ada: Connected) -> None:
    doubt = x.doubt(ada.secret)

    assert (doubt.repeat_for, doubt.enough_looks) == (timedelta(0), None)
    assert doubt.wait == timedelta(minutes=1)


def test_while_x_is_busy_a_post_surely_does_not_stand(fake: FakeX, x: X, ada: Connected) -> None:
    fake.set_clock(datetime.now(UTC))
    fake.script("send", Fault.BUSY)

    with pytest.raises(Unavailable) as trouble:
        send(x, ada)

    assert fake.texts() == []
    assert trouble.value.retry_at is not None
    assert timedelta(minutes=4) < trouble.value.retry_at - datetime.now(UTC) < timedelta(minutes=6)


@pytest.mark.parametrize(
    "refusal",
    [
        USAGE_CAP,
        CREDITS,
        NOT_ENROLLED,
        problem(402, "Payment Required", "Pay"),
        problem(403, "Forbidden", "No", reason="client-not-enrolled"),
    ],
)
def test_where_the_apps_credits_or_rights_end_a_curator_is_told_what_helps(
    fake: FakeX, x: X, ada: Connected, refusal: Answer
) -> None:
    fake.script("send", refusal)

    with pytest.raises(Rejected, match=r"developer\.x\.com") as trouble:
        send(x, ada)

    assert not isinstance(trouble.value, Revoked)


@pytest.mark.parametrize(
    "answer",
    [
        problem(400, "Invalid Request", "The text is too long"),
        problem(403, "Forbidden", "Your account is locked"),
    ],
)
def test_a_plain_no_is_no(fake: FakeX, x: X, ada: Connected, answer: Answer) -> None:
    fake.script("send", answer)

    with pytest.raises(Rejected, match="X said"):
        send(x, ada)


def test_a_channel_that_was_thrown_out_says_so(fake: FakeX, x: X, ada: Connected) -> None:
    fake.revoke("ada")

    with pytest.raises(Revoked, match="connect the channel again"):
        send(x, ada)


@pytest.mark.parametrize("fault", [each for each in Fault if each.startswith("after")])
def test_a_lost_answer_leaves_a_doubt_which_a_look_clears(fake: FakeX, x: X, ada: Connected, fault: Fault) -> None:
    fake.silence = 0.0
    fake.script("send", fault)

    with pytest.raises(OutcomeUnknown):
        send(x, ada)

    found = look(x, ada)
    assert found is not None
    assert found.receipt.remote_id == fake.standing()[0]["id"]


@pytest.mark.parametrize(
    "fault",
    [
        *(each for each in Fault if each.startswith("before")),
        Answer(408),
        Answer(302, "", {"Location": "/"}),
        Answer(201, {}),
        Answer(201, {"data": {"id": 5}}),
        Answer(201, {"data": {"id": "../1"}}),
        Answer(201, ["?"]),
        Answer(201, b"x" * 1_100_000),
    ],
)
def test_so_does_an_answer_that_says_nothing(fake: FakeX, x: X, ada: Connected, fault: Any) -> None:
    fake.silence = 0.0
    fake.script("send", fault)

    with pytest.raises(OutcomeUnknown):
        send(x, ada)

    assert look(x, ada) is None


def test_a_text_that_stands_already_is_looked_for_and_adopted(fake: FakeX, x: X, ada: Connected) -> None:
    first = send(x, ada)

    with pytest.raises(OutcomeUnknown, match="posted already"):
        send(x, ada)

    assert fake.texts() == ["Hello"]
    found = look(x, ada)
    assert found is not None
    assert found.receipt == first.receipt


def test_a_duplicate_that_nobody_finds_is_for_a_person(fake: FakeX, x: X, ada: Connected) -> None:
    fake.script("send", DUPLICATE)

    with pytest.raises(OutcomeUnknown):
        send(x, ada)

    assert look(x, ada) is None


@pytest.mark.parametrize(
    "text",
    [
        "Ada & Grace <3 &amp; &copy; “so”",
        "https://example.com/c/wic?a=1&b=2#c\nhttps://example.com/c/wic",
        "e\u0301 Å 漢 👩‍👩‍👧‍👦",
        "Ada,  Grace \n\n Alan",
        "a.\u2060com @\u2060bob",
        "see example.com",
    ],
)
def test_a_post_is_found_by_its_text_however_x_shows_it(fake: FakeX, x: X, ada: Connected, text: str) -> None:
    sent = send(x, ada, text)

    found = look(x, ada, text)

    assert found is not None
    assert found.receipt == sent.receipt


def test_another_text_is_another_post(fake: FakeX, x: X, ada: Connected) -> None:
    fake.post_by_hand("ada", "Hello https://example.com/b")
    fake.post_by_hand("ada", "hello")

    assert look(x, ada, "Hello https://example.com/a") is None
    assert look(x, ada, "Hello") is None


def test_what_is_older_cannot_be_it(fake: FakeX, x: X, ada: Connected) -> None:
    fake.post_by_hand("ada", "Hello", minutes_ago=10)

    assert look(x, ada, since=SLOT - timedelta(minutes=5)) is None
    assert look(x, ada, since=SLOT - timedelta(minutes=15)) is not None


def test_a_clock_that_is_a_little_behind_hides_nothing(fake: FakeX, x: X, ada: Connected) -> None:
    fake.post_by_hand("ada", "Hello", minutes_ago=0.5)

    assert look(x, ada) is not None


def test_the_timeline_may_lag_behind(fake: FakeX, x: X, ada: Connected) -> None:
    fake.set_lag(30)
    send(x, ada)

    early = look(x, ada)
    fake.advance(31)
    late = look(x, ada)

    assert early is None
    assert late is not None


def test_a_busy_account_is_read_page_by_page(fake: FakeX, x: X, ada: Connected) -> None:
    sent = send(x, ada)
    fake.advance(60)
    for number in range(250):
        fake.post_by_hand("ada", f"Other {number}")

    found = look(x, ada)

    assert found is not None
    assert found.receipt == sent.receipt
    assert fake.asked_for("look") == 3


def test_on_an_account_that_posts_without_end_a_person_looks(fake: FakeX, x: X, ada: Connected) -> None:
    for number in range(501):
        fake.post_by_hand("ada", f"Other {number}")

    with pytest.raises(Rejected, match="posted so much"):
        look(x, ada)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, {"data": "?"}),
        Answer(200, {"data": [1, {"text": 5}, {"text": "Hello", "id": 7}, {"text": "Hello"}], "meta": []}),
        Answer(
            200,
            {"data": [{"text": "Hello https://t.co/a", "entities": {"urls": {"url": 1}}}], "meta": {"next_token": 1}},
        ),
    ],
)
def test_a_timeline_may_hold_anything(fake: FakeX, x: X, ada: Connected, answer: Answer) -> None:
    fake.script("look", answer)

    assert look(x, ada) is None


@pytest.mark.parametrize(
    "answer", [Answer(200, "<h1>"), Answer(503), Answer(200, b"[" * 100_000), Fault.BEFORE_HANG_UP]
)
def test_a_timeline_that_cannot_be_read_is_read_later(fake: FakeX, x: X, ada: Connected, answer: Any) -> None:
    fake.script("look", answer)

    with pytest.raises(Unavailable):
        look(x, ada)


@pytest.mark.parametrize(
    "form",
    [
        "{}",
        " https://x.com/ada/status/{} ",
        "https://x.com/i/web/status/{}?s=20",
        "https://x.com/i/status/{}",
        "https://twitter.com/Ada/status/{}/photo/1",
        "mobile.twitter.com/ada/statuses/{}#m",
    ],
)
def test_a_post_is_found_by_whatever_leads_to_it(x: X, ada: Connected, form: str) -> None:
    sent = send(x, ada)

    assert x.find(form.format(sent.receipt.remote_id), secret=ada.secret).receipt == sent.receipt


def test_somebody_elses_post_is_not_ours(fake: FakeX, x: X, ada: Connected) -> None:
    fake.add_account("grace")
    post = fake.post_by_hand("grace", "Hello")

    with pytest.raises(NotFound):
        x.find(f"https://x.com/ada/status/{post}", secret=ada.secret)
    with pytest.raises(NotFound):
        x.find("https://x.com/ada/status/1", secret=ada.secret)


@pytest.mark.parametrize(
    "address",
    [
        "https://x.com/ada",
        "https://x.com.example/ada/status/1",
        "https://x.com/ada/status/",
        "https://x.com/a/b/status/1",
        "x" * 100_000,
    ],
)
def test_what_is_no_post_of_x_is_refused(fake: FakeX, x: X, ada: Connected, address: str) -> None:
    with pytest.raises(Rejected, match="not the address"):
        x.find(address, secret=ada.secret)
    with pytest.raises(Rejected, match="not the address"):
        x.delete(address, secret=ada.secret)


def test_a_post_is_taken_down_by_its_address_too(fake: FakeX, x: X, ada: Connected) -> None:
    sent = send(x, ada)

    x.delete(f"https://x.com/ada/status/{sent.receipt.remote_id}", secret=ada.secret)

    assert fake.texts() == []


@pytest.mark.parametrize(
    "fault",
    [Fault.AFTER_502, Fault.AFTER_HANG_UP, Fault.BEFORE_500, Fault.BUSY, Answer(200, {"data": {"deleted": False}})],
)
def test_whether_a_post_is_gone_may_take_a_second_try(fake: FakeX, x: X, ada: Connected, fault: Any) -> None:
    sent = send(x, ada)
    fake.script("delete", fault)

    with pytest.raises(Unavailable):
        x.delete(sent.receipt.remote_id, secret=ada.secret)
    x.delete(sent.receipt.remote_id, secret=ada.secret)

    assert fake.texts() == []


def test_nobody_deletes_what_is_not_theirs(fake: FakeX, x: X, ada: Connected) -> None:
    fake.add_account("grace")
    post = fake.post_by_hand("grace", "Hello")

    with pytest.raises(Rejected):
        x.delete(post, secret=ada.secret)

    assert fake.texts("grace") == ["Hello"]


def test_looking_through_a_timeline_takes_as_long_as_the_timeline_is(fake: FakeX, x: X, ada: Connected) -> None:
    urls = [{"url": "https://t.co/a", "expanded_url": "https://example.com/" + "a" * 4_000}]

    def timeline(length: int) -> list[dict[str, Any]]:
        return [{"id": "1", "text": " ".join(["https://t.co/a"] * length), "entities": {"urls": urls}}] * 5

    def look_through(posts: list[dict[str, Any]]) -> None:
        fake.script("look", Answer(200, {"data": posts}))
        assert look(x, ada) is None

    assert_grows_at_most(look_through, timeline, 1_000)
