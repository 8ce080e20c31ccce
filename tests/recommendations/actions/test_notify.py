"""People hear of what happened, once, as they wish."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations.actions.answer import block, thank
from recommendations.actions.compile import compile_edition
from recommendations.actions.deliver import deliver
from recommendations.actions.join import join, leave
from recommendations.actions.nominate import nominate
from recommendations.actions.notify import curators_of, notify, notify_all
from recommendations.actions.vote import approve, take_back
from recommendations.actions.wish import wish
from recommendations.models import Notification, Post
from recommendations.models.notification import BUNDLE
from recommendations.models.said import find
from recommendations.models.wish import Wanted
from tests.conftest import MONDAY, THURSDAY
from tests.recommendations.actions.conftest import REASON

Kind = Notification.Kind


def heard(user):
    return [each.sentence for each in Notification.objects.shown().filter(user=user)]


def kinds(user):
    return list(Notification.objects.filter(user=user).order_by("pk").values_list("kind", flat=True))


def test_the_same_news_twice_is_heard_once(grace, community):
    for _ in range(2):
        notify(user=grace, kind=Kind.CURATOR, key="post:1", community=community, at=MONDAY)

    assert heard(grace) == ["A post by  for Customer Service waits for your decision."]


def test_many_hear_of_it_in_two_queries(ada, grace, alan, django_assert_num_queries):
    with django_assert_num_queries(2):
        notify_all(users=[ada.pk, grace.pk, alan.pk], kind=Kind.DECISION, key="ban:1", at=MONDAY)

    assert Notification.objects.count() == 3


def test_news_for_nobody_costs_nothing(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        notify_all(users=[], kind=Kind.DECISION, key="ban:1", at=MONDAY)


@pytest.mark.parametrize(
    ("wanted", "rows", "in_app", "due"),
    [
        (Wanted(in_app=True, by_mail=True), 1, True, MONDAY + BUNDLE),
        (Wanted(in_app=True, by_mail=False), 1, True, None),
        (Wanted(in_app=False, by_mail=True), 1, False, MONDAY + BUNDLE),
        (Wanted(in_app=False, by_mail=False), 0, None, None),
    ],
)
def test_everybody_hears_where_they_want_to(grace, wanted, rows, in_app, due):
    wish(user=grace, wishes={Kind.SECOND: wanted}, digests=[])

    notify(user=grace, kind=Kind.SECOND, key="second:1", at=MONDAY)

    found = list(Notification.objects.filter(user=grace))
    assert len(found) == rows
    assert all((each.in_app, each.mail_due_at) == (in_app, due) for each in found)
    assert len(heard(grace)) == (1 if in_app else 0)


def test_decisions_cannot_be_switched_off_in_the_app(grace):
    wish(user=grace, wishes={Kind.DECISION: Wanted(in_app=False, by_mail=False)}, digests=[])

    notify(user=grace, kind=Kind.DECISION, key="hide:1", at=MONDAY)

    assert len(heard(grace)) == 1


def test_who_has_said_nothing_gets_mail_only_where_somebody_waits_for_them(grace):
    for kind in Kind.values:
        notify(user=grace, kind=kind, key="x:1", at=MONDAY)

    mailed = Notification.objects.filter(mail_due_at__isnull=False).values_list("kind", flat=True)
    assert set(mailed) == {"decision", "member", "curator", "reason"}


def test_names_cannot_smuggle_in_lines_or_turn_the_words_around(grace):
    notify(user=grace, kind=Kind.THANKS, key="thanks:1", by="Eve\r\nBcc: all\u202e\x00" + "x" * 9000, at=MONDAY)

    (sentence,) = heard(grace)
    assert sentence.startswith("Eve Bcc: allxxx")
    assert len(sentence) < 300
    assert not set("\r\n\u202e\x00") & set(sentence)


def test_a_link_leads_to_our_own_site(grace):
    with pytest.raises(AssertionError):
        notify(user=grace, kind=Kind.THANKS, key="thanks:1", link="https://evil.example/", at=MONDAY)


def test_who_has_left_is_named_no_more(grace, alan):
    notify(user=grace, kind=Kind.SECOND, key="second:1", by=alan, about="Rosa", at=MONDAY)

    alan.delete()

    (sentence,) = heard(grace)
    assert sentence.startswith("Somebody who has left seconds Rosa")


def test_curators_are_told_but_for_who_knows(community, ada, grace):
    community.memberships.filter(user=grace).update(role="curator")

    assert set(curators_of(community)) == {ada.pk, grace.pk}
    assert curators_of(community, but=ada) == [grace.pk]


def test_who_has_proven_a_profile_hears_that_somebody_recommends_it(nominated, proven, grace):
    rosa = proven("rosa")

    nominated("rosa", by=grace)

    assert heard(rosa) == ["Grace recommends you, @rosa@social.example, in Customer Service."]
    assert heard(grace) == []


def test_an_unproven_claim_hears_nothing(nominated, person, grace):
    rosa = person("Rosa")
    rosa.linked_handles.create(network="mastodon", name="rosa", host="social.example")

    nominated("rosa", by=grace)

    assert heard(rosa) == []


def test_whom_the_nominee_has_blocked_they_do_not_hear(nominated, proven, grace, alan, edition, on_mastodon):
    rosa = proven("rosa")
    first = nominated("rosa", by=grace)
    block(reason=find(rosa, f"nomination-{first.pk}"), by=rosa, at=MONDAY)
    first.delete()
    Notification.objects.all().delete()

    nominate(by=grace, edition=edition, handle=on_mastodon("rosa"), reason=REASON, at=MONDAY)

    assert heard(rosa) == []


def test_a_second_is_told_to_whoever_nominated_and_a_bare_vote_is_not(nominated, grace, alan, ada):
    rosa = nominated("rosa", by=grace)

    approve(by=ada, nomination=rosa, at=MONDAY)
    approve(by=alan, nomination=rosa, reason=REASON, at=MONDAY)

    assert heard(grace) == ["Alan seconds Rosa, whom you nominated in Customer Service."]
    assert kinds(ada) == kinds(alan) == []


def test_a_vote_that_becomes_a_second_is_told_and_repeated_ones_are_not(nominated, grace, alan):
    rosa = nominated("rosa", by=grace)
    approve(by=alan, nomination=rosa, at=MONDAY)

    for reason in (REASON, REASON + " Really."):
        approve(by=alan, nomination=rosa, reason=reason, at=MONDAY)
    take_back(by=alan, nomination=rosa, at=MONDAY)
    approve(by=alan, nomination=rosa, reason=REASON, at=MONDAY)

    assert len(heard(grace)) == 1


def test_nominating_whom_somebody_has_nominated_is_told_as_a_second(nominated, grace, alan):
    nominated("rosa", by=grace)

    nominated("rosa", by=alan)

    assert kinds(grace) == ["second"]


def test_a_second_of_somebody_blocked_is_heard_by_nobody(nominated, proven, grace, alan, edition):
    rosa = proven("rosa")
    nomination = nominated("rosa", by=alan)
    block(reason=find(rosa, f"nomination-{nomination.pk}"), by=rosa, at=MONDAY)
    nomination.delete()
    again = nominated("rosa", by=grace)

    approve(by=alan, nomination=again, reason=REASON, at=MONDAY)

    assert heard(grace) == []


def test_thanks_reach_whoever_recommended(nominated, proven, grace):
    rosa = proven("rosa")
    nomination = nominated("rosa", by=grace)

    for _ in range(2):
        thank(reason=find(rosa, f"nomination-{nomination.pk}"), by=rosa, at=MONDAY)

    assert heard(grace) == ["Rosa thanks you for what you said of them in Customer Service."]


def test_curators_hear_who_asks_to_join_once_for_each_time(community, person, ada):
    community.joining = community.Joining.APPROVAL
    community.save()
    emma = person("Emma")

    membership = join(community=community, user=emma, agreed=True, at=MONDAY)
    join(community=community, user=emma, agreed=True, at=MONDAY + timedelta(days=1))
    leave(membership=membership)
    join(community=community, user=emma, agreed=True, at=THURSDAY)

    assert heard(ada) == ["Emma asks to join Customer Service."] * 2


def test_nobody_hears_who_joins_where_all_may(community, person, ada):
    join(community=community, user=person("Emma"), agreed=True, at=MONDAY)

    assert heard(ada) == []


def test_curators_hear_that_a_draft_waits(draft, ada):
    assert "The draft of 2026-W45 in Customer Service waits for your review." in heard(ada)


def test_a_draft_that_nobody_reviews_waits_for_nobody(edition, nominated, grace, ada):
    edition.community.review = False
    edition.community.save()
    nominated("rosa", by=grace)

    compile_edition(edition=edition, at=THURSDAY)

    assert heard(ada) == []


def test_curators_hear_of_a_post_that_needs_one(published, ada):
    Notification.objects.all().delete()
    post = Post.objects.order_by("part").first()

    deliver(post=post, at=post.late_at + timedelta(minutes=1))

    assert heard(ada) == ["A post by @custserv.example for Customer Service waits for your decision."]


def test_bare_votes_and_nominations_of_people_unknown_here_write_no_news(edition, on_mastodon, grace, alan):
    handle = on_mastodon("rosa")

    with CaptureQueriesContext(connection) as asked:
        rosa = nominate(by=grace, edition=edition, handle=handle, reason=REASON, at=MONDAY).nomination
        approve(by=alan, nomination=rosa, at=MONDAY)

    assert not [each["sql"] for each in asked if "_notification" in each["sql"] or "_wish" in each["sql"]]
