"""One post goes out once, whatever happens on the way."""

from datetime import timedelta

import pytest
from django.db.models import F

from recommendations import tasks
from recommendations.actions.compile import compile_edition
from recommendations.actions.decide import decide
from recommendations.actions.deliver import deliver
from recommendations.actions.erase import erase
from recommendations.actions.nominate import nominate
from recommendations.actions.publish import publish
from recommendations.handles import Handle, Network
from recommendations.models import Channel, Post, Profile, Quote
from recommendations.models.state import Overtaken
from recommendations.networks.base import Rejected, Revoked, Unavailable
from tests.conftest import FRIDAY, MONDAY, THURSDAY
from tests.fake_network import Lost, Renewed
from tests.recommendations.actions.conftest import REASON

pytestmark = pytest.mark.django_db


@pytest.fixture
def bluesky(fake_networks, channel):
    return fake_networks[channel.network]


def send_all(at=FRIDAY):
    tasks.send_due(at=at, run=tasks.at_once)


def first():
    return Post.objects.select_related("delivery__channel", "delivery__edition__community").get(part=0)


def states():
    return set(Post.objects.values_list("state", flat=True))


def test_a_thread_goes_out_in_order_each_part_answering_the_one_before(published, bluesky):
    send_all()

    posts = list(Post.objects.all())
    assert [standing.text for standing in bluesky.posts] == [post.text for post in posts]
    assert states() == {"sent"}
    assert [standing.wire["parent"] for standing in bluesky.posts[1:]] == [post.reference for post in posts[:-1]]
    assert {str(standing.wire["root"]) for standing in bluesky.posts[1:]} == {str(posts[0].reference)}
    assert posts[0].delivery.state == "sent"


def test_the_share_image_goes_with_the_first_post_and_its_alt_text_too(published, bluesky):
    send_all()

    assert [picture.alt for picture in bluesky.pictures] == [published.share_alt]
    assert [standing.wire["picture"] is not None for standing in bluesky.posts] == [True] + [False] * (
        len(bluesky.posts) - 1
    )


def test_sending_again_sends_nothing(published, bluesky):
    send_all()
    send_all()

    assert len(bluesky.called("send")) == len(bluesky.posts) == Post.objects.count()


def test_of_two_workers_one_wins(published, bluesky):
    mine, other = first(), first()
    deliver(post=mine, at=FRIDAY)

    with pytest.raises(Overtaken):
        deliver(post=other, at=FRIDAY)

    assert len(bluesky.called("send")) == 1


def test_a_part_waits_for_the_one_before(published, bluesky):
    bluesky.script("send", Unavailable("busy"))

    send_all()

    assert bluesky.posts == []
    assert len(bluesky.called("send")) == 1


def test_a_busy_network_is_asked_again_when_it_says(published, bluesky):
    later = FRIDAY + timedelta(minutes=20)
    bluesky.script("send", Unavailable("busy", retry_at=later))

    send_all()
    assert first().due_at == later
    send_all(at=later - timedelta(seconds=1))
    assert bluesky.posts == []
    send_all(at=later)

    assert states() == {"sent"}


def test_without_a_word_from_the_network_we_wait_longer_each_time(published, bluesky):
    bluesky.script("send", *[Unavailable("busy")] * 3)
    waits, at = [], FRIDAY

    for _ in range(3):
        send_all(at=at)
        waits.append(first().due_at - at)
        at = first().due_at

    assert waits[0] < waits[1] < waits[2] <= timedelta(hours=1)


def test_the_wire_is_written_before_the_call_and_the_same_when_repeated(published, bluesky):
    bluesky.script("send", Unavailable("busy"))
    send_all()
    wire = first().wire

    send_all(at=first().due_at)

    assert wire is not None
    assert [call.arguments["wire"] for call in bluesky.called("send")][:2] == [wire, wire]


def test_a_refusal_is_told_to_a_curator_and_stops_the_thread(published, bluesky):
    bluesky.script("send", None, Rejected("That text is not allowed."))

    send_all()

    assert list(Post.objects.values_list("state", flat=True)[:2]) == ["sent", "failed"]
    assert Post.objects.get(part=1).trouble == "That text is not allowed."
    assert Post.objects.get(part=1).delivery.state == "failed"
    assert len(bluesky.posts) == 1


def test_a_revoked_channel_stops_alone_and_its_posts_wait(published, bluesky, channel):
    bluesky.script("send", Revoked("The password was withdrawn."))

    send_all()

    channel.refresh_from_db()
    assert (channel.state, channel.trouble) == ("revoked", "The password was withdrawn.")
    assert first().state == "pending"
    assert not Post.objects.due(FRIDAY).exists()


def test_a_paused_channel_sends_nothing(published, bluesky, channel):
    Channel.objects.filter(pk=channel.pk).update(state="paused")

    send_all()

    assert bluesky.calls == []


@pytest.mark.parametrize("stored", [True, False])
def test_a_lost_answer_is_found_out_about_and_the_post_stands_once(published, bluesky, stored):
    bluesky.script("send", Lost(stored=stored))

    send_all()
    assert first().state == "unknown" or first().state == "sent"
    send_all(at=FRIDAY + timedelta(minutes=1))
    send_all(at=FRIDAY + timedelta(minutes=2))

    assert states() == {"sent"}
    assert len(bluesky.posts) == Post.objects.count()


def test_a_renewed_session_is_kept_sealed(published, bluesky, channel):
    bluesky.script("send", Renewed({"account": channel.uri, "token": "second"}))

    deliver(post=first(), at=FRIDAY)

    channel.refresh_from_db()
    assert channel.open_secret()["token"] == "second"
    assert "second" not in channel.sealed_secret


def test_what_is_too_late_is_left_to_a_curator(published, bluesky):
    send_all(at=FRIDAY + timedelta(hours=25))

    assert first().state == "needs_human"
    assert bluesky.posts == []


def test_who_declines_after_publication_and_before_sending_is_not_posted(published, bluesky):
    Profile.objects.filter(name="emma").update(word="declined")

    send_all()

    text = "\n".join(bluesky.texts)
    assert "Emma" not in text
    assert "Rosa" in text
    assert "Clara" in text
    assert states() <= {"sent", "cancelled"}


def test_who_declines_half_way_is_not_in_the_parts_that_were_not_tried(community, published, bluesky):
    deliver(post=first(), at=FRIDAY)
    Profile.objects.filter(name__in=["rosa", "emma", "clara"]).update(word="declined")

    send_all()

    assert len(bluesky.posts) == 2  # the opening, and the closing that takes the place of the people
    assert "Rosa" not in "\n".join(bluesky.texts)
    assert states() == {"sent", "cancelled"}
    assert Post.objects.filter(state="cancelled").first().delivery.state == "sent"


def test_a_worker_that_died_before_writing_the_wire_has_sent_nothing(published, bluesky):
    Post.objects.filter(part=0).update(state="sending", claimed_at=FRIDAY - timedelta(days=1))

    send_all()

    assert states() == {"sent"}
    assert len(bluesky.posts) == Post.objects.count()


def test_a_claim_younger_than_its_lease_is_left_alone(published, bluesky):
    from django.db.models.functions import Now

    Post.objects.filter(part=0).update(state="sending", claimed_at=Now())

    send_all()

    assert bluesky.posts == []
    Post.objects.filter(part=0).update(claimed_at=F("claimed_at") - timedelta(minutes=3))
    send_all()
    assert states() == {"sent"}


LATER = FRIDAY + timedelta(hours=1)


def sweep(at):
    for minutes in range(3):
        tasks.sweep(at=at + timedelta(minutes=minutes), run=tasks.at_once)


@pytest.fixture
def mentioned(edition, bluesky, grace):
    """An edition that mentions Rosa, as she allowed."""
    rosa = Handle(Network.BLUESKY, "rosa.example")
    bluesky.add_person(rosa, uri="did:plc:" + "a" * 24, name="Rosa")
    nominate(by=grace, edition=edition, handle=rosa, reason=REASON, at=MONDAY)
    Profile.objects.update(word="accepted", may_mention=True)
    compile_edition(edition=edition, at=THURSDAY)
    edition.refresh_from_db()
    return publish(edition=edition, at=FRIDAY)


def mentions(bluesky):
    return [facet for each in bluesky.posts for facet in each.wire["facets"] if facet["kind"] == "mention"]


@pytest.mark.parametrize("mark", ["vetoed_at", "hidden_at"])
def test_what_was_taken_back_a_moment_ago_is_not_sent(published, bluesky, mark):
    said = Quote.objects.filter(entry__rank=1).first()
    Quote.objects.filter(pk=said.pk).update(**{mark: FRIDAY})

    for _turn in range(2):
        send_all()

    assert states() == {"sent"}
    sent = "".join(bluesky.texts)
    assert "Rosa" in sent
    assert f"Rosa\n“{said.text}" not in sent


def test_a_mention_that_was_withdrawn_a_moment_ago_is_not_sent(mentioned, bluesky):
    Profile.objects.update(may_mention=False)

    for _turn in range(2):
        send_all()

    assert states() == {"sent"}
    assert "Rosa" in "".join(bluesky.texts)
    assert mentions(bluesky) == []


def test_what_begins_like_words_that_were_taken_back_is_sent_all_the_same(published, bluesky):
    quote = Quote.objects.filter(entry__rank=1).first()
    Quote.objects.create(
        entry=quote.entry, position=9, author=quote.author, text=f"{quote.text} Truly.", vetoed_at=FRIDAY
    )

    for _turn in range(2):
        send_all()

    assert states() == {"sent"}


@pytest.mark.parametrize("why", ["veto", "mention", "erased"])
def test_a_curator_lets_a_refused_part_go_as_it_may_be_said_by_then(mentioned, bluesky, curator, grace, why):
    bluesky.script("send", None, Rejected("The network says no."))
    send_all()
    send_all()
    assert Post.objects.get(part=1).state == "failed"
    if why == "veto":
        Quote.objects.update(vetoed_at=LATER)
    elif why == "mention":
        Profile.objects.update(may_mention=False)
    else:
        erase(user=grace, at=LATER)
    mentioned.deliveries.update(correct_from=LATER)

    sweep(LATER)
    refused = Post.objects.get(part=1)
    assert refused.state == "failed"
    assert (REASON in refused.text) == (why == "mention")
    decide(post=refused, by=curator, choice="send", late_at=LATER + timedelta(days=1), at=LATER)
    sweep(LATER)

    said = "".join(bluesky.texts)
    assert "Rosa" in said
    assert (REASON in said, "Grace" in said) == (why == "mention", why == "mention")
    assert len(mentions(bluesky)) == (0 if why == "mention" else 1)


def test_a_refused_part_that_names_only_who_declined_is_not_sent_at_all(mentioned, bluesky):
    bluesky.script("send", None, Rejected("The network says no."))
    send_all()
    send_all()
    Profile.objects.update(word="declined")
    mentioned.deliveries.update(correct_from=LATER)

    sweep(LATER)

    assert Post.objects.get(step=1).state == "cancelled"
    assert "Rosa" not in "".join(bluesky.texts)


def test_an_edit_that_waits_says_no_more_than_may_be_said_when_it_is_made(mentioned, bluesky):
    bluesky.editable = True
    send_all()
    part = Post.objects.get(part=1)
    Post.objects.create(
        delivery=part.delivery, operation="edit", target=part, part=1, step=9, key="edit", account=part.account,
        created_at=FRIDAY, due_at=FRIDAY, late_at=LATER, text=part.text, facets=part.facets, people=part.people,
    )  # fmt: skip
    Quote.objects.update(vetoed_at=LATER)

    for _turn in range(2):
        send_all(LATER)

    assert Post.objects.get(step=9).state == "sent"
    assert REASON not in "".join(bluesky.texts)
