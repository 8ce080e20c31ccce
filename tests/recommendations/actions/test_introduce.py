"""Saying whether there is a page about oneself, and what it tells."""

import pytest

from accounts.models import User
from recommendations.actions.introduce import introduce
from recommendations.models import Quote
from recommendations.models.page_version import SITE, page_version
from tests.recommendations.readers import published, somebody


def test_it_is_kept(grace):
    introduce(user=grace, page=User.Page.OPEN, shows_handles=True)

    assert (grace.page, grace.shows_handles) == ("open", True)
    grace.refresh_from_db()
    assert (grace.page, grace.shows_handles) == ("open", True)


def test_everybody_has_a_page_until_they_say_otherwise(grace):
    assert grace.has_page
    assert grace.get_absolute_url() == "/m/grace/"
    assert not grace.shows_handles


@pytest.mark.parametrize(
    ("page", "is_active", "there"), [("off", True, False), ("open", True, True), ("found", False, False)]
)
def test_whether_there_is_one(page, is_active, there):
    assert User(username="x", page=page, is_active=is_active).has_page is there


def test_pages_that_quote_them_are_made_afresh_and_no_others(community, grace, django_capture_on_commit_callbacks):
    entry = published(community, [somebody("joan@quiet.example")]).entries.get()
    Quote.objects.create(entry=entry, position=0, author=grace, text="Patient.")
    before = [page_version(slug) for slug in (SITE, "custserv", "elsewhere")]

    with django_capture_on_commit_callbacks(execute=True):
        introduce(user=grace, page=User.Page.OFF, shows_handles=False)

    after = [page_version(slug) for slug in (SITE, "custserv", "elsewhere")]
    assert [old != new for old, new in zip(before, after, strict=True)] == [True, True, False]
