"""A refusal is believed only when it is one; a channel whose access is gone waits; nobody is mentioned twice."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction

from recommendations import tasks
from recommendations.actions import Refused
from recommendations.actions.connect import connect, go_live
from recommendations.actions.correct import watch_deliveries
from recommendations.actions.decide import decide
from recommendations.actions.mentions import mention_once
from recommendations.actions.publish import publish
from recommendations.actions.share_image import withdraw_share_images
from recommendations.handles import Network
from recommendations.models import Attempt, Channel, Delivery, Notification, Post, Profile
from recommendations.networks.base import CannotEdit, Rejected, Revoked, Unexplained
from tests.conftest import FRIDAY
from tests.fake_network import Lost

pytestmark = pytest.mark.django_db

LATER = FRIDAY + timedelta(hours=1)
FIREWALL = Unexplained("Blocked.")


@pytest.fixture
def mastodon(fake_networks, community):
    """One that takes edits, and keeps keys for a while; everybody on a list is mentioned there."""
    fake = fake_networks["mastodon"]
    fake.editable, fake.repeat_for, fake.enough_looks = True, timedelta(minutes=50), 2
    community.mentions = "everyone"
    community.save()
    return fake


def channel_on_mastodon(community, name):
    uri = f"https://social.example/users/{name}"
    limits = {"characters": 300, "url_length": 23}
    made = Channel(community=community, network="mastodon", uri=uri, name=name, host="social.example", limits=limits)
    made.state, made.limits_at = Channel.State.LIVE, FRIDAY
    made.sealed_secret = made.seal_secret({"account": uri, "token": "first"})
    made.save()
    return made


@pytest.fixture
def out(mastodon, community, draft):
    """An edition that is out, with one delivery waiting to be sent."""
    channel_on_mastodon(community, "tea")
    return publish(edition=draft, at=FRIDAY)


def sweep(at=FRIDAY, *, minutes=1):
    for minute in range(minutes):
        tasks.sweep(at=at + timedelta(minutes=minute), run=tasks.at_once)


def decline(name, at=LATER):
    profile = Profile.objects.get(name=name)
    Profile.objects.filter(pk=profile.pk).update(word="declined")
    withdraw_share_images(profile)
    watch_deliveries(profile, at=at)


def mentioned(network):
    """How often each person was notified by a post that stood at any time."""
    stored = {(call.arguments["key"], call.arguments["wire"]["text"]): call for call in network.called("send")}
    facets = [facet for call in stored.values() for facet in call.arguments["wire"]["facets"]]
    return Counter(facet["value"] for facet in facets if facet["kind"] == "mention")


def post_of(part):
    return Post.objects.select_related("delivery__channel", "delivery__edition__community").get(
        part=part, operation="create"
    )


# Edits


def test_a_stray_refusal_of_an_edit_takes_nothing_down(mastodon, out):
    sweep()
    mastodon.script("edit", FIREWALL)

    decline("rosa")
    sweep(LATER, minutes=5)

    assert mastodon.called("delete") == []
    assert len(mastodon.called("verify")) == 1
    assert "Rosa" not in "\n".join(mastodon.texts)


def test_an_edit_that_is_always_refused_without_a_reason_ends_with_a_curator(mastodon, out, ada):
    sweep()
    mastodon.script("edit", *[FIREWALL] * 20)

    decline("rosa")
    sweep(LATER, minutes=200)

    edit = Post.objects.get(operation="edit")
    assert (edit.state, mastodon.called("delete")) == ("failed", [])
    assert len(mastodon.called("edit")) == 6
    assert Notification.objects.filter(
        user=ada, key__startswith=f"refused:{edit.pk}", mail_due_at__isnull=False
    ).exists()


def test_a_plain_no_to_an_edit_is_told_to_a_curator_who_may_have_the_part_posted_again(mastodon, out, curator, ada):
    sweep()
    mastodon.script("edit", Rejected("No."))
    decline("rosa")
    sweep(LATER, minutes=3)
    assert mastodon.called("delete") == []
    edit = Post.objects.select_related("delivery__channel", "delivery__edition__community").get(operation="edit")

    decide(post=edit, by=curator, choice="replace", late_at=LATER + timedelta(days=1), at=LATER)
    sweep(LATER + timedelta(minutes=5), minutes=4)

    assert "Rosa" not in "\n".join(mastodon.texts)
    assert set(mentioned(mastodon).values()) == {1}


def test_where_the_server_itself_says_that_it_cannot_edit_the_rest_is_posted_again_without_mentions(mastodon, out):
    sweep()
    assert set(mentioned(mastodon).values()) == {1}
    mastodon.script("edit", *[CannotEdit("Not implemented.")] * 9)

    decline("rosa")
    sweep(LATER, minutes=4)

    assert "Rosa" not in "\n".join(mastodon.texts)
    assert "Emma" in "\n".join(mastodon.texts)
    assert set(mentioned(mastodon).values()) == {1}
    assert Channel.objects.get().limits["edits"] is False


# Mentions


def test_two_channels_on_one_network_mention_nobody_twice(mastodon, draft, community):
    for name in ("tea", "coffee"):
        channel_on_mastodon(community, name)
    publish(edition=draft, at=FRIDAY)

    sweep(minutes=2)

    assert len({call.arguments["secret"]["account"] for call in mastodon.called("send")}) == 2
    assert set(mentioned(mastodon).values()) == {1}


@pytest.mark.parametrize("sent", ["stands", "may stand, from before it was written down whom it notified"])
def test_who_was_only_named_beside_a_mention_is_still_mentioned_elsewhere(mastodon, draft, community, sent):
    for name in ("tea", "coffee"):
        channel_on_mastodon(community, name)
    edition = publish(edition=draft, at=FRIDAY)
    tea, coffee = Post.objects.filter(part=1).select_related("delivery__channel").order_by("pk")
    first, second = [facet for facet in tea.facets if facet["kind"] == "mention"][:2]
    tea.facets = [facet for facet in tea.facets if facet["kind"] != "mention" or facet == first]
    tea.state = Post.State.SENT if sent == "stands" else Post.State.UNKNOWN
    tea.save()
    if sent != "stands":
        Attempt.objects.create(post=tea, kind=Attempt.Kind.SEND)

    with transaction.atomic():
        notified = mention_once(coffee)

    entries = {entry.profile.uri: entry.pk for entry in edition.entries.select_related("profile")}
    still = [facet["value"] for facet in coffee.facets if facet["kind"] == "mention"]
    assert first["value"] not in still
    assert second["value"] in still
    assert {entries[first["value"]], entries[second["value"]]} <= set(notified)


def test_who_is_told_that_it_is_not_there_sends_it_without_mentions(mastodon, out, curator):
    mastodon.script("send", None, Lost(stored=True))
    sweep()
    Post.objects.filter(part=1).update(state="needs_human")
    Post.objects.filter(part=1).update(key="another")  # a server that keeps no keys

    decide(post=post_of(1), by=curator, choice="send", late_at=LATER + timedelta(days=1), at=LATER)
    sweep(LATER)

    assert Post.objects.get(part=1).state == "sent"
    assert set(mentioned(mastodon).values()) == {1}


def test_what_surely_never_stood_is_sent_with_its_mentions(mastodon, out, curator):
    mastodon.script("send", None, Rejected("No."))
    sweep()

    decide(post=post_of(1), by=curator, choice="send", late_at=LATER + timedelta(days=1), at=LATER)
    sweep(LATER)

    assert any(facet["kind"] == "mention" for facet in Post.objects.get(part=1).facets)
    assert Attempt.objects.filter(post__part=1).last().notified


def test_what_is_not_found_after_a_restore_goes_out_without_mentions(mastodon, out):
    Channel.objects.update(restored_at=FRIDAY)

    sweep(FRIDAY + timedelta(minutes=1), minutes=30)

    assert {post.state for post in Post.objects.all()} == {"sent"}
    assert mentioned(mastodon) == {}


# Create


def test_a_post_that_a_firewall_refuses_is_looked_for_and_not_doubled(mastodon, out):
    mastodon.script("send", FIREWALL)

    sweep(minutes=15)

    assert {post.state for post in Post.objects.all()} == {"sent"}
    assert len(mastodon.texts) == len(set(mastodon.texts)) == Post.objects.count()


def test_a_post_that_a_firewall_always_refuses_ends_with_a_curator(mastodon, out, ada):
    mastodon.script("send", *[FIREWALL] * 50)

    sweep(minutes=300)

    assert post_of(0).state == "needs_human"
    assert len(mastodon.called("send")) == 6
    assert Notification.objects.filter(user=ada, key__startswith="post:").count() == 1


# Access


def test_a_token_refused_in_other_words_revokes_after_a_second_no_and_the_post_waits(mastodon, out, ada):
    mastodon.script("send", *[FIREWALL] * 9)
    mastodon.script("look", *[FIREWALL] * 9)
    mastodon.script("verify", *[FIREWALL] * 20)

    sweep(minutes=5)
    after_five = Channel.objects.get().state
    sweep(FRIDAY + timedelta(minutes=5), minutes=30)

    assert (after_five, Channel.objects.get().state) == ("live", "revoked")
    assert post_of(0).state in ("pending", "unknown")
    told = Notification.objects.filter(user=ada, key__startswith="revoked:")
    assert [each.mail_due_at is not None for each in told] == [True]


def test_a_stray_no_is_forgotten_when_the_network_says_yes(mastodon, out):
    mastodon.script("send", FIREWALL)
    mastodon.script("verify", FIREWALL)

    sweep(minutes=20)

    assert (Channel.objects.get().state, Channel.objects.get().doubted_at) == ("live", None)


def test_the_account_connected_again_goes_on_with_what_waits(mastodon, out, curator, community):
    mastodon.script("send", Revoked("Withdrawn."))
    sweep()
    assert Channel.objects.get().state == "revoked"
    Channel.objects.update(uri="did:fake:tea.example")
    Post.objects.update(due_at=FRIDAY + timedelta(hours=5))

    connect(
        community=community,
        by=curator,
        network=Network.MASTODON,
        handle="tea.example",
        password="open sesame",
        at=LATER,
    )
    sweep(LATER, minutes=20)

    assert Channel.objects.get().state == "live"
    assert len(mastodon.posts) == Post.objects.count()


def test_a_revoked_channel_is_not_let_live_by_a_press(mastodon, out, curator):
    Channel.objects.update(state="revoked")

    with pytest.raises(Refused):
        go_live(channel=Channel.objects.get(), by=curator)

    assert Channel.objects.get().state == "revoked"


def test_every_refusal_is_told_once_with_a_mail(mastodon, out, ada):
    mastodon.script("send", None, Rejected("No."))

    sweep(minutes=3)

    told = Notification.objects.filter(user=ada, key__startswith="refused:")
    assert [each.mail_due_at is not None for each in told] == [True]
    assert "Decide" in told[0].sentence


# What a curator may do


def refused_at(part, mastodon):
    mastodon.script("send", *[None] * part, Rejected("No."))
    sweep()
    return post_of(part)


def choose(post, by, choice, **more):
    decide(post=post, by=by, choice=choice, late_at=LATER + timedelta(days=1), at=LATER, **more)


def test_a_skipped_part_lets_the_rest_go_on_behind_the_last_that_stands(mastodon, out, curator):
    post = refused_at(1, mastodon)

    choose(post, curator, "skip")
    sweep(LATER, minutes=2)

    assert [each.state for each in Post.objects.filter(operation="create")].count("cancelled") == 1
    assert mastodon.posts[1].wire["parent"] == mastodon.posts[0].receipt.reference
    assert len(mastodon.posts) == Post.objects.count() - 1


def test_what_was_skipped_is_not_made_up_for_by_a_later_correction(mastodon, out, curator):
    mastodon.editable = False
    post = refused_at(1, mastodon)
    skipped = post.people
    choose(post, curator, "skip")
    sweep(LATER, minutes=2)
    before = mastodon.texts

    watch_deliveries(Profile.objects.get(name="rosa"), at=LATER)
    sweep(LATER + timedelta(minutes=5), minutes=4)

    assert skipped
    assert mastodon.texts == before
    assert Delivery.objects.get().correct_from is None


def test_a_part_is_sent_in_the_curators_words(mastodon, out, curator):
    post = refused_at(1, mastodon)
    words = post.text[: post.text.index("“")] + "Short, by @eve@social.example"

    choose(post, curator, "edit", text=words)
    sweep(LATER, minutes=2)

    sent = Post.objects.get(part=1)
    assert (sent.state, sent.text) == ("sent", words.replace("@eve@social", "@\u2060eve@\u2060social"))
    assert {facet["kind"] for facet in sent.facets} == {"mention"}


@pytest.mark.parametrize("text", ["", "x" * 1_000])
def test_words_that_do_not_fit_are_refused(mastodon, out, curator, text):
    post = refused_at(1, mastodon)

    with pytest.raises(Refused) as refusal:
        choose(post, curator, "edit", text=text)

    assert refusal.value.field == "text"
    assert Post.objects.get(part=1).state == "failed"


def test_who_declined_is_not_brought_back_by_a_curators_words(mastodon, out, curator):
    post = refused_at(1, mastodon)
    Profile.objects.filter(name="rosa").update(word="declined")

    with pytest.raises(Refused, match="doesn't want"):
        choose(post, curator, "edit", text="Rosa is great")


def test_an_edit_left_as_it_is_stays_so(mastodon, out, curator):
    sweep()
    mastodon.script("edit", Rejected("No."))
    decline("rosa")
    sweep(LATER, minutes=2)
    edit = Post.objects.select_related("delivery__channel", "delivery__edition__community").get(operation="edit")

    choose(edit, curator, "skip")
    sweep(LATER + timedelta(minutes=5), minutes=2)

    assert Post.objects.get(pk=edit.pk).state == "cancelled"
    assert mastodon.called("delete") == []
