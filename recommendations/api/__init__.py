"""The door for scripts: JSON over HTTP, described by OpenAPI at /api/v1/openapi.json.

Reading is open to all; writing needs `Authorization: Bearer TOKEN`. Errors are problem+json (RFC 9457) with
a `detail` for the person.
"""

from recommendations.api.app import api
from recommendations.api.boards import router as boards
from recommendations.api.communities import router as communities
from recommendations.api.profiles import router as profiles
from recommendations.api.weeks import router as weeks

api.add_router("", communities)
api.add_router("", boards)
api.add_router("", profiles)
api.add_router("", weeks)

__all__ = ["api"]
