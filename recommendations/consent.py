"""May this person be shown, listed, posted, mentioned? One pure function decides, and says why.

It is asked on every page and feed, at compile, and again right before each send; nothing else in the code
judges. It does not know communities or blocks: those are the callers' rows.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from recommendations.handles import Network


class Signal(StrEnum):
    """What a network says of somebody's wish to be recommended, reduced to our words by its adapter."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"
    DECLINED = "declined"
    UNKNOWN = "unknown"
    UNSEEN = "unseen"  # not looked up yet
    NEVER = "never"  # suspended, memorial, gone


class Word(StrEnum):
    """The person's own word, given signed in as that account or by a token in its bio or `rel=me` page."""

    NONE = ""
    ACCEPTED = "accepted"
    DECLINED = "declined"


class Policy(StrEnum):
    """Whom a community lists."""

    OPEN = "open"  # automatic and accepted: the default
    ASK_FIRST = "ask_first"  # accepted alone


class Mentions(StrEnum):
    """Whom a community mentions on Mastodon, where a handle in a post always notifies."""

    ACCEPTED = "accepted"  # who said they may be mentioned
    EVERYONE = "everyone"  # everyone listed who has not said otherwise


class Viewer(StrEnum):
    """Who is looking."""

    PUBLIC = "public"
    MEMBER = "member"


class Purpose(StrEnum):
    """Where the person would be shown. The board is the open week's; page, feed and post the edition's."""

    BOARD = "board"
    PAGE = "page"
    FEED = "feed"
    POST = "post"
    MENTION = "mention"  # notifies; otherwise a post names people plainly


class Answer(StrEnum):
    """May they be shown?"""

    YES = "yes"
    MEMBERS_ONLY = "members only"
    NO = "no"


class Why(StrEnum):
    """What an answer rests on."""

    ACCEPTED = "accepted"  # they said yes themselves
    DECLINED = "declined"  # they said no themselves
    AUTOMATIC = "automatic"  # their network says that they may be recommended
    NETWORK_SAYS_NO = "network says no"
    MANUAL = "manual"  # their network says: ask me
    UNKNOWN = "unknown"  # nothing was said, and silence is no
    UNSEEN = "unseen"
    GONE = "gone"
    OPTED_OUT = "opted out"  # their server's admin wants nobody from there recommended
    ASK_FIRST = "ask first"  # this community lists only who accepted
    SIGNED_IN_ONLY = "signed in only"  # they show themselves only to people who are signed in
    MAY_MENTION = "may mention"
    EVERYONE_MENTIONED = "everyone mentioned"
    NO_MENTION = "no mention"
    PLAIN_NAME = "plain name"  # X, or a network that is not theirs: a mention there is no mention


@dataclass(frozen=True, slots=True)
class Facts:
    """What we know of a profile's wishes."""

    network: Network
    signal: Signal
    word: Word = Word.NONE
    may_mention: bool = False
    members_only: bool = False  # Bluesky's !no-unauthenticated
    opted_out: bool = False  # their server's admin wants nobody from there recommended


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, what it rests on, and whom it was asked for."""

    answer: Answer
    why: Why
    viewer: Viewer = Viewer.PUBLIC

    @property
    def allowed(self) -> bool:
        """May the viewer it was asked for see them?"""
        return self.allowed_for(self.viewer)

    def allowed_for(self, viewer: Viewer) -> bool:
        """May this viewer see them?"""
        return self.answer == Answer.YES or (self.answer == Answer.MEMBERS_ONLY and viewer == Viewer.MEMBER)


def decide(
    facts: Facts,
    policy: Policy,
    viewer: Viewer,
    network: Network | None,
    purpose: Purpose,
    *,
    mentions: Mentions = Mentions.ACCEPTED,
) -> Decision:
    """May this person be shown to `viewer` in `purpose` on `network` (None: our own pages and feeds)?

    The answer is the same for every viewer; `Decision.allowed` says what it means for this one. A post is
    read by whoever comes, so it knows no "members only". Plain strings from a row do as well as the enums.
    """
    answer, why = _standing(facts, policy)
    if answer == Answer.MEMBERS_ONLY and purpose != Purpose.BOARD:
        answer = Answer.NO
    if answer == Answer.YES and purpose in (Purpose.POST, Purpose.MENTION):
        if facts.members_only and network != facts.network:
            answer, why = Answer.NO, Why.SIGNED_IN_ONLY
        elif purpose == Purpose.MENTION:
            answer, why = _mention(facts, network, mentions)
    elif answer == Answer.YES and facts.members_only:
        answer, why = Answer.MEMBERS_ONLY, Why.SIGNED_IN_ONLY
    return Decision(answer, why, viewer)


def listable(facts: Facts, policy: Policy) -> bool:
    """May this person stand in an edition at all? (Where it is shown is then `decide`'s.)

    In a query's words: signal not NEVER, and word ACCEPTED, or word NONE and signal AUTOMATIC and policy
    OPEN and not opted out. On a members' board stands whoever is not (signal NEVER, or word DECLINED, or word
    NONE and signal DECLINED or opted out).
    """
    return _standing(facts, policy)[0] == Answer.YES


_DECLINING_TAG = re.compile(r"(?<![\w/&])[#\uff03](?:nobot|noindex|noarchive|nofollowfriday)(?!\w)", re.IGNORECASE)


def bio_declines(bio: str) -> bool:
    """Does a bio, as plain text, say: leave me out? Whole tags in any case: #NoBot, not #nobots."""
    return _DECLINING_TAG.search(bio) is not None


_SIGNALS = {
    Signal.AUTOMATIC: (Answer.YES, Why.AUTOMATIC),
    Signal.DECLINED: (Answer.NO, Why.NETWORK_SAYS_NO),
    Signal.MANUAL: (Answer.MEMBERS_ONLY, Why.MANUAL),
    Signal.UNKNOWN: (Answer.MEMBERS_ONLY, Why.UNKNOWN),
    Signal.UNSEEN: (Answer.MEMBERS_ONLY, Why.UNSEEN),
}


def _standing(facts: Facts, policy: Policy) -> tuple[Answer, Why]:
    """YES: may be listed; MEMBERS_ONLY: on the members' board and nowhere else; NO: nowhere."""
    if facts.word == Word.DECLINED:
        return Answer.NO, Why.DECLINED
    # No wish but a fact: who is gone cannot be followed, whatever they once said.
    if facts.signal == Signal.NEVER:
        return Answer.NO, Why.GONE
    if facts.word == Word.ACCEPTED:
        return Answer.YES, Why.ACCEPTED
    # After the person's own yes: an admin speaks for the server and whoever said nothing, a person for themselves.
    if facts.opted_out:
        return Answer.NO, Why.OPTED_OUT
    if facts.signal == Signal.AUTOMATIC and policy != Policy.OPEN:
        return Answer.MEMBERS_ONLY, Why.ASK_FIRST
    return _SIGNALS[facts.signal]


def _mention(facts: Facts, network: Network | None, mentions: Mentions) -> tuple[Answer, Why]:
    if network != facts.network or network == Network.X:
        return Answer.NO, Why.PLAIN_NAME
    if facts.may_mention:
        return Answer.YES, Why.MAY_MENTION
    # Who accepted without allowing mentions has spoken, and their word outranks the community's choice.
    if network == Network.MASTODON and mentions == Mentions.EVERYONE and facts.word == Word.NONE:
        return Answer.YES, Why.EVERYONE_MENTIONED
    return Answer.NO, Why.NO_MENTION
