"""The whole of posting works unchanged on Mastodon and on each of its kin."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from recommendations.handles import Handle, Network
from recommendations.networks.base import CannotEdit, NotFound, OutcomeUnknown, Revoked, Unexplained
from recommendations.networks.posting import Receipt
from recommendations.threads import Outline, Person, compose
from tests.fakes.mastodon import FLAVOURS, Fault
from tests.recommendations.networks.mastodons import CLOSING, LINK, OPENING, PEOPLE, PICTURE, Desk, desk

THREAD = (OPENING, PEOPLE, CLOSING)


@pytest.fixture(params=FLAVOURS)
def here(request: pytest.FixtureRequest) -> Iterator[Desk]:
    with desk(request.param) as made:
        yield made


def post_thread(here: Desk) -> list[Receipt]:
    picture = here.poster.upload(PICTURE, secret=here.secret)
    receipts: list[Receipt] = []
    for number, text in enumerate(THREAD):
        parent = receipts[-1] if receipts else None
        receipts.append(here.send(here.part(text, number), parent, None if parent else picture))
    return receipts


def test_a_thread_with_a_picture_stands_as_it_was_written(here: Desk) -> None:
    receipts = post_thread(here)

    standing = here.fake.statuses("ada")
    assert [each["text"] for each in standing] == list(THREAD)
    assert [each["in_reply_to_id"] for each in standing] == [None, *(each.remote_id for each in receipts[:-1])]
    assert [each["visibility"] for each in standing] == ["public", "unlisted", "unlisted"]
    assert [each["language"] for each in standing] == ["en"] * 3
    assert [each["alts"] for each in standing] == [[PICTURE.alt], [], []]
    assert not any(each["sensitive"] for each in standing)
    assert here.fake.kept.media[standing[0]["media"][0]].file.data == PICTURE.data


def test_each_part_is_found_again_and_never_taken_for_another(here: Desk) -> None:
    before = [here.look(here.part(text, number)) for number, text in enumerate(THREAD)]

    receipts = post_thread(here)
    here.fake.advance(60)

    assert before == [None, None, None]
    for number, text in enumerate(THREAD):
        found = here.look(here.part(text, number), receipts[number - 1] if number else None)
        assert found is not None
        assert found.receipt == receipts[number]


def test_a_part_that_was_stored_without_our_knowing_is_found_and_stands_once(here: Desk) -> None:
    root = here.send(here.part())
    here.fake.script("send", Fault.AFTER_502)

    with pytest.raises(OutcomeUnknown):
        here.send(here.part(PEOPLE, 1), root)
    here.fake.advance(60)
    found = here.look(here.part(PEOPLE, 1), root)

    assert found is not None
    assert here.fake.texts("ada") == [OPENING, PEOPLE]
    assert here.fake.statuses("ada")[1]["id"] == found.receipt.remote_id


def test_a_part_that_was_not_stored_is_repeated_and_stands_once(here: Desk) -> None:
    here.fake.script("send", Fault.BEFORE_504)

    with pytest.raises(OutcomeUnknown):
        here.send(here.part())
    here.fake.advance(60)
    assert here.look(here.part()) is None
    here.send(here.part())

    assert here.fake.texts("ada") == [OPENING]


def test_a_post_is_edited_or_we_are_told_that_this_server_cannot(here: Desk) -> None:
    root, *_ = post_thread(here)
    other = here.wire(here.part("Eleven people"))

    if here.fake.flavour.edits == 200:
        for _ in range(2):
            assert here.poster.edit(root.remote_id, other, secret=here.secret).receipt == root
        changed = here.fake.statuses("ada")[0]
        assert (changed["text"], changed["edited"], changed["alts"]) == ("Eleven people", True, [PICTURE.alt])
    else:
        # A 404 as a web page may as well be a firewall's.
        with pytest.raises(Unexplained if here.fake.flavour.html_errors else CannotEdit):
            here.poster.edit(root.remote_id, other | {"media_ids": ["1"]}, secret=here.secret)
        assert here.fake.texts("ada") == list(THREAD)


def test_what_is_deleted_can_neither_be_edited_nor_found(here: Desk) -> None:
    *_, last = post_thread(here)

    for _ in range(2):
        here.poster.delete(last.remote_id, secret=here.secret)

    here.fake.advance(60)
    assert here.fake.texts("ada") == [OPENING, PEOPLE]
    for wire in (here.wire(here.part("Other")), here.wire(here.part("Other")) | {"media_ids": ["1"]}):
        with pytest.raises(NotFound):
            here.poster.edit(last.remote_id, wire, secret=here.secret)
    with pytest.raises(NotFound):
        here.poster.find(last.url, secret=here.secret)


def test_a_post_is_found_by_its_address(here: Desk) -> None:
    receipts = post_thread(here)
    here.fake.advance(60)

    found = [here.poster.find(each.url, secret=here.secret).receipt for each in receipts]

    assert found == receipts


def test_a_revoked_token_stops_the_channel(here: Desk) -> None:
    root = here.send(here.part())
    here.fake.revoke("ada")

    for deed in (
        lambda: here.send(here.part(PEOPLE, 1), root),
        lambda: here.look(here.part()),
        lambda: here.poster.upload(PICTURE, secret=here.secret),
        lambda: here.poster.delete(root.remote_id, secret=here.secret),
    ):
        # In other words than the API's it may as well be a firewall's, and is asked about again.
        with pytest.raises(Revoked if here.fake.flavour.bad_token_says == "JSON" else Unexplained):
            deed()
    assert here.fake.texts("ada") == [OPENING]


def test_its_limits_are_read(here: Desk) -> None:
    flavour, limits = here.fake.flavour, here.account.limits

    assert here.poster.limits(here.secret) == limits
    assert limits.characters == (
        500 if here.said_nothing else flavour.characters - min(500, flavour.characters // 5) * here.is_kin
    )
    assert limits.url_length == (None if here.is_kin else 23)
    assert limits.alt_length == flavour.description


def test_a_long_edition_fits_however_the_server_counts(here: Desk) -> None:
    people = tuple(
        Person(
            name=f"Grace Hopper {number}",
            handle=Handle(Network.MASTODON, f"grace{number}", "crew.navy.org"),
            page_url=f"https://crew.navy.org/people/{number}/{'x' * 120}",
            uri="",
            reason="She finds every bug, and explains kindly what it was. " * 3,
            by="Alan",
            mention=number % 8 == 0,
        )
        for number in range(60)
    )
    outline = Outline("Customer Service", people, number=4, hashtag="custserv", link=LINK)

    posts = compose(outline, network=Network.MASTODON, limits=here.account.limits, measure=here.poster.measure)
    for number, post in enumerate(posts):
        here.send(here.part(post.text, number))

    assert here.fake.texts("ada") == [post.text for post in posts]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_repeat_is_trusted_to_mastodon_alone(flavour: str) -> None:
    with desk(flavour) as here:
        doubt = here.poster.doubt(here.secret)

    genuine = flavour in ("mastodon", "mastodon-4.2", "fork", "affected")
    assert doubt.repeat_for == timedelta(minutes=50 if genuine else 0)
    assert (doubt.wait, doubt.enough_looks) == (timedelta(minutes=1), 2)
