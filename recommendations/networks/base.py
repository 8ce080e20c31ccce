"""What every network is to the product: ways to fail, what the settings say, and how somebody is looked up.

A network speaks one outside protocol and knows no model: plain values in, plain values out. What a setting says
arrives as an argument (`Options`). What else a network may do has a contract of its own: `posting`, `granting` (OAuth),
`following`, `listing`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from recommendations.consent import Signal
from recommendations.handles import Handle, Network
from recommendations.sentences import Told


class Rejected(Told):
    """The network said no, and will say no again: do not repeat. The sentence is for the curator."""


class Revoked(Rejected):
    """The channel's credentials are no longer good: this channel stops until somebody connects it again."""


class CannotEdit(Rejected):
    """The server said itself that it takes no edits, and the post still stands as it was."""


class Unavailable(Told):
    """Surely not posted (never sent, or refused before it was stored): try again, not before `retry_at`."""

    def __init__(self, sentence: str, *, retry_at: datetime | None = None, **values: object) -> None:
        super().__init__(sentence, **values)
        self.retry_at = retry_at


class OutcomeUnknown(Told):
    """The request may or may not have been carried out: look before anything is repeated."""


class Unexplained(Unavailable, OutcomeUnknown):
    """Refused, but not in the server's own words (`verdict`): a firewall or a captive portal may have answered.

    Whether the request was carried out is unknown, and so is whether the credentials are good. To be tried again where
    a second call does no harm; what creates something is looked for first.
    """


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
    ca_file: str = ""  # certificates trusted besides the usual ones: private networks, tests
    site_url: str = "http://localhost:8000"  # where we live ourselves: callbacks, client metadata
    x_client_id: str = ""  # our app on X; without it nobody can be connected there
    x_client_secret: str = ""
    x_bearer: str = ""  # app token: with it X profiles are looked up (each costs money)
    x_api: str = "https://api.x.com"


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
    last_active_on: date | None = None  # when they last posted; None: nobody tells


class Reader(Protocol):
    """A network on which people can be looked up."""

    network: Network

    def look_up(self, handle: Handle, *, timeout: float = 2.0) -> Found:
        """Raises NotFound, Rejected, Unavailable. Takes at most `timeout` seconds in all."""
        ...

    def was_before(self, handle: Handle, uri: str, *, timeout: float = 2.0) -> bool:
        """Does the account at `handle` say that it was `uri` before? Only then is `Found.moved_to` more than a claim.

        False where nobody moves so. Raises, and takes at most, what `look_up` does.
        """
        ...
