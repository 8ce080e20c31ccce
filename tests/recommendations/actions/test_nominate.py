"""Nominate, second, edit, withdraw; and whom one may not nominate."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import LinkedHandle
from recommendations import seals
from recommendations.actions import Refused
from recommendations.actions.join import leave
from recommendations.actions.nominate import edit_reason, nominate, withdraw
from recommendations.actions.vote import approve
from recommendations.consent import Signal
from recommendations.handles import Handle, Network
from recommendations.models import DoNotList, Nomination, Profile
from recommendations.networks.base import Unavailable
from tests.conftest import FRIDAY, MONDAY, SATURDAY, THURSDAY
from tests.recommendations.actions.conftest import REASON

pytestmark = pytest.mark.django_db


def test_a_nomination_keeps_reason_and_profile_and_is_the_nominators_own_vote(edition, grace, on_mastodon):
    outcome = nominate(by=grace, edition=edition, handle=on_mastodon("rosa"), reason=REASON, at=MONDAY)

    assert not outcome.seconded
    assert outcome.nomination.reason == REASON
    assert outcome.nomination.profile.uri == "https://social.example/users/rosa"
    assert outcome.nomination.profile.display_name == "Rosa"
    assert list(outcome.nomination.votes.values_list("voter", "reason")) == [(grace.pk, "")]


def test_somebody_on_the_board_already_is_seconded(edition, grace, alan, nominated, on_mastodon):
    first = nominated("rosa", by=grace)

    outcome = nominate(
        by=alan, edition=edition, handle=on_mastodon("rosa"), reason="Because she listens so well.", at=MONDAY
    )

    assert outcome.seconded
    assert outcome.nomination == first
    assert first.votes.get(voter=alan).reason == "Because she listens so well."


def test_one_does_not_nominate_the_same_person_twice(edition, grace, nominated, on_mastodon):
    first = nominated("rosa", by=grace)

    same = nominate(by=grace, edition=edition, handle=on_mastodon("rosa"), reason=first.reason, at=MONDAY)
    assert same.nomination == first  # pressed twice
    with pytest.raises(Refused, match="already this week"):
        nominate(by=grace, edition=edition, handle=on_mastodon("rosa"), reason=f"{REASON} Truly.", at=MONDAY)


@pytest.mark.parametrize(
    ("reason", "message"),
    [("too short", "A few words more"), (" \n\u200b ", "A few words more"), ("x" * 501, "A little shorter")],
)
def test_a_reason_of_the_wrong_length_is_refused_beside_its_field(edition, grace, on_mastodon, reason, message):
    with pytest.raises(Refused, match=message) as refusal:
        nominate(by=grace, edition=edition, handle=on_mastodon("rosa"), reason=reason, at=MONDAY)

    assert refusal.value.field == "reason"
    assert not Nomination.objects.exists()


def test_the_reason_is_kept_as_one_clean_paragraph(edition, grace, on_mastodon):
    typed = "  She answers\r\n\r\nevery\tquestion,\u202e and she is kind.\x00 "

    outcome = nominate(by=grace, edition=edition, handle=on_mastodon("rosa"), reason=typed, at=MONDAY)

    assert outcome.nomination.reason == "She answers every question, and she is kind."


@pytest.mark.parametrize(
    ("at", "message"),
    [(SATURDAY - timedelta(seconds=1), "opens on"), (THURSDAY, "has closed"), (FRIDAY, "has closed")],
)
def test_a_closed_board_takes_no_nominations(edition, grace, on_mastodon, at, message):
    with pytest.raises(Refused, match=message):
        nominate(by=grace, edition=edition, handle=on_mastodon("rosa"), reason=REASON, at=at)


def test_a_held_board_that_closed_meanwhile_refuses_inside_the_transaction(edition, grace, on_mastodon, fake_networks):
    def close_it(verb):
        type(edition).objects.filter(pk=edition.pk).update(state="skipped")

    fake_networks[Network.MASTODON].before = close_it

    with pytest.raises(Refused, match="closed"):
        nominate(by=grace, edition=edition, handle=on_mastodon("rosa"), reason=REASON, at=MONDAY)
    assert not Nomination.objects.exists()


def test_only_members_nominate(edition, person, on_mastodon, alan, community):
    stranger = person("Mallory")
    leave(membership=community.memberships.get(user=alan))

    for user in (stranger, alan):
        with pytest.raises(Refused, match="Join the community first"):
            nominate(by=user, edition=edition, handle=on_mastodon("rosa"), reason=REASON, at=MONDAY)


def test_three_nominations_a_week_and_no_more(edition, grace, nominated, on_mastodon):
    for name in ("rosa", "emma", "clara"):
        nominated(name, by=grace)

    with pytest.raises(Refused, match="your 3 nominations"):
        nominate(by=grace, edition=edition, handle=on_mastodon("olympe"), reason=REASON, at=MONDAY)


def test_a_second_is_no_nomination_and_so_not_limited(edition, grace, alan, nominated, on_mastodon):
    for name in ("rosa", "emma", "clara"):
        nominated(name, by=grace)
    nominated("olympe", by=alan)

    outcome = nominate(by=grace, edition=edition, handle=on_mastodon("olympe"), reason=REASON, at=MONDAY)

    assert outcome.seconded


def test_oneself_is_refused_by_a_proven_handle(edition, grace, on_mastodon):
    handle = on_mastodon("grace")
    LinkedHandle.objects.create(
        user=grace, network="mastodon", name="grace", host="social.example",
        uri="https://social.example/users/grace", proven_at=timezone.now(),
    )  # fmt: skip

    with pytest.raises(Refused, match="That is you"):
        nominate(by=grace, edition=edition, handle=handle, reason=REASON, at=MONDAY)


def test_an_unproven_claim_to_a_handle_stops_nobody(edition, grace, on_mastodon):
    handle = on_mastodon("rosa")
    LinkedHandle.objects.create(user=grace, network="mastodon", name="rosa", host="social.example")

    assert nominate(by=grace, edition=edition, handle=handle, reason=REASON, at=MONDAY).nomination


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"signal": Signal.DECLINED}, "asked not to be listed"),
        ({"bio": "Leave me be #NoFollowFriday"}, "asked not to be listed"),
        ({"signal": Signal.NEVER}, "no longer active"),
    ],
)
def test_who_declined_or_is_gone_is_refused(edition, grace, on_mastodon, said, message):
    with pytest.raises(Refused, match=message):
        nominate(by=grace, edition=edition, handle=on_mastodon("rosa", **said), reason=REASON, at=MONDAY)

    assert not Nomination.objects.exists()


@pytest.mark.parametrize("name", ["@rosa@social.example", "https://social.example/users/rosa"])
def test_who_asked_to_be_forgotten_is_refused_by_a_hash_alone(edition, grace, on_mastodon, name):
    DoNotList.objects.create(fingerprint=seals.fingerprint(name, key=settings.FF_HASH_KEY))

    with pytest.raises(Refused, match="for good"):
        nominate(by=grace, edition=edition, handle=on_mastodon("rosa"), reason=REASON, at=MONDAY)


@pytest.mark.parametrize("signal", [Signal.MANUAL, Signal.UNKNOWN])
def test_who_has_not_said_yes_may_be_nominated_for_members_eyes(edition, grace, on_mastodon, signal):
    outcome = nominate(by=grace, edition=edition, handle=on_mastodon("rosa", signal=signal), reason=REASON, at=MONDAY)

    assert outcome.nomination.profile.signal == signal


def test_a_network_that_does_not_answer_keeps_the_nomination_as_unseen(edition, grace, fake_networks):
    fake_networks[Network.MASTODON].script("look_up", Unavailable("It does not answer."))
    handle = Handle(Network.MASTODON, "rosa", "social.example")

    profile = nominate(by=grace, edition=edition, handle=handle, reason=REASON, at=MONDAY).nomination.profile

    assert (profile.signal, profile.uri) == (Signal.UNSEEN, None)
    assert profile.look_again_at > MONDAY


def test_who_moved_is_nominated_at_the_new_address(edition, grace, on_mastodon):
    new = on_mastodon("rosa")
    old = on_mastodon("rosa_old", moved_to=new)

    outcome = nominate(by=grace, edition=edition, handle=old, reason=REASON, at=MONDAY)

    assert outcome.nomination.profile.handle == new
    assert Profile.objects.at(old).get().moved_to == outcome.nomination.profile


def test_a_claim_to_have_moved_to_somebody_who_is_not_there_leads_nowhere(edition, grace, on_mastodon):
    old = on_mastodon("rosa_old", moved_to=Handle(Network.MASTODON, "nobody", "social.example"))

    outcome = nominate(by=grace, edition=edition, handle=old, reason=REASON, at=MONDAY)

    assert outcome.nomination.profile.handle == old


def test_the_author_edits_the_reason_and_nobody_else(grace, alan, nominated):
    nomination = nominated("rosa", by=grace)

    edit_reason(by=grace, nomination=nomination, reason="A much better reason than before.", at=MONDAY)
    with pytest.raises(Refused, match="Only the one who nominated"):
        edit_reason(by=alan, nomination=nomination, reason="Words put into her mouth.", at=MONDAY)

    nomination.refresh_from_db()
    assert nomination.reason == "A much better reason than before."
    assert nomination.edited_at == MONDAY


def test_when_the_nominator_withdraws_the_earliest_second_leads(ada, grace, alan, nominated):
    nomination = nominated("rosa", by=grace)
    approve(by=ada, nomination=nomination, reason="I second this with all my heart.", at=MONDAY + timedelta(hours=2))
    approve(by=alan, nomination=nomination, reason="And I was here even earlier.", at=MONDAY + timedelta(hours=1))

    assert withdraw(by=grace, nomination=nomination, at=MONDAY + timedelta(hours=3)) is True

    nomination.refresh_from_db()
    assert (nomination.nominator, nomination.reason) == (alan, "And I was here even earlier.")
    assert dict(nomination.votes.values_list("voter__username", "reason")) == {
        "alan": "",
        "ada": "I second this with all my heart.",
    }


def test_only_the_author_withdraws_and_only_while_the_board_is_open(grace, alan, nominated):
    nomination = nominated("rosa", by=grace)

    with pytest.raises(Refused, match="Only the one who nominated"):
        withdraw(by=alan, nomination=nomination, at=MONDAY)
    with pytest.raises(Refused, match="closed"):
        withdraw(by=grace, nomination=nomination, at=THURSDAY)

    assert Nomination.objects.filter(pk=nomination.pk).exists()
