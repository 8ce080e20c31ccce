"""The desk's pages as they are sent: one week, its draft, its posts and how they fare; deeds, and who may do them."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from recommendations.actions.join import ban, found
from recommendations.models import Channel, Community, Edition, Post
from recommendations.pictures import avatar
from tests.conftest import FRIDAY, MONDAY, THURSDAY
from tests.recommendations.actions.conftest import channel, draft, names, nominated, on_mastodon, published
from tests.recommendations.test_pages import fill, queries

__all__ = ["channel", "draft", "nominated", "on_mastodon", "published"]
pytestmark = pytest.mark.django_db

DESK = "/desk/custserv/"
WEEK = f"{DESK}2026-W45/"
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"
ODD = ["", "\x00", "\u202e", "²", "-1", "9" * 5000, "<" * 1000, "x" * 1_000_000]
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _on_thursday():
    """The board has just been counted."""
    with time_machine.travel(THURSDAY, tick=False):
        yield


@pytest.fixture
def desk(client, ada, community):
    """Ada at her desk."""
    client.force_login(ada)
    return client


def order_of(edition):
    return list(edition.entries.ranked().values_list("pk", flat=True))


# --- The order


def test_a_whole_order_is_kept_at_once_and_htmx_gets_the_list_and_the_posts(desk, draft, channel):
    rosa, emma, clara = order_of(draft)

    answer = desk.post(f"{WEEK}order/", {"order": [clara, rosa, emma], "reason": "Side by side."}, headers=HTMX)

    assert answer.status_code == 200
    assert answer.text.startswith('<section id="list"')
    assert 'id="outgoing" hx-swap-oob="true"' in answer.text
    assert "<html" not in answer.text
    assert re.findall(r'data-name="(\w+)"', answer.text) == ["Clara", "Rosa", "Emma"]
    assert names(draft) == ["clara", "rosa", "emma"]


@pytest.mark.parametrize(
    ("order", "reason", "words"),
    [("all", "", "Say why you change the order"), ("some", "Side by side.", "The list has changed meanwhile")],
)
def test_a_refused_order_comes_back_as_the_list_stands_with_the_reason_in_it(desk, draft, order, reason, words):
    before = order_of(draft)
    sent = {"order": before[::-1] if order == "all" else before[1:], "reason": reason}

    answer = desk.post(f"{WEEK}order/", sent, headers=HTMX)

    assert answer.status_code == 409
    assert words in answer.text
    assert f'value="{reason}"' in answer.text
    assert [int(pk) for pk in re.findall(r'data-entry="(\d+)"', answer.text)] == before == order_of(draft)


@pytest.mark.parametrize("odd", ODD)
def test_an_order_may_be_anything_at_all(desk, draft, odd):
    for answer in (
        desk.post(f"{WEEK}order/", {"order": [odd, odd], "reason": odd}, headers=HTMX),
        desk.post(f"{WEEK}order/", {"order": [odd], "reason": odd}),
    ):
        assert answer.status_code in (400, 409)

    assert names(draft) == ["rosa", "emma", "clara"]


# --- What is asked once more


def test_publishing_now_is_asked_once_more_and_says_what_it_does(desk, draft, channel):
    asked = desk.post(f"{WEEK}publish/")

    assert asked.status_code == 200
    assert "It goes out as number 1, with 3 people on its list." in asked.text
    assert "It is posted by <bdi>@custserv.example</bdi> on Bluesky." in asked.text
    assert Edition.objects.get(pk=draft.pk).state == "ready", "nothing has happened yet"
    assert desk.post(f"{WEEK}publish/", {"sure": "yes"})["Location"] == WEEK
    assert Edition.objects.get(pk=draft.pk).state == "published"


@pytest.mark.parametrize(
    ("state", "words"), [("rehearsal", "only rehearses"), ("paused", "wait until it goes on"), (None, "posted nowhere")]
)
def test_it_says_of_each_channel_what_becomes_of_its_posts(desk, draft, channel, state, words):
    if state is None:
        channel.delete()
    else:
        Channel.objects.update(state=state)

    assert words in desk.post(f"{WEEK}publish/").text


def test_skipping_is_asked_once_more_and_keeps_the_reason(desk, draft):
    asked = desk.post(f"{WEEK}skip/", {"why": HOSTILE})

    assert "Skip 2026-W45?" in asked.text
    assert 'value="&quot;&#x27;&gt;&lt;script&gt;' in asked.text
    without = desk.post(f"{WEEK}skip/", {"sure": "yes", "why": " "})
    assert without.status_code == 409
    assert "Say why, for the people who nominated." in without.text
    assert Edition.objects.get(pk=draft.pk).state == "ready"
    desk.post(f"{WEEK}skip/", {"sure": "yes", "why": "Nobody had time."})
    assert Edition.objects.get(pk=draft.pk).state == "skipped"


def test_closing_the_board_is_asked_once_more(desk, edition):
    asked = desk.post(f"{DESK}current/compile/")

    assert "Close the board now?" in asked.text
    assert Edition.objects.get(pk=edition.pk).state == "open"
    assert desk.post(f"{DESK}current/compile/", {"sure": "yes"})["Location"] == WEEK
    assert Edition.objects.get(pk=edition.pk).state == "ready"


@pytest.mark.parametrize("deed", ["publish", "skip", "compile"])
@pytest.mark.parametrize("sure", [{}, {"sure": "yes", "why": "x"}])
def test_what_cannot_be_done_any_more_is_not_asked(desk, published, deed, sure):
    answer = desk.post(f"{WEEK}{deed}/", sure)

    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert "Out as" in answer.text, "this is how it stands"


def test_a_held_one_is_not_published_and_says_why(desk, draft):
    desk.post(f"{WEEK}hold/", {"why": "We ask Rosa first."})

    answer = desk.post(f"{WEEK}publish/", {"sure": "yes"})

    assert answer.status_code == 409
    assert "It is held: We ask Rosa first." in answer.text


def test_a_deed_that_is_none_is_not_there(desk, draft):
    assert desk.post(f"{WEEK}explode/").status_code == 404


# --- Words


def test_an_essay_is_shown_as_it_will_be_read_and_nothing_is_kept(desk, draft):
    answer = desk.post(f"{WEEK}essay/", {"essay": f"Two **words**, {HOSTILE}"})

    assert answer.status_code == 200
    assert "<strong>words</strong>" in answer.text
    assert "<script" not in answer.text
    assert "<img" not in answer.text
    assert Edition.objects.get(pk=draft.pk).essay == ""


@pytest.mark.parametrize(
    ("essay", "words"),
    [("", 0), ("One.", 1), ("Don't count twice", 3), ("庭の写真", 4), ("one\n\n- two\n- three", 3), ("\x00\u202e…", 0)],
)
def test_words_are_counted_in_any_script(desk, draft, essay, words):
    assert re.search(rf"\b{words}\s+words?\b", desk.post(f"{WEEK}essay/", {"essay": essay}).text)


@pytest.mark.parametrize("odd", ODD)
def test_an_essay_may_be_anything_at_all(desk, draft, odd):
    answer = desk.post(f"{WEEK}essay/", {"essay": odd})

    assert answer.status_code == (422 if len(odd) > 20_000 else 200)
    assert ("longer than an essay" in answer.text) == (len(odd) > 20_000)


def test_words_that_were_typed_are_there_again_with_how_they_read(desk, draft):
    answer = desk.post(f"{WEEK}words/", {"title": "x" * 200, "essay": "A *week*.", "closing": ""})

    assert answer.status_code == 409
    assert "A *week*." in answer.text
    assert "<em>week</em>" in answer.text


def test_a_draft_is_kept_in_the_browser_by_its_community_and_week(desk, draft):
    assert 'data-draft="essay-custserv-2026-W45"' in desk.get(WEEK).text


# --- The posts


def test_the_weeks_page_shows_the_posts_as_they_will_be_with_number_address_and_picture(desk, draft, channel):
    page = desk.get(WEEK).text

    assert "Customer Service · No. 1" in page
    assert "/c/custserv/editions/1" in page
    assert re.search(r"\d+ of 300", page)
    assert re.search(r'<meter min="0" max="300" value="\d+"', page)
    (address,) = re.findall(r'src="(/desk/custserv/2026-W45/picture.png\?\w+)"', page)
    picture = desk.get(address)
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/png")
    assert avatar(picture.content), "it is a picture"
    assert re.search(r'alt="Customer Service · #custserv · No. 1 · 2026-W45\s[^"]*Rosa, Emma, Clara"', page)


def test_a_picture_of_other_words_has_another_address(desk, draft, channel):
    before = re.findall(r"picture.png\?\w+", desk.get(WEEK).text)
    rosa, emma, clara = order_of(draft)
    desk.post(f"{WEEK}order/", {"order": [emma, rosa, clara], "reason": "Side by side."})

    assert re.findall(r"picture.png\?\w+", desk.get(WEEK).text) != before


def test_the_pictures_words_are_those_the_server_takes(desk, draft, channel):
    Channel.objects.update(limits={"characters": 300, "images": 4, "alt_length": 20})
    short = desk.get(WEEK).text
    Channel.objects.update(limits={"characters": 300, "images": 0})
    none = desk.get(WEEK).text

    assert 'alt="Customer Service' in short
    assert "Rosa, Emma" not in re.findall(r'alt="([^"]*)"', short)[0]
    assert "picture.png" not in none


def test_there_is_no_picture_of_what_is_no_draft(desk, published):
    assert desk.get(f"{WEEK}picture.png").status_code == 404


def test_what_posts_on_x_cost_is_said(desk, draft, channel, fake_networks, monkeypatch):
    monkeypatch.setattr(type(fake_networks["bluesky"]), "price", lambda self, part: 10)

    assert re.search(r"X takes \$0\.0\d+ for these \d+\s+posts\.", desk.get(WEEK).text)


def test_the_pages_of_a_week_cost_no_more_for_long_lists_and_many_channels(desk, ada, grace, edition):
    Community.objects.update(list_size=50)
    edition.community.refresh_from_db()
    make_channel(edition.community, 0)
    fill(edition, ada, grace, 3)
    desk.post(f"{DESK}current/compile/", {"sure": "yes"})
    few = queries(desk, WEEK)
    for number in range(1, 5):
        make_channel(edition.community, number)
    second = Edition.objects.get(state="open")
    with time_machine.travel(second.opens_at + timedelta(hours=1), tick=False):
        desk.force_login(ada)
        fill(second, ada, grace, 25, first=10)
        desk.post(f"{DESK}current/compile/", {"sure": "yes"})
        many = queries(desk, f"{DESK}{second.week}/")

        assert many == few
        before = queries(desk, f"{DESK}2026-W45/")
        out_of = Edition.objects.get(pk=second.pk)
        desk.post(f"{DESK}{out_of.week}/publish/", {"sure": "yes"})
        assert queries(desk, f"{DESK}{out_of.week}/") <= before


def make_channel(community, number):
    Channel.objects.create(
        community=community, network="bluesky", uri=f"did:plc:{number}", name=f"c{number}.example", state="live",
        limits={"characters": 300, "images": 4, "alt_length": 2000},
    )  # fmt: skip


# --- How they fare


def sending(desk):
    return desk.get(f"{WEEK}posts/").text


def test_while_something_moves_the_page_asks_again_and_then_no_more(desk, published):
    moving = sending(desk)
    Post.objects.update(state="sent", remote_url="https://bsky.app/x")
    settled = sending(desk)

    assert 'hx-trigger="every 3s"' in moving
    assert f'<progress max="{Post.objects.count()}" value="0"' in moving
    assert "hx-trigger" not in settled
    assert f'value="{Post.objects.count()}"' in settled
    assert 'href="https://bsky.app/x"' in settled
    assert moving.startswith('<section id="sending"')


@pytest.mark.parametrize(
    ("channel_is", "post_is", "words", "link", "moves"),
    [
        ("live", {}, None, None, True),
        ("revoked", {}, "Connect the account again, and this goes out.", "/desk/custserv/channels/", False),
        ("paused", {}, "The channel pauses. Let it go on, and this goes out.", "/desk/custserv/channels/", False),
        ("live", {"state": "unknown"}, "we look whether it stands", None, True),
        ("live", {"tries": 2, "due_at": FRIDAY}, "It is tried again at 09:00; you need do nothing.", None, True),
        ("live", {"state": "needs_human", "tries": 1}, "Nobody knows whether it stands.", "post", False),
        ("live", {"state": "needs_human", "late_at": MONDAY}, "It is late. Say whether", "post", False),
        ("live", {"state": "failed", "tries": 1}, "The network refused it.", "post", False),
    ],
)  # fmt: skip
def test_for_each_trouble_one_sentence_says_what_to_do_about_it(
    desk, published, channel_is, post_is, words, link, moves
):
    first = Post.objects.order_by("step")[0]
    Channel.objects.update(state=channel_is)
    Post.objects.filter(pk=first.pk).update(**post_is)

    page = sending(desk)

    assert ("hx-trigger" in page) == moves
    if words is None:
        assert "advice" not in page
    else:
        assert words in page
    where = f"/desk/custserv/posts/{first.pk}/" if link == "post" else link
    assert (where is None) or f'href="{where}"' in page


def test_what_waits_behind_a_part_in_trouble_says_so(desk, published):
    first = Post.objects.order_by("step")[0]
    Post.objects.filter(pk=first.pk).update(state="failed", trouble="Too many words.")

    page = sending(desk)

    assert page.count("It waits for a part before it that needs you.") == Post.objects.count() - 1
    assert "Too many words." in page


def test_a_rehearsal_moves_nothing_and_needs_nobody(desk, published):
    published.deliveries.update(rehearsal=True)

    page = sending(desk)

    assert "Only written down" in page
    assert "hx-trigger" not in page
    assert "<progress" not in page


# --- Who may


def pieces():
    return ["", "posts/", "picture.png"]


def test_nobody_but_this_communitys_curators_sees_any_of_it(draft, grace, alan, community, curator, person):
    elsewhere = person("Barbara")
    found(by=elsewhere, at=MONDAY, name="Gardeners", slug="gardeners", hashtag="gardening")
    his = community.memberships.get(user=alan)
    ban(membership=his, by=curator, reason="Unkind, twice.")

    for user in (grace, alan, elsewhere):
        client = Client()
        client.force_login(user)
        for piece in pieces():
            assert client.get(f"{WEEK}{piece}").status_code == 403
        for deed in ("order", "publish", "skip", "words", "hold", "approve", "essay"):
            assert client.post(f"{WEEK}{deed}/", {"sure": "yes"}).status_code == 403
        for deed in ("begin/", "settings/", "settings/hand-over/", "settings/end/"):
            assert client.post(f"{DESK}{deed}", {"sure": "on"}).status_code == 403
    stranger = Client()
    assert stranger.get(f"{WEEK}picture.png").status_code == 302
    assert stranger.post(f"{WEEK}essay/", {"essay": "x"}, headers=HTMX)["HX-Redirect"].startswith("/accounts/login/")


def test_nothing_is_done_by_a_link(desk, draft):
    for deed in ("publish", "skip", "order", "essay"):
        assert desk.get(f"{WEEK}{deed}/").status_code == 405


# --- The other deeds


def test_each_deed_leads_back_to_the_week_and_is_done(desk, draft):
    rosa, emma, clara = order_of(draft)

    for deed, sent, back in (
        ("words", {"title": "Week of care", "essay": "*Thank you.*", "closing": ""}, ""),
        ("order", {"entry": clara, "move": "up", "reason": "Side by side."}, f"#entry-{clara}"),
        ("order", {"entry": rosa, "move": "down", "reason": "Side by side."}, f"#entry-{rosa}"),
        ("drop", {"entry": emma, "reason": "She asked us to wait."}, ""),
        ("restore", {"entry": emma}, f"#entry-{emma}"),
        ("hold", {"why": "We ask Rosa."}, ""),
        ("unhold", {}, ""),
        ("approve", {}, ""),
    ):
        assert desk.post(f"{WEEK}{deed}/", sent)["Location"] == f"{WEEK}{back}", deed

    draft.refresh_from_db()
    assert (draft.title, draft.approved_at, draft.is_held) == ("Week of care", THURSDAY, False)
    assert names(draft) == ["clara", "emma", "rosa"]
    assert desk.post(f"{WEEK}unapprove/")["Location"] == WEEK
    draft.refresh_from_db()
    assert draft.approved_at is None


def test_nobody_is_moved_off_the_list_or_without_need(desk, draft):
    rosa, _emma, clara = order_of(draft)

    for sent in (
        {"entry": rosa, "move": "up"},
        {"entry": clara, "move": "down"},
        {"entry": rosa, "move": "to", "place": "1"},
    ):
        answer = desk.post(f"{WEEK}order/", sent | {"reason": "Because."})
        assert answer.status_code == 409
        assert "They cannot move there." in answer.text
        assert 'value="Because."' in answer.text


def test_a_draft_of_chosen_people_is_made_and_has_its_own_line(desk, published, on_mastodon):
    on_mastodon("hedy")

    made = desk.post(f"{DESK}special/", {"title": "Once more", "people": "@hedy@social.example She tunes the world.",
                                         "whole_crew": "on"})  # fmt: skip

    page = desk.get(made["Location"]).text
    assert 'class="week special"' in page
    assert re.findall(r'data-name="(\w+)"', page) == ["Hedy", "Clara", "Emma", "Rosa"]
    assert desk.post(f"{DESK}special/", {"title": "", "people": ""}).status_code == 422


def test_what_somebody_else_is_at_already_is_said_and_shown_as_it_stands(desk, edition):
    Edition.objects.filter(pk=edition.pk).update(state="compiling", claimed_at=timezone.now() + timedelta(days=999))

    answer = desk.post(f"{WEEK}compile/", {"sure": "yes"})

    assert answer.status_code == 409
    assert "Somebody was quicker." in answer.text
    assert "It is being counted." in answer.text
