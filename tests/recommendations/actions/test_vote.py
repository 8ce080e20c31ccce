"""One vote per nomination and member, with a reason or without, taken back as easily."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import LinkedHandle
from recommendations.actions import Refused
from recommendations.actions.vote import approve, take_back
from recommendations.models import Nomination, Profile, Vote
from tests.conftest import MONDAY, THURSDAY

pytestmark = pytest.mark.django_db


def test_voting_twice_is_one_vote(alan, grace, nominated):
    nomination = nominated("rosa", by=grace)

    approve(by=alan, nomination=nomination, at=MONDAY)
    approve(by=alan, nomination=nomination, at=MONDAY)

    assert Vote.objects.filter(nomination=nomination, voter=alan).count() == 1


def test_a_vote_with_a_reason_is_a_second_and_may_be_said_better(alan, grace, nominated):
    nomination = nominated("rosa", by=grace)
    approve(by=alan, nomination=nomination, at=MONDAY)

    approve(by=alan, nomination=nomination, reason="She taught me all I know.", at=MONDAY)
    approve(by=alan, nomination=nomination, reason="She taught me nearly all I know.", at=MONDAY)

    assert [vote.reason for vote in nomination.votes.seconds()] == ["She taught me nearly all I know."]


def test_a_bare_vote_again_does_not_wipe_a_reason(alan, grace, nominated):
    nomination = nominated("rosa", by=grace)
    approve(by=alan, nomination=nomination, reason="She taught me all I know.", at=MONDAY)

    approve(by=alan, nomination=nomination, at=MONDAY)

    assert nomination.votes.get(voter=alan).reason == "She taught me all I know."


@pytest.mark.parametrize("reason", ["short", "x" * 501])
def test_a_reason_of_the_wrong_length_is_refused_and_no_vote_given(alan, grace, nominated, reason):
    nomination = nominated("rosa", by=grace)

    with pytest.raises(Refused) as refusal:
        approve(by=alan, nomination=nomination, reason=reason, at=MONDAY)

    assert refusal.value.field == "reason"
    assert not nomination.votes.filter(voter=alan).exists()


def test_a_vote_is_taken_back_and_that_there_is_none_is_no_fault(alan, grace, nominated):
    nomination = nominated("rosa", by=grace)
    approve(by=alan, nomination=nomination, at=MONDAY)

    take_back(by=alan, nomination=nomination, at=MONDAY)
    take_back(by=alan, nomination=nomination, at=MONDAY)

    assert not nomination.votes.filter(voter=alan).exists()


def test_the_nominators_own_vote_stays_with_the_nomination(grace, nominated):
    nomination = nominated("rosa", by=grace)

    with pytest.raises(Refused, match="withdraw the nomination"):
        take_back(by=grace, nomination=nomination, at=MONDAY)
    with pytest.raises(Refused, match="edit your nomination"):
        approve(by=grace, nomination=nomination, reason="And another thing about her.", at=MONDAY)


def test_a_ballot_has_ten_votes(alan, grace, edition):
    nominations = [
        Nomination.objects.create(
            edition=edition,
            nominator=grace,
            reason="A reason that is long enough.",
            profile=Profile.objects.create(network="x", name=f"person{n}", uri=f"x:{n}"),
        )
        for n in range(11)
    ]
    for nomination in nominations[:10]:
        approve(by=alan, nomination=nomination, at=MONDAY)

    with pytest.raises(Refused, match="Your 10 votes"):
        approve(by=alan, nomination=nominations[10], at=MONDAY)
    take_back(by=alan, nomination=nominations[0], at=MONDAY)
    approve(by=alan, nomination=nominations[10], at=MONDAY)

    assert Vote.objects.ballot(edition, alan).count() == 10


def test_nobody_votes_for_themselves(alan, grace, nominated):
    nomination = nominated("alan", by=grace)
    LinkedHandle.objects.create(
        user=alan, network="mastodon", name="alan", host="social.example",
        uri=nomination.profile.uri, proven_at=timezone.now(),
    )  # fmt: skip

    with pytest.raises(Refused, match="That is you"):
        approve(by=alan, nomination=nomination, at=MONDAY)


def test_strangers_and_banned_members_do_not_vote(person, alan, grace, community, nominated):
    nomination = nominated("rosa", by=grace)
    community.memberships.get(user=alan).move("banned")

    for user in (person("Mallory"), alan):
        with pytest.raises(Refused, match="members nominate and vote"):
            approve(by=user, nomination=nomination, at=MONDAY)


@pytest.mark.parametrize("at", [THURSDAY, THURSDAY + timedelta(days=30)])
def test_a_closed_board_takes_no_votes_and_gives_none_back(alan, grace, nominated, at):
    nomination = nominated("rosa", by=grace)
    approve(by=alan, nomination=nomination, at=MONDAY)

    with pytest.raises(Refused, match="Voting is closed"):
        approve(by=grace, nomination=nomination, at=at)
    with pytest.raises(Refused, match="Voting is closed"):
        take_back(by=alan, nomination=nomination, at=at)

    assert nomination.votes.filter(voter=alan).exists()
