"""How a community begins, is set, changes hands, ends: through its doors."""

import re

import pytest
import time_machine
from django.test import Client

from recommendations.actions import Refused
from recommendations.actions.archive import archive
from recommendations.actions.invite import ask_to_curate, invite
from recommendations.actions.join import give_role, join
from recommendations.community_forms import CommunitySettingsForm
from recommendations.models import Community, Gathering, Invitation, Membership
from tests.conftest import MONDAY
from tests.sessions import reauthenticated

pytestmark = pytest.mark.django_db

DESK = "/desk/custserv/"
HTMX = {"HX-Request": "true"}
ODD = ["", "\x00", "²", "-1", "9" * 5000, "nobody", "<" * 1000, "x" * 1_000_000]


@pytest.fixture(autouse=True)
def _on_monday():
    """The board is open."""
    with time_machine.travel(MONDAY, tick=False):
        yield


def browser(user):
    client = Client()
    client.force_login(user)
    reauthenticated(client, user)
    return client


@pytest.fixture
def desk(ada, community):
    """Ada, the owner."""
    return browser(ada)


@pytest.fixture
def hers(grace, community, curator):
    """Grace, a curator."""
    give_role(membership=community.memberships.get(user=grace), role="curator", by=curator)
    return browser(grace)


@pytest.fixture
def ended(community, curator):
    """It has ended."""
    archive(by=curator, with_members=True)
    return community


# --- How it begins


def test_a_name_is_enough_and_the_rest_is_made_of_it_and_of_who_founds_it(person):
    barbara = person("Barbara", time_zone="Europe/Berlin", language="de")

    answer = browser(barbara).post("/c/new/", {"name": "Night shift"})

    assert answer["Location"] == "/desk/night-shift/begin/"
    made = Community.objects.get(slug="night-shift")
    assert (made.hashtag, made.time_zone, made.language) == ("NightShift", "Europe/Berlin", "de")


def test_what_was_typed_goes_before_what_is_proposed(person):
    browser(person("Barbara")).post("/c/new/", {"name": "Night shift", "slug": "owls", "hashtag": "#owls"})

    assert Community.objects.get(slug="owls").hashtag == "owls"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": ""}, "required"),
        ({"name": "庭の写真"}, "letters from a to z"),
        ({"name": "2026"}, "at least one letter"),
        ({"name": "Night", "slug": "custserv"}, "already a community"),
        ({"name": "Night", "slug": "new"}, "taken by the site"),
        ({"name": "Night", "slug": "nicht möglich"}, "valid"),
        ({"name": "Night", "hashtag": "two words"}, "valid"),
        ({"name": "x" * 1_000_000}, "80"),
        ({"name": "\x00"}, "Null"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(desk, typed, words):
    answer = desk.post("/c/new/", typed)

    assert answer.status_code == 422
    assert words in answer.text
    assert Community.objects.count() == 1


def test_htmx_gets_what_is_proposed_for_a_name_and_what_one_typed_stays(desk):
    proposed = desk.get("/c/new/", {"name": "Custserv"}, headers=HTMX).text
    kept = desk.get("/c/new/", {"name": "Night", "slug": "owls", "proposed_slug": "nig", "hashtag": "Nig",
                                "proposed_hashtag": "Nig"}, headers=HTMX).text  # fmt: skip

    assert re.findall(r'name="(\w+)" value="([^"]*)"', proposed) == [
        ("slug", "custserv-2"),
        ("hashtag", "Custserv"),
        ("proposed_slug", "custserv-2"),
        ("proposed_hashtag", "Custserv"),
    ]
    assert 'name="slug" value="owls"' in kept
    assert 'name="hashtag" value="Night"' in kept


@pytest.mark.parametrize("odd", ODD)
def test_a_name_may_be_anything_at_all(desk, odd):
    asked = {"name": odd[:3000], "slug": odd[:3000], "proposed_slug": "x"}

    assert desk.get("/c/new/", asked, headers=HTMX).status_code == 200


def test_the_first_steps_are_taken_at_the_desk_and_put_away(desk, community):
    page = desk.get(f"{DESK}begin/").text
    assert "0 of 5 done" not in page, "two people have joined already"
    assert "1 of 5 done" in page
    assert "The board opens on Saturday at 00:00 and closes on Thursday at 18:00" in page

    for step in ("values", "week", "channel"):
        assert desk.post(f"{DESK}begin/", {"step": step})["Location"] == f"{DESK}begin/"
    assert "4 of 5 done" in desk.get(DESK).text
    desk.post(f"{DESK}begin/", {"put_away": ""})

    assert "of 5 done" not in desk.get(DESK).text
    community.refresh_from_db()
    assert community.values


@pytest.mark.parametrize("odd", [*ODD, "nominate"])
def test_a_step_may_be_anything_at_all(desk, odd):
    answer = desk.post(f"{DESK}begin/", {"step": odd}, follow=True)

    assert answer.status_code == 200
    assert "That cannot be done for you." in answer.text


# --- How it is set


def test_every_field_says_what_it_does_when_it_is_left_alone():
    form = CommunitySettingsForm()
    by_themselves = {"name", "opens_weekday", "opens_time", "closes_weekday", "closes_time", "publishes_weekday",
                     "publishes_time"}  # fmt: skip

    assert {name for name, field in form.fields.items() if not field.help_text} == by_themselves


def test_a_form_that_is_none_changes_nothing(desk, community):
    for which in ODD:
        assert desk.post(f"{DESK}settings/", {"form": which, "name": "Other"}).status_code == 422

    community.refresh_from_db()
    assert community.name == "Customer Service"


def test_what_has_ended_is_not_set_any_more(desk, ended):
    page = desk.get(f"{DESK}settings/").text
    answer = desk.post(f"{DESK}settings/", {"form": "gathering", "weekday": "1", "time": "19:00", "minutes": "60"})

    assert "This community ended on 2 November 2026." in page
    assert 'name="list_size"' not in page
    assert answer.status_code == 409
    assert not Gathering.objects.exists()


# --- Who curates it, and whose it is


def test_the_owner_asks_somebody_who_says_yes_and_is_at_the_desk(desk, community, grace):
    assert desk.post(f"{DESK}members/curators/", {"name": "grace"})["Location"] == f"{DESK}members/"
    assert "<bdi>Grace</bdi> is asked to curate" in desk.get(f"{DESK}members/").text
    link = f"/c/custserv/join/{Invitation.objects.get().code}/"

    asked = browser(grace).get(link).text
    assert "You are asked to curate it" in asked
    assert "Join as a curator" in asked
    assert browser(grace).post(link, {"agreed": "on"})["Location"] == DESK

    assert community.memberships.get(user=grace).is_curator


def test_what_is_for_somebody_else_asks_nobody_else(curator, community, grace, alan):
    link = f"/c/custserv/join/{ask_to_curate(by=curator, name='grace').code}/"

    assert "You are asked to curate it" not in browser(alan).get(link).text
    assert "You are asked to curate it" not in Client().get(link).text
    browser(alan).post(link, {"agreed": "on"})
    assert not community.memberships.get(user=alan).is_curator


@pytest.mark.parametrize("odd", ODD)
def test_whoever_is_asked_may_be_anything_at_all(desk, odd):
    answer = desk.post(f"{DESK}members/curators/", {"name": odd})

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert not Invitation.objects.exists()


def test_a_link_for_a_curator_is_shown_to_the_owner_alone(desk, hers, curator):
    code = invite(by=curator, role="curator").code

    assert code in desk.get(f"{DESK}members/").text
    assert code not in hers.get(f"{DESK}members/").text
    assert "Make a link for a curator" not in hers.get(f"{DESK}members/").text


def test_curators_invite_members_and_no_curators(hers):
    hers.post(f"{DESK}members/invite/", {"uses": "9" * 18})
    refused = hers.post(f"{DESK}members/invite/", {"role": "curator"}, follow=True).text
    named = hers.post(f"{DESK}members/curators/", {"name": "alan"})

    assert Invitation.objects.get().uses_left == 500
    assert "Only the owner invites curators." in refused
    assert named.status_code == 422


def test_an_owner_makes_a_link_for_a_curator_and_takes_it_back(desk, hers):
    made = desk.post(f"{DESK}members/invite/", {"role": "curator"}, follow=True).text
    invitation = Invitation.objects.get()
    assert invitation.code in made
    address = f"{DESK}members/invitations/{invitation.pk}/"

    assert "Only the owner" in hers.post(address, follow=True).text
    assert "Nobody comes in by it any more." in desk.post(address, follow=True).text
    assert desk.post(f"{DESK}members/invitations/999/").status_code == 404
    invitation.refresh_from_db()
    assert invitation.uses_left == 0


def test_roles_are_given_on_the_members_page_and_ownership_is_not(desk, community, grace):
    hers = community.memberships.get(user=grace)

    for deed in ("owner", "emperor", ""):
        desk.post(f"{DESK}members/{hers.pk}/", {"deed": deed})

    hers.refresh_from_db()
    assert hers.role == Membership.Role.MEMBER
    assert f'href="{DESK}settings/hand-over/?to={hers.pk}"' in desk.get(f"{DESK}members/").text


def test_a_community_is_handed_over_when_that_is_meant(desk, community, grace, ada):
    hers = community.memberships.get(user=grace)
    page = desk.get(f"{DESK}settings/hand-over/?to={hers.pk}").text
    assert f'<option value="{hers.pk}" selected>Grace</option>' in page

    unsure = desk.post(f"{DESK}settings/hand-over/", {"to": hers.pk})
    assert unsure.status_code == 422
    assert f'<option value="{hers.pk}" selected>' in unsure.text
    assert community.memberships.get(user=ada).is_owner
    done = desk.post(f"{DESK}settings/hand-over/", {"to": hers.pk, "sure": "on"}, follow=True).text

    assert "Grace owns it now." in done
    assert community.memberships.get(user=grace).is_owner
    assert "Only the owner hands a community over." in desk.get(f"{DESK}settings/hand-over/").text


def test_it_is_handed_to_nobody_who_is_not_on_the_list(desk, community, ada, grace, alan):
    mine = community.memberships.get(user=ada)
    gone = community.memberships.get(user=alan)
    gone.move("left")

    for to in (mine.pk, gone.pk, *ODD):
        assert desk.post(f"{DESK}settings/hand-over/", {"to": to, "sure": "on"}).status_code == 422
        assert desk.get(f"{DESK}settings/hand-over/", {"to": str(to)[:2000]}).status_code == 200

    assert community.memberships.get(user=ada).is_owner


def test_a_curator_hands_nothing_over_and_ends_nothing(hers, community, alan):
    his = community.memberships.get(user=alan)

    refused = [
        hers.post(f"{DESK}settings/hand-over/", {"to": his.pk, "sure": "on"}),
        hers.post(f"{DESK}settings/end/", {"sure": "on"}),
    ]

    assert [each.status_code for each in refused] == [422, 422]
    assert "Only the owner can end a community." in hers.get(f"{DESK}settings/end/").text
    assert "Hand the community over" not in hers.get(f"{DESK}settings/").text
    community.refresh_from_db()
    assert community.archived_at is None


# --- How it ends


def test_it_is_ended_when_that_is_meant_and_brought_back(desk, community):
    assert "2 other members go on to belong to it." in " ".join(desk.get(f"{DESK}settings/end/").text.split())
    assert desk.post(f"{DESK}settings/end/").status_code == 422
    community.refresh_from_db()
    assert community.archived_at is None

    assert "has ended. Its pages stay." in desk.post(f"{DESK}settings/end/", {"sure": "on"}, follow=True).text
    community.refresh_from_db()
    assert community.archived_at == MONDAY
    assert "goes on: its next week is open." in desk.post(f"{DESK}settings/bring-back/", follow=True).text
    community.refresh_from_db()
    assert community.archived_at is None


def test_what_has_ended_says_so_on_its_desk_and_lets_nobody_in(desk, hers, ended, curator, person):
    for part in ("", "members/", "channels/", "settings/"):
        assert "This community ended on" in desk.get(f"{DESK}{part}").text
    assert "Bring it back" not in hers.get(DESK).text
    assert "Only the owner" in hers.post(f"{DESK}settings/bring-back/", follow=True).text
    assert "has ended" in desk.post(f"{DESK}members/invite/", {"uses": "1"}, follow=True).text
    with pytest.raises(Refused, match="has ended"):
        join(community=Community.objects.get(pk=ended.pk), user=person("Edsger"), agreed=True)


def test_both_stand_in_the_public_log(desk, ended):
    desk.post(f"{DESK}settings/bring-back/")

    page = Client().get("/c/custserv/log/").text
    assert "Ended the community" in page
    assert "Brought the community back" in page


def test_settings_and_the_gathering_are_kept(desk, community):
    form = CommunitySettingsForm(instance=community)
    kept = {name: form[name].value() for name in form.fields} | {"name": "Customer Service Chat", "hashtag": "#chat"}
    kept = {name: "" if value in (None, False) else str(value) for name, value in kept.items()}

    assert desk.post(f"{DESK}settings/", {"form": "community", **kept})["Location"] == f"{DESK}settings/"
    meeting = {"form": "gathering", "weekday": "1", "time": "19:00", "minutes": "60", "link": "meet.example/ff"}
    assert desk.post(f"{DESK}settings/", meeting)["Location"] == f"{DESK}settings/"
    broken = desk.post(f"{DESK}settings/", {"form": "community", **kept, "closes_weekday": "0"})

    community.refresh_from_db()
    assert (community.name, community.hashtag) == ("Customer Service Chat", "chat")
    assert community.gathering.link == "https://meet.example/ff"
    assert broken.status_code == 422
    assert "at most three days before" in broken.text


def test_people_are_let_in_given_roles_and_sent_away(desk, community, person, grace, alan):
    waiting = community.memberships.create(user=person("Edsger"), state="pending")
    hers, his = community.memberships.get(user=grace), community.memberships.get(user=alan)

    for membership, sent in (
        (waiting, {"deed": "admit"}),
        (hers, {"deed": "curator"}),
        (his, {"deed": "ban", "reason": "Unkind, twice."}),
    ):
        assert "Done." in desk.post(f"{DESK}members/{membership.pk}/", sent, follow=True).text
        membership.refresh_from_db()
    again = desk.post(f"{DESK}members/{his.pk}/", {"deed": "ban", "reason": "Once more."}, follow=True).text

    assert (waiting.state, hers.role, his.state) == ("active", "curator", "banned")
    assert "That is no longer possible." in again


def test_whoever_asks_to_join_waits_and_strangers_sign_in_first(community, person):
    Community.objects.update(joining="approval")

    asked = browser(person("Edsger")).post("/c/custserv/join/", {"agreed": "on"}, follow=True).text

    assert "A curator will answer." in " ".join(asked.split())
    assert Client().post("/c/custserv/join/", {"agreed": "on"})["Location"] == "/accounts/login/"


def test_the_owner_does_not_leave_and_members_do(desk, community, grace):
    assert "hand it over to somebody first" in desk.post("/c/custserv/leave/", follow=True).text
    assert "You have left" in browser(grace).post("/c/custserv/leave/", follow=True).text

    assert community.memberships.get(user=grace).state == "left"
