"""What a search finds follows what is said, and forgets what nobody may read."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import LinkedHandle
from recommendations import tasks
from recommendations.actions.answer import leave, veto
from recommendations.actions.consent import decline
from recommendations.actions.find_anew import find_anew
from recommendations.consent import Viewer
from recommendations.models import Entry, Findable, Profile
from recommendations.models.findable import Slip, Term
from recommendations.models.said import find, said_of
from recommendations.models.search import communities, editions, search, shown
from tests.conftest import FRIDAY

LATER = FRIDAY + timedelta(days=30)


def sweep(at=None):
    tasks.sweep(at=at or timezone.now() + timedelta(days=9), run=tasks.at_once)


def found(text):
    """Names of the people a search finds."""
    found = search(text)
    return [each.profile.name for each in shown(found.people, found.query, viewer=Viewer.PUBLIC)]


@pytest.fixture
def indexed(published):
    sweep()
    return published


@pytest.mark.parametrize("text", ["rosa", "ROS", "rosa@social.example", "@Rosa", "rosa social", "rosaa", "rsoa"])
def test_a_person_is_found_by_part_of_their_name_or_handle_and_with_a_slip(indexed, text):
    assert found(text) == ["rosa"]


@pytest.mark.parametrize("text", ["gives up on anybody", "emma anybod", "anybdoy"])
def test_a_person_is_found_by_what_was_said_of_them(indexed, text):
    assert found(text) == ["emma"]


@pytest.mark.parametrize("text", ["", "  ", "rosa emma", "zebra", "'; DROP TABLE", '" OR 1', "NEAR(", "\x00", "%", "*"])
def test_other_words_find_nobody(indexed, text):
    assert found(text) == []


def test_the_quote_shown_is_the_one_that_was_looked_for(indexed):
    found = search("anybody")
    (emma,) = shown(found.people, found.query, viewer=Viewer.PUBLIC)

    assert emma.quote.text == "Emma never gives up on anybody."


def test_of_two_slips_the_nearest_is_told(indexed):
    assert search("rosaa").query.instead == {"rosaa": ["rosa"]}
    assert search("rosa").query.instead == {}
    assert search("rosa zzzzzz").query.instead == {}


def test_who_is_called_so_comes_before_who_is_spoken_of_so(indexed, grace):
    rosa = Entry.objects.get(profile__name="rosa")
    rosa.quotes.update(text="Knows more of Emma than anybody else, and Clara too.")
    Findable.objects.mark("profile", [rosa.profile_id], LATER)
    sweep(LATER)

    assert found("emma") == ["emma", "rosa"]


def test_nobody_is_found_before_they_are_out(draft):
    sweep()

    assert found("rosa") == []


def test_communities_and_editions_are_found_too(indexed, community):
    assert communities(search("custom").communities) == [community]
    assert editions(search("#custserv").editions) == [indexed]
    assert search("#custser").communities == [], "a hashtag is looked for whole"


def rosa_herself(person):
    user, profile = person("Rosa"), Profile.objects.get(name="rosa")
    LinkedHandle.objects.create(
        user=user, network="mastodon", name="rosa", host="social.example", uri=profile.uri, proven_at=FRIDAY
    )
    return user, profile


def test_who_declines_is_found_no_more_at_once_and_their_words_are_forgotten(indexed, person):
    user, profile = rosa_herself(person)
    decline(profile=profile, by=user, at=LATER)

    assert found("rosa") == []
    sweep(LATER)

    assert not Term.objects.filter(text="rosa").exists()
    assert not Slip.objects.filter(term__text="rosa").exists()
    assert Term.objects.filter(text="emma").exists()
    assert Findable.objects.get(profile=profile).words == ""


def test_a_reason_nobody_may_read_is_found_by_nobody(indexed, person):
    emma = Profile.objects.get(name="emma")
    user = person("Emma")
    handle = {"network": "mastodon", "name": "emma", "host": "social.example", "uri": emma.uri}
    LinkedHandle.objects.create(user=user, proven_at=FRIDAY, **handle)
    reason = next(each for saying in said_of([emma]) for each in saying.reasons if "anybody" in each.text)
    veto(reason=find(user, reason.ref), by=user, at=LATER)
    sweep(LATER)

    assert found("anybody") == []
    assert found("emma") == ["emma"]


def test_who_left_the_only_list_is_found_no_more(indexed, person):
    user, profile = rosa_herself(person)
    leave(entry=Entry.objects.get(profile=profile), by=user, at=LATER)
    sweep(LATER)

    assert found("rosa") == []


def test_marked_again_while_it_was_read_it_stays_due(indexed):
    row = Findable.objects.get(profile__name="rosa")
    row.due_at = LATER
    Findable.objects.filter(pk=row.pk).update(due_at=LATER + timedelta(minutes=1))

    find_anew(row)

    assert Findable.objects.due(LATER + timedelta(minutes=2)).get() == row


def test_what_is_due_no_more_is_not_read(indexed):
    row = Findable.objects.get(profile__name="rosa")
    Findable.objects.filter(pk=row.pk).update(names="", words="")

    tasks.find_one_anew(row.pk)

    row.refresh_from_db()
    assert row.words == ""


def test_rows_say_what_they_are(indexed):
    rows = {str(each) for each in Findable.objects.all()}

    assert {str(Profile.objects.get(name="rosa")), "Customer Service", "Customer Service 2026-W45"} <= rows
    assert str(Term.objects.get(text="rosa")) == "rosa"
    assert "of" in str(Slip.objects.first())
