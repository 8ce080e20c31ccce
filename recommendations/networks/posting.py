"""The contract with a network that posts: what a post is made of, and what can be done about one.

Plain values in, plain values out; the ways to fail are those of `base`.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from recommendations.handles import Handle
from recommendations.measures import Limits, Measure
from recommendations.networks.base import Reader


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


@dataclass(frozen=True, slots=True)
class Doubt:
    """What may be done about a post of which nobody knows whether it stands, once a look has not found it."""

    wait: timedelta  # before the first look, and between looks: by then a request under way has arrived or is lost
    repeat_for: timedelta  # since the first try: so long the network itself makes no second post of the same key
    enough_looks: int | None = None  # so many empty looks prove that it is not there; None: a person decides


class Poster(Reader, Protocol):
    """A network we can also post to. Every method that calls may raise Revoked, Rejected, Unavailable, Unexplained.

    What something on the way answers in the server's place is no verdict (`verdict`): Unexplained, whatever was asked.
    """

    measure: Measure  # how texts are counted against `Limits.characters`
    editable: bool  # can a post that stands be given another text?

    def doubt(self, secret: dict[str, Any]) -> Doubt:
        """What may be done about a post whose answer got lost. Pure."""
        ...

    def price(self, part: Part) -> int:
        """What sending this costs, in thousandths of a US dollar; 0 nearly everywhere. Pure."""
        ...

    def key(self, *, moment: datetime, serial: int, part: int) -> str:
        """Under which name a part is sent: unique for an account, the same whenever it is asked again. Pure.

        `serial` tells deliveries apart that share a moment.
        """
        ...

    def connect(self, **credentials: str) -> Connected:
        """Trade what a curator typed, or what was granted by OAuth, for a session."""
        ...

    def renewed(self, secret: dict[str, Any], *, at: datetime) -> dict[str, Any] | None:
        """The secret with new tokens if the old ones are about to run out and each renewal works only once.

        Such secrets say when in `expires_at` (ISO 8601); others are never asked for. The caller lets one worker do
        this at a time, and keeps the answer before anything else is called. None: nothing is to be done.
        """
        ...

    def verify(self, secret: dict[str, Any]) -> dict[str, Any] | None:
        """Ask whether the credentials are still good, by a call of its own; the renewed secret if there is one.

        Raises Revoked when the server says no in its own words, Unexplained when it says no in any others.
        """
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

    def look(self, wire: dict[str, Any], *, key: str, secret: dict[str, Any], since: datetime) -> Sent | None:
        """Is that post there? None: not as far as this network can tell.

        `since`: nothing older can be it (some networks must search; keyed ones need not).
        """
        ...

    def find(self, address: str, *, secret: dict[str, Any]) -> Sent:
        """The post of this account at the address of its page, as a person would paste it.

        NotFound when there is none of ours; Rejected when it cannot be an address of a post there.
        """
        ...

    def edit(self, remote_id: str, wire: dict[str, Any], *, secret: dict[str, Any]) -> Sent:
        """Give a post that stands another text; again with the same wire changes nothing.

        NotFound: it is gone. CannotEdit: the server takes no edits, and says so itself.
        """
        ...

    def delete(self, remote_id: str, *, secret: dict[str, Any]) -> dict[str, Any] | None:
        """Take a post down; the renewed secret if there is one. One that is gone already is no error."""
        ...
