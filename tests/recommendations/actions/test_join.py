"""Found a community, join, leave, be admitted, banned, given a role."""

from datetime import time

import pytest
from django.contrib.auth.models import AnonymousUser

from recommendations.actions import Refused
from recommendations.actions.hand_over import hand_over
from recommendations.actions.invite import invite
from recommendations.actions.join import admit, ban, found, give_role, join, leave
from recommendations.models import Community, Membership, Moderation
from tests.conftest import FRIDAY, MONDAY, SATURDAY

pytestmark = pytest.mark.django_db

State, Role = Membership.State, Membership.Role


def test_the_founder_owns_the_community_and_its_first_week_is_there(ada):
    community = found(by=ada, at=MONDAY, name="Gardeners", slug="gardeners", hashtag="gardening")

    assert community.membership_of(ada).is_owner
    edition = community.editions.get()
    assert (edition.week, edition.state) == ("2026-W45", "open")
    assert edition.opens_at <= MONDAY < edition.closes_at


@pytest.mark.parametrize("slug", ["custserv", "new"])
def test_a_taken_address_is_refused_beside_its_field(community, ada, slug):
    with pytest.raises(Refused) as refusal:
        found(by=ada, name="Another", slug=slug, hashtag="another")

    assert refusal.value.field == "slug"
    assert Community.objects.count() == 1


def test_a_week_that_cannot_be_kept_is_refused(ada):
    with pytest.raises(Refused, match="six hours"):
        found(by=ada, name="Hasty", slug="hasty", hashtag="hasty",
              opens_weekday=3, opens_time=time(17), closes_weekday=3, closes_time=time(18))  # fmt: skip

    assert not Community.objects.exists()


def test_joining_needs_agreement_to_the_values_where_there_are_any(community, person):
    Community.objects.filter(pk=community.pk).update(values="Be kind.")
    community.refresh_from_db()
    newcomer = person("Edsger")

    with pytest.raises(Refused, match="values") as refusal:
        join(community=community, user=newcomer, agreed=False)
    membership = join(community=community, user=newcomer, agreed=True, at=MONDAY)

    assert refusal.value.field == "agreed"
    assert (membership.state, membership.agreed_at) == (State.ACTIVE, MONDAY)


def test_who_is_not_signed_in_cannot_join(community):
    with pytest.raises(Refused, match="Sign in"):
        join(community=community, user=AnonymousUser(), agreed=True)


def test_joining_twice_changes_nothing(community, grace):
    before = community.memberships.get(user=grace).joined_at

    join(community=community, user=grace, agreed=True, at=MONDAY)

    assert community.memberships.get(user=grace).joined_at == before


def test_coming_back_begins_a_new_stay(community, grace):
    leave(membership=community.memberships.get(user=grace))

    membership = join(community=community, user=grace, agreed=True, at=FRIDAY)

    assert (membership.is_active, membership.joined_at) == (True, FRIDAY)


def test_the_owner_hands_over_before_leaving(community, curator, grace):
    with pytest.raises(Refused, match="hand it over"):
        leave(membership=curator)

    hand_over(to=community.memberships.get(user=grace), by=curator)
    curator.refresh_from_db()
    leave(membership=curator)

    assert community.memberships.get(user=grace).is_owner
    assert curator.state == State.LEFT


def test_where_a_curator_approves_one_waits(community, curator, person):
    Community.objects.filter(pk=community.pk).update(joining=Community.Joining.APPROVAL)
    community.refresh_from_db()

    waiting = join(community=community, user=person("Edsger"), agreed=True, at=SATURDAY)
    admit(membership=waiting, by=curator, at=MONDAY)

    assert (waiting.state, waiting.joined_at) == (State.ACTIVE, MONDAY)
    assert Moderation.objects.get().kind == Moderation.Kind.ADMIT
    with pytest.raises(Refused, match="not waiting"):
        admit(membership=waiting, by=curator)


def test_an_invitation_lets_in_as_many_as_it_says(community, curator, person):
    Community.objects.filter(pk=community.pk).update(joining=Community.Joining.INVITATION)
    community.refresh_from_db()
    first, second = person("Edsger"), person("Barbara")
    invitation = invite(by=curator, uses=1)

    with pytest.raises(Refused, match="by invitation"):
        join(community=community, user=first, agreed=True)
    assert join(community=community, user=first, agreed=True, code=invitation.code).is_active
    with pytest.raises(Refused, match="has been used"):
        join(community=community, user=second, agreed=True, code=invitation.code)


def test_who_is_banned_does_not_come_back(community, curator, grace):
    membership = community.memberships.get(user=grace)
    ban(membership=membership, by=curator, reason="Unkind, twice, after a word about it.")

    with pytest.raises(Refused, match="cannot join"):
        join(community=community, user=grace, agreed=True)

    decision = Moderation.objects.get()
    assert (decision.kind, decision.role, decision.subject) == ("ban", "owner", "Grace")


def test_a_ban_needs_a_reason_and_cannot_hit_the_owner_or_between_curators(community, curator, grace, alan):
    members = {user: community.memberships.get(user=user) for user in (grace, alan)}
    for member in members.values():
        give_role(membership=member, role=Role.CURATOR, by=curator)

    with pytest.raises(Refused, match="Say why"):
        ban(membership=members[grace], by=curator, reason="  ")
    with pytest.raises(Refused, match="cannot ban one another"):
        ban(membership=members[grace], by=members[alan], reason="A quarrel.")
    with pytest.raises(Refused, match="cannot ban one another"):
        ban(membership=curator, by=members[alan], reason="A coup.")

    assert not Membership.objects.filter(state=State.BANNED).exists()


def test_only_the_owner_gives_roles_and_not_to_herself_or_strangers(community, curator, grace, alan):
    members = {user: community.memberships.get(user=user) for user in (grace, alan)}

    with pytest.raises(Refused, match="Only the owner"):
        give_role(membership=members[alan], role=Role.CURATOR, by=members[grace])
    with pytest.raises(Refused, match="You own this"):
        give_role(membership=curator, role=Role.MEMBER, by=curator)
    members[alan].move(State.LEFT)
    with pytest.raises(Refused, match="not a member"):
        give_role(membership=members[alan], role=Role.CURATOR, by=curator)


def test_members_do_not_curate(community, grace, person):
    member = community.memberships.get(user=grace)

    for deed in (
        lambda: invite(by=member),
        lambda: ban(membership=member, by=member, reason="Myself"),
        lambda: admit(membership=member, by=member),
    ):
        with pytest.raises(Refused, match="Only curators"):
            deed()
