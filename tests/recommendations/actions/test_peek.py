"""Who is at a handle and what nominating them would say: told while it is typed, and nothing is written."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.conf import settings
from django.core import serializers

from accounts.models import LinkedHandle, User
from recommendations import limits, seals
from recommendations.actions import Refused, TooSoon
from recommendations.actions.consent import decline, profile_of
from recommendations.actions.nominate import nominate
from recommendations.actions.peek import peek
from recommendations.actions.vote import approve
from recommendations.consent import Policy, Signal, Word
from recommendations.handles import Handle, Network
from recommendations.limits import Allowance, Deed
from recommendations.models import Block, Community, DomainOptOut, DoNotList, Edition, Membership, Profile, Vote
from recommendations.networks.base import Unavailable
from tests.conftest import MONDAY, THURSDAY
from tests.recommendations.actions.conftest import REASON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _everybody_has_been_here_for_long(community, grace, alan):
    User.objects.update(date_joined=MONDAY - timedelta(days=30))
    Membership.objects.update(joined_at=MONDAY - timedelta(days=30))
    for user in (grace, alan):
        user.refresh_from_db()


@pytest.fixture
def look(edition, grace):
    """Peek as Grace on Monday; and see to it that every row in the database is as it was."""

    def peeking(handle, *, by=grace, at=MONDAY):
        before = everything()
        try:
            return peek(by=by, edition=edition, handle=handle, at=at)
        finally:
            assert everything() == before

    return peeking


def everything():
    """All rows of all our tables, as text."""
    models = [model for app in ("accounts", "recommendations") for model in apps.get_app_config(app).get_models()]
    return [serializers.serialize("json", model._base_manager.order_by("pk")) for model in models]


def asked(fake_networks, network=Network.MASTODON):
    return fake_networks[network].called("look_up")


def test_somebody_new_is_shown_as_their_network_knows_them(look, on_mastodon):
    seen = look(on_mastodon("rosa", bio="Answers questions."))

    assert (seen.profile.title, seen.profile.bio) == ("Rosa", "Answers questions.")
    assert (seen.refusal, seen.on_board, seen.moved, seen.members_only) == ("", None, False, False)
    assert not Profile.objects.exists()


def test_somebody_looked_up_lately_is_shown_without_asking(look, nominated, alan, on_mastodon, fake_networks):
    nominated("rosa", by=alan)
    fake_networks[Network.MASTODON].calls.clear()

    seen = look(on_mastodon("rosa"), at=MONDAY + timedelta(hours=23))

    assert seen.profile.display_name == "Rosa"
    assert asked(fake_networks) == []


def test_somebody_looked_up_long_ago_is_asked_for_anew_and_kept_as_they_were(look, on_mastodon, fake_networks):
    rosa = Profile.objects.create(
        network="mastodon", name="rosa", host="social.example", uri="https://social.example/users/rosa",
        display_name="R.", avatar="avatars/rosa.webp", checked=True, looked_up_at=MONDAY - timedelta(days=2),
    )  # fmt: skip

    seen = look(on_mastodon("rosa"))

    assert (seen.profile.pk, seen.profile.display_name) == (rosa.pk, "Rosa")
    assert seen.profile.avatar.name == "avatars/rosa.webp"
    assert len(asked(fake_networks)) == 1


def test_who_is_not_found_is_said_to_be_so_and_may_be_nominated_all_the_same(look, fake_networks):
    handle = Handle(Network.MASTODON, "nobody", "social.example")

    seen = look(handle)

    assert (seen.profile.signal, seen.profile.title, seen.refusal) == (Signal.UNSEEN, "@nobody@social.example", "")
    assert asked(fake_networks)[0].arguments["timeout"] == 2.0


def test_while_a_network_does_not_answer_what_is_known_is_shown(look, on_mastodon, fake_networks):
    Profile.objects.create(network="mastodon", name="rosa", host="social.example", display_name="Rosa")
    fake_networks[Network.MASTODON].script("look_up", Unavailable("It does not answer."))

    assert look(on_mastodon("rosa")).profile.display_name == "Rosa"


def test_a_handle_nobody_had_answered_for_is_the_profile_that_was_nominated(
    look, edition, alan, on_mastodon, fake_networks
):
    fake_networks[Network.MASTODON].script("look_up", Unavailable("It does not answer."))
    handle = on_mastodon("rosa")
    nominate(by=alan, edition=edition, handle=handle, reason=REASON, at=MONDAY)

    seen = look(handle)

    assert seen.profile.display_name == "Rosa"
    assert seen.on_board


def test_another_handle_of_the_same_account_is_known_by_its_uri(look, nominated, alan, on_mastodon):
    nominated("rosa", by=alan)
    alias = on_mastodon("red_rosa", uri="https://social.example/users/rosa")

    assert look(alias).on_board


def test_a_name_on_x_that_nobody_can_check_takes_nothing_from_what_is_known(look, fake_networks):
    handle = Handle(Network.X, "rosa")
    fake_networks[Network.X].add_person(handle, uri="https://x.com/rosa", checked=False)
    assert not look(handle).profile.checked
    Profile.objects.create(network="x", name="rosa", uri="4711", display_name="Rosa", checked=True)

    assert look(handle).profile.display_name == "Rosa"


# --- What nominating them would say


def test_who_is_on_the_board_is_offered_to_be_seconded_with_the_reason_that_leads(look, nominated, alan, on_mastodon):
    nominated("rosa", by=alan)

    seen = look(on_mastodon("rosa"))

    assert seen.on_board.quotes[0].text == REASON
    assert seen.refusal == ""


def test_who_is_on_the_board_by_oneself_is_refused_as_by_nominating(look, nominated, grace, on_mastodon):
    nominated("rosa", by=grace)

    assert look(on_mastodon("rosa")).refusal.startswith("You have nominated them already this week.")


def test_a_nomination_that_nobody_hears_is_not_told_of(look, nominated, alan, on_mastodon):
    nomination = nominated("rosa", by=alan)
    Block.objects.create(profile=nomination.profile, blocked=alan)

    seen = look(on_mastodon("rosa"))

    assert (seen.on_board, seen.refusal) == (None, "")


def test_a_reason_that_may_not_be_read_is_not_shown(look, nominated, alan, on_mastodon):
    nomination = nominated("rosa", by=alan)
    type(nomination).objects.update(vetoed_at=MONDAY)

    seen = look(on_mastodon("rosa"))

    assert seen.on_board.quotes == []


def test_a_full_ballot_seconds_nobody_new(look, nominated, grace, alan, ada, on_mastodon, monkeypatch):
    rosa, emma = nominated("rosa", by=alan), nominated("emma", by=ada)
    monkeypatch.setattr("recommendations.actions.vote.BALLOT_SIZE", 1)
    approve(by=grace, nomination=emma, at=MONDAY)

    assert look(on_mastodon("rosa")).refusal.startswith("Your 1 votes for this week are given.")
    assert look(on_mastodon("emma")).refusal == ""
    assert look(on_mastodon("clara")).refusal.startswith("Your 1 votes for this week are given.")
    assert Vote.objects.filter(nomination=rosa, voter=grace).count() == 0


def test_who_has_made_their_nominations_hears_so_and_may_still_second(look, nominated, grace, alan, on_mastodon):
    nominated("rosa", by=alan)
    for name in ("emma", "clara", "hedy"):
        nominated(name, by=grace)

    assert look(on_mastodon("olympe")).refusal.startswith("You have made your 3 nominations")
    assert look(on_mastodon("rosa")).refusal == ""


def test_oneself_is_known_by_a_proven_handle(look, grace, on_mastodon):
    LinkedHandle.objects.create(
        user=grace, network="mastodon", name="grace", host="social.example",
        uri="https://social.example/users/grace", proven_at=MONDAY,
    )  # fmt: skip

    assert look(on_mastodon("grace")).refusal.startswith("That is you.")


def test_who_rests_is_shown_with_the_date(look, published, on_mastodon, monkeypatch):
    monkeypatch.setattr("recommendations.rules.rest_length", lambda *_: 4)
    following = Edition.objects.select_related("community").get(state=Edition.State.OPEN)

    seen = peek(
        by=User.objects.get(username="grace"),
        edition=following,
        handle=on_mastodon("rosa"),
        at=following.opens_at + timedelta(hours=1),
    )

    assert seen.profile.display_name == "Rosa"
    assert "rest until" in seen.refusal


@pytest.mark.parametrize("policy", Policy)
@pytest.mark.parametrize("signal", [Signal.MANUAL, Signal.UNKNOWN, Signal.AUTOMATIC])
def test_whom_only_members_see_is_said(look, edition, on_mastodon, policy, signal):
    Community.objects.update(consent=policy)
    edition.community.refresh_from_db()

    seen = look(on_mastodon("rosa", signal=signal))

    assert seen.members_only is not (policy == Policy.OPEN and signal == Signal.AUTOMATIC)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"signal": Signal.DECLINED}, "asked not to be listed"),
        ({"bio": "Leave me be #NoFollowFriday"}, "asked not to be listed"),
        ({"signal": Signal.NEVER}, "no longer active"),
    ],
)
def test_of_who_said_no_nothing_else_is_shown(look, on_mastodon, said, words):
    seen = look(on_mastodon("rosa", **said))

    assert words in seen.refusal
    assert (seen.profile, seen.on_board) == (None, None)


def test_who_said_no_here_is_not_shown_whatever_their_network_says(look, proven, on_mastodon):
    rosa = proven("rosa")
    on_mastodon("rosa")
    profile = profile_of(linked=rosa.linked_handles.get())
    decline(profile=profile, by=rosa, at=MONDAY - timedelta(days=3))

    seen = look(on_mastodon("rosa"))

    assert seen.profile is None
    assert "for good" in seen.refusal


@pytest.mark.parametrize("name", ["@rosa@social.example", "https://social.example/users/rosa"])
def test_who_asked_to_be_forgotten_stays_so(look, on_mastodon, fake_networks, name):
    DoNotList.objects.create(fingerprint=seals.fingerprint(name, key=settings.FF_HASH_KEY))

    seen = look(on_mastodon("rosa"))

    assert (seen.profile, "for good" in seen.refusal) == (None, True)
    assert len(asked(fake_networks)) == (0 if name.startswith("@") else 1)


@pytest.mark.parametrize("there", [True, False])
def test_nobody_of_a_server_that_opted_out_is_shown(look, on_mastodon, fake_networks, there):
    DomainOptOut.objects.create(domain="social.example")
    handle = on_mastodon("rosa") if there else Handle(Network.MASTODON, "rosa", "social.example")

    seen = look(handle)

    assert (seen.profile, "Whoever runs their server" in seen.refusal) == (None, True)


# --- Who moved


def test_who_moved_is_shown_at_the_new_address(look, on_mastodon):
    new = on_mastodon("rosa")
    old = on_mastodon("rosa_old", moved_to=new)

    seen = look(old)

    assert (seen.profile.handle, seen.moved) == (new, True)


def test_who_moved_and_is_kept_so_is_not_asked_for_again(look, nominated, alan, on_mastodon, fake_networks):
    new = on_mastodon("rosa")
    old = on_mastodon("rosa_old", moved_to=new)
    nominated("rosa_old", by=alan, moved_to=new)
    fake_networks[Network.MASTODON].calls.clear()

    seen = look(old)

    assert (seen.profile.handle, seen.moved, bool(seen.on_board)) == (new, True, True)
    assert asked(fake_networks) == []


def test_a_claim_to_have_moved_that_nobody_confirms_leads_nowhere(look, on_mastodon, fake_networks):
    new = on_mastodon("rosa")
    fake_networks[Network.MASTODON].strangers.add(new)
    old = on_mastodon("rosa_old", moved_to=new)

    seen = look(old)

    assert (seen.profile.handle, seen.moved) == (old, False)


def test_a_move_that_cannot_be_confirmed_just_now_is_none_yet(look, on_mastodon, fake_networks):
    old = on_mastodon("rosa_old", moved_to=on_mastodon("rosa"))
    fake_networks[Network.MASTODON].script("was_before", Unavailable("It does not answer."))

    seen = look(old)

    assert (seen.profile.handle, seen.moved) == (old, False)


def test_a_word_given_at_the_new_address_outranks_the_one_before(look, on_mastodon):
    for name, word in (("rosa_old", Word.DECLINED), ("rosa", Word.ACCEPTED)):
        Profile.objects.create(
            network="mastodon", name=name, host="social.example", uri=f"https://social.example/users/{name}",
            word=word, checked=True,
        )  # fmt: skip

    seen = look(on_mastodon("rosa_old", moved_to=on_mastodon("rosa")))

    assert (seen.profile.handle.name, seen.refusal) == ("rosa", "")


@pytest.mark.parametrize("known", [True, False], ids=["known there", "new there"])
def test_a_word_given_at_the_old_address_holds_at_the_new_one(look, on_mastodon, known):
    Profile.objects.create(
        network="mastodon", name="rosa_old", host="social.example", uri="https://social.example/users/rosa_old",
        word=Word.DECLINED, checked=True,
    )  # fmt: skip
    if known:
        Profile.objects.create(
            network="mastodon", name="rosa", host="social.example", uri="https://social.example/users/rosa"
        )

    seen = look(on_mastodon("rosa_old", moved_to=on_mastodon("rosa")))

    assert (seen.profile, "for good" in seen.refusal) == (None, True)


# --- Who may ask, when, and how often


def test_strangers_and_the_suspended_are_told_nothing_and_nobody_is_asked_for_them(
    look, grace, person, on_mastodon, fake_networks
):
    Membership.objects.filter(user=grace).update(suspended_until=MONDAY + timedelta(days=1))
    handle = on_mastodon("rosa")

    with pytest.raises(Refused, match="Join the community first"):
        look(handle, by=person("Mallory"))
    with pytest.raises(Refused, match="take part again from"):
        look(handle)

    assert asked(fake_networks) == []


def test_a_closed_board_asks_nobody(look, on_mastodon, fake_networks):
    seen = look(on_mastodon("rosa"), at=THURSDAY)

    assert (seen.profile, "has closed" in seen.refusal) == (None, True)
    assert asked(fake_networks) == []


def test_who_nominates_too_often_is_told_here_already(look, nominated, grace, on_mastodon, monkeypatch):
    monkeypatch.setitem(limits.ALLOWED, Deed.NOMINATE, Allowance(1, 1))
    nominated("rosa", by=grace)

    assert "in so short a time" in look(on_mastodon("emma")).refusal


def test_one_may_look_so_often_in_an_hour_and_then_again_in_the_next(
    look, alan, on_mastodon, fake_networks, monkeypatch
):
    monkeypatch.setitem(limits.ALLOWED, Deed.PEEK, Allowance(2, 3))
    handle = on_mastodon("rosa")
    look(handle)
    look(handle)

    with pytest.raises(TooSoon, match=r"shown here again from 2 November 2026, 13:00") as refusal:
        look(handle)

    assert refusal.value.again_at == MONDAY + timedelta(hours=1)
    assert len(asked(fake_networks)) == 2
    look(handle, by=alan)
    look(handle, at=MONDAY + timedelta(hours=1))
    with pytest.raises(TooSoon, match="3 November 2026"):
        look(handle, at=MONDAY + timedelta(hours=2))


def test_newcomers_look_less_often(look, grace, on_mastodon, monkeypatch):
    monkeypatch.setitem(limits.NEWCOMERS, Deed.PEEK, Allowance(1, 1))
    Membership.objects.filter(user=grace).update(joined_at=MONDAY - timedelta(hours=1))
    look(on_mastodon("rosa"))

    with pytest.raises(TooSoon):
        look(on_mastodon("emma"))


def test_a_count_that_the_cache_threw_out_begins_anew(look, on_mastodon, monkeypatch):
    monkeypatch.setattr("recommendations.actions.limit.cache.add", lambda *_: False)

    assert look(on_mastodon("rosa")).profile
