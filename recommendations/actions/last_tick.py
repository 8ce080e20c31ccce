"""What is remembered of the last tick outside the database, so that a restored database notices what it is.

It stands in a small file in FF_DATA_DIR, which no backup of the database holds, and in Redis where there is one, which
all machines share. It is a count, no time: no machine's clock can raise an alarm, and neither can the file of a machine
on which no tick has run for long, as its count is lower. A file or a Redis that is lost is written again.
"""

import contextlib
import json
import logging
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection

logger = logging.getLogger(__name__)

NAME = "last-tick.json"
_KEY, _LIFE = "last-tick:", "last-tick-of"


def seen(life: str) -> int:
    """The highest count that is remembered of this installation; 0 where nothing is."""
    kept = _read()
    in_file = kept.get("count") if kept.get("life") == life else 0
    in_redis = cache.get(_KEY + life) if settings.REDIS_URL else 0
    return max(each if isinstance(each, int) else 0 for each in (in_file, in_redis))


def remembers_a_life() -> bool:
    """Return whether an installation ever ticked here: then a database that has counted no tick is older than that."""
    return bool(_read().get("life") or (settings.REDIS_URL and cache.get(_LIFE)))


def remember(life: str, count: int) -> None:
    """Write down a count that is committed. A folder that cannot be written to is no reason to stop."""
    try:
        _settle_database()
        path = _path()
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f"{NAME}.{os.getpid()}")
        new.write_text(json.dumps({"life": life, "count": count}))
        new.replace(path)
    except OSError as error:
        logger.warning("the last tick cannot be remembered in %s: %s", _path(), error)
    if settings.REDIS_URL:
        cache.set(_KEY + life, count, None)
        cache.set(_LIFE, life, None)


def _path() -> Path:
    return Path(settings.DATA_DIR) / NAME


def _read() -> dict[str, Any]:
    try:
        kept = json.loads(_path().read_text())
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _settle_database() -> None:
    """SQLite may lose its last commits in a power cut (synchronous=NORMAL): what we remember must not outlive them."""
    if connection.vendor != "sqlite":
        return
    with contextlib.suppress(FileNotFoundError):
        log = os.open(f"{connection.settings_dict['NAME']}-wal", os.O_RDONLY)
        try:
            os.fsync(log)
        finally:
            os.close(log)
