"""News on one's own page, what one wants to hear of, and the link in a mail that stops it."""

from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.core import signing
from django.test import Client

from recommendations.actions.announce import announce
from recommendations.actions.notify import notify
from recommendations.actions.wish import Mails
from recommendations.models import Membership, Notification, RefusedAddress, Wish
from recommendations.models.wish import Wanted
from recommendations.views.notifications import PER_PAGE
from tests.conftest import MONDAY
from tests.recommendations.actions.conftest import *  # noqa: F403 - the same fixtures

NEWS, SETTINGS = "/me/notifications/", "/me/notifications/settings/"
Kind = Notification.Kind


@pytest.fixture
def as_grace(grace):
    client = Client()
    client.force_login(grace)
    return client


@pytest.fixture
def news(grace, community):
    """Three things happened, the last on Wednesday."""
    for number in range(3):
        notify(
            user=grace,
            kind=Kind.THANKS,
            key=f"thanks:{number}",
            community=community,
            by=f"Person {number}",
            link="/me/",
            at=MONDAY + timedelta(days=number),
        )


def words(response):
    return " ".join(response.content.decode().split())


def test_news_come_newest_first_and_each_leads_on(as_grace, news):
    page = words(as_grace.get(NEWS))

    assert page.index("Person 2 thanks you") < page.index("Person 0 thanks you")
    assert page.count('<a href="/me/" dir="auto">') == 3
    assert page.count('class="unread"') == 3


def test_who_has_no_news_is_told_what_to_do(as_grace):
    assert "Nothing yet." in words(as_grace.get(NEWS))


def test_the_header_says_how_many_are_unread_until_they_are_read(as_grace, news):
    assert '<span class="count">3<' in words(as_grace.get("/"))
    one = Notification.objects.first()

    as_grace.post(f"{NEWS}read/", {"notification": one.pk})
    assert '<span class="count">2<' in words(as_grace.get("/"))
    as_grace.post(f"{NEWS}read/")

    assert 'class="count"' not in words(as_grace.get("/"))
    assert 'class="unread"' not in words(as_grace.get(NEWS))


def test_looking_reads_nothing_by_itself(as_grace, news):
    as_grace.get(NEWS)

    assert Notification.objects.unread().count() == 3


def test_nobody_reads_anothers_news(as_grace, alan, community):
    notify(user=alan, kind=Kind.THANKS, key="thanks:1", community=community, by="Rosa", at=MONDAY)

    for form in ({}, {"notification": Notification.objects.get().pk}, {"notification": "x"}):
        as_grace.post(f"{NEWS}read/", form)

    assert Notification.objects.unread().count() == 1
    assert "Rosa" not in words(as_grace.get(NEWS))


def test_what_comes_by_mail_alone_is_not_on_the_page(as_grace, grace, community):
    Wish.objects.create(user=grace, kind=Kind.THANKS, in_app=False, by_mail=True)
    notify(user=grace, kind=Kind.THANKS, key="thanks:1", community=community, by="Rosa", at=MONDAY)

    assert "Rosa" not in words(as_grace.get(NEWS))
    assert 'class="count"' not in words(as_grace.get("/"))


def test_many_news_come_in_pages_of_few_queries(as_grace, grace, alan, community, django_assert_max_num_queries):
    for number in range(PER_PAGE + 1):
        notify(user=grace, kind=Kind.SECOND, key=f"second:{number}", community=community, by=alan, at=MONDAY)

    with django_assert_max_num_queries(5):
        first = words(as_grace.get(NEWS))
    assert first.count('class="unread"') == PER_PAGE
    assert words(as_grace.get(f"{NEWS}?page=2")).count('class="unread"') == 1
    back = as_grace.post(f"{NEWS}read/", {"notification": Notification.objects.first().pk, "page": "2"})
    assert back["Location"] == f"{NEWS}?page=2"


def test_a_page_costs_one_query_for_the_count_and_a_strangers_none(
    as_grace, client, news, django_assert_max_num_queries
):
    with django_assert_max_num_queries(3):  # the session, whose it is, and the count
        as_grace.get("/mail/stop/broken/")
    with django_assert_max_num_queries(0):
        client.get("/mail/stop/broken/")


@pytest.mark.parametrize("path", [NEWS, SETTINGS])
def test_who_is_not_signed_in_is_led_there(client, db, path):
    assert client.get(path)["Location"] == f"/accounts/login/?next={path}"


def test_news_in_another_language_are_made_when_they_are_read(as_grace, news, settings):
    settings.LANGUAGE_CODE = "ar"

    assert "Person 2" in words(as_grace.get(NEWS))


def test_everybody_chooses_what_they_hear_of_and_where(as_grace, grace, community):
    page = words(as_grace.get(SETTINGS))
    assert page.count('name="here"') == len(Kind) - 2, "decisions and security are always shown"
    assert page.count('name="mail"') == len(Kind) - 2, "editions are mailed by community, security always"

    answer = as_grace.post(SETTINGS, {"here": ["second"], "mail": ["thanks"], "digest": [community.pk, "x", "999"]})

    assert answer["Location"] == SETTINGS
    wishes = Wish.objects.of(grace.pk)
    assert wishes["second"] == Wanted(in_app=True, by_mail=False)
    assert wishes["thanks"] == Wanted(in_app=False, by_mail=True)
    assert wishes["decision"] == Wanted(in_app=True, by_mail=False)
    assert Membership.objects.get(user=grace).digest is True
    as_grace.post(SETTINGS, {})
    assert Membership.objects.get(user=grace).digest is False


def test_the_digest_of_a_community_one_does_not_belong_to_is_not_to_be_had(as_grace, grace, community):
    Membership.objects.filter(user=grace).update(state="left")

    as_grace.post(SETTINGS, {"digest": [community.pk]})

    assert Membership.objects.get(user=grace).digest is False


def test_editions_are_not_mailed_one_by_one_by_kind(as_grace, grace):
    as_grace.post(SETTINGS, {"mail": ["edition", "nonsense"]})

    assert Wish.objects.of(grace.pk)["edition"].by_mail is False
    assert not Wish.objects.filter(kind="nonsense").exists()


def test_who_has_no_address_is_told_so(as_grace):
    assert "You have no e-mail address here" in words(as_grace.get(SETTINGS))


def test_who_has_one_is_told_where_mail_goes(as_grace, grace, addressed):
    addressed(grace)

    assert "Mail goes to grace@people.example" in words(as_grace.get(SETTINGS))


def test_an_address_that_was_refused_is_shown_with_why_and_can_be_tried_again(as_grace, grace, addressed):
    RefusedAddress.objects.create(address=addressed(grace), why="550 No <b>such</b> user", at=MONDAY)
    page = words(as_grace.get(SETTINGS))
    assert "550 No &lt;b&gt;such&lt;/b&gt; user" in page

    as_grace.post(SETTINGS, {"deed": "try_again"})

    assert not RefusedAddress.objects.exists()
    assert Wish.objects.count() == 0


@pytest.fixture
def digest(grace, community):
    """The address of the link that stops the digest."""
    Membership.objects.filter(user=grace).update(digest=True)
    return f"/mail/stop/{Mails(grace.pk, community=community.pk).token}/"


def test_looking_at_the_link_changes_nothing(client, digest, grace):
    page = words(client.get(digest))

    assert "Each edition of <bdi>Customer Service</bdi> by mail." in page
    assert client.head(digest).status_code == 200
    assert Membership.objects.get(user=grace).digest is True


def test_one_click_stops_it_at_once_without_a_sign_in_a_cookie_or_a_token(digest, grace):
    strict = Client(enforce_csrf_checks=True)

    answer = strict.post(digest, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 200
    assert not answer.cookies
    assert Membership.objects.get(user=grace).digest is False
    assert strict.post(digest).status_code == 200


def test_the_link_of_news_stops_their_kinds_and_leaves_them_in_the_app(client, grace):
    link = f"/mail/stop/{Mails(grace.pk, kinds=('decision', 'curator')).token}/"
    assert "A moderator decides" in words(client.get(link))

    client.post(link)

    wishes = Wish.objects.of(grace.pk)
    assert wishes["decision"] == wishes["curator"] == Wanted(in_app=True, by_mail=False)
    assert wishes["member"].by_mail is True


def test_the_link_of_somebody_who_has_left_does_nothing_and_says_so_kindly(client, digest, grace):
    grace.delete()

    assert client.post(digest).status_code == 200


def test_a_kind_that_is_no_more_does_no_harm(client, grace):
    link = f"/mail/stop/{Mails(grace.pk, kinds=('pigeons',)).token}/"

    assert client.get(link).status_code == 200
    assert client.post(link).status_code == 200


@pytest.mark.parametrize(
    "token", ["broken", "eyJ1c2VyIjoxfQ:AAAA", "%00", "a" * 3000, "%F0%9F%92%A9", "eyJ1c2VyIjoxfQ"]
)
def test_a_link_that_was_tampered_with_stops_nothing(client, digest, grace, token):
    for answer in (client.get(f"/mail/stop/{token}/"), client.post(f"/mail/stop/{token}/")):
        assert answer.status_code == 404
        assert "cut in two" in words(answer)
    assert Membership.objects.get(user=grace).digest is True


def test_a_link_signed_for_something_else_stops_nothing(client, digest, grace, community):
    named = {"user": grace.pk, "community": community.pk, "kinds": []}
    other = signing.Signer(salt="something.else").sign_object(named)

    assert client.post(f"/mail/stop/{other}/").status_code == 404
    assert Membership.objects.get(user=grace).digest is True


def test_joining_one_may_ask_for_each_edition_by_mail(as_grace, person, community, addressed):
    emma = person("Emma")
    client = Client()
    client.force_login(emma)
    assert 'name="digest"' not in words(client.get("/c/custserv/join/"))
    addressed(emma)
    assert 'name="digest"' in words(client.get("/c/custserv/join/"))

    client.post("/c/custserv/join/", {"agreed": "on", "digest": "on"})

    assert Membership.objects.get(user=emma).digest is True


def test_without_asking_for_it_nobody_gets_it(client, person, community):
    client.force_login(person("Emma"))

    client.post("/c/custserv/join/", {"agreed": "on"})

    assert Membership.objects.get(user__username="emma").digest is False


def test_announcing_writes_no_mail_into_the_web_request(published):
    announce(edition=published)

    assert outbox.outbox == []
