"""The secrets an installation gives itself at its first start. Plain Python: no Django, no settings.

`python -m ffapp.secrets` prints a fresh set, ready for an .env file.
"""

import base64
import fcntl
import os
import secrets
from collections.abc import Collection
from pathlib import Path


def fresh() -> dict[str, str]:
    """A new set: variable -> value. FF_SEAL_KEYS holds 32 bytes in URL-safe base64 (see recommendations.seals)."""
    return {
        "FF_SECRET_KEY": secrets.token_urlsafe(48),
        "FF_SEAL_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "FF_HASH_KEY": secrets.token_urlsafe(32),
    }


def ensure(data_dir: Path, given: Collection[str]) -> None:
    """Write to DATA_DIR/secrets.env, readable by its owner alone, what is neither there nor `given` elsewhere.

    Two starts at once: the second waits for the first, and takes what that wrote. Raises OSError.
    """
    with open(os.open(data_dir / "secrets.env", os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        there = {line.partition("=")[0] for line in file}
        missing = {name: value for name, value in fresh().items() if name not in there and name not in given}
        file.writelines(f"{name}={value}\n" for name, value in missing.items())


if __name__ == "__main__":
    for name, value in fresh().items():
        print(f"{name}={value}")
