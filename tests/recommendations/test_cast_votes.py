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
from recommendations.ranking import Ballots, Ranking, rank
from tests.recommendations.by_hand import random_board

BOARDS = 300


def published(ballots: Ballots, method: Method, *, without: int | None = None, draw: int = 1) -> dict[str, Any]:
    """A `ballots.json`, of which the entry at `without` was passed over when the list was written."""
    ranking = rank(ballots, method=method)
    listed = [each for each in ranking.entries if each.rank != without]
    record = cast_votes.record(ranking, seed=ballots.seed, listed=listed, draw=np.random.default_rng(draw))
    return {"record": record, "sha256": cast_votes.fingerprint(cast_votes.canonical(record))}


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
        file = json.loads(json.dumps(published(ballots, method)))

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
        voted = [each for each in changed["record"]["people"] if each["votes"]]
        random.Random(number).choice(voted)["votes"].pop()

        assert cast_votes.differences(changed)[0].startswith("The fingerprint is not that of the record")
        assert by_script(changed, tmp_path) == 1


def test_votes_changed_with_a_fingerprint_to_match_give_another_list(tmp_path: Path, capsys: Any) -> None:
    ballots, method, _ranking = next(each for each in boards() if each[2].entries[0].explanation.counted > 2)
    file = published(ballots, method)
    first = file["record"]["order"][0]["person"]
    file["record"]["people"][first]["votes"].pop()
    file["sha256"] = cast_votes.fingerprint(cast_votes.canonical(file["record"]))

    assert cast_votes.differences(file)[0].startswith("Place 1: told")
    assert by_script(file, tmp_path) == 1
    assert "place 1: told" in capsys.readouterr().out


def test_who_is_listed_without_a_vote_is_noticed(tmp_path: Path) -> None:
    file = published(*boards()[0][:2])
    for person in file["record"]["people"]:
        person["votes"], person["half"] = [], []

    assert "counted nobody" in cast_votes.differences(file)[-1]
    assert by_script(file, tmp_path) == 1


def test_two_records_of_the_same_votes_cannot_be_laid_side_by_side() -> None:
    ballots, method, _ = boards()[0]

    one, other = (published(ballots, method, draw=draw)["record"] for draw in (1, 2))

    assert one["people"] != other["people"]
    assert sorted(len(each["votes"]) for each in one["people"]) == sorted(
        len(each["votes"]) for each in other["people"]
    )


def test_nothing_in_a_record_tells_who_somebody_is_or_which_votes_were_void() -> None:
    for ballots, method, ranking in boards(60):
        written = cast_votes.canonical(published(ballots, method)["record"]).decode()

        assert "uri:" not in written
        assert written.count('"votes"') == len({each.owner or -each.id for each in ballots.candidates})
        votes = json.loads(written)["people"]
        assert sum(len(each["votes"]) + len(each.get("half", [])) for each in votes) == ranking.votes.supporters


@pytest.mark.parametrize(
    "file",
    [
        {},
        {"record": None},
        {"record": []},
        {"record": {}},
        {"record": {"people": None}},
        {"record": {"people": [{}], "voters": 1, "method": "count", "order": []}},
        {"record": {"people": [{"votes": [7]}], "voters": 1, "method": "count", "order": []}},
        {"record": {"people": [{"votes": [-1]}], "voters": 1, "method": "count", "order": []}},
        {"record": {"people": [{"votes": ["x"]}], "voters": 1, "method": "count", "order": []}},
        {"record": {"people": [{"votes": [0]}], "voters": [{}], "method": "circles", "order": []}},
        {"record": {"people": [{"votes": [0]}], "voters": 1, "method": "count", "order": [{}]}},
        {"record": {"people": [{"votes": [10**30]}], "voters": 1, "method": "count", "order": []}},
    ],
)
def test_what_is_no_record_is_refused_in_words(file: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="record"):
        cast_votes.differences(file)


def test_the_script_says_that_sums_cannot_be_counted_again(tmp_path: Path, capsys: Any) -> None:
    assert by_script({"record": None}, tmp_path) == 2
    assert "fewer than 30" in capsys.readouterr().out
