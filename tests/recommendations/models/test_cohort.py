"""With whom somebody came in."""

from datetime import date, timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount

from accounts.ways_in import came_from
from recommendations.actions.join import admit, join, leave
from recommendations.models import Cohort, Community
from tests.conftest import MONDAY, SATURDAY

pytestmark = pytest.mark.django_db


def test_whoever_comes_from_one_domain_in_one_week_is_one_cohort():
    first = Cohort.objects.of("mail.example.co.uk", SATURDAY)

    assert (first.domain, first.week) == ("example.co.uk", date(2026, 10, 26))
    assert Cohort.objects.of("example.co.uk", SATURDAY + timedelta(hours=47)) == first
    assert Cohort.objects.of("example.co.uk", MONDAY) != first
    assert Cohort.objects.of("other.co.uk", SATURDAY) != first


def test_it_is_the_server_one_signs_in_by_before_the_mail_address(ada):
    EmailAddress.objects.create(user=ada, email="ada@mail.example.com", verified=True)
    assert came_from(ada) == "mail.example.com"

    SocialAccount.objects.create(
        user=ada, provider="mastodon", uid="1", extra_data={"handle": "@ada@x", "issuer": "https://social.example"}
    )

    assert came_from(ada) == "social.example"


def test_who_signs_in_by_nothing_that_has_a_domain_comes_from_nowhere(ada):
    assert came_from(ada) == ""


@pytest.mark.parametrize("extra", [{}, {"issuer": ""}, {"issuer": "nonsense"}, {"issuer": None}])
def test_an_account_without_a_server_comes_from_nowhere(ada, extra):
    SocialAccount.objects.create(user=ada, provider="bluesky", uid="did:plc:1", extra_data=extra)

    assert came_from(ada) == ""


def test_joining_says_with_whom_and_coming_back_begins_anew(community, person):
    lene = person("Lene")
    EmailAddress.objects.create(user=lene, email="lene@example.com")

    membership = join(community=community, user=lene, agreed=True, at=SATURDAY)
    first = membership.cohort
    leave(membership=membership)
    again = join(community=community, user=lene, agreed=True, at=MONDAY + timedelta(weeks=3))

    assert (first.domain, first.week) == ("example.com", date(2026, 10, 26))
    assert (again.cohort.domain, again.cohort.week) == ("example.com", date(2026, 11, 23))


def test_who_comes_from_nowhere_comes_in_with_nobody(community, person):
    assert join(community=community, user=person("Yuki"), agreed=True, at=SATURDAY).cohort is None


def test_who_is_let_in_by_a_curator_comes_in_then(community, curator, person):
    Community.objects.filter(pk=community.pk).update(joining="approval")
    community.refresh_from_db()
    omar = person("Omar")
    EmailAddress.objects.create(user=omar, email="omar@example.com")
    membership = join(community=community, user=omar, agreed=True, at=SATURDAY)

    admit(membership=membership, by=curator, at=MONDAY)

    assert membership.cohort.week == date(2026, 11, 2)
