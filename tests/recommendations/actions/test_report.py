"""Reports reach those who can do something, and never whom they are about."""

from datetime import timedelta

import pytest

from recommendations import limits
from recommendations.actions import Refused, TooSoon
from recommendations.actions.answer import block, veto
from recommendations.actions.comment import comment
from recommendations.actions.consent import decline
from recommendations.actions.join import give_role
from recommendations.actions.report import report, withdraw
from recommendations.actions.vote import approve
from recommendations.consent import Signal
from recommendations.limits import Allowance, Deed
from recommendations.models import Edition, Entry, Membership, Nomination, Notification, Profile, Quote, Report, Vote
from recommendations.models.cases import cases
from recommendations.models.reported import find, for_reader, load, parse
from recommendations.models.said import find as reason_of
from tests.conftest import FRIDAY, MONDAY
from tests.recommendations.actions.conftest import REASON

pytestmark = pytest.mark.django_db

Type, State = Report.Type, Report.State


@pytest.fixture
def rosas(nominated, grace):
    """Grace's nomination of Rosa, as a report names it."""
    return find(f"nomination-{nominated('rosa', by=grace).pk}")


@pytest.fixture
def staff(person):
    return person("Barbara", is_staff=True)


def told(user, kind="curator"):
    return [each.occasion for each in Notification.objects.filter(user=user, kind=kind)]


def test_curators_are_told_and_whom_it_is_about_is_not(rosas, alan, grace, ada):
    made = report(by=alan, thing=rosas, type=Type.UNKIND, words="She is mocked.", at=MONDAY)

    assert (made.state, made.against, made.community) == (State.OPEN, grace, rosas.community)
    assert told(ada) == ["report"]
    assert told(grace) == told(alan) == []
    assert list(Report.objects.for_desk(rosas.community)) == [made]
    assert not Report.objects.for_staff(MONDAY).exists()


def test_once_for_each_reporter_and_thing_while_it_is_open(rosas, alan, ada):
    first = report(by=alan, thing=rosas, type=Type.UNKIND, at=MONDAY)

    with pytest.raises(Refused, match="reported this already"):
        report(by=alan, thing=rosas, type=Type.ADVERT, at=MONDAY)

    report(by=ada, thing=rosas, type=Type.ADVERT, at=MONDAY)
    withdraw(report=first, by=alan, at=MONDAY)
    report(by=alan, thing=rosas, type=Type.ADVERT, at=MONDAY)
    assert Report.objects.count() == 3


@pytest.mark.parametrize(
    ("type", "words", "complaint", "field"),
    [
        ("", "", "Choose what is wrong", "type"),
        ("nonsense", "", "Choose what is wrong", "type"),
        (Type.OTHER, " \u200b ", "in a few words", "words"),
        (Type.ADVERT, "a" * 1001, "A little shorter", "words"),
    ],
)
def test_what_cannot_be_understood_is_refused(rosas, alan, type, words, complaint, field):
    with pytest.raises(Refused, match=complaint) as refusal:
        report(by=alan, thing=rosas, type=type, words=words, at=MONDAY)

    assert refusal.value.field == field
    assert not Report.objects.exists()


def test_nobody_reports_themselves(rosas, grace):
    with pytest.raises(Refused, match="You said that yourself"):
        report(by=grace, thing=rosas, type=Type.UNKIND, at=MONDAY)


def test_what_a_curator_said_goes_to_the_servers_staff(nominated, ada, alan, staff):
    thing = find(f"nomination-{nominated('rosa', by=ada).pk}")

    report(by=alan, thing=thing, type=Type.UNKIND, at=MONDAY)

    assert not Report.objects.for_desk(thing.community).exists()
    assert Report.objects.for_staff(MONDAY).count() == 1
    assert told(ada) == []
    assert told(staff) == ["report"]


def test_about_a_member_who_becomes_a_curator_staff_decides(rosas, alan, grace, curator):
    report(by=alan, thing=rosas, type=Type.UNKIND, at=MONDAY)
    give_role(membership=rosas.community.memberships.get(user=grace), role="curator", by=curator)

    assert not Report.objects.for_desk(rosas.community).exists()
    assert Report.objects.for_staff(MONDAY).exists()


def test_a_community_is_reported_to_staff_by_anybody(community, person, staff):
    report(by=person("Edsger"), thing=find(f"community-{community.pk}"), type=Type.OTHER, words="Look.", at=MONDAY)

    assert not Report.objects.for_desk(community).exists()
    assert told(staff) == ["report"]


def test_after_three_days_staff_looks_too(rosas, alan):
    made = report(by=alan, thing=rosas, type=Type.UNKIND, at=MONDAY)
    then = MONDAY + timedelta(hours=72)

    assert not Report.objects.for_staff(then).exists()
    assert list(Report.objects.for_staff(then + timedelta(seconds=1))) == [made]
    assert made.is_late(then + timedelta(seconds=1))
    withdraw(report=made, by=alan)
    assert not Report.objects.for_staff(then + timedelta(seconds=1)).exists()


def test_whom_it_is_about_is_not_told_though_they_curate(nominated, proven, community, grace, alan):
    rosa = proven("rosa")
    Membership.objects.create(community=community, user=rosa, role="curator")
    thing = find(f"nomination-{nominated('rosa', by=grace).pk}")

    report(by=alan, thing=thing, type=Type.UNWILLING, at=MONDAY)

    assert told(rosa) == []


def test_reports_have_a_limit(monkeypatch, nominated, grace, alan):
    monkeypatch.setitem(limits.NEWCOMERS, Deed.REPORT, Allowance(1, 1))
    first, second = (find(f"nomination-{nominated(name, by=grace).pk}") for name in ("rosa", "emma"))
    report(by=alan, thing=first, type=Type.UNKIND, at=MONDAY)

    with pytest.raises(TooSoon):
        report(by=alan, thing=second, type=Type.UNKIND, at=MONDAY)


def test_only_ones_own_report_is_withdrawn_and_only_while_it_is_open(rosas, alan, grace):
    made = report(by=alan, thing=rosas, type=Type.UNKIND, at=MONDAY)

    with pytest.raises(Refused, match="Only the one who reported it"):
        withdraw(report=made, by=grace)
    withdraw(report=made, by=alan)
    with pytest.raises(Refused, match="decided already"):
        withdraw(report=made, by=alan)


# What may be reported: what one may read


def test_everything_on_an_edition_can_be_found_and_says_what_it_is(published, grace, alan):
    quote = Quote.objects.get(author=grace)
    entry = quote.entry
    said = comment(by=alan, edition=published, text="Fine.", at=FRIDAY)

    found = {ref: for_reader(ref, alan) for ref in (f"quote-{quote.pk}", f"entry-{entry.pk}")}
    found["comment"] = for_reader(f"comment-{said.pk}", grace)

    for thing in found.values():
        assert thing is not None
        assert thing.community == published.community
        assert thing.link.startswith(published.get_absolute_url())
        assert thing.hidden_at is None
    assert [(thing.author, thing.text) for thing in found.values()] == [(grace, REASON), (None, ""), (alan, "Fine.")]


def test_a_second_on_the_board_can_be_reported(nominated, grace, alan, person):
    nomination = nominated("rosa", by=grace)
    vote = approve(by=alan, nomination=nomination, reason=REASON, at=MONDAY)

    thing = for_reader(f"second-{vote.pk}", person("Edsger"))

    assert thing is not None
    assert (thing.author, thing.text, thing.is_reason) == (alan, REASON, True)
    assert thing.link.endswith(f"#nomination-{nomination.pk}")


def test_a_bare_vote_is_nobodys_business(nominated, grace, alan):
    vote = approve(by=alan, nomination=nominated("rosa", by=grace), at=MONDAY)

    assert for_reader(f"second-{vote.pk}", grace) is None


def test_what_members_alone_see_strangers_cannot_look_up_by_reporting_it(nominated, grace, alan, person):
    nomination = nominated("rosa", by=grace, signal=Signal.MANUAL)

    assert for_reader(f"nomination-{nomination.pk}", alan) is not None
    assert for_reader(f"nomination-{nomination.pk}", person("Edsger")) is None


def test_what_is_hidden_or_silenced_cannot_be_read_by_reporting_it(nominated, proven, grace, alan, person):
    rosa = proven("rosa")
    nomination = nominated("rosa", by=grace)
    approve(by=alan, nomination=nomination, reason=REASON, at=MONDAY)
    ref = f"nomination-{nomination.pk}"
    veto(reason=reason_of(rosa, ref), by=rosa, at=MONDAY)
    assert for_reader(ref, alan) is None

    emma = proven("emma")
    other = nominated("emma", by=grace)
    approve(by=alan, nomination=other, reason=REASON, at=MONDAY)
    block(reason=reason_of(emma, f"nomination-{other.pk}"), by=emma, at=MONDAY)
    assert for_reader(f"nomination-{other.pk}", alan) is None
    assert for_reader(f"nomination-{other.pk}", grace) is not None, "they must not learn that they are blocked"


def test_drafts_tombstones_and_what_was_left_cannot_be_reported(draft, proven, alan):
    quote = Quote.objects.filter(entry__profile__name="rosa").first()
    assert for_reader(f"quote-{quote.pk}", alan) is None
    Edition.objects.filter(pk=draft.pk).update(state="published", number=1, published_at=FRIDAY)
    assert for_reader(f"quote-{quote.pk}", alan) is not None

    Entry.objects.filter(pk=quote.entry_id).update(left_at=FRIDAY)
    assert for_reader(f"entry-{quote.entry_id}", alan) is None
    Entry.objects.filter(pk=quote.entry_id).update(left_at=None)
    decline(profile=Profile.objects.get(name="rosa"), by=proven("rosa"), at=FRIDAY)
    assert for_reader(f"quote-{quote.pk}", alan) is None


@pytest.mark.parametrize(
    "ref", ["", "-", "quote", "quote-", "quote--1", "quote-x", "quote-1.5", "vote-1", "quote-" + "9" * 19, "quote-٣",
            "community-0", "\x00-1", "quote-1\x00", "QUOTE-1", "a" * 100_000],
)  # fmt: skip
def test_names_of_nothing_find_nothing(db, ref, alan):
    assert for_reader(ref, alan) is None
    assert parse("quote-12") == ("quote", 12)


def test_many_things_cost_a_query_for_each_kind(nominated, grace, alan, community, django_assert_num_queries):
    for name in ("rosa", "emma", "clara"):
        approve(by=alan, nomination=nominated(name, by=grace), reason=REASON, at=MONDAY)
    named = [("nomination", pk) for pk in Nomination.objects.values_list("pk", flat=True)]
    named += [("second", pk) for pk in Vote.objects.values_list("pk", flat=True)]

    with django_assert_num_queries(2):
        found = load(named)
        assert all(thing.author and thing.community == community for thing in found.values())

    assert len(found) == 3 + 6


def test_a_case_holds_all_reports_on_one_thing_those_that_wait_first(nominated, grace, alan, ada, person, community):
    rosa, emma, clara = (find(f"nomination-{nominated(name, by=grace).pk}") for name in ("rosa", "emma", "clara"))
    for minutes, (by, thing) in enumerate(((alan, emma), (alan, rosa), (ada, rosa), (alan, clara))):
        report(by=by, thing=thing, type=Type.UNKIND, at=MONDAY + timedelta(minutes=minutes))
    Report.objects.on("nomination", emma.row.pk).update(state=State.DISMISSED)

    found, page = cases(Report.objects.for_desk(community), None)

    assert [case.ref for case in found] == [rosa.ref, clara.ref, emma.ref]
    assert [len(case.reports) for case in found] == [2, 1, 1]
    assert [case.is_open for case in found] == [True, True, False]
    assert not page.has_other_pages()
