"""A community changes hands; it has one owner at all times."""

from datetime import timedelta

import pytest

from recommendations.actions import Refused
from recommendations.actions.hand_over import hand_over
from recommendations.actions.invite import invite
from recommendations.actions.join import ban, found, give_role, leave
from recommendations.models import Invitation, Membership, Moderation, Notification
from recommendations.models.state import Overtaken
from tests.conftest import MONDAY

pytestmark = pytest.mark.django_db

Role = Membership.Role


@pytest.fixture
def hers(community, grace):
    return community.memberships.select_related("community", "user").get(user=grace)


def owners(community):
    return [each.user.username for each in community.memberships.filter(role=Role.OWNER).select_related("user")]


def test_it_is_handed_over_and_whoever_had_it_curates(community, curator, hers):
    hand_over(to=hers, by=curator, at=MONDAY)

    assert owners(community) == ["grace"]
    assert (hers.is_owner, curator.role) == (True, Role.CURATOR)
    decision = Moderation.objects.get()
    assert (decision.kind, decision.role, decision.reason, decision.affected) == ("role", "owner", "owner", hers.user)
    news = Notification.objects.get(user=hers.user)
    assert news.sentence == "Ada has handed Customer Service over to you: you own it now."
    assert news.link == "/desk/custserv/"


def test_links_that_make_curators_end_and_members_links_stay(community, curator, hers):
    invite(by=curator, role=Role.CURATOR)
    stays = invite(by=curator)

    hand_over(to=hers, by=curator, at=MONDAY)

    assert list(Invitation.objects.filter(uses_left__gt=0)) == [stays]


def test_whoever_gave_it_away_gives_it_away_no_more(community, curator, hers, alan):
    stale = Membership.objects.select_related("community", "user").get(pk=curator.pk)
    hand_over(to=hers, by=curator, at=MONDAY)

    with pytest.raises(Refused, match="Only the owner"):
        hand_over(to=community.memberships.get(user=alan), by=stale, at=MONDAY)

    assert owners(community) == ["grace"]


def test_a_curator_hands_nothing_over(community, curator, hers, alan):
    give_role(membership=hers, role=Role.CURATOR, by=curator)

    for to in (hers, community.memberships.get(user=alan)):
        with pytest.raises(Refused, match="Only the owner"):
            hand_over(to=to, by=hers, at=MONDAY)

    assert owners(community) == ["ada"]


def test_it_goes_to_nobody_who_is_not_there(community, curator, hers, alan, person):
    elsewhere = found(by=person("Barbara"), at=MONDAY, name="Gardeners", slug="gardeners", hashtag="gardening")
    his = community.memberships.get(user=alan)
    leave(membership=hers)
    ban(membership=his, by=curator, reason="Unkind, twice.")

    for to in (hers, his, elsewhere.memberships.get()):
        with pytest.raises(Refused, match="not a member"):
            hand_over(to=to, by=curator, at=MONDAY)
    with pytest.raises(Refused, match="yours already"):
        hand_over(to=curator, by=curator, at=MONDAY)

    assert owners(community) == ["ada"]
    assert owners(elsewhere) == ["barbara"]


def test_it_goes_to_nobody_who_may_only_read_or_cannot_sign_in(community, curator, hers, alan):
    hers.suspended_until = MONDAY + timedelta(days=1)
    hers.save()
    alan.is_active = False
    alan.save()

    with pytest.raises(Refused, match="suspended"):
        hand_over(to=hers, by=curator, at=MONDAY)
    with pytest.raises(Refused, match="not a member"):
        hand_over(to=community.memberships.get(user=alan), by=curator, at=MONDAY)

    hand_over(to=hers, by=curator, at=MONDAY + timedelta(days=2))
    assert owners(community) == ["grace"]


def test_roles_are_given_without_ownership(community, curator, hers):
    with pytest.raises(Refused, match="page of its own"):
        give_role(membership=hers, role=Role.OWNER, by=curator)

    assert owners(community) == ["ada"]


def test_whoever_owns_it_since_a_moment_ago_neither_leaves_nor_is_sent_away_nor_made_a_member(community, curator, hers):
    stale = community.memberships.select_related("community", "user").get(pk=hers.pk)
    giver = community.memberships.select_related("community", "user").get(pk=curator.pk)
    hand_over(to=hers, by=curator, at=MONDAY)

    with pytest.raises(Refused, match="just been handed to you"):
        leave(membership=stale)
    with pytest.raises(Overtaken):
        ban(membership=stale, by=giver, reason="A quarrel.")
    with pytest.raises(Refused, match="They own it now"):
        give_role(membership=stale, role=Role.CURATOR, by=giver)

    assert community.memberships.get(role=Role.OWNER).is_active
