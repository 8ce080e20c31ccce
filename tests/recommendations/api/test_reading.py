"""Communities, boards, editions, people: what anybody may read."""

import pytest

from recommendations.actions.join import found
from recommendations.actions.vote import approve
from recommendations.consent import Signal, Word
from recommendations.models import Edition, Profile
from tests.conftest import MONDAY, SATURDAY
from tests.recommendations.actions.conftest import REASON

SITE = "http://localhost:8000"


def follow(ask, path):
    """All results of a list, and how many pages they came on."""
    results, pages = [], 0
    while path:
        page = ask("GET", path).data
        results += page["results"]
        path, pages = (page["next"] or "").removeprefix(f"{SITE}/api/v1"), pages + 1
    return results, pages


def test_communities_are_listed_page_by_page_the_oldest_first(ask, community, ada):
    for number in range(4):
        found(by=ada, at=SATURDAY, name=f"Number {number}", slug=f"n{number}", hashtag=f"n{number}")

    results, pages = follow(ask, "/communities?page_size=2")

    assert [each["slug"] for each in results] == ["custserv", "n0", "n1", "n2", "n3"]
    assert pages == 3


def test_a_community_that_joins_the_list_meanwhile_moves_nothing(ask, community, ada):
    found(by=ada, at=SATURDAY, name="Second", slug="second", hashtag="second")
    first = ask("GET", "/communities?page_size=1").data
    found(by=ada, at=SATURDAY, name="Third", slug="third", hashtag="third")

    second = ask("GET", first["next"].removeprefix(f"{SITE}/api/v1")).data

    assert [each["slug"] for each in first["results"] + second["results"]] == ["custserv", "second"]
    assert second["next"]


def test_the_last_page_has_no_next_even_when_it_is_full(ask, community):
    assert ask("GET", "/communities?page_size=1").data["next"] is None


def test_a_cursor_past_the_end_finds_nothing(ask, community):
    assert ask("GET", f"/communities?cursor={2**63 - 1}").data == {"next": None, "results": []}


def test_a_community_says_what_it_is(ask, community):
    assert ask("GET", "/communities/custserv").data == {
        "slug": "custserv",
        "name": "Customer Service",
        "hashtag": "custserv",
        "description": "",
        "language": "en",
        "time_zone": "UTC",
        "list_size": 10,
        "url": f"{SITE}/c/custserv/",
    }


def test_the_board_shows_reasons_and_not_who_leads(ask, community, grace, alan, nominated):
    approve(by=alan, nomination=nominated("rosa", by=grace), reason="Because she listens so well.", at=MONDAY)
    nominated("emma", by=grace)

    board = ask("GET", "/communities/custserv/board").data
    rosa = next(each for each in board["nominations"] if each["profile"]["name"] == "Rosa")

    assert (board["week"], board["open"], board["voters"]) == ("2026-W45", True, 2)
    assert rosa["reason"] == {"text": REASON, "by": "Grace"}
    assert rosa["seconds"] == [{"text": "Because she listens so well.", "by": "Alan"}]
    assert rosa["profile"]["handle"] == "@rosa@social.example"
    assert rosa["profile"]["page"] == f"{SITE}/p/mastodon/rosa@social.example/"
    assert not {"votes", "score", "rank"} & set(rosa)


def test_with_a_token_the_board_is_its_owners(ask, community, grace, alan, nominated):
    nominated("rosa", by=grace)

    assert [each["voted"] for each in ask("GET", "/communities/custserv/board", by=grace).data["nominations"]] == [True]
    assert [each["voted"] for each in ask("GET", "/communities/custserv/board", by=alan).data["nominations"]] == [False]


def test_who_has_not_said_yes_is_on_the_board_for_members_alone(ask, community, grace, nominated):
    nominated("rosa", by=grace, signal=Signal.MANUAL)

    assert ask("GET", "/communities/custserv/board").data["nominations"] == []
    assert len(ask("GET", "/communities/custserv/board", by=grace).data["nominations"]) == 1


def test_a_community_without_an_open_board_has_none_to_show(ask, community):
    Edition.objects.all().delete()

    assert ask("GET", "/communities/custserv/board").status_code == 404


def test_editions_are_listed_newest_first_and_drafts_are_not(ask, published):
    listed = ask("GET", "/communities/custserv/editions").data

    assert [(each["number"], each["week"]) for each in listed["results"]] == [(1, "2026-W45")]
    assert listed["results"][0]["url"] == f"{SITE}/c/custserv/editions/1/"
    assert Edition.objects.count() == 2  # the next one is open


def test_editions_come_page_by_page(ask, published):
    for number in (2, 3):
        Edition.objects.create(
            community=published.community, week=f"2026-W{50 + number}", number=number, state="published",
            opens_at=MONDAY, closes_at=MONDAY, publishes_at=MONDAY, published_at=MONDAY,
        )  # fmt: skip

    results, pages = follow(ask, "/communities/custserv/editions?page_size=1")

    assert ([each["number"] for each in results], pages) == ([3, 2, 1], 3)


def test_an_edition_has_its_list_with_reasons_and_the_arithmetic(ask, published):
    whole = ask("GET", "/communities/custserv/editions/1").data

    assert [each["rank"] for each in whole["entries"]] == [1, 2]
    assert {each["profile"]["name"] for each in whole["entries"]} == {"Rosa", "Emma"}
    assert all(each["reasons"] == [{"text": REASON, "by": "Grace"}] for each in whole["entries"])
    assert all(each["score"] is not None and each["explanation"] for each in whole["entries"])


@pytest.mark.parametrize("change", [{"word": Word.DECLINED.value}, {"signal": Signal.DECLINED.value}])
def test_who_declined_is_a_tombstone_of_which_only_the_rank_is_told(ask, published, change):
    Profile.objects.filter(name="rosa").update(**change)

    response = ask("GET", "/communities/custserv/editions/1")
    tombstone = next(each for each in response.data["entries"] if each["profile"] is None)

    assert {k: v for k, v in tombstone.items() if k != "rank"} == {
        "profile": None,
        "reasons": [],
        "score": None,
        "supporters": None,
        "explanation": None,
    }
    assert b"rosa" not in response.content.lower()
    assert ask("GET", "/profiles/mastodon/rosa@social.example").status_code == 404


@pytest.mark.parametrize("handle", ["rosa@social.example", "@rosa@social.example"])
def test_a_person_is_found_with_all_that_was_published_of_them(ask, published, handle):
    whole = ask("GET", f"/profiles/mastodon/{handle}").data

    assert whole["profile"]["uri"] == "https://social.example/users/rosa"
    (appearance,) = whole["appearances"]
    assert (appearance["community"], appearance["edition"]["number"]) == ("custserv", 1)
    assert appearance["reasons"] == [{"text": REASON, "by": "Grace"}]


@pytest.mark.parametrize(
    "path", ["mastodon/nobody@social.example", "mastodon/rosa", "x/rosa", "bluesky/%00", "mastodon/%F0%9F%A6%8A"]
)
def test_whoever_was_never_listed_is_nobody(ask, published, path):
    assert ask("GET", f"/profiles/{path}").status_code == 404


def test_who_is_only_nominated_was_not_listed(ask, community, grace, nominated):
    nominated("rosa", by=grace)

    assert ask("GET", "/profiles/mastodon/rosa@social.example").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_list(
    ask, community, published, grace, nominated, django_assert_max_num_queries
):
    with django_assert_max_num_queries(8):
        ask("GET", "/communities/custserv/editions/1")
    with django_assert_max_num_queries(8):
        ask("GET", "/communities/custserv/board")
    with django_assert_max_num_queries(3):
        ask("GET", "/communities/custserv/editions")
