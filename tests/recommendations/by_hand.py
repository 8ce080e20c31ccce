"""The rules of a ranking written down once more, in plain Python and as slowly as they are read: what the arrays are
held to. And boards on which everything meets, drawn at random.
"""

import hashlib
import random
from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from math import isqrt
from typing import Any

from recommendations.circles import History
from recommendations.explanation import Explanation, Method, Void
from recommendations.tally import Ballots, Candidate


@dataclass
class Place:
    """One line of the list by hand."""

    candidate: int
    members: tuple[int, ...]
    score: int
    supporters: int
    voted: int
    void: dict[Void, int]
    circles: tuple[int, ...] | None


def rank_by_hand(ballots: Ballots, method: Method) -> list[Place]:
    """The whole list."""
    approvals = {(int(a), int(b)) for a, b in ballots.approvals}
    owner_of = {each.id: each.owner for each in ballots.candidates}
    uri_of = {each.id: each.uri for each in ballots.candidates}
    people = defaultdict(list)
    for each in ballots.candidates:
        people[("nobody's", each.id) if each.owner is None else ("owner", each.owner)].append(each.id)
    praise = {(int(voter), owner_of[int(each)]) for each, voter in ballots.spoken if owner_of[int(each)] is not None}
    if ballots.size >= 100:
        praise |= {(int(a), int(b)) for a, b in ballots.praised}
    voices = {voter: voices_by_hand(ballots.history, voter) for _, voter in approvals}
    found = []
    for members in people.values():
        owner = owner_of[members[0]]
        voters = sorted({voter for each, voter in approvals if each in members})
        void: dict[Void, int] = defaultdict(int)
        weights = {}
        for voter in voters:
            if voter == owner:
                void[Void.SELF] += 1
            elif voter in ballots.newcomers and not ballots.first_editions:
                void[Void.NEWCOMER] += 1
            elif voter in ballots.gone:
                void[Void.GONE] += 1
            elif owner is not None and (owner, voter) in praise:
                void[Void.MUTUAL] += 1
            else:
                weights[voter] = 2
        together: dict[Any, int] = defaultdict(int)
        for voter, weight in weights.items():
            for circle, voice in voices[voter].items():
                together[circle] += weight * voice
        roots = tuple(sorted((root for each in together.values() if (root := isqrt(each // 2))), reverse=True))
        circles = roots if method == Method.CIRCLES else None
        score = two_digits(sum(roots), ballots.size) if method == Method.CIRCLES else sum(weights.values())
        listed = score or (void[Void.MUTUAL] and ballots.size < 100)
        if listed and not set(members) & set(ballots.resting):
            votes_of = {each: sum(1 for candidate, _ in approvals if candidate == each) for each in members}
            lead = min(members, key=lambda each: (-votes_of[each], uri_of[each]))
            place = Place(
                lead,
                tuple(sorted(members)),
                score,
                len(weights),
                len(voters),
                {why: n for why, n in void.items() if n},
                circles,
            )
            found.append((-score, -len(weights), _tie(ballots, min(uri_of[each] for each in members)), place))
    return [place for *_, place in sorted(found, key=lambda each: each[:3])][: ballots.limit]


def two_digits(points: int, size: int) -> int:
    """Rounded to two significant digits, halves up, below 100 ballots to fives; Decimal shares nothing with it."""
    if points < 100:
        return points
    fives = 5 if size < 100 else 1
    step = Decimal((0, (1,), len(str(points)) - 2)) * fives
    return int((Decimal(points) / step).quantize(Decimal(1), ROUND_HALF_UP) * step)


def voices_by_hand(history: History, voter: int) -> dict[Any, int]:
    """Circle -> micro-voices."""
    editions = min(4, sum(1 for turnout in history.turnout if voter in turnout))
    circles = {account for who, account in history.backing if who == voter}
    quarters = editions if circles else 0
    split: dict[Any, int] = {account: 1_000_000 * quarters // (4 * len(circles)) for account in circles}
    cohort = next((cohort for who, cohort in history.cohorts if who == voter), None)
    split["cohort", cohort] = 1_000_000 * (4 - quarters) // 64
    return split


def _tie(ballots: Ballots, uri: str) -> bytes:
    return hashlib.sha256((ballots.seed + uri).encode()).digest()


def random_board(draw: random.Random) -> Ballots:
    """Six to nine profiles, some of one owner; eight to forty voters, some of whom own a profile; everything else."""
    voters = range(1, draw.randint(8, 40))
    owners = [draw.choice([None, None, *voters]) for _ in range(draw.randint(6, 9))]
    candidates = [Candidate(each, f"uri:{each}", owner) for each, owner in enumerate(owners, start=101)]
    ids = [each.id for each in candidates]
    approvals = [(each, voter) for voter in voters for each in draw.sample(ids, draw.randint(0, 4))]
    draw.shuffle(approvals)
    spoken = draw.sample(approvals, len(approvals) // 3)
    accounts = range(901, 906)
    return Ballots(
        candidates=candidates,
        approvals=approvals,
        seed=f"{draw.random()}",
        limit=draw.choice([3, 6, 9]),
        size=draw.choice([0, 99, 100]),
        spoken=spoken,
        newcomers=draw.sample(voters, 3),
        gone=draw.sample(voters, draw.choice([0, 2])),
        first_editions=draw.random() < 0.2,
        praised=[(draw.choice(voters), draw.choice(voters)) for _ in range(draw.randint(0, 9))],
        resting=draw.sample(ids, draw.choice([0, 0, 1])),
        history=History(
            turnout=tuple(draw.sample(voters, len(voters) // 2) for _ in range(draw.randint(0, 8))),
            backing=[(draw.choice(voters), draw.choice(accounts)) for _ in range(draw.randint(0, 90))],
            cohorts=[(voter, draw.randint(1, 4)) for voter in voters if draw.random() < 0.9],
        ),
    )


def with_vote(ballots: Ballots, candidate: int, voter: int) -> Ballots:
    """One approval more."""
    return replace(ballots, approvals=[*ballots.approvals, (candidate, voter)])


def explained(why: Explanation) -> tuple[int, int, dict[Void, int], tuple[int, ...] | None]:
    """What the arithmetic by hand has, too."""
    return why.voted, why.supporters, dict(why.void), why.circles
