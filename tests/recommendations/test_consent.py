from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.consent import (
    Answer,
    Facts,
    Mentions,
    Policy,
    Purpose,
    Signal,
    Viewer,
    Why,
    Word,
    bio_declines,
    decide,
    listable,
)
from recommendations.handles import Network

EVERY_FACT = [Facts(*each) for each in product(Network, Signal, Word, (False, True), (False, True), (False, True))]
EVERY_PLACE = list(product(Viewer, (None, *Network), Purpose, Mentions))
NO, YES, MEMBERS = Answer.NO, Answer.YES, Answer.MEMBERS_ONLY


def ada(signal: Signal = Signal.AUTOMATIC, word: Word = Word.NONE, *, may_mention: bool = False) -> Facts:
    return Facts(Network.MASTODON, signal, word, may_mention=may_mention)


def lene(*, may_mention: bool) -> Facts:
    """Lene is on Bluesky and shows herself to signed-in people only."""
    return Facts(Network.BLUESKY, Signal.AUTOMATIC, may_mention=may_mention, members_only=True)


# The rules of consent, written down once more and by hand: word, signal, policy -> board, and the edition
# (page, feed and post alike) of somebody who has no wish beyond that.
TABLE = [
    (Word.NONE, Signal.AUTOMATIC, Policy.OPEN, YES, YES, Why.AUTOMATIC),
    (Word.NONE, Signal.AUTOMATIC, Policy.ASK_FIRST, MEMBERS, NO, Why.ASK_FIRST),
    (Word.NONE, Signal.MANUAL, Policy.OPEN, MEMBERS, NO, Why.MANUAL),
    (Word.NONE, Signal.MANUAL, Policy.ASK_FIRST, MEMBERS, NO, Why.MANUAL),
    (Word.NONE, Signal.UNKNOWN, Policy.OPEN, MEMBERS, NO, Why.UNKNOWN),
    (Word.NONE, Signal.UNKNOWN, Policy.ASK_FIRST, MEMBERS, NO, Why.UNKNOWN),
    (Word.NONE, Signal.UNSEEN, Policy.OPEN, MEMBERS, NO, Why.UNSEEN),
    (Word.NONE, Signal.UNSEEN, Policy.ASK_FIRST, MEMBERS, NO, Why.UNSEEN),
    (Word.NONE, Signal.DECLINED, Policy.OPEN, NO, NO, Why.NETWORK_SAYS_NO),
    (Word.NONE, Signal.DECLINED, Policy.ASK_FIRST, NO, NO, Why.NETWORK_SAYS_NO),
    (Word.NONE, Signal.NEVER, Policy.OPEN, NO, NO, Why.GONE),
    (Word.NONE, Signal.NEVER, Policy.ASK_FIRST, NO, NO, Why.GONE),
    *((Word.ACCEPTED, signal, policy, YES, YES, Why.ACCEPTED)
      for signal, policy in product([signal for signal in Signal if signal != Signal.NEVER], Policy)),
    *((Word.ACCEPTED, Signal.NEVER, policy, NO, NO, Why.GONE) for policy in Policy),
    *((Word.DECLINED, signal, policy, NO, NO, Why.DECLINED) for signal, policy in product(Signal, Policy)),
]  # fmt: skip


def test_the_table_is_whole() -> None:
    assert {row[:3] for row in TABLE} == set(product(Word, Signal, Policy))
    assert len(TABLE) == len(Word) * len(Signal) * len(Policy)


@pytest.mark.parametrize(("word", "signal", "policy", "board", "edition", "why"), TABLE)
@pytest.mark.parametrize("network", Network)
def test_word_signal_and_policy_decide_as_the_table_says(
    network: Network, word: Word, signal: Signal, policy: Policy, board: Answer, edition: Answer, why: Why
) -> None:
    facts = Facts(network, signal, word)

    on_the_board = decide(facts, policy, Viewer.PUBLIC, None, Purpose.BOARD)
    in_the_edition = {
        (decision.answer, decision.why)
        for shown_on, purpose in product((None, *Network), (Purpose.PAGE, Purpose.FEED, Purpose.POST))
        for decision in [decide(facts, policy, Viewer.PUBLIC, shown_on, purpose)]
    }

    assert (on_the_board.answer, on_the_board.why) == (board, why)
    assert in_the_edition == {(edition, why)}
    assert listable(facts, policy) == (edition == YES)


@pytest.mark.parametrize(
    ("purpose", "network", "answer"),
    [
        (Purpose.BOARD, None, MEMBERS),
        (Purpose.PAGE, None, MEMBERS),
        (Purpose.FEED, None, MEMBERS),
        (Purpose.POST, Network.BLUESKY, YES),
        (Purpose.POST, Network.MASTODON, NO),
        (Purpose.POST, Network.X, NO),
        (Purpose.POST, None, NO),
        (Purpose.MENTION, Network.MASTODON, NO),
        (Purpose.MENTION, Network.X, NO),
        (Purpose.MENTION, None, NO),
    ],
)
def test_who_is_there_for_signed_in_people_stays_with_members_and_on_her_own_network(
    purpose: Purpose, network: Network | None, answer: Answer
) -> None:
    decision = decide(lene(may_mention=True), Policy.OPEN, Viewer.PUBLIC, network, purpose)

    assert (decision.answer, decision.why) == (answer, Why.AUTOMATIC if answer == YES else Why.SIGNED_IN_ONLY)


@pytest.mark.parametrize(
    ("facts", "network", "mentions", "answer", "why"),
    [
        (ada(may_mention=True), Network.MASTODON, Mentions.ACCEPTED, YES, Why.MAY_MENTION),
        (ada(may_mention=False), Network.MASTODON, Mentions.ACCEPTED, NO, Why.NO_MENTION),
        (ada(may_mention=False), Network.MASTODON, Mentions.EVERYONE, YES, Why.EVERYONE_MENTIONED),
        (ada(word=Word.ACCEPTED), Network.MASTODON, Mentions.EVERYONE, NO, Why.NO_MENTION),
        (ada(may_mention=True), Network.BLUESKY, Mentions.EVERYONE, NO, Why.PLAIN_NAME),
        (ada(may_mention=True), Network.X, Mentions.EVERYONE, NO, Why.PLAIN_NAME),
        (ada(may_mention=True), None, Mentions.EVERYONE, NO, Why.PLAIN_NAME),
        (lene(may_mention=True), Network.BLUESKY, Mentions.ACCEPTED, YES, Why.MAY_MENTION),
        (lene(may_mention=False), Network.BLUESKY, Mentions.EVERYONE, NO, Why.NO_MENTION),
        (
            Facts(Network.X, Signal.AUTOMATIC, Word.ACCEPTED, may_mention=True),
            Network.X,
            Mentions.EVERYONE,
            NO,
            Why.PLAIN_NAME,
        ),
    ],
)
def test_a_mention_that_notifies_is_for_those_who_may_be_mentioned(
    facts: Facts, network: Network | None, mentions: Mentions, answer: Answer, why: Why
) -> None:
    decision = decide(facts, Policy.OPEN, Viewer.PUBLIC, network, Purpose.MENTION, mentions=mentions)

    assert (decision.answer, decision.why) == (answer, why)


def test_members_only_is_allowed_for_members_only() -> None:
    for_all = decide(ada(Signal.MANUAL), Policy.OPEN, Viewer.PUBLIC, None, Purpose.BOARD)
    for_members = decide(ada(Signal.MANUAL), Policy.OPEN, Viewer.MEMBER, None, Purpose.BOARD)

    assert not for_all.allowed
    assert for_members.allowed
    assert for_all.allowed_for(Viewer.MEMBER)


def test_plain_strings_from_a_row_decide_like_the_words_they_are() -> None:
    facts = Facts("mastodon", "automatic", "")  # type: ignore[arg-type]

    decision = decide(facts, "ask_first", "public", None, "page")  # type: ignore[arg-type]

    assert (decision.answer, decision.why) == (NO, Why.ASK_FIRST)


def test_the_rules_hold_in_every_case_there_is() -> None:
    cases = 0
    for facts, policy, (viewer, network, purpose, mentions) in product(EVERY_FACT, Policy, EVERY_PLACE):
        decision = decide(facts, policy, viewer, network, purpose, mentions=mentions)
        cases += 1

        if facts.word == Word.DECLINED or facts.signal == Signal.NEVER:
            assert decision.answer == NO
            assert not decision.allowed_for(Viewer.MEMBER)
        if purpose in (Purpose.POST, Purpose.MENTION):
            assert decision.answer != MEMBERS, "a post is read by whoever comes"
        if purpose == Purpose.MENTION and decision.answer == YES:
            assert decide(facts, policy, viewer, network, Purpose.POST).answer == YES
            assert network == facts.network != Network.X
        if purpose != Purpose.BOARD and decision.answer != NO:
            assert listable(facts, policy)
        if facts.members_only and network != facts.network and purpose != Purpose.BOARD:
            assert not decision.allowed_for(Viewer.PUBLIC)
        if policy == Policy.ASK_FIRST and decision.answer == YES:
            assert facts.word == Word.ACCEPTED
        if facts.signal == Signal.UNSEEN and facts.word == Word.NONE and purpose != Purpose.BOARD:
            assert decision.answer == NO
        if facts.opted_out and facts.word != Word.ACCEPTED:
            assert decision.answer == NO, "neither on a board nor for members"
        assert decision.allowed == decision.allowed_for(viewer)
        assert not decision.allowed_for(Viewer.PUBLIC) or decision.allowed_for(Viewer.MEMBER)
    assert cases == len(EVERY_FACT) * len(Policy) * len(EVERY_PLACE)


def test_ones_own_word_makes_the_networks_signal_of_no_account() -> None:
    for facts, policy, (viewer, network, purpose, mentions) in product(EVERY_FACT, Policy, EVERY_PLACE):
        if facts.word == Word.NONE or facts.signal == Signal.NEVER:
            continue
        other = Facts(
            facts.network, Signal.DECLINED, facts.word, facts.may_mention, facts.members_only, not facts.opted_out
        )

        assert decide(facts, policy, viewer, network, purpose, mentions=mentions) == decide(
            other, policy, viewer, network, purpose, mentions=mentions
        )


def test_an_admin_speaks_for_those_who_have_said_nothing() -> None:
    for word, why in ((Word.NONE, Why.OPTED_OUT), (Word.DECLINED, Why.DECLINED), (Word.ACCEPTED, Why.ACCEPTED)):
        facts = Facts(Network.MASTODON, Signal.AUTOMATIC, word, opted_out=True)

        decision = decide(facts, Policy.OPEN, Viewer.MEMBER, None, Purpose.BOARD)

        assert (decision.answer, decision.why) == (YES if word == Word.ACCEPTED else NO, why)
        assert listable(facts, Policy.OPEN) == (word == Word.ACCEPTED)


def test_asking_first_never_shows_more_than_being_open() -> None:
    more = [NO, MEMBERS, YES]
    for facts, (viewer, network, purpose, mentions) in product(EVERY_FACT, EVERY_PLACE):
        opened, asked = (
            decide(facts, policy, viewer, network, purpose, mentions=mentions).answer
            for policy in (Policy.OPEN, Policy.ASK_FIRST)
        )

        assert more.index(asked) <= more.index(opened)


@pytest.mark.parametrize(
    "bio",
    [
        "#nobot",
        "I paint. #NoBot",
        "#noindex, please",
        "(#NOARCHIVE)",
        "no lists\n#nofollowfriday",
        "＃nobot",
        "#nobot#art",
        "#nobot-and so on",
    ],
)
def test_a_bio_with_such_a_tag_declines(bio: str) -> None:
    assert bio_declines(bio)


@pytest.mark.parametrize(
    "bio",
    [
        "",
        "nobot",
        "#nobots",
        "#nobot_",
        "#nobotä",
        "a#nobot",
        "https://example.com/#nobot",
        "&#nobot",
        "# nobot",
    ],
)
def test_a_bio_without_such_a_whole_tag_does_not(bio: str) -> None:
    assert not bio_declines(bio)


@given(before=st.text(), after=st.text())
def test_a_tag_between_blanks_declines_whatever_stands_around_it(before: str, after: str) -> None:
    assert bio_declines(f"{before} #nobot {after}")
