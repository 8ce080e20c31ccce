"""The cast vote record of an edition: every vote that counted, of nobody in particular; and its recount. Pure.

Voters, and people on the board, are numbers drawn anew for each edition, so that two records cannot be laid side by
side. Votes that did not count stand in no record but in sums: what was void, and why, would tell who is who. Below
FEWEST voters there is no record: so few could be told apart. A million votes are a few columns of numbers; of what
belongs to one person or voter, `ends` tell where it ends in the column beside it.

    method, seed
    voters   count; by circles for each, too: editions (voted in before), cohorts, circle_ends and circles
    people   count; vote_ends and votes (voters), half_ends and half (voters whose votes count half);
             ties: those who may be level, in the order that the seed gives them; out: who may not be listed
             (they rest, or nobody may speak for them)
    order    the list and its reserve: person, score, supporters, and the sums of the explanation
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson
from scipy.sparse import csr_array

from recommendations.circles import FULL_HISTORY, Ints, Sparse, Standing, points, voices
from recommendations.explanation import Method
from recommendations.ranking import Ranked, Ranking
from recommendations.tally import FULL, HALF

FEWEST = 30  # voters; below, sums only
Record = dict[str, Any]


def record(ranking: Ranking, *, seed: str, listed: Sequence[Ranked], draw: np.random.Generator) -> Record:
    """`listed`: those of the ranking's entries that were written down; `draw`: by which everybody is renumbered."""
    tally = ranking.tally
    person, voter = draw.permutation(len(tally.voted)), draw.permutation(len(tally.voters))
    row, column = np.repeat(person, np.diff(tally.votes.indptr)), voter[tally.votes.indices]
    full = tally.votes.data == FULL
    last = listed[-1].rank if listed else 0
    passed_over = {each.person for each in ranking.entries[:last]} - {each.person for each in listed}
    vote_ends, votes = _grouped(row[full], column[full], len(person), len(voter))
    half_ends, half = _grouped(row[~full], column[~full], len(person), len(voter))
    voters: Record = {"count": len(voter)}
    return {
        "method": ranking.method.value,
        "seed": seed,
        "voters": voters | (_brought(ranking.brought, voter, draw) if ranking.method == Method.CIRCLES else {}),
        "people": {
            "count": len(person),
            "vote_ends": vote_ends,
            "votes": votes,
            "half_ends": half_ends,
            "half": half,
            "ties": [int(person[each]) for each in ranking.ties],
            "out": sorted(person[[*np.flatnonzero(tally.resting), *passed_over]].tolist()),
        },
        "order": [
            {"person": int(person[each.person]), "score": each.score, "supporters": each.supporters}
            | each.explanation.told()
            for each in listed
        ],
    }


def _brought(brought: Standing, voter: Ints, draw: np.random.Generator) -> Record:
    """What each voter brings with them, in the new order and with circles and cohorts renumbered."""
    circle = draw.permutation(brought.circles.shape[1])
    cohort = draw.permutation(int(brought.cohorts.max(initial=-1)) + 1)
    row, column = np.repeat(voter, np.diff(brought.circles.indptr)), circle[brought.circles.indices]
    ends, circles = _grouped(row, column, len(voter), len(circle))
    of_old = np.argsort(voter)
    return {
        "editions": brought.editions[of_old],
        "cohorts": cohort[brought.cohorts[of_old]],
        "circle_ends": ends,
        "circles": circles,
    }


def _grouped(rows: Ints, columns: Ints, many: int, width: int) -> tuple[Ints, Ints]:
    """Where each row ends, and the columns of all rows, ascending in each."""
    together = np.sort(rows * width + columns)
    return np.cumsum(np.bincount(rows, minlength=many)), together % max(width, 1)


def recount(of: Mapping[str, Any]) -> list[tuple[int, int, int]]:
    """(person, score, supporters) of everybody who may be listed, best first, as far as the record tells them apart."""
    people, voters = of["people"], of["voters"]
    shape = (people["count"], voters["count"])
    votes = FULL * _matrix(people["vote_ends"], people["votes"], shape)
    votes = csr_array(votes + HALF * _matrix(people["half_ends"], people["half"], shape))
    gained = votes
    if of["method"] == Method.CIRCLES:
        width = max(voters["circles"], default=-1) + 1
        circles = _matrix(voters["circle_ends"], voters["circles"], (voters["count"], width))
        editions = np.minimum(np.array(voters["editions"], dtype=np.int64), FULL_HISTORY)
        cohorts = np.array(voters["cohorts"], dtype=np.int64)
        gained = points(votes, voices(Standing(editions, circles, cohorts, remembers=True)))
    scores, supporters = np.asarray(gained.sum(axis=1), dtype=np.int64), np.diff(votes.indptr)
    ties = np.full(people["count"], people["count"])
    ties[people["ties"]] = np.arange(len(people["ties"]))
    stand = scores > 0
    stand[people["out"]] = False
    best = np.lexsort((ties, -supporters, -scores))
    best = best[stand[best]]
    return list(zip(best.tolist(), scores[best].tolist(), supporters[best].tolist(), strict=True))


def _matrix(ends: Sequence[int], columns: Sequence[int], shape: tuple[int, int]) -> Sparse:
    """Ones. Raises ValueError where the numbers do not fit."""
    starts = np.concatenate([[0], np.array(ends, dtype=np.int64)])
    matrix = csr_array((np.ones(len(columns), dtype=np.int64), np.array(columns, dtype=np.int64), starts), shape=shape)
    matrix.check_format(full_check=True)
    return matrix


def canonical(of: Mapping[str, Any]) -> bytes:
    """The one way in which a record is written, so that it has one fingerprint."""
    return orjson.dumps(of, option=orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY)


def fingerprint(written: bytes) -> str:
    """What the edition's page shows of its record: SHA-256, in hexadecimal."""
    return hashlib.sha256(written).hexdigest()


def differences(published: Mapping[str, Any]) -> list[str]:
    """What is not right with a published `ballots.json`: nothing, if its recount gives the list. Raises ValueError."""
    of = published.get("record")
    if not isinstance(of, dict):
        raise ValueError(f"It holds no record: an edition of fewer than {FEWEST} voters is published in sums only.")
    try:
        return _differences(of, published.get("sha256"))
    except (KeyError, TypeError, AttributeError, IndexError, OverflowError, ValueError) as error:
        raise ValueError(f"That is no cast vote record: {error!r}") from error


def _differences(of: Record, told_fingerprint: Any) -> list[str]:
    found = []
    if fingerprint(canonical(of)) != told_fingerprint:
        found.append("The fingerprint is not that of the record: something in it was changed.")
    again = recount(of)
    for place, line in enumerate(of["order"], start=1):
        told = (line["person"], line["score"], line["supporters"])
        counted = again[place - 1] if place <= len(again) else "nobody"
        if counted != told:
            found.append(f"Place {place}: told {told}, counted {counted} (person, score, supporters).")
    return found
