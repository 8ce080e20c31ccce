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
