"""Members speak their mind about an edition that is out."""

from datetime import timedelta

import pytest

from recommendations.actions import Refused, TooSoon
from recommendations.actions.comment import MOST_EACH, comment, delete, edit
from recommendations.limits import ALLOWED, Deed
from recommendations.models import Block, Comment, Edition, Membership, Notification, Profile
from recommendations.models.comment import EDIT_FOR, TEXT_MAX
from recommendations.models.page_version import page_version
from tests.conftest import FRIDAY

LATER = FRIDAY + timedelta(hours=2)
WORDS = "Rosa's threads on *complaints* are the best there are."


def heard(user):
    return [each.sentence for each in Notification.objects.shown().filter(user=user, kind="comment")]


@pytest.fixture
def said(published, grace):
    return comment(by=grace, edition=published, text=WORDS, at=LATER)


def test_a_member_says_something_and_the_page_is_made_afresh(published, grace, django_capture_on_commit_callbacks):
    before = page_version("custserv")

    with django_capture_on_commit_callbacks(execute=True):
        made = comment(by=grace, edition=published, text=f"  {WORDS}\r\n\x00", at=LATER)

    made.refresh_from_db()
    assert (made.author, made.text, made.created_at, made.answer_to) == (grace, WORDS, LATER, None)
    assert page_version("custserv") != before


def test_an_answer_to_an_answer_joins_its_thread(published, said, alan, grace):
    answer = comment(by=alan, edition=published, text="Indeed.", answer_to=said, at=LATER)

    again = comment(by=grace, edition=published, text="You see!", answer_to=answer, at=LATER)

    assert answer.answer_to == again.answer_to == said


def test_curators_and_whoever_is_answered_hear_of_it_and_nobody_hears_themselves(published, said, ada, alan, grace):
    assert heard(ada) == ["Grace comments on “#custserv recommends” in Customer Service."]

    answer = comment(by=alan, edition=published, text="Indeed.", answer_to=said, at=LATER)
    comment(by=ada, edition=published, text="Thank you both.", answer_to=answer, at=LATER)

    assert heard(grace) == [
        "Ada answers what you said on “#custserv recommends” in Customer Service.",
        "Alan answers what you said on “#custserv recommends” in Customer Service.",
    ]
    assert len(heard(alan)) == 1
    assert len(heard(ada)) == 2


def test_a_curator_who_is_answered_hears_of_it_once(published, ada, alan):
    first = comment(by=ada, edition=published, text="What do you think?", at=LATER)

    comment(by=alan, edition=published, text="Good people.", answer_to=first, at=LATER)

    assert heard(ada) == ["Alan answers what you said on “#custserv recommends” in Customer Service."]


def test_nobody_hears_the_answers_of_whom_they_have_blocked(published, proven, alan, community):
    rosa = proven("rosa")
    community.memberships.create(user=rosa, joined_at=FRIDAY - timedelta(days=9))
    Block.objects.create(profile=Profile.objects.get(name="rosa"), blocked=alan)
    first = comment(by=rosa, edition=published, text="I am moved.", at=LATER)

    comment(by=alan, edition=published, text="Are you.", answer_to=first, at=LATER)

    assert heard(rosa) == []


def test_an_answer_to_somebody_who_has_left_is_told_to_curators_alone(published, said, grace, alan, ada):
    said.author = None
    said.save()

    comment(by=alan, edition=published, text="Where did you go?", answer_to=said, at=LATER)

    assert heard(grace) == []
    assert len(heard(ada)) == 2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "nothing in it"),
        (" \n\t\x00\u200b ", "nothing in it"),
        ("x" * (TEXT_MAX + 1), "2001 characters where 2000 fit"),
        ("x" * 1_000_000, "characters where 2000 fit"),
    ],
)
def test_what_is_empty_or_too_long_is_refused(published, grace, text, why):
    with pytest.raises(Refused, match=why) as refusal:
        comment(by=grace, edition=published, text=text, at=LATER)

    assert refusal.value.field == "text"
    assert not Comment.objects.exists()


def test_strangers_and_who_waits_to_be_let_in_may_read_only(published, person, community):
    emma, clara = person("Emma"), person("Clara")
    community.memberships.create(user=clara, state="pending")

    for user in (emma, clara):
        with pytest.raises(Refused, match="Everybody may read"):
            comment(by=user, edition=published, text=WORDS, at=LATER)


def test_who_was_banned_is_told_so(published, grace, said):
    Membership.objects.filter(user=grace).update(state="banned")

    with pytest.raises(Refused, match="cannot write in this community"):
        comment(by=grace, edition=published, text=WORDS, at=LATER)
    with pytest.raises(Refused, match="cannot write in this community"):
        edit(by=grace, comment=said, text="Something rude.", at=LATER)


def test_who_is_suspended_may_only_read_until_then(published, grace):
    Membership.objects.filter(user=grace).update(suspended_until=LATER + timedelta(hours=1))

    with pytest.raises(Refused, match="take part again"):
        comment(by=grace, edition=published, text=WORDS, at=LATER)

    assert comment(by=grace, edition=published, text=WORDS, at=LATER + timedelta(hours=1))


def test_comments_close_when_the_community_says_so(published, grace):
    days = published.community.comments_days
    comment(by=grace, edition=published, text=WORDS, at=FRIDAY + timedelta(days=days, seconds=-1))

    with pytest.raises(Refused, match="takes no comments"):
        comment(by=grace, edition=published, text=WORDS, at=FRIDAY + timedelta(days=days))


def test_a_community_may_do_without_comments(published, grace):
    published.community.comments_days = 0

    with pytest.raises(Refused, match="takes no comments"):
        comment(by=grace, edition=published, text=WORDS, at=FRIDAY)


def test_a_draft_takes_none(draft, ada):
    with pytest.raises(Refused, match="takes no comments"):
        comment(by=ada, edition=draft, text=WORDS, at=FRIDAY)


def test_nobody_takes_the_whole_floor(published, grace):
    for number in range(MOST_EACH):
        Comment.objects.create(
            edition=published, author=grace, text=WORDS, created_at=LATER - timedelta(days=2, minutes=number)
        )

    with pytest.raises(Refused, match="Leave the floor to others"):
        comment(by=grace, edition=published, text=WORDS, at=LATER)


def test_who_writes_without_a_pause_is_asked_to_wait(published, grace):
    for number in range(ALLOWED[Deed.COMMENT].hour):
        at = LATER - timedelta(minutes=number)
        Comment.objects.create(edition=published, author=grace, text=WORDS, created_at=at)

    with pytest.raises(TooSoon):
        comment(by=grace, edition=published, text=WORDS, at=LATER)


def test_newcomers_put_in_no_links(published, person, community):
    emma = person("Emma")
    community.memberships.create(user=emma, joined_at=LATER - timedelta(hours=1))

    with pytest.raises(Refused, match="Links") as refusal:
        comment(by=emma, edition=published, text="See https://spam.example/", at=LATER)

    assert refusal.value.field == "text"


def test_what_is_gone_or_of_another_edition_cannot_be_answered(published, said, alan, community):
    other = Edition(pk=999, community=community)
    hidden = Comment(edition=published, pk=said.pk, hidden_at=LATER)
    elsewhere = Comment(edition=other, pk=said.pk)

    for answered in (hidden, elsewhere):
        with pytest.raises(Refused, match="no longer there"):
            comment(by=alan, edition=published, text="Indeed.", answer_to=answered, at=LATER)


def test_it_can_be_said_better_for_a_while(said, grace):
    edit(by=grace, comment=said, text="Better said.", at=LATER + timedelta(minutes=5))

    said.refresh_from_db()
    assert (said.text, said.edited_at) == ("Better said.", LATER + timedelta(minutes=5))


def test_the_same_words_are_no_edit(said, grace):
    edit(by=grace, comment=said, text=WORDS, at=LATER)

    said.refresh_from_db()
    assert said.edited_at is None


def test_it_cannot_be_changed_later_nor_when_hidden_nor_by_others(said, grace, alan):
    with pytest.raises(Refused, match="too long to be changed"):
        edit(by=grace, comment=said, text="Better said.", at=LATER + EDIT_FOR)
    with pytest.raises(Refused, match="Only the one who said it"):
        edit(by=alan, comment=said, text="Worse said.", at=LATER)
    said.hidden_at = LATER
    with pytest.raises(Refused):
        edit(by=grace, comment=said, text="Better said.", at=LATER)

    said.refresh_from_db()
    assert said.text == WORDS


def test_a_link_cannot_be_slipped_in_by_an_edit(published, person, community):
    emma = person("Emma")
    community.memberships.create(user=emma, joined_at=LATER - timedelta(hours=1))
    made = comment(by=emma, edition=published, text="Hello all.", at=LATER)

    with pytest.raises(Refused, match="Links"):
        edit(by=emma, comment=made, text="https://spam.example/", at=LATER)


def test_it_can_be_taken_back_at_any_time_and_its_words_are_gone(said, grace, community):
    Membership.objects.filter(user=grace).update(state="left")

    for _ in range(2):
        delete(by=grace, comment=said, at=LATER + timedelta(days=90))

    said.refresh_from_db()
    assert (said.text, said.deleted_at) == ("", LATER + timedelta(days=90))


def test_nobody_takes_back_what_another_said(said, alan):
    with pytest.raises(Refused, match="Only the one who said it"):
        delete(by=alan, comment=said, at=LATER)

    said.refresh_from_db()
    assert said.text == WORDS


def test_a_thread_whose_beginning_is_gone_stands_as_long_as_it_has_answers(published, said, alan, grace):
    answer = comment(by=alan, edition=published, text="Indeed.", answer_to=said, at=LATER)
    delete(by=grace, comment=said, at=LATER)
    assert list(published.comments.threads()) == [said]

    delete(by=alan, comment=answer, at=LATER)

    assert list(published.comments.threads()) == []
