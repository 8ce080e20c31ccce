"""Text a person typed -> Handle(network, name, host). Pure: no lookup, no model, no setting."""

from dataclasses import dataclass
from enum import StrEnum


class Network(StrEnum):
    """The networks on which somebody can be recommended; the values stand in URLs and never change."""

    MASTODON = "mastodon"
    BLUESKY = "bluesky"
    X = "x"


@dataclass(frozen=True, slots=True)
class Handle:
    """An address on a network: where a profile is found today. It may change; a profile's uri does not.

    `name` and `host` are lower case where the network folds case, and hosts are in ASCII (IDNA) form.
    Mastodon and its kin: ("alice", "example.social"). Bluesky: the handle is a domain, so
    ("alice.bsky.social", ""). X: ("alice", "").
    """

    network: Network
    name: str
    host: str = ""

    def __str__(self) -> str:
        """As people write it: `@alice@example.social`, `@alice.bsky.social`, `@alice`."""
        return f"@{self.address}"

    @property
    def address(self) -> str:
        """The handle without its leading @, as it stands in our URLs: /p/<network>/<address>/."""
        return f"{self.name}@{self.host}" if self.host else self.name
