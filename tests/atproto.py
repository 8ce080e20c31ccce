"""A small AT Protocol network with Bluesky's AppView, from npm, on this machine only: what a post looks like to others.

    with AtprotoNetwork.start() as network:
        ada = network.account("ada")
        thread = network.seen("app.bsky.feed.getPostThread", by=ada, uri=uri)

It is a server (tests/pds.py) whose firehose Bluesky's own AppView reads and indexes, a moment later: so what it shows
is asked for with `eventually`. The AppView keeps its index in a Postgres and a Redis of its own
(tests/start_services.py). It boots in four seconds and takes 300 MB; the packages are pinned by
`tests/atproto_network/package-lock.json`.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx

from tests.node import installed_packages, node
from tests.pds import Account, Pds, first_json_line
from tests.start_services import postgres, redis

RECIPE = Path(__file__).resolve().parent / "atproto_network"
PATIENCE = 180.0  # seconds until the AppView has indexed what was written

T = TypeVar("T")


class AtprotoNetwork(Pds):
    """The running network: what its server can do, and what is seen through the AppView."""

    def __init__(
        self, process: "subprocess.Popen[bytes]", data: Path, told: dict[str, str], ends: contextlib.ExitStack
    ) -> None:
        super().__init__(process, data, told)
        self.appview_url = told["appview_url"]
        self._ends = ends

    @classmethod
    def start(cls, *, rate_limits: bool = False) -> Self:
        """Boot the network. Its server has no rate limits."""
        modules = installed_packages(RECIPE)
        with contextlib.ExitStack() as ends:
            database, cache = ends.enter_context(postgres()), ends.enter_context(redis())
            data = Path(tempfile.mkdtemp(prefix="followfriday-atproto-"))
            ends.callback(shutil.rmtree, data, ignore_errors=True)
            with (data / "log").open("wb") as log:
                process = subprocess.Popen(
                    [node(), RECIPE / "boot.mjs", modules, data],
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=os.environ
                    | {
                        "DB_POSTGRES_URL": database,
                        "REDIS_HOST": cache.removeprefix("redis://").partition("/")[0],
                        "LOG_ENABLED": "false",
                    },
                )
            ends.callback(process.wait)
            ends.callback(process.kill)
            told = first_json_line(process, data / "log")
            return cls(process, data, told, ends.pop_all())

    def stop(self) -> None:
        """End it, and then what it keeps its index in."""
        super().stop()
        self._ends.close()

    def seen(self, method: str, *, by: Account | None = None, **params: str) -> Any:
        """What an app is shown: of somebody signed in through their own server, of a stranger by the AppView itself.

        Raises httpx.HTTPStatusError.
        """
        if by is not None:
            return self.call(method, token=by.access, params=params)
        answer = httpx.get(f"{self.appview_url}/xrpc/{method}", params=params, timeout=120, trust_env=False)
        answer.raise_for_status()
        return answer.json()


def eventually(ask: Callable[[], T], *, until: Callable[[T], object]) -> T:
    """The answer as soon as it satisfies `until`; the last one when patience ends (the test's assertion then fails).

    An error of the AppView counts as an answer that does not: what is not indexed yet is not found.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            answer = ask()
            if until(answer) or time.monotonic() > deadline:
                return answer
        except httpx.HTTPStatusError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.1)
