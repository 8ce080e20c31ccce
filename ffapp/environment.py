"""What the environment says, read in one way by the settings and by the supervisor. Knows no Django setting.

The real environment wins; then comes the .env file (FF_ENV_FILE names another one), then what the first `serve` gave
itself (ffapp.secrets). An empty variable is one that is not set.
"""

import os
from collections.abc import Collection
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent
YES, NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


class _Known(environ.Env):
    """Kept apart from os.environ, so that a child reads the files anew."""

    ENVIRON = {name: value for name, value in os.environ.items() if value.strip()}


def text(name: str, default: str = "") -> str:
    """A variable's text without blanks around it."""
    return str(_Known.ENVIRON.get(name) or default).strip()


def words(name: str) -> list[str]:
    """A list, written with commas."""
    return [word.strip() for word in text(name).split(",") if word.strip()]


def switch(name: str) -> bool:
    """On or off; off when not set. Raises ImproperlyConfigured for anything else: it could be meant either way."""
    value = text(name, "0").lower()
    if value not in YES | NO:
        raise ImproperlyConfigured(f"{name} is either 1 or 0; it is {value!r}.")
    return value in YES


def number(name: str, default: float, *, least: float, most: float) -> float:
    """A number within its bounds. Raises ImproperlyConfigured."""
    value = text(name, str(default))
    try:
        found = float(value)
    except ValueError:
        found = float("nan")
    if not least <= found <= most:
        raise ImproperlyConfigured(f"{name} is a number from {least:g} to {most:g}; it is {value!r}.")
    return found


def whole_number(name: str, default: int, *, least: int, most: int) -> int:
    """A number without fractions within its bounds. Raises ImproperlyConfigured."""
    found = number(name, default, least=least, most=most)
    if found != int(found):
        raise ImproperlyConfigured(f"{name} is a whole number; it is {text(name)!r}.")
    return int(found)


def one_of(name: str, default: str, allowed: Collection[str]) -> str:
    """One of a few words in capitals. Raises ImproperlyConfigured."""
    value = text(name, default).upper()
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} is one of {', '.join(allowed)}; it is {value!r}.")
    return value


def site(default: str) -> SplitResult:
    """FF_BASE_URL, taken apart. Raises ImproperlyConfigured unless it is a scheme, a host and perhaps a port."""
    value = text("FF_BASE_URL", default).rstrip("/")
    try:
        base = urlsplit(value)
        good = base.scheme in ("http", "https") and base.hostname and value == f"{base.scheme}://{base.netloc}"
        good = good and base.port != 0 and "@" not in base.netloc
    except ValueError:
        good = False
    if not good:
        raise ImproperlyConfigured(
            f"FF_BASE_URL is a full address without a path, such as https://ff.example; it is {value!r}."
        )
    return base


def is_this_machine(host: str) -> bool:
    """Whether a host name means the machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _read(path: Path) -> None:
    _Known.read_env(path)
    _Known.ENVIRON = {name: value for name, value in _Known.ENVIRON.items() if value.strip()}


def read_secrets() -> None:
    """Take up what `secrets.ensure` wrote; called again once it has."""
    _read(DATA_DIR / "secrets.env")


_read(ROOT / text("FF_ENV_FILE", ".env"))
DATA_DIR = ROOT / text("FF_DATA_DIR", "var")  # an absolute path stays as it is
PORT = whole_number("FF_PORT", 8000, least=1, most=65_535)
WEB_PROCESSES = whole_number("FF_WEB_PROCESSES", 1, least=1, most=64)
