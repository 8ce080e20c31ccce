"""A fake server that speaks Mastodon's API, Ada's account on it, and our adapter with her token."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from recommendations.networks.base import Options
from recommendations.networks.mastodon import Mastodon
from recommendations.networks.posting import Connected, Part, Picture, Receipt, Sent
from tests.fakes.mastodon import FakeMastodon, Flavour

SLOT = datetime(2026, 11, 6, 15, 0, tzinfo=UTC)
LINK = "https://follow.example/c/custserv/editions/4/"
OPENING = f"Customer Service · No. 4 · Patience\n12 people to follow\n#custserv\n{LINK}"
PEOPLE = (
    "Grace @grace@navy.example\n“Finds *every* bug, and explains_them kindly” — Alan\n\n"
    "Joan https://x.com/joan\n“Hällo 你好 — always there” — Ada"
)
CLOSING = f"Whom should more people know? Nominate them for next week:\n{LINK}"
PICTURE = Picture(b"\x89PNG\r\n\x1a\n\x00binary\r\n--", "image/png", "Twelve people, by name.", 1200, 630)


@dataclass
class Desk:
    """Where Ada's channel is looked after."""

    fake: FakeMastodon
    poster: Mastodon
    account: Connected

    @property
    def secret(self) -> dict[str, Any]:
        return self.account.secret

    @property
    def said_nothing(self) -> bool:
        """Does the server not describe itself at all?"""
        return not (self.fake.flavour.instance_v1 or self.fake.flavour.instance_v2)

    @property
    def is_kin(self) -> bool:
        """Does the server say that it is not Mastodon?"""
        version = self.fake.flavour.version
        return not self.said_nothing and ("compatible" in version or version.startswith("0."))

    def part(self, text: str = OPENING, number: int = 0) -> Part:
        key = self.poster.key(moment=SLOT, serial=1, part=number)
        return Part(text=text, key=key, created_at=SLOT, language="en")

    def wire(self, part: Part, parent: Receipt | None = None, picture: dict[str, Any] | None = None) -> dict[str, Any]:
        reference = parent.reference if parent else None
        made = self.poster.wire(part, secret=self.secret, root=reference, parent=reference, picture=picture)
        return dict(json.loads(json.dumps(made)))

    def send(self, part: Part, parent: Receipt | None = None, picture: dict[str, Any] | None = None) -> Receipt:
        return self.poster.send(self.wire(part, parent, picture), key=part.key, secret=self.secret).receipt

    def look(self, part: Part, parent: Receipt | None = None, since: datetime = SLOT) -> Sent | None:
        return self.poster.look(self.wire(part, parent), key=part.key, secret=self.secret, since=since)


@contextlib.contextmanager
def desk(flavour: str | Flavour = "mastodon", **differences: Any) -> Iterator[Desk]:
    """On a server of this flavour, with these differences; its clock stands at SLOT."""
    with FakeMastodon(flavour) as fake:
        fake.flavour = replace(fake.flavour, **differences)
        fake.set_clock(SLOT)
        ada = fake.add_account("ada")
        poster = Mastodon(Options(open_hosts=(fake.host,)))
        yield Desk(fake, poster, poster.connect(server=fake.url, token=ada["token"]))
