"""The nominee's page: what was said of one, one's own word, and an answer to each reason, for nobody but oneself."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import LinkedHandle
from recommendations.actions.vote import approve
from recommendations.models import Block, Entry, Profile, Thanks
from recommendations.models.said import said_of
from tests.conftest import FRIDAY, MONDAY
from tests.recommendations.actions.conftest import *  # noqa: F403 - the same fixtures
from tests.recommendations.actions.conftest import REASON

pytestmark = pytest.mark.django_db

SAID = "/me/said/"
HOSTILE = "\"'><script>alert(1)</script> and a good reason besides."


@pytest.fixture(autouse=True)
def _on_friday():
    with time_machine.travel(FRIDAY + timedelta(hours=1), tick=False):
        yield


@pytest.fixture
def rosa(proven):
    return proven("rosa")


@pytest.fixture
def as_rosa(rosa):
    client = Client()
    client.force_login(rosa)
    return client


def text(response):
    return response.content.decode()


def profile():
    return Profile.objects.get(name="rosa")


def handle_of(user):
    return {"handle": user.linked_handles.get().pk}


def ref(author):
    reasons = [reason for saying in said_of(Profile.objects.all()) for reason in saying.reasons]
    return {"reason": next(reason.ref for reason in reasons if reason.author == author)}


def test_a_stranger_is_led_to_sign_in(client):
    assert client.get(SAID).headers["Location"] == f"/accounts/login/?next={SAID}"
    assert client.post(f"{SAID}decline/").headers["Location"] == f"/accounts/login/?next={SAID}"


def test_who_has_proven_nothing_learns_how(client, grace):
    client.force_login(grace)

    assert "Prove which accounts are yours" in text(client.get(SAID))


def test_of_whom_nobody_spoke_there_is_nothing_to_read_and_one_can_speak(as_rosa):
    page = text(as_rosa.get(SAID))

    assert "Nobody has recommended you here so far" in page
    assert "Yes, recommend me" in page


def test_a_nominee_reads_every_reason_with_who_said_it_and_where(published, as_rosa):
    page = text(as_rosa.get(SAID))

    assert REASON.replace("'", "&#x27;") in page
    assert "Grace" in page
    assert "Customer Service</bdi>, No. 1" in page
    assert "Emma" not in page


def test_what_others_said_is_escaped(nominated, grace, as_rosa):
    with time_machine.travel(MONDAY, tick=False):
        nominated("rosa", by=grace, reason=HOSTILE)

    page = text(as_rosa.get(SAID))

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "on this week" in page


def test_however_much_was_said_it_costs_the_same(published, rosa, as_rosa, person, nominated):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            as_rosa.get(SAID)
        return len(captured)

    few = queries()
    entry = Entry.objects.get(profile__name="rosa")
    for number in range(10):
        entry.quotes.create(position=10 + number, author=person(f"Voter {number}"), text=REASON)

    assert queries() == few <= 20


def test_yes_with_mentions_then_without(published, rosa, as_rosa):
    response = as_rosa.post(f"{SAID}accept/", {**handle_of(rosa), "may_mention": "yes"}, follow=True)
    assert "You said yes." in text(response)
    assert (profile().word, profile().may_mention) == ("accepted", True)

    response = as_rosa.post(f"{SAID}mention/", {**handle_of(rosa), "allowed": "no"}, follow=True)
    assert "Mention me" in text(response)
    assert not profile().may_mention
    as_rosa.post(f"{SAID}mention/", {**handle_of(rosa), "allowed": "yes"})
    assert profile().may_mention


def test_no_is_done_at_once(published, rosa, as_rosa, client):
    response = as_rosa.post(f"{SAID}decline/", handle_of(rosa), follow=True)

    assert "You said no." in text(response)
    assert "Rosa" not in text(client.get("/c/custserv/editions/1/"))


def test_a_refusal_is_told_on_the_page(as_rosa, rosa):
    response = as_rosa.post(f"{SAID}accept/", handle_of(rosa))

    assert response.status_code == 409
    assert "Please try again in a minute." in text(response)


def test_each_reason_can_be_hidden_shown_thanked_and_its_author_blocked(published, grace, as_rosa):
    said = ref(grace)
    assert "only you can read this" in text(as_rosa.post(f"{SAID}veto/", said, follow=True))
    assert "only you can read this" not in text(as_rosa.post(f"{SAID}lift-veto/", said, follow=True))
    assert "Thanked" in text(as_rosa.post(f"{SAID}thank/", said, follow=True))
    assert Thanks.objects.get().author == grace

    page = text(as_rosa.post(f"{SAID}block/", said, follow=True))
    assert "Whom you blocked" in page
    assert REASON not in page

    page = text(as_rosa.post(f"{SAID}lift-block/", {"block": Block.objects.get().pk}, follow=True))
    assert "Whom you blocked" not in page


def test_one_list_can_be_left(published, as_rosa):
    entry = Entry.objects.get(profile__name="rosa")

    page = text(as_rosa.post(f"{SAID}leave/", {"entry": entry.pk}, follow=True))

    assert "which you have left" in page


@pytest.mark.parametrize("deed", ["accept", "decline", "mention", "veto", "lift-veto", "thank", "block", "leave"])
def test_with_somebody_elses_handle_reason_or_line_nothing_happens(published, rosa, grace, proven, deed):
    emma = Client()
    emma.force_login(proven("emma"))
    forms = {**handle_of(rosa), **ref(grace), "entry": Entry.objects.get(profile__name="rosa").pk, "allowed": "yes"}

    response = emma.post(f"{SAID}{deed}/", forms)

    assert response.status_code == 404
    assert (profile().word, Block.objects.exists(), Thanks.objects.exists()) == ("", False, False)
    assert not Entry.objects.filter(left_at__isnull=False).exists()


def test_an_unproven_handle_speaks_for_nobody(published, rosa, as_rosa):
    LinkedHandle.objects.update(proven_at=None)

    assert as_rosa.post(f"{SAID}decline/", handle_of(rosa)).status_code == 404


def test_somebody_elses_block_cannot_be_lifted(published, grace, rosa, proven):
    found = Block.objects.create(profile=profile(), blocked=grace)
    emma = Client()
    emma.force_login(proven("emma"))

    assert emma.post(f"{SAID}lift-block/", {"block": found.pk}).status_code == 404
    assert Block.objects.exists()


@pytest.mark.parametrize("deed", ["shout", "accept", "veto", "lift-block", "leave"])
@pytest.mark.parametrize("junk", [{}, {"handle": "9" * 500, "reason": "quote-\x00", "block": "-1", "entry": "x"}])
def test_junk_is_not_found(as_rosa, deed, junk):
    assert as_rosa.post(f"{SAID}{deed}/", junk).status_code == 404


def test_nothing_changes_on_get_or_without_a_token(published, rosa):
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(rosa)

    assert careful.get(f"{SAID}decline/", handle_of(rosa)).status_code == 405
    assert careful.post(f"{SAID}decline/", handle_of(rosa)).status_code == 403
    assert profile().word == ""


def test_whoever_was_spoken_of_learns_it_when_they_come_in(published, rosa, as_rosa):
    assert "1 person has recommended you" in text(as_rosa.get("/me/"))

    as_rosa.post(f"{SAID}accept/", handle_of(rosa))

    assert "recommended you" not in text(as_rosa.get("/me/"))


def test_several_who_spoke_are_counted_once_each(nominated, grace, alan, rosa, as_rosa):
    with time_machine.travel(MONDAY, tick=False):
        approve(by=alan, nomination=nominated("rosa", by=grace), reason="I learn something every single week.")

    assert re.search("2 people have\\s+recommended you", text(as_rosa.get("/me/")))
