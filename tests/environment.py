"""What the tests' processes find in their environment. Loaded as a plugin before Django (see pyproject.toml).

Nothing of the machine's own settings reaches a test: FF_* variables are cleared, the data folder is new.
The database and the cache are those of the leg (tests/legs.py); alone, `pytest` runs on SQLite.
"""

import os
import tempfile
from pathlib import Path

from tests.keys import KEYS

for _name in [name for name in os.environ if name.startswith("FF_") and not name.startswith("FF_TEST_")]:
    del os.environ[_name]

if os.environ.get("REDIS_URL"):  # each worker has a database of its own there: they empty it between tests
    _worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    os.environ["REDIS_URL"] = f"{os.environ['REDIS_URL'].rpartition('/')[0]}/{_worker}"

_folder = Path(tempfile.mkdtemp(prefix="ff-test-"))
os.environ |= KEYS | {
    "FF_DATA_DIR": str(_folder),
    "FF_ENV_FILE": os.devnull,  # a developer's own .env is not for tests
    "FF_BASE_URL": "http://localhost:8000",
    "FF_EMAIL_URL": "memorymail://",
    "DJANGO_SETTINGS_MODULE": "ffapp.settings",
}
(_folder / "broker").mkdir()
(_folder / "broker-control").mkdir()
(_folder / "static").mkdir()
