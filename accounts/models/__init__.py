"""Who you are: the signed-in person, the handles they have proven, and their API tokens."""

from accounts.models.api_token import ApiToken
from accounts.models.linked_handle import LinkedHandle
from accounts.models.user import User

__all__ = ["ApiToken", "LinkedHandle", "User"]
