"""How allauth is bent to the house: invented user names, sealed second factors, no e-mail from networks."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notices import proven_addresses, tell
from accounts.reauthentication import recently
from recommendations import seals
from recommendations.markup import clean_line

_MFA = "mfa"
_NAME_LIMIT = 60  # characters of User.display_name
_OCCASIONS = {  # allauth's mail -> what has happened, and what of its context says to what
    "account/email/email_changed": ("email_primary", "to_email"),
    "account/email/email_deleted": ("email_removed", "deleted_email"),
    "mfa/email/totp_activated": ("totp_added", ""),
    "mfa/email/totp_deactivated": ("totp_removed", ""),
    "mfa/email/webauthn_added": ("passkey_added", ""),
    "mfa/email/webauthn_removed": ("passkey_removed", ""),
    "mfa/email/recovery_codes_generated": ("recovery_codes", ""),
}


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up and sign-in."""

    def populate_username(self, request: HttpRequest, user: User) -> None:
        """Keep the invented name: allauth would make one from the e-mail address and so give that away."""

    def send_account_already_exists_mail(self, email: str) -> None:
        """Tell the owner of an address that someone tried to sign up with it; allauth's would offer a new password."""
        self.send_mail("account/email/account_already_exists", email, {})

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """Raise ReauthenticationRequired unless the person was asked lately.

        To answer True would not do: allauth then lets through whoever has neither a password nor a second factor.
        """
        if not recently(allauth_context.request):
            raise ReauthenticationRequired
        return False

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """Second factors for those who have one, else our own page."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if methods or not user.is_authenticated:
            return methods
        ours = {"id": "ours", "description": _("Another way"), "url": reverse("account_reauthenticate")}
        return [ours]

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Tell the addresses that were proven before of each that is proven later."""
        before = proven_addresses(email_address.user)
        confirmed = bool(super().confirm_email(request, email_address))
        if confirmed and (before or request.user.is_authenticated):
            tell(email_address.user, "email_added", about=email_address.email, addresses=before)
        return confirmed

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell of what allauth reports in our own words, at every address that was proven before the request."""
        said = context or {}
        nothing_changed = template_prefix == "account/email/email_changed" and said["from_email"] == said["to_email"]
        if template_prefix in _OCCASIONS and not nothing_changed:
            occasion, about = _OCCASIONS[template_prefix]
            before = getattr(allauth_context.request, "addresses_before", None)
            tell(user, occasion, about=str(said.get(about, "")), addresses=before)


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
