"""What a nominee does about what was said of them holds wherever it is quoted; whom they block cannot tell."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import LinkedHandle
from recommendations import tasks
from recommendations.actions import Refused
from recommendations.actions import compile as compiling
from recommendations.actions.answer import block, leave, lift_block, lift_veto, thank, veto
from recommendations.actions.compile import compile_edition
from recommendations.actions.edit_draft import drop
from recommendations.actions.give_reason import give_reason
from recommendations.actions.hide import mark
from recommendations.actions.nominate import edit_reason, nominate, withdraw
from recommendations.actions.publish import publish
from recommendations.actions.special import make_special
from recommendations.actions.vote import approve, take_back
from recommendations.consent import Signal
from recommendations.models import Block, Edition, Entry, Nomination, Profile, Quote, TakenOff, Thanks, Vote, reported
from recommendations.models.board import board_for, card_for
from recommendations.models.said import find, said_of
from tests.conftest import FRIDAY, MONDAY, THURSDAY
from tests.recommendations.actions.conftest import REASON, names

pytestmark = pytest.mark.django_db

LATER = FRIDAY + timedelta(hours=1)
SECOND = "I learned more from her than from any course."
EDITION = "/c/custserv/editions/1/"


@pytest.fixture
def rosa(proven):
    """She has proven her handle; who was nominated is for the tests."""
    return proven("rosa")


def reasons_about(name="rosa"):
    sayings = said_of(Profile.objects.filter(name=name))
    return [reason for saying in sayings for reason in saying.reasons]


def reason_by(author, name="rosa"):
    return next(reason for reason in reasons_about(name) if reason.author == author)


def texts_about(name="rosa"):
    return [reason.text for reason in reasons_about(name)]


def board(community, reader=None, at=MONDAY):
    """{name: reasons} as a reader sees the board."""
    found = board_for(community, community.membership_of(reader) if reader else None, at)
    return {card.profile.name: [quote.text for quote in card.quotes] for card in found.cards}


def quoted(edition, name="rosa"):
    return list(
        Quote.objects.filter(entry__edition=edition, entry__profile__name=name, vetoed_at=None).values_list(
            "text", flat=True
        )
    )


def test_everything_said_of_somebody_is_told_with_who_said_it(nominated, grace, alan, ada):
    nomination = nominated("rosa", by=grace)
    approve(by=alan, nomination=nomination, reason=SECOND, at=MONDAY)
    approve(by=ada, nomination=nomination, at=MONDAY)
    nominated("emma", by=ada)

    assert [(reason.text, reason.author) for reason in reasons_about()] == [(REASON, grace), (SECOND, alan)]


def test_a_compiled_edition_is_told_once(edition, nominated, grace, alan):
    approve(by=alan, nomination=nominated("rosa", by=grace), reason=SECOND, at=MONDAY)

    compile_edition(edition=edition, at=THURSDAY)

    assert texts_about() == [REASON, SECOND]
    assert {reason.kind for reason in reasons_about()} == {"quote"}


def test_what_was_said_is_told_even_where_it_came_to_nothing(edition, nominated, grace):
    nominated("rosa", by=grace, signal=Signal.MANUAL)

    compile_edition(edition=edition, at=THURSDAY)

    assert names(edition) == []
    assert texts_about() == [REASON]


def test_of_linked_handles_one_is_quoted_with_the_reasons_of_all(edition, nominated, grace, alan, proven):
    rosa = proven("rosa")
    LinkedHandle.objects.create(
        user=rosa, network="mastodon", name="rosa2", host="social.example",
        uri="https://social.example/users/rosa2", proven_at=MONDAY,
    )  # fmt: skip
    nominated("rosa", by=grace)
    nominated("rosa2", by=alan, reason=SECOND)

    compile_edition(edition=edition, at=THURSDAY)

    sayings = said_of(Profile.objects.all())
    assert sorted(reason.text for saying in sayings for reason in saying.reasons) == sorted([REASON, SECOND])


@pytest.mark.parametrize(
    "ref", ["", "quote", "quote-", "quote-x", "quote-0", "vote-1", "nomination-²", "second-9" * 99]
)
def test_a_reason_that_is_none_is_not_found(rosa, ref):
    assert find(rosa, ref) is None


def test_a_reason_about_somebody_else_is_not_found(nominated, grace, rosa):
    nominated("rosa", by=grace)
    nominated("emma", by=grace)

    assert find(rosa, reason_by(grace).ref).text == REASON
    assert find(rosa, reason_by(grace, "emma").ref) is None


def test_a_bare_vote_is_nobodys_to_find(nominated, grace, alan, rosa):
    vote = approve(by=alan, nomination=nominated("rosa", by=grace), at=MONDAY)

    assert find(rosa, f"second-{vote.pk}") is None


def test_a_vetoed_reason_is_on_the_board_no_more_and_the_votes_stay(edition, nominated, grace, alan, community, rosa):
    nomination = nominated("rosa", by=grace)
    approve(by=alan, nomination=nomination, reason=SECOND, at=MONDAY)

    veto(reason=reason_by(grace), by=rosa, at=MONDAY)

    assert board(community) == {"rosa": [SECOND]}
    assert board(community, grace) == {"rosa": [SECOND]}
    assert [quote.text for quote in card_for(nomination, alan).quotes] == [SECOND]
    compile_edition(edition=edition, at=THURSDAY)
    assert quoted(edition) == [SECOND]
    assert Entry.objects.get().supporters == 2


def test_a_person_without_any_reason_left_stays_on_board_and_list(edition, nominated, grace, alan, community, rosa):
    approve(by=alan, nomination=nominated("rosa", by=grace), reason=SECOND, at=MONDAY)

    for author in (grace, alan):
        veto(reason=reason_by(author), by=rosa, at=MONDAY)

    assert board(community) == {"rosa": []}
    assert Client().get("/c/custserv/").status_code == 200
    api = Client().get("/api/v1/communities/custserv/board")
    assert api.status_code == 200
    assert [(each["reason"], each["seconds"]) for each in api.json()["nominations"]] == [(None, [])]
    compile_edition(edition=edition, at=THURSDAY)
    assert names(edition) == ["rosa"]


@pytest.mark.parametrize("deed", ["edit", "withdraw"])
def test_a_vetoed_reason_stays_away_when_its_author_edits_it_or_the_lead_passes_on(
    nominated, grace, alan, community, rosa, deed
):
    nomination = nominated("rosa", by=grace)
    approve(by=alan, nomination=nomination, reason=SECOND, at=MONDAY)
    vetoed = grace if deed == "edit" else alan
    veto(reason=reason_by(vetoed), by=rosa, at=MONDAY)

    if deed == "edit":
        with pytest.raises(Refused, match="was removed"):
            edit_reason(by=grace, nomination=nomination, reason="The same again, in other words.", at=MONDAY)
    else:
        withdraw(by=grace, nomination=nomination, at=MONDAY)

    assert board(community) == {"rosa": [SECOND] if deed == "edit" else []}


def test_a_vetoed_reason_leaves_pages_feeds_and_posts(published, grace, fake_networks, rosa):
    tasks.send_due(at=FRIDAY, run=tasks.at_once)
    reason = reason_by(grace)
    assert REASON[:20] in "".join(fake_networks["bluesky"].texts)
    Quote.objects.exclude(pk=reason.row.pk).filter(text=REASON).update(text="Something of their own.")

    veto(reason=reason, by=rosa, at=LATER)

    places = (
        EDITION,
        "/c/custserv/feed.atom",
        "/p/mastodon/rosa@social.example/",
        "/api/v1/communities/custserv/editions/1",
    )
    pages = [Client().get(place).content.decode() for place in places]
    assert [REASON in page for page in pages] == [False] * 4
    assert all("Rosa" in page for page in pages)
    for minute in range(4):
        tasks.sweep(at=LATER + timedelta(minutes=minute), run=tasks.at_once)
    rosas = next(text for text in fake_networks["bluesky"].texts if "Rosa" in text)
    assert f"Rosa\n“{REASON[:20]}" not in rosas


def test_a_veto_can_be_lifted(published, grace, rosa):
    veto(reason=reason_by(grace), by=rosa, at=LATER)
    assert quoted(published) == []

    lift_veto(reason=reason_by(grace), by=rosa)

    assert quoted(published) == [REASON]


def test_a_reason_vetoed_as_its_board_closes_is_vetoed_in_the_draft(edition, nominated, grace, rosa):
    nominated("rosa", by=grace)
    on_the_board = reason_by(grace)
    compile_edition(edition=edition, at=THURSDAY)

    veto(reason=on_the_board, by=rosa, at=THURSDAY)

    assert quoted(edition) == []


def test_a_special_edition_does_not_quote_what_was_vetoed(published, curator, grace, rosa):
    veto(reason=reason_by(grace), by=rosa, at=LATER)

    special = make_special(by=curator, people=[(Profile.objects.get(name="rosa"), "")], title="Once more", at=LATER)

    assert REASON not in quoted(special)


def test_thanks_are_seen_by_the_author_once(published, grace, alan, rosa, client):
    for _ in range(2):
        thank(reason=reason_by(grace), by=rosa)

    assert [(each.author, each.edition) for each in Thanks.objects.all()] == [(grace, published)]
    assert said_of([Profile.objects.get(name="rosa")])[0].thanked == {grace.pk}
    client.force_login(grace)
    assert "Who thanks me" in client.get("/me/").content.decode()
    client.force_login(alan)
    assert "Who thanks me" not in client.get("/me/").content.decode()


@pytest.mark.parametrize("deed", [thank, block])
def test_who_has_left_can_be_neither_thanked_nor_blocked(published, grace, rosa, deed):
    reason = reason_by(grace)
    Quote.objects.update(author=None)

    with pytest.raises(Refused, match="have left"):
        deed(reason=find(rosa, reason.ref), by=rosa)


@pytest.mark.parametrize("deed", [veto, lift_veto, thank, block])
def test_nobody_else_answers_for_somebody(published, grace, alan, deed):
    with pytest.raises(Refused, match="Only"):
        deed(reason=reason_by(grace), by=alan)

    assert quoted(published) == [REASON]
    assert not Block.objects.exists()
    assert not Thanks.objects.exists()


def test_who_is_blocked_is_heard_no_more_and_cannot_tell(edition, nominated, grace, alan, ada, community, rosa):
    nomination = nominated("rosa", by=grace)
    approve(by=alan, nomination=nomination, at=MONDAY)
    nominated("emma", by=grace)

    block(reason=reason_by(grace), by=rosa, at=MONDAY)

    assert board(community) == board(community, ada) == {"emma": [REASON]}
    assert board(community, grace) == {"emma": [REASON], "rosa": [REASON]}
    assert [quote.text for quote in card_for(nomination, grace).quotes] == [REASON]
    assert card_for(nomination, alan).quotes == []
    assert texts_about() == []
    compile_edition(edition=edition, at=THURSDAY)
    assert set(names(edition)) == {"emma", "rosa"}  # Alan's vote is Alan's
    assert not edition.entries.get(profile=nomination.profile).quotes.exists()


def test_the_earliest_second_leads_where_the_nominator_is_blocked(
    edition, nominated, grace, alan, ada, community, rosa
):
    nomination = nominated("rosa", by=grace)
    approve(by=alan, nomination=nomination, reason=SECOND, at=MONDAY)

    block(reason=reason_by(grace), by=rosa, at=MONDAY)

    assert board(community) == {"rosa": [SECOND]}
    assert board(community, grace) == {"rosa": [REASON, SECOND]}
    compile_edition(edition=edition, at=THURSDAY)
    entry = Entry.objects.get()
    assert (quoted(edition), entry.supporters, entry.explanation["voted"]) == ([SECOND], 1, 1)


def test_a_blocked_second_is_gone_and_the_nomination_stays(edition, nominated, grace, alan, community, rosa):
    approve(by=alan, nomination=nominated("rosa", by=grace), reason=SECOND, at=MONDAY)

    block(reason=reason_by(alan), by=rosa, at=MONDAY)

    assert board(community) == {"rosa": [REASON]}
    assert board(community, alan) == {"rosa": [REASON, SECOND]}
    compile_edition(edition=edition, at=THURSDAY)
    assert (quoted(edition), Entry.objects.get().supporters) == ([REASON], 1)


def test_what_the_blocked_say_later_is_taken_and_never_shown(edition, nominated, grace, alan, ada, community, rosa):
    nomination = nominated("rosa", by=grace)
    block(reason=reason_by(grace), by=rosa, at=MONDAY)
    withdraw(by=grace, nomination=nomination, at=MONDAY)

    again = nominate(by=grace, edition=edition, handle=nomination.profile.handle, reason=REASON, at=MONDAY)
    assert not again.seconded
    assert board(community, ada) == {}
    other = nominate(by=alan, edition=edition, handle=nomination.profile.handle, reason=SECOND, at=MONDAY)

    assert not other.seconded  # nobody is told that somebody had been there before
    assert board(community, ada) == {"rosa": [SECOND]}
    assert board(community, grace) == {"rosa": [REASON, SECOND]}


def test_when_the_lead_is_withdrawn_whoever_is_heard_comes_first(nominated, grace, alan, ada, community, rosa):
    nomination = nominated("rosa", by=grace)
    approve(by=alan, nomination=nomination, reason=SECOND, at=MONDAY)
    approve(by=ada, nomination=nomination, reason="She is the one I ask first.", at=MONDAY)
    block(reason=reason_by(alan), by=rosa, at=MONDAY)

    withdraw(by=grace, nomination=nomination, at=MONDAY)

    assert Nomination.objects.get().nominator == ada
    assert board(community) == {"rosa": ["She is the one I ask first."]}


def test_a_block_takes_a_draft_apart_only_where_nobody_else_spoke(draft, ada, alan, proven):
    clara, emma = proven("clara"), proven("emma")

    block(reason=reason_by(ada, "clara"), by=clara, at=THURSDAY)
    block(reason=reason_by(alan, "emma"), by=emma, at=THURSDAY)

    assert names(draft) == ["rosa", "emma"]
    assert quoted(draft, "emma") == ["Emma never gives up on anybody."]


def test_a_block_while_the_board_is_counted_holds_too(edition, nominated, grace, alan, rosa, monkeypatch):
    nominated("rosa", by=grace)
    nominated("emma", by=alan)
    counted = compiling.count

    def count_and_then_be_blocked(edition):
        draft = counted(edition)
        block(reason=reason_by(grace), by=rosa, at=THURSDAY)
        return draft

    monkeypatch.setattr(compiling, "count", count_and_then_be_blocked)
    compile_edition(edition=edition, at=THURSDAY)

    assert list(edition.entries.values_list("profile__name", "rank")) == [("emma", 1)]


def test_in_what_is_out_the_words_of_the_blocked_disappear(published, grace, rosa):
    block(reason=reason_by(grace), by=rosa, at=LATER)

    assert quoted(published) == []
    assert names(published) == ["rosa", "emma", "clara"]


def test_a_blocked_curator_is_not_quoted_in_a_special_edition(published, curator, ada, rosa, nominated):
    Block.objects.create(profile=Profile.objects.get(name="rosa"), blocked=ada)

    special = make_special(by=curator, people=[(Profile.objects.get(name="rosa"), SECOND)], title="Mine", at=LATER)

    assert quoted(special) == []


def test_a_block_is_of_all_ones_profiles_and_can_be_lifted_from_any(edition, nominated, grace, alan, community, proven):
    rosa = proven("rosa")
    LinkedHandle.objects.create(
        user=rosa, network="mastodon", name="rosa2", host="social.example",
        uri="https://social.example/users/rosa2", proven_at=timezone.now(),
    )  # fmt: skip
    nominated("rosa", by=grace)
    nominated("rosa2", by=grace)

    block(reason=reason_by(grace), by=rosa, at=MONDAY)
    assert board(community) == {}
    with pytest.raises(Refused, match="Only"):
        lift_block(block=Block.objects.first(), by=alan)
    lift_block(block=Block.objects.last(), by=rosa, at=MONDAY)

    assert not Block.objects.exists()
    assert set(board(community)) == {"rosa", "rosa2"}


def test_who_leaves_one_list_leaves_a_gap_there_and_stays_elsewhere(published, fake_networks, rosa, community):
    tasks.send_due(at=FRIDAY, run=tasks.at_once)

    leave(entry=Entry.objects.get(profile__name="rosa"), by=rosa, at=LATER)
    for minute in range(4):
        tasks.sweep(at=LATER + timedelta(minutes=minute), run=tasks.at_once)

    page = Client().get(EDITION).content.decode()
    assert '<p class="tombstone"><span class="rank">1</span>' in page
    assert "Rosa" not in page
    assert "Rosa" not in str(fake_networks["bluesky"].posts)
    assert "Rosa" not in Edition.objects.get(pk=published.pk).share_alt
    assert Client().get("/p/mastodon/rosa@social.example/").status_code == 404
    assert Profile.objects.get(name="rosa").word == ""
    saying = said_of([Profile.objects.get(name="rosa")])[0]
    assert (saying.is_listed, len(saying.reasons)) == (False, 1)


def test_one_leaves_a_list_once_and_only_ones_own(published, alan, rosa):
    entry = Entry.objects.get(profile__name="rosa")
    with pytest.raises(Refused, match="Only"):
        leave(entry=entry, by=alan)
    leave(entry=entry, by=rosa)

    with pytest.raises(Refused, match="do not stand"):
        leave(entry=entry, by=rosa)


def test_one_cannot_leave_what_is_not_out(draft, rosa):
    with pytest.raises(Refused, match="do not stand"):
        leave(entry=Entry.objects.get(profile__name="rosa"), by=rosa)


def test_who_was_left_out_of_a_draft_stands_on_no_list(draft, curator, rosa):
    drop(entry=Entry.objects.select_related("edition__community").get(profile__name="rosa"), by=curator, reason="No.")
    publish(edition=draft, at=FRIDAY)

    assert [saying.is_listed for saying in said_of([Profile.objects.get(name="rosa")])] == [False]


def take_off(how, ref, rosa):
    if how == "veto":
        veto(reason=find(rosa, ref), by=rosa, at=MONDAY)
    else:
        mark(reported.find(ref), hidden=True, at=MONDAY)


@pytest.mark.parametrize("how", ["veto", "hide"])
def test_a_second_that_was_taken_off_is_not_given_again(rosa, edition, nominated, grace, alan, ada, how):
    nomination = nominated("rosa", by=grace)
    second = approve(by=alan, nomination=nomination, reason=SECOND, at=MONDAY)
    take_off(how, f"second-{second.pk}", rosa)
    take_back(by=alan, nomination=nomination, at=MONDAY)

    for words in (SECOND, "Quite other words about the very same person."):
        with pytest.raises(Refused, match="was removed"):
            approve(by=alan, nomination=nomination, reason=words, at=MONDAY)
    with pytest.raises(Refused, match="was removed"):
        approve(by=ada, nomination=nomination, reason=SECOND.upper().replace(" ", "  "), at=MONDAY)

    assert approve(by=alan, nomination=nomination, at=MONDAY).reason == ""
    assert SECOND not in str(list(TakenOff.objects.values()))


@pytest.mark.parametrize("how", ["veto", "hide"])
def test_a_nomination_that_was_taken_off_is_not_made_again(rosa, edition, nominated, on_mastodon, grace, ada, how):
    nomination = nominated("rosa", by=grace)
    take_off(how, f"nomination-{nomination.pk}", rosa)
    withdraw(by=grace, nomination=nomination, at=MONDAY)

    with pytest.raises(Refused, match="was removed"):
        nominate(by=grace, edition=edition, handle=on_mastodon("rosa"), reason=REASON, at=MONDAY)
    nominate(by=grace, edition=edition, handle=on_mastodon("emma"), reason=REASON, at=MONDAY)
    nominate(by=ada, edition=edition, handle=on_mastodon("rosa"), reason=SECOND, at=MONDAY)

    assert {each.profile.name for each in Nomination.objects.all()} == {"emma", "rosa"}


def test_nor_is_it_given_to_the_draft(rosa, edition, nominated, grace, alan):
    nomination = nominated("rosa", by=grace)
    second = approve(by=alan, nomination=nomination, reason=SECOND, at=MONDAY)
    veto(reason=find(rosa, f"second-{second.pk}"), by=rosa, at=MONDAY)
    take_back(by=alan, nomination=nomination, at=MONDAY)
    approve(by=alan, nomination=nomination, at=MONDAY)
    withdraw(by=grace, nomination=nomination, at=MONDAY)
    compile_edition(edition=edition, at=THURSDAY)
    entry = edition.entries.get()

    with pytest.raises(Refused, match="needs no reason"):
        give_reason(entry=entry, by=alan, reason=SECOND, at=THURSDAY)


def test_what_was_given_back_may_be_said_again(rosa, nominated, grace, alan):
    nomination = nominated("rosa", by=grace)
    second = approve(by=alan, nomination=nomination, reason=SECOND, at=MONDAY)
    veto(reason=find(rosa, f"second-{second.pk}"), by=rosa, at=MONDAY)
    mark(reported.find(f"second-{second.pk}"), hidden=True, at=MONDAY)
    lift_veto(reason=find(rosa, f"second-{second.pk}"), by=rosa, at=MONDAY)
    assert TakenOff.objects.get().by_curator

    mark(reported.find(f"second-{second.pk}"), hidden=False, at=MONDAY)
    take_back(by=alan, nomination=nomination, at=MONDAY)
    approve(by=alan, nomination=nomination, reason=SECOND, at=MONDAY)

    assert Vote.objects.get(voter=alan).reason == SECOND


@pytest.mark.parametrize("gone", [True, False])
def test_what_was_taken_off_is_quoted_in_no_special_edition(rosa, edition, nominated, grace, curator, gone):
    nomination = nominated("rosa", by=grace)
    profile = nomination.profile
    if gone:
        veto(reason=find(rosa, f"nomination-{nomination.pk}"), by=rosa, at=MONDAY)
        withdraw(by=grace, nomination=nomination, at=MONDAY)
    else:
        compile_edition(edition=edition, at=THURSDAY)
        veto(reason=find(rosa, f"quote-{Quote.objects.get().pk}"), by=rosa, at=THURSDAY)

    with pytest.raises(Refused, match="was taken back"):
        make_special(by=curator, people=[(profile, REASON)], title="Our crew", at=FRIDAY)

    assert not Edition.objects.filter(special=True).exists()
    assert make_special(by=curator, people=[(profile, SECOND)], title="Our crew", at=FRIDAY)
