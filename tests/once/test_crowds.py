"""Many members at the same moment: what is accepted is counted, and nothing is counted twice."""

import itertools
from collections import Counter
from typing import Any

import pytest

from tests.once.installation import Installation, Outcome
from tests.pds import Pds

pytestmark = pytest.mark.pds

BALLOT = 10
MEMBERS, NOMINEES = 20, 20  # the first thirteen members have nominated nobody

_numbers = itertools.count(1)


@pytest.fixture
def slug(crowd: Installation) -> str:
    """A board of its own for every test."""
    slug = f"board-{next(_numbers)}"
    crowd.deed("crowds.board", slug=slug, members=MEMBERS, nominees=NOMINEES)
    return slug


def votes(slug: str, *pairs: tuple[int, int]) -> list[tuple[str, dict[str, Any]]]:
    """A deed for each (member, nominee)."""
    return [("crowds.vote", {"slug": slug, "member": member, "nominee": nominee}) for member, nominee in pairs]


def fates(outcomes: list[Outcome]) -> Counter[str]:
    """How often each exception ended a process; '' is none."""
    assert not any(outcome.signal for outcome in outcomes)
    return Counter(outcome.raised for outcome in outcomes)


def test_twenty_votes_of_one_member_at_once_are_ten(crowd: Installation, slug: str) -> None:
    outcomes = crowd.together(*votes(slug, *((0, nominee) for nominee in range(20))))

    assert fates(outcomes) == {"": BALLOT, "Refused": 20 - BALLOT}
    assert crowd.deed("crowds.counted", slug=slug)["votes"] == NOMINEES + BALLOT


def test_the_same_vote_twenty_times_at_once_is_one(crowd: Installation, slug: str) -> None:
    outcomes = crowd.together(*votes(slug, *[(0, 0)] * 20))

    assert fates(outcomes) == {"": 20}
    assert crowd.deed("crowds.counted", slug=slug)["votes"] == NOMINEES + 1


def test_one_person_nominated_by_ten_at_once_is_one_nomination_with_nine_seconds(
    crowd: Installation, slug: str
) -> None:
    crowd.deed("crowds.know_one", slug=slug, name="rosa")
    rosa = {"slug": slug, "network": "mastodon", "name": "rosa", "host": f"{slug}.example"}

    outcomes = crowd.together(*[("crowds.second", rosa | {"member": member}) for member in range(10)])

    assert fates(outcomes) == {"": 10}
    assert sorted(outcome.value for outcome in outcomes) == [False, *[True] * 9]
    board = crowd.deed("crowds.counted", slug=slug)
    assert (board["nominations"], board["votes"], board["reasons"]) == (NOMINEES + 1, NOMINEES + 10, 9)


def test_so_is_a_person_whom_nobody_had_looked_up(crowd: Installation, slug: str, pds: Pds) -> None:
    rosa = {"slug": slug, "network": "bluesky", "name": pds.account("rosa").handle}

    outcomes = crowd.together(*[("crowds.second", rosa | {"member": member}) for member in range(10)])

    assert fates(outcomes) == {"": 10}
    assert sorted(outcome.value for outcome in outcomes) == [False, *[True] * 9]
    board = crowd.deed("crowds.counted", slug=slug)
    assert (board["nominations"], board["votes"], board["reasons"]) == (NOMINEES + 1, NOMINEES + 10, 9)


@pytest.mark.parametrize("after", [1, 20, 35])
def test_a_vote_at_closing_is_counted_or_refused(crowd: Installation, slug: str, after: int) -> None:
    ballots = [("crowds.vote_until_closed", {"slug": slug, "member": member}) for member in range(8)]

    *voters, compiling = crowd.together(*ballots, ("crowds.compile_once", {"slug": slug, "after": NOMINEES + after}))

    assert fates([*voters, compiling]) == {"": 9}
    board = crowd.deed("crowds.counted", slug=slug)
    told = {(f"{slug}-member-{member}", name) for member, voter in enumerate(voters) for name in voter.value}
    kept = {(voter, name) for voter, name in board["given"] if int(voter.rpartition("-")[2]) < 8}
    assert kept == told  # what a member was told is what is kept
    assert board["state"] == "ready"
    assert board["ballots"] == board["voters"]
    assert board["entries"] == board["supporters"]  # and every vote that is kept is in the list's arithmetic


def test_a_vote_that_is_half_way_when_the_board_closes_is_counted(crowd: Installation, slug: str) -> None:
    half_way = {"slug": slug, "flag": str(crowd.folder / f"{slug}.half-way")}

    outcomes = crowd.together(
        ("crowds.vote_while_it_closes", half_way | {"member": 0}), ("crowds.compile_on_sight", half_way)
    )

    assert fates(outcomes) == {"": 2}
    board = crowd.deed("crowds.counted", slug=slug)
    assert (board["state"], board["votes"]) == ("ready", NOMINEES + 1)
    assert board["entries"] == board["supporters"]


def test_of_ten_that_compile_one_does_and_the_list_is_written_once(crowd: Installation, slug: str) -> None:
    outcomes = crowd.crowd(10, "crowds.compile_once", slug=slug)

    assert fates(outcomes)[""] == 1
    assert set(fates(outcomes)) <= {"", "Overtaken", "Refused"}
    board = crowd.deed("crowds.counted", slug=slug)
    assert board["state"] == "ready"
    assert board["entries"] == [[name, 1] for name in sorted(f"person{number}" for number in range(NOMINEES))]
    assert board["boards"] == 1


def test_four_editions_published_at_once_take_the_numbers_from_one_to_four(crowd: Installation, slug: str) -> None:
    ready = crowd.deed("crowds.specials", slug=slug, number=4)

    outcomes = crowd.together(*[("crowds.publish_one", {"edition": edition}) for edition in ready])

    assert fates(outcomes) == {"": 4}
    assert sorted(outcome.value for outcome in outcomes) == [1, 2, 3, 4]


def test_one_edition_published_by_ten_at_once_goes_out_once(crowd: Installation, slug: str) -> None:
    (ready,) = crowd.deed("crowds.specials", slug=slug, number=1)

    outcomes = crowd.crowd(10, "crowds.publish_one", edition=ready)

    assert fates(outcomes) == {"": 1, "Refused": 9}
    (following,) = crowd.deed("crowds.specials", slug=slug, number=1)
    assert crowd.deed("crowds.publish_one", edition=following) == 2


def test_of_ten_curators_who_decide_at_once_one_does(crowd: Installation, slug: str) -> None:
    crowd.deed("crowds.report_one", slug=slug, curators=10)

    outcomes = crowd.together(*[("crowds.decide_one", {"slug": slug, "member": member}) for member in range(10)])

    assert fates(outcomes) == {"": 1, "Refused": 9}
    assert crowd.deed("crowds.decided", slug=slug) == [["ban", "hide"], ["ban", "hide"]]


def test_eight_processes_write_votes_at_once_and_none_fails(crowd: Installation, slug: str) -> None:
    ballots = [("crowds.vote_for_all", {"slug": slug, "member": member}) for member in range(8)]

    outcomes = crowd.together(*ballots)

    assert fates(outcomes) == {"": 8}
    assert [outcome.value for outcome in outcomes] == [BALLOT] * 8
    assert crowd.deed("crowds.counted", slug=slug)["votes"] == NOMINEES + 8 * BALLOT
