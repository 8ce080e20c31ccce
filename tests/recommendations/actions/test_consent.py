"""A person's own word: only they can give it, it outranks the network's, and it holds at once, wherever they stand."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from accounts.linking import claim, prove
from accounts.models import LinkedHandle
from accounts.options import options
from recommendations import seals, tasks
from recommendations.actions import Refused
from recommendations.actions.compile import compile_edition
from recommendations.actions.consent import accept, allow_mentions, decline, profile_of
from recommendations.actions.nominate import nominate
from recommendations.actions.publish import publish
from recommendations.consent import Signal
from recommendations.models import Channel, Community, Delivery, DoNotList, Edition, Entry, NativeList, Post, Profile
from recommendations.networks.base import Unavailable
from tests.conftest import FRIDAY, MONDAY, THURSDAY
from tests.fake_network import Lost
from tests.recommendations.actions.conftest import REASON, names

pytestmark = pytest.mark.django_db

LATER = FRIDAY + timedelta(hours=1)
EDITION = "/c/custserv/editions/1/"
API = "/api/v1/communities/custserv/editions/1"
NAMING = (EDITION, "/c/custserv/feed.atom", "/c/custserv/feed.json", "/feed.atom", "/feed.json", API)


def rosa_profile():
    return Profile.objects.get(name="rosa")


def sweeps(at=LATER, number=4):
    for minute in range(number):
        tasks.sweep(at=at + timedelta(minutes=minute), run=tasks.at_once)


def read(address):
    return Client().get(address).content.decode()


def test_who_says_yes_is_listed_whatever_their_network_says_of_them(edition, grace, nominated, proven):
    nominated("rosa", by=grace, signal=Signal.MANUAL)

    accept(profile=rosa_profile(), by=proven("rosa"), may_mention=True)
    compile_edition(edition=edition, at=THURSDAY)

    assert names(edition) == ["rosa"]
    assert rosa_profile().may_mention


def test_a_yes_without_mentions_is_no_leave_to_mention(nominated, grace, proven):
    nominated("rosa", by=grace)
    rosa = proven("rosa")

    accept(profile=rosa_profile(), by=rosa)
    assert not rosa_profile().may_mention
    allow_mentions(profile=rosa_profile(), by=rosa, allowed=True)
    assert rosa_profile().may_mention
    allow_mentions(profile=rosa_profile(), by=rosa, allowed=False)

    assert (rosa_profile().word, rosa_profile().may_mention) == ("accepted", False)


@pytest.mark.parametrize("word", ["", "declined"])
def test_mentions_are_for_who_said_yes(nominated, grace, proven, word):
    nominated("rosa", by=grace)
    Profile.objects.update(word=word)

    with pytest.raises(Refused, match="first"):
        allow_mentions(profile=rosa_profile(), by=proven("rosa"), allowed=True)

    assert not rosa_profile().may_mention


def test_a_no_can_be_taken_back_by_the_one_who_said_it(edition, nominated, grace, alan, proven, on_mastodon):
    nominated("rosa", by=grace)
    rosa = proven("rosa")
    decline(profile=rosa_profile(), by=rosa)
    with pytest.raises(Refused, match="for good"):
        nominate(by=alan, edition=edition, handle=rosa_profile().handle, reason=REASON, at=MONDAY)
    DoNotList.objects.create(
        fingerprint=seals.fingerprint("https://social.example/users/rosa", key=settings.FF_HASH_KEY)
    )

    accept(profile=rosa_profile(), by=rosa)

    assert nominate(by=alan, edition=edition, handle=rosa_profile().handle, reason=REASON, at=MONDAY).seconded


@pytest.mark.parametrize("say", [accept, decline, lambda **who: allow_mentions(allowed=True, **who)])
@pytest.mark.parametrize("who", ["a member", "the nominator", "another nominee", "an unproven claim"])
def test_nobody_else_can_speak_for_a_profile(nominated, ada, grace, proven, person, say, who):
    nominated("rosa", by=grace)
    impostor = {"a member": ada, "the nominator": grace}.get(who) or person("Mallory")
    if who == "another nominee":
        nominated("emma", by=grace)
        impostor = proven("emma")
    if who == "an unproven claim":
        LinkedHandle.objects.create(
            user=impostor, network="mastodon", name="rosa", host="social.example", uri=rosa_profile().uri
        )

    with pytest.raises(Refused, match=r"Only @rosa@social\.example"):
        say(profile=rosa_profile(), by=impostor)

    assert (rosa_profile().word, rosa_profile().may_mention) == ("", False)


@pytest.mark.parametrize("unknown", [{"uri": None}, {"checked": False}])
def test_for_a_profile_of_which_nobody_knows_whose_it_is_nobody_speaks(nominated, grace, proven, unknown):
    nominated("rosa", by=grace)
    Profile.objects.update(**unknown)

    with pytest.raises(Refused):
        decline(profile=rosa_profile(), by=proven("rosa"))


def test_a_token_in_the_bio_proves_as_much_as_signing_in(nominated, grace, person, fake_networks, on_mastodon):
    nominated("rosa", by=grace)
    rosa = person("Rosa")
    linked = claim(rosa, rosa_profile().handle)
    on_mastodon("rosa", bio=f"Hello! {linked.token}")

    prove(linked, options())
    linked.refresh_from_db()
    decline(profile=profile_of(linked=linked), by=rosa)

    assert rosa_profile().word == "declined"


def test_one_may_decline_before_anybody_has_named_one(edition, grace, proven, on_mastodon):
    handle = on_mastodon("rosa")
    rosa = proven("rosa")

    decline(profile=profile_of(linked=rosa.linked_handles.get(), at=MONDAY), by=rosa)

    with pytest.raises(Refused, match="for good"):
        nominate(by=grace, edition=edition, handle=handle, reason=REASON, at=MONDAY)


def test_a_handle_that_cannot_be_looked_up_now_speaks_for_nobody_yet(proven, fake_networks):
    fake_networks["mastodon"].script("look_up", Unavailable("busy"))

    with pytest.raises(Refused, match="try again"):
        profile_of(linked=proven("rosa").linked_handles.get())


def test_a_handle_that_leads_to_somebody_else_by_now_does_not_speak_for_them(proven, on_mastodon):
    on_mastodon("rosa", uri="https://social.example/users/another")

    with pytest.raises(Refused, match="could not find"):
        profile_of(linked=proven("rosa").linked_handles.get())


def test_an_unproven_claim_leads_to_no_profile(person, on_mastodon):
    linked = claim(person("Mallory"), on_mastodon("rosa"))

    with pytest.raises(Refused, match="Prove first"):
        profile_of(linked=linked)


def test_who_declines_leaves_the_draft_at_once_and_the_next_moves_up(draft, proven):
    Community.objects.update(list_size=2)
    Entry.objects.filter(profile__name="clara").update(reserve=True)

    decline(profile=rosa_profile(), by=proven("rosa"), at=THURSDAY)

    assert names(draft) == ["emma", "clara"]
    assert list(draft.entries.ranked().values_list("rank", flat=True)) == [1, 2]


def test_who_says_no_to_mentions_is_not_mentioned_in_posts_that_wait(draft, channel, proven, fake_networks):
    rosa = proven("rosa")
    Channel.objects.update(network="mastodon", limits={"characters": 500, "url_length": 23})
    accept(profile=rosa_profile(), by=rosa, may_mention=True)
    publish(edition=draft, at=FRIDAY)
    mention = [facet for post in Post.objects.all() for facet in post.facets if facet["kind"] == "mention"]
    assert len(mention) == 1

    allow_mentions(profile=rosa_profile(), by=rosa, allowed=False, at=FRIDAY)
    tasks.sweep(at=FRIDAY, run=tasks.at_once)

    assert any("Rosa" in text for text in fake_networks["mastodon"].texts)
    assert [f for post in Post.objects.all() for f in post.facets if f["kind"] == "mention"] == []


def test_lists_on_the_networks_are_looked_at_again(published, proven):
    kept = NativeList.objects.create(
        channel=published.deliveries.get().channel, edition=published, key="list", state="kept", due_at=FRIDAY
    )

    decline(profile=rosa_profile(), by=proven("rosa"), at=LATER)

    kept.refresh_from_db()
    assert (kept.state, kept.due_at) == ("due", LATER)


BEFORE, AFTER = ("board", "draft", "held"), ("out", "half", "doubt stored", "doubt lost", "sent", "paused", "rehearsal")
FAULTS = {"half": Unavailable("busy"), "doubt stored": Lost(stored=True), "doubt lost": Lost(stored=False)}


@pytest.mark.parametrize("editable", [True, False], ids=["edits", "no edits"])
@pytest.mark.parametrize("moment", [*BEFORE, *AFTER])
def test_declining_between_compile_and_send_removes_the_person_from_page_feed_and_posts_in_each_state(
    edition, nominated, grace, alan, ada, channel, proven, fake_networks, moment, editable
):
    network = fake_networks["bluesky"]
    network.editable = editable
    nominated("rosa", by=grace)
    nominated("emma", by=alan)
    nominated("clara", by=ada)
    rosa = proven("rosa")
    if moment == "rehearsal":
        Channel.objects.update(state="rehearsal")

    gap = live_until(moment, edition, network, say_no=lambda: decline(profile=rosa_profile(), by=rosa, at=LATER))

    assert_named_nowhere(gap=gap)
    sweeps()
    assert_named_nowhere(gap=gap)
    assert "Rosa" not in "".join(network.texts) + str(network.posts)
    Channel.objects.filter(state="paused").update(state="live")
    sweeps(at=LATER + timedelta(hours=1))
    if moment != "rehearsal":
        assert_thread_is_whole(network)
    assert_named_nowhere(gap=gap)


def live_until(moment, edition, network, *, say_no):
    """An edition up to a moment at which somebody says no, and on to its publication; the rank they leave empty."""
    if moment == "board":
        say_no()
    compile_edition(edition=edition, at=THURSDAY)
    if moment in BEFORE:
        Edition.objects.filter(pk=edition.pk).update(held_at=FRIDAY if moment == "held" else None)
        if moment != "board":
            say_no()
        assert "rosa" not in names(edition)
        Edition.objects.filter(pk=edition.pk).update(held_at=None)
        publish(edition=edition, at=FRIDAY)
        return None
    publish(edition=edition, at=FRIDAY)
    assert [place for place in NAMING if "Rosa" not in read(place)] == []
    if moment != "out":
        network.script("send", None, FAULTS.get(moment))
        tasks.send_due(at=FRIDAY, run=tasks.at_once)
    if moment == "paused":
        Channel.objects.update(state="paused")
    gap = Entry.objects.get(profile__name="rosa").rank
    say_no()
    return gap


def assert_named_nowhere(*, gap):
    """Not on a page, in a feed, in a download; and whoever else is listed keeps their number."""
    pages = {place: read(place) for place in (*NAMING, "/c/custserv/", f"{EDITION}following_accounts.csv")}
    assert [place for place, page in pages.items() if "rosa" in page.lower()] == []
    assert [place for place in NAMING if "Emma" not in pages[place] or "Clara" not in pages[place]] == []
    assert Client().get("/p/mastodon/rosa@social.example/").status_code == 404
    entries = Client().get(API).json()["entries"]
    assert [entry["rank"] for entry in entries] == ([1, 2, 3] if gap else [1, 2])
    assert [entry["rank"] for entry in entries if entry["profile"] is None] == ([gap] if gap else [])
    assert pages[EDITION].count('class="tombstone"') == (1 if gap else 0)


def assert_thread_is_whole(network):
    """One opening, everybody else once, one closing; each answers the one before it."""
    said = "".join(network.texts)
    assert (said.count("Emma"), said.count("Clara"), said.count("Nominate")) == (1, 1, 1)
    parents = [post.wire["parent"] for post in network.posts]
    assert parents == [None, *(post.receipt.reference for post in network.posts[:-1])]
    assert Delivery.objects.get().correct_from is None


def test_a_gap_stays_where_somebody_declined_after_publication(published, proven):
    decline(profile=rosa_profile(), by=proven("rosa"), at=LATER)

    page, csv = read(EDITION), read(f"{EDITION}following_accounts.csv")
    atom, feed = read("/c/custserv/feed.atom"), Client().get("/c/custserv/feed.json").json()
    assert '<p class="tombstone"><span class="rank">1</span>' in page
    assert csv.splitlines()[1:] == ["emma@social.example,true,false,", "clara@social.example,true,false,"]
    assert (atom.count("&lt;li&gt;"), atom.count("does not wish to be listed")) == (3, 1)
    content = feed["items"][0]["content_html"]
    assert (content.count("<li>"), content.count("does not wish to be listed")) == (3, 1)
    assert Edition.objects.get(pk=published.pk).number == 1
