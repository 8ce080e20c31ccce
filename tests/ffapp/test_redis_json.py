"""What Redis keeps is JSON."""

import json

import pytest
from django.core.cache.backends.redis import RedisCache

from ffapp.redis_json import JSONSerializer
from tests.start_services import redis

OPTIONS = {"OPTIONS": {"serializer": "ffapp.redis_json.JSONSerializer"}}


@pytest.mark.parametrize(
    "value", [0, -7, 2**62, 1.5, "12", "é🦊\x00", "", True, False, None, [1, "x"], {"a": {"b": []}}]
)
def test_a_value_comes_back_as_it_was(value: object) -> None:
    kept = JSONSerializer().dumps(value)

    again = JSONSerializer().loads(str(kept).encode() if isinstance(kept, int) else kept)

    assert again == value
    assert type(again) is type(value)


def test_what_json_cannot_hold_is_refused_and_not_pickled() -> None:
    with pytest.raises(TypeError):
        JSONSerializer().dumps(object())


@pytest.mark.services
def test_a_real_redis_counts_and_keeps() -> None:
    with redis() as url:
        cache = RedisCache(url, OPTIONS)
        cache.set("page", ("<p>é</p>", {"ETag": '"x"'}), 60)
        cache.add("count", 1, 60)
        cache.incr("count")

        assert cache.get("page") == ["<p>é</p>", {"ETag": '"x"'}]
        assert cache.get("count") == 2
        assert json.loads(cache._cache.get_client().get(cache.make_and_validate_key("page")))
