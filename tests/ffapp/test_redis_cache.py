"""While Redis is away every key is missing; nothing raises but what a missing key always raised."""

import pytest
from django.core.cache.backends.redis import RedisCacheClient
from redis.exceptions import ConnectionError as NoRedis

from ffapp.redis_cache import ForgivingClient, ForgivingRedisCache
from tests.start_services import free_port


@pytest.fixture
def away() -> ForgivingRedisCache:
    """A cache at a port where nobody listens."""
    return ForgivingRedisCache(f"redis://127.0.0.1:{free_port()}/0", {})


def test_what_is_asked_for_is_not_there(away):
    assert away.get("key") is None
    assert away.get("key", "default") == "default"
    assert away.get_many(["one", "two"]) == {}
    assert "key" not in away
    assert away.get_or_set("key", "made afresh") == "made afresh"


def test_what_is_given_is_not_kept_and_that_is_no_trouble(away):
    assert away.add("key", 1) is True
    assert away.set("key", 1) is None
    assert away.set_many({"one": 1}) == []
    assert away.touch("key") is False
    assert away.delete("key") is False
    assert away.delete_many(["one"]) is None


def test_counting_up_says_what_it_says_of_any_missing_key(away):
    with pytest.raises(ValueError, match="not found"):
        away.incr("key")


def test_the_usual_client_would_have_raised(away):
    assert issubclass(ForgivingClient, RedisCacheClient)
    with pytest.raises(NoRedis):
        RedisCacheClient(away._servers).get("key", None)
