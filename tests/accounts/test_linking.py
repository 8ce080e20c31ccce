"""A handle counts as somebody's once the account itself says so."""

import pytest

from accounts.linking import NotProven, claim, proof_page, prove
from accounts.models import LinkedHandle
from recommendations.handles import Handle, Network
from recommendations.networks.base import Options, Unavailable

pytestmark = pytest.mark.django_db

GRACE = Handle(Network.MASTODON, "grace", "social.example")
URI = "https://social.example/users/grace"


@pytest.fixture
def mastodon(fake_networks):
    return fake_networks[Network.MASTODON]


def test_a_claim_alone_proves_nothing(grace, mastodon):
    mastodon.add_person(GRACE, uri=URI, bio="I am Grace.")
    linked = claim(grace, GRACE)

    with pytest.raises(NotProven, match=linked.token):
        prove(linked, Options())

    linked.refresh_from_db()
    assert (linked.proven_at, linked.uri) == (None, "")


def test_claiming_twice_is_one_claim_with_one_token(grace):
    assert claim(grace, GRACE).token == claim(grace, GRACE).token


def test_the_token_in_the_bio_proves_it(grace, mastodon):
    linked = claim(grace, GRACE)
    mastodon.add_person(GRACE, uri=URI, bio=f"I am Grace. {linked.token}")

    prove(linked, Options())

    linked.refresh_from_db()
    assert linked.proven_at is not None
    assert linked.uri == URI


def test_a_rel_me_link_back_proves_it(grace, mastodon):
    linked = claim(grace, GRACE)
    mastodon.add_person(GRACE, uri=URI, links=("https://elsewhere.example", proof_page(linked)))

    prove(linked, Options())

    linked.refresh_from_db()
    assert linked.proven_at is not None


def test_somebody_elses_token_proves_nothing_to_me(grace, alan, mastodon):
    linked, other = claim(grace, GRACE), claim(alan, GRACE)
    mastodon.add_person(GRACE, uri=URI, bio=linked.token)
    prove(linked, Options())

    with pytest.raises(NotProven, match="is not in the profile"):
        prove(other, Options())


def test_an_account_has_one_owner(grace, alan, mastodon):
    linked, other = claim(grace, GRACE), claim(alan, GRACE)
    mastodon.add_person(GRACE, uri=URI, bio=f"{linked.token} {other.token}")
    prove(linked, Options())

    with pytest.raises(NotProven, match="Somebody else"):
        prove(other, Options())

    assert LinkedHandle.objects.filter(proven_at__isnull=False).get() == linked


@pytest.mark.parametrize(
    ("said", "message"), [({"checked": False}, "without its credentials"), (None, "could not look")]
)
def test_what_cannot_be_looked_at_cannot_be_proven(grace, mastodon, said, message):
    linked = claim(grace, GRACE)
    if said:
        mastodon.add_person(GRACE, uri=URI, bio=linked.token, **said)
    else:
        mastodon.script("look_up", Unavailable("It does not answer."))

    with pytest.raises(NotProven, match=message):
        prove(linked, Options())
