"""How allauth is bent to the house: invented user names, sealed second factors, no e-mail from networks."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.http import HttpRequest

from accounts.models import User
from recommendations import seals
from recommendations.markup import clean_line

_MFA = "mfa"
_NAME_LIMIT = 60  # characters of User.display_name


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up and sign-in."""

    def populate_username(self, request: HttpRequest, user: User) -> None:
        """Keep the invented name: allauth would make one from the e-mail address and so give that away."""

    def send_account_already_exists_mail(self, email: str) -> None:
        """Tell the owner of an address that someone tried to sign up with it; allauth's would offer a new password."""
        self.send_mail("account/email/account_already_exists", email, {})


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Sign-up by way of a network."""

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Their display name there, which they can change here. No e-mail address is ever taken from a network."""
        user: User = sociallogin.user
        user.display_name = clean_line(str(data.get("name") or ""), _NAME_LIMIT)
        return user


class MFAAdapter(DefaultMFAAdapter):
    """Second factors, sealed before they are kept."""

    def encrypt(self, text: str) -> str:
        """Seal a TOTP secret or a recovery seed."""
        return seals.seal(text.encode(), keys=settings.FF_SEAL_KEYS, context=_MFA)

    def decrypt(self, encrypted_text: str) -> str:
        """Open what `encrypt` sealed."""
        return seals.unseal(encrypted_text, keys=settings.FF_SEAL_KEYS, context=_MFA).decode()
