"""The containers without an engine: what the image would hold is laid out in a folder, and every command runs there.

What only an engine could show stays unseen: the base images, what apt installs, the network between containers.
"""

import contextlib
import http.client
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ffapp.booting import ROOT
from tests.keys import KEYS
from tests.start_services import _postgres_binaries, _wheel_redis, free_port, services
from tests.waiting import PATIENCE, wait_until

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
OURS = ("migrate", "web", "worker", "scheduler")
GIVEN = KEYS | {
    "POSTGRES_PASSWORD": "secret",
    "FF_BASE_URL": "https://ff.example",
    "FF_TRUSTED_PROXIES": "127.0.0.1",  # here, what Docker's network would be there
}


def lines(instruction: str) -> list[str]:
    """What stands behind an instruction in the last stage of the Dockerfile."""
    final = DOCKERFILE.rpartition("\nFROM ")[2]
    return [line.partition(" ")[2].strip() for line in final.splitlines() if line.startswith(f"{instruction} ")]


def copied() -> list[str]:
    """What the image takes from the repository."""
    return [line.split()[0] for line in lines("COPY") if not line.startswith("--from")]


def filled_in(value: Any, given: dict[str, str]) -> Any:
    """A value of the compose file with its variables, as Compose fills them in. Raises KeyError for a missing one."""

    def fill(match: "re.Match[str]") -> str:
        return given[match["name"]] if match["how"] == ":?" else given.get(match["name"]) or match["default"]

    if isinstance(value, str):
        return re.sub(r"\$\{(?P<name>\w+)(?P<how>:[?-])(?P<default>[^}]*)\}", fill, value)
    if isinstance(value, list):
        return [filled_in(each, given) for each in value]
    return {key: filled_in(each, given) for key, each in value.items()}


@pytest.mark.parametrize("name", OURS)
def test_our_containers_may_do_little(name: str) -> None:
    service = COMPOSE["services"][name]

    assert service["read_only"] is True
    assert service["tmpfs"] == ["/tmp"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")
    assert lines("USER") == ["followfriday"]


def test_only_the_web_is_reached_from_outside_and_only_from_this_machine() -> None:
    ports = {name: service["ports"] for name, service in COMPOSE["services"].items() if "ports" in service}

    assert ports == {"web": ["127.0.0.1:8000:8000"]}


def test_one_address_is_trusted_by_itself_and_it_is_the_gateway_of_the_containers_own_network() -> None:
    (range_,) = COMPOSE["networks"]["default"]["ipam"]["config"]
    trusted = filled_in(COMPOSE["services"]["web"]["environment"]["FF_TRUSTED_PROXIES"], {})

    assert trusted == range_["gateway"]
    assert ip_address(trusted) in ip_network(range_["subnet"])


def test_everything_that_runs_on_is_watched() -> None:
    watched = {name for name, service in COMPOSE["services"].items() if "healthcheck" in service}

    assert watched == set(COMPOSE["services"]) - {"migrate"}


def test_no_secret_stands_in_a_file() -> None:
    environment = COMPOSE["services"]["web"]["environment"]

    for name in (*KEYS, "FF_BASE_URL"):
        assert environment[name].startswith("${" + name + ":?")
    assert "POSTGRES_PASSWORD:?" in environment["DATABASE_URL"]
    assert not re.search(r"(SECRET|SEAL|HASH|PASSWORD)\w*=", " ".join(lines("ENV") + lines("ARG")))


@pytest.mark.parametrize("name", [*KEYS, "POSTGRES_PASSWORD", "FF_BASE_URL"])
def test_nothing_starts_without_its_secrets(name: str) -> None:
    with pytest.raises(KeyError, match=name):
        filled_in(COMPOSE["services"]["web"], {key: value for key, value in GIVEN.items() if key != name})


def test_the_image_holds_only_what_git_holds() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()

    assert all(any(path == source or path.startswith(f"{source}/") for path in tracked) for source in copied())
    assert {"ffapp", "accounts", "recommendations", "templates", "static", "manage.py"} <= set(copied())
    assert "requirements/base.txt" in DOCKERFILE
    assert "--require-hashes" in DOCKERFILE


class Containers:
    """What the image would hold, in a folder; and its processes."""

    def __init__(self, folder: Path, urls: dict[str, str]) -> None:
        self.folder, self.home, self.port = folder, folder / "srv", free_port()
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.image = {"HOME": "/data"}
        for word in shlex.split(" ".join(lines("ENV"))):
            name, _, value = word.partition("=")
            self.image[name] = value.replace("$PATH", os.environ["PATH"])
        self.compose = self.image | filled_in(COMPOSE["services"]["web"]["environment"], GIVEN)
        for environment in (self.image, self.compose):
            environment.update({name: self.moved(value) for name, value in environment.items()})
        self.compose |= urls
        (folder / "data").mkdir()
        self.home.mkdir()
        for source in copied():
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, self.home / source, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / source, self.home / source)

    def moved(self, value: str) -> str:
        """A place in the image, where it is here."""
        value = value.replace("/srv/venv", sys.prefix).replace("/srv/static", str(self.folder / "static"))
        return re.sub(r"^/data$", str(self.folder / "data"), value)

    def here(self, command: list[str]) -> list[str]:
        """A command of the compose file with our port for 8000."""
        return [word.replace("8000", str(self.port)) for word in command]

    def start(self, name: str) -> None:
        command = self.here(COMPOSE["services"][name]["command"])
        self.running[name] = subprocess.Popen(command, cwd=self.home, env=self.compose, start_new_session=True)

    def run(self, command: list[str], **more: str) -> "subprocess.CompletedProcess[str]":
        environment = self.compose | more
        return subprocess.run(
            command, cwd=self.home, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )

    def is_healthy(self, name: str) -> bool:
        how, *command = COMPOSE["services"][name]["healthcheck"]["test"]
        assert how == "CMD"
        return self.run(self.here(command)).returncode == 0

    def until_healthy(self, name: str) -> None:
        wait_until(lambda: self.is_healthy(name) or self.running[name].poll() is not None, f"{name} is healthy")
        assert self.running[name].poll() is None, f"{name} ended with {self.running[name].returncode}"

    def stop(self, name: str) -> int:
        """As `docker stop`: SIGTERM, and the exit code."""
        grace = COMPOSE["services"][name].get("stop_grace_period", "10s")
        self.running[name].send_signal(signal.SIGTERM)
        return self.running[name].wait(float(grace.removesuffix("s")))

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of an answer to a proxy's request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", path, headers={"Host": "ff.example"} | headers)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()

    def files(self) -> set[Path]:
        """What lies on the read-only file system."""
        return {path for folder in (self.home, self.folder / "static") for path in folder.rglob("*")}


@pytest.fixture(scope="module")
def containers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containers]:
    """The image's folder with its static files collected, beside a real Postgres and a real Redis."""
    with services() as urls:
        made = Containers(tmp_path_factory.mktemp("containers"), urls)
        (collect,) = (line for line in lines("RUN") if "collectstatic" in line)
        built = subprocess.run(
            ["sh", "-c", collect], cwd=made.home, env=made.image, capture_output=True, text=True, check=False
        )
        assert (built.returncode, built.stdout, built.stderr) == (0, "", "")
        yield made
        for process in made.running.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.mark.services
def test_static_files_are_collected_and_compressed_with_keys_that_are_kept_nowhere(containers: Containers) -> None:
    names = {path.name for path in (containers.folder / "static").rglob("*")}

    assert "staticfiles.json" in names
    assert any(re.fullmatch(r"site\.[0-9a-f]{12}\.css\.br", name) for name in names)
    kept = {path.name for path in (containers.folder / "data").iterdir()}
    assert kept <= {"last-tick.json"}  # what a restore is noticed by, and no key


@pytest.mark.long
@pytest.mark.services
def test_every_command_runs_is_found_healthy_and_ends_when_asked(containers: Containers) -> None:
    migrated = containers.run(COMPOSE["services"]["migrate"]["command"])
    assert migrated.returncode == 0, migrated.stderr
    before = containers.files()
    assert not any(containers.is_healthy(name) for name in ("web", "worker", "scheduler"))

    for name in ("web", "worker", "scheduler"):
        containers.start(name)
    for name in ("web", "worker", "scheduler"):
        containers.until_healthy(name)

    assert containers.files() == before  # nothing was written where nothing can be
    proxied = {"ClientAddress": "198.51.100.7", "ClientScheme": "https", "Accept-Encoding": "br"}
    status, headers, page = containers.get("/", **proxied)
    assert (status, "__Host" in str(headers), b"Follow Friday" in page) == (200, False, True)
    style = re.search(rb'href="(/static/css/site\.[0-9a-f]{12}\.css)"', page)
    assert style
    status, headers, _ = containers.get(style[1].decode(), **proxied)
    assert (status, headers["content-encoding"]) == (200, "br")
    assert containers.get("/")[0] == 400  # from the proxy's address, and without its word
    assert {name: containers.stop(name) for name in ("web", "worker", "scheduler")} == {
        "web": 0,
        "worker": 0,
        "scheduler": 0,
    }
    assert not containers.is_healthy("web")


@pytest.mark.services
def test_the_health_checks_of_postgres_and_redis_ask_the_real_ones(containers: Containers) -> None:
    redis_port = containers.compose["REDIS_URL"].rpartition(":")[2].partition("/")[0]
    postgres = re.search(r"@(?P<host>[^:/]+):(?P<port>\d+)/", containers.compose["DATABASE_URL"])
    assert postgres
    _, *redis = COMPOSE["services"]["redis"]["healthcheck"]["test"]
    _, *ready = COMPOSE["services"]["postgres"]["healthcheck"]["test"]

    cli = shutil.which(redis[0]) or str(Path(_wheel_redis()).with_name(redis[0]))
    isready = shutil.which(ready[0]) or str(_postgres_binaries(containers.folder) / ready[0])
    asked = containers.run([cli, "-p", redis_port, *redis[1:]])
    found = containers.run([isready, *ready[1:]], PGHOST=postgres["host"], PGPORT=postgres["port"])

    assert (asked.returncode, asked.stdout) == (0, "PONG\n")
    assert found.returncode == 0, found.stdout
