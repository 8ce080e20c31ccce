"""A community ends, is only read, and is brought back."""

from datetime import timedelta

import pytest

from recommendations import tasks
from recommendations.actions import Refused
from recommendations.actions.archive import archive, revive
from recommendations.actions.comment import comment
from recommendations.actions.erase import erase, owned_by
from recommendations.actions.hand_over import hand_over
from recommendations.actions.join import give_role, join
from recommendations.actions.nominate import nominate
from recommendations.actions.special import make_special
from recommendations.models import Community, Edition, Moderation, Profile
from tests.conftest import FRIDAY, MONDAY

pytestmark = pytest.mark.django_db

LATER = FRIDAY + timedelta(hours=1)


@pytest.fixture
def ended(published, community, curator):
    """It has ended on Friday, with one edition out and its members still there."""
    archive(by=curator, with_members=True, at=LATER)
    curator.community.refresh_from_db()
    return community


def test_where_others_belong_to_it_the_end_must_be_meant(published, community, curator):
    with pytest.raises(Refused, match="not alone"):
        archive(by=curator, at=LATER)
    archive(by=curator, with_members=True, at=LATER)
    archive(by=curator, with_members=True, at=LATER)

    community.refresh_from_db()
    assert community.archived_at == LATER
    assert [each.kind for each in Moderation.objects.all()] == ["end"]
    assert not community.editions.filter(state=Edition.State.OPEN).exists()


def test_it_is_only_read_from_then_on(ended, curator, edition, grace, alan, person, on_mastodon, client):
    board = Edition.objects.filter(community=ended, state="skipped").select_related("community").get()
    published = Edition.objects.select_related("community").get(state="published")
    rosa = Profile.objects.get(name="rosa")
    ended.refresh_from_db()

    for deed in (
        lambda: join(community=ended, user=person("Edsger"), agreed=True),
        lambda: nominate(by=grace, edition=board, handle=on_mastodon("hedy"), reason="She tunes the world.", at=LATER),
        lambda: comment(by=grace, edition=published, text="Thank you, all of you.", at=LATER),
        lambda: make_special(by=curator, people=[(rosa, "She deserves it.")], title="Once more", at=LATER),
    ):
        with pytest.raises(Refused):
            deed()
    tasks.sweep(at=LATER + timedelta(days=8), run=tasks.at_once)

    assert not ended.editions.filter(state=Edition.State.OPEN).exists(), "no week opens any more"
    for address in ("/c/custserv/", "/c/custserv/editions/1/", "/c/custserv/crew/"):
        assert client.get(address).status_code == 200


def test_it_is_brought_back_and_its_next_week_opens(ended, curator, grace, edition):
    revive(by=curator, at=LATER)
    revive(by=curator, at=LATER)

    ended.refresh_from_db()
    assert ended.archived_at is None
    assert ended.editions.get(state="open").closes_at > LATER
    assert [each.kind for each in Moderation.objects.all()] == ["revive", "end"]
    published = Edition.objects.select_related("community").get(state="published")
    assert comment(by=grace, edition=published, text="Good to be back.", at=LATER).pk


def test_only_the_owner_ends_it_and_brings_it_back(ended, community, curator, grace):
    give_role(membership=community.memberships.get(user=grace), role="curator", by=curator)
    hers = community.memberships.select_related("community").get(user=grace)

    with pytest.raises(Refused, match="Only the owner"):
        revive(by=hers, at=LATER)
    with pytest.raises(Refused, match="Only the owner"):
        archive(by=hers, with_members=True, at=LATER)

    assert Community.objects.get(pk=community.pk).archived_at == LATER


def test_what_others_belong_to_keeps_an_owner_even_when_it_has_ended(ended, ada, grace, curator):
    assert [each.community for each in owned_by(ada)] == [ended]
    with pytest.raises(Refused, match="You own Customer Service"):
        erase(user=ada, at=LATER)

    hand_over(to=ended.memberships.get(user=grace), by=curator, at=LATER)
    erase(user=ada, at=LATER)

    assert ended.memberships.get(role="owner").user == grace


def test_an_edition_on_its_way_goes_first(draft, curator):
    with pytest.raises(Refused, match="still on its way"):
        archive(by=curator, with_members=True, at=MONDAY)
