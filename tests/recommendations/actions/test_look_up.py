"""What a look-up finds is kept; who cannot be found is tried again; two handles of one account become one."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.files.storage import default_storage
from django.test import Client

from recommendations import networks, seals, tasks
from recommendations.actions.look_up import fetch_avatar, look_again, look_up
from recommendations.actions.nominate import nominate
from recommendations.actions.vote import approve
from recommendations.consent import Signal
from recommendations.handles import Handle, Network
from recommendations.models import DoNotList, Entry, Erasure, FormerHandle, Nomination, Profile, Vote
from recommendations.networks.base import NotFound, Rejected, Unavailable
from recommendations.networks.demo import avatar
from tests.conftest import FRIDAY, MONDAY
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


def test_an_account_is_gone_when_nobody_was_found_there_for_days(mastodon):
    mastodon.add_person(ROSA)
    look_up(handle=ROSA, at=MONDAY)
    del mastodon.people[ROSA]
    signals, waits = [], []

    for day in (8, 9, 10, 11, 12):
        at = MONDAY + timedelta(days=day)
        look_again(profile=Profile.objects.get(), at=at)
        signals.append(Profile.objects.get().signal)
        waits.append((Profile.objects.get().look_again_at - at).days)

    assert signals == ["automatic"] * 3 + ["never"] * 2
    assert waits == [1, 1, 1, 7, 7]


def test_who_is_found_again_was_never_gone(mastodon):
    mastodon.add_person(ROSA)
    look_up(handle=ROSA, at=MONDAY)
    for day, silence in ((8, NotFound("Nobody.")), (9, None), (12, NotFound("Nobody."))):
        mastodon.script("look_up", silence)
        look_again(profile=Profile.objects.get(), at=MONDAY + timedelta(days=day))

    assert Profile.objects.get().signal == Signal.AUTOMATIC
    assert Profile.objects.get().missing_since == MONDAY + timedelta(days=12)


def test_who_is_gone_is_a_gap_on_the_page_at_once(published, mastodon):
    mastodon.people.clear()

    for day in range(4):
        look_again(profile=Profile.objects.get(name="rosa"), at=FRIDAY + timedelta(days=day))

    assert 'class="tombstone"' in Client().get("/c/custserv/editions/1/").content.decode()
    published.refresh_from_db()
    assert not published.share_image
    assert published.deliveries.get().correct_from == FRIDAY + timedelta(days=3)


def test_a_server_that_wants_to_be_left_alone_is_left_alone(mastodon):
    mastodon.add_person(ROSA)
    profile = look_up(handle=ROSA, at=MONDAY)
    later = MONDAY + timedelta(days=2)
    mastodon.script("look_up", Unavailable("busy", retry_at=later + timedelta(days=3)))

    look_again(profile=profile, at=later)

    assert Profile.objects.get().look_again_at == later + timedelta(days=3)


def test_when_somebody_posted_last_is_kept(mastodon):
    mastodon.add_person(ROSA, last_active_on=date(2026, 7, 1))
    with time_machine.travel(MONDAY, tick=False):
        assert look_up(handle=ROSA, at=MONDAY).silent_since == date(2026, 7, 1)
        for posted in (date(2026, 10, 1), None):
            mastodon.add_person(ROSA, last_active_on=posted)
            look_again(profile=Profile.objects.get(), at=MONDAY + timedelta(days=8))
            assert (Profile.objects.get().last_active_on, Profile.objects.get().silent_since) == (posted, None)


def test_silence_is_told_where_somebody_is_shown(published, mastodon):
    Profile.objects.filter(name="rosa").update(last_active_on=date(2026, 3, 9))

    with time_machine.travel(FRIDAY, tick=False):
        pages = [
            Client().get(place).content.decode()
            for place in ("/c/custserv/editions/1/", "/p/mastodon/rosa@social.example/")
        ]

    assert [page.count("silent since March 2026") for page in pages] == [1, 1]


def test_on_bluesky_somebody_is_found_by_their_did_under_a_new_handle(fake_networks):
    bluesky = fake_networks[Network.BLUESKY]
    old, new = Handle(Network.BLUESKY, "rosa.example.com"), Handle(Network.BLUESKY, "rosa.example.net")
    bluesky.add_person(old, uri="did:plc:rosa")
    profile = look_up(handle=old, at=MONDAY)
    del bluesky.people[old]
    bluesky.add_person(new, uri="did:plc:rosa", name="Rosa")

    look_again(profile=profile, at=MONDAY + timedelta(days=8))

    profile.refresh_from_db()
    assert (profile.handle, profile.display_name) == (new, "Rosa")
    assert Profile.objects.formerly_at(old).get() == profile
    assert Client().get("/p/bluesky/rosa.example.com/").status_code == 404  # nothing was published, so nothing is told


def test_a_handle_on_bluesky_that_does_not_answer_today_is_kept(fake_networks):
    bluesky = fake_networks[Network.BLUESKY]
    handle = Handle(Network.BLUESKY, "rosa.example.com")
    bluesky.add_person(handle, uri="did:plc:rosa")
    profile = look_up(handle=handle, at=MONDAY)
    bluesky.people = {handle: replace(bluesky.people[handle], handle=Handle(Network.BLUESKY, "did:plc:rosa"))}

    look_again(profile=profile, at=MONDAY + timedelta(days=8))

    assert Profile.objects.get().handle == handle


def test_whose_handle_passed_on_is_found_under_their_own_again(fake_networks):
    bluesky = fake_networks[Network.BLUESKY]
    handle, own = Handle(Network.BLUESKY, "rosa.example.com"), Handle(Network.BLUESKY, "rosa.example.net")
    bluesky.add_person(handle, uri="did:plc:rosa")
    rosa = look_up(handle=handle, at=MONDAY)
    bluesky.add_person(handle, uri="did:plc:other")
    look_up(handle=handle, at=MONDAY + timedelta(days=2))
    rosa.refresh_from_db()
    assert (rosa.signal, "~" in rosa.name) == ("never", True)
    bluesky.add_person(own, uri="did:plc:rosa")

    tasks.sweep(at=MONDAY + timedelta(days=2), run=tasks.at_once)

    rosa.refresh_from_db()
    assert (rosa.handle, rosa.signal) == (own, "automatic")


def test_without_the_app_token_a_profile_x_once_answered_for_stays_as_it_is(fake_networks):
    x, handle = fake_networks[Network.X], Handle(Network.X, "rosa")
    x.add_person(handle, uri="https://x.com/i/user/7", name="Rosa")
    profile = look_up(handle=handle, at=MONDAY)
    x.add_person(handle, uri="https://x.com/rosa", checked=False)
    later = MONDAY + timedelta(days=8)

    look_again(profile=profile, at=later)
    assert look_up(handle=handle, at=later) == profile

    profile.refresh_from_db()
    assert (profile.uri, profile.display_name, profile.handle) == ("https://x.com/i/user/7", "Rosa", handle)
    assert (profile.checked, profile.signal) == (True, "automatic")
    assert profile.look_again_at == later + timedelta(days=7)
    assert Profile.objects.count() == 1


def test_few_of_one_server_are_looked_up_in_one_sweep_and_who_waited_longest_first(mastodon):
    for number in range(5):
        for host in ("one.example", "two.example"):
            Profile.objects.create(
                network="mastodon", name=f"p{number}", host=host, look_again_at=MONDAY - number * HOUR
            )

    asked = []
    for minute in range(3):
        before = len(mastodon.called("look_up"))
        tasks.sweep(at=MONDAY + timedelta(minutes=minute), run=tasks.at_once)
        asked.append(sorted(str(call.arguments["handle"]) for call in mastodon.called("look_up")[before:]))

    assert asked[0] == [f"@p{number}@{host}.example" for number in (2, 3, 4) for host in ("one", "two")]
    assert [len(each) for each in asked] == [6, 4, 0]


def test_one_sweep_asks_only_so_many_servers():
    Profile.objects.bulk_create(
        Profile(network="mastodon", name="p", host=f"s{number}.example", look_again_at=MONDAY) for number in range(70)
    )

    assert len(Profile.objects.due_for_look_up(MONDAY).spread()) == 60


def test_two_workers_look_somebody_up_once(mastodon):
    profile = Profile.objects.create(network="mastodon", name="p", host="s.example", look_again_at=MONDAY)

    assert Profile.objects.take(profile.pk, MONDAY) == profile
    assert Profile.objects.take(profile.pk, MONDAY) is None


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


def test_the_name_of_a_picture_is_never_used_again(mastodon, monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(networks, "picture", lambda url, network, options: avatar(url))
    mastodon.add_person(ROSA)
    profile = look_up(handle=ROSA, at=MONDAY)
    names = []

    for number in range(3):
        profile.avatar_url = f"https://cdn.example/{number}.png"
        profile.save()
        fetch_avatar(profile=profile)
        profile.refresh_from_db()
        names.append(profile.avatar.name)

    assert len(set(names)) == 3
    assert [default_storage.exists(name) for name in names] == [False, False, True]


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


@pytest.fixture
def never_again():
    """On the do-not-list: never_again("https://...")."""

    def make(name: str) -> None:
        DoNotList.objects.create(fingerprint=seals.fingerprint(name, key=settings.FF_HASH_KEY))

    return make


def on_the_board(client):
    return [
        each["profile"]["handle"] for each in client.get("/api/v1/communities/custserv/board").json()["nominations"]
    ]


@pytest.mark.parametrize("name", ["https://social.example/1", "@rosa@social.example"])
def test_who_asked_never_to_be_listed_is_gone_once_we_know_who_it_is(edition, grace, mastodon, never_again, name):
    mastodon.add_person(ROSA, uri="https://social.example/1", name="Rosa")
    mastodon.script("look_up", Unavailable("busy"))
    alias = Handle(Network.MASTODON, "rosa", "www.social.example")
    nominate(by=grace, edition=edition, handle=alias, reason=REASON, at=MONDAY)
    mastodon.people[alias] = mastodon.people[ROSA]
    never_again(name)

    look_again(profile=Profile.objects.get(), at=MONDAY + HOUR)

    kept = Profile.objects.get()
    assert (kept.uri, kept.display_name, kept.word, kept.signal) == (None, "", "declined", "never")
    assert Nomination.objects.get().reason == ""
    assert on_the_board(Client()) == []


def test_what_was_kept_of_them_all_the_same_goes_with_the_next_look(published, mastodon, never_again):
    never_again("https://social.example/users/rosa")

    look_again(profile=Profile.objects.get(name="rosa"), at=FRIDAY + 8 * 24 * HOUR)

    assert "Rosa" not in Client().get("/c/custserv/editions/1/").content.decode()
    assert not Profile.objects.filter(display_name="Rosa").exists()
    assert Erasure.objects.get().entries == [Entry.objects.get(rank=1).pk]


def test_a_handle_on_the_list_does_not_empty_whoever_has_it_now(mastodon, never_again):
    mastodon.add_person(ROSA, uri="https://social.example/2", name="Another")
    look_up(handle=ROSA, at=MONDAY)
    never_again("@rosa@social.example")

    look_again(profile=Profile.objects.get(), at=MONDAY + 8 * 24 * HOUR)
    assert (Profile.objects.get().word, Profile.objects.get().display_name) == ("declined", "Another")
    Profile.objects.update(word="accepted")
    look_again(profile=Profile.objects.get(), at=MONDAY + 16 * 24 * HOUR)

    assert Profile.objects.get().word == "accepted"


def test_they_themselves_are_kept_with_their_no(mastodon, never_again):
    mastodon.add_person(ROSA, uri="https://social.example/1", name="Rosa")
    never_again("https://social.example/1")

    profile = look_up(handle=ROSA, at=MONDAY, themselves=True)

    assert (profile.display_name, profile.word) == ("Rosa", "declined")


def test_a_did_is_known_by_whatever_it_is_typed_as(never_again):
    never_again("did:plc:" + "a" * 24)

    assert DoNotList.objects.names(str(Handle(Network.BLUESKY, "did:plc:" + "a" * 24)))
