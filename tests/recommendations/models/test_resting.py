"""Who was featured rests, and is told until when."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import LinkedHandle
from recommendations.actions import Refused
from recommendations.actions.compile import compile_edition
from recommendations.actions.count import count
from recommendations.actions.nominate import nominate
from recommendations.actions.publish import publish
from recommendations.actions.special import make_special
from recommendations.handles import Handle, Network
from recommendations.models import Community, Edition, Nomination, Profile
from recommendations.models.resting import rest_length, resting, resting_until

pytestmark = pytest.mark.django_db

REASON = "She answers every question, and she is kind about it."
ROSA = Handle(Network.MASTODON, "rosa", "social.example")


@pytest.fixture
def featured(community, edition, grace, fake_networks):
    """Rosa stood in the first edition; its successor is open. Returns the second edition."""
    Community.objects.filter(pk=community.pk).update(rest_weeks=2)
    community.refresh_from_db()
    edition.community = community
    fake_networks[Network.MASTODON].add_person(ROSA, uri="https://social.example/users/rosa", name="Rosa")
    nominate(by=grace, edition=edition, handle=ROSA, reason=REASON, at=edition.opens_at)
    compile_edition(edition=edition, at=edition.closes_at)
    publish(edition=edition, at=edition.publishes_at)
    return community.editions.select_related("community").get(state="open")


def test_nominating_somebody_who_rests_is_refused_with_the_date_they_may_return(featured, grace):
    with pytest.raises(Refused, match="rest until 21 November 2026"):
        nominate(by=grace, edition=featured, handle=ROSA, reason=REASON, at=featured.opens_at)

    assert resting_until(Profile.objects.get(), featured) == datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def two_handles(person, fake_networks):
    """Rosa, who has proven two handles of hers."""
    rosa = person("Rosa")
    for name in ("rosa", "rosa2"):
        uri = f"https://social.example/users/{name}"
        LinkedHandle.objects.create(
            user=rosa, network="mastodon", name=name, host="social.example", uri=uri, proven_at=datetime.now(UTC)
        )
    second = Handle(Network.MASTODON, "rosa2", "social.example")
    fake_networks[Network.MASTODON].add_person(second, uri="https://social.example/users/rosa2", name="Rosa too")
    return second


def test_who_rests_does_by_each_handle_they_have_proven(featured, grace, two_handles):
    with pytest.raises(Refused, match="rest until 21 November 2026"):
        nominate(by=grace, edition=featured, handle=two_handles, reason=REASON, at=featured.opens_at)


def test_who_rests_and_proves_another_handle_later_is_not_listed_by_it(featured, grace, two_handles):
    later = LinkedHandle.objects.get(name="rosa2")
    LinkedHandle.objects.filter(pk=later.pk).update(proven_at=None)
    nominate(by=grace, edition=featured, handle=two_handles, reason=REASON, at=featured.opens_at)
    assert len(count(featured).ranking.entries) == 1

    LinkedHandle.objects.filter(pk=later.pk).update(proven_at=datetime.now(UTC))

    assert count(featured).ranking.entries == ()


def test_after_that_many_editions_they_may_return(featured, community, grace):
    for _ in range(2):
        edition = community.editions.select_related("community").get(state="open")
        somebody = Profile.objects.create(
            network="x", name=f"p{edition.pk}", uri=f"x:{edition.pk}", signal="automatic", checked=True
        )
        Nomination.objects.create(edition=edition, profile=somebody, nominator=grace, reason=REASON).votes.create(
            voter=grace
        )
        compile_edition(edition=edition, at=edition.closes_at)
        publish(edition=edition, at=edition.publishes_at)
    edition = community.editions.select_related("community").get(state="open")

    outcome = nominate(by=grace, edition=edition, handle=ROSA, reason=REASON, at=edition.opens_at)

    assert edition.opens_at == datetime(2026, 11, 21, tzinfo=UTC)
    assert outcome.nomination.profile.name == "rosa"


def test_special_editions_rest_nobody(featured, community, curator):
    emma = Profile.objects.create(network="x", name="emma", uri="x:emma", signal="automatic", checked=True)
    special = make_special(by=curator, people=[(emma, "For once, only Emma.")], title="Emma", at=featured.opens_at)
    publish(edition=special, by=curator, at=featured.opens_at)

    assert emma.pk not in resting(featured)


@pytest.mark.parametrize(("people", "size", "length"), [(5, 10, 0), (20, 10, 1), (60, 10, 5), (200, 10, 8)])
def test_without_the_communitys_own_choice_the_pool_decides(community, edition, grace, people, size, length):
    profiles = Profile.objects.bulk_create(
        Profile(network="x", name=f"p{n}", uri=f"x:{n}", signal="automatic") for n in range(people)
    )
    Profile.objects.create(network="x", name="no", uri="x:no", signal="unknown")
    Nomination.objects.bulk_create(
        Nomination(edition=edition, profile=profile, nominator=grace, reason=REASON) for profile in profiles
    )
    community.list_size = size

    assert rest_length(community, edition.closes_at) == length
    assert rest_length(community, edition.closes_at + timedelta(weeks=27)) == 0


def test_where_nobody_rests_nobody_is_resting(community, edition):
    Community.objects.filter(pk=community.pk).update(rest_weeks=0)

    assert resting(Edition.objects.select_related("community").get(pk=edition.pk)) == {}
