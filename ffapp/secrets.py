"""The secrets an installation gives itself at its first start. Plain Python: no Django, no settings.

`python -m ffapp.secrets` prints a fresh set, ready for an .env file.
"""

import base64
import contextlib
import os
import secrets
from pathlib import Path


def fresh() -> dict[str, str]:
    """A new set: variable -> value. FF_SEAL_KEYS holds 32 bytes in URL-safe base64 (see recommendations.seals)."""
    return {
        "FF_SECRET_KEY": secrets.token_urlsafe(48),
        "FF_SEAL_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "FF_HASH_KEY": secrets.token_urlsafe(32),
    }


def ensure(data_dir: Path) -> None:
    """Write what is missing to DATA_DIR/secrets.env, readable by its owner alone; keep what is there.

    Two starts at once: the first to create the file wins. Raises OSError when the folder cannot be written.
    """
    path = data_dir / "secrets.env"
    if path.exists():
        return
    lines = "".join(f"{name}={value}\n" for name, value in fresh().items() if not os.environ.get(name))
    data_dir.mkdir(parents=True, exist_ok=True)
    draft = data_dir / f".secrets-{os.getpid()}"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(lines)
    with contextlib.suppress(FileExistsError):  # another start was quicker, and its secrets count
        os.link(draft, path)
    draft.unlink()


if __name__ == "__main__":
    for name, value in fresh().items():
        print(f"{name}={value}")
