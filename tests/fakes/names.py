"""Names for fakes: as if DNS, and a certificate, led there."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest

from recommendations.networks.http import Client, Response


def lead(monkeypatch: pytest.MonkeyPatch, host: str, url: str) -> None:
    """From now on https://`host` is answered by the server at `url`, which must be one of Options.open_hosts."""
    exchange = Client._exchange
    place = httpx.URL(url)

    def elsewhere(
        self: Client, method: str, url: httpx.URL, headers: Mapping[str, str], deadline: float, **body: Any
    ) -> Response:
        if url.host != host:
            return exchange(self, method, url, headers, deadline, **body)
        moved = url.copy_with(scheme=place.scheme, host=place.host, port=place.port)
        return replace(exchange(self, method, moved, headers, deadline, **body), url=str(url))

    monkeypatch.setattr(Client, "_exchange", elsewhere)
