"""By what somebody can sign in. Nobody may be left without a way; nobody should have only one."""

from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount

from accounts.models import LinkedHandle, User
from accounts.provider import uid_of
from recommendations.handles import Network


def ways_in(user: User) -> int:
    """How many: confirmed e-mail addresses, passkeys, and accounts on networks."""
    passkeys = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    return (
        EmailAddress.objects.filter(user=user, verified=True).count()
        + sum(each.wrap().is_passwordless is True for each in passkeys)
        + SocialAccount.objects.filter(user=user).count()
    )


def came_from(user: User) -> str:
    """The server they sign in by, else the domain of their e-mail address; nothing where there is neither."""
    account = SocialAccount.objects.filter(user=user).order_by("pk").first()
    if account:
        return urlsplit(str(account.extra_data.get("issuer", ""))).hostname or ""
    address = EmailAddress.objects.filter(user=user).order_by("-verified", "-primary", "pk").first()
    return address.email.rpartition("@")[2] if address else ""


def way_by(linked: LinkedHandle) -> SocialAccount | None:
    """The way in that this handle is, if it is one."""
    if not linked.uri:
        return None
    uid = uid_of(Network(linked.network), linked.uri)
    return SocialAccount.objects.filter(user_id=linked.user_id, provider=linked.network, uid=uid).first()
