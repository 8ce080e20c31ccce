"""Posting to Mastodon: what is sent, what refusals and lost answers mean, pictures, edits."""

import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from recommendations.networks import mastodon_media, mastodon_post
from recommendations.networks.base import NotFound, OutcomeUnknown, Rejected, Revoked, Unavailable, Unexplained
from recommendations.networks.mastodon_api import Api
from recommendations.networks.posting import Part
from tests.clock import Clock
from tests.fakes.mastodon import Fault
from tests.fakes.web import Answer
from tests.recommendations.networks.mastodons import OPENING, PEOPLE, PICTURE, SLOT, Desk, desk
from tests.waiting import wait_until


@pytest.fixture
def here() -> Iterator[Desk]:
    with desk() as made:
        yield made


def sent_body(here: Desk, endpoint: str = "send") -> Any:
    return json.loads(next(each for each in here.fake.asked if each.endpoint == endpoint).body)


def test_the_first_part_is_public_and_goes_out_as_it_was_written_down(here: Desk) -> None:
    picture = {"id": "77"}
    wire = here.wire(here.part(), picture=picture)

    assert wire == {
        "status": OPENING,
        "visibility": "public",
        "sensitive": False,
        "language": "en",
        "media_ids": ["77"],
    }


def test_a_reply_is_quiet_and_names_its_parent(here: Desk) -> None:
    root = here.send(here.part())

    wire = here.wire(here.part(PEOPLE, 1), root)
    here.poster.send(wire, key="k", secret=here.secret)

    assert wire["visibility"] == "unlisted"
    assert wire["in_reply_to_id"] == root.remote_id
    assert json.loads(here.fake.asked[-1].body) == wire
    assert here.fake.asked[-1].media_type == "application/json"


def test_the_key_goes_along_and_tells_moments_deliveries_and_parts_apart(here: Desk) -> None:
    part = here.part()
    here.send(part)
    elsewhere = SLOT.astimezone(timezone(timedelta(hours=9)))

    assert here.fake.asked[-1].headers["idempotency-key"] == part.key
    assert part.key == here.poster.key(moment=elsewhere, serial=1, part=0)
    keys = {
        here.poster.key(moment=SLOT + timedelta(microseconds=us), serial=serial, part=number)
        for us in (0, 1)
        for serial in (1, 11)
        for number in (0, 1, 11)
    }
    assert len(keys) == 12


@pytest.mark.parametrize("language", ["", "English", "e", "en_GB", "🎉", "\x00"])
def test_a_language_that_is_none_is_left_out(here: Desk, language: str) -> None:
    wire = here.wire(replace(here.part(), language=language))

    assert "language" not in wire


def test_nothing_is_not_posted(here: Desk) -> None:
    with pytest.raises(Rejected):
        here.wire(Part(text=" \n"))


def test_half_a_character_is_refused_before_it_is_sent(here: Desk) -> None:
    with pytest.raises(Rejected):
        here.send(here.part("Half \ud83d"))

    assert here.fake.asked_for("send") == 0


AFTER = [Fault.AFTER_500, Fault.AFTER_502, Fault.AFTER_503, Fault.AFTER_504, Fault.AFTER_HANG_UP, Fault.AFTER_GARBAGE]
BEFORE = [Fault(each.replace("after", "before")) for each in AFTER]


@pytest.mark.parametrize("fault", [*AFTER, *BEFORE])
def test_a_lost_answer_leaves_a_doubt_that_a_look_settles(here: Desk, fault: Fault) -> None:
    here.fake.script("send", fault)

    with pytest.raises(OutcomeUnknown):
        here.send(here.part())
    found = here.look(here.part())

    assert (found is not None) == (fault in AFTER)
    assert here.fake.texts("ada") == ([OPENING] if found else [])


def test_a_server_that_says_nothing_is_not_waited_for(here: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mastodon_post, "WRITE_SECONDS", 1.0)
    here.fake.script("send", Fault.AFTER_SILENCE)

    with pytest.raises(OutcomeUnknown):
        here.send(here.part())

    wait_until(lambda: here.fake.asked_for("send"), "the server takes what was sent")
    assert here.look(here.part()) is not None


def test_a_slow_server_is_waited_for(here: Desk) -> None:
    here.fake.delay = 0.1
    here.fake.script("send", Fault.SLOW)

    assert here.send(here.part()).remote_id == here.fake.statuses("ada")[0]["id"]


def test_a_busy_server_is_left_alone_until_the_time_it_says(here: Desk) -> None:
    here.fake.set_clock(datetime.now(UTC))
    here.fake.script("send", Fault.BUSY)

    with pytest.raises(Unavailable) as trouble:
        here.send(here.part())

    assert trouble.value.retry_at is not None
    assert timedelta(minutes=4) < trouble.value.retry_at - datetime.now(UTC) <= timedelta(minutes=5)
    assert here.fake.texts("ada") == []


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "The access token is invalid"),
        (400, "Invalid token"),
        (403, "This action is outside the authorized scopes"),
        (403, "Your login is currently disabled"),
        (422, "This method requires an authenticated user"),
    ],
)
def test_words_about_the_token_stop_the_channel(here: Desk, status: int, words: str) -> None:
    here.fake.script("send", Answer(status, {"error": words}))

    with pytest.raises(Revoked, match=words):
        here.send(here.part())


@pytest.mark.parametrize("status", [301, 400, 403, 404, 405, 409, 410, 413, 422])
def test_any_other_no_is_final_and_says_why(here: Desk, status: int) -> None:
    words = {"error": "<b>Validation failed</b>:\nthe text\u202e is bad. " + "x" * 5_000}
    here.fake.script("send", Answer(status, words, {"Location": "https://elsewhere.example/"}))

    with pytest.raises(Rejected, match=r"127\.0\.0\.1 said: Validation failed: the text is bad\. x+…\.") as refusal:
        here.send(here.part())

    assert not isinstance(refusal.value, Revoked)
    assert len(str(refusal.value)) < 300


def test_a_no_without_words_says_at_least_its_status(here: Desk) -> None:
    here.fake.script("send", Answer(422, "<h1>Unprocessable</h1>"))

    with pytest.raises(Unexplained, match=r"answered with status 422 "):
        here.send(here.part())


def test_a_parent_that_is_gone_is_a_final_no(here: Desk) -> None:
    root = here.send(here.part())
    here.fake.delete_by_hand(root.remote_id)

    with pytest.raises(Rejected, match="does not appear to exist"):
        here.send(here.part(PEOPLE, 1), root)


def test_too_long_a_text_is_refused_in_the_server_s_words(here: Desk) -> None:
    with pytest.raises(Rejected, match="limit of 500 exceeded"):
        here.send(here.part("a" * 501))


def test_an_answer_about_somebody_else_s_post_leaves_a_doubt(here: Desk) -> None:
    here.fake.add_account("mallory")
    theirs = here.fake.post_by_hand("mallory", OPENING)
    entity = here.fake.kept.entity(next(each for each in here.fake.kept.all if each.id == theirs))
    here.fake.script("send", Answer(200, entity))

    with pytest.raises(OutcomeUnknown):
        here.send(here.part())


def test_another_post_under_the_same_key_is_not_taken_for_ours(here: Desk) -> None:
    here.send(here.part("Written by another installation of ours"))

    with pytest.raises(Rejected, match="Another post stands"):
        here.send(here.part())

    assert here.fake.texts("ada") == ["Written by another installation of ours"]


def test_after_an_hour_mastodon_has_forgotten_the_key(here: Desk) -> None:
    here.send(here.part())
    here.fake.advance(3_601)

    here.send(here.part())

    assert here.fake.texts("ada") == [OPENING, OPENING]


def test_where_a_repeat_answers_500_the_look_finds_the_post() -> None:
    with desk("affected") as here:
        receipt = here.send(here.part())

        with pytest.raises(OutcomeUnknown):
            here.send(here.part())
        found = here.look(here.part())

        assert found is not None
        assert found.receipt == receipt
        assert here.fake.texts("ada") == [OPENING]


def test_a_picture_is_uploaded_with_as_much_of_its_description_as_the_server_takes() -> None:
    with desk(description=40) as here:
        alt = "People to follow: " + "Grace, " * 20

        picture = here.poster.upload(replace(PICTURE, alt=alt), secret=here.secret)

        kept = here.fake.kept.media[picture["id"]]
        assert kept.file == type(kept.file)("picture.png", "image/png", PICTURE.data)
        assert len(kept.description) <= 40
        assert kept.description.startswith("People to follow: Grace, ")
        assert kept.description.endswith("…")


def test_a_picture_is_waited_for_until_the_server_is_done_with_it() -> None:
    with desk(pending_polls=2) as here:
        picture = here.poster.upload(PICTURE, secret=here.secret)

        here.send(here.part(), picture=picture)

        assert here.fake.asked_for("poll") == 2
        assert here.fake.statuses("ada")[0]["alts"] == [PICTURE.alt]


def test_a_picture_is_not_waited_for_forever(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock().rule(monkeypatch, mastodon_media)
    began = clock.now

    with desk(pending_polls=1_000) as here, pytest.raises(Unavailable):
        here.poster.upload(PICTURE, secret=here.secret)

    assert clock.now - began == pytest.approx(mastodon_post.UPLOAD_SECONDS)


def test_a_server_that_cannot_be_asked_about_its_pictures_is_believed() -> None:
    with desk(pending_polls=1) as here:
        here.fake.script("poll", Answer(404, "<h1>404</h1>"))

        picture = here.poster.upload(PICTURE, secret=here.secret)

        assert picture["id"] in here.fake.kept.media


@pytest.mark.parametrize("fault", [Fault.AFTER_500, Fault.BEFORE_HANG_UP, Fault.BUSY, Fault.AFTER_GARBAGE, "{}"])
def test_a_picture_that_got_lost_may_be_brought_again(here: Desk, fault: Fault | str) -> None:
    here.fake.script("upload", Answer(200, {}) if fault == "{}" else fault)

    with pytest.raises(Unavailable):
        here.poster.upload(PICTURE, secret=here.secret)

    assert here.poster.upload(PICTURE, secret=here.secret)["id"]


def test_a_picture_that_the_server_does_not_take_is_refused(here: Desk) -> None:
    with pytest.raises(Rejected, match="content type is invalid"):
        here.poster.upload(replace(PICTURE, media_type="text/html"), secret=here.secret)


def test_a_server_that_takes_no_pictures_at_all_says_so(here: Desk) -> None:
    here.fake.script("upload", Answer(404, "<h1>404</h1>"), Answer(405, {"error": "No pictures here"}))

    with pytest.raises(Rejected, match="No pictures here"):
        here.poster.upload(PICTURE, secret=here.secret)


def test_a_picture_that_cannot_be_worked_through_is_refused() -> None:
    with desk(pending_polls=1) as here:
        here.fake.script("poll", Answer(422, {"error": "Error processing thumbnail for uploaded media"}))

        with pytest.raises(Rejected, match="Error processing"):
            here.poster.upload(PICTURE, secret=here.secret)


def test_an_edit_keeps_the_picture_or_takes_the_new_one(here: Desk) -> None:
    old, new = (here.poster.upload(replace(PICTURE, alt=alt), secret=here.secret) for alt in ("Twelve", "Eleven"))
    root = here.send(here.part(), picture=old)

    here.poster.edit(root.remote_id, here.wire(here.part("Eleven of them")), secret=here.secret)
    kept = here.fake.statuses("ada")[0]["alts"]
    here.poster.edit(root.remote_id, here.wire(here.part("Eleven of them"), picture=new), secret=here.secret)

    assert kept == ["Twelve"]
    assert here.fake.statuses("ada")[0]["alts"] == ["Eleven"]
    assert "visibility" not in sent_body(here, "edit")


@pytest.mark.parametrize("fault", [Fault.AFTER_502, Fault.BEFORE_502, Fault.AFTER_HANG_UP, Fault.BUSY, "other"])
@pytest.mark.parametrize("verb", ["edit", "delete"])
def test_an_edit_or_a_deletion_that_got_lost_may_be_repeated(here: Desk, verb: str, fault: Fault | str) -> None:
    root = here.send(here.part())
    other = Answer(200 if verb == "edit" else 500, {"id": "1"})
    here.fake.script(verb, other if fault == "other" else fault)

    def deed() -> None:
        if verb == "edit":
            here.poster.edit(root.remote_id, here.wire(here.part("Other words")), secret=here.secret)
        else:
            here.poster.delete(root.remote_id, secret=here.secret)

    with pytest.raises(Unavailable):
        deed()
    deed()

    assert here.fake.texts("ada") == (["Other words"] if verb == "edit" else [])


def test_an_edit_that_is_refused_says_why(here: Desk) -> None:
    root = here.send(here.part())

    with pytest.raises(Rejected, match="limit of 500 exceeded"):
        here.poster.edit(root.remote_id, here.wire(here.part("a" * 501)), secret=here.secret)

    assert here.fake.texts("ada") == [OPENING]


def test_a_post_that_vanishes_while_it_is_edited_is_gone(here: Desk) -> None:
    root = here.send(here.part())
    here.fake.script("edit", Answer(410, "gone"))
    here.fake.script("status", None, Answer(404, {"error": "Record not found"}))

    with pytest.raises(NotFound):
        here.poster.edit(root.remote_id, here.wire(here.part("Other words")), secret=here.secret)


@pytest.mark.parametrize("remote_id", ["", "../accounts/1", "1?x=", "at://did:plc:x/app.bsky.feed.post/1", "é", "1\n"])
def test_what_is_no_id_is_nobody_s_post(here: Desk, remote_id: str) -> None:
    before = len(here.fake.asked)

    with pytest.raises(NotFound):
        here.poster.edit(remote_id, here.wire(here.part()), secret=here.secret)
    with pytest.raises(NotFound):
        here.poster.delete(remote_id, secret=here.secret)

    assert len(here.fake.asked) == before


def test_a_deletion_that_is_refused_says_why(here: Desk) -> None:
    root = here.send(here.part())
    here.fake.script("delete", Answer(403, {"error": "This action is not allowed"}))

    with pytest.raises(Rejected, match="not allowed"):
        here.poster.delete(root.remote_id, secret=here.secret)


def test_tokens_last(here: Desk) -> None:
    assert here.poster.renewed(here.secret, at=here.fake.now) is None


@pytest.mark.parametrize("where", ["send", "connect", "look", "upload", "edit", "delete"])
@pytest.mark.parametrize("status", [400, 401, 422, 429, 500])
def test_no_error_and_no_log_line_tells_the_token(
    here: Desk, where: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    token = here.secret["token"]
    part, root = here.part(), here.send(here.part())
    here.fake.script(where, Answer(status, {"error": f"Bad token {token} for {token[:5]}<b></b>{token[5:]}"}))
    deeds: dict[str, Any] = {
        "send": lambda: here.send(part),
        "connect": lambda: here.poster.connect(server=here.fake.url, token=token),
        "look": lambda: here.look(part),
        "upload": lambda: here.poster.upload(PICTURE, secret=here.secret),
        "edit": lambda: here.poster.edit(root.remote_id, here.wire(part), secret=here.secret),
        "delete": lambda: here.poster.delete(root.remote_id, secret=here.secret),
    }

    with caplog.at_level(logging.DEBUG), pytest.raises((Rejected, Unavailable, OutcomeUnknown)) as trouble:
        deeds[where]()

    told, error = "", trouble.value
    while error:
        told, error = told + repr(error) + str(error), error.__cause__ or error.__context__
    assert token not in told + caplog.text
    assert token not in repr(Api(here.poster._http, here.fake.url, token))


def test_five_threads_share_one_adapter(here: Desk) -> None:
    parts = [here.part(f"Part {number}", number) for number in range(5)]
    crowd = [threading.Thread(target=here.send, args=(part,)) for part in parts]

    for each in crowd:
        each.start()
    for each in crowd:
        each.join()

    assert sorted(here.fake.texts("ada")) == [part.text for part in parts]
