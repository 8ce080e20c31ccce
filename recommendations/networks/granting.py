"""The contract with a network that is asked, by OAuth, whether we may: sign-in, channels, following for a reader."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from recommendations.handles import Handle, Network
from recommendations.networks.base import Rejected


class Declined(Rejected):
    """Asked by their network whether we may, the person said no."""


class Forgotten(Rejected):
    """The server does not know our registration any more: throw it away and begin again with a new one."""


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
