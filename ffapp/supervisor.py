"""`manage.py serve`: web, worker and scheduler as three children of one plain parent.

The parent imports no Django, so it is small and cannot be brought down by what it watches. When it ends, by
Ctrl-C, SIGTERM or SIGKILL, the children end (on Linux the kernel sees to it, PR_SET_PDEATHSIG); when a child
dies it is started again, and when it dies again and again everything stops with a message.
"""

import argparse
import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from pathlib import Path

from ffapp import secrets

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 30  # seconds a child is given to finish what it is doing
RESTARTS = 5  # within a minute; more than that and something is really wrong

_PR_SET_PDEATHSIG = 1


class CannotStart(Exception):
    """Something outside must be mended first; the message says what."""


def commands(port: int) -> dict[str, list[str]]:
    """The three processes, by name. docker-compose.yml runs the same commands, one to a container."""
    python = sys.executable
    web_processes = os.environ.get("FF_WEB_PROCESSES", "1")
    return {
        "web": [
            python, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
            "--workers", web_processes, "--blocking-threads", "4", "--workers-kill-timeout", "10",
            "--no-log", "ffapp.wsgi:application",
        ],
        "worker": [
            python, "-m", "celery", "-q", "-A", "ffapp", "worker", "-P", "threads", "-c", "8",
            "--without-mingle", "--without-gossip", "-l", "warning",
        ],
        "scheduler": [python, "-m", "celery", "-q", "-A", "ffapp", "beat", "-l", "warning"],
    }  # fmt: skip


def check_data_dir(data_dir: Path) -> None:
    """Raise CannotStart unless the data folder can be made and written."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        probe = data_dir / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CannotStart(
            f"The data folder {data_dir} cannot be written ({error.strerror}). "
            "Mend its permissions, or choose another with FF_DATA_DIR."
        ) from error
    for folder in ("broker", "broker-control", "media", "mail"):
        (data_dir / folder).mkdir(exist_ok=True)


def check_port(port: int) -> None:
    """Raise CannotStart when the port is taken, or not ours to take."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotStart(
                f"Port {port} cannot be used ({error.strerror}). Choose another: FF_PORT={port + 1} make run"
            ) from error


def manage(*arguments: str) -> None:
    """Run a management command to its end; raise CannotStart when it fails (it has said why)."""
    if subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, check=False).returncode:
        raise CannotStart(f"`manage.py {' '.join(arguments)}` did not succeed; what it said stands above.")


def _tie_to_parent() -> None:
    """In the child, before exec: own process group (so that Ctrl-C reaches the parent alone), and die with it."""
    os.setsid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Supervisor:
    """Keeps the children running until it is told to stop."""

    def __init__(self, commands: dict[str, list[str]]) -> None:
        self.commands = commands
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.deaths: deque[float] = deque(maxlen=RESTARTS)
        self.stopping = False

    def start(self, name: str) -> None:
        """Start one child."""
        self.children[name] = subprocess.Popen(
            self.commands[name],
            cwd=ROOT,
            preexec_fn=_tie_to_parent,
        )

    def stop(self, *_: object) -> None:
        """Ask for the end (also the handler of SIGINT and SIGTERM)."""
        self.stopping = True

    def run(self) -> int:
        """Start all, watch them, end them. 0 when asked to stop, 1 when a child would not stay alive."""
        signal.signal(signal.SIGINT, self.stop)
        signal.signal(signal.SIGTERM, self.stop)
        for name in self.commands:
            self.start(name)
        try:
            while not self.stopping:
                time.sleep(0.2)
                for name, child in self.children.items():
                    if child.poll() is not None and not self.stopping and not self._revive(name, child):
                        return 1
            return 0
        finally:
            self.end_all()

    def _revive(self, name: str, child: "subprocess.Popen[bytes]") -> bool:
        """Start a dead child again; False when the dying does not end."""
        end_group(child, signal.SIGKILL)  # what it had started itself
        now = time.monotonic()
        if len(self.deaths) == RESTARTS and now - self.deaths[0] < 60:
            print(f"{name} keeps stopping (exit code {child.returncode}); giving up.", file=sys.stderr)
            return False
        self.deaths.append(now)
        print(f"{name} stopped (exit code {child.returncode}); starting it again.", file=sys.stderr)
        self.start(name)
        return True

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


def end_group(child: "subprocess.Popen[bytes]", how: signal.Signals) -> None:
    """Send a signal to a child and all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, how)


def data_dir() -> Path:
    """The data folder as the settings will see it."""
    folder = Path(os.environ.get("FF_DATA_DIR") or "var")
    return folder if folder.is_absolute() else ROOT / folder


def main(arguments: list[str]) -> int:
    """Prepare (folders, secrets, tables, demo) and run. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="manage.py serve", description=__doc__)
    parser.add_argument("--port", type=int, default=int(os.environ.get("FF_PORT") or 8000))
    options = parser.parse_args(arguments)
    os.environ["FF_PORT"] = str(options.port)
    demo = os.environ.get("FF_DEMO", "0").lower() not in ("", "0", "false", "off", "no")
    try:
        check_data_dir(data_dir())
        check_port(options.port)
        secrets.ensure(data_dir())
        manage("migrate", "--verbosity", "0")
        manage("collectstatic", "--no-input", "--verbosity", "0")
        if demo:
            manage("seed_demo", "--if-empty")
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    address = os.environ.get("FF_BASE_URL") or f"http://localhost:{options.port}"
    print(f"\n  Follow Friday is at {address}\n  Ctrl-C ends it.\n", flush=True)
    if not demo:
        print("  To make the first curator: sign in there and found a community at /c/new/.\n", flush=True)
    return Supervisor(commands(options.port)).run()
