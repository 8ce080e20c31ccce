"""The contract with a network that keeps lists of people."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from recommendations.handles import Network


@dataclass(frozen=True, slots=True)
class ListWanted:
    """A list of people as it shall stand on a network, under a key of our own."""

    key: str  # see Lister.key
    name: str  # cut to what the network takes, as is the description
    description: str
    at: datetime  # the moment that whatever is new in it carries
    members: tuple[str, ...]  # their uris, who comes first first; none: the list is taken down
    stood: bool = False  # it was seen before: if it is gone, somebody deleted it, and it is not made again


@dataclass(frozen=True, slots=True)
class ListKept:
    """What stands now. Without members: nothing."""

    remote_id: str
    url: str  # for people
    members: tuple[str, ...]
    secret: dict[str, Any] | None = None  # to be kept from now on, if it was renewed on the way


class Lister(Protocol):
    """A network that keeps lists of people which others can follow all at once."""

    network: Network
    most: int  # people in one list

    def key(self, *, moment: datetime, serial: int, kind: int) -> str:
        """Under which name a list stands: the same whenever it is asked again. Pure.

        `serial` tells lists of one `kind` (0 to 1023) apart that share a moment.
        """
        ...

    def keep_list(self, wanted: ListWanted, *, secret: dict[str, Any]) -> ListKept:
        """Make what stands be what is wanted, by as little as it takes; again with the same changes nothing.

        What stands is read, never remembered: so it may be called again whatever became of the last call. Raises
        NotFound when it `stood` and is gone, Revoked, Rejected, Unavailable, and OutcomeUnknown.
        """
        ...
