"""The simulated attacker on secret votes: it finds what is there to be found, and nothing in what is published."""

import json
import random

import numpy as np
import pytest

from benchmarks.privacy import certain as by_solver
from benchmarks.privacy import other_worlds
from benchmarks.privacy.__main__ import SHAPES, ask
from benchmarks.privacy.editions import Counted, generate, with_votes
from recommendations.actions.compile import compile_edition
from recommendations.actions.count import count
from recommendations.actions.publish import publish
from recommendations.explanation import Method
from recommendations.ranking import rank
from recommendations.tally import Ballots, Candidate
from tests.conftest import FRIDAY, THURSDAY
from tests.recommendations.actions.conftest import nominated, on_mastodon

__all__ = ["nominated", "on_mastodon"]

POET, PAINTER = 101, 102
MEMBERS = [0, 1, 2, 3, 4, 5]  # the attacker owns the first three


def edition(*votes: tuple[int, int], spoken: tuple[tuple[int, int], ...] = ()) -> Counted:
    candidates = [Candidate(each, f"uri:{each}") for each in (POET, PAINTER)]
    ballots = Ballots(candidates, np.array(votes), seed="seed", limit=50, spoken=np.array(spoken).reshape(-1, 2))
    return Counted(ballots, Method.COUNT, rank(ballots))


def test_a_vote_that_somebody_else_may_have_cast_is_not_certain() -> None:
    asked = edition((POET, 3), (POET, 4), (PAINTER, 5))

    assert by_solver.certain(by_solver.puzzle(asked, MEMBERS)) == []


def test_a_vote_is_certain_where_everyone_else_who_could_cast_it_did() -> None:
    asked = edition((POET, 3), (POET, 4), (POET, 5), (PAINTER, 3))

    found = by_solver.certain(by_solver.puzzle(asked, MEMBERS))

    assert found == [(POET, 3), (POET, 4), (POET, 5)]
    assert by_solver.unanimous(asked, MEMBERS) == {POET}


def test_a_vote_that_follows_from_who_has_voted_at_all_is_found_though_not_everyone_voted_for_them() -> None:
    # Two ballots were cast, and whose they are is public: both are behind the poet, whom 5 could have voted for, too.
    asked = edition((POET, 3), (POET, 4), (PAINTER, 3), (PAINTER, 4), spoken=((PAINTER, 3), (PAINTER, 4)))

    found = by_solver.certain(by_solver.puzzle(asked, MEMBERS))

    assert found == [(POET, 3), (POET, 4)]
    assert by_solver.unanimous(asked, MEMBERS) == set()


def test_another_world_is_one_in_which_every_edition_publishes_the_same() -> None:
    editions = generate(SHAPES[30], Method.CIRCLES, 1, 4)
    first = editions[0]
    one = sorted(first.secret)[0]

    without = with_votes(editions, 0, first.votes - {one})
    itself = with_votes(editions, 0, first.votes)

    assert [each.public() for each in itself] == [each.public() for each in editions]
    assert [each.ranking for each in itself] == [each.ranking for each in editions]
    assert without[-1].public() != editions[len(without) - 1].public()  # one vote fewer was counted, and that is told


def test_what_no_other_world_is_found_for_is_called_certain() -> None:
    # Nobody but 3 is there to have voted: every other world differs.
    alone = (edition((POET, 3), (PAINTER, 3)),)

    assert other_worlds.certain(alone, 0, [0, 1, 2, 3], random.Random(1), sample=9) == [(POET, 3), (PAINTER, 3)]


@pytest.mark.parametrize(("size", "method", "weeks"), [(30, "count", 8), (60, "count", 6), (30, "circles", 5)])
def test_no_secret_vote_follows_from_what_is_published(size: int, method: str, weeks: int) -> None:
    asked, found, exempt = ask(size, Method(method), 1, weeks=weeks, sample=6)

    assert asked > 20
    assert found - exempt == 0


@pytest.mark.django_db
def test_what_the_attacker_reads_is_what_the_product_publishes(edition, grace, alan, ada, nominated, client) -> None:  # type: ignore[no-untyped-def]
    for name, by in (("rosa", grace), ("emma", alan), ("joan", ada)):
        nominated(name, by=by)
    ranking = count(edition).ranking
    compile_edition(edition=edition, at=THURSDAY)
    edition.approved_at = THURSDAY
    publish(edition=edition, at=FRIDAY)

    page = json.loads(client.get("/c/custserv/editions/1/ballots.json").content)

    read = [{key: line[key] for key in ("supporters", "points") if key in line} for line in page["list"]]
    assert read == [each.explanation.told() for each in ranking.entries]
    assert (page["ballots"], page["tally"]) == (ranking.ballots, ranking.votes.told())
