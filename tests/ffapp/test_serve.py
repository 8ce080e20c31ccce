"""`manage.py serve` as real processes: it starts, answers, mends itself, and leaves nothing behind. Linux."""

import contextlib
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from celery.beat import Scheduler

from ffapp.celery import app
from tests.ffapp.booting import ROOT, environment, python
from tests.start_services import free_port
from tests.waiting import PATIENCE, wait_until


class Serving:
    """One `manage.py serve` on a port and a data folder of its own; what it prints is in `said`."""

    def __init__(self, data: Path, **variables: str) -> None:
        self.data, self.port = data, free_port()
        self.output = data.with_name(f"{data.name}.{self.port}.out")
        self.environment = environment(FF_DATA_DIR=str(data), FF_PORT=str(self.port), **variables)
        with self.output.open("wb") as file:
            self.parent = subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=ROOT,
                env=self.environment,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.output.read_text()

    def status(self, path: str, **headers: str) -> int:
        """The status of an answer; 0 when there is none."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def processes(self) -> dict[int, str]:
        """Every living process of this installation, by what it does; zombies do not live."""
        mark = f"FF_DATA_DIR={self.data}".encode()
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                alive = (folder / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
                if alive and mark in (folder / "environ").read_bytes().split(b"\0"):
                    found[int(folder.name)] = self._what((folder / "cmdline").read_bytes().decode().split("\0"))
        return found

    def _what(self, command: list[str]) -> str:
        words = {"granian": "web", "worker": "worker", "beat": "scheduler", "serve": "parent", "prepare": "prepare"}
        return next((what for word, what in words.items() if word in command), " ".join(command))

    def children(self, what: str) -> list[int]:
        """The direct children of one kind."""
        ours = [pid for pid, found in self.processes().items() if found == what]
        return [pid for pid in ours if self._parent_of(pid) == self.parent.pid]

    def _parent_of(self, pid: int) -> int:
        with contextlib.suppress(OSError):
            return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        return 0

    def until_ready(self) -> "Serving":
        wait_until(lambda: self.status("/readyz") == 200, f"ready\n{self.said}")
        return self

    def until_gone(self) -> None:
        wait_until(lambda: not self.processes(), f"all processes ended; left: {self.processes()}")


Serve = Callable[..., Serving]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start an installation: serve(folder, FF_DEMO="1"). What a failed test left running is ended."""
    started: list[Serving] = []

    def begin(data: Path, **variables: str) -> Serving:
        started.append(Serving(data, **variables))
        return started[-1]

    yield begin
    for serving in started:
        for pid in serving.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        serving.parent.wait()


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory) -> Path:
    """A demo's data folder, as the first start leaves it."""
    data = tmp_path_factory.mktemp("lived-in") / "data"
    serving = Serving(data, FF_DEMO="1")
    try:
        serving.until_ready()
    finally:
        serving.parent.terminate()
        serving.parent.wait()
    return data


@pytest.fixture
def demo(lived_in: Path, tmp_path: Path, serve: Serve) -> Serving:
    """A demo that was started before, and is ready again."""
    shutil.copytree(lived_in, tmp_path / "data")
    return serve(tmp_path / "data", FF_DEMO="1").until_ready()


def test_the_demo_starts_and_says_where_it_is_and_nothing_more(serve: Serve, tmp_path: Path) -> None:
    serving = serve(tmp_path / "data", FF_DEMO="1")

    wait_until(lambda: "Ctrl-C" in serving.said, "the address is printed")

    assert serving.status("/healthz") == 200  # said only once it is true
    assert serving.status("/") == serving.status("/c/custserv/") == serving.status("/static/css/site.css") == 200
    assert serving.said == (
        "The demo is ready: Customer Service Chat, with 3 editions and an open board.\n"
        f"\n  Follow Friday is at http://localhost:{serving.port}\n  Ctrl-C ends it.\n\n"
    )


def test_a_later_start_is_quick_and_finds_everything_where_it_was(demo: Serving) -> None:
    assert "demo is ready" not in demo.said
    assert demo.status("/c/custserv/editions/3/") == 200


def test_the_first_tick_is_due_as_soon_as_the_scheduler_starts() -> None:
    scheduler = Scheduler(app)

    assert scheduler.schedule["tick"].is_due().is_due


def test_a_new_installation_is_ready_with_the_first_tick(lived_in: Path, tmp_path: Path, serve: Serve) -> None:
    shutil.copytree(lived_in, tmp_path / "data")
    (tmp_path / "data" / "followfriday.sqlite3").unlink()

    serving = serve(tmp_path / "data").until_ready()

    assert serving.status("/readyz") == 200


@pytest.mark.parametrize(("how", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 0), (signal.SIGKILL, -9)])
def test_nothing_is_left_behind_however_the_parent_ends(demo: Serving, how: signal.Signals, code: int) -> None:
    before = sorted(demo.processes().values())

    demo.parent.send_signal(how)

    assert demo.parent.wait(PATIENCE) == code
    demo.until_gone()
    assert before == ["parent", "scheduler", "web", "web", "worker"]
    assert "Traceback" not in demo.said


def test_ctrl_c_at_a_terminal_reaches_the_parent_alone(demo: Serving) -> None:
    os.killpg(demo.parent.pid, signal.SIGINT)

    assert demo.parent.wait(PATIENCE) == 0
    demo.until_gone()
    assert "Traceback" not in demo.said


def test_a_child_that_was_killed_is_started_again_and_its_own_children_are_not_left(demo: Serving) -> None:
    for what in ("web", "worker", "scheduler"):
        others = set(demo.processes())
        (pid,) = demo.children(what)
        mine = {each for each, found in demo.processes().items() if found == what}

        os.kill(pid, signal.SIGKILL)

        wait_until(lambda what=what, pid=pid: demo.children(what) not in ([], [pid]), f"{what} started again")
        wait_until(lambda: demo.status("/healthz") == 200, "the web answers again")
        assert not mine & set(demo.processes())
        assert others - mine <= set(demo.processes())
        assert f"{what} stopped (exit code -9); starting it again." in demo.said


def test_a_worker_of_the_web_server_that_was_killed_does_not_stay_dead(demo: Serving) -> None:
    (main,) = demo.children("web")
    (pid,) = [each for each, what in demo.processes().items() if what == "web" and each != main]

    os.kill(pid, signal.SIGKILL)

    wait_until(lambda: pid not in demo.processes(), "it is dead")
    wait_until(lambda: demo.status("/healthz") == 200, "the web answers again")


def test_an_end_while_it_is_still_preparing_leaves_nothing_behind(serve: Serve, tmp_path: Path) -> None:
    for how in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        serving = serve(tmp_path / how.name, FF_DEMO="1")
        wait_until(lambda serving=serving: "prepare" in serving.processes().values(), "it prepares")

        serving.parent.send_signal(how)

        assert serving.parent.wait(PATIENCE) != 0
        serving.until_gone()
        assert "Traceback" not in serving.said


def test_a_child_that_will_not_stay_alive_ends_everything_with_a_message() -> None:
    code = "from ffapp.supervisor import Supervisor; print(Supervisor({'web': ['false']}).run(lambda: True))"

    done = python("-c", code)

    assert done.stdout == "1\n"
    assert done.stderr.splitlines()[-1] == "web keeps stopping (exit code 1); giving up."
    assert done.stderr.count("starting it again") == 5


def test_without_the_demo_it_starts_empty_and_tells_how_to_begin(serve: Serve, tmp_path: Path) -> None:
    serving = serve(tmp_path / "data", FF_DEMO="0").until_ready()

    wait_until(lambda: "/c/new/" in serving.said, "how to begin")

    assert "To make the first curator: sign in there and found a community at /c/new/." in serving.said
    assert f"sign-in codes land in {tmp_path}/data/mail." in serving.said
    assert serving.status("/c/custserv/") == 404


def test_the_secrets_are_its_owners_alone_and_last(demo: Serving, lived_in: Path) -> None:
    kept = demo.data / "secrets.env"

    assert stat.S_IMODE((lived_in / "secrets.env").stat().st_mode) == 0o600
    assert kept.read_text() == (lived_in / "secrets.env").read_text()


def test_the_web_server_tells_the_application_the_true_address(lived_in: Path, tmp_path: Path) -> None:
    shutil.copytree(lived_in, tmp_path / "data")
    serving = object.__new__(Serving)
    serving.port = free_port()
    variables = {"FF_BASE_URL": "https://ff.example", "FF_TRUSTED_PROXIES": "127.0.0.1"}
    ours = environment(FF_DATA_DIR=str(tmp_path / "data"), FF_PORT=str(serving.port), **variables)
    code = "import os; from ffapp.supervisor import commands; c = commands()['web']; os.execv(c[0], c)"
    web = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=ours)
    try:
        wait_until(lambda: serving.status("/healthz"), "the web answers")
        proxied = {"Host": "ff.example", "ClientAddress": "198.51.100.7", "ClientScheme": "https"}

        assert serving.status("/api/v1/communities", **proxied) == 200
    finally:
        web.terminate()
        web.wait(PATIENCE)


REFUSALS: dict[str, tuple[str, dict[str, str]]] = {
    "a port that is no number": ("FF_PORT is a number from 1 to 65535; it is 'high'.", {"FF_PORT": "high"}),
    "a public demo": ("FF_DEMO is on while FF_BASE_URL is not this machine.", {"FF_BASE_URL": "https://ff.example"}),
    "no database": ("The database does not answer", {"DATABASE_URL": "postgres://ff@127.0.0.1:1/ff"}),
}


@pytest.mark.parametrize(("message", "variables"), REFUSALS.values(), ids=REFUSALS)
def test_what_must_be_mended_first_is_said_plainly(tmp_path: Path, message: str, variables: dict[str, str]) -> None:
    ours = {"FF_DATA_DIR": str(tmp_path / "data"), "FF_PORT": str(free_port()), "FF_DEMO": "1"}

    done = python("manage.py", "serve", **ours | variables)

    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def one_line(done: "subprocess.CompletedProcess[str]") -> str:
    """What was said, which is one line, with exit code 1."""
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    return line


def test_a_busy_port_is_one_clear_line(demo: Serving, tmp_path: Path) -> None:
    done = python("manage.py", "serve", FF_DATA_DIR=str(tmp_path / "other"), FF_PORT=str(demo.port))

    assert one_line(done) == (f"Port {demo.port} cannot be used (Address already in use). Choose another with FF_PORT.")


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "broker").write_text("in the way")

    for folder in ("/proc/ff", str(tmp_path / "file"), str(tmp_path / "file" / "data"), str(tmp_path / "half")):
        done = python("manage.py", "serve", FF_DATA_DIR=folder, FF_PORT=str(free_port()))
        assert re.fullmatch(
            rf"The data folder {folder} cannot be written \(.*\). "
            r"Mend that, or choose another folder with FF_DATA_DIR\.",
            one_line(done),
        )


def test_a_python_without_our_packages_is_told_of_make_run() -> None:
    assert one_line(python("-I", "-S", "manage.py", "serve")).endswith("`make run` sees to it.")


def test_an_old_python_is_one_clear_line() -> None:
    code = "import runpy, sys; sys.version_info = (3, 9, 18); sys.argv = ['manage.py', 'serve']; runpy.run_path('manage.py', run_name='__main__')"  # noqa: E501

    assert one_line(python("-c", code)) == "Follow Friday needs Python 3.11 or newer; this is 3.9."


def make_run(tmp_path: Path, stub: str) -> "subprocess.CompletedProcess[str]":
    """`make run` with another Python than ours, which is this shell script."""
    interpreter = tmp_path / "python"
    interpreter.write_text(f"#!/bin/sh\n{stub}\n")
    interpreter.chmod(0o755)
    command = ["make", "run", f"PYTHON={interpreter}", f"VENV={tmp_path}/venv"]
    return subprocess.run(
        command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def test_make_run_names_an_old_python(tmp_path: Path) -> None:
    old = "import sys; sys.version_info = (3, 9, 18, 'final', 0); exec(sys.argv[1])"

    done = make_run(tmp_path, f'shift; exec {sys.executable} -c "{old}" "$@"')

    assert done.returncode != 0
    assert done.stderr.splitlines()[0] == (
        f"Follow Friday needs Python 3.11 or newer; {tmp_path}/python is 3.9. Name another: make run PYTHON=python3.11"
    )


def test_make_run_names_the_missing_venv(tmp_path: Path) -> None:
    done = make_run(tmp_path, f'case "$2" in *venv*) exit 1;; esac; exec {sys.executable} "$@"')

    assert done.returncode != 0
    assert done.stdout.splitlines()[0] == "Python's venv module is missing. On Debian: apt install python3-venv"


def demo_of_make(folder: Path, **variables: str) -> str:
    """What `make run` in a folder would set FF_DEMO to."""
    command = ["make", "-f", str(ROOT / "Makefile"), "--eval", "say:;@echo FF_DEMO=$$FF_DEMO", "say"]
    done = subprocess.run(
        command, cwd=folder, env=environment(**variables), capture_output=True, text=True, check=False
    )
    return done.stdout.strip().removeprefix("FF_DEMO=")


def test_make_run_is_the_demo_unless_told_otherwise(tmp_path: Path) -> None:
    assert demo_of_make(tmp_path) == "1"
    assert demo_of_make(tmp_path, FF_DEMO="0") == "0"

    (tmp_path / ".env").write_text("FF_BASE_URL=https://ff.example\n")

    assert demo_of_make(tmp_path) == ""  # the file says it, or nobody
