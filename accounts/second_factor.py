"""Second factors: which ones a person holds, and whether this session was opened or confirmed with one."""

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from accounts.models import User

# Recovery codes stand in for a lost factor, so nobody holds them alone; but one that was typed counts as used.
_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def holds_second_factor(user: User) -> bool:
    """Return whether the person has a passkey, a security key or an authenticator app."""
    return Authenticator.objects.filter(user=user, type__in=_FACTORS).exists()


def used_second_factor(request: HttpRequest, user: User) -> bool:
    """Return whether this session has shown a factor that the person still holds.

    Every such session rests on two factors: a passkey that signs in by itself verifies its user, and any other factor
    came after a code by e-mail or a network's word. A factor added or removed since does not count.
    """
    if not holds_second_factor(user):
        return False
    shown = {record.get("id") for record in get_authentication_records(request, user) if record["method"] == "mfa"}
    return Authenticator.objects.filter(user=user, pk__in=shown).exists()
