"""Pages as they are sent: cheap however long the list, escaped, honest about who may see what, and kind to what was
typed. What they look like, and whether they work, is for tests/browser.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import LinkedHandle, User
from recommendations.actions.compile import compile_edition
from recommendations.actions.join import join
from recommendations.actions.publish import publish
from recommendations.consent import Signal, Word
from recommendations.handles import Handle, Network
from recommendations.models import (
    Channel,
    Community,
    Edition,
    Gathering,
    Membership,
    Moderation,
    Nomination,
    Profile,
    Vote,
)
from tests.conftest import FRIDAY, MONDAY, SATURDAY, THURSDAY
from tests.fake_network import FakeNetwork
from tests.sessions import reauthenticated

pytestmark = pytest.mark.django_db

BOARD = "/c/custserv/"
MOST_QUERIES = 8
MOST_BYTES = 60_000
REASON = "Answers every beginner's question as if it were the first time, and keeps a list of the best ones."
SECOND = "I learned more from one of these threads than from a course."
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def _on_monday() -> Iterator[None]:
    """The community's board is open."""
    with time_machine.travel(MONDAY, tick=False):
        yield


def nominate(edition: Edition, by: User, number: int, **fields: Any) -> Nomination:
    """Somebody on the board: person number so-and-so, nominated and voted for by `by`."""
    given = {
        "network": "mastodon",
        "name": f"person{number}",
        "host": "people.example",
        "uri": f"https://people.example/users/{number}",
        "display_name": f"Person Number {number}",
        "page_url": f"https://people.example/@person{number}",
        "signal": Signal.AUTOMATIC.value,
        "checked": True,
        "looked_up_at": MONDAY,
    }
    profile = Profile.objects.create(**(given | fields))
    made = Nomination.objects.create(edition=edition, profile=profile, nominator=by, reason=REASON, created_at=SATURDAY)
    Vote.objects.create(nomination=made, voter=by, created_at=SATURDAY)
    return made


def fill(edition: Edition, by: User, second: User, people: int, first: int = 0) -> None:
    """People on the board, each seconded; after every nine other members go on, for no ballot holds more than ten."""
    for number in range(people):
        if number and number % 9 == 0:
            by, second = (
                User.objects.create(username=f"{who}-{first}-{number}", display_name=who)
                for who in ("Barbara", "Edsger")
            )
        made = nominate(edition, by, first + number)
        Vote.objects.create(nomination=made, voter=second, reason=SECOND, created_at=SATURDAY)


def out(edition: Edition) -> Edition:
    """The edition, counted and published."""
    compile_edition(edition=edition, at=THURSDAY)
    return publish(edition=edition, at=FRIDAY)


@pytest.fixture
def as_grace(client: Client, grace: User) -> Client:
    """Grace, a member, signed in."""
    client.force_login(grace)
    reauthenticated(client, grace)
    return client


@pytest.fixture
def as_ada(ada: User) -> Client:
    """Ada, the owner, signed in."""
    client = Client()
    client.force_login(ada)
    reauthenticated(client, ada)
    return client


def text(response: Any) -> str:
    return str(response.content.decode())


# --- What a page costs


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        response = client.get(address)
    assert response.status_code == 200
    return len(caught)


PUBLISHED = [f"{BOARD}editions/1/", f"{BOARD}editions/", "/p/mastodon/person1@people.example/", "/", "/c/"]


@pytest.mark.parametrize("address", PUBLISHED)
def test_a_published_page_costs_the_same_few_queries_however_long_its_list(
    client: Client, ada: User, grace: User, edition: Edition, address: str
) -> None:
    Community.objects.update(list_size=50)
    edition.community.refresh_from_db()
    fill(edition, ada, grace, 3)
    out(edition)
    few = queries(client, address)
    second = Edition.objects.get(state=Edition.State.OPEN)
    with time_machine.travel(second.opens_at + timedelta(hours=1), tick=False):
        fill(second, ada, grace, 25, first=10)
        compile_edition(edition=second, at=second.closes_at)
        publish(edition=second, at=second.publishes_at)

    many = queries(client, address.replace("editions/1/", "editions/2/"))

    assert many == few <= MOST_QUERIES + 1  # who was left out


def test_a_person_in_many_editions_costs_no_more(client: Client, ada: User, grace: User, edition: Edition) -> None:
    fill(edition, ada, grace, 2)
    published = out(edition)
    address = "/p/mastodon/person1@people.example/"
    few = queries(client, address)
    line = published.entries.get(profile__name="person1")
    for number in range(2, 12):
        copy = Edition.objects.get(pk=published.pk)
        copy.pk, copy.number, copy.week = None, number, f"2026-W{number + 10}"
        copy.save()
        again = copy.entries.create(profile=line.profile, rank=1)
        again.quotes.create(position=0, author=ada, text=REASON)

    many = queries(client, address)

    assert text(client.get(address)).count('class="said"') == 11
    assert many == few <= MOST_QUERIES


def test_the_board_costs_strangers_the_same_few_queries_however_long_it_is(
    client: Client, ada: User, grace: User, edition: Edition
) -> None:
    Gathering.objects.create(community=edition.community, weekday=1, time="19:00")
    fill(edition, ada, grace, 3)
    few = queries(client, BOARD)
    fill(edition, ada, grace, 22, first=3)

    many = queries(client, BOARD)

    assert text(client.get(BOARD)).count('<article class="card') == 25
    assert many == few <= MOST_QUERIES


def test_the_board_costs_members_no_more_for_a_long_list(
    as_grace: Client, ada: User, alan: User, edition: Edition
) -> None:
    fill(edition, ada, alan, 3)
    few = queries(as_grace, BOARD)
    fill(edition, ada, alan, 22, first=3)

    many = queries(as_grace, BOARD)

    # Besides the page's own: the session, whose it is, how much they have not read, and how many they may nominate.
    assert many == few <= MOST_QUERIES + 4


def test_a_board_of_25_people_is_under_60_kilobytes(as_grace: Client, ada: User, alan: User, edition: Edition) -> None:
    fill(edition, ada, alan, 25)

    sizes = {"member": len(as_grace.get(BOARD).content), "stranger": len(Client().get(BOARD).content)}

    assert max(sizes.values()) < MOST_BYTES, sizes


# --- What others have written


class Suspicious(HTMLParser):
    """Collects what no text of others may bring about."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        data = named.get("type") == "application/ld+json"  # which no browser runs
        if tag == "script" and not data and not (named.get("src") or "").startswith("/static/"):
            self.found.append(f"{tag} {attrs}")
        if tag in ("style", "iframe", "object", "base") or any(
            name.startswith("on") or name == "style" for name in named
        ):
            self.found.append(f"{tag} {attrs}")
        for name in ("href", "src", "action", "formaction"):
            if (named.get(name) or "").partition(":")[0].lower() in ("javascript", "data", "vbscript"):
                self.found.append(f"{tag} {attrs}")


def suspicious(page: str) -> list[str]:
    parser = Suspicious()
    parser.feed(page)
    return parser.found


def test_what_others_have_written_is_text_on_every_page(
    ada: User, grace: User, edition: Edition, as_ada: Client, as_grace: Client
) -> None:
    User.objects.filter(pk__in=(ada.pk, grace.pk)).update(display_name=HOSTILE[:60])
    community = edition.community
    Community.objects.update(
        name=HOSTILE[:80], description=HOSTILE, values=f"{HOSTILE}\n\n[click](javascript:alert(1)) <b onclick=x>b</b>"
    )
    Gathering.objects.create(community=community, weekday=1, time="19:00", place=HOSTILE, link="javascript:alert(1)")
    hostile = {"display_name": HOSTILE, "bio": HOSTILE, "page_url": "javascript:alert(1)"}
    made = nominate(edition, ada, 1, **hostile)
    Nomination.objects.update(reason=HOSTILE)
    Vote.objects.create(nomination=made, voter=grace, reason=HOSTILE, created_at=SATURDAY)
    nominate(edition, grace, 2, **hostile)
    Channel.objects.create(
        community=community, network="bluesky", uri="did:plc:x", name=HOSTILE, trouble=HOSTILE, state="revoked",
        limits={"characters": 300},
    )  # fmt: skip
    Moderation.objects.create(community=community, by=ada, role="owner", kind="hold", reason=HOSTILE, subject=HOSTILE)
    LinkedHandle.objects.create(user=grace, network="bluesky", name=HOSTILE)
    open_pages = {client: [BOARD, f"{BOARD}join/", "/c/"] for client in (Client(), as_grace, as_ada)}
    pages = [text(client.get(address)) for client, addresses in open_pages.items() for address in addresses]
    pages.append(text(as_ada.get(f"{BOARD}nominations/{made.pk}/")))
    pages.append(text(as_grace.get("/me/")))
    compile_edition(edition=edition, at=THURSDAY)
    Edition.objects.filter(pk=edition.pk).update(
        title=HOSTILE[:120], essay=f"{HOSTILE}\n\n<style>x</style>", closing=HOSTILE, held_why=HOSTILE, held_at=MONDAY
    )
    desk = ["", f"{edition.week}/", "channels/", "members/", "settings/", "special/"]
    pages += [text(as_ada.get(f"/desk/custserv/{part}")) for part in desk]
    Edition.objects.filter(pk=edition.pk).update(held_at=None)
    publish(edition=edition, at=FRIDAY)
    after = ["/", f"{BOARD}editions/", f"{BOARD}editions/1/", "/p/mastodon/person1@people.example/"]
    pages += [text(Client().get(address)) for address in after]

    assert sum("&lt;script&gt;alert(1)" in page for page in pages) == len(pages)
    assert [suspicious(page) for page in pages if suspicious(page)] == []


@pytest.mark.parametrize("typed", [HOSTILE, "\x00\ud800\u202e", "<" * 3001, "ادا", "@" * 500, "x" * 100_000])
def test_whatever_is_typed_as_a_handle_is_refused_with_a_page(as_grace: Client, edition: Edition, typed: str) -> None:
    sent = typed.encode("utf-8", "surrogatepass").decode("utf-8", "replace")

    answer = as_grace.post(f"{BOARD}nominate/", {"handle": sent, "reason": sent})

    assert answer.status_code == 422
    assert suspicious(text(answer)) == []


# --- Who may see whom


def test_members_only_people_are_on_the_board_for_members_alone(as_grace: Client, ada: User, edition: Edition) -> None:
    nominate(edition, ada, 1, members_only=True)
    nominate(edition, ada, 2, signal=Signal.UNSEEN.value)
    nominate(edition, ada, 3)

    seen = {who: text(client.get(BOARD)) for who, client in {"member": as_grace, "stranger": Client()}.items()}

    names = ("Person Number 1", "Person Number 2", "Person Number 3")
    assert [name in seen["member"] for name in names] == [True, True, True]
    assert [name in seen["stranger"] for name in names] == [False, False, True]
    assert "person1@" not in seen["stranger"]
    assert "seen by members only" in seen["member"]
    assert "not found yet: we keep looking" in seen["member"]


@pytest.mark.parametrize("fields", [{"word": Word.DECLINED.value}, {"signal": Signal.DECLINED.value}])
def test_who_declines_after_publication_is_a_tombstone_that_tells_nothing(
    client: Client, as_grace: Client, ada: User, grace: User, edition: Edition, fields: dict[str, str]
) -> None:
    fill(edition, ada, grace, 3)
    out(edition)
    gone = Profile.objects.get(name="person1")
    rank = gone.entries.get().rank
    Profile.objects.filter(pk=gone.pk).update(**fields)

    for reader in (Client(), as_grace):
        page = text(reader.get(f"{BOARD}editions/1/"))
        assert "Person Number 1" not in page
        assert "person1" not in page
        tombstone = re.search(r'<p class="tombstone">(.*?)</p>', page)
        assert tombstone is not None
        assert re.sub(r"<.*?>", "", tombstone[1]) == f"{rank} Somebody who does not wish to be listed."
        assert reader.get("/p/mastodon/person1@people.example/").status_code == 404
        assert "person1" not in text(reader.get("/"))


def test_a_members_only_person_of_a_published_edition_is_shown_to_members(
    client: Client, as_grace: Client, ada: User, grace: User, edition: Edition
) -> None:
    fill(edition, ada, grace, 2)
    Profile.objects.filter(name="person1").update(members_only=True)
    out(edition)

    seen = {who: text(reader.get(f"{BOARD}editions/1/")) for who, reader in {"m": as_grace, "s": Client()}.items()}

    assert "Person Number 1" in seen["m"]
    assert "Person Number 1" not in seen["s"]
    assert "does not wish to be listed" in seen["s"]


# --- Secrets of the ballot


def masked(page: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)


def test_nothing_on_an_open_board_tells_how_many_votes_somebody_has(
    as_grace: Client, ada: User, alan: User, person: Callable[..., User], edition: Edition
) -> None:
    one, other = nominate(edition, ada, 1), nominate(edition, ada, 2)
    crowd = [person(name) for name in ("Barbara", "Edsger", "Frances", "Katherine")]
    for voter in crowd:
        join(community=edition.community, user=voter, agreed=True)
        Vote.objects.create(nomination=one, voter=voter)
    before = [masked(text(client.get(BOARD))) for client in (as_grace, Client())]

    Vote.objects.filter(voter__in=crowd).update(nomination=other)

    assert [masked(text(client.get(BOARD))) for client in (as_grace, Client())] == before
    assert "5 people have voted" in before[0]


def test_each_voter_has_the_cards_in_an_order_of_their_own(
    as_grace: Client, as_ada: Client, ada: User, alan: User, edition: Edition
) -> None:
    fill(edition, ada, alan, 12)

    def order(client: Client) -> list[str]:
        return re.findall(r'id="nomination-(\d+)"', text(client.get(BOARD)))

    orders = [order(as_grace), order(as_ada), order(Client())]

    assert len({tuple(each) for each in orders}) == 3
    assert [sorted(each) for each in orders] == [sorted(orders[0])] * 3
    assert order(as_grace) == orders[0]


def test_a_ballot_is_shown_to_its_owner_alone(
    as_grace: Client, as_ada: Client, ada: User, grace: User, edition: Edition
) -> None:
    made = nominate(edition, ada, 1)
    Vote.objects.create(nomination=made, voter=grace)

    assert 'aria-pressed="true"' in text(as_grace.get(BOARD))
    assert 'aria-pressed="true"' not in text(as_ada.get(BOARD))
    assert "Grace" not in text(as_ada.get(BOARD))


# --- Kept pages


@pytest.fixture
def page_cache(settings: Any) -> None:
    """Pages are kept, as with Redis."""
    settings.FF_PAGE_CACHE = True
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}  # whose clock we move
    cache.clear()


@pytest.mark.usefixtures("page_cache")
def test_a_kept_page_costs_no_query_and_is_nobodys_own(
    as_grace: Client, ada: User, grace: User, edition: Edition
) -> None:
    fill(edition, ada, grace, 3)
    out(edition)
    addresses = ["/", "/c/", BOARD, f"{BOARD}editions/", f"{BOARD}editions/1/", "/p/mastodon/person1@people.example/"]
    mine = [text(as_grace.get(address)) for address in addresses]
    fresh = [Client().get(address) for address in addresses]

    for address, first, own in zip(addresses, fresh, mine, strict=True):
        assert queries(Client(), address) == 0
        kept = Client().get(address)
        assert kept.content == first.content
        assert not kept.cookies
        assert "csrfmiddlewaretoken" not in text(kept)
        assert "Sign out" not in text(kept)
        assert "Sign out" in text(as_grace.get(address))
        assert "Sign out" in own


@pytest.mark.usefixtures("page_cache")
def test_strangers_see_somebody_new_on_the_board_half_a_minute_later_and_members_at_once(
    as_grace: Client, fake_networks: dict[Network, FakeNetwork], edition: Edition
) -> None:
    fake_networks[Network.MASTODON].add_person(Handle(Network.MASTODON, "hedy", "film.example"), name="Hedy")
    assert "Nobody is on the board yet" in text(Client().get(BOARD))

    as_grace.post(f"{BOARD}nominate/", {"handle": "@hedy@film.example", "reason": REASON})

    assert "Hedy" in text(as_grace.get(BOARD))
    with time_machine.travel(MONDAY + timedelta(seconds=31), tick=False):
        assert "Hedy" in text(Client().get(BOARD))


@pytest.mark.usefixtures("page_cache")
def test_kept_pages_show_a_new_edition_at_once(
    ada: User, grace: User, edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    fill(edition, ada, grace, 3)
    for address in ("/", BOARD, f"{BOARD}editions/"):
        Client().get(address)

    with django_capture_on_commit_callbacks(execute=True):
        out(edition)

    for address in ("/", BOARD, f"{BOARD}editions/"):
        assert "/c/custserv/editions/1/" in text(Client().get(address)), address


@pytest.mark.usefixtures("page_cache")
def test_neither_refusals_nor_messages_are_kept(as_grace: Client, edition: Edition) -> None:
    assert Client().get("/c/nowhere/").status_code == 404
    as_grace.post(f"{BOARD}leave/")

    assert "You have left" in text(as_grace.get(BOARD))
    assert "You have left" not in text(Client().get(BOARD))


# --- What is not there, not yours, or not asked so


@pytest.mark.parametrize(
    "address",
    ["/c/nowhere/", f"{BOARD}editions/7/", f"{BOARD}editions/99999999999999999999/", "/p/mastodon/nobody@here.example/",
     "/p/threads/nobody/", "/p/mastodon/%00/", "/media/secrets.env", "/media/../secrets.env", "/desk/nowhere/",
     "/desk/custserv/2026-W99/", f"{BOARD}nominations/99999999999999999999/"],
)  # fmt: skip
def test_what_is_not_there_has_a_page_of_ours(as_ada: Client, edition: Edition, address: str) -> None:
    answer = as_ada.get(address)

    assert answer.status_code == 404
    assert "There is nothing here" in text(answer)


def test_a_desk_is_closed_to_members_and_asks_strangers_to_sign_in(as_grace: Client, edition: Edition) -> None:
    for part in ("", "current/", "special/", "channels/", "members/", "settings/"):
        refused, asked = as_grace.get(f"/desk/custserv/{part}"), Client().get(f"/desk/custserv/{part}")

        assert refused.status_code == 403
        assert "This desk belongs to the community&#x27;s curators." in text(refused)
        assert asked.status_code == 302
        assert asked["Location"] == f"/accounts/login/?next=/desk/custserv/{part}"


@pytest.mark.parametrize(
    "address",
    [f"{BOARD}leave/", f"{BOARD}nominations/1/vote/", f"{BOARD}nominations/1/withdraw/", "/desk/custserv/current/hold/",
     "/desk/custserv/members/invite/", "/me/tokens/", "/demo/enter/"],
)  # fmt: skip
def test_nothing_is_changed_by_following_a_link(as_ada: Client, edition: Edition, address: str) -> None:
    assert as_ada.get(address).status_code == 405


def test_reading_pages_take_no_posts(as_grace: Client, edition: Edition) -> None:
    for address in ("/", "/c/", BOARD, f"{BOARD}editions/", "/desk/custserv/"):
        assert as_grace.post(address).status_code == 405


def test_whoever_is_signed_out_meanwhile_is_led_to_sign_in_and_back_to_a_page(edition: Edition, ada: User) -> None:
    made = nominate(edition, ada, 1)
    vote = f"{BOARD}nominations/{made.pk}/vote/"

    plain = Client().post(vote, {"deed": "give"})
    piece = Client().post(vote, {"deed": "give"}, headers={"HX-Request": "true"})
    desk = Client().post("/desk/custserv/current/hold/", {"why": "x"})

    assert plain["Location"] == piece["HX-Redirect"] == f"/accounts/login/?next={BOARD}"
    assert desk["Location"] == "/accounts/login/?next=/desk/custserv/"


def test_an_error_takes_the_place_of_the_whole_page_where_htmx_asked_for_a_piece(
    as_grace: Client, edition: Edition
) -> None:
    answer = as_grace.post(f"{BOARD}nominations/4711/vote/", {"deed": "give"}, headers={"HX-Request": "true"})

    assert answer.status_code == 404
    assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("body", "innerHTML")


# --- What was typed


def test_a_form_that_came_too_late_shows_what_was_typed_but_no_secrets(grace: User, edition: Edition) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(grace)
    typed = {"handle": "@hedy@film.example", "reason": f"{REASON} {HOSTILE}", "password": "tell nobody"}

    answer = client.post(f"{BOARD}nominate/", typed)

    page = text(answer)
    assert answer.status_code == 403
    assert "Please send that again" in page
    assert "@hedy@film.example" in page
    assert "keeps a list of the best ones." in page
    assert "tell nobody" not in page
    assert suspicious(page) == []


def test_a_refused_nomination_is_422_with_everything_still_there(as_grace: Client, edition: Edition) -> None:
    typed = {"handle": "@nobody@", "network": "mastodon", "reason": REASON}

    answer = as_grace.post(f"{BOARD}nominate/", typed)

    page = text(answer)
    assert answer.status_code == 422
    assert 'value="@nobody@"' in page
    assert "as if it were the first time" in page
    assert '<option value="mastodon" selected>' in page
    assert 'role="alert"' in page
    assert 'aria-invalid="true"' in page


@pytest.mark.parametrize(
    ("address", "typed", "kept"),
    [
        ("/c/new/", {"name": "Night shift", "slug": "custserv", "hashtag": "night", "time_zone": "UTC"}, "Night shift"),
        ("/c/new/", {"name": "Night shift", "slug": "new", "hashtag": "#night", "time_zone": "UTC"}, "Night shift"),
        ("/desk/custserv/special/", {"title": "Crew", "people": "@@@ why"}, "@@@ why"),
        (
            "/desk/custserv/channels/",
            {"network": "bluesky", "handle": "custserv.bsky.social", "password": "wrong"},
            "custserv.bsky.social",
        ),
        ("/desk/custserv/channels/", {"network": "mastodon", "mastodon": "two words"}, "two words"),
        ("/desk/custserv/settings/", {"form": "gathering", "place": "The pier", "minutes": "1"}, "The pier"),
        ("/me/handles/", {"handle": "two words"}, "two words"),
        ("/me/tokens/", {"name": "x" * 70}, "x" * 70),
        ("/me/", {"display_name": "Ada", "time_zone": "Moon/Tranquility"}, "Ada"),
        (f"{BOARD}join/", {"agreed": ""}, "I have read this, and agree"),
    ],
)
def test_every_form_that_is_refused_keeps_what_was_typed(
    as_ada: Client, ada: User, edition: Edition, address: str, typed: dict[str, str], kept: str
) -> None:
    Community.objects.update(values="Be kind.")
    if "join" in address:
        Membership.objects.filter(user=ada).update(state=Membership.State.LEFT)

    answer = as_ada.post(address, typed)

    assert answer.status_code == 422
    assert kept in text(answer)
    assert 'role="alert"' in text(answer)
    assert 'value="wrong"' not in text(answer)


def test_a_desks_numbers_may_be_anything_at_all(as_ada: Client, ada: User, grace: User, edition: Edition) -> None:
    fill(edition, ada, grace, 3)
    compile_edition(edition=edition, at=THURSDAY)
    entry = str(edition.entries.ranked().first().pk)  # type: ignore[union-attr]
    week = f"/desk/custserv/{edition.week}"

    for odd in ("²", "-1", "9" * 5000, "", "1e3", "0x1", "\u0000"):
        assert as_ada.post(f"{week}/drop/", {"entry": odd, "reason": "x"}).status_code == 404
        moved = as_ada.post(f"{week}/order/", {"entry": entry, "move": "to", "place": odd, "reason": "x"})
        assert moved.status_code in (302, 409)
        assert as_ada.post(f"{week}/order/", {"order": [odd], "reason": "x"}).status_code == 409
        assert as_ada.post("/desk/custserv/members/invite/", {"uses": odd}).status_code == 302


def test_somebody_is_moved_to_the_place_that_was_typed(
    as_ada: Client, ada: User, grace: User, edition: Edition
) -> None:
    fill(edition, ada, grace, 4)
    compile_edition(edition=edition, at=THURSDAY)
    before = list(edition.entries.ranked().values_list("pk", flat=True))

    answer = as_ada.post(
        f"/desk/custserv/{edition.week}/order/",
        {"entry": before[3], "move": "to", "place": "2", "reason": "Two neighbours, side by side."},
    )

    assert answer["Location"] == f"/desk/custserv/{edition.week}/#entry-{before[3]}"
    assert list(edition.entries.ranked().values_list("pk", flat=True)) == [before[0], before[3], before[1], before[2]]


# --- Right to left, and names that are none


@pytest.mark.parametrize("name", ["مريم الحداد", "👩🏽‍🚀🚀", "", "ḿ̧̨̛̖̗̘̙̜̝̞̟̠̤̥̦̩̪̫̬̭̮̯̰̱̲̳̹̺̻̼͇͈͉͍͎̀́̂̃̄", "A" * 200])
def test_a_name_of_any_kind_stands_by_itself(
    client: Client, ada: User, grace: User, edition: Edition, name: str
) -> None:
    made = nominate(edition, ada, 1, display_name=name)
    Vote.objects.create(nomination=made, voter=grace, reason="شرحها واضح ومختصر، ولطيف في كل رد.")

    page = text(client.get(BOARD))

    assert f"<bdi>{name or '@person1@people.example'}</bdi>" in page
    assert '<p dir="auto">' in page
    assert '<q dir="auto">شرحها' in page
    assert re.search(r'<span class="avatar hue-\d" aria-hidden="true">[^<]+</span>', page)


def test_what_a_community_wrote_is_marked_with_its_language(client: Client, edition: Edition, ada: User) -> None:
    Community.objects.update(language="ar", description="نوصي بمن يستحق المتابعة.")
    nominate(edition, ada, 1)

    page = text(client.get(BOARD))

    assert '<html lang="en" dir="ltr">' in page
    assert '<p class="lede" lang="ar">' in page
    assert '<blockquote lang="ar">' in page


def test_a_board_that_is_not_open_yet_says_when(client: Client, community: Community) -> None:
    with time_machine.travel(datetime(2026, 10, 30, 20, 0, tzinfo=timezone.get_default_timezone()), tick=False):
        page = text(client.get(BOARD))

    assert "The board opens soon" in page
    assert "Saturday 31 October, 00:00 UTC" in page
