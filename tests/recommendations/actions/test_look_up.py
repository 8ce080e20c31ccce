"""What a look-up finds is kept; who cannot be found is tried again; two handles of one account become one."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage

from recommendations import networks, tasks
from recommendations.actions.look_up import fetch_avatar, look_again, look_up
from recommendations.actions.nominate import nominate
from recommendations.actions.vote import approve
from recommendations.consent import Signal
from recommendations.handles import Handle, Network
from recommendations.models import Entry, FormerHandle, Nomination, Profile, Vote
from recommendations.networks.base import NotFound, Rejected, Unavailable
from recommendations.networks.demo import avatar
from tests.conftest import MONDAY
from tests.recommendations.actions.conftest import REASON

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
ROSA = Handle(Network.MASTODON, "rosa", "social.example")


@pytest.fixture
def mastodon(fake_networks):
    return fake_networks[Network.MASTODON]


def test_a_profile_is_kept_as_its_network_knows_it(mastodon):
    mastodon.add_person(ROSA, uri="https://social.example/1", name="Rosa", bio="Hello.", members_only=True)

    profile = look_up(handle=ROSA, at=MONDAY)

    profile.refresh_from_db()
    assert (profile.uri, profile.display_name, profile.bio) == ("https://social.example/1", "Rosa", "Hello.")
    assert (profile.signal, profile.members_only, profile.checked) == ("automatic", True, True)
    assert profile.looked_up_at == MONDAY


def test_within_a_day_nobody_is_asked_twice(mastodon):
    mastodon.add_person(ROSA)

    look_up(handle=ROSA, at=MONDAY)
    look_up(handle=ROSA, at=MONDAY + 23 * HOUR)
    assert len(mastodon.called("look_up")) == 1
    look_up(handle=ROSA, at=MONDAY + 25 * HOUR)

    assert len(mastodon.called("look_up")) == 2


def test_a_profile_that_was_known_stays_when_the_network_is_silent(mastodon):
    mastodon.add_person(ROSA, name="Rosa")
    look_up(handle=ROSA, at=MONDAY)
    mastodon.script("look_up", Unavailable("busy"))

    assert look_up(handle=ROSA, at=MONDAY + 48 * HOUR).display_name == "Rosa"


def test_who_was_not_found_is_tried_again_and_becomes_seen(mastodon):
    profile = look_up(handle=ROSA, at=MONDAY)
    assert profile.signal == Signal.UNSEEN
    mastodon.add_person(ROSA, name="Rosa")

    tasks.sweep(at=MONDAY + HOUR, run=tasks.at_once)

    profile.refresh_from_db()
    assert (profile.signal, profile.display_name) == ("automatic", "Rosa")


@pytest.mark.parametrize("silence", [Unavailable("busy"), Rejected("No."), NotFound("Nobody.")])
def test_the_longer_nobody_answers_the_less_often_we_ask(mastodon, silence):
    profile = look_up(handle=ROSA, at=MONDAY)
    Profile.objects.filter(pk=profile.pk).update(created_at=MONDAY)
    waits = []

    for days in (0, 1, 5, 30):
        at = MONDAY + timedelta(days=days)
        profile.refresh_from_db()
        mastodon.script("look_up", silence)
        look_again(profile=profile, at=at)
        profile.refresh_from_db()
        waits.append(profile.look_again_at - at)

    assert waits == [HOUR / 2, timedelta(days=1), timedelta(days=5), timedelta(days=7)]
    assert profile.signal == Signal.UNSEEN


def test_an_account_that_is_gone_is_listed_no_more(mastodon):
    mastodon.add_person(ROSA)
    profile = look_up(handle=ROSA, at=MONDAY)
    mastodon.script("look_up", NotFound("Gone."))

    look_again(profile=profile, at=MONDAY + timedelta(days=8))

    profile.refresh_from_db()
    assert profile.signal == Signal.NEVER


def test_declining_in_the_bio_takes_effect_with_the_next_look(mastodon):
    mastodon.add_person(ROSA)
    profile = look_up(handle=ROSA, at=MONDAY)
    mastodon.add_person(ROSA, bio="Please not me. #nofollowfriday")

    look_again(profile=profile, at=MONDAY + timedelta(days=8))

    profile.refresh_from_db()
    assert profile.signal == Signal.DECLINED


def test_a_new_handle_of_the_same_account_is_the_same_profile_and_the_old_one_leads_there(mastodon):
    mastodon.add_person(ROSA, uri="https://social.example/1")
    profile = look_up(handle=ROSA, at=MONDAY)
    renamed = Handle(Network.MASTODON, "rosa_l", "social.example")
    mastodon.add_person(renamed, uri="https://social.example/1")

    again = look_up(handle=renamed, at=MONDAY + HOUR)

    assert (again.pk, again.handle) == (profile.pk, renamed)
    assert Profile.objects.formerly_at(ROSA).get() == profile


def test_a_handle_that_passed_to_somebody_else_is_theirs_and_the_old_holder_makes_room(mastodon):
    mastodon.add_person(ROSA, uri="https://social.example/1")
    before = look_up(handle=ROSA, at=MONDAY)
    mastodon.add_person(ROSA, uri="https://social.example/2")

    now = look_up(handle=ROSA, at=MONDAY + 48 * HOUR)

    before.refresh_from_db()
    assert now.pk != before.pk
    assert Profile.objects.at(ROSA).get() == now
    assert (before.signal, before.uri) == ("never", "https://social.example/1")


def test_two_handles_of_one_account_unite_their_nominations_votes_and_reasons(edition, ada, grace, alan, mastodon):
    alias = Handle(Network.MASTODON, "rosa", "www.social.example")
    mastodon.add_person(ROSA, uri="https://social.example/1")
    kept = nominate(by=grace, edition=edition, handle=ROSA, reason=REASON, at=MONDAY).nomination
    other = nominate(
        by=alan, edition=edition, handle=alias, reason="Known to me under another name.", at=MONDAY
    ).nomination
    approve(by=ada, nomination=other, reason="And to me, for many years.", at=MONDAY)
    mastodon.add_person(alias, uri="https://social.example/1")
    mastodon.people[alias] = mastodon.people[ROSA]

    look_again(profile=other.profile, at=MONDAY + HOUR)

    assert list(Nomination.objects.all()) == [kept]
    assert dict(Vote.objects.values_list("voter__username", "reason")) == {
        "grace": "", "alan": "Known to me under another name.", "ada": "And to me, for many years.",
    }  # fmt: skip
    assert Profile.objects.formerly_at(alias).get() == kept.profile
    assert Profile.objects.count() == 1


def test_a_nomination_of_the_alias_alone_moves_over(edition, grace, mastodon):
    alias = Handle(Network.MASTODON, "rosa", "www.social.example")
    mastodon.add_person(ROSA, uri="https://social.example/1")
    profile = look_up(handle=ROSA, at=MONDAY)
    nomination = nominate(by=grace, edition=edition, handle=alias, reason=REASON, at=MONDAY).nomination
    mastodon.people[alias] = mastodon.people[ROSA]

    look_again(profile=nomination.profile, at=MONDAY + HOUR)

    nomination.refresh_from_db()
    assert nomination.profile == profile


def test_when_both_stand_in_one_published_list_nothing_printed_is_lost(published, mastodon):
    rosa, emma = Profile.objects.get(name="rosa"), Profile.objects.get(name="emma")
    Profile.objects.filter(pk=emma.pk).update(uri=None)
    mastodon.people[emma.handle] = mastodon.people[rosa.handle]

    look_again(profile=Profile.objects.get(pk=emma.pk), at=MONDAY + timedelta(days=9))

    assert Entry.objects.filter(edition=published).count() == 3
    assert Profile.objects.get(pk=emma.pk).moved_to == rosa


def test_a_former_handle_is_forgotten_when_somebody_is_there_again(mastodon):
    mastodon.add_person(ROSA, uri="https://social.example/1")
    profile = look_up(handle=ROSA, at=MONDAY)
    other = Handle(Network.MASTODON, "emma", "social.example")
    FormerHandle.objects.create(network="mastodon", name="emma", host="social.example", profile=profile)
    mastodon.add_person(other, uri="https://social.example/2")

    look_up(handle=other, at=MONDAY)

    assert not FormerHandle.objects.exists()


def test_the_avatar_is_our_own_copy_under_a_made_up_name(mastodon, monkeypatch):
    mastodon.add_person(ROSA, avatar_url="https://cdn.example/rosa.png")
    profile = look_up(handle=ROSA, at=MONDAY)
    monkeypatch.setattr(networks, "picture", lambda url, network, options: avatar(url))

    tasks.sweep(at=MONDAY, run=tasks.at_once)

    profile.refresh_from_db()
    assert profile.avatar_from == "https://cdn.example/rosa.png"
    assert default_storage.open(profile.avatar.name).read(4) == b"RIFF"
    assert "rosa" not in profile.avatar.name
    assert not Profile.objects.due_for_avatar().exists()


@pytest.mark.parametrize("trouble", [b"<svg/>", Unavailable("busy"), Rejected("Gone.")])
def test_a_picture_that_is_none_leaves_the_initials_and_is_not_tried_for_ever(mastodon, monkeypatch, trouble):
    mastodon.add_person(ROSA, avatar_url="https://cdn.example/rosa.svg")
    profile = look_up(handle=ROSA, at=MONDAY)

    def fetch(*_):
        if isinstance(trouble, Exception):
            raise trouble
        return trouble

    monkeypatch.setattr(networks, "picture", fetch)
    fetch_avatar(profile=profile)

    profile.refresh_from_db()
    assert not profile.avatar
    assert not Profile.objects.due_for_avatar().exists()


def test_a_picture_that_was_taken_away_is_taken_away_here(mastodon):
    mastodon.add_person(ROSA)
    profile = look_up(handle=ROSA, at=MONDAY)
    Profile.objects.filter(pk=profile.pk).update(avatar="avatars/old.webp", avatar_from="https://cdn.example/old.png")

    tasks.sweep(at=MONDAY, run=tasks.at_once)

    profile.refresh_from_db()
    assert not profile.avatar
