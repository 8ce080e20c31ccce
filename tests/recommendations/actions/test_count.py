"""Ballots and what is remembered, read from the database: what is ranked is what the rules by hand give."""

import random
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from accounts.models import LinkedHandle, User
from recommendations import rules
from recommendations.actions.count import count
from recommendations.models import Block, Cohort, Community, Edition, Ledger, Membership, Nomination, Profile, Vote
from recommendations.tally import Candidate
from tests.conftest import MONDAY, SATURDAY
from tests.recommendations.by_hand import explained, random_board, rank_by_hand

pytestmark = pytest.mark.django_db

BOARDS = 300
BEFORE, AFTER = SATURDAY - timedelta(days=1), SATURDAY + timedelta(days=1)  # of the board's opening


def pairs(rows):
    return np.array(rows, dtype=np.int64).reshape(-1, 2)


class Written:
    """A random board as rows, and as the same board would be given to the rules by hand."""

    def __init__(self, number: int) -> None:
        draw = random.Random(number)
        drawn = random_board(draw)
        voters = sorted({voter for _, voter in drawn.approvals} | {each.owner for each in drawn.candidates} - {None})
        self.community = Community.objects.create(
            slug=f"c{number}", name="C", hashtag="c", rest_weeks=0, list_size=draw.choice([1, 3]),
            method=draw.choice(Community.Counting.values),
        )  # fmt: skip
        users = User.objects.bulk_create(User(username=f"{number}-{voter}") for voter in range(1, 41))
        user = {voter: each.pk for voter, each in enumerate(users, start=1)}
        cohorts = dict(drawn.history.cohorts)
        Membership.objects.bulk_create(
            Membership(community=self.community, user_id=user[each], cohort=_cohort(cohorts.get(each)),
                       state="left" if each in drawn.gone else "active",
                       joined_at=AFTER if each in drawn.newcomers else BEFORE)
            for each in voters
        )  # fmt: skip
        self.edition = _edition(self.community, "2026-W45", "open", SATURDAY, ballots=0)
        nomination = self._board(drawn, user)
        closed = len(drawn.history.turnout)
        for week, turnout in enumerate(drawn.history.turnout):
            past = _edition(
                self.community, f"2026-W{week + 10}", "published", SATURDAY - timedelta(weeks=9 - week),
                ballots=drawn.size, number=week + 1,
            )  # fmt: skip
            Ledger.objects.keep(
                past,
                turnout=np.array([user[each] for each in turnout], dtype=np.int64),
                backing=pairs([(user[a], b) for a, b in drawn.history.backing][week::closed]),
                praise=pairs([(user[a], user[b]) for a, b in drawn.praised][week::closed]),
            )
        self.board = replace(
            drawn,
            candidates=[
                Candidate(nomination[each.id], f"x:{number}:{each.id}", user[each.owner] if each.owner else None)
                for each in drawn.candidates
            ],
            approvals=[(nomination[each], user[voter]) for each, voter in drawn.approvals],
            spoken=[(nomination[each], user[voter]) for each, voter in drawn.spoken]
            + [(each, user[1]) for each in nomination.values()],
            gone=[user[each] for each in drawn.gone],
            seed=self.edition.seed,
            limit=50,
            size=drawn.size if closed else 0,
            newcomers=[user[each] for each in drawn.newcomers],
            first_editions=closed < 2,
            praised=[(user[a], user[b]) for a, b in drawn.praised] if closed else [],
            resting=[],
            history=replace(
                drawn.history,
                turnout=tuple([user[each] for each in turnout] for turnout in drawn.history.turnout),
                backing=[(user[a], b) for a, b in drawn.history.backing] if closed else [],
                cohorts=[(user[a], b) for a, b in drawn.history.cohorts if a in voters],
            ),
        )
        self.method = rules.method_for(size=self.board.size, editions=closed, pinned=self.community.method)

    def _board(self, drawn, user):
        slug = self.community.slug[1:]
        profiles = Profile.objects.bulk_create(
            Profile(network="x", name=f"{slug}-{each.id}", uri=f"x:{slug}:{each.id}", signal="automatic", checked=True)
            for each in drawn.candidates
        )
        LinkedHandle.objects.bulk_create(
            LinkedHandle(user_id=user[each.owner], network="x", name=f"{slug}-{each.id}", uri=f"x:{slug}:{each.id}",
                         proven_at=MONDAY)
            for each in drawn.candidates
            if each.owner
        )  # fmt: skip
        nominations = Nomination.objects.bulk_create(
            Nomination(edition=self.edition, profile=profile, nominator_id=user[1], reason="They are kind.")
            for profile in profiles
        )
        nomination = {each.id: row.pk for each, row in zip(drawn.candidates, nominations, strict=True)}
        Vote.objects.bulk_create(
            Vote(nomination_id=nomination[each], voter_id=user[voter],
                 reason="They are kind." if (each, voter) in drawn.spoken else "")
            for each, voter in drawn.approvals
        )  # fmt: skip
        return nomination


def _edition(community, week, state, opens, *, ballots, number=None):
    return Edition.objects.create(
        community=community, week=week, state=state, ballots=ballots, number=number, opens_at=opens,
        closes_at=opens + timedelta(days=5), publishes_at=opens + timedelta(days=6), published_at=opens,
    )  # fmt: skip


def _cohort(number):
    return number and Cohort.objects.get_or_create(domain=f"server{number}.example", week=SATURDAY.date())[0]


def test_what_is_read_from_the_database_is_ranked_as_by_hand():
    methods = set()
    for number in range(BOARDS):
        written = Written(number)

        draft = count(written.edition)

        by_hand = rank_by_hand(written.board, written.method)
        assert [(each.candidate, each.members, each.score) for each in draft.ranking.entries] == [
            (each.candidate, each.members, each.score) for each in by_hand
        ]
        assert [explained(each.explanation) for each in draft.ranking.entries] == [
            (each.voted, each.supporters, each.void, each.circles) for each in by_hand
        ]
        assert (draft.ranking.method, draft.size) == (written.method, written.board.size)
        assert set(draft.nominations) == {member for each in by_hand for member in each.members}
        methods.add((written.method, draft.pinned))
    assert len(methods) == 4


def test_who_blocked_somebody_does_not_hear_them(edition, community, grace, alan, ada, nominated):
    rosa, emma = nominated("rosa", by=grace), nominated("emma", by=alan)
    Vote.objects.create(nomination=rosa, voter=ada)
    Vote.objects.create(nomination=emma, voter=ada)
    Block.objects.create(profile=emma.profile, blocked=ada)
    Block.objects.create(profile=rosa.profile, blocked=grace)

    draft = count(edition)

    # For Rosa there is Ada, who says nothing; of Emma's two only Alan counts.
    assert {(each.candidate, each.supporters) for each in draft.ranking.entries} == {(emma.pk, 1), (rosa.pk, 1)}
    assert sorted(draft.approvals.tolist()) == sorted([[rosa.pk, ada.pk], [emma.pk, alan.pk]])


def test_the_number_of_queries_does_not_grow_with_the_board(django_assert_max_num_queries):
    small, large = Written(1), Written(2)
    with django_assert_max_num_queries(16):
        count(small.edition)
    with django_assert_max_num_queries(16):
        count(large.edition)


def test_a_vote_of_somebody_who_was_erased_is_not_read(edition, grace, alan, nominated):
    nomination = nominated("rosa", by=grace)
    Vote.objects.create(nomination=nomination, voter=None)

    assert count(edition).approvals.tolist() == [[nomination.pk, grace.pk]]
