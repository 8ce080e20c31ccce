"""A curator decides what becomes of a post that nobody knows of; and asks a server for a channel."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from recommendations.models import Attempt, Community, Post
from tests.browser.test_every_page import AXE, OVERFLOW, RUN_AXE

Visit = Callable[..., Page]
SCRIPTS = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])


@pytest.fixture
def trouble(demo: Community) -> Post:
    """The first part of the newest edition on the demo's channel: looked for twice, in vain."""
    post = Post.objects.filter(delivery__edition__community=demo, part=0).order_by("-delivery__edition__number")[0]
    channel = post.delivery.channel
    channel.state = "live"
    channel.page_url = "https://bsky.app/profile/custserv.example"
    channel.sealed_secret = channel.seal_secret({"account": channel.uri})
    channel.save()
    post.delivery.rehearsal = False
    post.delivery.save()
    Post.objects.filter(pk=post.pk).update(
        state="needs_human",
        trouble="We looked twice and did not find it. Is it there?",
        late_at=datetime.now(UTC) + timedelta(days=1),
    )
    for kind, outcome, words in (
        ("send", "unknown", "social.example did not answer in time, or not to the end."),
        ("look", "absent", ""),
        ("look", "absent", ""),
    ):
        Attempt.objects.create(post=post, kind=kind, outcome=outcome, words=words, ended_at=datetime.now(UTC))
    return post


@SCRIPTS
def test_the_page_says_what_is_known_and_takes_an_answer(enter: Visit, trouble: Post, javascript: bool) -> None:
    page = enter("curator", javascript=javascript)
    page.goto(f"/desk/custserv/{trouble.delivery.edition.week}/")
    page.get_by_role("link", name="Decide what becomes of it").click()

    expect(page.get_by_text("We looked twice")).to_be_visible()
    expect(page.get_by_text("did not answer in time")).to_be_visible()
    page.get_by_label("It is there, at this address").fill("somewhere")
    page.get_by_role("button", name="Adopt it").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("It is there, at this address")).to_have_value("somewhere")

    page.get_by_role("button", name="Give up").click()
    expect(page.get_by_text("It is not sent.")).to_be_visible()
    trouble.refresh_from_db()
    assert trouble.state == "failed"


def test_the_page_has_no_barriers_and_fits_a_narrow_screen(enter: Visit, trouble: Post) -> None:
    page = enter("curator", viewport={"width": 320, "height": 640})
    page.goto(f"/desk/custserv/posts/{trouble.pk}/")
    page.get_by_label("It is there, at this address").fill("somewhere")
    page.get_by_role("button", name="Adopt it").click()
    page.get_by_role("alert").wait_for()
    page.evaluate(AXE)

    found = page.evaluate(OVERFLOW)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += page.evaluate(RUN_AXE)

    assert found == []


@SCRIPTS
def test_what_is_no_server_is_said_where_it_was_typed(enter: Visit, demo: Community, javascript: bool) -> None:
    page = enter("curator", javascript=javascript)
    page.goto("/desk/custserv/channels/")

    page.get_by_label("The account's server, or its whole handle").fill("not a server")
    page.get_by_role("button", name="Ask its server").click()

    expect(page.get_by_label("The account's server, or its whole handle")).to_have_value("not a server")
    expect(page.get_by_text("does not look like a server")).to_be_visible()
