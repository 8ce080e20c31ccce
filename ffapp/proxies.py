"""Learn from a trusted proxy which client it speaks for; refuse what it does not say clearly.

A WSGI server makes one key of `X-Forwarded-For`, `X_Forwarded_For` and every mixture of the two, and of several such
lines granian keeps the last. A proxy that replaces the first passes the others on, so whoever is behind it can write
what we would read. Nothing in a WSGI environ tells the spellings apart. Hence the two headers that we read have names
without `-` and `_`, of which there is one spelling only (letters' case apart, which is the same name to every proxy).
Lines that are doubled arrive joined by a comma, and are refused.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
OPEN = frozenset({"/healthz", "/readyz"})  # asked by whoever watches the process, past any proxy

logger = logging.getLogger(__name__)


def behind_proxies(
    application: Application, *, trusted: Sequence[str], address_header: str, scheme_header: str
) -> Application:
    """Wrap an application so that REMOTE_ADDR and the scheme are those of the client in front of a trusted proxy.

    `trusted`: addresses or networks. A request from elsewhere is left as it is: its headers mean nothing. A trusted
    proxy must send both headers, each with one value; anything else is answered with 400. Exactly one address is taken,
    the one that the proxy itself put there: in a list, a client whose own address is trusted could write the rest.
    """
    networks = [ip_network(each) for each in trusted]
    address_key, scheme_key = f"HTTP_{address_header.upper()}", f"HTTP_{scheme_header.upper()}"

    def proxied(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        peer = _address(environ.get("REMOTE_ADDR") or "")
        if peer is None or not any(peer in network for network in networks):
            return application(environ, start_response)
        client = _address(environ.get(address_key, ""))
        scheme = environ.get(scheme_key, "")
        if client is not None and scheme in ("http", "https"):
            environ["REMOTE_ADDR"], environ["wsgi.url_scheme"] = str(client), scheme
            return application(environ, start_response)
        if environ.get("PATH_INFO") in OPEN and address_key not in environ:
            return application(environ, start_response)
        logger.warning("the proxy at %s did not send one %s and one %s", peer, address_header, scheme_header)
        return _refuse(start_response, address_header, scheme_header)

    return proxied


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Read one address, without a port, a zone or anything else; None for all other text."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        return None if found.scope_id else found.ipv4_mapped or found
    return found


def _refuse(start_response: Any, address_header: str, scheme_header: str) -> Iterable[bytes]:
    said = (
        f"The proxy in front of this site must set {address_header} to the client's address and {scheme_header} to "
        "http or https, in place of whatever the client sent. See docs/operations.md.\n"
    ).encode()
    start_response("400 Bad Request", [("Content-Type", "text/plain"), ("Content-Length", str(len(said)))])
    return [said]
