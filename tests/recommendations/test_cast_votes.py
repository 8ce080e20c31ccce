"""What the server keeps of an edition's votes, how it is counted again, and the tree over all ballots."""

import copy
import hashlib
import json
import random
from typing import Any

import numpy as np
import pytest

from recommendations import cast_votes
from recommendations.explanation import Method
from recommendations.ranking import Ranking, rank
from recommendations.tally import Ballots
from tests.recommendations.by_hand import random_board

BOARDS = 300
KEY = bytes(range(cast_votes.KEY_BYTES))
PEOPLE = {
    "count": 1, "nomination_ends": [1], "nominations": [7], "vote_ends": [1], "votes": [0], "ties": [0], "out": [],
}  # fmt: skip
BALLOTS = {"ends": [1], "nominations": [7], "salts": KEY.hex()}
SMALL: dict[str, Any] = {
    "format": 2, "edition": "custserv/2026-W45", "method": "count", "seed": "", "size": 0,
    "voters": {"count": 1},
    "ballots": BALLOTS, "people": PEOPLE, "order": [],
}  # fmt: skip


def kept(ballots: Ballots, method: Method, *, without: int | None = None, draw: int = 1) -> dict[str, Any]:
    """A record as it comes back from where it is kept; the entry at `without` was passed over when it was written."""
    ranking = rank(ballots, method=method)
    record = cast_votes.record(
        ranking,
        edition="custserv/2026-W45",
        seed=ballots.seed,
        size=ballots.size,
        ids=np.array([each.id for each in ballots.candidates]),
        listed=[each for each in ranking.entries if each.rank != without],
        order=np.random.default_rng(draw).permutation(ranking.ballots),
        key=KEY,
    )
    found: dict[str, Any] = json.loads(cast_votes.canonical(record))
    return found


def wrong_with(record: dict[str, Any]) -> list[str]:
    return cast_votes.differences(record, published_root=cast_votes.root(record))


def boards(number: int = BOARDS) -> list[tuple[Ballots, Method, Ranking]]:
    """By both methods, and with someone on the list."""
    found = []
    for each in range(number):
        ballots, method = random_board(random.Random(each)), list(Method)[each % 2]
        if len((ranking := rank(ballots, method=method)).entries) > 1:
            found.append((ballots, method, ranking))
    return found


def test_a_recount_gives_the_same_order_and_scores() -> None:
    counted = boards()
    for ballots, method, ranking in counted:
        record = kept(ballots, method)

        again = cast_votes.recount(record)

        assert [(score, supporters) for _, score, supporters in again][: ballots.limit] == [
            (each.score, each.supporters) for each in ranking.entries
        ]
        assert wrong_with(record) == []
    assert len(counted) > BOARDS / 2


def test_who_was_passed_over_when_the_list_was_written_is_not_missed() -> None:
    for ballots, method, ranking in boards(60):
        record = kept(ballots, method, without=1)

        assert [line["score"] for line in record["order"]] == [each.score for each in ranking.entries[1:]]
        assert wrong_with(record) == []


def test_a_changed_ballot_no_longer_fits_the_root() -> None:
    for number, (ballots, method, _) in enumerate(boards(60)):
        record = kept(ballots, method)
        changed = copy.deepcopy(record)
        nominations = changed["ballots"]["nominations"]
        nominations[random.Random(number).randrange(len(nominations))] += 1000

        found = cast_votes.differences(changed, published_root=cast_votes.root(record))

        assert found[0].startswith("The ballots are not those of the published root")


def test_a_vote_that_is_on_no_ballot_is_noticed() -> None:
    record = copy.deepcopy(SMALL)
    record["ballots"]["nominations"] = [8]

    assert wrong_with(record) == ["A vote for person 0 was counted that is on no ballot."]
    assert wrong_with(SMALL) == []


def _ballot(record: dict[str, Any], voter: int) -> list[int]:
    ends = [0, *record["ballots"]["ends"]]
    return list(record["ballots"]["nominations"][ends[voter] : ends[voter + 1]])


def test_a_vote_that_was_taken_away_gives_another_list() -> None:
    ballots, method, _ranking = next(each for each in boards() if each[2].entries[0].explanation.counted > 2)
    record = kept(ballots, method)
    people, first = record["people"], record["order"][0]["person"]
    del people["votes"][people["vote_ends"][first] - 1]
    people["vote_ends"][first:] = [end - 1 for end in people["vote_ends"][first:]]

    assert wrong_with(record)[0].startswith("Place 1: written")


def test_a_record_of_format_2_is_still_counted_by_its_own_ties() -> None:
    ballots, method, _ranking = boards(9)[0]
    record = kept(ballots, method) | {"format": 2}

    assert wrong_with(record) == []
    record["people"]["ties"].reverse()
    record["ballots"]["nominations"][0] += 1
    assert cast_votes.differences(record, published_root=cast_votes.root(kept(ballots, method))) != []


def test_a_record_of_format_1_is_still_counted_with_its_half_votes() -> None:
    old = {
        "method": "count", "seed": "", "voters": {"count": 3},
        "people": {"count": 2, "vote_ends": [1, 2], "votes": [0, 1], "half_ends": [2, 2], "half": [1, 2],
                   "ties": [0, 1], "out": []},
        "order": [{"person": 0, "score": 4, "supporters": 3}, {"person": 1, "score": 2, "supporters": 1}],
    }  # fmt: skip

    assert cast_votes.differences(old) == []
    assert cast_votes.differences({**old, "order": old["order"][::-1]}) != []


def test_each_voter_finds_their_ballot_under_the_root_and_nobody_elses_fits() -> None:
    for ballots, method, _ranking in boards(40):
        record = kept(ballots, method)
        published = cast_votes.root(record)

        for voter in range(record["voters"]["count"]):
            receipt = cast_votes.receipt(record, voter)

            assert receipt["nominations"] == _ballot(record, voter)
            assert (receipt["root"], climbed(receipt)) == (published, published)
            assert climbed({**receipt, "nominations": [*receipt["nominations"], 999]}) != published


def climbed(receipt: dict[str, Any]) -> str:
    """The root by hand, as docs/ranking.md tells it."""
    leaf = bytes.fromhex(receipt["salt"]) + receipt["edition"].encode() + b"\0"
    leaf += b"".join(each.to_bytes(8, "big") for each in receipt["nominations"])
    found = hashlib.sha256(b"\0" + leaf).digest()
    for step in receipt["path"]:
        partner = bytes.fromhex(step["hash"])
        found = hashlib.sha256(b"\1" + (partner + found if step["side"] == "left" else found + partner)).digest()
    return found.hex()


def test_a_voter_learns_which_of_their_votes_counted() -> None:
    for ballots, method, _ranking in boards(40):
        record = kept(ballots, method)
        counted = [cast_votes.counted(record, voter) for voter in range(record["voters"]["count"])]

        assert sum(len(each) > 0 for each in counted) == len(set(record["people"]["votes"]))
        if not any(each.owner for each in ballots.candidates):
            assert sum(map(len, counted)) == len(record["people"]["votes"])


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"people": None},
        {**SMALL, "order": [{}]},
        {**SMALL, "people": {**PEOPLE, "votes": [7]}},
        {**SMALL, "people": {**PEOPLE, "votes": [-1]}},
        {**SMALL, "people": {**PEOPLE, "votes": ["x"]}},
        {**SMALL, "people": {**PEOPLE, "votes": [10**30]}},
        {**SMALL, "people": {**PEOPLE, "vote_ends": [2]}},
        {**SMALL, "people": {**PEOPLE, "out": [9]}},
        {**SMALL, "people": {**PEOPLE, "count": -1}},
        {**SMALL, "ballots": {**BALLOTS, "salts": "not hexadecimal"}},
        {**SMALL, "ballots": {**BALLOTS, "nominations": [-1]}},
        {**SMALL, "method": "circles"},
    ],
)
def test_what_is_no_record_is_refused_in_words(record: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="record"):
        cast_votes.differences(record, published_root="")
