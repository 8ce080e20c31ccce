"""The cast vote record of an edition: every vote, as it was counted; kept by the server, and its recount. Pure.

The record is never published: whole ballots beside public reasons tell who cast them (docs/decisions/0015). What is
published of it is one hash, `root`: that of a Merkle tree over the salted ballots of everyone who voted. It binds the
server to the ballots it counted, and with `receipt` each voter can see that their own is among them, unchanged.

Voters are numbered anew for each edition, in the order of the tree's leaves. A million votes are a few columns of
numbers; of what belongs to one voter or person, `ends` tell where it ends in the column beside it.

    format, edition, method, seed, size (the usual number of ballots)
    voters   count; by circles for each, too: editions (voted in before), cohorts, circle_ends and circles
    ballots  ends and nominations: everything that a voter approved of, ascending; salts: a secret to draw each salt of
    people   count; nomination_ends and nominations; vote_ends and votes: the voters whose votes count;
             returned: who is listed also without a vote that counts (Tally.returned);
             ties: those who may be level, in the order that the seed gives them, each by the smallest uri of theirs
             (before format 3 by the smallest digest of all of theirs); out: who may not be listed
             (they rest, or nobody may speak for them)
    order    the list and its reserve: person, score, supporters

Records of format 2 differ in how their ties came about alone. Those of format 1 (without `format`) have no ballots,
half votes in `half_ends` and `half`, and scores not rounded.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson
from scipy.sparse import csr_array

from recommendations import merkle
from recommendations.circles import FULL_HISTORY, Ints, Sparse, Standing, points, voices
from recommendations.explanation import Method
from recommendations.ranking import Ranked, Ranking, told
from recommendations.tally import FULL

FORMAT = 3
_WITH_BALLOTS = (2, FORMAT)  # formats; their scores are rounded, too
SALT_BYTES = 16
KEY_BYTES = 32  # of the secret that all salts of a record are drawn of
_HALF = FULL // 2
Record = dict[str, Any]


def record(
    ranking: Ranking,
    *,
    edition: str,
    seed: str,
    size: int,
    ids: Ints,
    listed: Sequence[Ranked],
    order: Ints,
    key: bytes,
) -> Record:
    """Write down how an edition was counted.

    `ids`: the candidates', as they were given to the ranking; `listed`: those of its entries that were written down;
    `order`: the number of each voter, a random permutation; `key`: KEY_BYTES of chance.
    """
    tally = ranking.tally
    people, voters = len(tally.voted), len(tally.voters)
    last = listed[-1].rank if listed else 0
    passed_over = {each.person for each in ranking.entries[:last]} - {each.person for each in listed}
    voter, candidate = np.repeat(order, np.diff(tally.ballots.indptr)), tally.ballots.indices
    ballot_ends, nominations = _grouped(voter, ids[candidate], voters)
    nomination_ends, of_people = _grouped(tally.person_of, ids, people)
    supporters = order[tally.votes.indices]
    vote_ends, votes = _grouped(np.repeat(np.arange(people), np.diff(tally.votes.indptr)), supporters, people)
    brought = _brought(ranking.brought, order) if ranking.method == Method.CIRCLES else {}
    return {
        "format": FORMAT,
        "edition": edition,
        "method": ranking.method.value,
        "seed": seed,
        "size": size,
        "voters": {"count": voters} | brought,
        "ballots": {"ends": ballot_ends, "nominations": nominations, "salts": key.hex()},
        "people": {
            "count": people,
            "nomination_ends": nomination_ends,
            "nominations": of_people,
            "vote_ends": vote_ends,
            "votes": votes,
            "ties": list(ranking.ties),
            "returned": np.flatnonzero(tally.returned).tolist(),
            "out": sorted({*np.flatnonzero(tally.resting).tolist(), *passed_over}),
        },
        "order": [{"person": each.person, "score": each.score, "supporters": each.supporters} for each in listed],
    }


def _brought(brought: Standing, order: Ints) -> Record:
    """What each voter brings with them, in the new order."""
    row = np.repeat(order, np.diff(brought.circles.indptr))
    ends, circles = _grouped(row, brought.circles.indices, len(order))
    of_old = np.argsort(order)
    return {
        "editions": brought.editions[of_old],
        "cohorts": brought.cohorts[of_old],
        "circle_ends": ends,
        "circles": circles,
    }


def _grouped(rows: Ints, values: Ints, many: int) -> tuple[Ints, Ints]:
    """Where each row ends, and the values of all rows, ascending in each."""
    width = int(values.max(initial=0)) + 1
    together = np.sort(rows * width + values)
    return np.cumsum(np.bincount(rows, minlength=many)), together % width


# The tree over all ballots


def root(of: Mapping[str, Any]) -> str:
    """Return the root over a record's ballots, in hexadecimal: what is published of them."""
    return merkle.root(_leaf_hashes(of)).hex()


def receipt(of: Mapping[str, Any], voter: int) -> Record:
    """Return what a voter, by their number in the record, needs to find their ballot under the published root.

    `leaf` is SHA-256 of a zero byte, the salt, the edition's name, a zero byte, and each nomination's number as eight
    bytes, the most significant first; `path` is for `merkle.root_by_path`.
    """
    hashes = _leaf_hashes(of)
    nominations, salts = _ballots(of)
    return {
        "edition": of["edition"],
        "salt": salts[voter].hex(),
        "nominations": nominations[voter],
        "leaf": hashes[voter].hex(),
        "path": [
            {"side": "left" if on_the_left else "right", "hash": partner.hex()}
            for on_the_left, partner in merkle.path(hashes, voter)
        ],
        "root": merkle.root(hashes).hex(),
    }


def counted(of: Mapping[str, Any], voter: int) -> set[int]:
    """Return the nominations for whose people this voter's vote counted."""
    people = of["people"]
    found: set[int] = set()
    votes, nominations = (
        _cut(people["vote_ends"], people["votes"]),
        _cut(people["nomination_ends"], people["nominations"]),
    )
    for supporters, theirs in zip(votes, nominations, strict=True):
        if voter in supporters:
            found.update(theirs)
    return found


def _leaf_hashes(of: Mapping[str, Any]) -> list[bytes]:
    nominations, salts = np.asarray(of["ballots"]["nominations"], dtype=">u8").tobytes(), _salts(of)
    name = of["edition"].encode() + b"\0"
    ends = [0, *np.asarray(of["ballots"]["ends"]).tolist()]
    return [
        merkle.leaf_hash(salts[at : at + SALT_BYTES] + name + nominations[8 * start : 8 * end])
        for at, start, end in zip(range(0, len(salts), SALT_BYTES), ends, ends[1:], strict=False)
    ]


def _salts(of: Mapping[str, Any]) -> bytes:
    """All salts, one after another: nobody can guess one, not even from the others."""
    key = bytes.fromhex(of["ballots"]["salts"])
    return hashlib.shake_256(key).digest(SALT_BYTES * of["voters"]["count"])


def _ballots(of: Mapping[str, Any]) -> tuple[list[list[int]], list[bytes]]:
    salts = _salts(of)
    cut = [salts[at : at + SALT_BYTES] for at in range(0, len(salts), SALT_BYTES)]
    return _cut(of["ballots"]["ends"], of["ballots"]["nominations"]), cut


def _cut(ends: Any, column: Any) -> list[list[int]]:
    """The column, cut at its ends."""
    ends, column = np.asarray(ends).tolist(), np.asarray(column).tolist()
    return [column[start:end] for start, end in zip([0, *ends], ends, strict=False)]


# Counting again


def recount(of: Mapping[str, Any]) -> list[tuple[int, int, int]]:
    """(person, score, supporters) of everyone who may be listed, best first, counted from the votes in the record."""
    people, voters = of["people"], of["voters"]
    shape = (people["count"], voters["count"])
    votes = FULL * _matrix(people["vote_ends"], people["votes"], shape)
    if "half" in people:
        votes = csr_array(votes + _HALF * _matrix(people["half_ends"], people["half"], shape))
    gained = votes
    if of["method"] == Method.CIRCLES:
        width = max(voters["circles"], default=-1) + 1
        circles = _matrix(voters["circle_ends"], voters["circles"], (voters["count"], width))
        editions = np.minimum(np.array(voters["editions"], dtype=np.int64), FULL_HISTORY)
        cohorts = np.array(voters["cohorts"], dtype=np.int64)
        gained = points(votes, voices(Standing(editions, circles, cohorts, remembers=True)))
    scores, supporters = np.asarray(gained.sum(axis=1), dtype=np.int64), np.diff(votes.indptr)
    if of["method"] == Method.CIRCLES and of.get("format") in _WITH_BALLOTS:
        scores = told(scores, size=of["size"])
    ties = np.full(people["count"], people["count"])
    ties[people["ties"]] = np.arange(len(people["ties"]))
    stand = scores > 0
    stand[people.get("returned", [])] = True
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
    """SHA-256 of a record as it is written, in hexadecimal."""
    return hashlib.sha256(written).hexdigest()


def differences(of: Mapping[str, Any], *, published_root: str = "") -> list[str]:
    """Return what is not right with a record: nothing, if its votes give its order and its ballots the root.

    `published_root`: "" for records of format 1, which have none. Raises ValueError for what is no record.
    """
    try:
        return [*_of_the_ballots(of, published_root), *_of_the_order(of)]
    except (KeyError, TypeError, AttributeError, IndexError, OverflowError, ValueError) as error:
        raise ValueError(f"That is no cast vote record: {error!r}") from error


def _of_the_ballots(of: Mapping[str, Any], published_root: str) -> list[str]:
    """Whether these are the ballots that were committed to, and whether only votes on them were counted."""
    if of.get("format") not in _WITH_BALLOTS:
        return []
    found = []
    if root(of) != published_root:
        found.append("The ballots are not those of the published root: a ballot was changed, added or taken away.")
    people = of["people"]
    on_ballots = {(voter, nomination) for voter, approved in enumerate(_ballots(of)[0]) for nomination in approved}
    votes, nominations = (
        _cut(people["vote_ends"], people["votes"]),
        _cut(people["nomination_ends"], people["nominations"]),
    )
    for person, (supporters, theirs) in enumerate(zip(votes, nominations, strict=True)):
        if not all(any((voter, each) in on_ballots for each in theirs) for voter in supporters):
            found.append(f"A vote for person {person} was counted that is on no ballot.")
    return found


def _of_the_order(of: Mapping[str, Any]) -> list[str]:
    found = []
    again = recount(of)
    for place, line in enumerate(of["order"], start=1):
        told = (line["person"], line["score"], line["supporters"])
        now = again[place - 1] if place <= len(again) else "nobody"
        if now != told:
            found.append(f"Place {place}: written {told}, counted {now} (person, score, supporters).")
    return found
