"""A real installation for a test: its own database, data folder, processes and settings. It loads no Django itself."""

import contextlib
import json
import os
import select
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

import httpx
import psycopg2

from tests.keys import KEYS
from tests.pds import Pds
from tests.start_services import free_port
from tests.waiting import PATIENCE, wait_until

ROOT = Path(__file__).resolve().parents[2]
END_PATIENCE = 15.0  # seconds a process may take to end before it is killed
OURS = ("FF_", "DATABASE_URL", "REDIS_URL", "COVERAGE_", "PYTEST_")


@dataclass(frozen=True)
class Outcome:
    """What became of a process: its value, the exception that ended it, or the signal that killed it."""

    value: Any = None
    raised: str = ""
    words: str = ""
    trace: str = ""
    signal: int = 0


class Installation:
    """Settings, a database with all tables, and processes that know nothing of being tested."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.database = settings.get("DATABASE_URL", "")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        self.environment = {
            **inherited,
            **KEYS,
            "DJANGO_SETTINGS_MODULE": "ffapp.settings",
            "FF_DATA_DIR": str(folder),
            "FF_ENV_FILE": str(folder / "no.env"),
            "FF_BASE_URL": "http://localhost:8000",
            **settings,
        }
        for name in ("broker", "broker-control"):
            (folder / name).mkdir()
        self._forker = self._started([sys.executable, "-m", "tests.once.forker"], "forker", stdin=True)

    @classmethod
    @contextlib.contextmanager
    def made(cls, *, pds: Pds | None = None, **settings: str) -> Iterator[Self]:
        """Ready to use, with the tables made; `pds` is its Bluesky."""
        if pds:
            settings |= {
                "FF_PLC_URL": pds.plc_url,
                "FF_BLUESKY_RESOLVER": pds.url,
                "FF_OPEN_HOSTS": f"{pds.host},{pds.plc_url.removeprefix('http://')}",
            }
        with tempfile.TemporaryDirectory(prefix="ff-once-") as folder:
            installation = cls(Path(folder), **settings)
            try:
                installation.deed("story.migrate")
                yield installation
            finally:
                end(installation._forker)

    def deed(self, name: str, /, **arguments: Any) -> Any:
        """Do it in a process of its own; its value. What it raises fails the test."""
        (outcome,) = self.together((name, arguments))
        assert not outcome.signal, f"{name} was killed by signal {outcome.signal}"
        assert not outcome.raised, f"{name}: {outcome.trace}"
        return outcome.value

    def crowd(self, size: int, name: str, /, **arguments: Any) -> list[Outcome]:
        """The same deed in so many processes at once."""
        return self.together(*[(name, arguments)] * size)

    def together(self, *deeds: tuple[str, dict[str, Any]]) -> list[Outcome]:
        """Each deed in a process of its own, all begun at the same moment; what became of them."""
        pipe_in, pipe_out = self._forker.stdin, self._forker.stdout
        assert pipe_in is not None
        assert pipe_out is not None
        pipe_in.write(json.dumps(deeds).encode() + b"\n")
        pipe_in.flush()
        waited, _, _ = select.select([pipe_out], [], [], PATIENCE)
        line = pipe_out.readline() if waited else b""
        assert line, f"no answer to {deeds[0][0]}:\n{self.said('forker')}"
        return [Outcome(**each) for each in json.loads(line)]

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """What the database itself says, past all our code."""
        if not self.database:
            with contextlib.closing(sqlite3.connect(self.folder / "followfriday.sqlite3", timeout=120)) as database:
                return database.execute(sql.replace("%s", "?"), parameters).fetchall()
        with contextlib.closing(psycopg2.connect(self.database)) as database, database.cursor() as cursor:
            cursor.execute(sql, parameters)
            found = cursor.fetchall() if cursor.description else []
            database.commit()
            return found

    def one(self, sql: str, *parameters: Any) -> Any:
        """The only value of the only row."""
        ((value,),) = self.rows(sql, *parameters)
        return value

    @contextlib.contextmanager
    def running(self, *command: str, name: str) -> Iterator["subprocess.Popen[bytes]"]:
        """A process beside the test; it and all it started end with the block."""
        process = self._started([sys.executable, *command], name)
        try:
            yield process
        finally:
            end(process)

    @contextlib.contextmanager
    def workers(self, number: int) -> Iterator[None]:
        """So many processes of `celery -A ffapp worker`, every one there, and started anew when it ends by itself."""
        with contextlib.ExitStack() as stack:
            for each in range(1, number + 1):
                command = (
                    f"-m celery -q -A ffapp worker -P threads -c 4 --without-mingle --without-gossip -n w{each}@here"
                )
                again = ["-m", "tests.once.again", *command.split(), "-l", "warning"]
                stack.enter_context(self.running(*again, name=f"worker-{each}"))
            wait_until(lambda: self.deed("story.workers_that_answer") == number, "all workers answer")
            yield

    @contextlib.contextmanager
    def web(self) -> Iterator[str]:
        """The web process, answering; its address."""
        port = free_port()
        command = f"-m granian --interface wsgi --host 127.0.0.1 --port {port} --blocking-threads 4 --no-log"
        with self.running(*command.split(), "ffapp.wsgi:application", name="web") as process:

            def answers() -> bool:
                assert process.poll() is None, self.said("web")
                with contextlib.suppress(httpx.TransportError):
                    return httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False, timeout=60).status_code == 200
                return False

            wait_until(answers, "the web process answers")
            yield f"http://127.0.0.1:{port}"

    @contextlib.contextmanager
    def schedulers(self, number: int) -> Iterator[list["Scheduler"]]:
        """So many loops of `manage.py tick --hand-out`, waiting to be told a time."""
        with contextlib.ExitStack() as stack:
            made = []
            for name in [f"scheduler-{each}" for each in range(1, number + 1)]:
                made.append(Scheduler(stack.enter_context(self._scheduler(name)), partial(self.said, name)))
            yield made

    @contextlib.contextmanager
    def _scheduler(self, name: str) -> Iterator["subprocess.Popen[bytes]"]:
        process = self._started([sys.executable, "-m", "tests.once.scheduler"], name, stdin=True)
        try:
            yield process
        finally:
            end(process)

    def said(self, name: str) -> str:
        """What a process wrote to its log."""
        return (self.folder / f"{name}.log").read_text(errors="replace")[-6000:]

    def _started(self, command: list[str], name: str, *, stdin: bool = False) -> "subprocess.Popen[bytes]":
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
                stdout=subprocess.PIPE if stdin else log,
                stderr=log,
                start_new_session=True,
            )


class Scheduler:
    """A loop of `manage.py tick --hand-out --at`."""

    def __init__(self, process: "subprocess.Popen[bytes]", said: Callable[[], str]) -> None:
        self._process = process
        self._said = said

    def begin(self, at: str, times: int = 1) -> None:
        """Have it tick; `end` waits for it."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{times} {at}\n".encode())
        self._process.stdin.flush()

    def end(self) -> None:
        """Wait until it has ticked."""
        assert self._process.stdout is not None
        waited, _, _ = select.select([self._process.stdout], [], [], PATIENCE)
        assert waited, f"the scheduler hangs:\n{self._said()}"
        assert self._process.stdout.readline() == b"ticked\n", self._said()


def tick(schedulers: list[Scheduler], at: str, times: int = 1) -> None:
    """All of them at once, each so many times."""
    for scheduler in schedulers:
        scheduler.begin(at, times)
    for scheduler in schedulers:
        scheduler.end()


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a process and whatever it started: asked first, then killed."""
    if process.stdin is not None:
        process.stdin.close()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(END_PATIENCE)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
