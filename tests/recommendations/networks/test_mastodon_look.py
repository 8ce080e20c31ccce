"""Finding a post again among the account's own, and never taking another one for it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recommendations.networks import mastodon_post
from recommendations.networks.base import NotFound, Rejected, Unavailable
from recommendations.networks.mastodon_status import SAME_WORDS, is_part, likeness, made_at, media_of, receipt
from tests.fakes.mastodon import Fault
from tests.fakes.web import Answer
from tests.recommendations.networks.mastodons import CLOSING, LINK, OPENING, PEOPLE, SLOT, Desk, desk


@pytest.fixture
def here() -> Iterator[Desk]:
    with desk() as made:
        yield made


def test_the_opening_is_found_by_its_link_though_its_words_were_changed(here: Desk) -> None:
    by_hand = OPENING.replace("12 people to follow", "Eleven lovely people")
    here.fake.post_by_hand("ada", by_hand)

    assert here.look(here.part()) is not None


@pytest.mark.parametrize(
    "text",
    [
        OPENING.replace("/4/", "/42/"),
        OPENING.replace("/4/", "/4/2/"),
        OPENING.replace(LINK, ""),
        f"Look who I found today, by chance, in a list that a friend of mine keeps: {LINK}",
    ],
)
def test_a_post_of_another_edition_or_by_hand_is_not_the_opening(here: Desk, text: str) -> None:
    here.fake.post_by_hand("ada", text)

    assert here.look(here.part()) is None


def test_the_closing_has_the_same_link_and_is_not_the_opening(here: Desk) -> None:
    root = here.send(here.part("Hello"))
    here.send(here.part(OPENING, 1), root)

    assert here.look(here.part()) is None


def test_a_reply_to_another_post_or_with_other_words_is_not_the_part(here: Desk) -> None:
    root = here.send(here.part())
    here.send(here.part(PEOPLE, 8), here.send(here.part("Another thread", 7)))
    here.fake.post_by_hand("ada", "Thank you all, this was fun to put together", root.remote_id)
    here.fake.post_by_hand("ada", PEOPLE)

    assert here.look(here.part(PEOPLE, 1), root) is None


def test_somebody_else_s_post_is_not_ours(here: Desk) -> None:
    here.fake.add_account("mallory")
    theirs = here.fake.post_by_hand("mallory", OPENING)
    entity = here.fake.kept.entity(here.fake.kept.all[-1])
    here.fake.script("look", Answer(200, [entity]))

    assert here.look(here.part()) is None
    assert entity["id"] == theirs


def test_a_boost_is_not_a_post(here: Desk) -> None:
    here.send(here.part())
    entity = here.fake.kept.entity(here.fake.kept.all[0])
    here.fake.script("look", Answer(200, [entity | {"reblog": entity}]))

    assert here.look(here.part()) is None


def test_what_is_older_is_not_it_but_clocks_may_differ(here: Desk) -> None:
    here.fake.post_by_hand("ada", OPENING, minutes_ago=4)

    assert here.look(here.part(), since=here.fake.now) is not None
    assert here.look(here.part(), since=here.fake.now + timedelta(minutes=2)) is None


def test_of_two_that_stand_the_first_is_taken(here: Desk) -> None:
    first = here.fake.post_by_hand("ada", OPENING, minutes_ago=1)
    here.fake.post_by_hand("ada", OPENING)

    found = here.look(here.part())

    assert found is not None
    assert found.receipt.remote_id == first


def test_it_is_found_behind_many_newer_ones_and_no_page_is_read_in_vain(here: Desk) -> None:
    here.fake.post_by_hand("ada", "Long ago", minutes_ago=60)
    receipt = here.send(here.part())
    for number in range(90):
        here.fake.post_by_hand("ada", f"By hand, {number}")

    found = here.look(here.part())

    assert found is not None
    assert found.receipt == receipt
    assert here.fake.asked_for("look") == 3
    assert [each.query.get("max_id") is None for each in here.fake.asked if each.endpoint == "look"] == [
        True,
        False,
        False,
    ]
    assert here.fake.asked[-1].query["exclude_reblogs"] == "true"


def test_where_too_much_was_posted_since_a_person_is_asked(here: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mastodon_post, "PAGES", 2)
    for number in range(90):
        here.fake.post_by_hand("ada", f"By hand, {number}")

    with pytest.raises(Rejected, match="so much"):
        here.look(here.part())


def test_a_server_that_gives_the_same_page_again_is_not_asked_forever(here: Desk) -> None:
    here.send(here.part("Hello"))
    page = Answer(200, [here.fake.kept.entity(each) for each in here.fake.kept.all])
    here.fake.script("look", page, page, page)

    assert here.look(here.part()) is None
    assert here.fake.asked_for("look") == 2


@pytest.mark.parametrize("fault", [Fault.BEFORE_500, Fault.BEFORE_HANG_UP, Fault.BEFORE_GARBAGE, Fault.BUSY])
def test_a_look_that_failed_is_no_empty_look(here: Desk, fault: Fault) -> None:
    here.fake.script("look", fault)

    with pytest.raises(Unavailable):
        here.look(here.part())


@pytest.mark.parametrize("page", [[1, 2], [None], [{}], [{"id": {}}], {}, "posts"])
def test_a_page_that_cannot_be_read_is_no_empty_look(here: Desk, page: Any) -> None:
    here.fake.script("look", Answer(200, page))

    with pytest.raises(Unavailable):
        here.look(here.part())


def test_a_server_that_does_not_show_our_posts_says_so(here: Desk) -> None:
    here.fake.script("look", Answer(404, {"error": "Record not found"}))

    with pytest.raises(Rejected, match="Record not found"):
        here.look(here.part())


@pytest.mark.parametrize(
    "content",
    [
        f"<p>{PEOPLE}</p>",
        PEOPLE.replace("\n", "<br/>").replace("*every*", "<em>every</em>"),
        PEOPLE.upper(),
        PEOPLE.replace("@grace@navy.example", '@<span><a href="https://navy.example/@grace">grace</a></span>'),
        PEOPLE.replace("https://x.com/joan", '<a href="https://x.com/joan">x.com/jo…</a>'),
        PEOPLE.replace("ä", "a\u0308"),
        PEOPLE.replace(" — Ada", ""),
        PEOPLE[: len(PEOPLE) * 2 // 3] + "…",
        PEOPLE[: len(PEOPLE) * 2 // 3] + " [...]",
    ],
)
def test_words_are_the_same_however_a_server_shows_them(content: str) -> None:
    assert likeness(PEOPLE, content) >= SAME_WORDS


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<p></p>",
        OPENING,
        CLOSING,
        "Grace and Joan are lovely, thank you Alan!",
        "Grace…",
        PEOPLE + " and much more was said about them, " * 5,
        PEOPLE[: len(PEOPLE) // 2],
    ],
)
def test_other_words_are_others(content: str) -> None:
    assert likeness(PEOPLE, content) < SAME_WORDS


def test_texts_without_words_are_the_same_only_among_themselves() -> None:
    assert likeness("🎉", "<p>🎊</p>") == 1
    assert likeness("🎉", "<p>Party</p>") == 0
    assert likeness("Party", "<p>🎉</p>") == 0


@pytest.mark.parametrize("piece", ["a", "a.", "@a", "<p>", "https://", "a-", "a.b/", "\u0301", "&lt;", "#…"])
def test_a_monstrous_text_is_compared_in_no_time(piece: str) -> None:
    monster = piece * (1_000_000 // len(piece))

    assert likeness(PEOPLE, monster) < SAME_WORDS
    assert not is_part({"content": monster, "in_reply_to_id": None}, {"status": OPENING})


@pytest.mark.parametrize("moment", [None, 5, "", "soon", "2026-11-06T15:00:00", "9999-12-31T23:59:59-23:00"])
def test_a_moment_that_nobody_can_be_sure_of_is_none(moment: Any) -> None:
    assert made_at({"created_at": moment}) is None


def test_moments_are_read_in_any_zone() -> None:
    assert made_at({"created_at": "2026-11-06T15:00:00.000Z"}) == SLOT
    assert made_at({"created_at": "2026-11-07T00:00:00+09:00"}) == datetime(2026, 11, 6, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "url"),
    [
        ({"url": "https://a.example/@ada/1", "uri": "https://a.example/1"}, "https://a.example/@ada/1"),
        ({"url": None, "uri": "https://a.example/1"}, "https://a.example/1"),
        ({"url": "javascript:alert(1)", "uri": 5}, "https://m.example/statuses/1"),
    ],
)
def test_a_receipt_leads_to_a_page_on_the_web(status: dict[str, Any], url: str) -> None:
    made = receipt({"id": 1, "account": {"id": 7}} | status, account="7", server="https://m.example")

    assert made is not None
    assert (made.remote_id, made.url, made.reference) == ("1", url, {"id": "1"})


@pytest.mark.parametrize("media", [None, 5, {"id": "1"}, [5, {"id": True}, {"id": "1/2"}, {}]])
def test_media_that_cannot_be_named_are_none(media: Any) -> None:
    assert media_of({"media_attachments": media}) == []


def test_a_parent_that_cannot_be_read_is_still_a_parent(here: Desk) -> None:
    content = here.fake.kept.entity
    here.send(here.part())
    odd = content(here.fake.kept.all[0]) | {"in_reply_to_id": {"id": 1}}

    assert not is_part(odd, here.wire(here.part()))


def test_a_post_is_found_by_an_address_that_does_not_end_in_its_id(here: Desk) -> None:
    receipt = here.send(here.part())
    here.send(here.part(PEOPLE, 1), receipt)
    page = [here.fake.kept.entity(each) for each in reversed(here.fake.kept.all)]
    page[1]["url"] = "https://mastodon.test/objects/aa-bb?x=1"
    for _ in range(2):
        here.fake.script("look", Answer(200, page))

    found = here.poster.find("https://mastodon.test/objects/aa-bb?x=1", secret=here.secret).receipt

    assert found.remote_id == receipt.remote_id


@pytest.mark.parametrize("address", ["https://elsewhere.example/@ada/{id}", "https://mastodon.test/@ada/12345"])
def test_an_address_elsewhere_or_of_nothing_is_no_post_of_ours(here: Desk, address: str) -> None:
    receipt = here.send(here.part())

    with pytest.raises(NotFound):
        here.poster.find(address.format(id=receipt.remote_id), secret=here.secret)


def test_somebody_else_s_post_cannot_be_adopted(here: Desk) -> None:
    here.fake.add_account("mallory")
    theirs = here.fake.post_by_hand("mallory", OPENING)

    with pytest.raises(NotFound):
        here.poster.find(f"https://mastodon.test/@mallory/{theirs}", secret=here.secret)
