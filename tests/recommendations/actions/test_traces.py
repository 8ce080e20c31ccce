"""Whatever a curator does that changes a ranking leaves a trace: in the public log, and on the edition."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from recommendations.actions.appeal import answer_appeal, appeal
from recommendations.actions.archive import archive, revive
from recommendations.actions.change_settings import change_settings
from recommendations.actions.compile import compile_edition
from recommendations.actions.count import count
from recommendations.actions.edit_draft import drop, restore
from recommendations.actions.join import ban, leave
from recommendations.actions.moderate import decide, unhide
from recommendations.actions.publish import publish
from recommendations.actions.report import report
from recommendations.actions.vote import approve
from recommendations.community_forms import CommunitySettingsForm
from recommendations.models import Community, Edition, Membership, Moderation, Nomination
from recommendations.models.community import RANKING_SETTINGS
from recommendations.models.reported import find
from tests.conftest import FRIDAY, MONDAY, SATURDAY, THURSDAY

pytestmark = pytest.mark.django_db

LOG, EDITION = "/c/custserv/log/", "/c/custserv/editions/1/"
EARLIER = SATURDAY - timedelta(days=1)


@pytest.fixture
def backed(nominated, grace, alan, community, person):
    """Rosa, nominated by Grace in a community past its first editions, with a fan who votes for her."""
    from tests.recommendations.actions.test_compile import closed_editions

    closed_editions(community, 2)
    Membership.objects.filter(community=community).update(joined_at=EARLIER)
    rosa = nominated("rosa", by=grace)
    fan = person("Fan")
    Membership.objects.create(community=community, user=fan, joined_at=EARLIER)
    approve(by=fan, nomination=rosa, at=MONDAY)
    return Nomination.objects.select_related("edition__community").get(pk=rosa.pk)


def fan_of(community):
    return Membership.objects.select_related("community", "user").get(community=community, user__display_name="Fan")


def counted(edition):
    (entry,) = count(Edition.objects.select_related("community").get(pk=edition.pk)).ranking.entries
    return entry.supporters, {str(reason): votes for reason, votes in entry.explanation.void.items()}


def test_a_ban_while_the_board_is_open_takes_nobodys_votes(backed, edition, community, curator):
    with time_machine.travel(MONDAY, tick=False):
        ban(membership=fan_of(community), by=curator, reason="Insults")

    assert counted(edition) == (2, {})


def test_a_ban_for_fraud_does_and_says_so(backed, edition, community, curator, client):
    with time_machine.travel(MONDAY, tick=False):
        ban(membership=fan_of(community), by=curator, reason="Ten accounts", for_fraud=True)

    assert counted(edition) == (1, {"gone": 1})
    assert "for fraud: their votes on the open board do not count" in client.get(LOG).content.decode()


def test_a_ban_before_the_board_opened_is_not_undone_by_it(backed, edition, community, curator):
    with time_machine.travel(EARLIER, tick=False):
        ban(membership=fan_of(community), by=curator, reason="Insults")

    assert counted(edition) == (1, {"gone": 1})


def test_who_has_left_is_called_no_longer_a_member_and_not_new(backed, edition, community):
    leave(membership=fan_of(community))

    assert counted(edition) == (1, {"gone": 1})


def test_who_left_and_is_banned_then_does_not_count_again(backed, edition, community, curator):
    leave(membership=fan_of(community))
    with time_machine.travel(MONDAY, tick=False):
        ban(membership=fan_of(community), by=curator, reason="Insults")

    assert counted(edition) == (1, {"gone": 1})


def test_a_second_ban_takes_no_votes_either(backed, edition, community, curator, person):
    other = person("Barbara", is_staff=True)
    fan = fan_of(community)
    with time_machine.travel(MONDAY, tick=False):
        ban(membership=fan, by=curator, reason="Insults")
        made = appeal(decision=Moderation.objects.get(kind="ban"), by=fan.user, words="It was a joke.")
        answer_appeal(appeal=made, by=other, overturn=True, words="So it was.")
        assert counted(edition) == (2, {})
        ban(membership=fan_of(community), by=curator, reason="Insults again")

    assert counted(edition) == (2, {})


def test_a_ban_of_who_had_been_let_go_with_their_votes_takes_none(backed, edition, community, curator):
    """As overturned bans left members, once: they had left, and their votes of that week counted."""
    Membership.objects.filter(pk=fan_of(community).pk).update(state="left", banned_at=MONDAY)
    with time_machine.travel(MONDAY, tick=False):
        ban(membership=fan_of(community), by=curator, reason="Insults")

    assert counted(edition) == (2, {})


def test_closing_early_is_logged_and_closing_in_time_is_not(draft, edition, community, curator, client):
    nxt = community.editions.select_related("community").get(state="open")
    assert not Moderation.objects.filter(kind="close").exists()

    compile_edition(edition=nxt, by=curator, at=nxt.closes_at - timedelta(hours=1))

    assert Moderation.objects.get(kind="close").subject == nxt.week
    assert "Closed a board early" in client.get(LOG).content.decode()


def test_a_setting_that_changes_a_ranking_is_logged_and_stands_on_the_edition(draft, ada, channel, community):
    desk = Client()
    desk.force_login(ada)
    with time_machine.travel(THURSDAY, tick=False):
        page = desk.get("/desk/custserv/settings/")
        form = page.context["form"]
        kept = {name: value for name, value in form.initial.items() if value not in (None, False)}
        changed = kept | {"form": "community", "list_size": 2, "method": "circles"}
        answer = desk.post("/desk/custserv/settings/", changed)
        assert answer.status_code == 302
        unchanged = desk.post("/desk/custserv/settings/", changed | {"description": "Kind people."})
        assert unchanged.status_code == 302
    publish(edition=draft, at=FRIDAY)

    (logged,) = Moderation.objects.filter(kind="settings")
    assert logged.public_reason == "Places on the list: 10 → 2; How votes are counted: - → circles"
    assert "Places on the list: 10 → 2" in Client().get(LOG).content.decode()
    assert "Places on the list: 10 → 2" in Client().get(EDITION).content.decode()


HARMLESS = {"name", "hashtag", "description", "values", "language", "accent", "mentions", "comments_days"}


def test_each_setting_changes_no_ranking_or_is_logged():
    assert set(CommunitySettingsForm.Meta.fields) - HARMLESS == set(RANKING_SETTINGS)


def test_a_change_of_the_time_zone_stands_on_the_edition(draft, ada, channel, community):
    form = CommunitySettingsForm(instance=community)
    kept = {name: value for name, value in form.initial.items() if value not in (None, False)}
    changed = CommunitySettingsForm(kept | {"time_zone": "Pacific/Kiritimati"}, instance=community)
    assert changed.is_valid(), changed.errors
    with time_machine.travel(THURSDAY, tick=False):
        change_settings(form=changed, by=community.memberships.get(user=ada))
    publish(edition=draft, at=FRIDAY)

    told = "Time zone: UTC → Pacific/Kiritimati"
    assert told in Client().get(LOG).content.decode()
    assert told in Client().get(EDITION).content.decode()


def decisions():
    return [each["kind"] for each in Client().get(f"{EDITION}ballots.json").json()["decisions"]]


def test_suspending_and_hiding_stand_on_the_edition(backed, edition, community, ada, person):
    thing = find(f"nomination-{backed.pk}")
    report(by=person("Edsger"), thing=thing, type="unkind", at=MONDAY)
    with time_machine.travel(MONDAY, tick=False):
        done = decide(thing=thing, by=ada, deeds=["hide", "suspend"], words="So.", until=FRIDAY, at=MONDAY)
        unhide(thing=find(thing.ref), by=ada, at=MONDAY)
        for decision in done:
            made = appeal(decision=decision, by=decision.affected, words="It was a joke.", at=MONDAY)
            answer_appeal(
                appeal=made, by=person(f"Judge{decision.pk}", is_staff=True), overturn=True, words="So it was."
            )
    compile_edition(edition=edition, at=THURSDAY)
    publish(edition=Edition.objects.get(pk=edition.pk), at=FRIDAY)
    Edition.objects.filter(state="published").exclude(pk=edition.pk).delete()
    Edition.objects.filter(pk=edition.pk).update(number=1)

    assert decisions() == ["hide", "suspend", "unhide", "overturn", "overturn"]


def test_ending_a_community_and_bringing_it_back_stands_on_the_edition_after(
    backed, edition, curator, nominated, grace
):
    """What the board held is lost by it, so the edition that comes instead tells of it."""
    with time_machine.travel(MONDAY, tick=False):
        archive(by=curator, with_members=True, at=MONDAY)
        revive(by=curator, at=MONDAY)
    after = Edition.objects.select_related("community").get(state="open")
    assert after.opens_at > MONDAY
    after.state, after.published_at = "published", after.publishes_at

    assert [each.kind for each in Moderation.objects.while_made(after)] == ["end", "revive"]


def test_what_was_decided_before_the_edition_before_came_out_is_not_told_again(published, community, curator):
    with time_machine.travel(THURSDAY, tick=False):
        ban(membership=community.memberships.get(user__display_name="Grace"), by=curator, reason="Insults")
    following = community.editions.get(state="open")
    following.published_at = following.publishes_at

    assert [each.kind for each in Moderation.objects.while_made(published)] == ["ban"]
    assert not Moderation.objects.while_made(following).exists()


def test_the_list_size_of_a_draft_is_that_of_its_closing(draft, curator, community):
    Community.objects.filter(pk=community.pk).update(list_size=1)
    rosa, emma, clara = draft.entries.ranked()

    drop(entry=emma, by=curator, reason="She asked us to.")
    emma.refresh_from_db()
    restore(entry=emma, by=curator)

    assert list(draft.entries.ranked()) == [rosa, emma, clara]


def test_leaving_out_and_taking_back_both_stand_on_the_edition(draft, curator, channel, client):
    entry = draft.entries.ranked()[1]
    with time_machine.travel(THURSDAY, tick=False):
        drop(entry=entry, by=curator, reason="She asked us to.")
        entry.refresh_from_db()
        restore(entry=entry, by=curator)
    publish(edition=draft, at=FRIDAY)

    page = client.get(EDITION).content.decode()

    assert "Dropped from a draft" in page
    assert "Took back into a draft" in page
    assert "She asked us to." not in page  # of whom it is, a reason may tell
    assert [each["kind"] for each in client.get(f"{EDITION}ballots.json").json()["decisions"]] == ["drop", "restore"]
