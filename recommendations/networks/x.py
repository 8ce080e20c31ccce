"""X: looking people up and posting, for those who pay for its API.

Without an app token nobody is looked up: a profile is listed as it was typed, and says so. There is no
idempotency key, and X refuses a text it has seen of late; so a post stands at most once: in doubt we look for
it, and what is not found a person decides. It goes without a picture: the link brings its own card, and what
was never uploaded cannot fail half way. Posts are not edited (X lets only accounts that pay for it, for an hour).

This piece knows no edition, channel or delivery.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from recommendations.consent import Signal
from recommendations.handles import Handle, Network, page_url
from recommendations.measures import Limits, Measure
from recommendations.networks.base import CannotEdit, Found, Options, Rejected, Unavailable, Unexplained
from recommendations.networks.http import client
from recommendations.networks.oauth import calmly
from recommendations.networks.posting import Connected, Doubt, Part, Picture, Receipt, Sent
from recommendations.networks.x_api import bearer, refusal, said
from recommendations.networks.x_oauth import XOAuth
from recommendations.networks.x_post import is_gone, number, ours, outcome, standing
from recommendations.networks.x_profile import found, myself
from recommendations.networks.x_profile import number as number_of
from recommendations.weighted import urls, weighted

LIMITS = Limits(characters=280, url_length=23)  # no pictures, see above
PRICE = 15  # thousandths of a dollar a post, docs.x.com "Pricing"
PRICE_WITH_URL = 200
SEND_SECONDS = 10.0


class X:
    """A Reader and a Poster. Holds nothing but its options; safe to use from many threads."""

    network = Network.X
    measure: Measure = staticmethod(weighted)
    editable = False

    def __init__(self, options: Options) -> None:
        self._options = options
        self._http = client(options)

    def look_up(self, handle: Handle, *, timeout: float = 2.0) -> Found:
        """With an app token as X knows them, else as typed and unchecked.

        Unchecked, the uri is the address of the name, for want of the number X knows it by. While X takes no
        more questions (429, credits used up) nothing is made up: the profile may be known by its number.
        Raises NotFound, Rejected, Unavailable.
        """
        if self._options.x_bearer:
            return found(self._http, self._options, handle, timeout)
        page = page_url(handle)
        return Found(handle=handle, uri=page, page_url=page, signal=Signal.AUTOMATIC, checked=False)

    def was_before(self, handle: Handle, uri: str, *, timeout: float = 2.0) -> bool:
        """Nobody moves so."""
        return False

    def doubt(self, secret: dict[str, Any]) -> Doubt:
        """Never repeated by itself: nothing but the timeline can tell, and that may lag behind."""
        return Doubt(wait=timedelta(minutes=1), repeat_for=timedelta(0), enough_looks=None)

    def price(self, part: Part) -> int:
        """X takes more for a post with a URL in it, and takes bare domains for URLs."""
        return PRICE_WITH_URL if urls(part.text) else PRICE

    def key(self, *, moment: datetime, serial: int, part: int) -> str:
        """X knows no keys; ours tells the post apart in our own books."""
        return f"{moment.astimezone(UTC):%Y%m%dT%H%M%S%fZ}-{serial}-{part}"

    def connect(self, **credentials: str) -> Connected:
        """`access`, `refresh` and `expires_at` (ISO 8601), as granted (`x_oauth`). X says whose they are.

        Raises Revoked, Rejected, Unavailable.
        """
        try:
            expires = datetime.fromisoformat(credentials["expires_at"])
            access, refresh = credentials["access"], credentials["refresh"]
        except (KeyError, ValueError):
            raise Rejected("X's answer is not whole. Please connect once more.") from None
        me = myself(self._http, self._options, access)
        expires = expires if expires.tzinfo else expires.replace(tzinfo=UTC)
        secret = {"user": number_of(me.uri), "access": access, "refresh": refresh, "expires_at": expires.isoformat()}
        return Connected(uri=me.uri, handle=me.handle, page_url=me.page_url, secret=secret, limits=LIMITS)

    def renewed(self, secret: dict[str, Any], *, at: datetime) -> dict[str, Any] | None:
        """New tokens when less than five minutes are left. Raises Revoked, Rejected, Unavailable."""
        return XOAuth(self._options).renewed(secret, at=at)

    def verify(self, secret: dict[str, Any]) -> dict[str, Any] | None:
        """By /2/users/me (it costs a tenth of a cent, and is asked after trouble alone)."""
        me = myself(self._http, self._options, secret["access"])
        if number_of(me.uri) != secret["user"]:
            raise Unexplained("X answered, but not about this account.")
        return None

    def limits(self, secret: dict[str, Any]) -> Limits:
        """The same for every account: longer posts are for those who pay, and read by few."""
        return LIMITS

    def wire(
        self,
        part: Part,
        *,
        secret: dict[str, Any],
        root: dict[str, Any] | None,
        parent: dict[str, Any] | None,
        picture: dict[str, Any] | None,
    ) -> dict[str, Any]:
        """The body of POST /2/tweets. One post, so no parent. Raises Rejected if X would find it too long."""
        length = weighted(part.text)
        if not part.text.strip() or length > LIMITS.characters:
            raise Rejected(
                "A post on X may have %(characters)s characters as X counts; this one has %(length)s.",
                characters=LIMITS.characters,
                length=length,
            )
        return {"text": part.text}

    def upload(self, picture: Picture, *, secret: dict[str, Any]) -> dict[str, Any]:
        """Rejected, always: `Limits.images` is 0."""
        raise Rejected("Posts on X go without a picture.")

    def send(self, wire: dict[str, Any], *, key: str, secret: dict[str, Any]) -> Sent:
        """Post, once. OutcomeUnknown too where X says that it has the text already."""
        url = f"{self._options.x_api}/2/tweets"
        response = self._http.post(url, json=wire, headers=bearer(secret["access"]), timeout=SEND_SECONDS)
        return Sent(outcome(response))

    def look(self, wire: dict[str, Any], *, key: str, secret: dict[str, Any], since: datetime) -> Sent | None:
        """The post of this text among the account's own since then (each one shown costs a tenth of a cent)."""
        receipt: Receipt | None = standing(
            self._http, self._options.x_api, secret["user"], secret["access"], text=wire["text"], since=since
        )
        return Sent(receipt) if receipt else None

    def find(self, address: str, *, secret: dict[str, Any]) -> Sent:
        """By the number its address ends in, if it is ours. Raises NotFound, Revoked, Rejected, Unavailable."""
        post = number(address)
        return Sent(ours(self._http, self._options.x_api, secret["user"], secret["access"], post=post))

    def edit(self, remote_id: str, wire: dict[str, Any], *, secret: dict[str, Any]) -> Sent:
        """CannotEdit, always."""
        raise CannotEdit("Posts on X cannot be edited. One can be deleted.")

    def delete(self, remote_id: str, *, secret: dict[str, Any]) -> dict[str, Any] | None:
        """Take a post down, by its number or its address. Raises Revoked, Rejected, Unavailable."""
        url = f"{self._options.x_api}/2/tweets/{number(remote_id)}"
        # To delete it twice does no harm.
        response = calmly(lambda: self._http.delete(url, headers=bearer(secret["access"]), timeout=SEND_SECONDS))
        if not is_gone(response):
            raise refusal(response) or Unavailable(said(response), retry_at=response.retry_at)
        return None
