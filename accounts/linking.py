"""Prove that a handle is yours: by signing in there, by a token in the bio, or by a rel=me link back to this site."""

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import LinkedHandle, User
from accounts.provider import told_by, uid_of
from accounts.ways_in import way_by, ways_in
from recommendations import networks
from recommendations.handles import Handle
from recommendations.networks.base import Options, Rejected, Unavailable
from recommendations.networks.granting import Granted

_TAKEN = gettext_lazy("Somebody else has proven that this account is theirs. They must let go of it first.")


class NotProven(Exception):
    """The proof is not there (yet). The message says what to do."""


class OnlyWayIn(Exception):
    """Letting go of this handle would lock its owner out. The message says what to do first."""


def claim(user: User, handle: Handle) -> LinkedHandle:
    """Begin: a claim with its token. It counts for nothing until it is proven."""
    linked, _new = LinkedHandle.objects.get_or_create(
        user=user, network=handle.network.value, name=handle.name, host=handle.host
    )
    return linked


def proof_page(linked: LinkedHandle) -> str:
    """The address a rel=me link must lead to."""
    return f"{settings.FF_BASE_URL}/me/#{linked.token}"


def prove(linked: LinkedHandle, options: Options) -> None:
    """Look at the profile now. Raises NotProven.

    The token alone is enough: it is unguessable, and only the holder of the account can put it there.
    """
    try:
        found = networks.reader(linked.handle.network, options).look_up(linked.handle, timeout=5.0)
    except (Rejected, Unavailable) as error:
        raise NotProven(
            _("We could not look at %(handle)s just now: %(trouble)s") % {"handle": linked, "trouble": error.said(_)}
        ) from error
    if not found.checked:
        raise NotProven(_("We cannot look at profiles on that network without its credentials."))
    if linked.token not in found.bio and not any(linked.token in link for link in found.links):
        raise NotProven(
            _("We looked, and %(token)s is not in the profile of %(handle)s yet.")
            % {"token": linked.token, "handle": linked}
        )
    try:
        with transaction.atomic():
            LinkedHandle.objects.filter(pk=linked.pk).update(uri=found.uri, proven_at=timezone.now())
    except IntegrityError as error:
        raise NotProven(_TAKEN) from error


def record(user: User, granted: Granted) -> LinkedHandle:
    """They signed in there, so it is theirs: proven, under the handle it has today. Raises NotProven."""
    try:
        with transaction.atomic():
            return _record(user, granted)
    except IntegrityError as error:
        raise NotProven(_TAKEN) from error


def link(user: User, granted: Granted) -> LinkedHandle:
    """As `record`; and from now on they can sign in here by it, too. Raises NotProven."""
    try:
        with transaction.atomic():
            linked = _record(user, granted)
            SocialAccount.objects.update_or_create(
                user=user,
                provider=granted.network.value,
                uid=uid_of(granted.network, granted.uri),
                defaults={"extra_data": told_by(granted)},
            )
    except IntegrityError as error:
        raise NotProven(_TAKEN) from error
    return linked


def release(linked: LinkedHandle) -> None:
    """Let go of a handle, and of signing in by it. Raises OnlyWayIn."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=linked.user_id)  # two at once must not both be the last but one
        way = way_by(linked)
        if way and ways_in(linked.user) == 1:
            raise OnlyWayIn(
                _("%(handle)s is your only way in here. First add a passkey, an e-mail address or another handle.")
                % {"handle": linked}
            )
        if way:
            way.delete()
        linked.delete()


def _record(user: User, granted: Granted) -> LinkedHandle:
    handle, now = granted.handle, timezone.now()
    named = {"network": handle.network.value, "name": handle.name, "host": handle.host}
    mine = LinkedHandle.objects.filter(user=user, uri=granted.uri, proven_at__isnull=False).first()
    claims = LinkedHandle.objects.filter(user=user, **named)
    if mine is None:
        mine = claims.first() or LinkedHandle(user=user)
    claims.exclude(pk=mine.pk).delete()  # of the same handle: it was a claim, or has passed to this account
    for field, value in (named | {"uri": granted.uri}).items():
        setattr(mine, field, value)
    mine.proven_at = mine.proven_at or now
    mine.save()
    return mine
