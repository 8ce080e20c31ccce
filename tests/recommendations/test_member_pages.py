"""A member's page for others, and the switch for it: generous with what may be read, and silent about all else."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import LinkedHandle, User
from recommendations.actions.introduce import introduce
from recommendations.actions.join import found
from recommendations.models import Block, Community, Edition, Entry, Membership, Nomination, Profile, Quote, Vote
from tests.recommendations.readers import published, somebody

PAGE = "/m/grace/"
SITE = "http://localhost:8000"


def said(entry, author, text, position=0, **fields):
    return Quote.objects.create(entry=entry, author=author, text=text, position=position, **fields)


@pytest.fixture
def out(community, grace, alan):
    """Number 1: Grace recommended Joan, and seconded Alan's Katherine."""
    edition = published(community, [somebody("joan@quiet.example"), somebody("katherine@orbit.example")])
    joan, katherine = edition.entries.order_by("rank")
    said(joan, grace, "Patient, and always right.")
    said(katherine, alan, "She counts by hand.")
    said(katherine, grace, "And checks the machine.", position=1)
    return edition


def get(address=PAGE, client=None, **query):
    return (client or Client()).get(address, query)


def text(address=PAGE, client=None, **query):
    page = get(address, client, **query)
    assert page.status_code == 200
    return page.content.decode()


def test_it_tells_whom_they_recommended_and_seconded_why_and_where(out):
    page = text()

    assert "Recommends 2 people, each with a reason." in page
    assert "Patient, and always right." in page
    assert "And checks the machine." in page
    assert "seconded" in page
    assert 'href="/p/mastodon/joan@quiet.example/"' in page
    assert 'href="/c/custserv/editions/1/"' in page


def test_what_others_said_is_not_on_it(out):
    assert "She counts by hand." not in text()


def test_a_bare_vote_is_not_on_it_nor_what_is_still_on_a_board(edition, out, grace, alan):
    rosa = somebody("rosa@bus.example")
    nomination = Nomination.objects.create(edition=edition, profile=rosa, nominator=grace, reason="She stayed seated.")
    Vote.objects.create(nomination=nomination, voter=grace)
    listed = Entry.objects.create(edition=out, profile=somebody("dorothy@orbit.example"), rank=3)
    said(listed, alan, "She taught herself, then us all.")

    page = text()

    assert "Rosa" not in page
    assert "Dorothy" not in page


def test_a_draft_is_not_on_it(out):
    Edition.objects.filter(pk=out.pk).update(state="ready", number=None)

    assert "Joan" not in text()


@pytest.mark.parametrize(
    "without_trace",
    [
        lambda joan, entry: Profile.objects.filter(pk=joan.pk).update(word="declined"),
        lambda joan, entry: Profile.objects.filter(pk=joan.pk).update(signal="declined"),
        lambda joan, entry: Profile.objects.filter(pk=joan.pk).update(signal="never"),
        lambda joan, entry: Profile.objects.filter(pk=joan.pk).update(opted_out=True),
        lambda joan, entry: Profile.objects.filter(pk=joan.pk).update(members_only=True),
        lambda joan, entry: Community.objects.update(consent="ask_first"),
        lambda joan, entry: Entry.objects.filter(pk=entry.pk).update(left_at=timezone.now()),
        lambda joan, entry: Entry.objects.filter(pk=entry.pk).update(hidden_at=timezone.now()),
        lambda joan, entry: Entry.objects.filter(pk=entry.pk).update(dropped_at=timezone.now()),
        lambda joan, entry: entry.quotes.update(vetoed_at=timezone.now()),
        lambda joan, entry: entry.quotes.update(hidden_at=timezone.now()),
        lambda joan, entry: entry.quotes.update(text=""),
        lambda joan, entry: entry.quotes.update(author=None),
        lambda joan, entry: Block.objects.create(profile=joan, blocked=User.objects.get(username="grace")),
    ],
    ids=[
        "declined", "network says no", "gone", "server opted out", "members only", "ask first", "left the list",
        "taken off", "dropped", "vetoed", "hidden", "unwritten", "author erased", "blocked",
    ],
)  # fmt: skip
def test_whoever_may_not_be_shown_is_left_out_without_trace(out, without_trace):
    entry = out.entries.select_related("profile").get(rank=1)
    Profile.objects.exclude(pk=entry.profile.pk).update(word="accepted")

    without_trace(entry.profile, entry)

    page = text()
    assert "Joan" not in page
    assert "Patient" not in page
    assert "Recommends 1 person, with a reason." in page
    assert "1 person</span>" in page


def test_who_shows_themselves_to_members_alone_is_there_for_who_is_signed_in(out, client, alan):
    Profile.objects.filter(name="joan").update(members_only=True)
    client.force_login(alan)

    assert "Joan" in text(client=client)
    assert "Joan" not in text()


def test_it_is_switched_off_and_then_nothing_leads_there(out, grace):
    assert 'href="/m/grace/"' in text("/c/custserv/editions/1/")
    assert 'href="/m/grace/"' in text("/p/mastodon/joan@quiet.example/")

    introduce(user=grace, page=User.Page.OFF, shows_handles=False)

    assert get().status_code == 404
    assert "/m/grace/" not in text("/c/custserv/editions/1/")
    assert "Grace" in text("/c/custserv/editions/1/")
    assert "/m/grace/" not in text("/p/mastodon/joan@quiet.example/")
    assert "/m/grace/" not in text("/c/custserv/crew/")


def test_a_closed_account_has_none(out, grace):
    User.objects.filter(pk=grace.pk).update(is_active=False)

    assert get().status_code == 404
    assert "/m/grace/" not in text("/c/custserv/editions/1/")


@pytest.mark.parametrize(
    "away", [{"suspended_until": timezone.now() + timedelta(days=1)}, {"state": Membership.State.BANNED}]
)
def test_who_is_suspended_or_banned_has_none_where_nothing_else_is_on_it(out, grace, away):
    Membership.objects.filter(user=grace).update(**away)

    assert get().status_code == 404
    assert "/m/grace/" not in text("/c/custserv/editions/1/")


def test_after_a_suspension_all_is_there_again(out, grace):
    Membership.objects.filter(user=grace).update(suspended_until=timezone.now() - timedelta(seconds=1))

    assert "Joan" in text()


def elsewhere(ada, grace):
    """Another community, whose number 1 quotes Grace on Mary."""
    gardens = found(by=ada, name="Gardens", slug="gardens", hashtag="gardens")
    said(published(gardens, [somebody("mary@moor.example")]).entries.get(), grace, "She found the key.")
    return gardens


def test_what_was_said_in_other_communities_stays_when_one_sends_them_away(out, ada, grace):
    elsewhere(ada, grace)
    Membership.objects.filter(user=grace, community__slug="custserv").update(state=Membership.State.BANNED)

    page = text()

    assert "Mary" in page
    assert "Joan" not in page
    assert "Customer Service" not in page


def test_one_may_read_what_was_said_in_one_community(out, ada, grace):
    elsewhere(ada, grace)

    page = text(**{"in": "gardens"})

    assert "Mary" in page
    assert "Joan" not in page
    assert 'href="?in=custserv"' in page


@pytest.mark.parametrize("slug", ["nowhere", "\x00", "a" * 100_000, "<script>"])
def test_a_community_that_is_not_among_them_changes_nothing(out, slug):
    assert "Joan" in text(**{"in": slug})


def test_many_are_on_several_pages_in_as_many_queries(out, community, grace):
    with CaptureQueriesContext(connection) as few:
        text()
    edition = published(community, [somebody(f"p{number}@many.example") for number in range(40)], number=2)
    for entry in edition.entries.all():
        said(entry, grace, "One of many.")

    with CaptureQueriesContext(connection) as many:
        first = text()

    assert len(many) == len(few) <= 8
    assert "Recommends 42 people" in first
    assert "?page=2" in first
    assert "Joan" not in first
    assert "Joan" in text(page="2")
    assert "One of many." in text(page="zebra")


def test_handles_stand_there_only_if_they_wish_and_are_proven(out, grace):
    LinkedHandle.objects.create(user=grace, network="mastodon", name="grace", host="navy.example",
                                uri="https://navy.example/users/grace", proven_at=timezone.now())  # fmt: skip
    LinkedHandle.objects.create(user=grace, network="bluesky", name="grace.example")

    assert "navy.example" not in text()
    introduce(user=grace, page=User.Page.FOUND, shows_handles=True)

    page = text()
    assert 'href="https://navy.example/@grace" rel="me' in page
    assert "grace.example" not in page.replace("navy.example", "")


def test_who_has_recommended_nobody_yet_has_an_empty_page_that_is_not_found(community, alan):
    page = text("/m/alan/")

    assert "Nobody yet." in page
    assert "noindex" in page


def test_nobody_has_no_page(db):
    assert get("/m/nobody/").status_code == 404
    assert get("/m/%00/").status_code == 404


def test_search_engines_are_told_who_it_is_only_if_they_may_find_it(out, grace):
    page = text()
    (told,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)

    assert json.loads(told)["mainEntity"] == {
        "@type": "Person", "name": "Grace", "identifier": "grace", "url": f"{SITE}{PAGE}",
    }  # fmt: skip
    assert f'<link rel="canonical" href="{SITE}{PAGE}">' in page
    assert "noindex" not in page
    introduce(user=grace, page=User.Page.OPEN, shows_handles=False)

    quiet = text()
    assert "noindex" in quiet
    assert "ld+json" not in quiet


def test_the_sitemap_names_those_who_may_be_found(out, grace, alan):
    introduce(user=alan, page=User.Page.OPEN, shows_handles=False)

    sitemap = get("/sitemap-members.xml").content.decode()

    assert f"{PAGE}</loc>" in sitemap
    assert "/m/alan/" not in sitemap
    assert "/m/ada/" not in sitemap


def test_a_hostile_name_breaks_out_of_nothing(out, grace):
    User.objects.filter(pk=grace.pk).update(display_name='</script><img src=x onerror="alert(1)">')

    page = text()

    assert "<img src=x" not in page
    assert page.count("</script>") == page.count("<script")


# The switch


@pytest.mark.parametrize("chosen", ["found", "open", "off"])
def test_the_switch_is_on_ones_own_page(client, community, grace, chosen):
    client.force_login(grace)

    answer = client.post("/me/page/", {"page": chosen, "shows_handles": "on"})

    assert (answer.status_code, answer["Location"]) == (302, "/me/")
    grace.refresh_from_db()
    assert (grace.page, grace.shows_handles) == (chosen, True)
    assert ("See it as others do" in client.get("/me/").content.decode()) == (chosen != "off")


@pytest.mark.parametrize("chosen", ["", "everybody", "\x00", "x" * 1_000_000])
def test_what_is_none_of_the_three_changes_nothing(client, grace, chosen):
    client.force_login(grace)

    client.post("/me/page/", {"page": chosen})

    grace.refresh_from_db()
    assert grace.page == "found"
    assert "Choose one of the three" in client.get("/me/").content.decode()


def test_strangers_have_no_switch(client, db):
    assert client.post("/me/page/", {"page": "off"})["Location"].startswith("/accounts/login/")


def test_kept_pages_lose_the_link_at_once(out, grace, settings, django_capture_on_commit_callbacks):
    settings.FF_PAGE_CACHE = True
    assert "/m/grace/" in text("/c/custserv/editions/1/")
    assert "Joan" in text()

    with django_capture_on_commit_callbacks(execute=True):
        introduce(user=grace, page=User.Page.OFF, shows_handles=False)

    assert "/m/grace/" not in text("/c/custserv/editions/1/")
    assert get().status_code == 404
