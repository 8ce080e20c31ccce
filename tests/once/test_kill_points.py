"""A worker is killed at each of the five points of the fault table; whoever comes after makes the thread whole."""

import signal
from typing import NamedTuple

import pytest

from tests.once.stage import SLOT, Stage, assert_whole

pytestmark = pytest.mark.pds

PARTS = {"the first part": 0, "a middle part": None, "the last part": -1}


class Left(NamedTuple):
    """What a worker leaves behind that died at a point of a part: the part's state, and what stands."""

    state: str
    wire: bool
    stands: bool


POINTS = {
    "before the claim": Left("pending", wire=False, stands=False),
    "after the claim": Left("sending", wire=False, stands=False),
    "before the call": Left("sending", wire=True, stands=False),
    "after the call": Left("sending", wire=True, stands=True),
    "after the receipt": Left("sent", wire=True, stands=True),
}


def number_of(part: str, stage: Stage) -> int:
    """Which part of this thread is meant."""
    parts = len(stage.told["posts"])
    assert parts >= 5
    return {"the first part": 0, "a middle part": parts // 2, "the last part": parts - 1}[part]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("point", POINTS)
def test_killed_there_the_thread_is_made_whole_and_each_part_stands_once(stage: Stage, point: str, part: str) -> None:
    number = number_of(part, stage)
    (killed,) = stage.installation.together(("sending.be_killed", {"point": point, "part": number, "at": SLOT}))

    # It died where it should, and left what it should.
    assert killed.signal == signal.SIGKILL
    post = stage.told["posts"][number]
    stands = len(stage.records) == number + 1
    assert len(stage.records) in (number, number + 1)
    assert Left(post["state"], post["wire"] is not None, stands) == POINTS[point]

    # The next tick respects the claim; once its lease is over the others make the thread whole.
    held = stage.installation.deed("sending.recover", at=SLOT)
    assert held == ([post["key"]] if POINTS[point].state == "sending" else [])
    assert_whole(stage.records, stage.told)

    # And then it is over.
    before = stage.records
    stage.installation.deed("sending.tick", at=SLOT)
    assert stage.records == before


def test_killed_once_more_while_settling_each_part_stands_once(stage: Stage) -> None:
    killed = ("sending.be_killed", {"point": "after the call", "part": 1, "at": SLOT})
    again = ("sending.be_killed_while_settling", {"at": SLOT})

    signals = [stage.installation.together(deed)[0].signal for deed in (killed, again)]
    assert signals == [signal.SIGKILL] * 2
    assert stage.told["posts"][1]["state"] == "unknown"

    stage.installation.deed("sending.recover", at=SLOT)
    assert_whole(stage.records, stage.told)


def test_who_sleeps_past_the_lease_sends_nothing_when_waking(stage: Stage) -> None:
    number = number_of("a middle part", stage)
    person = next(
        each for each in stage.told["people"] if f"@{each['handle']}\n" in stage.told["posts"][number]["text"]
    )

    fate = stage.installation.deed("sending.sleep_past_the_lease", part=number, who_declines=person["did"], at=SLOT)

    everything = "\n".join(record["value"]["text"] for record in stage.records)
    assert f"@{person['handle']}" not in everything
    assert fate == "overtaken"
    told = stage.told
    told["posts"] = [post for post in told["posts"] if post["state"] != "cancelled"]
    assert_whole(stage.records, told)
