"""The networks we know, by name. Each module speaks one outside protocol and knows no model."""

from collections.abc import Callable

from recommendations.handles import Network
from recommendations.networks import demo, subscribing
from recommendations.networks.base import Options, Reader, Rejected, Unavailable
from recommendations.networks.bluesky import Bluesky
from recommendations.networks.bluesky_follow import BlueskyFollower
from recommendations.networks.bluesky_lists import BlueskyLists
from recommendations.networks.bluesky_oauth import BlueskyOAuth
from recommendations.networks.following import Follower
from recommendations.networks.granting import Authorizer
from recommendations.networks.http import client
from recommendations.networks.listing import Lister
from recommendations.networks.mastodon import Mastodon
from recommendations.networks.mastodon_follow import MastodonFollower
from recommendations.networks.mastodon_oauth import MastodonOAuth
from recommendations.networks.posting import Poster
from recommendations.networks.x import X
from recommendations.networks.x_oauth import XOAuth

READERS: dict[Network, Callable[[Options], Reader]] = {
    Network.MASTODON: Mastodon,
    Network.BLUESKY: Bluesky,
    Network.X: X,
}
POSTERS: dict[Network, Callable[[Options], Poster]] = {
    Network.MASTODON: Mastodon,
    Network.BLUESKY: Bluesky,
    Network.X: X,
}
AUTHORIZERS: dict[Network, Callable[[Options], Authorizer]] = {
    Network.MASTODON: MastodonOAuth,
    Network.BLUESKY: BlueskyOAuth,
    Network.X: XOAuth,
}

LISTERS: dict[Network, Callable[[Options], Lister]] = {Network.BLUESKY: BlueskyLists}

FOLLOWERS: dict[Network, Callable[[Options], Follower]] = {
    Network.MASTODON: MastodonFollower,
    Network.BLUESKY: BlueskyFollower,
}


def reader(network: Network, options: Options) -> Reader:
    """Who looks people up on a network; in the demo, its invented people come first."""
    real = READERS[network](options)
    return demo.Demo(real) if options.demo else real


def poster(network: Network, options: Options) -> Poster:
    """Who posts to a network; never the demo's."""
    return POSTERS[network](options)


def lister(network: Network, options: Options) -> Lister:
    """Who keeps lists on a network of LISTERS; never the demo's."""
    return LISTERS[network](options)


def authorizer(network: Network, options: Options) -> Authorizer:
    """Who asks people on a network whether we may: OAuth. Makes no call."""
    return AUTHORIZERS[network](options)


def follower(network: Network, options: Options) -> Follower:
    """Who follows people on a network with what a reader granted. KeyError where nobody can (X)."""
    return FOLLOWERS[network](options)


def subscribe_template(server: str, name: str, options: Options) -> str:
    """The template of the page on which a server's people follow others; see `subscribing.template_of`."""
    return subscribing.template_of(server, name, http=client(options))


def picture(url: str, network: Network, options: Options) -> bytes:
    """The bytes at a `Found.avatar_url`, whatever they are. Raises Rejected, Unavailable."""
    if options.demo and url.startswith(demo.PICTURE):
        return demo.avatar(url.removeprefix(demo.PICTURE))
    response = client(options).get(url, headers={"Accept": "image/*"})
    if response.status == 429 or response.status >= 500:
        raise Unavailable("%(host)s cannot answer at the moment.", host=response.host, retry_at=response.retry_at)
    if response.status != 200:
        raise Rejected("There is no such picture on %(network)s (any more).", network=network.label)
    return response.content
