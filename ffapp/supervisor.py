"""`manage.py serve`: web, worker and scheduler as three children of one plain parent.

The parent sets no Django up, so it is small and cannot be brought down by what it watches. When it ends, by
Ctrl-C, SIGTERM or SIGKILL, the children end (on Linux the kernel sees to it, PR_SET_PDEATHSIG); when a child
dies it is started again, and when it dies again and again everything stops with a message.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ffapp import environment, secrets

PATIENCE = 30  # seconds a child is given to finish what it is doing
RESTARTS = 5  # within a minute; more than that and something is really wrong

_PR_SET_PDEATHSIG = 1

Child = subprocess.Popen[bytes]


class CannotStart(Exception):
    """Something outside must be mended first; the message says what."""


def commands() -> dict[str, list[str]]:
    """The three processes, by name. docker-compose.yml runs the same, one to a container."""
    python = sys.executable
    return {
        "web": [
            python, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(environment.PORT),
            "--workers", str(environment.WEB_PROCESSES), "--blocking-threads", "4", "--workers-kill-timeout", "10",
            "--no-log", "ffapp.wsgi:application",
        ],
        "worker": [
            python, "-m", "celery", "-q", "-A", "ffapp", "worker", "-P", "threads", "-c", "8",
            "--without-mingle", "--without-gossip", "--without-heartbeat", "-l", "warning",
        ],
        "scheduler": [python, "-m", "celery", "-q", "-A", "ffapp", "beat", "-l", "warning"],
    }  # fmt: skip


def make_data_dir(data_dir: Path) -> None:
    """Make the data folder with its subfolders and secrets. Raises CannotStart when it cannot be written."""
    try:
        for folder in ("broker", "broker-control", "media", "mail"):
            (data_dir / folder).mkdir(parents=True, exist_ok=True)
        given = [name for name in secrets.fresh() if environment.text(name)]
        secrets.ensure(data_dir, given)
    except OSError as error:
        raise CannotStart(
            f"The data folder {data_dir} cannot be written ({error.strerror}: {error.filename}). "
            "Mend that, or choose another folder with FF_DATA_DIR."
        ) from error


def check_port(port: int) -> None:
    """Raise CannotStart when the port is taken, or not ours to take."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotStart(f"Port {port} cannot be used ({error.strerror}). Choose another with FF_PORT.") from error


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
        return True
    return False


def start(command: list[str], **options: Any) -> Child:
    """Start a process that ends with this one."""
    parent = os.getpid()

    def tie() -> None:
        os.setsid()  # a group of its own, so that Ctrl-C reaches the parent alone
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:  # it died before we could ask to be told
                os._exit(1)

    return subprocess.Popen(command, cwd=environment.ROOT, preexec_fn=tie, **options)


def end_group(child: Child, how: signal.Signals) -> None:
    """Send a signal to a child and all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, how)


def prepare() -> None:
    """Tables, static files, the demo: `manage.py prepare`, to its end. Raises CannotStart; it has said why."""
    child = start([sys.executable, "manage.py", "prepare"])
    try:
        if child.wait():
            raise CannotStart("Not started: see above.")
    finally:
        end_group(child, signal.SIGKILL)


class Supervisor:
    """Keeps the children running until it is told to stop."""

    def __init__(self, commands: dict[str, list[str]]) -> None:
        self.commands = commands
        self.children: dict[str, Child] = {}
        self.deaths: deque[float] = deque(maxlen=RESTARTS)
        self.stopping = False

    def stop(self, *_: object) -> None:
        """Ask for the end (also the handler of SIGINT and SIGTERM)."""
        self.stopping = True

    def run(self, ready: Callable[[], bool]) -> int:
        """Start all, watch them, end them. 0 when asked to stop, 1 when a child would not stay alive.

        `ready` is called about five times a second until it says True.
        """
        signal.signal(signal.SIGINT, self.stop)
        signal.signal(signal.SIGTERM, self.stop)
        waiting = True
        try:
            for name in self.commands:
                self._start(name)
            while not self.stopping:
                time.sleep(0.2)
                waiting = waiting and not ready()
                for name, child in self.children.items():
                    if child.poll() is not None and not self.stopping and not self._revive(name, child):
                        return 1
            return 0
        finally:
            self.end_all()

    def _revive(self, name: str, child: Child) -> bool:
        """Start a dead child again; False when the dying does not end."""
        end_group(child, signal.SIGKILL)  # what it had started itself
        now = time.monotonic()
        if len(self.deaths) == RESTARTS and now - self.deaths[0] < 60:
            print(f"{name} keeps stopping (exit code {child.returncode}); giving up.", file=sys.stderr)
            return False
        self.deaths.append(now)
        print(f"{name} stopped (exit code {child.returncode}); starting it again.", file=sys.stderr)
        self._start(name)
        return True

    def _start(self, name: str) -> None:
        # What matters is logged, to stderr; on stdout Celery says what its owner just asked for.
        self.children[name] = start(self.commands[name], stdout=subprocess.DEVNULL)

    def end_all(self) -> None:
        """SIGTERM to every child's group, and SIGKILL to what is left after PATIENCE seconds."""
        for child in self.children.values():
            end_group(child, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        for child in self.children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.0, deadline - time.monotonic()))
            end_group(child, signal.SIGKILL)
            child.wait()


def main() -> int:
    """Prepare (folders, secrets, tables, demo) and run. Returns the exit code."""
    port = environment.PORT
    address = environment.site(f"http://localhost:{port}").geturl()
    demo = environment.switch("FF_DEMO")
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job is born deaf to it
    try:
        make_data_dir(environment.DATA_DIR)
        check_port(port)
        prepare()
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 1

    def ready() -> bool:
        if not answers(port):
            return False
        print(f"\n  Follow Friday is at {address}\n  Ctrl-C ends it.\n", flush=True)
        if not demo:
            print("  It is empty. To make the first curator: sign in there and found a community at /c/new/.")
            if not environment.text("FF_EMAIL_URL"):
                print(f"  As long as FF_EMAIL_URL is not set, sign-in codes land in {environment.DATA_DIR}/mail.")
            print(flush=True)
        return True

    return Supervisor(commands()).run(ready)
