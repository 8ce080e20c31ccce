"""A cache may forget, and it may be away: then everything is made afresh, and nobody is sent home with a 500.

What must not be lost is in the database: sessions, states, messages' rows.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def _forgiving(name: str, otherwise: Callable[..., Any]) -> Callable[..., Any]:
    """The client's method of that name; `otherwise` answers with the same arguments where Redis does not."""
    asked = getattr(RedisCacheClient, name)

    @wraps(asked)
    def method(self: RedisCacheClient, *args: Any, **kwargs: Any) -> Any:
        try:
            return asked(self, *args, **kwargs)
        except RedisError as error:
            logger.warning("the cache does not answer: %s", error)
            return otherwise(*args, **kwargs)

    return method


def _not_there(key: str, *_: Any) -> Any:
    raise ValueError(f"Key '{key}' not found.")  # as the cache says of any key it does not hold


class ForgivingClient(RedisCacheClient):
    """Every key is missing while Redis is away, and nothing is kept."""

    get = _forgiving("get", lambda _key, default=None: default)
    get_many = _forgiving("get_many", lambda _keys: {})
    has_key = _forgiving("has_key", lambda _key: False)
    add = _forgiving("add", lambda *_: True)
    set = _forgiving("set", lambda *_: None)
    set_many = _forgiving("set_many", lambda *_: None)
    touch = _forgiving("touch", lambda *_: False)
    delete = _forgiving("delete", lambda _key: False)
    delete_many = _forgiving("delete_many", lambda _keys: None)
    incr = _forgiving("incr", _not_there)


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache with that client."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = ForgivingClient
