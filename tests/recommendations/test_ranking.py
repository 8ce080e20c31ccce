import hashlib
import json
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from recommendations.circles import History
from recommendations.explanation import Explanation, Method, Totals, Void
from recommendations.ranking import Ranked, Ranking, rank
from recommendations.rules import median_size, rest_length, shuffled
from recommendations.tally import Ballots, Candidate

ADA, GRACE, LENE, OMAR, YUKI = 1, 2, 3, 4, 5  # people with an account here
POET, PAINTER, BAKER = 101, 102, 103  # profiles
BIG = 100


def board(*approvals: tuple[int, int], owners: dict[int, int] | None = None, **more: Any) -> Ballots:
    """The poet, the painter and the baker, three places, and who approved whom."""
    candidates = [
        Candidate(each, f"https://example.social/{each}", (owners or {}).get(each)) for each in (POET, PAINTER, BAKER)
    ]
    return Ballots(candidates, approvals, **{"seed": "seed", "limit": 3, **more})


def the(candidate: int, ranking: Ranking) -> Ranked:
    return next(each for each in ranking.entries if candidate in each.members)


def test_one_valid_vote_is_one_point_and_most_points_lead() -> None:
    ranking = rank(board((POET, ADA), (PAINTER, ADA), (PAINTER, GRACE), (PAINTER, LENE)))

    assert ranking.entries == (
        Ranked(PAINTER, (PAINTER,), 1, Explanation(3, 3, 0, {})),
        Ranked(POET, (POET,), 2, Explanation(1, 1, 0, {})),
    )
    assert (ranking.method, ranking.ballots, ranking.votes) == (Method.COUNT, 3, Totals(4, {}, {}))
    assert [(each.score, each.supporters) for each in ranking.entries] == [(6, 3), (2, 1)]


def test_an_empty_week_has_an_empty_list() -> None:
    ranking = rank(board())

    assert (ranking.ballots, ranking.entries, ranking.votes) == (0, (), Totals(0, {}, {}))


def test_the_list_has_no_more_places_than_it_has() -> None:
    ranking = rank(board((POET, ADA), (PAINTER, ADA), (PAINTER, GRACE), limit=1))

    assert [each.candidate for each in ranking.entries] == [PAINTER]


def test_a_vote_for_oneself_does_not_count() -> None:
    ranking = rank(board((POET, ADA), (POET, GRACE), owners={POET: ADA}))

    assert the(POET, ranking).explanation == Explanation(voted=2, counted=1, half=0, void={Void.SELF: 1})


def test_a_vote_for_ones_other_handle_does_not_count_either() -> None:
    ranking = rank(board((POET, ADA), (PAINTER, GRACE), owners={POET: ADA, PAINTER: ADA}))

    assert the(PAINTER, ranking).explanation == Explanation(2, 1, 0, {Void.SELF: 1})


def test_nobody_is_listed_on_votes_that_do_not_count() -> None:
    ranking = rank(board((POET, ADA), (PAINTER, GRACE), owners={POET: ADA}, newcomers=frozenset({GRACE})))

    assert ranking.entries == ()
    assert ranking.ballots == 2


def test_a_newcomers_vote_counts_from_the_next_edition_on() -> None:
    ranking = rank(board((POET, ADA), (POET, GRACE), newcomers=frozenset({GRACE})))

    assert the(POET, ranking).explanation == Explanation(2, 1, 0, {Void.NEWCOMER: 1})


def test_in_the_first_editions_everybody_is_new_and_counts() -> None:
    ranking = rank(board((POET, GRACE), newcomers=frozenset({GRACE}), first_editions=True))

    assert the(POET, ranking).explanation == Explanation(1, 1, 0, {})


def test_a_new_owners_vote_for_themselves_is_called_their_own() -> None:
    ranking = rank(board((POET, ADA), (POET, GRACE), owners={POET: ADA}, newcomers=frozenset({ADA})))

    assert the(POET, ranking).explanation.void == {Void.SELF: 1}


@pytest.mark.parametrize("size", [99, BIG])
def test_a_vote_for_someone_who_recommended_the_voter_does_not_count(size: int) -> None:
    owners = {POET: ADA, PAINTER: GRACE}
    votes = [(POET, GRACE), (PAINTER, ADA), (POET, LENE), (PAINTER, LENE)]

    ranking = rank(board(*votes, owners=owners, size=size, spoken=[(PAINTER, ADA)]))

    assert the(POET, ranking).explanation == Explanation(2, 1, 0, {Void.MUTUAL: 1})
    assert the(PAINTER, ranking).explanation == Explanation(2, 2, 0, {})
    assert ranking.votes == Totals(3, {Void.MUTUAL: 1}, {Void.MUTUAL: 1})


def test_votes_without_a_reason_void_nothing_so_that_no_place_betrays_them() -> None:
    owners = {POET: ADA, PAINTER: GRACE}
    board_now = board((POET, GRACE), (POET, LENE), (PAINTER, ADA), owners=owners)

    secret, public = rank(board_now), rank(replace(board_now, spoken=[(PAINTER, ADA)]))

    assert the(POET, secret).explanation == Explanation(2, 2, 0, {})
    assert the(POET, public).explanation == Explanation(2, 1, 0, {Void.MUTUAL: 1})


def test_in_a_small_community_who_has_only_returned_votes_is_listed_behind_all_others() -> None:
    owners = {POET: ADA, PAINTER: GRACE}
    small = board((POET, GRACE), (PAINTER, ADA), (BAKER, LENE), owners=owners, spoken=[(PAINTER, ADA), (POET, GRACE)])

    listed, large = rank(small), rank(replace(small, size=BIG))

    assert (listed.entries[0].candidate, listed.entries[0].score) == (BAKER, 2)
    assert {(each.candidate, each.score) for each in listed.entries[1:]} == {(POET, 0), (PAINTER, 0)}
    assert [each.candidate for each in large.entries] == [BAKER]


def test_recommendations_of_earlier_editions_matter_in_a_large_community_alone() -> None:
    small = board((POET, GRACE), (POET, LENE), owners={POET: ADA}, praised=frozenset({(ADA, GRACE)}))

    large = replace(small, size=BIG)

    assert the(POET, rank(small)).explanation == Explanation(2, 2, 0, {})
    assert the(POET, rank(large)).explanation == Explanation(2, 1, 0, {Void.MUTUAL: 1})


def test_a_recommendation_that_is_not_returned_counts_in_full() -> None:
    owners = {POET: ADA, PAINTER: GRACE}

    ranking = rank(board((POET, GRACE), owners=owners, size=BIG, praised=frozenset({(GRACE, ADA)})))

    assert the(POET, ranking).explanation == Explanation(1, 1, 0, {})


def test_a_vote_of_someone_who_is_no_longer_a_member_is_called_so() -> None:
    ranking = rank(board((POET, ADA), (POET, GRACE), gone=[GRACE]))

    assert the(POET, ranking).explanation == Explanation(2, 1, 0, {Void.GONE: 1})


def test_who_joined_late_and_has_left_again_is_called_late() -> None:
    ranking = rank(board((POET, ADA), (POET, GRACE), newcomers=[GRACE], gone=[GRACE]))

    assert the(POET, ranking).explanation.void == {Void.NEWCOMER: 1}


def test_a_newcomers_mutual_vote_is_void_as_a_newcomers() -> None:
    owners = {POET: ADA, PAINTER: GRACE}
    votes = [(POET, GRACE), (POET, LENE), (PAINTER, ADA)]

    ranking = rank(board(*votes, owners=owners, newcomers=frozenset({GRACE}), spoken=[(PAINTER, ADA)]))

    assert the(POET, ranking).explanation == Explanation(2, 1, 0, {Void.NEWCOMER: 1})


def test_accounts_of_one_person_are_one_entry_with_their_votes_united() -> None:
    owners = {POET: ADA, PAINTER: ADA}

    ranking = rank(board((POET, GRACE), (POET, LENE), (PAINTER, LENE), (PAINTER, OMAR), (PAINTER, YUKI),
                         (BAKER, GRACE), owners=owners))  # fmt: skip

    assert ranking.entries[0] == Ranked(PAINTER, (POET, PAINTER), 1, Explanation(4, 4, 0, {}, other_lot=True))
    assert [each.candidate for each in ranking.entries] == [PAINTER, BAKER]


def test_who_rests_is_not_listed_under_any_of_their_handles() -> None:
    ranking = rank(
        board((POET, GRACE), (PAINTER, GRACE), (BAKER, GRACE), owners={POET: ADA, PAINTER: ADA},
              resting=frozenset({POET}))
    )  # fmt: skip

    assert [each.candidate for each in ranking.entries] == [BAKER]


@pytest.mark.parametrize("seed", ["one", "two", "three", "four"])
def test_at_equal_points_more_supporters_lead(seed: str) -> None:
    newcomers = [(voter, voter) for voter in (1, 2, 3, 4)]  # each from a server of its own: 250 points each
    history = History(turnout=([9],) * 4, backing=[(9, 901)], cohorts=newcomers)  # a whole voice: 1,000 points
    votes = [(PAINTER, 9), *((POET, voter) for voter in (1, 2, 3, 4))]

    ranking = rank(board(*votes, seed=seed, history=history), method=Method.CIRCLES)

    assert [(each.candidate, each.score, each.supporters) for each in ranking.entries] == [
        (POET, 1000, 4),
        (PAINTER, 1000, 1),
    ]


def test_at_equal_score_and_supporters_the_seed_decides_by_digest() -> None:
    orders = set()
    for seed in ("one", "two", "three", "four", "five", "six", "seven", "eight"):
        ranking = rank(board((POET, ADA), (PAINTER, ADA), (BAKER, ADA), seed=seed))
        order = tuple(each.candidate for each in ranking.entries)
        orders.add(order)

        assert list(order) == sorted(
            order, key=lambda each: hashlib.sha256(f"{seed}https://example.social/{each}".encode()).digest()
        )
    assert len(orders) > 1


def test_of_many_handles_one_draws_the_lot() -> None:
    uris = {
        1: "https://a.example/ada",
        2: "https://b.example/bob",
        3: "https://b.example/bob2",
        4: "https://b.example/b",
    }
    candidates = [Candidate(each, uri, ADA if each > 1 else None) for each, uri in uris.items()]
    votes = [(1, GRACE), (2, LENE), (3, LENE), (4, LENE)]
    firsts = []
    for number in range(64):
        seed = f"seed {number}"
        first = rank(Ballots(candidates, votes, seed=seed, limit=9)).entries[0]

        lots = [hashlib.sha256(f"{seed}{uri}".encode()).digest() for uri in (uris[1], min(uris[2], uris[3], uris[4]))]
        assert (first.candidate == 1) == (lots[0] < lots[1])
        assert first.candidate in (1, 4)  # of hers with as many votes the smallest uri leads
        firsts.append(first.candidate)
    assert 20 < firsts.count(1) < 44


def test_it_is_said_where_another_handle_than_the_one_that_leads_drew_the_lot() -> None:
    candidates = [Candidate(1, "https://b.example/b", ADA), Candidate(2, "https://a.example/a", ADA)]

    (alone,) = rank(Ballots(candidates, [(1, GRACE)], seed="", limit=9)).entries
    (level,) = rank(Ballots(candidates, [(1, GRACE), (2, GRACE)], seed="", limit=9)).entries

    assert (alone.candidate, alone.explanation.other_lot) == (1, True)
    assert (level.candidate, level.explanation.other_lot) == (2, False)
    assert Explanation.from_json(json.loads(json.dumps(alone.explanation.as_json()))) == alone.explanation


def test_a_uri_or_seed_of_any_characters_has_a_digest() -> None:
    ballots = Ballots([Candidate(1, "\ud800")], [(1, ADA)], seed="\udfff", limit=1)

    assert rank(ballots).entries[0].candidate == 1


def test_ten_approvals_are_a_ballot_and_eleven_are_refused() -> None:
    candidates = [Candidate(each, str(each)) for each in range(11)]
    ten = [(each, ADA) for each in range(10)]

    assert len(rank(Ballots(candidates, [*ten, *ten], seed="", limit=20)).entries) == 10
    with pytest.raises(ValueError, match="more than 10"):
        rank(Ballots(candidates, [*ten, (10, ADA)], seed="", limit=20))


def test_a_vote_for_nobody_and_a_candidate_given_twice_are_refused() -> None:
    with pytest.raises(ValueError, match="no candidate"):
        rank(board((999, ADA)))
    with pytest.raises(ValueError, match="twice"):
        rank(Ballots([Candidate(1, "a"), Candidate(1, "b")], [], seed="", limit=1))


def test_an_explanation_is_kept_as_json_and_comes_back() -> None:
    explanation = Explanation(9, 4, 2, {Void.MUTUAL: 1, Void.SELF: 1, Void.NEWCOMER: 1})

    kept = json.dumps(explanation.as_json())

    assert kept == (
        '{"voted": 9, "counted": 4, "half": 2, "void": {"self": 1, "newcomer": 1, "mutual": 1}, "new": 0, "alike": 0}'
    )
    assert Explanation.from_json(json.loads(kept)) == explanation


# Small boards on which everything meets: 6 profiles, 4 of them owned by 3 people, 8 voters.
voters = st.integers(1, 8)
candidates_of_all_kinds = st.permutations(
    [Candidate(each, f"uri:{each}", owner) for each, owner in enumerate([1, 1, 2, 3, None, None], start=101)]
)
approvals = st.sets(st.tuples(st.integers(101, 106), voters), max_size=40)


@st.composite
def boards(draw: st.DrawFn) -> Ballots:
    return Ballots(
        candidates=draw(candidates_of_all_kinds),
        approvals=draw(approvals.map(sorted).flatmap(st.permutations)),
        seed=draw(st.text(max_size=3)),
        limit=6,
        size=draw(st.sampled_from([0, BIG])),
        spoken=draw(st.frozensets(st.tuples(st.integers(101, 106), voters), max_size=6)),
        newcomers=draw(st.frozensets(voters, max_size=3)),
        gone=draw(st.frozensets(voters, max_size=2)),
        first_editions=draw(st.booleans()),
        praised=draw(st.frozensets(st.tuples(voters, voters), max_size=6)),
        resting=draw(st.frozensets(st.integers(101, 106), max_size=1)),
    )


@given(ballots=boards(), shuffle=st.randoms(use_true_random=False))
def test_equal_input_in_any_order_has_equal_output(ballots: Ballots, shuffle: random.Random) -> None:
    candidates, votes = list(ballots.candidates), list(ballots.approvals)
    shuffle.shuffle(candidates)
    shuffle.shuffle(votes)

    assert rank(replace(ballots, candidates=candidates, approvals=votes)) == rank(ballots)


@given(ballots=boards())
def test_every_vote_is_accounted_for_and_places_have_no_gaps(ballots: Ballots) -> None:
    ranking = rank(ballots)

    for each in ranking.entries:
        explanation = each.explanation
        votes = {voter for candidate, voter in ballots.approvals if candidate in each.members}
        assert explanation.voted == len(votes)
        assert explanation.voted == explanation.counted + explanation.half + sum(explanation.void.values())
        assert (each.score, each.supporters) == (explanation.score, explanation.supporters)
        assert all(number > 0 for number in explanation.void.values())
        assert not ballots.resting & set(each.members)
        assert each.candidate in each.members
    assert [each.rank for each in ranking.entries] == list(range(1, len(ranking.entries) + 1))
    assert ranking.ballots == len({voter for _, voter in ballots.approvals})


@given(ballots=boards(), candidate=st.integers(101, 106), voter=voters)
def test_a_valid_vote_never_lowers_its_target_and_changes_no_other_score(
    ballots: Ballots, candidate: int, voter: int
) -> None:
    owners = {each.id: each.owner for each in ballots.candidates}
    owner = owners[candidate]
    assume((candidate, voter) not in ballots.approvals)
    assume(voter != owner and (ballots.first_editions or voter not in ballots.newcomers))
    assume(voter not in ballots.gone)
    mine = {each for each, by in owners.items() if by == voter}
    assume(not any(by == owner and each in mine for each, by in ballots.spoken))
    assume((owner, voter) not in ballots.praised)

    before = rank(ballots)
    after = rank(replace(ballots, approvals=[*ballots.approvals, (candidate, voter)]))

    def scores(ranking: Ranking) -> dict[tuple[int, ...], tuple[int, int]]:
        return {each.members: (each.score, each.supporters) for each in ranking.entries}

    def without_target(ranking: Ranking) -> dict[tuple[int, ...], tuple[int, int]]:
        return {members: score for members, score in scores(ranking).items() if candidate not in members}

    assert without_target(after) == without_target(before)
    for each in before.entries:
        if candidate in each.members:
            assert the(candidate, after).score >= each.score
            assert the(candidate, after).rank <= each.rank


@given(ballots=boards())
def test_what_the_large_communitys_rule_voids_is_never_more_than_the_small_ones(ballots: Ballots) -> None:
    small = {each.members: each.score for each in rank(replace(ballots, size=0)).entries}
    large = {each.members: each.score for each in rank(replace(ballots, size=BIG)).entries}

    assert all(score <= small[members] for members, score in large.items())


@pytest.mark.parametrize(
    ("pool", "list_size", "rest"),
    [(0, 10, 0), (9, 10, 0), (19, 10, 0), (20, 10, 1), (55, 10, 4), (90, 10, 8), (5_000, 10, 8), (5, 0, 4)],
)
def test_a_profile_rests_as_long_as_the_pool_can_fill_the_lists_without_it(
    pool: int, list_size: int, rest: int
) -> None:
    assert rest_length(pool, list_size) == rest


@given(pool=st.integers(0, 10_000), list_size=st.integers(1, 50))
def test_the_rest_leaves_enough_for_a_full_list_each_week(pool: int, list_size: int) -> None:
    rest = rest_length(pool, list_size)

    assert 0 <= rest <= 8
    assert rest == 0 or list_size * (rest + 1) <= pool


def test_a_community_may_choose_its_own_rest() -> None:
    assert rest_length(5_000, 10, chosen=0) == 0
    assert rest_length(0, 10, chosen=52) == 52
    for out_of_range in (-1, 53):
        with pytest.raises(ValueError, match="0 to 52"):
            rest_length(0, 10, chosen=out_of_range)


@pytest.mark.parametrize(
    ("sizes", "median"),
    [([], 0), ([7], 7), ([7, 12], 9), ([3, 1_000, 5], 5), ([50, 1_000, 60, 40], 55)],
)
def test_one_flood_of_ballots_does_not_make_a_community_large(sizes: list[int], median: int) -> None:
    assert median_size(sizes) == median


def test_every_voter_sees_the_board_in_an_order_of_their_own_that_stays() -> None:
    ids = list(range(30))

    for_ada = shuffled(ids, seed="seed", voter=ADA)

    assert sorted(for_ada) == ids
    assert shuffled(reversed(ids), seed="seed", voter=ADA) == for_ada
    assert shuffled(ids, seed="seed", voter=GRACE) != for_ada
    assert shuffled(ids, seed="seed of next week", voter=ADA) != for_ada


def test_one_more_on_the_board_leaves_the_order_of_the_others() -> None:
    before = shuffled(range(30), seed="seed", voter="a visitor")

    after = shuffled(range(31), seed="seed", voter="a visitor")

    assert [each for each in after if each != 30] == before


def test_no_place_on_the_board_belongs_to_anybody() -> None:
    first = {shuffled(range(10), seed="seed", voter=voter)[0] for voter in range(200)}

    assert first == set(range(10))
