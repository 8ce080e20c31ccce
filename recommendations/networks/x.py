"""X. Without credentials of its API nobody is looked up: a profile is listed as it was typed, and says so.

(Every look-up through its API costs money.)
"""

from recommendations.consent import Signal
from recommendations.handles import Handle, Network, page_url
from recommendations.networks.base import Found, Options


class X:
    """A reader that asks nobody."""

    network = Network.X

    def __init__(self, options: Options) -> None:
        """Made like the other readers; nothing in the options is of use here."""

    def look_up(self, handle: Handle, *, timeout: float = 2.0) -> Found:
        """As typed and unchecked. The uri is the address of the name, for want of the number X knows it by."""
        page = page_url(handle)
        return Found(handle=handle, uri=page, page_url=page, signal=Signal.AUTOMATIC, checked=False)
