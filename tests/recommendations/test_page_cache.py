"""Whole pages from the cache: quick, for everybody alike, and never longer than they are true."""

import pytest
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils.http import http_date

from recommendations.actions.compile import compile_edition
from recommendations.actions.publish import publish
from recommendations.models import Edition
from recommendations.models.page_version import SITE, page_version, pages_changed
from recommendations.page_cache import PageCacheMiddleware, cache_page_for
from tests.conftest import FRIDAY, THURSDAY
from tests.recommendations.actions.conftest import nominated, on_mastodon

__all__ = ["nominated", "on_mastodon"]

EDITION = "/c/custserv/editions/1/"
PAGES = ["/", "/c/", "/c/custserv/", "/c/custserv/editions/", EDITION, "/p/mastodon/rosa@social.example/", "/feed.atom"]


@pytest.fixture(autouse=True)
def shared_cache(settings):
    """As with a Redis that all processes share."""
    settings.FF_PAGE_CACHE = True


@pytest.fixture
def published(edition, grace, nominated):
    """Number 1: Rosa."""
    nominated("rosa", by=grace)
    compile_edition(edition=edition, at=THURSDAY)
    return publish(edition=edition, at=FRIDAY)


class Counting:
    """A page that counts how often it was made."""

    def __init__(self, **headers: str) -> None:
        self.made = 0
        self.headers = headers

    @property
    def site(self) -> PageCacheMiddleware:
        return PageCacheMiddleware(cache_page_for(60)(self))

    __name__ = "counting"

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.made += 1
        return HttpResponse(f"page {self.made}", headers=self.headers)


def get(site: PageCacheMiddleware, path: str = "/c/custserv/", *, secure: bool = False, **environ: str) -> str:
    return site(RequestFactory(**environ).get(path, secure=secure)).content.decode()


# Quick


@pytest.mark.parametrize("path", PAGES)
def test_a_kept_page_asks_the_database_nothing_and_is_the_same(client, published, path, django_assert_num_queries):
    first = client.get(path)
    with django_assert_num_queries(0):
        second = client.get(path)

    assert first.status_code == 200
    assert (second.content, second.headers) == (first.content, first.headers)
    assert "Content-Security-Policy" in second.headers


def test_a_kept_page_calls_no_view():
    page = Counting()

    assert [get(page.site) for _ in range(3)] == ["page 1"] * 3
    assert page.made == 1


@pytest.mark.parametrize("path", PAGES)
def test_who_has_it_already_is_sent_nothing(client, published, path):
    tag = client.get(path)["ETag"]

    again = client.get(path, headers={"If-None-Match": tag})
    other = client.get(path, headers={"If-None-Match": '"another"'})

    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    assert other.status_code == 200


def test_a_date_will_do_where_the_page_has_one():
    page = Counting(**{"Last-Modified": http_date(1_790_000_000), "ETag": '"x"'})
    get(page.site)

    assert get(page.site, HTTP_IF_MODIFIED_SINCE=http_date(1_790_000_000)) == ""
    assert get(page.site, HTTP_IF_MODIFIED_SINCE=http_date(1_789_999_999)) == "page 1"


# For everybody alike


def test_who_is_signed_in_gets_a_page_of_their_own_and_leaves_none_behind(client, published, community, grace):
    public = client.get(EDITION).content
    client.force_login(grace)
    assert client.session[SESSION_KEY] == str(grace.pk)

    own = client.get(EDITION).content
    client.logout()

    assert b"Grace" in own
    assert own != public
    assert client.get(EDITION).content == public


def test_a_page_first_seen_by_somebody_signed_in_is_not_kept(client, published, grace):
    client.force_login(grace)
    own = client.get("/c/custserv/").content
    client.logout()

    assert client.get("/c/custserv/").content != own


@pytest.mark.parametrize(
    "environ",
    [
        {"HTTP_AUTHORIZATION": "Bearer ff_x"},
        {"HTTP_HX_REQUEST": "true"},
        {"QUERY_STRING": "page=2"},
        {"HTTP_COOKIE": "session=x"},
        {"REQUEST_METHOD": "HEAD"},
        {"REQUEST_METHOD": "POST"},
    ],
)
def test_what_may_be_meant_for_one_alone_is_neither_kept_nor_taken_from_the_cache(environ):
    page = Counting()
    get(page.site)

    for number in (2, 3):
        request = RequestFactory().generic(environ.get("REQUEST_METHOD", "GET"), "/c/custserv/")
        request.META.update(environ)
        assert page.site(request).content.decode() == f"page {number}"
    assert get(page.site) == "page 1"


@pytest.mark.parametrize("path", ["/", "/c/", "/c/custserv/", "/c/custserv/editions/", EDITION])
def test_nobody_is_served_a_page_in_anothers_language(client, published, path, django_assert_num_queries):
    asked = [{}, {"accept-language": "de"}, {"accept-language": "ar"}, {"accept-language": "en"}]
    first = [client.get(path, headers=headers) for headers in asked]

    with django_assert_num_queries(0):
        second = [client.get(path, headers=headers) for headers in asked]

    assert [page["Content-Language"] for page in second] == ["en", "de", "ar", "en"]
    assert [page.content for page in second] == [page.content for page in first]
    for page, start in zip(second, ('lang="en" dir="ltr"', 'lang="de" dir="ltr"', 'lang="ar" dir="rtl"'), strict=False):
        assert f"<html {start}>" in page.content.decode()


def test_languages_are_told_apart_as_they_are_chosen_not_as_they_are_written():
    page = Counting()
    same = ["de", "de-AT, en;q=0.5", "fr, de;q=0.3", "DE"]

    assert [get(page.site, HTTP_ACCEPT_LANGUAGE=header) for header in same] == ["page 1"] * 4
    assert get(page.site, HTTP_ACCEPT_LANGUAGE="ar") == "page 2"
    assert get(page.site, HTTP_ACCEPT_LANGUAGE="de", HTTP_COOKIE="language=ar") == "page 2"
    assert get(page.site, HTTP_ACCEPT_LANGUAGE="fr") == get(page.site) == "page 3"


@pytest.mark.parametrize("header", ["\x00", "de" * 600, "*;q=x", "../../en", "de;q=1,,,", "zh-Hant-x-y-z"])
def test_no_wish_for_a_language_is_too_strange(header):
    page = Counting()
    plain = get(page.site)

    assert get(page.site, HTTP_ACCEPT_LANGUAGE=header) in {plain, "page 2"}
    assert get(page.site, HTTP_COOKIE=f"language={header}") in {plain, "page 2"}


def test_a_page_that_sets_a_cookie_is_not_kept():
    def page(_request):
        response = HttpResponse("mine")
        response.set_cookie("csrf", "secret")
        return response

    site = PageCacheMiddleware(cache_page_for(60)(page))
    get(site)
    site.get_response = Counting()

    assert get(site) == "page 1"


@pytest.mark.parametrize("status", [302, 403, 404, 500])
def test_only_a_page_that_is_there_is_kept(status):
    site = PageCacheMiddleware(cache_page_for(60)(lambda _request: HttpResponse("no", status=status)))
    get(site)
    site.get_response = Counting()

    assert get(site) == "page 1"


def test_a_page_that_does_not_ask_to_be_kept_is_not():
    page = Counting()
    site = PageCacheMiddleware(page)

    assert [get(site), get(site)] == ["page 1", "page 2"]


def test_hosts_and_schemes_and_paths_are_kept_apart(settings):
    settings.ALLOWED_HOSTS = ["a.example", "b.example"]
    page = Counting()
    asked = [
        {"SERVER_NAME": "a.example"},
        {"SERVER_NAME": "b.example"},
        {"SERVER_NAME": "a.example", "secure": True},
        {"SERVER_NAME": "a.example", "path": "/c/other/"},
    ]

    first = [get(page.site, **environ) for environ in asked]

    assert first == ["page 1", "page 2", "page 3", "page 4"]
    assert [get(page.site, **environ) for environ in asked] == first


@pytest.mark.parametrize("path", ["/c/\x00\x0b\x7f \u202e/", "/c/" + "x" * 3000 + "/", "/\udcff/", "/c/ü/", "/%0a/"])
def test_no_address_is_too_strange_to_be_kept(path):
    page = Counting()
    request = RequestFactory().get("/")
    request.path = path

    assert [page.site(request).content for _ in range(2)] == [b"page 1", b"page 1"]


# No longer than it is true


def test_a_change_is_seen_at_once(client, published, django_capture_on_commit_callbacks):
    client.get(EDITION)
    Edition.objects.filter(number=1).update(title="Another title")
    assert b"Another title" not in client.get(EDITION).content

    with django_capture_on_commit_callbacks(execute=True):
        pages_changed("custserv")

    assert b"Another title" in client.get(EDITION).content


def test_a_change_that_is_not_committed_yet_drops_nothing(community, django_capture_on_commit_callbacks):
    before = page_version("custserv")

    with django_capture_on_commit_callbacks(execute=False):
        pages_changed("custserv")

    assert page_version("custserv") == before


def test_a_change_drops_the_sites_own_pages_and_no_other_communitys(db, django_capture_on_commit_callbacks):
    before = {slug: page_version(slug) for slug in ("custserv", "other", SITE)}

    with django_capture_on_commit_callbacks(execute=True):
        pages_changed("custserv")

    changed = {slug for slug, version in before.items() if page_version(slug) != version}
    assert changed == {"custserv", SITE}


def test_a_page_made_while_something_changed_is_not_shown_again(db, django_capture_on_commit_callbacks):
    def page(_request):
        with django_capture_on_commit_callbacks(execute=True):
            pages_changed("custserv")
        return HttpResponse("as it was before")

    site = PageCacheMiddleware(cache_page_for(60)(page))
    get(site)
    site.get_response = Counting()

    assert get(site) == "page 1"


def test_publishing_shows_on_every_page_that_tells_of_it(
    client, edition, grace, nominated, django_capture_on_commit_callbacks
):
    nominated("rosa", by=grace)
    for path in ("/", "/c/custserv/", "/c/custserv/editions/", "/feed.atom", "/c/custserv/feed.json"):
        client.get(path)

    with django_capture_on_commit_callbacks(execute=True):
        compile_edition(edition=edition, at=THURSDAY)
        publish(edition=edition, at=FRIDAY)

    for path in ("/", "/c/custserv/editions/", "/feed.atom", "/c/custserv/feed.json"):
        assert EDITION.encode() in client.get(path).content, path


def test_an_emptied_cache_brings_no_old_page_back():
    page = Counting()
    old = page_version("custserv")
    get(page.site)

    cache.delete("version:custserv")

    assert page_version("custserv") != old
    assert get(page.site) == "page 2"


def test_without_a_shared_cache_no_page_is_kept(settings):
    settings.FF_PAGE_CACHE = False
    page = Counting()

    assert [get(page.site), get(page.site)] == ["page 1", "page 2"]
