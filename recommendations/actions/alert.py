"""Tell someone that it has changed how their account, or their community's, is opened. Nobody can switch that off."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.notices import proven_addresses
from recommendations.actions.notify import notify
from recommendations.models import Community, Letter, Notification
from recommendations.models.letter import new_key


def alert(
    *,
    user: User,
    occasion: str,
    about: str = "",
    addresses: Iterable[str] | None = None,
    community: Community | None = None,
    by: User | str = "",
    link: str = "",
    once: str = "",
    at: datetime | None = None,
) -> None:
    """Write it down for the app, and a letter to each address: all that the person has proven, if none are given.

    `occasion`: the first half of a key of Notification.Kind.SECURITY. `once`: the key of the form that did it, which
    tells of it once. The letters are not bundled and are due at once.
    """
    at = at or timezone.now()
    which = hashlib.sha256(once.encode("utf-8", "surrogatepass")).hexdigest()[:16] if once else secrets.token_hex(8)
    key = f"{occasion}:{which}"
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if user.notifications.filter(kind=Notification.Kind.SECURITY, key=key).exists():
            return
        notify(
            user=user,
            kind=Notification.Kind.SECURITY,
            key=key,
            community=community,
            about=about,
            by=by,
            link=link,
            at=at,
        )
        news = Notification.objects.get(user=user, kind=Notification.Kind.SECURITY, key=key)
        for address in proven_addresses(user) if addresses is None else addresses:
            Letter.objects.create(
                user=user,
                news=news,
                address=address,
                key=new_key(settings.FF_BASE_URL, "security", user.pk, key, address),
                created_at=at,
                due_at=at,
            )
