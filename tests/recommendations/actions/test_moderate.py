"""What curators and staff decide holds at once, is done once, is written down, and is told to whom it affects."""

from datetime import timedelta

import pytest
from django.test import Client

from recommendations import tasks
from recommendations.actions import Refused
from recommendations.actions.answer import lift_veto, veto
from recommendations.actions.comment import comment
from recommendations.actions.compile import compile_edition
from recommendations.actions.edit_draft import drop, reorder
from recommendations.actions.hide import mark
from recommendations.actions.join import ban, found, give_role, join
from recommendations.actions.moderate import decide, dismiss, judge, unhide
from recommendations.actions.nominate import withdraw
from recommendations.actions.publish import publish
from recommendations.actions.report import report
from recommendations.actions.special import make_special
from recommendations.actions.vote import approve
from recommendations.handles import Network
from recommendations.models import (
    Edition,
    Entry,
    Membership,
    Moderation,
    Nomination,
    Notification,
    Profile,
    Quote,
    Report,
)
from recommendations.models.board import board_for
from recommendations.models.reported import find
from recommendations.models.said import find as reason_of
from recommendations.models.said import said_of
from tests.conftest import FRIDAY, MONDAY, THURSDAY
from tests.recommendations.actions.conftest import REASON, names

pytestmark = pytest.mark.django_db

Deed = Moderation.Kind
WHY = "We do not speak of people like this."
LATER = FRIDAY + timedelta(hours=1)
EDITION, FEED = "/c/custserv/editions/1/", "/c/custserv/feed.json"
UNKIND = "Somebody so slow that one must simply see it."


@pytest.fixture
def staff(person):
    return person("Barbara", is_staff=True)


@pytest.fixture
def reported(nominated, grace, alan):
    """Grace's reason for Rosa on the open board, which Alan reported as unkind."""
    thing = find(f"nomination-{nominated('rosa', by=grace).pk}")
    report(by=alan, thing=thing, type="unkind", at=MONDAY)
    return thing


@pytest.fixture
def quoted(published, alan, grace):
    """The same in the published edition."""
    thing = find(f"quote-{Quote.objects.get(author=grace).pk}")
    report(by=alan, thing=thing, type="unkind", at=FRIDAY)
    return thing


def reread(thing):
    return find(thing.ref)


def board(community, reader, at=MONDAY):
    found = board_for(community, community.membership_of(reader), at)
    return {card.profile.name: [quote.text for quote in card.quotes] for card in found.cards}


def log():
    return list(Moderation.objects.order_by("pk").values_list("kind", flat=True))


def told(user):
    return [each.occasion for each in Notification.objects.filter(user=user, kind="decision").order_by("pk")]


# Dismiss


def test_dismissed_reports_are_answered_and_nothing_else_happens(reported, ada, alan, grace, community):
    decision = dismiss(thing=reported, by=ada, at=MONDAY)

    assert Report.objects.get().state == Report.State.DISMISSED
    assert (decision.kind, decision.rule, decision.role, decision.affected) == ("dismiss", "unkind", "owner", None)
    assert told(alan) == ["reported"]
    assert told(grace) == []
    assert board(community, alan) == {"rosa": [REASON]}


def test_one_decision_answers_all_reports_on_a_thing(reported, ada, person):
    report(by=person("Edsger"), thing=reported, type="advert", at=MONDAY)

    dismiss(thing=reported, by=ada, at=MONDAY)

    assert not Report.objects.open().exists()
    assert log() == ["dismiss"]


def test_a_second_click_and_a_second_curator_do_nothing(reported, ada, staff):
    decide(thing=reported, by=ada, deeds=[Deed.HIDE, Deed.WARN], words=WHY, at=MONDAY)

    for again in (ada, staff):
        with pytest.raises(Refused, match="Somebody was quicker"):
            decide(thing=reported, by=again, deeds=[Deed.HIDE, Deed.WARN], words=WHY, at=MONDAY)
        with pytest.raises(Refused, match="Somebody was quicker"):
            dismiss(thing=reported, by=again, at=MONDAY)

    assert log() == ["hide", "warn"]


# Hide


def test_a_hidden_reason_is_read_by_nobody_and_its_nomination_counts(reported, ada, alan, grace, community):
    (decision,) = decide(thing=reported, by=ada, deeds=[Deed.HIDE], words=WHY, at=MONDAY)

    assert board(community, alan) == {"rosa": []}
    assert reread(reported).hidden_at == MONDAY
    assert Nomination.objects.get().votes.count() == 1
    assert (decision.words, decision.affected, decision.thing) == (WHY, grace, reported.ref)
    assert told(grace) == ["hide"]
    compile_edition(edition=reported.edition, at=THURSDAY)
    assert names(reported.edition) == ["rosa"]
    assert Quote.objects.get().hidden_at == MONDAY


def test_a_reason_reported_on_the_board_is_hidden_where_it_is_quoted_too(reported, ada, edition):
    compile_edition(edition=edition, at=THURSDAY)

    decide(thing=reread(reported), by=ada, deeds=[Deed.HIDE], words=WHY, at=FRIDAY)

    assert Quote.objects.get().hidden_at == FRIDAY


def test_a_hidden_quote_leaves_pages_feeds_and_posts(
    edition, nominated, grace, alan, ada, client, channel, fake_networks
):
    nominated("rosa", by=grace, reason=UNKIND)
    nominated("emma", by=alan)
    compile_edition(edition=edition, at=THURSDAY)
    publish(edition=Edition.objects.get(pk=edition.pk), at=FRIDAY)
    thing = find(f"quote-{Quote.objects.get(author=grace).pk}")
    report(by=alan, thing=thing, type="unkind", at=FRIDAY)
    tasks.send_due(at=FRIDAY, run=tasks.at_once)
    there = fake_networks[Network.BLUESKY]
    before = [UNKIND in client.get(page).content.decode() for page in (EDITION, FEED)]

    decide(thing=thing, by=ada, deeds=[Deed.HIDE], words=WHY, at=LATER)
    after = [UNKIND in client.get(page).content.decode() for page in (EDITION, FEED)]
    posted = list(there.texts)
    for minutes in range(20):
        tasks.sweep(at=LATER + timedelta(minutes=minutes), run=tasks.at_once)

    assert (before, after) == ([True, True], [False, False])
    assert any(UNKIND[:20] in text for text in posted)
    assert there.texts
    assert not any(UNKIND[:20] in text for text in there.texts)


def test_a_curators_hiding_and_the_nominees_veto_are_two_things(quoted, ada, proven):
    rosa = proven("rosa")
    reason = reason_of(rosa, quoted.ref)
    veto(reason=reason, by=rosa, at=FRIDAY)
    decide(thing=reread(quoted), by=ada, deeds=[Deed.HIDE], words=WHY, at=LATER)

    lift_veto(reason=reason, by=rosa, at=LATER)

    assert not Quote.objects.readable().filter(pk=quoted.row.pk).exists()
    unhide(thing=reread(quoted), by=ada, at=LATER)
    assert Quote.objects.readable().filter(pk=quoted.row.pk).exists()
    veto(reason=reason, by=rosa, at=LATER)
    assert not Quote.objects.readable().filter(pk=quoted.row.pk).exists()


def test_whom_it_is_about_still_reads_what_was_hidden(quoted, ada, proven):
    proven("rosa")
    decide(thing=quoted, by=ada, deeds=[Deed.HIDE], words=WHY, at=LATER)

    sayings = said_of(Profile.objects.filter(name="rosa"))

    assert REASON in [reason.text for saying in sayings for reason in saying.reasons]


def test_a_hidden_second_is_gone_from_the_board(nominated, grace, alan, ada, community):
    vote = approve(by=alan, nomination=nominated("rosa", by=grace), reason=f"{REASON} Twice.", at=MONDAY)
    thing = find(f"second-{vote.pk}")
    report(by=grace, thing=thing, type="unkind", at=MONDAY)

    decide(thing=thing, by=ada, deeds=[Deed.HIDE], words=WHY, at=MONDAY)

    assert board(community, grace) == {"rosa": [REASON]}


def test_an_heir_keeps_what_was_decided_about_their_reason(nominated, grace, alan, ada, community):
    nomination = nominated("rosa", by=grace)
    vote = approve(by=alan, nomination=nomination, reason=f"{REASON} Twice.", at=MONDAY)
    mark(find(f"second-{vote.pk}"), hidden=True, at=MONDAY)

    withdraw(by=grace, nomination=nomination, at=MONDAY)

    assert board(community, ada) == {"rosa": []}


def test_a_hidden_comment_is_not_read(published, grace, alan, ada):
    said = comment(by=alan, edition=published, text="You are all fools.", at=FRIDAY)
    thing = find(f"comment-{said.pk}")
    report(by=grace, thing=thing, type="unkind", at=FRIDAY)

    decide(thing=thing, by=ada, deeds=[Deed.HIDE], words=WHY, at=LATER)

    said.refresh_from_db()
    assert said.hidden_at == LATER
    assert told(alan) == ["hide"]


def test_somebody_taken_off_a_list_leaves_a_gap_everywhere(published, ada, alan, client):
    entry = Entry.objects.get(profile__name="rosa")
    thing = find(f"entry-{entry.pk}")
    report(by=alan, thing=thing, type="unwilling", words="She told me so.", at=FRIDAY)

    decide(thing=thing, by=ada, deeds=[Deed.HIDE], words=WHY, at=LATER)

    page = client.get(EDITION).content.decode()
    assert "Rosa" not in page
    assert "Emma" in page
    assert list(published.entries.ranked().values_list("rank", flat=True)) == [1, 2, 3]
    assert published.deliveries.get().correct_from is not None
    unhide(thing=reread(thing), by=ada, at=LATER)
    assert "Rosa" in client.get(EDITION).content.decode()


def test_what_is_hidden_is_not_quoted_again(quoted, ada, curator):
    decide(thing=quoted, by=ada, deeds=[Deed.HIDE], words=WHY, at=LATER)
    rosa = Profile.objects.get(name="rosa")

    special = make_special(by=curator, people=[(rosa, "")], title="Once more", at=LATER)

    assert REASON not in special.entries.get().quotes.values_list("text", flat=True)


def test_hiding_and_showing_twice_does_no_harm(quoted, ada, alan, grace):
    decide(thing=quoted, by=ada, deeds=[Deed.HIDE], words=WHY, at=LATER)
    unhide(thing=reread(quoted), by=ada, words="A mistake of ours.", at=LATER)
    unhide(thing=reread(quoted), by=ada, at=LATER)

    assert log() == ["hide", "unhide"]
    assert told(grace) == ["hide", "unhide"]
    mark(quoted, hidden=True, at=LATER)
    report(by=alan, thing=quoted, type="unkind", at=LATER)
    assert decide(thing=quoted, by=ada, deeds=[Deed.HIDE], words=WHY, at=LATER) == []
    assert log() == ["hide", "unhide"], "it was hidden already: there was nothing to decide"


def test_a_community_cannot_be_hidden(community, alan, staff):
    thing = find(f"community-{community.pk}")
    report(by=alan, thing=thing, type="other", words="Look at this.", at=MONDAY)

    with pytest.raises(Refused, match="whole community"):
        decide(thing=thing, by=staff, deeds=[Deed.HIDE], words=WHY, at=MONDAY)

    assert Report.objects.open().exists(), "nothing was done, so it still waits"


# Leave out of a draft


def test_a_person_is_left_out_of_the_draft(reported, ada, edition, grace, nominated):
    compile_edition(edition=edition, at=THURSDAY)
    thing = reread(reported)

    decide(thing=thing, by=ada, deeds=[Deed.DROP], words="She asked us not to.", at=THURSDAY)

    assert names(edition) == []
    assert log() == ["drop"]
    assert told(grace) == []


def test_only_drafts_are_left_out_of_and_only_by_curators(reported, ada, staff, edition):
    with pytest.raises(Refused, match="stands in no draft"):
        decide(thing=reported, by=ada, deeds=[Deed.DROP], words=WHY, at=MONDAY)
    compile_edition(edition=edition, at=THURSDAY)
    with pytest.raises(Refused, match="Only curators"):
        decide(thing=reread(reported), by=staff, deeds=[Deed.DROP], words=WHY, at=THURSDAY)


# Warn, suspend, ban


def test_a_warning_is_read_by_whom_it_is_for(reported, ada, grace):
    (decision,) = decide(thing=reported, by=ada, deeds=[Deed.WARN], words=WHY, at=MONDAY)

    assert told(grace) == ["warn"]
    assert Notification.objects.get(user=grace).link == f"/me/decisions/#decision-{decision.pk}"


def test_a_suspended_member_reads_and_what_they_gave_counts(reported, ada, grace, alan, nominated, community):
    until = MONDAY + timedelta(days=7)
    (decision,) = decide(thing=reported, by=ada, deeds=[Deed.SUSPEND], words=WHY, until=until, at=MONDAY)

    assert decision.until == until
    emma = nominated("emma", by=alan)
    with pytest.raises(Refused, match="You may read here"):
        approve(by=grace, nomination=emma, at=MONDAY)
    assert board(community, grace) == {"rosa": [REASON], "emma": [REASON]}
    assert reported.row.votes.count() == 1
    member = community.memberships.get(user=grace)
    assert member.is_active
    assert not member.is_suspended(until)


def test_a_suspended_member_comments_no_more(published, grace, alan, ada):
    thing = find(f"quote-{Quote.objects.get(author=grace).pk}")
    report(by=alan, thing=thing, type="unkind", at=FRIDAY)
    until = FRIDAY + timedelta(days=7)
    decide(thing=thing, by=ada, deeds=[Deed.SUSPEND], words=WHY, until=until, at=FRIDAY)

    with pytest.raises(Refused, match="You may read here"):
        comment(by=grace, edition=published, text="But why?", at=LATER)

    comment(by=grace, edition=published, text="I understand.", at=until)


@pytest.mark.parametrize("days", [None, 0, -1, 400])
def test_a_suspension_ends_within_a_year(reported, ada, days):
    until = None if days is None else MONDAY + timedelta(days=days)

    with pytest.raises(Refused, match="within the next year"):
        decide(thing=reported, by=ada, deeds=[Deed.SUSPEND], words=WHY, until=until, at=MONDAY)


def test_a_longer_suspension_is_not_cut_short(reported, ada, grace, community):
    long = MONDAY + timedelta(days=100)
    community.memberships.filter(user=grace).update(suspended_until=long)

    decide(thing=reported, by=ada, deeds=[Deed.SUSPEND], words=WHY, until=MONDAY + timedelta(days=1), at=MONDAY)

    assert community.memberships.get(user=grace).suspended_until == long


def test_who_is_banned_is_told_why_and_does_not_come_back(reported, ada, grace, community):
    (decision,) = decide(thing=reported, by=ada, deeds=[Deed.BAN], words=WHY, at=MONDAY)

    assert community.memberships.get(user=grace).state == Membership.State.BANNED
    assert (decision.kind, decision.words, decision.rule) == ("ban", WHY, "unkind")
    assert told(grace) == ["ban"]
    with pytest.raises(Refused):
        join(community=community, user=grace, agreed=True)


def test_who_is_banned_already_is_not_banned_twice(reported, ada, grace, community, curator):
    ban(membership=community.memberships.get(user=grace), by=curator, reason="Enough.")

    with pytest.raises(Refused, match="banned already"):
        decide(thing=reported, by=ada, deeds=[Deed.HIDE, Deed.BAN], words=WHY, at=MONDAY)

    assert reread(reported).hidden_at is None, "all of it, or nothing"
    assert log() == ["ban"]


def test_for_what_nobody_said_nobody_is_warned(published, ada, alan):
    thing = find(f"entry-{Entry.objects.first().pk}")
    report(by=alan, thing=thing, type="unwilling", at=FRIDAY)

    with pytest.raises(Refused, match="nobody to warn"):
        decide(thing=thing, by=ada, deeds=[Deed.WARN], words=WHY, at=LATER)


def test_who_has_left_is_neither_suspended_nor_spared_a_ban(reported, ada, grace, community):
    community.memberships.get(user=grace).move(Membership.State.LEFT)

    with pytest.raises(Refused, match="no member"):
        decide(thing=reported, by=ada, deeds=[Deed.SUSPEND], words=WHY, until=FRIDAY, at=MONDAY)
    decide(thing=reported, by=ada, deeds=[Deed.BAN], words=WHY, at=MONDAY)

    assert community.memberships.get(user=grace).state == Membership.State.BANNED


def test_who_never_belonged_cannot_be_banned(reported, ada, grace, community):
    community.memberships.filter(user=grace).delete()

    with pytest.raises(Refused, match="no member"):
        decide(thing=reported, by=ada, deeds=[Deed.BAN], words=WHY, at=MONDAY)


# Who may decide


@pytest.mark.parametrize(
    ("deeds", "words", "complaint"),
    [([], WHY, "Choose what"), (["nonsense"], WHY, "Choose what"), ([Deed.HIDE], " ", "Say why"),
     ([Deed.HIDE], "a" * 1001, "shorter")],
)  # fmt: skip
def test_a_decision_says_what_and_why(reported, ada, deeds, words, complaint):
    with pytest.raises(Refused, match=complaint):
        decide(thing=reported, by=ada, deeds=deeds, words=words, at=MONDAY)


def test_members_decide_nothing(reported, alan, person):
    for somebody in (alan, person("Edsger")):
        with pytest.raises(Refused, match="Only curators"):
            dismiss(thing=reported, by=somebody, at=MONDAY)


def test_curators_of_another_community_decide_nothing(reported, person, community):
    edsger = person("Edsger")
    found(by=edsger, at=MONDAY, name="Elsewhere", slug="elsewhere", hashtag="elsewhere")

    with pytest.raises(Refused, match="Only curators"):
        decide(thing=reported, by=edsger, deeds=[Deed.HIDE], words=WHY, at=MONDAY)


def test_about_a_curator_staff_decides(nominated, ada, alan, curator, community, grace, staff):
    give_role(membership=community.memberships.get(user=grace), role="curator", by=curator)
    thing = find(f"nomination-{nominated('rosa', by=grace).pk}")
    report(by=alan, thing=thing, type="unkind", at=MONDAY)

    with pytest.raises(Refused, match="server's staff decides"):
        decide(thing=thing, by=ada, deeds=[Deed.HIDE], words=WHY, at=MONDAY)
    with pytest.raises(Refused, match="cannot be suspended"):
        decide(thing=thing, by=staff, deeds=[Deed.SUSPEND], words=WHY, until=FRIDAY, at=MONDAY)
    decide(thing=thing, by=staff, deeds=[Deed.HIDE, Deed.BAN], words=WHY, at=MONDAY)

    member = community.memberships.get(user=grace)
    assert (member.state, member.role) == ("banned", "member")
    assert set(Moderation.objects.exclude(kind="role").values_list("role", flat=True)) == {"staff"}


@pytest.mark.parametrize("alone", [False, True])
def test_staff_does_not_decide_about_their_own_community_where_others_can(nominated, ada, alan, person, alone):
    if not alone:
        person("Barbara", is_staff=True)
    type(ada).objects.filter(pk=ada.pk).update(is_staff=True)
    ada.refresh_from_db()
    community = nominated("rosa", by=alan).edition.community
    thing = find(f"community-{community.pk}")
    report(by=alan, thing=thing, type="unkind", at=MONDAY)

    if alone:
        dismiss(thing=thing, by=ada, at=MONDAY)
    else:
        with pytest.raises(Refused, match="somebody else must decide"):
            dismiss(thing=thing, by=ada, at=MONDAY)


def test_an_owner_is_not_banned_from_what_they_own(nominated, ada, alan, staff):
    thing = find(f"nomination-{nominated('rosa', by=ada).pk}")
    report(by=alan, thing=thing, type="unkind", at=MONDAY)

    with pytest.raises(Refused, match="handed over first"):
        decide(thing=thing, by=staff, deeds=[Deed.BAN], words=WHY, at=MONDAY)


def test_nobody_decides_about_themselves(nominated, proven, community, grace, alan, person):
    rosa = proven("rosa")
    Membership.objects.create(community=community, user=rosa, role="curator")
    about_her = find(f"nomination-{nominated('rosa', by=grace).pk}")
    by_staff = person("Barbara", is_staff=True)
    join(community=community, user=by_staff, agreed=True, at=MONDAY)
    own = find(f"nomination-{nominated('emma', by=by_staff).pk}")

    with pytest.raises(Refused, match="about yourself"):
        judge(about_her, rosa)
    with pytest.raises(Refused, match="about yourself"):
        judge(own, by_staff)


def test_staff_that_may_not_sign_in_decides_nothing(reported, staff):
    staff.is_active = False

    with pytest.raises(Refused):
        dismiss(thing=reported, by=staff, at=MONDAY)


# The log


def test_the_log_shows_role_kind_reason_and_day_and_no_name(reported, ada, grace, community, curator):
    decide(thing=reported, by=ada, deeds=[Deed.HIDE, Deed.WARN], words=WHY, at=MONDAY)
    ban(membership=community.memberships.get(user=grace), by=curator, reason="Grace (grace) was unkind to Graceland.")

    page = Client().get("/c/custserv/log/").content.decode()

    assert "Hid what somebody said" in page
    assert "Unkind or harassing" in page
    assert "Owner" in page
    assert "… (…) was unkind to Graceland." in page
    for name in ("Grace<", "Grace ", "Ada", "Alan", "Rosa", "rosa", WHY, REASON):
        assert name not in page, name


def test_edits_to_drafts_are_a_number_in_the_log(draft, curator):
    order = list(draft.entries.ranked().values_list("pk", flat=True))
    reorder(edition=draft, by=curator, order=order[::-1], reason="Clara first, says her mother.")
    drop(entry=draft.entries.ranked().first(), by=curator, reason="Clara asked for it.")

    page = Client().get("/c/custserv/log/").content.decode()

    assert draft.week in page
    assert "2 edits" in page
    assert "Clara" not in page


def test_decisions_are_never_changed_by_what_follows(reported, ada, grace, community):
    (hidden,) = decide(thing=reported, by=ada, deeds=[Deed.HIDE], words=WHY, at=MONDAY)
    before = Moderation.objects.filter(pk=hidden.pk).values().get()

    unhide(thing=reread(reported), by=ada, at=MONDAY)

    assert Moderation.objects.filter(pk=hidden.pk).values().get() == before


def test_a_decision_about_an_edition_that_is_gone_from_the_board_finds_it(reported, ada, edition):
    Edition.objects.filter(pk=edition.pk).update(state="skipped")

    decide(thing=reread(reported), by=ada, deeds=[Deed.HIDE], words=WHY, at=MONDAY)

    assert reread(reported).hidden_at == MONDAY
