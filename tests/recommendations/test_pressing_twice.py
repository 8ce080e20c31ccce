"""A form that was shown once makes one thing: the second press leads to the result of the first."""

import re

import pytest
import time_machine
from django.core import mail

from accounts.models import ApiToken
from recommendations import tasks
from recommendations.models import Comment, Community, Edition, Invitation, Letter, OnceKey, Profile
from tests.conftest import FRIDAY, MONDAY
from tests.recommendations.actions.conftest import channel, draft, nominated, on_mastodon, proven, published
from tests.sessions import reauthenticated

__all__ = ["channel", "draft", "nominated", "on_mastodon", "proven", "published"]
pytestmark = pytest.mark.django_db

SPECIAL, NEW = "/desk/custserv/special/", "/c/new/"
COMMENTS = "/c/custserv/editions/1/comments/"


def key_in(page):
    return re.search(r'name="once" value="([^"]+)"', page.content.decode())[1]


def handle_in(page):
    return re.search(r'name="handle" value="(\d+)"', page.content.decode())[1]


def twice(client, address, data, *, shown_at=None):
    """Show the form once and send it twice; where each led."""
    key = key_in(client.get(shown_at or address))
    return [client.post(address, data | {"once": key}) for _ in range(2)]


def test_a_special_edition_is_made_once(client, ada, published):
    client.force_login(ada)
    with time_machine.travel(FRIDAY, tick=False):
        first, second = twice(client, SPECIAL, {"title": "The whole crew", "whole_crew": "on"})

    special = Edition.objects.get(special=True)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first.url == second.url == f"/desk/custserv/{special.week}/"


@pytest.mark.parametrize("rules", [{"review": False}, {"unreviewed": "publish"}])
def test_a_special_edition_waits_for_its_curator_also_where_nobody_reviews(client, ada, published, rules):
    Community.objects.update(**rules)
    client.force_login(ada)
    with time_machine.travel(FRIDAY, tick=False):
        twice(client, SPECIAL, {"title": "The whole crew", "whole_crew": "on"})
        tasks.sweep(at=FRIDAY, run=tasks.at_once)

    assert Edition.objects.get(special=True).state == "ready"
    assert not Letter.objects.filter(edition__special=True).exists()
    assert mail.outbox == []


def test_a_community_is_founded_once_and_both_presses_lead_to_it(client, grace, db):
    client.force_login(grace)
    first, second = twice(client, NEW, {"name": "Poets", "slug": "poets", "hashtag": "poets"})

    assert first.url == second.url == "/desk/poets/begin/"
    assert Community.objects.filter(slug__startswith="poets").count() == 1


def test_a_comment_is_made_once_and_so_is_an_answer(client, grace, published):
    client.force_login(grace)
    with time_machine.travel(FRIDAY, tick=False):
        first, second = twice(client, COMMENTS, {"text": "Well chosen!"})
        said = Comment.objects.get()
        answers = twice(client, COMMENTS, {"text": "I agree with myself.", "answer_to": said.pk})

    assert first.url == second.url
    assert answers[0].url == answers[1].url
    assert Comment.objects.count() == 2


def test_a_comment_sent_again_after_it_was_taken_back_says_so(client, grace, published):
    client.force_login(grace)
    with time_machine.travel(FRIDAY, tick=False):
        key = key_in(client.get(COMMENTS))
        client.post(COMMENTS, {"text": "Well chosen!", "once": key})
        Comment.objects.all().delete()
        again = client.post(COMMENTS, {"text": "Well chosen!", "once": key})

    assert again.status_code == 422
    assert "You sent this before, and took it back since." in again.content.decode()
    assert "Well chosen!" in again.content.decode()


def test_two_forms_make_two_things(client, grace, published):
    client.force_login(grace)
    with time_machine.travel(FRIDAY, tick=False):
        for _ in range(2):
            client.post(COMMENTS, {"text": "Well chosen!", "once": key_in(client.get(COMMENTS))})

    assert Comment.objects.count() == 2


def test_what_was_refused_may_be_tried_again_with_the_same_form(client, grace, published):
    client.force_login(grace)
    with time_machine.travel(FRIDAY, tick=False):
        key = key_in(client.get(COMMENTS))
        refused = client.post(COMMENTS, {"text": "", "once": key})
        done = client.post(COMMENTS, {"text": "Well chosen!", "once": key})

    assert (refused.status_code, done.status_code) == (422, 302)


def test_a_key_is_of_one_person_and_one_kind_of_thing(client, grace, alan, published):
    with time_machine.travel(FRIDAY, tick=False):
        for user in (grace, alan):
            client.force_login(user)
            client.post(COMMENTS, {"text": f"{user} says so.", "once": "the same key"})

    assert set(Comment.objects.values_list("author", flat=True)) == {grace.pk, alan.pk}


def test_an_invitation_is_made_once(client, ada, community):
    client.force_login(ada)
    with time_machine.travel(MONDAY, tick=False):
        twice(client, "/desk/custserv/members/invite/", {"uses": "3"}, shown_at="/desk/custserv/members/")

    assert Invitation.objects.count() == 1


def test_old_keys_go(grace):
    OnceKey.objects.only_once("first", by=grace.pk, make=lambda: Invitation(pk=1), of=Invitation)
    OnceKey.objects.update(at=MONDAY)

    OnceKey.objects.only_once("second", by=grace.pk, make=lambda: Invitation(pk=2), of=Invitation)

    assert list(OnceKey.objects.values_list("made", flat=True)) == [2]


def test_a_form_that_is_sent_again_after_something_else_does_its_work_again(client, proven, nominated, grace):
    """She declines, accepts, goes back to the old page and declines: that is her word."""
    nominated("rosa", by=grace)
    client.force_login(proven("rosa"))
    page = client.get("/me/said/")
    no, yes = ({"handle": handle_in(page), "once": key} for key in ("one form", "another form"))

    for deed, sent in (("decline", no), ("accept", yes), ("decline", no)):
        client.post(f"/me/said/{deed}/", sent)

    assert Profile.objects.get(name="rosa").word == "declined"


def test_a_token_asked_for_twice_with_a_question_in_between_is_one(client, grace):
    """What was kept while they were asked who they are is the same press as what is sent again afterwards."""
    client.force_login(grace)
    sent = {"name": "my script", "scopes": ["read"], "days": "30", "once": "the form"}
    client.post("/me/tokens/", sent)
    reauthenticated(client, grace)
    first = client.post("/me/tokens/", sent)
    ApiToken.objects.all().delete()
    second = client.post("/me/tokens/", sent)

    assert (first.status_code, second.status_code) == (200, 200)
    assert ApiToken.objects.count() == 1
