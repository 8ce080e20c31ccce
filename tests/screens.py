"""`python -m tests.screens [FOLDER] [URL]`: a picture of every page and mail, narrow and wide, light and dark.

Without a URL a demo of its own is started on a free port and thrown away afterwards; a demo at a URL gets a draft, a
community and a few votes more, and wants to be begun anew (`make demo`) before it is toured again.
"""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.chromium import chromium
from tests.browser.tour import TOUR, visitors
from tests.start_services import free_port

ROOT = Path(__file__).resolve().parents[1]
WIDTHS = {"390": 844, "1280": 900}
SCHEMES = ("light", "dark")
BOOT_SECONDS = 180


@contextmanager
def demo() -> Iterator[str]:
    """A demo of our own, with everything it keeps in a folder that is thrown away; its address."""
    port = free_port()
    url = f"http://localhost:{port}"
    with tempfile.TemporaryDirectory(prefix="ff-screens-") as folder:
        mine = {"FF_DEMO": "1", "FF_DATA_DIR": folder, "FF_PORT": str(port), "FF_BASE_URL": url}
        others = {name: value for name, value in os.environ.items() if not name.startswith("FF_")}
        server = subprocess.Popen([sys.executable, "manage.py", "serve"], cwd=ROOT, env=others | mine)
        try:
            _wait_for(url, server)
            yield url
        finally:
            server.terminate()
            server.wait(30)


def take(folder: Path, url: str) -> int:
    """Take the pictures into a folder; how many."""
    folder.mkdir(parents=True, exist_ok=True)
    taken = 0
    with chromium() as browser:
        pages = visitors(browser, url)
        for number, stop in enumerate(TOUR):
            page = pages[stop.who]
            stop.go(page)
            for width, height in WIDTHS.items():
                for scheme in SCHEMES:
                    _picture(page, int(width), height, scheme, folder / f"{number:02}-{stop.name}-{width}-{scheme}.png")
                    taken += 1
    return taken


def _picture(page: Page, width: int, height: int, scheme: str, path: Path) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.evaluate("document.fonts.ready")
    page.screenshot(path=path, full_page=True)


def _wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + BOOT_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=30):
                return
        except OSError:
            time.sleep(0.3)
    raise RuntimeError("The demo did not start; what it said stands above.")


def main(arguments: list[str]) -> int:
    """Take all pictures and say where they are."""
    folder = Path(arguments[0]) if arguments else ROOT / "var" / "screens"
    if len(arguments) > 1:
        taken = take(folder, arguments[1])
    else:
        with demo() as url:
            taken = take(folder, url)
    print(f"{taken} pictures in {folder}", flush=True)
    return subprocess.run([sys.executable, "-m", "tests.mail_pictures", str(folder)], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
