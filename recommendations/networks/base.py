"""The contract between the product and a network.

A network speaks one outside protocol and knows no model: plain values in, plain values out, and three
ways to fail. What a setting says arrives as an argument (`Options`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from recommendations.consent import Signal
from recommendations.handles import Handle, Network
from recommendations.measures import Limits, Measure


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


class Declined(Rejected):
    """Asked by their network whether we may, the person said no."""


class Forgotten(Rejected):
    """The server does not know our registration any more: throw it away and begin again with a new one."""


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


@dataclass(frozen=True, slots=True)
class Asked:
    """A person is about to be sent to their network, to say whether we may."""

    url: str  # where to send the browser
    state: str  # comes back with the answer, and finds `pending`
    pending: dict[str, Any]  # JSON; kept for this browser alone until the answer comes (holds secrets: verifier, keys)
    registration: dict[str, Any] | None = None  # to be kept for this host and redirect URI, if it was made just now


@dataclass(frozen=True, slots=True)
class Granted:
    """They said yes: who they are, as proven by our own look-ups, and what we may do."""

    network: Network
    issuer: str  # the server that vouches
    uri: str  # permanent: (issuer, uri) is who they are
    handle: Handle
    name: str
    secret: dict[str, Any]  # tokens; sealed by whoever keeps it
    scopes: tuple[str, ...]


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


class Authorizer(Protocol):
    """OAuth with one network, from being sent there to letting go of what was granted.

    Everything may raise Rejected (with words for the person) and Unavailable.
    """

    network: Network

    def home(self, who: Handle | str) -> str:
        """The server that will vouch for `who`, where each has a redirect URI and a registration of its own.

        A host, to be part of that redirect URI, and to be given to `ask` in place of `who`. Empty where one
        redirect URI serves everybody.
        """
        ...

    def ask(
        self,
        who: Handle | str,
        *,
        redirect_uri: str,
        scopes: tuple[str, ...],
        registration: dict[str, Any] | None = None,
    ) -> Asked:
        """Begin. `who` is a handle, or a bare host where the network allows that. `state`, PKCE S256 always."""
        ...

    def grant(self, pending: dict[str, Any], answer: Mapping[str, str]) -> Granted:
        """Trade the answer's code. Refuses another issuer, another state, and whoever claims to be somebody else.

        Raises Declined if the person said no, Forgotten if our registration is not known any more.
        """
        ...

    def drop(self, secret: dict[str, Any]) -> None:
        """Give back what was granted, as far as the network lets us. Never raises: it may be gone already."""
        ...


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


class Poster(Reader, Protocol):
    """A network we can also post to. Every method that calls may raise Revoked, Rejected, Unavailable."""

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
        """Give a post that stands another text; again with the same wire changes nothing. NotFound: it is gone."""
        ...

    def delete(self, remote_id: str, *, secret: dict[str, Any]) -> dict[str, Any] | None:
        """Take a post down; the renewed secret if there is one. One that is gone already is no error."""
        ...


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
