"""The contract between the product and a network.

A network speaks one outside protocol and knows no model: plain values in, plain values out, and three
ways to fail. What a setting says arrives as an argument (`Options`).
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from recommendations.consent import Signal
from recommendations.handles import Handle, Network
from recommendations.measures import Limits


class Rejected(Exception):
    """The network said no, and will say no again: do not repeat. The message is for the curator."""


class Revoked(Rejected):
    """The channel's credentials are no longer good: this channel stops until somebody connects it again."""


class Unavailable(Exception):
    """Surely not posted (never sent, or refused before it was stored): try again, not before `retry_at`."""

    def __init__(self, message: str, *, retry_at: datetime | None = None) -> None:
        super().__init__(message)
        self.retry_at = retry_at


class OutcomeUnknown(Exception):
    """The request may or may not have been carried out: look before anything is repeated."""


class NotFound(Rejected):
    """There is nobody (any more) at this handle."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the settings tell the networks. Hashable, so that one client is kept per set of options."""

    user_agent: str = "FollowFriday"
    open_hosts: tuple[str, ...] = ()  # "host" or "host:port": exempt from the outbound guard
    plc_url: str = "https://plc.directory"
    bluesky_resolver: str = "https://public.api.bsky.app"  # resolves handles that do not say so themselves
    demo: bool = False  # handles at *.example are answered by the offline network that ships with the demo


@dataclass(frozen=True, slots=True)
class Found:
    """What a look-up says of a profile, in our words."""

    handle: Handle
    uri: str  # permanent: the actor's URI, the DID, the X id
    page_url: str
    name: str = ""  # display name, plain text
    bio: str = ""  # plain text
    avatar_url: str = ""
    signal: Signal = Signal.UNKNOWN
    members_only: bool = False  # Bluesky's !no-unauthenticated
    moved_to: Handle | None = None
    checked: bool = True  # False: listed as typed, nobody was asked (X without credentials)
    links: tuple[str, ...] = ()  # profile fields' links the network marks as rel=me, for proving a handle


@dataclass(frozen=True, slots=True)
class Connected:
    """An account we may post through. `secret` is sealed by the caller before it is kept."""

    uri: str
    handle: Handle
    page_url: str
    secret: dict[str, Any]
    limits: Limits


@dataclass(frozen=True, slots=True)
class Picture:
    """A share image that goes with a post."""

    data: bytes
    media_type: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Part:
    """One post of a thread as it was frozen when the edition was published."""

    text: str
    facets: list[dict[str, Any]] = field(default_factory=list)  # see threads.Facet.as_json
    key: str = ""  # rkey (Bluesky), Idempotency-Key (Mastodon)
    created_at: datetime | None = None
    language: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The network's word that the post stands."""

    remote_id: str  # at-uri, status id, tweet id
    url: str  # for people
    reference: dict[str, Any] = field(default_factory=dict)  # what a reply must name, e.g. {"uri", "cid"}


@dataclass(frozen=True, slots=True)
class Sent:
    """A receipt, and the secret to keep from now on where the network renewed it on the way."""

    receipt: Receipt
    secret: dict[str, Any] | None = None


class Reader(Protocol):
    """A network on which people can be looked up."""

    network: Network

    def look_up(self, handle: Handle, *, timeout: float = 2.0) -> Found:
        """Raises NotFound, Rejected, Unavailable. Takes at most `timeout` seconds in all."""
        ...


class Poster(Reader, Protocol):
    """A network we can also post to. Every method that calls may raise Revoked, Rejected, Unavailable."""

    repeatable: bool  # the same key and wire may be sent again without harm

    def key(self, *, moment: datetime, serial: int, part: int) -> str:
        """Under which name a part is sent: unique for an account, the same whenever it is asked again. Pure.

        `serial` tells deliveries apart that share a moment.
        """
        ...

    def connect(self, **credentials: str) -> Connected:
        """Trade what a curator typed (or an OAuth answer) for a session."""
        ...

    def limits(self, secret: dict[str, Any]) -> Limits:
        """The account's limits as they are now."""
        ...

    def wire(
        self,
        part: Part,
        *,
        secret: dict[str, Any],
        root: dict[str, Any] | None,
        parent: dict[str, Any] | None,
        picture: dict[str, Any] | None,
    ) -> dict[str, Any]:
        """The JSON body exactly as it will be sent, kept before the call so that a repeat is the same bytes.

        Pure: no call is made. `root` and `parent` are `Receipt.reference`s, `picture` what `upload` returned.
        """
        ...

    def upload(self, picture: Picture, *, secret: dict[str, Any]) -> dict[str, Any]:
        """Bring a picture to the network; what it is called there, for `wire`."""
        ...

    def send(self, wire: dict[str, Any], *, key: str, secret: dict[str, Any]) -> Sent:
        """Post. OutcomeUnknown when the answer got lost."""
        ...

    def look(self, wire: dict[str, Any], *, key: str, secret: dict[str, Any]) -> Sent | None:
        """Is that post there? None: surely not (as far as this network can tell)."""
        ...
