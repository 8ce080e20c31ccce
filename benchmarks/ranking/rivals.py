"""The product's two methods, and beside them three well-known others.

All get the same votes: those that count by the product's rules (newcomers, mutual praise, resting). So they differ by
what they make of votes, and by nothing else.
"""

import numpy as np

from benchmarks.ranking.weeks import CLOSING, Method, Week
from benchmarks.ranking.world import Floats, Ints
from recommendations import ranking, rules
from recommendations.tally import Tally, tally_of

NORMAL = 1.96  # Wilson: 95 in a hundred
GRAVITY, DAMPING = 1.8, 0.8  # Hacker News


def count(week: Week) -> tuple[Ints, Ints]:
    """One vote, one point."""
    return _ranked(ranking.rank(week.ballots, method=ranking.Method.COUNT))


def circles(week: Week) -> tuple[Ints, Ints]:
    """As the product counts if nothing is pinned: by circles, once the community is large and old enough."""
    method = rules.method_for(size=week.ballots.size, editions=week.editions)
    return _ranked(ranking.rank(week.ballots, method=method))


def wilson(week: Week) -> tuple[Ints, Ints]:
    """The lower bound of Wilson's interval (as in E. Miller's "How not to sort by average rating").

    It wants votes for and against, and there are none against. What passes for n here are the ballots that were still
    changed after somebody had been named: who voted then and did not approve has seen them and said no.
    """
    tally, votes = _votes_of(week)
    voted = np.sort(week.voted_at[tally.voters])
    n = len(voted) - np.searchsorted(voted, week.named_at)
    return _by(lower_bound(votes, np.maximum(n, votes)), votes, tally, week)


def lower_bound(votes: Ints, of: Ints) -> Floats:
    """Of a share of votes, at 95 in a hundred; 0 of nothing."""
    n = np.maximum(of, 1)
    share, z = votes / n, NORMAL**2 / n
    return np.where(of > 0, (share + z / 2 - np.sqrt(z * (share * (1 - share) + z / 4))) / (1 + z), 0.0)


def hotness(week: Week) -> tuple[Ints, Ints]:
    """Hacker News' order of the front page, when the board closes: votes fade with the hours since the nomination."""
    tally, votes = _votes_of(week)
    return _by(hot(votes, CLOSING - week.named_at), votes, tally, week)


def hot(votes: Ints, hours: Ints) -> Floats:
    """(votes - 1) ** 0.8 / (hours + 2) ** 1.8; the first vote is the submitter's own."""
    return np.maximum(votes - 1, 0) ** DAMPING / (hours + 2.0) ** GRAVITY


def quadratic(week: Week) -> tuple[Ints, Ints]:
    """The sum, over servers, of the square root of the votes that came from there."""
    tally, votes = _votes_of(week)
    person, voter = tally.votes.nonzero()
    servers, server = np.unique(week.servers[tally.voters], return_inverse=True)
    from_there = np.bincount(person * len(servers) + server[voter], minlength=tally.votes.shape[0] * len(servers))
    return _by(np.sqrt(from_there).reshape(-1, len(servers)).sum(axis=1)[tally.person_of], votes, tally, week)


METHODS: dict[str, Method] = {
    "count": count,
    "circles": circles,
    "Wilson": wilson,
    "hotness": hotness,
    "quadratic": quadratic,
}
CLOCKED = {"Wilson", "hotness"}  # look at the clock: whoever attacks them names their own at the last moment


def _ranked(found: ranking.Ranking) -> tuple[Ints, Ints]:
    entries = found.entries
    return (
        np.array([each.candidate for each in entries], dtype=np.int64),
        np.array([each.supporters for each in entries], dtype=np.int64),
    )


def _votes_of(week: Week) -> tuple[Tally, Ints]:
    """What counts by the product's rules, and how many votes that are for each candidate."""
    tally = tally_of(week.ballots)
    return tally, np.diff(tally.votes.indptr)[tally.person_of]


def _by(scores: Floats, votes: Ints, tally: Tally, week: Week) -> tuple[Ints, Ints]:
    """In the order of their scores, then of their votes; ties as the product settles them."""
    candidates = list(week.ballots.candidates)
    ties = [rules.digest(week.ballots.seed, each.uri) for each in candidates]
    order = sorted(
        np.flatnonzero((votes > 0) & ~tally.resting[tally.person_of]),
        key=lambda each: (-scores[each], -votes[each], ties[each]),
    )[: week.ballots.limit]
    return np.array([candidates[each].id for each in order], dtype=np.int64), votes[order]
