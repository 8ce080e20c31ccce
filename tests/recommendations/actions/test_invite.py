"""Links that let people in, and asking one person to curate."""

import pytest

from accounts.models import LinkedHandle
from recommendations.actions import Refused
from recommendations.actions.archive import archive
from recommendations.actions.invite import ask_to_curate, invite, take_back
from recommendations.actions.join import ban, give_role, join
from recommendations.models import Community, Membership, Moderation, Notification
from tests.conftest import FRIDAY, MONDAY

pytestmark = pytest.mark.django_db

Role, State = Membership.Role, Membership.State
HOSTILE = ["", "   ", "\x00", "\ud800", "@", "@@@", "x" * 1_000_000, "🦊" * 1000, "'; DROP TABLE x; --", "nobody@"]


@pytest.fixture
def edsger(person):
    return person("Edsger")


def membership(community, user):
    return community.memberships.select_related("community", "user").get(user=user)


def test_a_link_for_a_curator_makes_whoever_joins_by_it_one_and_it_is_logged_as_the_owners_deed(
    community, curator, edsger
):
    link = invite(by=curator, role=Role.CURATOR)

    joined = join(community=community, user=edsger, agreed=True, code=link.code, at=MONDAY)

    assert membership(community, edsger).is_curator
    assert joined.is_curator
    decision = Moderation.objects.get()
    assert (decision.kind, decision.by, decision.role, decision.reason) == ("role", curator.user, "owner", "curator")
    link.refresh_from_db()
    assert link.uses_left == 0


def test_a_member_accepts_such_a_link_too_and_keeps_their_stay(community, curator, grace):
    before = membership(community, grace).joined_at
    link = invite(by=curator, role=Role.CURATOR)

    join(community=community, user=grace, agreed=True, code=link.code, at=FRIDAY)

    now = membership(community, grace)
    assert (now.role, now.joined_at) == (Role.CURATOR, before)


def test_a_members_link_uses_nothing_up_of_who_belongs_to_it_already(community, curator, grace):
    link = invite(by=curator, uses=1)

    join(community=community, user=grace, agreed=True, code=link.code)

    link.refresh_from_db()
    assert link.uses_left == 1
    assert membership(community, grace).role == Role.MEMBER


def test_an_owner_who_opens_their_own_link_stays_the_owner(community, curator, ada):
    link = invite(by=curator, role=Role.CURATOR)

    join(community=community, user=ada, agreed=True, code=link.code)

    assert membership(community, ada).is_owner
    link.refresh_from_db()
    assert link.uses_left == 1


def test_it_lets_in_where_a_curator_approves_everybody_else(community, curator, edsger):
    Community.objects.filter(pk=community.pk).update(joining=Community.Joining.APPROVAL)
    community.refresh_from_db()
    join(community=community, user=edsger, agreed=True)

    join(community=community, user=edsger, agreed=True, code=invite(by=curator, role=Role.CURATOR).code)

    assert membership(community, edsger).is_curator


def test_somebody_is_asked_by_name_hears_of_it_and_says_yes(community, curator, grace):
    asked = ask_to_curate(by=curator, name="@Grace", at=MONDAY)

    news = Notification.objects.get(user=grace)
    assert news.sentence == "Ada asks you to curate Customer Service with them."
    assert news.link == f"/c/custserv/join/{asked.code}/"
    assert membership(community, grace).role == Role.MEMBER, "nobody is made one without saying yes"
    join(community=community, user=grace, agreed=True, code=asked.code)
    assert membership(community, grace).is_curator


def test_somebody_is_asked_by_a_handle_they_have_proven_and_by_no_other(community, curator, grace):
    theirs = LinkedHandle.objects.create(user=grace, network="mastodon", name="grace", host="navy.example")

    with pytest.raises(Refused, match="Nobody here"):
        ask_to_curate(by=curator, name="@grace@navy.example")
    theirs.proven_at = MONDAY
    theirs.save()

    assert ask_to_curate(by=curator, name="@grace@navy.example").invited == grace


def test_asking_twice_is_asking_once(community, curator, grace):
    first = ask_to_curate(by=curator, name="grace")

    assert ask_to_curate(by=curator, name="grace") == first
    assert Notification.objects.filter(user=grace).count() == 1


def test_what_is_for_one_person_lets_nobody_else_in(community, curator, grace, edsger):
    asked = ask_to_curate(by=curator, name="grace")

    with pytest.raises(Refused, match="used, or taken back"):
        join(community=community, user=edsger, agreed=True, code=asked.code)

    assert not community.memberships.filter(user=edsger).exists()


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_is_typed_is_answered_with_a_sentence(community, curator, name):
    with pytest.raises(Refused) as refusal:
        ask_to_curate(by=curator, name=name)

    assert refusal.value.field == "name"


def test_who_curates_already_was_sent_away_or_is_gone_is_not_asked(community, curator, grace, alan, edsger):
    give_role(membership=membership(community, grace), role=Role.CURATOR, by=curator)
    ban(membership=membership(community, alan), by=curator, reason="Unkind, twice.")
    edsger.is_active = False
    edsger.save()

    for name, why in (("grace", "already"), ("alan", "sent away"), ("edsger", "Nobody here")):
        with pytest.raises(Refused, match=why):
            ask_to_curate(by=curator, name=name)


def test_who_was_sent_away_comes_in_by_no_link(community, curator, grace):
    link = invite(by=curator, role=Role.CURATOR)
    ban(membership=membership(community, grace), by=curator, reason="Unkind, twice.")

    with pytest.raises(Refused, match="cannot join"):
        join(community=community, user=grace, agreed=True, code=link.code)


def test_only_the_owner_invites_curators_and_takes_that_back(community, curator, grace):
    give_role(membership=membership(community, grace), role=Role.CURATOR, by=curator)
    hers, link = membership(community, grace), invite(by=curator, role=Role.CURATOR)

    for deed in (
        lambda: invite(by=hers, role=Role.CURATOR),
        lambda: ask_to_curate(by=hers, name="alan"),
        lambda: take_back(invitation=link, by=hers),
    ):
        with pytest.raises(Refused, match="Only the owner"):
            deed()
    with pytest.raises(Refused, match="handed over"):
        invite(by=curator, role=Role.OWNER)


def test_what_was_taken_back_lets_nobody_in(community, curator, edsger):
    link = invite(by=curator, uses=5)

    take_back(invitation=link, by=curator)
    take_back(invitation=link, by=curator)

    with pytest.raises(Refused, match="taken back"):
        join(community=community, user=edsger, agreed=True, code=link.code)


def test_members_invite_nobody_and_take_nothing_back(community, curator, grace):
    link, member = invite(by=curator), membership(community, grace)

    for deed in (lambda: invite(by=member), lambda: take_back(invitation=link, by=member)):
        with pytest.raises(Refused, match="Only curators"):
            deed()


def test_nobody_is_invited_to_what_has_ended(community, curator):
    archive(by=curator, with_members=True)
    curator.community.refresh_from_db()

    with pytest.raises(Refused, match="has ended"):
        invite(by=curator)
