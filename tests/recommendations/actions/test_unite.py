"""Who moved is recommended at the new address, if both accounts say so; what was said and wished goes with them."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import LinkedHandle
from recommendations.actions import Refused
from recommendations.actions.answer import block, veto
from recommendations.actions.consent import accept, decline, profile_of
from recommendations.actions.count import count
from recommendations.actions.join import join
from recommendations.actions.look_up import look_again, look_up
from recommendations.actions.nominate import nominate
from recommendations.actions.unite import move
from recommendations.actions.vote import approve
from recommendations.consent import Signal
from recommendations.handles import Handle, Network
from recommendations.models import Block, Edition, Entry, Nomination, Profile, Thanks, Vote
from recommendations.models.said import find
from recommendations.networks.base import Unavailable
from tests.conftest import FRIDAY, MONDAY
from tests.recommendations.actions.conftest import REASON, names

pytestmark = pytest.mark.django_db

LATER = FRIDAY + timedelta(days=8)
NEW = Handle(Network.MASTODON, "rosa", "new.example")


@pytest.fixture
def mastodon(fake_networks):
    return fake_networks[Network.MASTODON]


def rosa():
    return Profile.objects.get(uri="https://social.example/users/rosa")


def moves(mastodon, on_mastodon, **said):
    """Her old account says that she moved; the new one is there."""
    on_mastodon("rosa", moved_to=NEW, signal=Signal.UNKNOWN)
    mastodon.add_person(NEW, uri="https://new.example/users/rosa", name="Rosa", **said)


def test_who_moved_stands_in_what_was_published_at_the_new_address(published, mastodon, on_mastodon):
    moves(mastodon, on_mastodon)

    look_again(profile=rosa(), at=LATER)

    page = Client().get("/c/custserv/editions/1/").content.decode()
    assert "@rosa@new.example" in page
    assert 'class="tombstone"' not in page
    assert rosa().moved_to.handle == NEW
    old_page = Client().get("/p/mastodon/rosa@social.example/")
    assert (old_page.status_code, old_page.headers["Location"]) == (301, "/p/mastodon/rosa@new.example/")
    assert names(published) == ["rosa", "emma", "clara"]


def test_a_nomination_goes_on_at_the_new_address(edition, grace, alan, mastodon, on_mastodon, nominated):
    nomination = nominated("rosa", by=grace)
    moves(mastodon, on_mastodon)

    look_again(profile=rosa(), at=MONDAY)
    again = nominate(by=alan, edition=edition, handle=rosa().handle, reason=REASON, at=MONDAY)

    assert (again.nomination, again.seconded) == (nomination, True)
    assert Nomination.objects.get().profile.handle == NEW


@pytest.mark.parametrize("word", ["accepted", "declined"])
def test_a_persons_word_goes_with_them(published, mastodon, on_mastodon, word):
    Profile.objects.filter(pk=rosa().pk).update(word=word, may_mention=word == "accepted")
    moves(mastodon, on_mastodon)

    look_again(profile=rosa(), at=LATER)

    new = rosa().moved_to
    assert (new.word, new.may_mention) == (word, word == "accepted")
    tombstones = Client().get("/c/custserv/editions/1/").content.decode().count('class="tombstone"')
    assert tombstones == (1 if word == "declined" else 0)


def test_what_was_said_at_the_new_address_outranks_it(published, mastodon, on_mastodon):
    moves(mastodon, on_mastodon)
    new = look_up(handle=NEW, at=FRIDAY)
    Profile.objects.filter(pk=new.pk).update(word="declined")
    Profile.objects.filter(pk=rosa().pk).update(word="accepted")

    look_again(profile=rosa(), at=LATER)

    new.refresh_from_db()
    assert new.word == "declined"


def test_a_claim_that_the_new_account_does_not_confirm_is_no_move(published, mastodon, on_mastodon):
    moves(mastodon, on_mastodon)
    mastodon.strangers.add(NEW)

    look_again(profile=rosa(), at=LATER)

    assert rosa().moved_to is None
    assert not Profile.objects.at(NEW).exists()
    assert Entry.objects.filter(profile=rosa()).exists()


@pytest.mark.parametrize("verb", ["was_before", "look_up"])
def test_while_the_new_server_is_silent_nobody_has_moved(published, mastodon, on_mastodon, verb):
    moves(mastodon, on_mastodon)
    mastodon.script(verb, *([None] if verb == "look_up" else []), Unavailable("busy"))

    look_again(profile=rosa(), at=LATER)

    assert rosa().moved_to is None


def test_an_account_that_claims_to_have_moved_to_itself_stays(mastodon, on_mastodon):
    alias = Handle(Network.MASTODON, "rosa", "www.social.example")
    on_mastodon("rosa", moved_to=alias)
    mastodon.people[alias] = mastodon.people[Handle(Network.MASTODON, "rosa", "social.example")]

    profile = look_up(handle=alias, at=MONDAY)

    assert (profile, profile.moved_to) == (rosa(), None)


def test_blocks_and_thanks_go_along(published, grace, alan, mastodon, on_mastodon):
    moves(mastodon, on_mastodon)
    new, old = look_up(handle=NEW, at=FRIDAY), rosa()
    Block.objects.create(profile=old, blocked=alan)
    Thanks.objects.create(profile=old, author=grace, edition=published)

    move(old=old, new=new)

    assert Block.objects.filter(profile=new, blocked=alan).exists()
    assert Thanks.objects.filter(profile=new, author=grace, edition=published).exists()


def test_votes_for_both_are_united_and_a_veto_holds(edition, nominated, grace, alan, mastodon, on_mastodon):
    old = nominated("rosa", by=grace)
    mastodon.add_person(NEW, uri="https://new.example/users/rosa")
    new = nominate(by=alan, edition=edition, handle=NEW, reason=REASON, at=MONDAY).nomination
    Nomination.objects.filter(pk=old.pk).update(vetoed_at=MONDAY)

    move(old=old.profile, new=new.profile)

    assert list(Nomination.objects.all()) == [new]
    assert {(vote.voter, vote.reason, vote.vetoed_at) for vote in Vote.objects.all()} == {
        (alan, "", None),
        (grace, REASON, MONDAY),
    }
    assert Edition.objects.get(pk=edition.pk).nominations.count() == 1


@pytest.fixture
def herself(proven, community):
    """She has proven her old handle, and is a member."""
    user = proven("rosa")
    join(community=community, user=user, agreed=True, at=MONDAY)
    return user


@pytest.fixture
def moved(nominated, grace, mastodon, on_mastodon, herself):
    """The nomination of Rosa, who has moved since."""
    nomination = nominated("rosa", by=grace)
    moves(mastodon, on_mastodon)
    look_again(profile=rosa(), at=MONDAY)
    nomination.refresh_from_db()
    assert nomination.profile.handle == NEW
    return nomination


def test_a_no_by_the_old_handle_holds_at_the_new_address(edition, moved, herself, grace):
    decline(profile=profile_of(linked=LinkedHandle.objects.get()), by=herself, at=MONDAY)

    assert set(Profile.objects.values_list("word", flat=True)) == {"declined"}
    for handle in (NEW, rosa().handle):
        with pytest.raises(Refused, match="asked not to be listed"):
            nominate(by=grace, edition=edition, handle=handle, reason=REASON, at=MONDAY)


@pytest.mark.parametrize("anothers", [True, False])
def test_a_yes_by_the_old_handle_is_no_yes_for_another_who_has_proven_the_new(moved, herself, person, anothers):
    Profile.objects.filter(host=NEW.host).update(word="declined")
    if anothers:
        LinkedHandle.objects.create(
            user=person("Another"), network="mastodon", name="rosa", host=NEW.host, uri=moved.profile.uri,
            proven_at=MONDAY,
        )  # fmt: skip

    accept(profile=rosa(), by=herself, at=MONDAY)

    assert (rosa().word, Profile.objects.get(host=NEW.host).word) == (
        "accepted",
        "declined" if anothers else "accepted",
    )


def test_vetoes_and_blocks_are_hers_at_either_address(moved, herself, grace):
    veto(reason=find(herself, f"nomination-{moved.pk}"), by=herself, at=MONDAY)
    block(reason=find(herself, f"nomination-{moved.pk}"), by=herself, at=MONDAY)

    moved.refresh_from_db()
    assert moved.vetoed_at == MONDAY
    assert set(Block.objects.values_list("profile__host", "blocked")) == {
        ("social.example", grace.pk),
        (NEW.host, grace.pk),
    }


def test_nobody_recommends_the_account_they_moved_to(edition, moved, herself):
    with pytest.raises(Refused, match="That is you"):
        approve(by=herself, nomination=moved, at=MONDAY)
    for handle in (NEW, rosa().handle):
        with pytest.raises(Refused, match="That is you"):
            nominate(by=herself, edition=edition, handle=handle, reason=REASON, at=MONDAY)


def test_in_the_count_she_is_whom_the_new_address_stands_for(edition, moved, herself):
    Vote.objects.create(nomination=moved, voter=herself, created_at=MONDAY)

    assert count(edition).ranking.entries[0].supporters == 1
    assert count(edition).owners == {moved.pk: herself.pk}


def test_before_anybody_named_them_they_speak_for_the_old_handle_too(mastodon, on_mastodon, herself):
    moves(mastodon, on_mastodon)

    decline(profile=profile_of(linked=LinkedHandle.objects.get(), at=MONDAY), by=herself, at=MONDAY)

    assert set(Profile.objects.values_list("host", "word")) == {("social.example", "declined"), (NEW.host, "declined")}
