"""Out it goes: number, frozen list, share image, posts; and special editions first."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage

from recommendations import tasks
from recommendations.actions import Refused
from recommendations.actions.compile import compile_edition
from recommendations.actions.edit_draft import drop
from recommendations.actions.look_up import look_again
from recommendations.actions.publish import publish
from recommendations.actions.special import crew, make_special
from recommendations.consent import Signal
from recommendations.models import Channel, Community, Delivery, Edition, Notification, Post, Profile
from tests.conftest import FRIDAY, MONDAY, THURSDAY
from tests.recommendations.actions.conftest import names

pytestmark = pytest.mark.django_db


def test_the_first_edition_is_number_one_and_its_list_is_frozen(draft):
    edition = publish(edition=draft, at=FRIDAY)

    assert (edition.state, edition.number, edition.published_at) == ("published", 1, FRIDAY)
    assert names(edition) == ["rosa", "emma", "clara"]


def test_it_is_published_once(draft, curator):
    publish(edition=draft, at=FRIDAY)

    with pytest.raises(Refused, match="only once"):
        publish(edition=draft, by=curator, at=FRIDAY)

    assert Community.objects.get().last_number == 1


def test_numbers_follow_each_other_without_gaps(draft, community, curator, grace):
    first = publish(edition=draft, at=FRIDAY)
    empty = community.editions.get(state="open")
    compile_edition(edition=empty, at=empty.closes_at)
    skipped = publish(edition=empty, at=empty.publishes_at)
    rosa = Profile.objects.get(name="rosa")
    special = make_special(by=curator, people=[(rosa, "She deserves it twice.")], title="Thank you, Rosa", at=FRIDAY)
    second = publish(edition=special, by=curator, at=FRIDAY + timedelta(weeks=2))

    assert (first.number, skipped.number, second.number) == (1, None, 2)
    assert skipped.state == "skipped"
    assert not Notification.objects.filter(key__startswith="empty:").exists()  # nobody had been nominated


def test_a_week_that_is_skipped_as_all_have_declined_is_told_to_curators(draft, ada):
    Profile.objects.update(word="declined")

    skipped = publish(edition=draft, at=FRIDAY)

    assert skipped.state == "skipped"
    told = Notification.objects.get(key__startswith="empty:")
    assert (told.user, told.link) == (ada, f"/desk/custserv/{skipped.week}/")
    assert "so that week was skipped" in told.sentence


def test_a_curator_is_told_when_there_is_nobody_to_publish(edition, curator):
    compile_edition(edition=edition, at=THURSDAY)

    with pytest.raises(Refused, match="nobody on the list"):
        publish(edition=edition, by=curator, at=FRIDAY)

    assert Edition.objects.get(pk=edition.pk).state == "ready"


def test_who_declined_since_the_draft_is_left_out_and_the_reserve_moves_up(draft, community):
    Community.objects.filter(pk=community.pk).update(list_size=2)
    draft.entries.filter(rank=3).update(reserve=True)
    Profile.objects.filter(name="rosa").update(word="declined")

    edition = publish(edition=draft, at=FRIDAY)

    assert names(edition) == ["emma", "clara"]
    assert not edition.entries.filter(reserve=True).exists()


def test_the_share_image_names_the_listed_and_has_words_for_those_who_do_not_see_it(draft):
    Profile.objects.filter(name="clara").update(members_only=True)

    edition = publish(edition=draft, at=FRIDAY)

    assert edition.share_image.read(8) == b"\x89PNG\r\n\x1a\n"
    assert "Rosa" in edition.share_alt
    assert "Clara" not in edition.share_alt


def test_who_declines_later_is_taken_off_the_share_image_and_out_of_the_storage_at_once(draft, fake_networks):
    edition = publish(edition=draft, at=FRIDAY)
    before = edition.share_image.name
    rosa = Profile.objects.get(name="rosa")
    fake_networks["mastodon"].add_person(rosa.handle, uri=rosa.uri, name="Rosa", bio="Not me, please. #nofollowfriday")

    look_again(profile=rosa, at=FRIDAY + timedelta(days=7))

    edition.refresh_from_db()
    assert (edition.share_image.name, edition.share_alt) == ("", "")
    assert not default_storage.exists(before)
    tasks.sweep(at=FRIDAY + timedelta(days=7), run=tasks.at_once)
    edition.refresh_from_db()
    assert "Emma" in edition.share_alt
    assert "Rosa" not in edition.share_alt
    assert edition.share_image.name != before  # a reader's copy of the first must not stand for it
    assert not default_storage.exists(before)


def test_each_channel_gets_its_posts_frozen_with_time_and_key(draft, channel):
    edition = publish(edition=draft, at=FRIDAY)

    delivery = Delivery.objects.get()
    posts = list(delivery.posts.all())
    assert (delivery.edition, delivery.rehearsal, delivery.state) == (edition, False, "pending")
    assert [post.part for post in posts] == list(range(len(posts)))
    assert {post.created_at for post in posts} == {FRIDAY}
    assert len({post.key for post in posts}) == len(posts)
    assert [pk for post in posts for pk in post.people] == [e.pk for e in edition.entries.ranked()]
    assert posts[-1].late_at == FRIDAY + timedelta(hours=24)


def test_a_rehearsal_writes_down_and_is_never_due(draft, channel):
    Channel.objects.filter(pk=channel.pk).update(state="rehearsal")

    publish(edition=draft, at=FRIDAY)

    assert Delivery.objects.get().rehearsal
    assert Post.objects.exists()
    assert not Post.objects.due(FRIDAY).exists()


def test_members_only_people_are_on_no_channel(draft, channel):
    Profile.objects.filter(name="emma").update(members_only=True)

    publish(edition=draft, at=FRIDAY)

    text = "\n".join(Post.objects.values_list("text", flat=True))
    assert "Rosa" in text
    assert "Emma" not in text


def test_a_refused_publication_changes_nothing(draft, channel, grace, community):
    with pytest.raises(Refused, match="Only curators"):
        publish(edition=draft, by=community.memberships.get(user=grace), at=FRIDAY)

    assert Edition.objects.get(pk=draft.pk).state == "ready"
    assert not Delivery.objects.exists()


def test_a_special_edition_goes_out_first_quotes_what_was_last_said_and_rests_nobody(draft, curator, community):
    publish(edition=draft, at=FRIDAY)
    people = [(profile, "") for profile in crew(community)]

    special = make_special(by=curator, people=people, title="The whole crew", essay="All of them.", at=FRIDAY)
    out = publish(edition=special, by=curator, at=FRIDAY)

    assert (special.week, special.special, out.number) == ("2026-W46-2", True, 2)
    assert names(out) == ["clara", "emma", "rosa"]
    assert (
        out.entries.get(profile__name="emma").quotes.get().text
        == draft.entries.get(profile__name="emma").quotes.first().text
    )
    assert Edition.objects.regular().published().count() == 1


def test_specials_of_one_week_are_counted(draft, curator):
    rosa = Profile.objects.get(name="rosa")

    weeks = [make_special(by=curator, people=[(rosa, "Because.")], title="Again", at=MONDAY).week for _ in range(2)]

    assert weeks == ["2026-W45-2", "2026-W45-3"]


@pytest.mark.parametrize("signal", [Signal.UNKNOWN, Signal.DECLINED, Signal.UNSEEN])
def test_a_curator_lists_nobody_against_their_will_either(draft, curator, signal):
    Profile.objects.filter(name="rosa").update(signal=signal)

    with pytest.raises(Refused, match=r"@rosa@social\.example"):
        make_special(by=curator, people=[(Profile.objects.get(name="rosa"), "Because.")], title="Rosa", at=FRIDAY)


def test_a_special_needs_people_and_a_curator(draft, curator, community, grace):
    with pytest.raises(Refused, match="at least one"):
        make_special(by=curator, people=[], title="Nobody", at=FRIDAY)
    with pytest.raises(Refused, match="Only curators"):
        make_special(by=community.memberships.get(user=grace), people=[], title="Coup", at=FRIDAY)


def test_a_dropped_entry_is_not_published(draft, curator):
    drop(entry=draft.entries.get(rank=2), by=curator, reason="She asked us to wait.")

    assert names(publish(edition=draft, at=FRIDAY)) == ["rosa", "clara"]
