"""How values are kept in Redis: as JSON. Of a pickle, whoever can write to Redis could make code."""

import json
from typing import Any


class JSONSerializer:
    """Numbers stay numbers, so that Redis can count with them; a tuple comes back as a list."""

    def dumps(self, value: Any) -> Any:
        """Raises TypeError for what JSON cannot hold."""
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        """What `dumps` was given."""
        return json.loads(data)
