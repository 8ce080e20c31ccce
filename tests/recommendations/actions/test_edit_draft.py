"""A draft's words, order, and who is left out."""

import pytest

from recommendations.actions import Refused
from recommendations.actions.edit_draft import drop, reorder, restore, rewrite
from recommendations.models import Block, Edition, Moderation, Profile
from tests.recommendations.actions.conftest import names

pytestmark = pytest.mark.django_db


def test_the_words_are_kept(draft, curator):
    rewrite(edition=draft, by=curator, title=" Week of care ", essay="*Thank you.*", closing="Until Friday.")

    draft.refresh_from_db()
    assert (draft.title, draft.essay, draft.closing) == ("Week of care", "*Thank you.*", "Until Friday.")
    assert draft.headline == "Week of care"


def test_another_order_with_a_reason(draft, curator):
    rosa, emma, clara = draft.entries.ranked()

    reorder(edition=draft, by=curator, order=[clara.pk, rosa.pk, emma.pk], reason="Clara retires this week.")

    assert names(draft) == ["clara", "rosa", "emma"]
    assert [entry.computed_rank for entry in draft.entries.ranked()] == [3, 1, 2]
    assert Moderation.objects.get().reason == "Clara retires this week."


def test_an_order_of_other_people_is_refused(draft, curator):
    rosa, emma, _ = draft.entries.ranked()

    for order in ([rosa.pk, emma.pk], [rosa.pk, emma.pk, emma.pk], [1, 2, 99999]):
        with pytest.raises(Refused, match="has changed meanwhile"):
            reorder(edition=draft, by=curator, order=order, reason="A reason.")

    assert names(draft) == ["rosa", "emma", "clara"]


@pytest.mark.parametrize("reason", ["", "   "])
def test_moving_and_leaving_out_want_a_reason(draft, curator, reason):
    entry = draft.entries.ranked()[0]

    with pytest.raises(Refused, match="Say why"):
        drop(entry=entry, by=curator, reason=reason)
    with pytest.raises(Refused, match="Say why"):
        reorder(edition=draft, by=curator, order=[entry.pk], reason=reason)

    assert names(draft) == ["rosa", "emma", "clara"]


def test_when_somebody_is_left_out_the_reserve_moves_up(draft, curator, community):
    Edition.objects.filter(pk=draft.pk).update(list_size=2)
    draft.entries.filter(rank=3).update(reserve=True)
    rosa = draft.entries.get(rank=1)

    drop(entry=rosa, by=curator, reason="She asked us to wait a week.")

    assert names(draft) == ["emma", "clara"]
    assert [entry.rank for entry in draft.entries.ranked()] == [1, 2]
    assert Moderation.objects.get().kind == "drop"


def test_leaving_out_twice_is_one_decision(draft, curator):
    rosa = draft.entries.get(rank=1)

    drop(entry=rosa, by=curator, reason="She asked us to wait.")
    drop(entry=rosa, by=curator, reason="She asked us to wait.")

    assert Moderation.objects.count() == 1


def test_who_was_left_out_comes_back_where_the_ballots_had_put_them(draft, curator, community):
    Edition.objects.filter(pk=draft.pk).update(list_size=2)
    draft.entries.filter(rank=3).update(reserve=True)
    rosa = draft.entries.get(rank=1)
    drop(entry=rosa, by=curator, reason="She asked us to wait.")

    restore(entry=rosa, by=curator)

    assert names(draft) == ["rosa", "emma"]


def test_only_a_draft_is_edited_and_only_by_curators(published, edition, curator, community, grace):
    entry = published.entries.ranked()[0]
    member = community.memberships.get(user=grace)

    for deed in (
        lambda: rewrite(edition=published, by=curator, title="", essay="", closing=""),
        lambda: drop(entry=entry, by=curator, reason="Too late."),
        lambda: restore(entry=entry, by=curator),
        lambda: reorder(edition=published, by=curator, order=[], reason="Too late."),
    ):
        with pytest.raises(Refused, match="not out yet"):
            deed()
    with pytest.raises(Refused, match="Only curators"):
        drop(entry=entry, by=member, reason="Because.")
    assert Edition.objects.get(pk=published.pk).title == ""


def test_who_declined_since_is_not_taken_back(draft, curator):
    rosa = draft.entries.get(rank=1)
    drop(entry=rosa, by=curator, reason="She asked us to wait a week.")
    Profile.objects.filter(pk=rosa.profile_id).update(word="declined")

    with pytest.raises(Refused, match="may not be listed"):
        restore(entry=rosa, by=curator)

    assert names(draft) == ["emma", "clara"]
    assert not Moderation.objects.filter(kind="restore").exists()


def test_for_whom_only_the_blocked_spoke_is_not_taken_back(draft, curator, grace, ada):
    rosa = draft.entries.get(rank=1)
    drop(entry=rosa, by=curator, reason="She asked us to wait a week.")
    block = Block.objects.create(profile=rosa.profile, blocked=grace)

    with pytest.raises(Refused, match="may not be listed"):
        restore(entry=rosa, by=curator)
    block.delete()
    restore(entry=rosa, by=curator)

    assert names(draft) == ["rosa", "emma", "clara"]
