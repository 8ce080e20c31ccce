"""A network that lives in memory: it records every call and plays the faults a test has written for it.

    network = FakeNetwork()
    network.people[ada.handle] = ada
    network.script("send", Unavailable("busy", retry_at=noon), Lost(stored=True), None)

Each call of a verb takes the next item of that verb's script; with the script at its end, or at None, all
goes well. An exception is raised before anything happens; `Lost` is a write whose answer got lost, stored or
not; `Renewed` hands the caller a new secret. `posts` is what the world sees, in the order it was written.

By default it behaves like Bluesky: the same key and body again is the same post, another body under the key
is refused. With `repeat_for=timedelta(0)` it behaves like servers that take no key: each send is one more post;
`enough_looks` and `editable` are what it says of itself.
"""

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from recommendations.consent import Signal
from recommendations.handles import Handle, Network
from recommendations.measures import Limits, Measure, graphemes
from recommendations.networks.base import Found, NotFound, OutcomeUnknown, Rejected, Revoked
from recommendations.networks.listing import ListKept, ListWanted
from recommendations.networks.posting import Connected, Doubt, Part, Picture, Receipt, Sent

LIMITS = Limits(characters=300, bytes=3_000, images=4, alt_length=2_000)


@dataclass(frozen=True, slots=True)
class Lost:
    """The answer of a write gets lost: OutcomeUnknown, with the post stored or not."""

    stored: bool


@dataclass(frozen=True, slots=True)
class Renewed:
    """All goes well, and the network hands out this secret from now on."""

    secret: dict[str, Any]


Fault = Exception | Lost | Renewed | None


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it came in; `arguments` by name."""

    verb: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """A post as the world sees it."""

    key: str
    wire: dict[str, Any]
    receipt: Receipt

    @property
    def text(self) -> str:
        return str(self.wire["text"])


@dataclass(slots=True)
class FakeLists:
    """The Lister of a fake network. `standing` is what the world sees: {(account, key): list}."""

    home: "FakeNetwork"
    most: int = 150
    standing: dict[tuple[str, str], ListWanted] = field(default_factory=dict)

    @property
    def network(self) -> Network:
        return self.home.network

    def key(self, *, moment: datetime, serial: int, kind: int) -> str:
        return f"{moment.isoformat()}/{serial}/{kind}"

    def keep_list(self, wanted: ListWanted, *, secret: dict[str, Any]) -> ListKept:
        fault = self.home._enter("keep_list", wanted=wanted, secret=secret)
        place = secret["account"], wanted.key
        if wanted.stood and place not in self.standing:
            raise NotFound("Somebody deleted it.")
        if not isinstance(fault, Lost) or fault.stored:
            self.standing[place] = wanted
            if not wanted.members:
                del self.standing[place]
        if isinstance(fault, Lost):
            raise OutcomeUnknown("The answer got lost.")
        renewed = fault.secret if isinstance(fault, Renewed) else None
        if not wanted.members:
            return ListKept("", "", (), renewed)
        url = f"https://{self.network}.example/lists/{wanted.key}"
        return ListKept(f"fake://{wanted.key}", url, wanted.members, renewed)

    def of(self, *, kind: int) -> list[ListWanted]:
        """The lists of one kind of key (keep_lists.EDITION, CREW) that stand."""
        return [each for (_, key), each in self.standing.items() if key.endswith(f"/{kind}")]


@dataclass(slots=True)
class FakeNetwork:
    """A Poster and a Reader. `password` is what `connect` wants, `alive` whether channels are still good."""

    network: Network = Network.BLUESKY
    account_limits: Limits = LIMITS
    repeat_for: timedelta = timedelta.max
    wait: timedelta = timedelta(0)
    enough_looks: int | None = None
    editable: bool = False
    measure: Measure = graphemes
    password: str = "open sesame"
    alive: bool = True
    before: Callable[[str], None] = lambda _: None  # first in every call, with its verb: to block, kill, race
    people: dict[Handle, Found] = field(default_factory=dict)
    strangers: set[Handle] = field(default_factory=set)  # who was nobody else before, whatever others say
    calls: list[Call] = field(default_factory=list)
    posts: list[Standing] = field(default_factory=list)
    made: int = 0  # posts there ever were
    lists: FakeLists = field(init=False)
    pictures: list[Picture] = field(default_factory=list)
    _scripts: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    _lock: Any = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.lists = FakeLists(self)

    def script(self, verb: str, *faults: Fault) -> None:
        """What the next calls of `verb` ("look_up", "connect", "limits", "upload", "send", "look") meet."""
        self._scripts[verb].extend(faults)

    def called(self, verb: str) -> list[Call]:
        """The calls of one verb, the first first."""
        return [call for call in self.calls if call.verb == verb]

    @property
    def texts(self) -> list[str]:
        """What the world reads."""
        return [post.text for post in self.posts]

    def add_person(self, handle: Handle, **said: Any) -> Found:
        """Somebody who can be looked up from now on."""
        uri = said.pop("uri", f"did:fake:{handle.address}")
        page = f"https://{self.network}.example/{handle.address}"
        found = Found(**({"handle": handle, "uri": uri, "page_url": page, "signal": Signal.AUTOMATIC} | said))
        self.people[handle] = found
        return found

    def key(self, *, moment: datetime, serial: int, part: int) -> str:
        return f"{moment.isoformat()}/{serial}/{part}"

    def look_up(self, handle: Handle, *, timeout: float = 2.0) -> Found:
        self._enter("look_up", handle=handle, timeout=timeout)
        found = self.people.get(handle) or next((p for p in self.people.values() if p.uri == handle.name), None)
        if found is None:
            raise NotFound(f"There is nobody at {handle}.")
        return found

    def was_before(self, handle: Handle, uri: str, *, timeout: float = 2.0) -> bool:
        """Everybody confirms a move, but who is in `strangers`."""
        self._enter("was_before", handle=handle, uri=uri, timeout=timeout)
        return handle in self.people and handle not in self.strangers

    def connect(self, **credentials: str) -> Connected:
        self._enter("connect", **credentials)
        if credentials.get("password") != self.password:
            raise Revoked("Wrong password.")
        handle = Handle(self.network, credentials["handle"])
        uri = f"did:fake:{handle.address}"
        page = f"https://{self.network}.example/{handle.address}"
        return Connected(uri, handle, page, {"account": uri, "token": "first"}, self.account_limits)

    def doubt(self, secret: dict[str, Any]) -> Doubt:
        return Doubt(wait=self.wait, repeat_for=self.repeat_for, enough_looks=self.enough_looks)

    def price(self, part: Part) -> int:
        return 0

    def renewed(self, secret: dict[str, Any], *, at: datetime) -> dict[str, Any] | None:
        fault = self._enter("renewed", secret=secret, at=at)
        return fault.secret if isinstance(fault, Renewed) else None

    def verify(self, secret: dict[str, Any]) -> dict[str, Any] | None:
        fault = self._enter("verify", secret=secret)
        return fault.secret if isinstance(fault, Renewed) else None

    def limits(self, secret: dict[str, Any]) -> Limits:
        self._enter("limits", secret=secret)
        return self.account_limits

    def wire(
        self,
        part: Part,
        *,
        secret: dict[str, Any],
        root: dict[str, Any] | None,
        parent: dict[str, Any] | None,
        picture: dict[str, Any] | None,
    ) -> dict[str, Any]:
        return {
            "account": secret["account"],
            "text": part.text,
            "facets": part.facets,
            "created_at": part.created_at.isoformat() if part.created_at else None,
            "language": part.language,
            "root": root,
            "parent": parent,
            "picture": picture,
        }

    def upload(self, picture: Picture, *, secret: dict[str, Any]) -> dict[str, Any]:
        self._enter("upload", picture=picture, secret=secret)
        with self._lock:
            self.pictures.append(picture)
            return {"picture": len(self.pictures), "alt": picture.alt}

    def send(self, wire: dict[str, Any], *, key: str, secret: dict[str, Any]) -> Sent:
        fault = self._enter("send", wire=wire, key=key, secret=secret)
        if isinstance(fault, Lost) and not fault.stored:
            raise OutcomeUnknown("The answer got lost.")
        with self._lock:
            receipt = self._stored(wire, key)
        if isinstance(fault, Lost):
            raise OutcomeUnknown("The answer got lost.")
        return Sent(receipt, fault.secret if isinstance(fault, Renewed) else None)

    def look(self, wire: dict[str, Any], *, key: str, secret: dict[str, Any], since: datetime) -> Sent | None:
        fault = self._enter("look", wire=wire, key=key, secret=secret, since=since)
        with self._lock:
            post = self._at(wire, key)
        if post is None:
            return None
        return Sent(self._same(post, wire), fault.secret if isinstance(fault, Renewed) else None)

    def find(self, address: str, *, secret: dict[str, Any]) -> Sent:
        self._enter("find", address=address, secret=secret)
        found = next((post for post in self.posts if post.receipt.url == address), None)
        if found is None:
            raise NotFound("There is no such post.")
        return Sent(found.receipt)

    def edit(self, remote_id: str, wire: dict[str, Any], *, secret: dict[str, Any]) -> Sent:
        fault = self._enter("edit", remote_id=remote_id, wire=wire, secret=secret)
        if not self.editable:
            raise Rejected("Nothing can be edited here.")
        place = next((n for n, post in enumerate(self.posts) if post.receipt.remote_id == remote_id), None)
        if place is None:
            raise NotFound("It is gone.")
        if not isinstance(fault, Lost) or fault.stored:
            self.posts[place] = replace(self.posts[place], wire=wire)
        if isinstance(fault, Lost):
            raise OutcomeUnknown("The answer got lost.")
        return Sent(self.posts[place].receipt)

    def delete(self, remote_id: str, *, secret: dict[str, Any]) -> dict[str, Any] | None:
        fault = self._enter("delete", remote_id=remote_id, secret=secret)
        if not isinstance(fault, Lost) or fault.stored:
            self.vanish(remote_id)
        if isinstance(fault, Lost):
            raise OutcomeUnknown("The answer got lost.")
        return None

    def vanish(self, remote_id: str) -> None:
        """As somebody deletes on the network itself, behind our back."""
        self.posts[:] = [post for post in self.posts if post.receipt.remote_id != remote_id]

    def _enter(self, verb: str, **arguments: Any) -> Fault:
        self.before(verb)
        with self._lock:
            self.calls.append(Call(verb, arguments))
            script = self._scripts[verb]
            fault = script.popleft() if script else None
        if isinstance(fault, Exception):
            raise fault
        if "secret" in arguments and not self.alive:
            raise Revoked("This channel is no longer connected.")
        return fault

    def _stored(self, wire: dict[str, Any], key: str) -> Receipt:
        standing = self._at(wire, key) if self.repeat_for else None
        if standing:
            return self._same(standing, wire)
        self.made += 1
        number = self.made
        uri = f"fake://{self.network}/{number}"
        url = f"https://{self.network}.example/posts/{number}"
        self.posts.append(Standing(key, wire, Receipt(uri, url, {"uri": uri, "number": number})))
        return self.posts[-1].receipt

    def _at(self, wire: dict[str, Any], key: str) -> Standing | None:
        mine = (post for post in self.posts if post.wire["account"] == wire["account"])
        return next((post for post in mine if post.key == key), None)

    def _same(self, post: Standing, wire: dict[str, Any]) -> Receipt:
        if post.wire != wire:
            raise Rejected(f"Another post stands under this key: {post.receipt.url}.")
        return post.receipt
