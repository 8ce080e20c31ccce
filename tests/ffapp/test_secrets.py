"""The secrets an installation gives itself: made once, kept, and nobody else's."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ffapp import secrets
from recommendations import seals
from tests.ffapp.booting import ROOT, python


def kept(folder: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in (folder / "secrets.env").read_text().splitlines())


def test_what_is_made_is_fresh_and_fits_its_use(tmp_path: Path) -> None:
    one, another = secrets.fresh(), secrets.fresh()

    assert not set(one.values()) & set(another.values())
    assert len(one["FF_SECRET_KEY"]) >= 50
    assert seals.seal(b"x", keys=[one["FF_SEAL_KEYS"]], context="test")
    secrets.ensure(tmp_path, [])
    done = python("-c", "import ffapp.settings", FF_DATA_DIR=str(tmp_path), **dict.fromkeys(one, ""))
    assert (done.returncode, done.stderr) == (0, "")


def test_they_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    secrets.ensure(tmp_path, [])
    first = kept(tmp_path)
    secrets.ensure(tmp_path, [])

    assert kept(tmp_path) == first
    assert set(first) == set(secrets.fresh())
    assert stat.S_IMODE((tmp_path / "secrets.env").stat().st_mode) == 0o600


def test_what_is_given_elsewhere_is_not_made_and_what_is_missing_later_is_added(tmp_path: Path) -> None:
    secrets.ensure(tmp_path, ["FF_SECRET_KEY", "FF_HASH_KEY"])
    first = kept(tmp_path)
    assert set(first) == {"FF_SEAL_KEYS"}

    secrets.ensure(tmp_path, ["FF_HASH_KEY"])

    assert set(kept(tmp_path)) == {"FF_SEAL_KEYS", "FF_SECRET_KEY"}
    assert kept(tmp_path)["FF_SEAL_KEYS"] == first["FF_SEAL_KEYS"]


def test_two_starts_at_once_agree(tmp_path: Path) -> None:
    code = f"from pathlib import Path; from ffapp import secrets; secrets.ensure(Path({str(tmp_path)!r}), [])"
    starts = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) for _ in range(8)]

    assert [start.wait(60) for start in starts] == [0] * 8
    assert len((tmp_path / "secrets.env").read_text().splitlines()) == 3


def test_a_folder_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        secrets.ensure(tmp_path / "nowhere", [])


def test_a_set_is_printed_for_an_env_file() -> None:
    done = python("-m", "ffapp.secrets")

    assert [line.partition("=")[0] for line in done.stdout.splitlines()] == list(secrets.fresh())
