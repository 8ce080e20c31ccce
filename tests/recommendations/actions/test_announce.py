"""Members hear that an edition is out, and who asked for it gets it by mail."""

from datetime import timedelta

import pytest

from accounts.models import User
from recommendations import tasks
from recommendations.actions.announce import announce
from recommendations.actions.send_letter import send_letter
from recommendations.actions.wish import wish
from recommendations.consent import Word
from recommendations.models import Community, Edition, Letter, Membership, Notification, Profile, Quote
from recommendations.models.notification import KEPT_FOR
from recommendations.models.wish import Wanted
from tests.conftest import FRIDAY

Kind = Notification.Kind


@pytest.fixture
def reader(grace, addressed, community):
    """Grace, who wants each edition by mail."""
    addressed(grace)
    community.memberships.filter(user=grace).update(digest=True)
    return grace


def mailed(edition, postbox):
    """The edition's mail: its two bodies, words on one line."""
    announce(edition=edition, at=FRIDAY)
    letter = Letter.objects.select_related("user", "edition__community").get()
    send_letter(letter=letter, at=FRIDAY)
    plain, html = (postbox.mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    return " ".join(plain.split()), " ".join(html.split())


def test_every_member_hears_of_it_once_however_often_it_is_done(published, ada, grace, alan):
    for _ in range(2):
        announce(edition=published, at=FRIDAY)

    assert Notification.objects.filter(kind=Kind.EDITION).count() == 3
    told = Notification.objects.get(user=grace, kind=Kind.EDITION)
    assert told.sentence == "“#custserv recommends” is out: the new list of Customer Service."
    assert (told.link, told.at) == ("/c/custserv/editions/1/", FRIDAY)
    assert Edition.objects.get(pk=published.pk).announced_at == FRIDAY


def test_thousands_hear_of_it_in_few_queries(published, community, django_assert_max_num_queries):
    people = User.objects.bulk_create([User(username=f"member-{number}") for number in range(2500)])
    community.memberships.bulk_create([Membership(community=community, user=user, digest=True) for user in people])

    with django_assert_max_num_queries(80):
        announce(edition=published, at=FRIDAY)

    assert Notification.objects.filter(kind=Kind.EDITION).count() == 2503
    assert Letter.objects.count() == 2500


def test_the_sweep_finds_what_is_out_and_tells_it_once(published, grace):
    for _ in range(2):
        tasks.mail_due(at=FRIDAY, run=tasks.at_once)

    assert Notification.objects.filter(user=grace, kind=Kind.EDITION).count() == 1
    assert not Edition.objects.due_to_announce().exists()


def test_who_does_not_want_to_hear_of_it_does_not(published, grace, alan):
    wish(user=grace, wishes={Kind.EDITION: Wanted(in_app=False, by_mail=True)}, digests=[])

    announce(edition=published, at=FRIDAY)

    assert not Notification.objects.filter(user=grace, kind=Kind.EDITION).exists()
    assert not Letter.objects.exists()


def test_what_has_been_out_for_long_is_mailed_to_nobody(published, reader, settings):
    announce(edition=published, at=FRIDAY + settings.FF_LATE_AFTER)

    assert not Letter.objects.exists()
    assert Notification.objects.filter(user=reader, kind=Kind.EDITION).exists()


def test_old_news_is_forgotten_on_the_occasion(published, grace):
    for key, age in (("old:1", KEPT_FOR + timedelta(seconds=1)), ("young:1", KEPT_FOR)):
        Notification.objects.create(user=grace, kind=Kind.THANKS, key=key, at=FRIDAY - age)
        Letter.objects.create(user=grace, key=key, created_at=FRIDAY - age, due_at=FRIDAY, state="sent")

    announce(edition=published, at=FRIDAY)

    assert [each.key for each in Letter.objects.all()] == ["young:1"]
    assert list(Notification.objects.filter(kind=Kind.THANKS).values_list("key", flat=True)) == ["young:1"]


def test_the_mail_holds_the_whole_list_with_its_reasons(published, reader, postbox, settings):
    settings.FF_BASE_URL = "https://ff.example"
    Edition.objects.filter(pk=published.pk).update(title="Kind people", essay="Read *this*.", closing="See you.")
    published.refresh_from_db()

    plain, html = mailed(published, postbox)

    assert postbox.mail["Subject"] == "Kind people · Customer Service No. 1"
    assert postbox.mail["List-Id"] == "<custserv.editions.ff.example>"
    for body in (plain, html):
        for words in (
            "Customer Service", "#custserv", "No. 1", "Kind people", "See you.", "Rosa", "Emma", "Clara",
            "She answers every question, and she is kind about it.", "Emma never gives up on anybody.", "Grace",
            "@rosa@social.example", "https://ff.example/c/custserv/editions/1/",
            "https://ff.example/c/custserv/editions/1/follow/", "https://ff.example/c/custserv/nominate/",
            "https://ff.example/mail/stop/", "https://ff.example/me/notifications/settings/",
        ):  # fmt: skip
            assert words in body, words
    assert "Read *this*." in plain
    assert "<em>this</em>" in html
    assert f'alt="{published.share_alt.splitlines()[0][:20]}' in html


def test_the_mail_is_small_enough_to_be_shown_whole(published, reader, postbox):
    announce(edition=published, at=FRIDAY)

    send_letter(letter=Letter.objects.get(), at=FRIDAY)

    html = postbox.mail.get_body(("html",)).get_content()
    assert len(html.encode()) < 100_000  # past 102 kB Gmail shows the rest on a page of its own
    assert "<script" not in html
    assert "<table" not in html


def test_who_changes_their_mind_before_it_is_sent_is_not_in_it(published, reader, postbox):
    announce(edition=published, at=FRIDAY)
    Profile.objects.filter(name="rosa").update(word=Word.DECLINED)

    send_letter(letter=Letter.objects.get(), at=FRIDAY)

    for kind in ("plain", "html"):
        body = postbox.mail.get_body((kind,)).get_content()
        assert "Rosa" not in body
        assert "rosa" not in body
        assert "Somebody who does not wish to be listed." in body
        assert "Emma" in body
    assert "<img" not in body  # the picture names her too


def test_whoever_only_signed_in_people_may_see_does_not_leave_our_house(published, reader, postbox):
    Profile.objects.filter(name="rosa").update(members_only=True)

    _, html = mailed(published, postbox)

    assert "Rosa" not in html


def test_a_list_of_nobody_is_not_mailed(published, reader, postbox):
    Profile.objects.update(word=Word.DECLINED)
    announce(edition=published, at=FRIDAY)

    send_letter(letter=Letter.objects.get(), at=FRIDAY)

    assert Letter.objects.get().state == "dropped"
    assert postbox.mails == []


@pytest.mark.parametrize("change", [{"state": "left"}, {"state": "banned"}, {"digest": False}])
def test_who_left_or_stopped_it_meanwhile_gets_none(published, reader, postbox, change):
    announce(edition=published, at=FRIDAY)
    Membership.objects.filter(user=reader).update(**change)

    send_letter(letter=Letter.objects.get(), at=FRIDAY)

    assert postbox.mails == []


def test_of_many_reasons_the_mail_has_three_and_says_how_many_more(published, reader, postbox, alan):
    entry = published.entries.ranked().first()
    for position in range(1, 6):
        Quote.objects.create(entry=entry, position=position, author=alan, text=f"Reason number {position}.")

    plain, html = mailed(published, postbox)

    for body in (plain, html):
        assert "Reason number 2." in body
        assert "Reason number 3." not in body
        assert "and 3 more, on the page" in body


HOSTILE = '</h1><script>alert(1)</script>"\r\nBcc: all@people.example\r\n\r\n<img src=x onerror=x>'


def test_hostile_titles_and_names_harm_neither_headers_nor_words(published, reader, postbox):
    Edition.objects.filter(pk=published.pk).update(title=HOSTILE)
    Community.objects.update(name=HOSTILE[:80])
    Profile.objects.filter(name="rosa").update(display_name=HOSTILE[:90], page_url="javascript:alert(1)")
    published.refresh_from_db()
    published.community.refresh_from_db()

    _, html = mailed(published, postbox)

    assert postbox.recipients == ["grace@people.example"]
    assert postbox.mail["Bcc"] is None
    assert "<script" not in html
    assert "<img src=x" not in html
    assert "javascript:" not in html
