"""Reports, decisions, appeals and the log as pages: who may open them, what they cost, what they say of a refusal."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from recommendations import limits
from recommendations.actions.appeal import appeal
from recommendations.actions.join import found, give_role
from recommendations.actions.moderate import decide
from recommendations.actions.report import report
from recommendations.limits import Allowance, Deed
from recommendations.models import (
    Appeal,
    DomainOptOut,
    Entry,
    Membership,
    Moderation,
    Nomination,
    Quote,
    Report,
)
from recommendations.models.reported import find
from tests.conftest import FRIDAY, MONDAY
from tests.recommendations.actions.conftest import *  # noqa: F403 - the same fixtures
from tests.recommendations.actions.conftest import REASON
from tests.sessions import with_second_factor

pytestmark = pytest.mark.django_db

DESK, STAFF, MINE = "/desk/custserv/reports/", "/moderation/", "/me/decisions/"
HOSTILE = "\"'><script>alert(1)</script> and so on"
WHY = "We do not speak so."


@pytest.fixture(autouse=True)
def _on_monday():
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def enter():
    def make(user):
        client = Client()
        client.force_login(user)
        return with_second_factor(client, user) if user.is_staff else client

    return make


@pytest.fixture
def staff(person):
    return person("Barbara", is_staff=True)


@pytest.fixture
def rosas(nominated, grace):
    return find(f"nomination-{nominated('rosa', by=grace).pk}")


@pytest.fixture
def reported(rosas, alan):
    report(by=alan, thing=rosas, type="unkind", words=HOSTILE, at=MONDAY)
    return rosas


def text(response):
    return response.content.decode()


def alerts(response):
    return " ".join(re.findall(r'role="alert"[^>]*>(.*?)</', text(response), re.DOTALL))


# Reporting


def test_a_stranger_is_led_to_sign_in_and_back(client, rosas):
    address = f"/report/?what={rosas.ref}"

    answer = client.get(address)

    assert answer.headers["Location"] == f"/accounts/login/?next=/report/%3Fwhat%3D{rosas.ref}"
    assert client.post(address).status_code == 302


@pytest.mark.parametrize("what", ["", "nomination-999999", "nonsense", "quote-1%00", "nomination-" + "9" * 5000])
def test_what_is_not_there_cannot_be_reported(enter, alan, what):
    assert enter(alan).get(f"/report/?what={what}").status_code == 404


def test_the_page_says_who_will_see_it(enter, alan, rosas, community):
    page = text(enter(alan).get(f"/report/?what={rosas.ref}"))
    assert REASON in page
    assert "The community&#x27;s curators see it" in page or "curators see it" in page
    assert "does not learn that you did" in page

    page = text(enter(alan).get(f"/report/?what=community-{community.pk}"))
    assert "people who run this server see it" in page


def test_a_report_is_made_and_one_is_led_back(enter, alan, rosas, community):
    answer = enter(alan).post(f"/report/?what={rosas.ref}", {"type": "unkind", "words": HOSTILE}, follow=True)

    assert answer.redirect_chain == [(f"/c/custserv/#nomination-{rosas.row.pk}", 302)]
    assert "It will be looked at" in text(answer)
    made = Report.objects.get()
    assert (made.reporter, made.type, made.community) == (alan, "unkind", community)
    assert "<script>" in made.words


def test_this_is_me_leads_to_where_one_decides_it_oneself(enter, rosas, proven):
    answer = enter(proven("rosa")).post(f"/report/?what={rosas.ref}", {"type": "unwilling", "who": "me"})

    assert answer.headers["Location"] == "/me/said/"
    assert not Report.objects.exists()


def test_somebody_elses_will_is_reported(enter, rosas, alan):
    client = enter(alan)
    unsaid = client.post(f"/report/?what={rosas.ref}", {"type": "unwilling", "words": "She told me."})
    assert unsaid.status_code == 422
    assert "Say whether this is you" in text(unsaid)
    assert "She told me." in text(unsaid)

    client.post(f"/report/?what={rosas.ref}", {"type": "unwilling", "who": "them", "words": "She told me."})

    assert Report.objects.get().type == "unwilling"


@pytest.mark.parametrize(
    ("form", "complaint"),
    [({}, "Choose what is wrong"), ({"type": "x"}, "Select a valid choice"), ({"type": "other"}, "in a few words"),
     ({"type": "unkind", "words": "ä" * 1001}, "A little shorter"), ({"type": "unkind", "words": "a" * 5000}, "4000"),
     ({"type": "unkind", "words": "a\x00b"}, "Null characters")],
)  # fmt: skip
def test_a_form_that_cannot_be_kept_says_why_and_keeps_what_was_typed(enter, alan, rosas, form, complaint):
    answer = enter(alan).post(f"/report/?what={rosas.ref}", form)

    assert answer.status_code == 422
    assert complaint in text(answer)
    assert form.get("words", "") in text(answer)
    assert not Report.objects.exists()


def test_too_often_is_429_with_a_word_on_when(enter, alan, nominated, grace, monkeypatch):
    monkeypatch.setitem(limits.NEWCOMERS, Deed.REPORT, Allowance(1, 1))
    first, second = (nominated(name, by=grace).pk for name in ("rosa", "emma"))
    client = enter(alan)
    client.post(f"/report/?what=nomination-{first}", {"type": "unkind"})

    answer = client.post(f"/report/?what=nomination-{second}", {"type": "unkind", "words": "Kept."})

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) == 86_400
    assert "You can go on at" in text(answer)
    assert "Kept." in text(answer)


def test_nominating_and_voting_too_often_are_429_too(enter, alan, nominated, grace, monkeypatch, on_mastodon):
    nomination = nominated("rosa", by=grace)
    nominated("clara", by=alan)
    for deed in (Deed.NOMINATE, Deed.VOTE):
        monkeypatch.setitem(limits.NEWCOMERS, deed, Allowance(1, 1))
    client = enter(alan)
    on_mastodon("emma")

    for address, form in (
        ("/c/custserv/nominate/", {"handle": "@emma@social.example", "reason": REASON}),
        (f"/c/custserv/nominations/{nomination.pk}/vote/", {"deed": "second", "reason": ""}),
    ):
        answer = client.post(address, form)
        assert answer.status_code == 429, address
        assert int(answer["Retry-After"]) > 0
    assert client.post(address, form, headers={"HX-Request": "true"}).status_code == 429


def test_links_to_report_stand_beside_reasons_on_board_and_edition(client, published, community):
    board = text(client.get("/c/custserv/"))
    assert f"/report/?what=community-{community.pk}" in board
    assert "/c/custserv/log/" in board
    with time_machine.travel(FRIDAY + timedelta(hours=1), tick=False):
        page = text(client.get(published.get_absolute_url()))
    for quote in Quote.objects.readable():
        assert f'href="/report/?what={quote.ref}"' in page


# The queues


@pytest.mark.parametrize("address", [DESK, f"{DESK}nomination-1/", "/desk/custserv/appeals/1/"])
def test_nobody_but_this_communitys_curators_gets_to_its_desk(client, enter, reported, alan, person, address):
    elsewhere = person("Edsger")
    found(by=elsewhere, at=MONDAY, name="Elsewhere", slug="elsewhere", hashtag="elsewhere")
    method = "get" if address == DESK else "post"

    assert getattr(client, method)(address).status_code == 302
    for somebody in (alan, elsewhere, person("Joan")):
        assert getattr(enter(somebody), method)(address).status_code == 403
    assert Report.objects.open().exists()


@pytest.mark.parametrize("address", [STAFF, f"{STAFF}nomination-1/", f"{STAFF}appeals/1/", f"{STAFF}domains/"])
def test_nobody_but_staff_gets_to_the_servers(client, enter, reported, ada, alan, address):
    method = "post" if address.count("-") or "appeals" in address else "get"

    assert getattr(client, method)(address).status_code == 302
    for somebody in (ada, alan):
        assert getattr(enter(somebody), method)(address).status_code == 403


def test_a_curator_of_one_community_decides_nothing_in_another(enter, reported, person):
    elsewhere = person("Edsger")
    found(by=elsewhere, at=MONDAY, name="Elsewhere", slug="elsewhere", hashtag="elsewhere")
    client = enter(elsewhere)

    assert reported.ref not in text(client.get("/desk/elsewhere/reports/"))
    answer = client.post(f"/desk/elsewhere/reports/{reported.ref}/", {"deed": "dismiss"})

    assert answer.status_code == 404
    assert Report.objects.open().exists()


@pytest.mark.parametrize("ticked", [{}, {"fraud": "yes"}])
def test_a_ban_out_of_a_report_says_whether_it_is_for_fraud(enter, ada, grace, community, reported, ticked):
    answer = enter(ada).post(
        f"/desk/custserv/reports/{reported.ref}/", {"deed": "decide", "deeds": ["ban"], "words": "Enough."} | ticked
    )

    assert answer.status_code == 302
    assert community.memberships.get(user=grace).banned_for_fraud is bool(ticked)
    assert Moderation.objects.get(kind="ban").for_fraud is bool(ticked)


def test_the_desk_shows_what_was_said_where_by_whom_and_all_reports(enter, ada, reported, person):
    report(by=person("Edsger"), thing=reported, type="advert", words="A second one.", at=MONDAY)

    page = text(enter(ada).get(DESK))

    assert REASON in page
    assert "Grace" in page
    assert "Rosa" in page
    assert "Unkind or harassing" in page
    assert "A second one." in page
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_whom_it_is_about_sees_that_there_is_one_and_no_more(enter, nominated, grace, alan, community, proven):
    rosa = proven("rosa")
    Membership.objects.create(community=community, user=rosa, role="curator")
    thing = find(f"nomination-{nominated('rosa', by=grace).pk}")
    report(by=alan, thing=thing, type="unkind", words="Secret words.", at=MONDAY)

    page = text(enter(rosa).get(DESK))

    assert "This is about you" in page
    assert "Secret words." not in page


def test_however_many_reports_it_costs_the_same(enter, ada, nominated, grace, alan, person, community):
    community.nominations_per_week = 10
    community.save()
    client = enter(ada)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(DESK).status_code == 200
        return len(captured)

    def reports(*names):
        for name in names:
            thing = find(f"nomination-{nominated(name, by=grace).pk}")
            for who in range(3):
                report(by=person(f"{name}{who}"), thing=thing, type="unkind", at=MONDAY)

    nominated("a0", by=grace).edition.community.refresh_from_db()
    reports("a1")
    few = queries()
    reports("a2", "a3")

    assert queries() == few <= 16


def test_what_is_gone_says_so(enter, ada, reported):
    reported.row.delete()

    page = text(enter(ada).get(DESK))

    assert "It is no longer there" in page
    assert enter(ada).post(f"{DESK}{reported.ref}/", {"deed": "dismiss"}).status_code == 404


def test_a_decision_by_the_page(enter, ada, reported):
    client = enter(ada)

    answer = client.post(
        f"{DESK}{reported.ref}/",
        {"deed": "decide", "deeds": ["hide", "suspend"], "until": "2026-11-09", "words": WHY},
        follow=True,
    )

    assert answer.redirect_chain == [(DESK, 302)]
    assert "Whom it affects is told" in text(answer)
    assert "Show it again" in text(answer)
    assert Moderation.objects.get(kind="suspend").until.isoformat() == "2026-11-10T00:00:00+00:00"
    client.post(f"{DESK}{reported.ref}/", {"deed": "unhide"})
    assert Nomination.objects.get().hidden_at is None


def test_a_dismissal_by_the_page(enter, ada, reported):
    answer = enter(ada).post(f"{DESK}{reported.ref}/", {"deed": "dismiss"}, follow=True)

    assert "nothing was wrong" in text(answer)
    assert Report.objects.get().state == "dismissed"


@pytest.mark.parametrize(
    ("form", "complaint"),
    [({"deed": "decide"}, "Choose what is to be done"), ({"deed": "decide", "deeds": "hide"}, "Say why"),
     ({"deed": "decide", "deeds": "x"}, "valid choice"),
     ({"deed": "decide", "deeds": "suspend"}, "within the next year"),
     ({"deed": "decide", "deeds": "suspend", "until": "9999-12-31"}, "within the next year"),
     ({"deed": "decide", "deeds": "suspend", "until": "soon"}, "Enter a valid date"),
     ({"deed": "nonsense"}, "We did not understand"), ({}, "We did not understand")],
)  # fmt: skip
def test_a_refusal_stands_where_it_belongs_with_what_was_typed(enter, ada, reported, form, complaint):
    words = "" if "Say why" in complaint else "My words to them."

    answer = enter(ada).post(f"{DESK}{reported.ref}/", {"words": words} | form)

    assert answer.status_code == 422
    assert complaint in alerts(answer)
    assert words in text(answer)
    assert Report.objects.open().exists()


def test_a_second_click_says_that_somebody_was_quicker(enter, ada, reported):
    client = enter(ada)
    form = {"deed": "decide", "deeds": "hide", "words": WHY}
    client.post(f"{DESK}{reported.ref}/", form)

    answer = client.post(f"{DESK}{reported.ref}/", form)

    assert answer.status_code == 422
    assert Moderation.objects.count() == 1


def test_staff_sees_what_is_theirs(enter, staff, nominated, ada, alan, reported, community):
    own = find(f"nomination-{nominated('emma', by=ada).pk}")
    report(by=alan, thing=own, type="unkind", words="About a curator.", at=MONDAY)
    report(by=alan, thing=find(f"community-{community.pk}"), type="other", words="About it all.", at=MONDAY)
    client = enter(staff)

    page = text(client.get(STAFF))
    assert "About a curator." in page
    assert "About it all." in page
    assert reported.ref not in page
    with time_machine.travel(MONDAY + timedelta(hours=73), tick=False):
        assert reported.ref in text(client.get(STAFF))

    answer = client.post(f"{STAFF}{own.ref}/", {"deed": "decide", "deeds": "hide", "words": WHY}, follow=True)
    assert answer.redirect_chain == [(STAFF, 302)]
    assert Moderation.objects.get().role == "staff"
    refused = client.post(f"{STAFF}{own.ref}/", {"deed": "decide", "deeds": "hide", "words": WHY})
    assert refused.status_code == 422
    assert client.post(f"{STAFF}quote-77/", {"deed": "dismiss"}).status_code == 404


# Decisions about me


def test_one_reads_what_was_decided_about_one_and_why(enter, reported, ada, grace, alan):
    decide(thing=reported, by=ada, deeds=["suspend"], words=HOSTILE, until=MONDAY + timedelta(days=2), at=MONDAY)

    page = text(enter(grace).get(MINE))
    assert "You may only read for a while" in page
    assert "4 November 2026" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page
    other = text(enter(alan).get(MINE))
    assert "Nobody had to decide anything about you" in other
    assert "Something was done" in other


def test_a_stranger_has_no_decisions(client):
    assert client.get(MINE).status_code == 302
    assert client.post(f"{MINE}1/appeal/").status_code == 302


def test_an_appeal_by_the_page_and_its_answer(enter, reported, ada, grace, alan, community, curator):
    give_role(membership=community.memberships.get(user=alan), role="curator", by=curator)
    (decision,) = decide(thing=reported, by=ada, deeds=["hide"], words=WHY, at=MONDAY)
    hers = enter(grace)

    empty = hers.post(f"{MINE}{decision.pk}/appeal/", {"words": ""})
    assert empty.status_code == 422
    assert "Say why" in alerts(empty)
    answer = hers.post(f"{MINE}{decision.pk}/appeal/", {"words": "A joke."}, follow=True)
    assert "Somebody else than who decided" in text(answer)
    again = hers.post(f"{MINE}{decision.pk}/appeal/", {"words": "Again."})
    assert again.status_code == 422

    made = Appeal.objects.get()
    assert "A joke." not in text(enter(ada).get(DESK))
    assert enter(ada).post(f"/desk/custserv/appeals/{made.pk}/", {"deed": "uphold", "words": "No."}).status_code == 404
    his = enter(alan)
    assert "A joke." in text(his.get(DESK))
    for form in ({"deed": "overturn"}, {"deed": "x", "words": "Kept words."}):
        refused = his.post(f"/desk/custserv/appeals/{made.pk}/", form)
        assert refused.status_code == 422
        assert form.get("words", "") in text(refused)
    answer = his.post(f"/desk/custserv/appeals/{made.pk}/", {"deed": "overturn", "words": "So it was."}, follow=True)
    assert "Both sides are told" in text(answer)
    assert Nomination.objects.get().hidden_at is None
    assert "So it was." in text(hers.get(MINE))


def test_staff_answers_where_no_curator_can(enter, reported, ada, grace, staff):
    (decision,) = decide(thing=reported, by=ada, deeds=["hide"], words=WHY, at=MONDAY)
    made = appeal(decision=decision, by=grace, words="A joke.", at=MONDAY)
    client = enter(staff)

    assert "A joke." in text(client.get(STAFF))
    assert client.post(f"{STAFF}appeals/{made.pk}/", {"deed": "uphold"}).status_code == 422
    client.post(f"{STAFF}appeals/{made.pk}/", {"deed": "uphold", "words": "It stands."})

    made.refresh_from_db()
    assert made.state == "upheld"
    assert client.post(f"{STAFF}appeals/{made.pk}/", {"deed": "uphold", "words": "It stands."}).status_code == 422


def test_nobody_appeals_for_another(enter, reported, ada, alan):
    (decision,) = decide(thing=reported, by=ada, deeds=["hide"], words=WHY, at=MONDAY)

    assert enter(alan).post(f"{MINE}{decision.pk}/appeal/", {"words": "Please."}).status_code == 404


def test_a_report_is_taken_back_by_its_reporter_alone(enter, reported, alan, grace):
    made = Report.objects.get()

    assert enter(grace).post(f"/me/reports/{made.pk}/withdraw/").status_code == 404
    answer = enter(alan).post(f"/me/reports/{made.pk}/withdraw/", follow=True)

    assert "Withdrawn." in text(answer)
    assert "decided already" in text(enter(alan).post(f"/me/reports/{made.pk}/withdraw/", follow=True))


# The public log


def test_the_log_is_read_by_everybody_and_kept_like_other_public_pages(
    client, settings, reported, ada, django_capture_on_commit_callbacks
):
    settings.FF_PAGE_CACHE = True
    cache.clear()
    address = "/c/custserv/log/"
    assert "Nothing had to be decided" in text(client.get(address))
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    assert len(captured) == 0

    with django_capture_on_commit_callbacks(execute=True):
        decide(thing=reported, by=ada, deeds=["warn"], words=WHY, at=MONDAY)

    page = text(client.get(address))
    assert "Warned somebody" in page
    assert '<time datetime="2026-11-02"' in page


def test_the_log_has_pages_and_costs_the_same(client, community, ada):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/c/custserv/log/").status_code == 200
        return len(captured)

    Moderation.objects.create(community=community, by=ada, role="owner", kind="ban", reason="First.", affected=ada)
    few = queries()
    Moderation.objects.bulk_create(
        Moderation(community=community, by=ada, role="owner", kind="ban", reason=f"Number {n}.", affected=ada)
        for n in range(60)
    )

    assert queries() == few
    assert "Number 59." in text(client.get("/c/custserv/log/"))
    assert "Number 9." in text(client.get("/c/custserv/log/?page=2"))


# Servers that opted out


def test_staff_opts_a_domain_out_and_in_and_the_public_reads_it(enter, client, staff):
    hers = enter(staff)
    answer = hers.post(f"{STAFF}domains/", {"domain": "Strict.Example", "reason": "We asked our people."}, follow=True)
    assert "strict.example has opted out" in text(answer)
    assert DomainOptOut.objects.get().by == staff

    page = text(client.get("/opted-out/"))
    assert "strict.example" in page
    assert "We asked our people." in page
    wrong = hers.post(f"{STAFF}domains/", {"domain": "no domain", "reason": "Kept."})
    assert wrong.status_code == 422
    assert "Kept." in text(wrong)
    assert hers.post(f"{STAFF}domains/", {"domain": "other.example", "deed": "undo"}).status_code == 422
    hers.post(f"{STAFF}domains/", {"domain": "strict.example", "deed": "undo"})
    assert "None so far" in text(client.get("/opted-out/"))


def test_an_entry_is_reported_from_the_page_of_a_quote(enter, alan, published):
    with time_machine.travel(FRIDAY + timedelta(hours=1), tick=False):
        quote = Quote.objects.filter(entry__profile__name="rosa").first()
        page = text(enter(alan).get(f"/report/?what={quote.ref}"))
        entry = Entry.objects.get(profile__name="rosa")

        assert f"/report/?what=entry-{entry.pk}" in page
        assert "Rosa" in text(enter(alan).get(f"/report/?what=entry-{entry.pk}"))
