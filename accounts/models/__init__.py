"""Who you are: the signed-in person, the handles they have proven, their API tokens, and where we are registered."""

from accounts.models.api_token import ApiToken, Scope
from accounts.models.linked_handle import LinkedHandle
from accounts.models.oauth_app import OAuthApp
from accounts.models.user import User

__all__ = ["ApiToken", "LinkedHandle", "OAuthApp", "Scope", "User"]
