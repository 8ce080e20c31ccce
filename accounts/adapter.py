"""How allauth is bent to the house: invented user names, sealed second factors, codes that can be typed."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest

from accounts.models import User
from recommendations import seals

_MFA = "mfa"


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up and sign-in."""

    def populate_username(self, request: HttpRequest, user: User) -> None:
        """Keep the invented name: allauth would make one from the e-mail address and so give that away."""


class MFAAdapter(DefaultMFAAdapter):
    """Second factors, sealed before they are kept."""

    def encrypt(self, text: str) -> str:
        """Seal a TOTP secret or a recovery seed."""
        return seals.seal(text.encode(), keys=settings.FF_SEAL_KEYS, context=_MFA)

    def decrypt(self, encrypted_text: str) -> str:
        """Open what `encrypt` sealed."""
        return seals.unseal(encrypted_text, keys=settings.FF_SEAL_KEYS, context=_MFA).decode()
