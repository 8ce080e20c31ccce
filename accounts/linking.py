"""Prove that a handle is yours: a token in the bio, or a rel=me link back to this site."""

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import LinkedHandle, User
from recommendations import networks
from recommendations.handles import Handle
from recommendations.networks.base import Options, Rejected, Unavailable


class NotProven(Exception):
    """The proof is not there (yet). The message says what to do."""


def claim(user: User, handle: Handle) -> LinkedHandle:
    """Begin: a claim with its token. It counts for nothing until it is proven."""
    linked, _ = LinkedHandle.objects.get_or_create(
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
        raise NotProven(f"We could not look at {linked} just now: {error}") from error
    if not found.checked:
        raise NotProven("We cannot look at profiles on that network without its credentials.")
    if linked.token not in found.bio and not any(linked.token in link for link in found.links):
        raise NotProven(f"We looked, and {linked.token} is not in the profile of {linked} yet.")
    try:
        with transaction.atomic():
            LinkedHandle.objects.filter(pk=linked.pk).update(uri=found.uri, proven_at=timezone.now())
    except IntegrityError as error:
        raise NotProven(
            "Somebody else has proven that this account is theirs. They must let go of it first."
        ) from error
