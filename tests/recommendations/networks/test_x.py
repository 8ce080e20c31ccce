"""X without credentials: as typed, unchecked, and nobody is asked."""

import respx

from recommendations.consent import Signal
from recommendations.handles import Handle, Network
from recommendations.networks.base import Found, Options
from recommendations.networks.x import X

ADA = Handle(Network.X, "ada")


@respx.mock
def test_somebody_on_x_is_listed_as_typed_and_marked_unchecked():
    found = X(Options()).look_up(ADA)

    assert found == Found(
        handle=ADA,
        uri="https://x.com/ada",
        page_url="https://x.com/ada",
        signal=Signal.AUTOMATIC,
        checked=False,
    )
    assert X.network is Network.X
