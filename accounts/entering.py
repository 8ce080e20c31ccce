"""Let in whoever their network has vouched for, by allauth's own way: second factor, list of sessions, new session."""

from allauth.socialaccount.helpers import complete_social_login
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base import AuthProcess
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from accounts.linking import NotProven, record
from accounts.models import LinkedHandle
from accounts.provider import PROVIDERS, uid_of
from recommendations.networks.granting import Granted

SIGN_IN = "sign-in"  # the purpose


def enter(request: HttpRequest, granted: Granted, next: str) -> HttpResponseBase:
    """Sign in who is known by this account; make an account for whoever is new. Raises NotProven.

    Somebody who proved the account by other means did not say that it may open theirs: they are not let in by it
    until they do (OWASP ASVS 6.8.1).
    """
    known = SocialAccount.objects.filter(
        provider=granted.network.value, uid=uid_of(granted.network, granted.uri)
    ).first()
    owner = LinkedHandle.objects.filter(uri=granted.uri, proven_at__isnull=False).first()
    if owner and (known is None or known.user_id != owner.user_id):
        raise NotProven(
            _(
                "%(handle)s belongs to a member here already. If that is you: sign in as you did before, then "
                "choose “Sign in there” beside it on your page."
            )
            % {"handle": granted.handle}
        )
    login = PROVIDERS[granted.network](request).sociallogin_from_response(request, granted)
    login.state = {"process": AuthProcess.LOGIN, "next": next}
    if known:
        record(known.user, granted)
        return complete_social_login(request, login)
    try:
        with transaction.atomic():
            response = complete_social_login(request, login)
            record(login.user, granted)
    except NotProven:
        logout(request)  # of the account that was taken back a moment ago
        raise
    return response
