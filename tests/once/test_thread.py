"""An edition of ten goes out as one thread on a real Bluesky server, however often and by however many it is sent."""

from collections import Counter

import pytest

from tests.once.stage import HASHTAG, PEOPLE, SLOT, Stage, assert_whole, blob, file, marked

pytestmark = pytest.mark.pds

TWENTY = 20


def test_ten_people_go_out_as_one_thread(stage: Stage) -> None:
    stage.installation.deed("sending.send", at=SLOT)

    told, records = stage.told, stage.records
    assert_whole(records, told)
    assert len(told["people"]) == len(PEOPLE)
    assert {record["value"]["createdAt"] for record in records} == {"2026-11-06T09:00:00.000Z"}
    everything = "\n".join(record["value"]["text"] for record in records)
    named = [f"{person['name']} @{person['handle']}\n" for person in told["people"]]
    assert [everything.count(name) for name in named] == [1] * len(PEOPLE)
    assert [everything.index(name) for name in named] == sorted(everything.index(name) for name in named)
    for name, reason in PEOPLE:
        assert (reason if name != "Åsa Öst" else "Åsa keeps trains and tea on time; and she tells why,") in everything


def test_what_is_marked_is_what_it_says_and_only_who_allows_it_is_mentioned(stage: Stage) -> None:
    stage.installation.deed("sending.send", at=SLOT)

    facets = [facet for record in stage.records for facet in marked(record)]
    page = "localhost:8000/c/tea/editions/1"
    expected = [("tag", HASHTAG, f"#{HASHTAG}"), *[("link", f"http://{page}/", page)] * 2]
    for person in stage.told["people"]:
        handle = f"@{person['handle']}"
        if person["did"] in stage.mentionable:
            expected.append(("mention", person["did"], handle))
        else:
            expected.append(("link", f"https://bsky.app/profile/{person['did']}", handle))
    assert Counter(facets) == Counter(expected)


def test_the_share_image_stands_with_its_words(stage: Stage) -> None:
    stage.installation.deed("sending.send", at=SLOT)

    told = stage.told
    data, image = blob(stage, stage.records[0])
    assert data == file(told["image"])
    assert data.startswith(b"\x89PNG")
    assert image["alt"] == told["alt"]
    assert "Rosa Amsel" in image["alt"]
    assert image["aspectRatio"] == {"width": 1200, "height": 630}


def test_sent_again_nothing_is_added(stage: Stage) -> None:
    stage.installation.deed("sending.send", at=SLOT)
    before = stage.records

    stage.installation.deed("sending.send", at=SLOT)
    stage.installation.deed("sending.tick", at=SLOT)

    assert stage.records == before
    assert [post["tries"] for post in stage.told["posts"]] == [1] * len(before)


def test_each_part_delivered_by_twenty_threads_at_once_stands_once(stage: Stage) -> None:
    fates = stage.installation.deed("sending.deliver_by_threads", threads=TWENTY, at=SLOT)

    assert fates == [["delivered", *["overtaken"] * (TWENTY - 1)]] * len(stage.records)
    assert_whole(stage.records, stage.told)


def test_a_part_delivered_by_twenty_processes_at_once_stands_once(stage: Stage) -> None:
    outcomes = stage.installation.crowd(TWENTY, "sending.deliver_part", part=0, at=SLOT)

    assert Counter(outcome.raised for outcome in outcomes) == {"": 1, "Overtaken": TWENTY - 1}
    assert [record["value"]["text"] for record in stage.records] == [stage.told["posts"][0]["text"]]


def test_a_thread_sent_by_twenty_processes_at_once_stands_once(stage: Stage) -> None:
    outcomes = stage.installation.crowd(TWENTY, "sending.send", at=SLOT)

    assert [outcome for outcome in outcomes if outcome.raised or outcome.signal] == []
    stage.installation.deed("sending.send", at=SLOT)
    assert_whole(stage.records, stage.told)
    assert [post["tries"] for post in stage.told["posts"]] == [1] * len(stage.records)


def test_who_declines_while_a_part_is_put_off_is_not_posted(stage: Stage) -> None:
    stage.installation.deed("sending.be_put_off", part=2, at=SLOT)
    assert [post["state"] for post in stage.told["posts"][:3]] == ["sent", "sent", "pending"]
    unwilling = people_of(stage, 2)[:1]

    stage.installation.deed("sending.decline", dids=dids(unwilling))
    stage.installation.deed("sending.recover", at=SLOT)

    assert_all_are_named_but(stage, unwilling)


def test_who_declines_one_after_the_other_takes_nobody_along(stage: Stage) -> None:
    stage.installation.deed("sending.deliver_part", part=0, at=SLOT)
    first = people_of(stage, 1) + people_of(stage, 2)
    stage.installation.deed("sending.decline", dids=dids(first))
    stage.installation.deed("sending.deliver_part", part=1, at=SLOT)
    second = people_of(stage, 1)[:1]

    stage.installation.deed("sending.decline", dids=dids(second))
    stage.installation.deed("sending.recover", at=SLOT)

    assert_all_are_named_but(stage, first + second)


def test_who_declines_before_anything_is_sent_leaves_the_opening_where_it_is(stage: Stage) -> None:
    opening, first = stage.told["posts"][0]["text"], people_of(stage, 1) + people_of(stage, 2)
    stage.installation.deed("sending.decline", dids=dids(first))
    stage.installation.deed("sending.deliver_part", part=1, at=SLOT)
    second = people_of(stage, 1)[:1]

    stage.installation.deed("sending.decline", dids=dids(second))
    stage.installation.deed("sending.deliver_part", part=1, at=SLOT)
    stage.installation.deed("sending.recover", at=SLOT)

    assert stage.records[0]["value"]["text"].split()[0] == opening.split()[0]
    assert_all_are_named_but(stage, first + second)


def people_of(stage: Stage, part: int) -> list[dict[str, str]]:
    """Who stands in a part as it is written down now."""
    told = stage.told
    return [person for person in told["people"] if f"@{person['handle']}\n" in told["posts"][part]["text"]]


def dids(people: list[dict[str, str]]) -> list[str]:
    """Their permanent ids."""
    return [person["did"] for person in people]


def assert_all_are_named_but(stage: Stage, unwilling: list[dict[str, str]]) -> None:
    """A whole thread with an opening, a closing, and everybody once who did not decline."""
    told, records = stage.told, stage.records
    told["posts"] = [post for post in told["posts"] if post["state"] != "cancelled"]
    assert_whole(records, told)
    everything = "\n".join(record["value"]["text"] for record in records)
    counts = {person["name"]: everything.count(f"@{person['handle']}\n") for person in told["people"]}
    assert unwilling
    assert counts == {person["name"]: int(person not in unwilling) for person in told["people"]}
    assert f"#{HASHTAG}" in records[0]["value"]["text"]
    assert "Nominate them for next week" in records[-1]["value"]["text"]
