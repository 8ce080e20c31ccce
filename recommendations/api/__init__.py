"""The door for scripts: JSON over HTTP, described by OpenAPI at /api/v1/openapi.json.

Reading is open to all; writing needs `Authorization: Bearer TOKEN`. Errors are problem+json (RFC 9457) with
a `detail` for the person.
"""

from recommendations.api import boards, communities, profiles, weeks
from recommendations.api.app import api

for part in (communities, boards, profiles, weeks):
    api.add_router("", part.router)

__all__ = ["api"]
