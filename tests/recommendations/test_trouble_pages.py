"""What a curator reads of posts that were refused and channels that were cut off, and what they can do there."""

import pytest

from recommendations.models import Channel, Post
from tests.recommendations.actions.conftest import channel, draft, nominated, on_mastodon, published

__all__ = ["channel", "draft", "nominated", "on_mastodon", "published"]
pytestmark = pytest.mark.django_db

DESK = "/desk/custserv/"


@pytest.fixture
def desk(client, ada, community):
    """Ada at her desk."""
    client.force_login(ada)
    return client


@pytest.fixture
def refused(published):
    Post.objects.filter(part=1).update(state="failed", trouble="No.")
    return Post.objects.get(part=1)


def page_of(post):
    return f"{DESK}posts/{post.pk}/"


def test_the_front_page_says_which_channel_was_cut_off_and_where_to_mend_it(desk, published):
    Channel.objects.update(state="revoked")

    page = desk.get(DESK).text

    assert "Needs you" in page
    assert "Connect it again" in page


def test_the_front_page_leads_to_a_post_in_trouble(desk, refused):
    assert page_of(refused) in desk.get(DESK).text


def test_while_all_is_well_it_says_nothing_of_the_kind(desk, published):
    assert "Needs you" not in desk.get(DESK).text


def test_words_that_are_too_long_are_refused_and_still_in_the_form(desk, refused):
    typed = "Much too long. " * 100

    answer = desk.post(page_of(refused), {"choice": "edit", "text": typed})

    assert answer.status_code == 422
    assert typed.strip() in answer.text
    assert "too long" in answer.text


def test_a_part_is_skipped_by_a_press(desk, refused):
    answer = desk.post(page_of(refused), {"choice": "skip"})

    refused.refresh_from_db()
    assert answer.status_code == 302
    assert (refused.state, refused.skipped) == ("cancelled", True)


def test_a_revoked_channel_does_not_go_live_by_a_press(desk, published, channel):
    Channel.objects.update(state="revoked")

    desk.post(f"{DESK}channels/{channel.pk}/live/")

    assert Channel.objects.get().state == "revoked"
