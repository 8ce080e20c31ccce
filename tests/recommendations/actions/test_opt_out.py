"""A server's admin speaks for the server: nobody from there is shown to anybody, but for who says yes themselves."""

from datetime import timedelta

import pytest

from recommendations import tasks
from recommendations.actions import Refused
from recommendations.actions import opt_out as module
from recommendations.actions.consent import accept
from recommendations.actions.look_up import look_up
from recommendations.actions.opt_out import opt_in, opt_out, see_to_domain
from recommendations.actions.publish import publish
from recommendations.handles import Handle, Network
from recommendations.models import DomainOptOut, Entry, Profile
from recommendations.models.board import board_for
from recommendations.models.domain_opt_out import domains_of
from tests.conftest import FRIDAY, MONDAY
from tests.recommendations.actions.conftest import names

pytestmark = pytest.mark.django_db

LATER = FRIDAY + timedelta(hours=1)
EDITION = "/c/custserv/editions/1/"


def sweep(minutes=20):
    for minute in range(minutes):
        tasks.sweep(at=LATER + timedelta(minutes=minute), run=tasks.at_once)


@pytest.mark.parametrize(
    ("handle", "uri", "domains"),
    [
        (Handle(Network.MASTODON, "a", "b.c.example"), "https://b.c.example/users/a", ["b.c.example", "c.example"]),
        (Handle(Network.MASTODON, "a", "c.example"), "https://m.c.example/a", ["c.example", "m.c.example"]),
        (Handle(Network.MASTODON, "a", "c.example"), "https://[bad", ["c.example"]),
        (Handle(Network.BLUESKY, "rosa.c.example"), "did:plc:x", ["c.example", "rosa.c.example"]),
        (Handle(Network.BLUESKY, "rosa.c.example"), "did:web:d.example", ["c.example", "d.example", "rosa.c.example"]),
        (Handle(Network.BLUESKY, "did:plc:x"), "did:plc:x", []),
        (Handle(Network.X, "rosa"), "x:12", []),
    ],
)
def test_which_domains_speak_for_an_account(handle, uri, domains):
    assert domains_of(handle, uri) == domains


def test_on_the_board_nobody_from_there_is_seen_by_anybody(nominated, grace, alan, community):
    nominated("rosa", by=grace)

    opt_out(domain="social.example", at=MONDAY)

    for reader in (alan, grace):
        assert board_for(community, community.membership_of(reader), MONDAY).cards == []


def test_nobody_from_there_is_nominated(nominated, grace):
    opt_out(domain="Social.Example", at=MONDAY)

    with pytest.raises(Refused, match="Whoever runs their server") as refusal:
        nominated("rosa", by=grace)

    assert refusal.value.field == "handle"


def test_nobody_who_was_not_found_from_there_either(grace, edition, fake_networks):
    opt_out(domain="quiet.example", at=MONDAY)

    profile = look_up(handle=Handle(Network.MASTODON, "nobody", "deep.quiet.example"), at=MONDAY)

    assert profile.opted_out


def test_subdomains_are_meant_and_neighbours_are_not(nominated, grace):
    nominated("rosa", by=grace)
    rosa = Profile.objects.get()
    for domain, meant in (("ocial.example", False), ("x.social.example", False), ("social.example", True)):
        opt_out(domain=domain, at=MONDAY)
        rosa.refresh_from_db()
        assert rosa.opted_out is meant, domain


def test_existing_entries_become_tombstones_at_once(published, client):
    assert "Rosa" in client.get(EDITION).content.decode()

    opt_out(domain="social.example", reason="We asked our people.", at=LATER)

    page = client.get(EDITION).content.decode()
    assert "Rosa" not in page
    assert "Emma" not in page
    assert client.get("/p/mastodon/rosa@social.example/").status_code == 404
    assert "Rosa" not in client.get("/c/custserv/crew/").content.decode()
    assert "Rosa" not in client.get("/c/custserv/feed.json").content.decode()
    assert published.entries.ranked().count() == 3


def test_drafts_lose_them_and_nothing_is_published_of_them(draft):
    opt_out(domain="social.example", at=LATER)
    sweep(1)

    assert names(draft) == []
    draft.refresh_from_db()
    with pytest.raises(Refused, match="nobody on the list"):
        publish(edition=draft, by=draft.community.memberships.select_related("community").get(role="owner"), at=LATER)


def test_what_was_posted_is_corrected_and_the_picture_drawn_anew(published, channel, fake_networks):
    tasks.send_due(at=FRIDAY, run=tasks.at_once)
    there = fake_networks[Network.BLUESKY]
    posted = list(there.texts)
    picture = published.share_image.name

    opt_out(domain="social.example", at=LATER)
    sweep()

    assert any("Rosa" in text for text in posted)
    assert not any("Rosa" in text or "Emma" in text for text in there.texts)
    published.refresh_from_db()
    assert published.share_image.name != picture
    assert "Rosa" not in published.share_alt


def test_their_own_yes_outranks_it(published, proven, client):
    rosa = proven("rosa")
    opt_out(domain="social.example", at=LATER)

    accept(profile=Profile.objects.get(name="rosa"), by=rosa, at=LATER)

    page = client.get(EDITION).content.decode()
    assert "Rosa" in page
    assert "Emma" not in page


def test_many_are_seen_to_in_batches_and_a_sweep_that_died_goes_on(published, monkeypatch):
    monkeypatch.setattr(module, "AT_ONCE", 2)
    made = opt_out(domain="social.example", at=LATER)

    see_to_domain(domain=made, at=LATER)
    made.refresh_from_db()
    assert made.seen_to == sorted(Profile.objects.values_list("pk", flat=True))[1]
    see_to_domain(domain=made, at=LATER)
    made.refresh_from_db()

    assert made.seen_to is None
    assert not DomainOptOut.objects.due().exists()
    see_to_domain(domain=made, at=LATER)


def test_a_worker_that_was_overtaken_does_not_set_it_back(published, monkeypatch):
    monkeypatch.setattr(module, "AT_ONCE", 2)
    made = opt_out(domain="social.example", at=LATER)
    slow = DomainOptOut.objects.get()
    see_to_domain(domain=made, at=LATER)
    see_to_domain(domain=DomainOptOut.objects.get(), at=LATER)

    see_to_domain(domain=slow, at=LATER)

    assert DomainOptOut.objects.get().seen_to is None


def test_whoever_opts_in_again_is_shown_again_and_the_row_goes_in_the_end(published, client):
    opt_out(domain="social.example", at=LATER)
    sweep(1)

    opt_in(domain="social.example", at=LATER)

    assert "Rosa" in client.get(EDITION).content.decode()
    assert not DomainOptOut.objects.standing().exists()
    sweep(1)
    assert not DomainOptOut.objects.exists()
    with pytest.raises(Refused, match="has not opted out"):
        opt_in(domain="social.example")


def test_where_two_speak_for_somebody_both_must_opt_in(nominated, grace):
    nominated("rosa", by=grace)
    opt_out(domain="social.example", at=MONDAY)
    opt_out(domain="ocial.example", at=MONDAY)
    Profile.objects.update(uri="https://users.ocial.example/rosa")
    opt_out(domain="ocial.example", at=MONDAY)

    opt_in(domain="social.example", at=MONDAY)
    assert Profile.objects.get().opted_out

    opt_in(domain="ocial.example", at=MONDAY)
    assert not Profile.objects.get().opted_out


def test_opting_out_twice_changes_the_reason_alone(db):
    opt_out(domain="https://social.example/", reason="First.", at=MONDAY)
    opt_out(domain="*.social.example", reason="Second.\x00 <b>", at=LATER)

    made = DomainOptOut.objects.get()
    assert (made.domain, made.reason) == ("social.example", "Second. <b>")


@pytest.mark.parametrize(
    "domain", ["", "localhost", "example", "10.0.0.1", "a b.example", "\x00.example", "x" * 100_000]
)
def test_what_is_no_domain_is_refused(db, domain):
    with pytest.raises(Refused) as refusal:
        opt_out(domain=domain)

    assert refusal.value.field == "domain"
    assert not DomainOptOut.objects.exists()


def test_who_is_looked_up_again_after_moving_there_is_opted_out(nominated, grace, fake_networks):
    nominated("rosa", by=grace)
    opt_out(domain="strict.example", at=MONDAY)
    there = Handle(Network.MASTODON, "rosa", "strict.example")
    fake_networks[Network.MASTODON].add_person(there, uri="https://social.example/users/rosa", name="Rosa")

    look_up(handle=there, at=MONDAY)

    assert Profile.objects.get().opted_out
    assert not Entry.objects.exists()
