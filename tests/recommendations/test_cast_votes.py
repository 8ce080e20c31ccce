"""What is published of an edition's votes, and two ways to count them again."""

import copy
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import recompute
from recommendations import cast_votes
from recommendations.explanation import Method
from recommendations.ranking import Ranking, rank
from recommendations.tally import Ballots
from tests.recommendations.by_hand import random_board

BOARDS = 300
PEOPLE = {"count": 1, "vote_ends": [1], "votes": [0], "half_ends": [0], "half": [], "ties": [0], "out": []}
SMALL = {"method": "count", "seed": "", "voters": {"count": 1}, "people": PEOPLE, "order": []}


def published(ballots: Ballots, method: Method, *, without: int | None = None, draw: int = 1) -> dict[str, Any]:
    """A `ballots.json`, of which the entry at `without` was passed over when the list was written."""
    ranking = rank(ballots, method=method)
    listed = [each for each in ranking.entries if each.rank != without]
    record = cast_votes.record(ranking, seed=ballots.seed, listed=listed, draw=np.random.default_rng(draw))
    written = cast_votes.canonical(record)
    return {"record": json.loads(written), "sha256": cast_votes.fingerprint(written)}


def boards(number: int = BOARDS) -> list[tuple[Ballots, Method, Ranking]]:
    """By both methods, and with somebody on the list."""
    found = []
    for each in range(number):
        ballots, method = random_board(random.Random(each)), list(Method)[each % 2]
        if len((ranking := rank(ballots, method=method)).entries) > 1:
            found.append((ballots, method, ranking))
    return found


def by_script(file: dict[str, Any], folder: Path) -> int:
    """What the stand-alone script ends with."""
    path = folder / "ballots.json"
    path.write_text(json.dumps(file))
    return recompute.main(str(path))


def test_both_recounts_give_the_same_order_and_scores(tmp_path: Path) -> None:
    counted = boards()
    for ballots, method, ranking in counted:
        file = published(ballots, method)

        again = cast_votes.recount(file["record"])

        assert [(score, supporters) for _, score, supporters in again][: ballots.limit] == [
            (each.score, each.supporters) for each in ranking.entries
        ]
        assert cast_votes.differences(file) == []
        assert by_script(file, tmp_path) == 0
    assert len(counted) > BOARDS / 2


def test_who_was_passed_over_when_the_list_was_written_is_not_missed(tmp_path: Path) -> None:
    for ballots, method, ranking in boards(60):
        file = published(ballots, method, without=1)

        assert [line["score"] for line in file["record"]["order"]] == [each.score for each in ranking.entries[1:]]
        assert cast_votes.differences(file) == []
        assert by_script(file, tmp_path) == 0


def test_a_changed_ballot_is_noticed_by_both(tmp_path: Path) -> None:
    for number, (ballots, method, _) in enumerate(boards(60)):
        file = published(ballots, method)
        changed = copy.deepcopy(file)
        votes = changed["record"]["people"]["votes"]
        at = random.Random(number).randrange(len(votes))
        votes[at] = (votes[at] + 1) % changed["record"]["voters"]["count"]

        assert cast_votes.differences(changed)[0].startswith("The fingerprint is not that of the record")
        assert by_script(changed, tmp_path) == 1


def test_votes_changed_with_a_fingerprint_to_match_give_another_list(tmp_path: Path, capsys: Any) -> None:
    ballots, method, _ranking = next(each for each in boards() if each[2].entries[0].explanation.counted > 2)
    file = published(ballots, method)
    people, first = file["record"]["people"], file["record"]["order"][0]["person"]
    del people["votes"][people["vote_ends"][first] - 1]
    people["vote_ends"][first:] = [end - 1 for end in people["vote_ends"][first:]]
    file["sha256"] = cast_votes.fingerprint(cast_votes.canonical(file["record"]))

    assert cast_votes.differences(file)[0].startswith("Place 1: told")
    assert by_script(file, tmp_path) == 1
    assert "place 1: told" in capsys.readouterr().out


def test_who_is_listed_without_a_vote_is_noticed(tmp_path: Path) -> None:
    file = published(*boards()[0][:2])
    people = file["record"]["people"]
    nobody = {"votes": [], "half": [], "vote_ends": [0] * people["count"], "half_ends": [0] * people["count"]}
    people.update(nobody)

    assert "counted nobody" in cast_votes.differences(file)[-1]
    assert by_script(file, tmp_path) == 1


def test_two_records_of_the_same_votes_cannot_be_laid_side_by_side() -> None:
    ballots, method, _ = boards()[0]

    one, other = (published(ballots, method, draw=draw)["record"] for draw in (1, 2))

    assert one["people"] != other["people"]
    assert sorted(one["people"]["votes"]) != one["people"]["votes"]
    assert len(one["people"]["votes"]) == len(other["people"]["votes"])


def test_nothing_in_a_record_tells_who_somebody_is_or_which_votes_were_void() -> None:
    for ballots, method, ranking in boards(60):
        written = cast_votes.canonical(published(ballots, method)["record"]).decode()

        assert "uri:" not in written
        people = json.loads(written)["people"]
        assert people["count"] == len({each.owner or -each.id for each in ballots.candidates})
        assert len(people["votes"]) + len(people["half"]) == ranking.votes.supporters


@pytest.mark.parametrize(
    "file",
    [
        {},
        {"record": None},
        {"record": []},
        {"record": {}},
        {"record": {"people": None}},
        {"record": {**SMALL, "order": [{}]}},
        {"record": {**SMALL, "people": {**PEOPLE, "votes": [7]}}},
        {"record": {**SMALL, "people": {**PEOPLE, "votes": [-1]}}},
        {"record": {**SMALL, "people": {**PEOPLE, "votes": ["x"]}}},
        {"record": {**SMALL, "people": {**PEOPLE, "votes": [10**30]}}},
        {"record": {**SMALL, "people": {**PEOPLE, "vote_ends": [2]}}},
        {"record": {**SMALL, "people": {**PEOPLE, "out": [9]}}},
        {"record": {**SMALL, "people": {**PEOPLE, "count": -1}}},
        {"record": {**SMALL, "method": "circles"}},
    ],
)
def test_what_is_no_record_is_refused_in_words(file: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="record"):
        cast_votes.differences(file)


def test_the_script_says_that_sums_cannot_be_counted_again(tmp_path: Path, capsys: Any) -> None:
    assert by_script({"record": None}, tmp_path) == 2
    assert "fewer than 30" in capsys.readouterr().out
