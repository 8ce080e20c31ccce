"""The crew's page, and everybody as files: for Mastodon's import, as JSON, as an ActivityPub collection."""

import csv
import io
import json

import pytest

from recommendations.actions.compile import compile_edition
from recommendations.actions.look_up import look_again
from recommendations.actions.nominate import nominate
from recommendations.actions.publish import publish
from recommendations.handles import Handle, Network
from recommendations.models import Channel, NativeList, Profile, Quote
from tests.conftest import FRIDAY, MONDAY, THURSDAY
from tests.recommendations.actions.conftest import REASON, channel, on_mastodon

__all__ = ["channel", "on_mastodon"]
pytestmark = pytest.mark.django_db

EDITION, CREW = "/c/custserv/editions/1/", "/c/custserv/crew/"
BOTH = [EDITION, CREW]
FILES = ["following_accounts.csv", "people.json", "collection.json"]
WEEK = FRIDAY - THURSDAY


@pytest.fixture
def published(edition, on_mastodon, fake_networks, grace, alan, ada):
    """Number 1: Rosa and Emma of Mastodon, Lena of Bluesky, Kofi of X."""
    skies, x = Handle(Network.BLUESKY, "lena.test"), Handle(Network.X, "kofi")
    fake_networks[Network.BLUESKY].add_person(skies, uri="did:fake:lena", name="Lena")
    fake_networks[Network.X].add_person(x, uri="x:1", name="Kofi")
    for handle, by in ((on_mastodon("rosa"), grace), (on_mastodon("emma"), alan), (skies, ada), (x, ada)):
        nominate(by=by, edition=edition, handle=handle, reason=REASON, at=MONDAY)
    compile_edition(edition=edition, at=THURSDAY)
    edition.refresh_from_db()
    return publish(edition=edition, at=FRIDAY)


def addresses(client, where):
    response = client.get(f"{where}following_accounts.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    header, *people = csv.reader(io.StringIO(response.content.decode(), newline=""), strict=True)
    assert header == ["Account address", "Show boosts", "Notify on new posts", "Languages"]
    return sorted(row[0] for row in people)


def collection(client, where):
    response = client.get(f"{where}collection.json")
    assert response["Content-Type"] == "application/activity+json"
    return json.loads(response.content)


def people(client, where):
    response = client.get(f"{where}people.json")
    assert response["Content-Type"] == "application/json"
    return json.loads(response.content)


@pytest.mark.parametrize("where", BOTH)
def test_mastodons_list_has_everybody_there_and_nobody_else(client, published, where):
    assert addresses(client, where) == ["emma@social.example", "rosa@social.example"]


def test_the_crews_list_is_named_as_mastodon_wants_it(client, published):
    response = client.get(f"{CREW}following_accounts.csv")

    assert response["Content-Disposition"] == 'attachment; filename="following_accounts-custserv.csv"'


@pytest.mark.parametrize("where", BOTH)
def test_the_collection_is_as_activitystreams_has_it(client, published, where):
    found = collection(client, where)

    assert found["@context"] == "https://www.w3.org/ns/activitystreams"
    assert found["id"] == f"http://localhost:8000{where}collection.json"
    assert found["type"] == "OrderedCollection"
    assert found["totalItems"] == len(found["orderedItems"]) == 2
    assert set(found["orderedItems"]) == {f"https://social.example/users/{name}" for name in ("rosa", "emma")}


@pytest.mark.parametrize("where", BOTH)
def test_json_tells_of_everybody_who_where_and_why(client, published, where):
    found = people(client, where)

    assert found["url"] == f"http://localhost:8000{where}"
    assert {each["name"] for each in found["people"]} == {"Rosa", "Emma", "Lena", "Kofi"}
    (lena,) = (each for each in found["people"] if each["name"] == "Lena")
    assert lena == {
        "name": "Lena",
        "network": "bluesky",
        "handle": "@lena.test",
        "uri": "did:fake:lena",
        "url": "https://bluesky.example/lena.test",
        "page": "http://localhost:8000/p/bluesky/lena.test/",
        "reasons": [{"text": REASON, "by": "Ada"}],
    }


@pytest.mark.parametrize("where", BOTH)
def test_in_order(client, published, where):
    names = [entry.profile.title for entry in published.entries.ranked()]

    assert [each["name"] for each in people(client, where)["people"]] == names


@pytest.mark.parametrize("where", BOTH)
def test_a_starter_pack_is_told_of_where_it_stands(client, published, channel, where):
    url = "https://bsky.app/starter-pack/did:fake:custserv.example/3mznnivvj2222"
    edition = published if where == EDITION else None
    NativeList.objects.create(channel=channel, edition=edition, key="k", due_at=FRIDAY, remote_url=url)
    NativeList.objects.create(channel=channel, edition=None if edition else published, key="l", due_at=FRIDAY)

    assert people(client, where)["starter_packs"] == [url]
    assert f'href="{url}"' in client.get(where).content.decode()


@pytest.mark.parametrize("where", BOTH)
def test_no_address_of_a_pack_runs_anything(client, published, channel, where):
    edition = published if where == EDITION else None
    NativeList.objects.create(
        channel=channel, edition=edition, key="k", due_at=FRIDAY, remote_url="javascript:alert(1)"
    )

    assert "javascript" not in client.get(where).content.decode()


@pytest.mark.parametrize("where", BOTH)
@pytest.mark.parametrize("change", [{"word": "declined"}, {"signal": "never"}, {"members_only": True}])
def test_who_may_not_be_seen_by_everybody_is_in_none_of_them(client, published, where, change):
    Profile.objects.filter(name="rosa").update(**change)

    for name in FILES:
        assert b"rosa" not in client.get(f"{where}{name}").content.lower()
    assert b"rosa" not in client.get(where).content.lower()


def test_members_see_in_the_crew_who_shows_themself_to_members(client, published, grace):
    Profile.objects.filter(name="rosa").update(members_only=True)
    client.force_login(grace)

    assert "Rosa" in client.get(CREW).content.decode()
    assert b"rosa" not in client.get(f"{CREW}people.json").content.lower()


@pytest.mark.parametrize("where", BOTH)
def test_a_reason_that_was_vetoed_is_read_nowhere(client, published, where):
    Quote.objects.filter(entry__profile__name="rosa").update(vetoed_at=FRIDAY, text="A secret she did not like.")

    assert "A secret" not in client.get(where).content.decode()
    assert "A secret" not in client.get(f"{where}people.json").content.decode()


@pytest.mark.parametrize("where", BOTH)
@pytest.mark.parametrize("name", FILES)
def test_who_has_it_already_is_sent_nothing_until_somebody_leaves(
    client, published, on_mastodon, settings, where, name, django_capture_on_commit_callbacks
):
    settings.FF_PAGE_CACHE = True
    given = client.get(f"{where}{name}")
    assert given["Cache-Control"] == "no-cache"
    assert client.get(f"{where}{name}", headers={"If-None-Match": given["ETag"]}).status_code == 304

    on_mastodon("rosa", bio="#nofollowfriday")
    with django_capture_on_commit_callbacks(execute=True):
        look_again(profile=Profile.objects.get(name="rosa"))

    now = client.get(f"{where}{name}", headers={"If-None-Match": given["ETag"]})
    assert now.status_code == 200
    assert b"rosa" not in now.content.lower()


@pytest.mark.parametrize("name", FILES)
def test_what_is_not_there_is_404(client, community, name):
    assert client.get(f"{EDITION}{name}").status_code == 404
    assert client.get(f"/c/nowhere/crew/{name}").status_code == 404


@pytest.mark.parametrize("name", FILES)
def test_a_crew_of_nobody_is_an_empty_list(client, community, name):
    assert client.get(f"{CREW}{name}").status_code == 200
    assert collection(client, CREW)["orderedItems"] == []
    assert "gathers with the first edition" in client.get(CREW).content.decode()


def test_the_crew_names_everybody_once_where_they_were_featured_last(client, published, community, ada):
    rosa = Profile.objects.get(name="rosa")
    again = community.editions.create(
        week="2026-W45-2", special=True, state="published", number=2, published_at=FRIDAY + WEEK,
        opens_at=FRIDAY, closes_at=FRIDAY, publishes_at=FRIDAY,
    )  # fmt: skip
    again.entries.create(profile=rosa, rank=1).quotes.create(position=0, author=ada, text="Still the kindest of all.")

    page = client.get(CREW).content.decode()

    assert page.count("/p/mastodon/rosa@social.example/") == 1
    assert "Still the kindest of all." in page
    assert people(client, CREW)["people"][0]["name"] == "Rosa"


def test_a_long_crew_comes_in_pages_of_few_queries(client, published, django_assert_max_num_queries):
    for number in range(120):
        profile = Profile.objects.create(
            network="bluesky", uri=f"did:fake:{number}", name=f"n{number}.test", signal="automatic"
        )
        published.entries.create(profile=profile, rank=100 + number).quotes.create(position=0, text=REASON)

    with django_assert_max_num_queries(8):
        first = client.get(CREW).content.decode()
    with django_assert_max_num_queries(8):
        assert len(people(client, CREW)["people"]) == 124

    assert first.count("/p/") == 50
    assert "Older" in first
    assert client.get(f"{CREW}?page=3").content.decode().count("/p/") == 24
    assert client.get(f"{CREW}?page=%00%ff").status_code == 200


def test_channels_in_rehearsal_leave_no_trace_on_a_page(client, published, channel):
    Channel.objects.update(state="rehearsal")

    assert "Starter pack" not in client.get(EDITION).content.decode()
