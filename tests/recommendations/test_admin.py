"""The admin shows, and changes nothing that only actions may change."""

import pytest

from recommendations.models import Edition
from recommendations.models.community import RANKING_SETTINGS
from tests.recommendations.actions.conftest import nominated, on_mastodon
from tests.sessions import with_second_factor

__all__ = ["nominated", "on_mastodon"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client, person):
    user = person("Barbara", is_staff=True, is_superuser=True)
    client.force_login(user)
    with_second_factor(client, user)
    return client


def test_the_seed_of_a_list_is_seen_when_the_list_is_out(admin, edition):
    address = f"/admin/recommendations/edition/{edition.pk}/change/"

    before = admin.get(address).content.decode()
    Edition.objects.update(published_at=edition.publishes_at)
    after = admin.get(address).content.decode()

    assert edition.seed not in before
    assert edition.seed in after


def test_what_shapes_a_ranking_is_changed_at_the_desk_alone(admin, community):
    page = admin.get(f"/admin/recommendations/community/{community.pk}/change/").content.decode()

    assert 'name="name"' in page
    assert [name for name in [*RANKING_SETTINGS, "slug"] if f'name="{name}"' in page] == []


def test_nobody_changes_a_persons_own_word_there(admin, nominated, grace):
    profile = nominated("rosa", by=grace).profile
    address = f"/admin/recommendations/profile/{profile.pk}/change/"

    assert admin.post(address, {"word": "accepted"}).status_code == 403
    assert 'name="word"' not in admin.get(address).content.decode()
