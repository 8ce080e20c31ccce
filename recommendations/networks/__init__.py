"""The networks we know, by name. Each module speaks one outside protocol and knows no model."""

from collections.abc import Callable

from recommendations.handles import Network
from recommendations.networks import demo
from recommendations.networks.base import Options, Poster, Reader, Rejected, Unavailable
from recommendations.networks.bluesky import Bluesky
from recommendations.networks.http import client
from recommendations.networks.mastodon import Mastodon
from recommendations.networks.x import X

READERS: dict[Network, Callable[[Options], Reader]] = {
    Network.MASTODON: Mastodon,
    Network.BLUESKY: Bluesky,
    Network.X: X,
}
POSTERS: dict[Network, Callable[[Options], Poster]] = {
    Network.BLUESKY: Bluesky,
}


def reader(network: Network, options: Options) -> Reader:
    """Who looks people up on a network; in the demo, its invented people come first."""
    real = READERS[network](options)
    return demo.Demo(real) if options.demo else real


def poster(network: Network, options: Options) -> Poster:
    """Who posts to a network. Rejected for a network we cannot post to."""
    if network not in POSTERS:
        raise Rejected(f"We cannot post to {network.label} yet.")
    return POSTERS[network](options)


def picture(url: str, network: Network, options: Options) -> bytes:
    """The bytes at a `Found.avatar_url`, whatever they are. Raises Rejected, Unavailable."""
    if options.demo and url.startswith(demo.PICTURE):
        return demo.avatar(url.removeprefix(demo.PICTURE))
    response = client(options).get(url, headers={"Accept": "image/*"})
    if response.status == 429 or response.status >= 500:
        raise Unavailable(f"{response.host} cannot answer at the moment.", retry_at=response.retry_at)
    if response.status != 200:
        raise Rejected(f"There is no such picture on {network.label} (any more).")
    return response.content
