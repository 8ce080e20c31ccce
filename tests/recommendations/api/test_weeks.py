"""The desk's verbs with a curator's token."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from recommendations.actions.compile import compile_edition
from recommendations.consent import Signal
from recommendations.handles import Network
from recommendations.models import Edition, Moderation, Profile
from tests.conftest import FRIDAY, THURSDAY

WEEKS = "/communities/custserv/weeks"


@pytest.fixture
def ready(edition, grace, nominated):
    """2026-W45, compiled at its time: Rosa."""
    nominated("rosa", by=grace)
    return compile_edition(edition=edition, at=THURSDAY)


def test_the_open_week_is_the_current_one(ask, edition, ada):
    assert ask("GET", f"{WEEKS}/current", by=ada).data == {
        "week": "2026-W45",
        "state": "open",
        "number": None,
        "title": "",
        "opens_at": "2026-10-31T00:00:00Z",
        "closes_at": "2026-11-05T18:00:00Z",
        "publishes_at": "2026-11-06T09:00:00Z",
        "approved": False,
        "held": None,
        "ballots": 0,
        "entries": [],
    }


def test_a_week_is_closed_and_counted_and_the_next_one_is_current(ask, edition, ada, grace, nominated):
    nominated("rosa", by=grace)

    done = ask("POST", f"{WEEKS}/current/compile", by=ada)
    again = ask("POST", f"{WEEKS}/2026-W45/compile", by=ada)

    assert (done.status_code, done.data["week"], done.data["state"], done.data["ballots"]) == (
        200, "2026-W45", "ready", 1,
    )  # fmt: skip
    assert [each["profile"]["name"] for each in done.data["entries"]] == ["Rosa"]
    assert ask("GET", f"{WEEKS}/current", by=ada).data["week"] == "2026-W46"
    assert (again.status_code, again.data["detail"]) == (409, "Only an open edition can be closed and compiled.")


def test_a_board_that_has_not_opened_is_not_closed(ask, edition, ada):
    first, second, third = (ask("POST", f"{WEEKS}/current/compile", by=ada) for _ in range(3))

    assert (first.status_code, first.data["week"]) == (200, "2026-W45")
    for answer in (second, third):
        assert answer.status_code == 409
        assert "has not opened yet" in answer.data["detail"]
    assert list(Edition.objects.filter(state="open").values_list("week", flat=True)) == ["2026-W46"]


def test_a_week_that_a_worker_is_just_compiling_is_left_to_it(ask, edition, ada):
    Edition.objects.update(state="compiling", claimed_at=timezone.now() + timedelta(days=365))

    response = ask("POST", f"{WEEKS}/2026-W45/compile", by=ada)

    assert response.status_code == 409
    assert response.data["detail"] == "It has moved on meanwhile. Look at it again."


def test_a_week_is_approved_held_and_let_go_on(ask, ready, ada):
    path = f"{WEEKS}/2026-W45"

    assert ask("POST", f"{path}/approve", by=ada).data["approved"] is True
    assert (
        ask("POST", f"{path}/hold", {"why": "Two names are\nmissing."}, by=ada).data["held"] == "Two names are missing."
    )
    assert ask("POST", f"{path}/publish", by=ada).data["detail"] == "It is held: Two names are missing."
    assert ask("POST", f"{path}/unhold", by=ada).data["held"] is None
    assert list(Moderation.objects.values_list("by", "kind")) == [(ada.pk, "unhold"), (ada.pk, "hold")]


def test_holding_and_skipping_want_to_know_why(ask, edition, ada):
    for deed in ("hold", "skip"):
        for body in (None, {}, {"why": ""}, {"why": " \u200b\x00 "}):
            response = ask("POST", f"{WEEKS}/current/{deed}", body, by=ada)
            assert (response.status_code, response.data["field"]) == (409, "why")


@pytest.mark.parametrize("why", ["Holidays\x00\x07", "x" * 300, "🦊" * 300])
def test_a_week_is_skipped_whatever_is_said_of_it(ask, edition, ada, why):
    response = ask("POST", f"{WEEKS}/current/skip", {"why": why}, by=ada)

    assert (response.status_code, response.data["state"]) == (200, "skipped")
    assert "\x00" not in Moderation.objects.get().reason


def test_a_week_is_published_and_its_first_posts_are_on_their_way(
    ask, ready, ada, community, fake_networks, django_capture_on_commit_callbacks, monkeypatch
):
    channel = community.channels.create(
        network=Network.BLUESKY.value, uri="did:fake:ours", name="ours.test", state="live",
        limits={"characters": 300, "bytes": 3000, "images": 4, "alt_length": 2000},
    )  # fmt: skip
    nudged = []
    monkeypatch.setattr("recommendations.tasks.hand_out", lambda task, pk, at: nudged.append((task.name, pk)))

    with django_capture_on_commit_callbacks(execute=True), time_machine.travel(FRIDAY):
        done = ask("POST", f"{WEEKS}/2026-W45/publish", by=ada)

    assert (done.status_code, done.data["state"], done.data["number"]) == (200, "published", 1)
    first = channel.deliveries.get().posts.first()
    assert nudged == [("recommendations.tasks.post_one", first.pk)]
    (delivery,) = ask("GET", "/communities/custserv/deliveries", by=ada).data["results"]
    assert (delivery["week"], delivery["channel"], delivery["network"]) == ("2026-W45", "@ours.test", "bluesky")
    assert (delivery["state"], delivery["rehearsal"]) == ("pending", False)
    assert [post["text"] for post in delivery["posts"]] == [post.text for post in channel.deliveries.get().posts.all()]


def test_an_empty_list_is_not_published(ask, ready, ada):
    Profile.objects.update(signal=Signal.DECLINED.value)

    response = ask("POST", f"{WEEKS}/2026-W45/publish", by=ada)

    assert (response.status_code, response.data["detail"]) == (
        409,
        "There is nobody on the list, so there is nothing to publish.",
    )


def test_there_is_no_week_that_was_never_opened(ask, edition, ada):
    assert ask("GET", f"{WEEKS}/2026-W01", by=ada).status_code == 404
    assert ask("POST", f"{WEEKS}/2026-W45-2/compile", by=ada).status_code == 404


def test_deliveries_come_page_by_page_in_few_queries(ask, published, ada, django_assert_max_num_queries):
    for number in range(3):
        channel = published.community.channels.create(
            network="bluesky", uri=f"did:fake:{number}", name=f"n{number}.test"
        )
        published.deliveries.create(channel=channel, rehearsal=True)

    with django_assert_max_num_queries(9):
        page = ask("GET", "/communities/custserv/deliveries?page_size=2", by=ada).data

    assert [each["channel"] for each in page["results"]] == ["@n2.test", "@n1.test"]
    rest = ask("GET", page["next"].removeprefix("http://localhost:8000/api/v1"), by=ada).data
    assert ([each["channel"] for each in rest["results"]], rest["next"]) == (["@n0.test"], None)
