"""The board closes, ballots become a ranked and explained draft, the next week opens."""

from datetime import timedelta
from unittest.mock import ANY

import numpy as np
import pytest
from django.db.models import F
from django.utils import timezone

from accounts.models import LinkedHandle
from recommendations.actions import Refused
from recommendations.actions.compile import compile_edition, reopen_missing
from recommendations.actions.count import count
from recommendations.actions.join import join
from recommendations.actions.review import hold
from recommendations.actions.vote import approve
from recommendations.consent import Signal
from recommendations.models import Community, Edition, Entry, Ledger, Membership, Nomination, Profile
from recommendations.models.ledger import history, unpacked
from recommendations.models.state import Overtaken
from tests.conftest import MONDAY, THURSDAY

pytestmark = pytest.mark.django_db


def closed_editions(community, number, *, ballots=3):
    """Weeks that went by before, so that the community is past its first editions."""
    for week in range(number):
        then = timedelta(weeks=number - week + 1)
        Edition.objects.create(
            community=community, week=f"2026-W{40 - number + week}", state="published", number=week + 1,
            ballots=ballots, opens_at=MONDAY - then, closes_at=THURSDAY - then, publishes_at=THURSDAY - then,
            published_at=THURSDAY - then,
        )  # fmt: skip
    Community.objects.filter(pk=community.pk).update(last_number=number)


def ids(*rows):
    """Users, or pairs of them, as a ledger has them."""
    return np.array([[each.pk for each in row] if isinstance(row, tuple) else row.pk for row in rows], dtype=np.int64)


def owns(user, nomination):
    """The user proves to be the nominated person."""
    profile = nomination.profile
    LinkedHandle.objects.create(
        user=user, network=profile.network, name=profile.name, host=profile.host, uri=profile.uri,
        proven_at=timezone.now(),
    )  # fmt: skip


def test_ballots_become_entries_in_order_with_their_reasons_and_arithmetic(edition, ada, grace, alan, nominated):
    rosa, emma = nominated("rosa", by=grace), nominated("emma", by=alan)
    approve(by=ada, nomination=emma, reason="Emma never gives up on anybody.", at=MONDAY)

    compile_edition(edition=edition, at=THURSDAY)

    edition.refresh_from_db()
    assert (edition.state, edition.ballots, edition.method) == ("ready", 3, "count")
    first, second = edition.entries.ranked()
    assert (first.profile, first.rank, first.score, first.supporters) == (emma.profile, 1, 4, 2)
    assert second.profile == rosa.profile
    assert first.explanation == {"voted": 2, "counted": 2, "half": 0, "void": {}, "new": 0, "alike": 0}
    assert edition.tally == {"counted": 3, "void": {}, "voters": {}}
    assert [(quote.author, quote.text) for quote in first.quotes.all()] == [
        (alan, ANY),
        (ada, "Emma never gives up on anybody."),
    ]


def test_the_next_week_is_open_as_soon_as_this_one_is_compiled(edition, community):
    compile_edition(edition=edition, at=THURSDAY)

    following = community.editions.get(state="open")
    assert following.week == "2026-W46"
    assert following.opens_at == edition.opens_at + timedelta(weeks=1)


def test_closing_early_moves_the_closing_and_opens_the_week_after(edition, community):
    compile_edition(edition=edition, at=MONDAY)

    edition.refresh_from_db()
    assert edition.closes_at == MONDAY
    assert community.editions.get(state="open").week == "2026-W46"


def test_an_edition_is_compiled_once(edition):
    other = Edition.objects.get(pk=edition.pk)
    compile_edition(edition=edition, at=THURSDAY)

    with pytest.raises(Overtaken):
        compile_edition(edition=other, at=THURSDAY)
    with pytest.raises(Refused, match="Only an open edition"):
        compile_edition(edition=edition, at=THURSDAY)


def test_a_held_edition_is_not_compiled(edition, curator):
    hold(edition=edition, by=curator, why="We wait for the vote of the night shift.", at=MONDAY)

    with pytest.raises(Refused, match="night shift"):
        compile_edition(edition=edition, at=THURSDAY)


def test_what_a_dead_worker_left_is_compiled_after_its_lease_and_not_before(edition, grace, nominated):
    nominated("rosa", by=grace)
    edition.claim()
    abandoned = Edition.objects.get(pk=edition.pk)

    with pytest.raises(Overtaken):
        compile_edition(edition=abandoned, at=THURSDAY)
    Edition.objects.filter(pk=edition.pk).update(claimed_at=F("claimed_at") - timedelta(minutes=6))
    assert list(Edition.objects.due_to_compile(THURSDAY)) == [edition]
    compile_edition(edition=Edition.objects.get(pk=edition.pk), at=THURSDAY)

    assert Edition.objects.get(pk=edition.pk).entries.count() == 1


def test_of_two_workers_only_one_writes(edition, grace, nominated, monkeypatch):
    nominated("rosa", by=grace)
    slow = Edition.objects.get(pk=edition.pk)

    def overtaken_while_counting(found):
        monkeypatch.undo()
        Edition.objects.filter(pk=found.pk).update(claimed_at=F("claimed_at") - timedelta(minutes=6))
        compile_edition(edition=Edition.objects.get(pk=found.pk), at=THURSDAY)
        return count(found)

    monkeypatch.setattr("recommendations.actions.compile.count", overtaken_while_counting)
    with pytest.raises(Overtaken):
        compile_edition(edition=slow, at=THURSDAY)

    assert Entry.objects.filter(edition=edition).count() == 1


@pytest.mark.parametrize(
    ("policy", "listed"), [("open", {"automatic"}), ("ask_first", set())],
)  # fmt: skip
def test_only_who_may_be_listed_is_on_the_draft(edition, community, grace, nominated, policy, listed):
    for signal in (Signal.AUTOMATIC, Signal.MANUAL, Signal.UNKNOWN):
        nominated(signal.value, by=grace, signal=signal)
    Community.objects.filter(pk=community.pk).update(consent=policy)

    compile_edition(edition=Edition.objects.select_related("community").get(pk=edition.pk), at=THURSDAY)

    assert {entry.profile.name for entry in edition.entries.all()} == listed


def test_who_was_not_found_yet_is_in_no_edition(edition, grace):
    unseen = Profile.objects.create(network="mastodon", name="ghost", host="social.example")
    Nomination.objects.create(edition=edition, profile=unseen, nominator=grace, reason="I am sure they exist.")

    compile_edition(edition=edition, at=THURSDAY)

    assert not edition.entries.exists()


def test_behind_the_list_there_is_a_reserve(edition, community, ada, grace, alan, nominated):
    Community.objects.filter(pk=community.pk).update(list_size=2)
    for name, who in (("rosa", grace), ("emma", alan), ("clara", ada)):
        nominated(name, by=who)

    compile_edition(edition=Edition.objects.select_related("community").get(pk=edition.pk), at=THURSDAY)

    assert edition.entries.ranked().count() == 2
    assert edition.entries.get(reserve=True).rank == 3


def test_in_the_first_two_editions_newcomers_count(edition, community, person, nominated):
    newcomer = person("Edsger")
    join(community=community, user=newcomer, agreed=True, at=MONDAY)
    nominated("rosa", by=newcomer)

    compile_edition(edition=edition, at=THURSDAY)

    assert edition.entries.get().supporters == 1


def test_from_the_third_on_members_who_joined_after_opening_do_not(edition, community, grace, person, nominated):
    closed_editions(community, 2)
    newcomer = person("Edsger")
    join(community=community, user=newcomer, agreed=True, at=MONDAY)
    rosa = nominated("rosa", by=grace)
    approve(by=newcomer, nomination=rosa, at=MONDAY)
    nominated("emma", by=newcomer)

    compile_edition(edition=edition, at=THURSDAY)

    entry = edition.entries.get()
    assert (entry.profile, entry.supporters, entry.explanation["void"]) == (rosa.profile, 1, {"newcomer": 1})


def test_who_left_before_closing_does_not_count(edition, community, ada, grace, alan, nominated):
    closed_editions(community, 2)
    rosa = nominated("rosa", by=grace)
    approve(by=alan, nomination=rosa, at=MONDAY)
    community.memberships.get(user=alan).move("left")

    compile_edition(edition=edition, at=THURSDAY)

    assert edition.entries.get().supporters == 1


def test_ones_own_vote_does_not_count_when_the_handle_is_proven_later(edition, grace, alan, nominated):
    rosa = nominated("rosa", by=grace)
    approve(by=alan, nomination=rosa, at=MONDAY)
    owns(alan, rosa)

    compile_edition(edition=edition, at=THURSDAY)

    entry = edition.entries.get()
    assert (entry.supporters, entry.explanation["void"]) == (1, {"self": 1})


def test_in_a_small_community_two_who_recommend_each_other_are_listed_without_points(edition, grace, alan, nominated):
    of_grace, of_alan = nominated("grace", by=alan), nominated("alan", by=grace)
    owns(grace, of_grace)
    owns(alan, of_alan)

    compile_edition(edition=edition, at=THURSDAY)

    assert [(e.score, e.explanation["void"]) for e in edition.entries.ranked()] == [(0, {"mutual": 1})] * 2


@pytest.mark.parametrize("mark", ["hidden_at", "vetoed_at"])
def test_a_reason_that_was_taken_off_voids_the_vote_in_return_all_the_same(edition, grace, alan, nominated, mark):
    of_grace, of_alan = nominated("grace", by=alan), nominated("alan", by=grace)
    owns(grace, of_grace)
    owns(alan, of_alan)
    Nomination.objects.filter(pk=of_alan.pk).update(**{mark: MONDAY})

    draft = count(edition)

    # Else two who praise each other take each other's words off for the minute of the count.
    found = {each.candidate: each.explanation.void for each in draft.ranking.entries}
    assert found == {of_alan.pk: {"mutual": 1}, of_grace.pk: {"mutual": 1}}


def test_in_a_large_one_praise_of_the_last_editions_voids(edition, community, grace, alan, on_mastodon, nominated):
    closed_editions(community, 4, ballots=120)
    before = community.editions.filter(state="published").latest("closes_at")
    of_alan = nominated("alan", by=grace)
    owns(alan, of_alan)
    Ledger.objects.keep(before, turnout=ids(alan), backing=ids(), praise=ids((alan, grace)))

    draft = count(edition)

    assert draft.ranking.entries == ()  # her only vote, by somebody whom he had praised


def test_two_handles_of_one_person_are_one_entry_with_votes_and_reasons_united(
    edition, ada, grace, alan, person, nominated
):
    here, there = nominated("rosa", by=grace), nominated("rosa_too", by=alan)
    approve(by=ada, nomination=there, at=MONDAY)
    rosa = person("Rosa")
    owns(rosa, here)
    owns(rosa, there)

    compile_edition(edition=edition, at=THURSDAY)

    entry = edition.entries.get()
    assert (entry.profile, entry.supporters) == (there.profile, 3)
    assert [quote.author for quote in entry.quotes.all()] == [alan, grace]


def test_who_was_featured_rests(community, edition, ada, grace, alan, nominated):
    closed_editions(community, 1)
    Community.objects.filter(pk=community.pk).update(rest_weeks=1)
    featured = Profile.objects.create(network="x", name="emma", uri="x:emma", signal="automatic", checked=True)
    Entry.objects.create(edition=community.editions.get(number=1), profile=featured, rank=1)
    Nomination.objects.create(
        edition=edition, profile=featured, nominator=grace, reason="Again and again, Emma!"
    ).votes.create(voter=grace)
    rosa = nominated("rosa", by=alan)

    compile_edition(edition=Edition.objects.select_related("community").get(pk=edition.pk), at=THURSDAY)

    assert [entry.profile for entry in edition.entries.all()] == [rosa.profile]


def test_counting_changes_nothing(edition, grace, nominated):
    nominated("rosa", by=grace)

    draft = count(edition)

    assert draft.ranking.ballots == 1
    assert Edition.objects.get(pk=edition.pk).state == "open"
    assert not Entry.objects.exists()


def test_a_community_without_a_board_gets_one_and_one_with_a_board_no_other(community, edition):
    Edition.objects.filter(pk=edition.pk).update(state="skipped")
    assert list(Community.objects.without_board()) == [community]

    reopen_missing(community, at=MONDAY)
    reopen_missing(community, at=MONDAY)

    assert community.editions.filter(state="open").count() == 1
    assert not Community.objects.without_board().exists()


def test_closing_writes_down_who_voted_whom_the_listed_have_and_who_praised_whom(
    edition, ada, grace, alan, person, nominated, community
):
    more = [person(name) for name in ("Bela", "Cleo", "Dana")]
    Membership.objects.bulk_create(Membership(community=community, user=user) for user in more)
    rosa, emma = nominated("rosa", by=grace), nominated("emma", by=alan)
    owns(ada, emma)
    for user in (ada, alan, *more):
        rosa.votes.create(voter=user)
    emma.votes.create(voter=grace)  # no reason: nobody is to know, not even from a later edition

    compile_edition(edition=edition, at=THURSDAY)

    ledger = Ledger.objects.get(edition=edition)
    assert set(unpacked(ledger.turnout)) == {each.pk for each in (ada, grace, alan, *more)}
    backing = unpacked(ledger.backing).reshape(-1, 2).tolist()
    # Rosa has six supporters; Emma has two, too few to be a circle.
    assert sorted(backing) == sorted([each.pk, rosa.profile_id] for each in (ada, grace, alan, *more))
    assert unpacked(ledger.praise).tolist() == [alan.pk, ada.pk]


def test_a_ranking_reads_no_vote_of_an_edition_that_is_closed(edition, ada, grace, nominated):
    nominated("rosa", by=grace)
    approve(by=ada, nomination=edition.nominations.get(), at=MONDAY)
    compile_edition(edition=edition, at=THURSDAY)
    nxt = edition.community.editions.select_related("community").get(state="open")
    edition.nominations.get().votes.all().delete()

    turnout, _, _ = history(Ledger.objects.before(nxt))

    assert [sorted(each.tolist()) for each in turnout] == [sorted([ada.pk, grace.pk])]
