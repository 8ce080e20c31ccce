"""The contract with a network on which people are followed for a reader, with what the reader granted."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from recommendations.handles import Handle, Network


class Outcome(StrEnum):
    """What came of following one person."""

    FOLLOWED = "followed"
    REQUESTED = "requested"  # they decide themselves who follows them
    ALREADY = "already"  # the reader followed them before we came
    LISTED = "listed"  # put on the reader's list, and not followed
    GONE = "gone"
    REFUSED = "refused"
    FAILED = "failed"  # tried often enough; it may work another day


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to be followed: their permanent uri says who they are, the handle where they are found."""

    handle: Handle
    uri: str


@dataclass(frozen=True, slots=True)
class Followed:
    """What came of it. `words` are for the reader, and say why, or what else happened; `moved_to`: followed there."""

    outcome: Outcome
    words: str = ""
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class List:
    """A list of the reader's. `reference` (JSON) is for `Follower.seek`; `url` for people, or empty."""

    reference: dict[str, Any]
    url: str = ""


class Follower(Protocol):
    """A network on which people can be followed with what a reader granted (`Granted.secret`).

    Nothing is made twice: `seek` looks whether it stands already, `follow` makes the one call, and after an answer
    that got lost one seeks again. Every method that calls may raise Revoked (the reader has to allow it again),
    Unavailable (try again, not before `retry_at`: a limit) and Rejected.
    """

    network: Network
    per_day: int  # follows of one account in 24 hours: below the network's own limit, which the reader needs, too
    per_minute: int
    list_follows: bool  # lists take only people one follows: so whoever is put on one is followed

    def scopes(self, *, as_list: bool) -> tuple[str, ...]:
        """What must be granted, and no more."""
        ...

    def renewed(self, secret: dict[str, Any]) -> dict[str, Any] | None:
        """The secret to keep from now on, if its tokens had run out. Harmless: nothing is made."""
        ...

    def already(self, people: list[Person], *, secret: dict[str, Any]) -> dict[str, Followed]:
        """What is settled at once, by uri, where that can be asked cheaply for many; else nothing."""
        ...

    def make_list(self, name: str, *, key: str, secret: dict[str, Any]) -> List:
        """The list of this name and key (some text of ours): made now, or when this was called before."""
        ...

    def seek(
        self, person: Person, *, secret: dict[str, Any], on: dict[str, Any] | None = None
    ) -> Followed | dict[str, Any]:
        """Look for a person: what is settled, or the call to be made (JSON), to be written down and given to `follow`.

        `on`: the `List.reference` they shall stand on.
        """
        ...

    def follow(self, wire: dict[str, Any], *, secret: dict[str, Any]) -> Followed:
        """Make that call. OutcomeUnknown when the answer got lost."""
        ...
