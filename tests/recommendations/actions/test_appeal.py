"""Whom a decision affects asks somebody else, once; what is overturned is undone in the same step."""

from datetime import timedelta

import pytest
from django.test import Client

from recommendations.actions import Refused
from recommendations.actions.appeal import answer_appeal, appeal
from recommendations.actions.join import ban, give_role, leave
from recommendations.actions.moderate import decide, unhide
from recommendations.actions.report import report
from recommendations.models import Appeal, Cohort, Membership, Moderation, Nomination, Notification
from recommendations.models.reported import find
from tests.conftest import MONDAY

pytestmark = pytest.mark.django_db

Deed = Moderation.Kind
WHY, PLEA, ANSWER = "We do not speak so.", "It was a joke between us.", "So it was."


@pytest.fixture
def staff(person):
    return person("Barbara", is_staff=True)


@pytest.fixture
def alan_curates(alan, community, curator):
    give_role(membership=community.memberships.get(user=alan), role="curator", by=curator)
    return alan


@pytest.fixture
def thing(nominated, grace, person):
    """Grace's reason, reported."""
    found = find(f"nomination-{nominated('rosa', by=grace).pk}")
    report(by=person("Edsger"), thing=found, type="unkind", at=MONDAY)
    return found


@pytest.fixture
def hidden(thing, ada):
    (decision,) = decide(thing=thing, by=ada, deeds=[Deed.HIDE], words=WHY, at=MONDAY)
    return decision


def told(user, kind="decision"):
    return [each.occasion for each in Notification.objects.filter(user=user, kind=kind).order_by("pk")]


def test_it_goes_to_another_curator_and_not_to_who_decided(hidden, grace, ada, alan_curates, community, staff):
    made = appeal(decision=hidden, by=grace, words=PLEA, at=MONDAY)

    assert list(Appeal.objects.open().for_curator(community, alan_curates)) == [made]
    assert not Appeal.objects.open().for_curator(community, ada).exists()
    assert not Appeal.objects.open().for_staff(staff).exists()
    assert "appeal" in told(alan_curates, "curator")
    assert "appeal" not in told(ada, "curator")
    assert told(staff, "curator") == []


def test_where_there_is_no_other_curator_it_goes_to_staff(hidden, grace, ada, community, staff):
    made = appeal(decision=hidden, by=grace, words=PLEA, at=MONDAY)

    assert list(Appeal.objects.open().for_staff(staff)) == [made]
    assert told(staff, "curator") == ["appeal"]
    with pytest.raises(Refused, match="Another curator than who decided"):
        answer_appeal(appeal=made, by=ada, overturn=False, words=ANSWER)


def test_overturned_it_is_undone_and_both_sides_are_told(hidden, thing, grace, ada, alan_curates):
    made = appeal(decision=hidden, by=grace, words=PLEA, at=MONDAY)

    answer_appeal(appeal=made, by=alan_curates, overturn=True, words=ANSWER, at=MONDAY)

    made.refresh_from_db()
    assert (made.state, made.decided_by, made.answer) == ("overturned", alan_curates, ANSWER)
    assert Nomination.objects.get().hidden_at is None
    assert told(grace) == ["hide", "overturned"]
    assert told(ada) == ["overturned"]
    page = Client().get("/c/custserv/log/").content.decode()
    assert "Appeal: overturned" in page
    assert "· overturned" in " ".join(page.split())
    for name in ("Grace", "Ada", "Alan", ANSWER, PLEA):
        assert name not in page


def test_upheld_it_stands(hidden, grace, alan_curates, ada):
    made = appeal(decision=hidden, by=grace, words=PLEA, at=MONDAY)

    answer_appeal(appeal=made, by=alan_curates, overturn=False, words=ANSWER, at=MONDAY)

    assert Nomination.objects.get().hidden_at == MONDAY
    assert Appeal.objects.get().state == "upheld"
    assert told(grace) == ["hide", "upheld"]
    assert "Appeal: upheld" in Client().get("/c/custserv/log/").content.decode()


def test_once_for_each_decision_and_only_by_whom_it_affects(hidden, grace, alan):
    with pytest.raises(Refused, match="Only whom a decision affects"):
        appeal(decision=hidden, by=alan, words=PLEA)
    with pytest.raises(Refused, match="Say why"):
        appeal(decision=hidden, by=grace, words=" ")
    first = appeal(decision=hidden, by=grace, words=PLEA)
    assert appeal(decision=hidden, by=grace, words=PLEA) == first  # pressed twice
    with pytest.raises(Refused, match="already"):
        appeal(decision=hidden, by=grace, words=f"{PLEA} Please.")


def test_what_is_no_burden_cannot_be_appealed(hidden, thing, ada, grace):
    unhide(thing=find(thing.ref), by=ada, at=MONDAY)

    with pytest.raises(Refused):
        appeal(decision=Moderation.objects.get(kind="unhide"), by=grace, words=PLEA)


def test_an_answer_has_words_and_is_given_once(hidden, grace, alan_curates, staff):
    made = appeal(decision=hidden, by=grace, words=PLEA)
    again = Appeal.objects.get()

    with pytest.raises(Refused, match="both sides"):
        answer_appeal(appeal=made, by=alan_curates, overturn=True, words="")
    answer_appeal(appeal=made, by=alan_curates, overturn=True, words=ANSWER)
    with pytest.raises(Refused, match="Somebody was quicker"):
        answer_appeal(appeal=again, by=staff, overturn=False, words=ANSWER)

    assert Moderation.objects.filter(kind__in=("uphold", "overturn")).count() == 1


def test_nobody_answers_their_own(hidden, grace, curator, community):
    made = appeal(decision=hidden, by=grace, words=PLEA)
    give_role(membership=community.memberships.get(user=grace), role="curator", by=curator)

    with pytest.raises(Refused, match="Another curator"):
        answer_appeal(appeal=made, by=grace, overturn=True, words=ANSWER)


def test_members_and_strangers_answer_nothing(hidden, grace, alan, person):
    made = appeal(decision=hidden, by=grace, words=PLEA)

    for somebody in (alan, person("Joan")):
        with pytest.raises(Refused, match="Another curator"):
            answer_appeal(appeal=made, by=somebody, overturn=True, words=ANSWER)


def test_a_suspension_that_is_overturned_ends(thing, grace, ada, alan_curates, community):
    until = MONDAY + timedelta(days=9)
    (decision,) = decide(thing=thing, by=ada, deeds=[Deed.SUSPEND], words=WHY, until=until, at=MONDAY)
    made = appeal(decision=decision, by=grace, words=PLEA)

    answer_appeal(appeal=made, by=alan_curates, overturn=True, words=ANSWER)

    assert community.memberships.get(user=grace).suspended_until is None


def test_another_suspension_stays(thing, grace, ada, alan_curates, community):
    (decision,) = decide(
        thing=thing, by=ada, deeds=[Deed.SUSPEND], words=WHY, until=MONDAY + timedelta(days=9), at=MONDAY
    )
    longer = MONDAY + timedelta(days=30)
    community.memberships.filter(user=grace).update(suspended_until=longer)
    made = appeal(decision=decision, by=grace, words=PLEA)

    answer_appeal(appeal=made, by=alan_curates, overturn=True, words=ANSWER)

    assert community.memberships.get(user=grace).suspended_until == longer


def overturned(member, by):
    """The latest ban of a member, appealed against and taken back."""
    made = appeal(decision=Moderation.objects.filter(kind="ban").latest("pk"), by=member.user, words=PLEA)
    answer_appeal(appeal=made, by=by, overturn=True, words=ANSWER)
    member.refresh_from_db()


@pytest.mark.parametrize("for_fraud", [False, True])
def test_who_was_banned_wrongly_is_what_they_were_before(community, grace, curator, alan_curates, for_fraud):
    cohort = Cohort.objects.of("home.example", MONDAY)
    community.memberships.filter(user=grace).update(cohort=cohort, digest=True)
    member = community.memberships.get(user=grace)
    before = Membership.objects.values().get(pk=member.pk)
    ban(membership=member, by=curator, reason="Spam.", for_fraud=for_fraud)
    assert not Membership.objects.get(pk=member.pk).is_active

    overturned(member, alan_curates)

    assert Membership.objects.values().get(pk=member.pk) == before
    assert member.is_active
    assert Moderation.objects.get(kind="ban").words == "Spam."


def test_who_had_left_before_a_ban_has_left_after_it(community, grace, curator, alan_curates):
    member = community.memberships.get(user=grace)
    leave(membership=member)
    ban(membership=member, by=curator, reason="Spam.")

    overturned(member, alan_curates)

    assert member.state == Membership.State.LEFT


def test_a_warning_that_is_overturned_and_a_reason_that_is_gone_are_no_trouble(thing, grace, ada, alan_curates):
    decisions = decide(thing=thing, by=ada, deeds=[Deed.HIDE, Deed.WARN], words=WHY, at=MONDAY)
    thing.row.delete()

    for decision in decisions:
        made = appeal(decision=decision, by=grace, words=PLEA)
        answer_appeal(appeal=made, by=alan_curates, overturn=True, words=ANSWER)

    assert Appeal.objects.filter(state="overturned").count() == 2


def test_what_staff_decided_other_staff_answers(nominated, ada, person, staff, community):
    thing = find(f"nomination-{nominated('rosa', by=ada).pk}")
    report(by=person("Edsger"), thing=thing, type="unkind", at=MONDAY)
    (decision,) = decide(thing=thing, by=staff, deeds=[Deed.HIDE], words=WHY, at=MONDAY)
    made = appeal(decision=decision, by=ada, words=PLEA)
    other = person("Katherine", is_staff=True)

    assert not Appeal.objects.open().for_staff(staff).exists()
    assert not Appeal.objects.open().for_curator(community, ada).exists()
    assert list(Appeal.objects.open().for_staff(other)) == [made]
    with pytest.raises(Refused):
        answer_appeal(appeal=made, by=staff, overturn=False, words=ANSWER)
    answer_appeal(appeal=made, by=other, overturn=True, words=ANSWER)
    assert Moderation.objects.get(kind="overturn").role == "staff"
