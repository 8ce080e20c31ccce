"""Speak your mind: beneath an edition, on a page of its own, with and without JavaScript, and by the API."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from recommendations.models import Comment, Community, Edition, Membership
from recommendations.models.comment import EDIT_FOR, TEXT_MAX
from recommendations.views.comments import PER_PAGE
from tests.recommendations.actions.conftest import *  # noqa: F403 - the same fixtures
from tests.recommendations.test_hostile_input import TEXTS, same

PAGE = "/c/custserv/editions/1/"
ALL = f"{PAGE}comments/"
WORDS = "Rosa's threads on *complaints* are the best there are."
HTMX = {"HX-Request": "true"}


@pytest.fixture
def out(published):
    """The edition, out for an hour."""
    Edition.objects.filter(pk=published.pk).update(published_at=timezone.now() - timedelta(hours=1))
    Membership.objects.update(joined_at=timezone.now() - timedelta(days=9))
    return Edition.objects.select_related("community").get(pk=published.pk)


@pytest.fixture
def said(out, grace):
    """Grace has said something, a minute ago."""
    return Comment.objects.create(
        edition=out, author=grace, text=WORDS, created_at=timezone.now() - timedelta(minutes=1)
    )


def words(response):
    return " ".join(response.content.decode().split())


def test_a_member_says_something_beneath_the_list(client, out, grace):
    client.force_login(grace)

    answer = client.post(ALL, {"text": WORDS}, follow=True)

    made = Comment.objects.get()
    assert answer.redirect_chain == [(f"{PAGE}#comment-{made.pk}", 302)]
    assert "Rosa's threads on <em>complaints</em>" in words(answer)
    assert "Grace" in words(answer)


def test_htmx_gets_the_comments_alone(client, out, grace):
    client.force_login(grace)

    answer = client.post(ALL, {"text": WORDS}, headers=HTMX)

    assert answer.status_code == 200
    assert "<html" not in words(answer)
    assert 'id="comments"' in words(answer)
    assert "Said. Thank you." in words(answer)
    assert "<em>complaints</em>" in words(answer)


def test_an_answer_stands_beneath_what_it_answers(client, said, alan):
    client.force_login(alan)

    answer = client.post(ALL, {"text": "Indeed.", "answer_to": said.pk}, follow=True)

    made = Comment.objects.get(answer_to=said)
    assert answer.redirect_chain == [(f"{ALL}?at={made.pk}#comment-{made.pk}", 302)]
    assert words(answer).index(f"comment-{said.pk}") < words(answer).index(f"comment-{made.pk}")


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("text", ["", "\x00", "<b>too long</b>" + "x" * TEXT_MAX, "y" * 9000])
def test_what_is_refused_is_still_in_the_form(client, out, grace, text, headers):
    client.force_login(grace)

    answer = client.post(ALL, {"text": text}, headers=headers)

    assert answer.status_code == 422
    assert 'class="field wrong"' in words(answer)
    assert text.replace("<", "&lt;").replace(">", "&gt;").replace("\x00", "") in words(answer)
    assert not Comment.objects.exists()


def test_a_refused_answer_stays_open_beneath_what_it_answers(client, said, alan):
    client.force_login(alan)

    answer = client.post(ALL, {"text": "x" * (TEXT_MAX + 1), "answer_to": said.pk})

    assert answer.status_code == 422
    assert "<details open>" in words(answer)
    assert f'id="trouble-{said.pk}"' in words(answer)
    assert "x" * (TEXT_MAX + 1) in words(answer)


def test_strangers_read_and_are_shown_the_way_in(client, said):
    answer = client.get(PAGE)

    assert "<em>complaints</em>" in words(answer)
    assert 'href="/c/custserv/join/"' in words(answer)
    assert "<textarea" not in words(answer)


def test_who_is_not_signed_in_is_led_there_and_back(client, out):
    assert client.post(ALL, {"text": WORDS})["Location"] == f"/accounts/login/?next={PAGE}"
    assert client.post(ALL, {"text": WORDS}, headers=HTMX)["HX-Redirect"] == f"/accounts/login/?next={PAGE}"
    assert not Comment.objects.exists()


def test_who_does_not_belong_to_it_is_refused_with_a_word(client, out, person):
    client.force_login(person("Emma"))

    answer = client.post(ALL, {"text": WORDS})

    assert answer.status_code == 422
    assert "Join it first." in words(answer)


def test_who_writes_too_much_is_told_when_to_come_back(client, out, grace):
    client.force_login(grace)
    now = timezone.now()
    Comment.objects.bulk_create(
        Comment(edition=out, author=grace, text=WORDS, created_at=now - timedelta(seconds=number))
        for number in range(20)
    )

    answer = client.post(ALL, {"text": WORDS})

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert WORDS.replace("'", "&#x27;") in words(answer)


def test_a_closed_edition_shows_what_was_said_and_takes_no_more(client, said, grace):
    Edition.objects.update(published_at=timezone.now() - timedelta(days=15))
    client.force_login(grace)

    page = words(client.get(PAGE))

    assert "<em>complaints</em>" in page
    assert "takes no more comments" in page
    assert "<textarea" not in page
    assert client.post(ALL, {"text": WORDS}).status_code == 422


def test_where_there_are_none_and_will_be_none_nothing_is_said_of_it(client, out):
    Community.objects.update(comments_days=0)

    assert 'id="comments"' not in words(client.get(PAGE))
    assert "takes no more comments" in words(client.get(ALL))


def test_what_a_curator_hid_or_its_author_took_back_leaves_a_line(client, said, alan, out):
    Comment.objects.create(edition=out, author=alan, text="Indeed.", answer_to=said, created_at=timezone.now())
    hidden = Comment.objects.create(
        edition=out, author=alan, text="Something rude.", created_at=timezone.now(), hidden_at=timezone.now()
    )
    Comment.objects.filter(pk=said.pk).update(deleted_at=timezone.now(), text="")

    page = words(client.get(PAGE))

    assert "Hidden by a curator." in page
    assert "Taken back by its author." in page
    assert "rude" not in page
    assert "Indeed." in page
    assert f"comment-{hidden.pk}" in page


def test_who_has_left_is_somebody_who_has_left(client, said, grace):
    Comment.objects.update(author=None)

    assert "somebody who has left" in words(client.get(ALL))


def test_markdown_is_safe(client, out, grace):
    Comment.objects.create(
        edition=out,
        author=grace,
        text="<script>alert(1)</script> [click](javascript:alert(1)) ![](https://x.example/a.png)",
        created_at=timezone.now(),
    )

    page = words(client.get(PAGE))

    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert 'src="https://x.example' not in page


def test_ones_own_comment_is_edited_and_taken_back(client, said, grace):
    client.force_login(grace)
    mine = f"{ALL}{said.pk}/"
    assert mine in words(client.get(PAGE))

    assert WORDS.replace("'", "&#x27;") in words(client.get(mine))
    assert client.post(mine, {"deed": "edit", "text": ""}).status_code == 422
    edited = client.post(mine, {"deed": "edit", "text": "Better said."}, follow=True)
    assert "Better said." in words(edited)
    assert "edited" in words(edited)
    gone = client.post(mine, {"deed": "delete"}, follow=True)

    assert "Better said." not in words(gone)
    assert client.get(mine).status_code == 404


def test_after_a_while_it_can_only_be_taken_back(client, said, grace):
    Comment.objects.update(created_at=timezone.now() - EDIT_FOR)
    client.force_login(grace)
    mine = f"{ALL}{said.pk}/"

    assert "<textarea" not in words(client.get(mine))
    refused = client.post(mine, {"deed": "edit", "text": "Better said."})
    assert refused.status_code == 422
    assert "too long to be changed" in words(refused)
    assert "Better said." in words(refused)


def test_anothers_comment_is_nobody_elses_to_touch(client, said, alan):
    client.force_login(alan)

    for answer in (client.get(f"{ALL}{said.pk}/"), client.post(f"{ALL}{said.pk}/", {"deed": "delete"})):
        assert answer.status_code == 404
    assert f"{ALL}{said.pk}/" not in words(client.get(PAGE))
    assert Comment.objects.get().text == WORDS


@pytest.mark.parametrize("named", ["0", "-1", "x", "9" * 40, "\u0663", "\x00"])
def test_answering_what_is_not_there_is_not_found(client, out, grace, named):
    client.force_login(grace)

    assert client.post(ALL, {"text": WORDS, "answer_to": named}).status_code == 404


def test_the_page_shows_the_newest_and_leads_to_all(client, out, grace):
    now = timezone.now()
    made = [
        Comment.objects.create(
            edition=out, author=grace, text=f"Thought {number}.", created_at=now - timedelta(minutes=number)
        )
        for number in range(PER_PAGE + 1)
    ]

    page = words(client.get(PAGE))
    assert "Thought 0." in page
    assert f"Thought {PER_PAGE}." not in page
    assert f'href="{ALL}"' in page
    assert f"Thought {PER_PAGE}." in words(client.get(f"{ALL}?page=2"))
    there = client.get(f"{ALL}?at={made[-1].pk}")
    assert f"comment-{made[-1].pk}" in words(there)
    assert f"Thought {PER_PAGE}." in words(client.get(f"{ALL}?page=999999999999999999999"))
    assert "Thought 0." in words(client.get(f"{ALL}?page=x&at=%00"))


def test_a_long_conversation_costs_no_more_queries(client, said, alan, grace, django_assert_max_num_queries):
    for _ in range(10):
        other = Comment.objects.create(edition=said.edition, author=alan, text="Hm.", created_at=timezone.now())
        Comment.objects.create(
            edition=said.edition, author=grace, text="Oh?", answer_to=other, created_at=timezone.now()
        )
    client.force_login(grace)

    with django_assert_max_num_queries(15):  # two: what curators decided, and whom they left out
        client.get(PAGE)
    with django_assert_max_num_queries(9):
        client.get(ALL)


def test_other_methods_are_refused(client, out):
    assert client.put(ALL).status_code == 405


def test_by_the_api_comments_are_read_page_by_page(client, said, alan, out):
    answer = Comment.objects.create(edition=out, author=alan, text="Indeed.", answer_to=said, created_at=timezone.now())
    Comment.objects.create(edition=out, author=alan, text="", created_at=timezone.now(), deleted_at=timezone.now())
    Comment.objects.create(edition=out, author=alan, text="Rude.", created_at=timezone.now(), hidden_at=timezone.now())

    first = client.get("/api/v1/communities/custserv/editions/1/comments?page_size=2").json()
    second = client.get(first["next"]).json()

    assert [each["text"] for each in first["results"]] == [WORDS, "Indeed."]
    assert first["results"][0]["by"] == "Grace"
    assert first["results"][1]["answer_to"] == said.pk
    assert first["results"][1]["url"].endswith(f"{ALL}?at={answer.pk}#comment-{answer.pk}")
    assert [(each["text"], each["by"]) for each in second["results"]] == [(None, "")]
    assert second["next"] is None


def test_by_the_api_a_draft_has_no_comments(client, draft):
    assert client.get("/api/v1/communities/custserv/editions/1/comments").status_code == 404


def test_a_community_sets_for_how_long_it_takes_comments(client, community, ada):
    client.force_login(ada)
    page = client.get("/desk/custserv/settings/")
    fields = {"form": "community"} | {
        name: value for name, value in page.context["form"].initial.items() if value not in (None, False)
    }

    answer = client.post("/desk/custserv/settings/", fields | {"comments_days": 3})
    assert answer.status_code == 302, answer.context["form"].errors
    assert client.post("/desk/custserv/settings/", fields | {"comments_days": 366}).status_code == 422

    assert Community.objects.get().comments_days == 3


@pytest.mark.parametrize("answering", [False, True])
def test_a_hostile_text_is_kept_clean_or_shown_back(client, said, alan, answering):
    client.force_login(alan)
    where = {"answer_to": said.pk} if answering else {}
    for typed in TEXTS[3::20]:
        response = client.post(ALL, {"text": typed} | where)

        if response.status_code == 302:
            made = Comment.objects.exclude(pk=said.pk).get()
            assert 0 < len(made.text) <= TEXT_MAX
            assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]", made.text)
            assert client.get(PAGE).status_code == 200
            made.delete()
            continue
        assert response.status_code == 422, ascii(typed[:80])
        page = response.content.decode()
        shown = re.findall(r"<textarea[^>]*>\n?(.*?)</textarea>", page, re.DOTALL)
        assert any(same(unescape(each), typed) for each in shown), ascii(typed[:80])
        assert 'role="alert"' in page
