"""`make check`: everything that can be said of the code without running it, in one go."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.keys import KEYS

BIN = Path(sys.executable).parent
CHECKS: dict[str, list[str]] = {
    "ruff": ["ruff", "check", "--quiet", "."],
    "ruff format": ["ruff", "format", "--quiet", "--check", "."],
    "import floors": ["lint-imports", "--no-cache"],
    "types": ["mypy"],
    "templates": ["djlint", "templates", "--lint", "--quiet"],
    "migrations": ["python", "manage.py", "makemigrations", "--check", "--dry-run", "--verbosity", "1"],
    "deploy checks": ["python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
    "compose file": ["check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"],
}


def main() -> int:
    """Run all; 1 when any failed. What a failed one printed is shown, the others are a line each."""
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("FF_")}
        environment = inherited | KEYS | {"FF_DATA_DIR": folder, "FF_BASE_URL": "https://ff.example"}
        environment.pop("DATABASE_URL", None)
        for name, (tool, *arguments) in CHECKS.items():
            done = subprocess.run(
                [str(BIN / tool), *arguments], env=environment, capture_output=True, text=True, check=False
            )
            print(f"{'ok    ' if done.returncode == 0 else 'FAILED'} {name}", flush=True)
            if done.returncode:
                failed.append(name)
                print(done.stdout[-8000:], done.stderr[-4000:], flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
