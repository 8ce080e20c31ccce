"""The offline network that ships with the demo: invented people at `*.example`, answered without a call.

It stands before a real reader, and lets through whoever is not of the demo.
"""

import base64
import colorsys
import hashlib
from datetime import date
from io import BytesIO

from PIL import Image, ImageDraw

from recommendations.handles import Handle, Network, page_url, parse
from recommendations.networks import demo_people
from recommendations.networks.base import Found, NotFound, Reader
from recommendations.networks.demo_people import Person

PICTURE = "demo:"  # begins an avatar_url that `avatar` draws
_TILE, _TILES = 48, 5


class Demo:
    """A reader that knows the demo's people of one network, and asks the real reader for all others."""

    def __init__(self, real: Reader) -> None:
        self.network = real.network
        self._real = real
        self._people = {found.handle: found for found in people(real.network)}
        self._by_uri = {found.uri: found for found in self._people.values()}

    def look_up(self, handle: Handle, *, timeout: float = 2.0) -> Found:
        """As `base.Reader`. Whoever is at `*.example` and not of the demo is nobody."""
        found = self._people.get(handle) or self._by_uri.get(handle.name)
        if found is not None:
            return found
        if (handle.host or handle.name).endswith(".example"):
            raise NotFound("%(handle)s is not one of the demo's people.", handle=handle)
        return self._real.look_up(handle, timeout=timeout)

    def was_before(self, handle: Handle, uri: str, *, timeout: float = 2.0) -> bool:
        """As `base.Reader`. The demo's people say where they went, and mean it."""
        if handle in self._people:
            return uri in self._by_uri and self._by_uri[uri].moved_to == handle
        return self._real.was_before(handle, uri, timeout=timeout)


def people(network: Network) -> list[Found]:
    """Everybody the demo knows on a network, as a look-up finds them."""
    table = {
        Network.MASTODON: demo_people.MASTODON,
        Network.BLUESKY: demo_people.BLUESKY,
        Network.X: demo_people.X,
    }
    return [_found(person, network) for person in table[network]]


def avatar(name: str) -> bytes:
    """A picture for a name, always the same: a PNG of mirrored tiles in two colours."""
    digest = hashlib.sha256(name.encode("utf-8", "replace")).digest()
    paper, ink = _colour(digest[0], 0.93), _colour(digest[0], 0.42)
    image = Image.new("RGB", (_TILE * _TILES, _TILE * _TILES), paper)
    draw = ImageDraw.Draw(image)
    for row in range(_TILES):
        for column in range(_TILES):
            bits = digest[1 + row * 3 + min(column, _TILES - 1 - column)]
            box = (column * _TILE, row * _TILE, (column + 1) * _TILE - 1, (row + 1) * _TILE - 1)
            if bits % 3 == 0:
                draw.rectangle(box, fill=ink)
            elif bits % 3 == 1:
                draw.ellipse(box, fill=ink)
    file = BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _found(person: Person, network: Network) -> Found:
    handle = parse(person.at, network)
    return Found(
        handle=handle,
        uri=_uri(handle),
        page_url=page_url(handle),
        name=person.name,
        bio=person.bio,
        avatar_url=f"{PICTURE}{person.at}" if person.picture else "",
        signal=person.signal,
        members_only=person.members_only,
        moved_to=parse(person.moved_to, network) if person.moved_to else None,
        checked=network is not Network.X,
        last_active_on=date.fromisoformat(person.silent_since) if person.silent_since else None,
    )


def _uri(handle: Handle) -> str:
    match handle.network:
        case Network.MASTODON:
            return f"https://{handle.host}/users/{handle.name}"
        case Network.BLUESKY:
            # 24 characters of base32, as did:plc has them
            return f"did:plc:{base64.b32encode(hashlib.sha256(handle.name.encode()).digest())[:24].decode().lower()}"
        case Network.X:
            return page_url(handle)


def _colour(hue: int, lightness: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hls_to_rgb(hue / 256, lightness, 0.45)
    return round(red * 255), round(green * 255), round(blue * 255)
