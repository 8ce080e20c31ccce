"""The cast vote record of an edition: every vote that counted, of nobody in particular; and its recount. Pure.

Voters, and people on the board, are numbers drawn anew for each edition, so that two records cannot be laid side by
side. Votes that did not count stand in no record but in sums: what was void, and why, would tell who is who. Below
FEWEST voters there is no record: so few could be told apart.

    method, seed
    voters   how many; by circles for each: editions (voted in before), circles, cohort
    people   for each: votes (voters), half (voters whose votes count half), tie (place among equals, by the seed),
             out (may not be listed: rests, or nobody may speak for them)
    order    the list and its reserve: person, score, supporters, and the sums of the explanation
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from recommendations.circles import FULL_HISTORY, Standing, points, voices
from recommendations.explanation import Method
from recommendations.ranking import FULL, HALF, Ranked, Ranking

FEWEST = 30  # voters; below, sums only
Record = dict[str, Any]
_MOST = 2**31  # larger than any number in a record


def record(ranking: Ranking, *, seed: str, listed: Sequence[Ranked], draw: np.random.Generator) -> Record:
    """`listed`: those of the ranking's entries that were written down; `draw`: by which everybody is renumbered."""
    tally, people = ranking.tally, len(ranking.tally.voted)
    person, voter = draw.permutation(people), draw.permutation(len(tally.voters))
    last = listed[-1].rank if listed else 0
    passed_over = {each.person for each in ranking.entries[:last]} - {each.person for each in listed}
    lines: list[Record] = [{} for _ in range(people)]
    for old, new in enumerate(person.tolist()):
        inside = slice(tally.votes.indptr[old], tally.votes.indptr[old + 1])
        weights, supporters = tally.votes.data[inside], voter[tally.votes.indices[inside]]
        line: Record = {"votes": sorted(supporters[weights == FULL].tolist())}
        if half := sorted(supporters[weights == HALF].tolist()):
            line["half"] = half
        if old in ranking.ties:
            line["tie"] = ranking.ties[old]
        if tally.resting[old] or old in passed_over:
            line["out"] = True
        lines[new] = line
    return {
        "method": ranking.method.value,
        "seed": seed,
        "voters": _voters(ranking.brought, voter, draw) if ranking.method == Method.CIRCLES else len(voter),
        "people": lines,
        "order": [
            {"person": int(person[each.person]), "score": each.score, "supporters": each.supporters}
            | each.explanation.told()
            for each in listed
        ],
    }


def _voters(brought: Standing, voter: Any, draw: np.random.Generator) -> list[Record]:
    """What each brings with them, in the new order and with circles and cohorts renumbered."""
    circle = draw.permutation(brought.circles.shape[1])
    cohort = draw.permutation(int(brought.cohorts.max(initial=-1)) + 1)
    lines: list[Record] = [{} for _ in voter]
    for old, new in enumerate(voter.tolist()):
        belongs_to = brought.circles.indices[brought.circles.indptr[old] : brought.circles.indptr[old + 1]]
        lines[new] = {
            "editions": int(brought.editions[old]),
            "circles": sorted(circle[belongs_to].tolist()),
            "cohort": int(cohort[brought.cohorts[old]]),
        }
    return lines


def recount(of: Mapping[str, Any]) -> list[tuple[int, int, int]]:
    """(person, score, supporters) of everybody who may be listed, best first, as far as the record tells them apart."""
    people = of["people"]
    votes = [(number, voter, FULL) for number, each in enumerate(people) for voter in each["votes"]]
    votes += [(number, voter, HALF) for number, each in enumerate(people) for voter in each.get("half", ())]
    voters = of["voters"] if isinstance(of["voters"], int) else len(of["voters"])
    rows = np.array(votes, dtype=np.int64).reshape(-1, 3)
    matrix = csr_array((rows[:, 2], (rows[:, 0], rows[:, 1])), shape=(len(people), voters))
    gained = points(matrix, voices(_standing(of["voters"]))) if of["method"] == Method.CIRCLES else matrix
    scores, supporters = np.asarray(gained.sum(axis=1)).tolist(), np.diff(matrix.indptr).tolist()
    stand = [number for number, each in enumerate(people) if scores[number] > 0 and not each.get("out")]
    stand.sort(key=lambda each: (-scores[each], -supporters[each], people[each].get("tie", _MOST)))
    return [(each, scores[each], supporters[each]) for each in stand]


def _standing(voters: Sequence[Mapping[str, Any]]) -> Standing:
    belongs_to = [(number, circle) for number, each in enumerate(voters) for circle in each["circles"]]
    rows = np.array(belongs_to, dtype=np.int64).reshape(-1, 2)
    shape = (len(voters), int(rows[:, 1].max(initial=-1)) + 1)
    return Standing(
        editions=np.array([min(each["editions"], FULL_HISTORY) for each in voters], dtype=np.int64),
        circles=csr_array((np.ones(len(rows), dtype=np.int64), (rows[:, 0], rows[:, 1])), shape=shape),
        cohorts=np.array([each["cohort"] for each in voters], dtype=np.int64),
        remembers=True,
    )


def canonical(of: Mapping[str, Any]) -> bytes:
    """The one way in which a record is written, so that it has one fingerprint."""
    return json.dumps(of, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


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
