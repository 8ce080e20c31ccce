"""Put what happened to somebody into one letter, so that ten answers within ten minutes are one mail."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from recommendations.models import Letter, Notification
from recommendations.models.letter import new_key

MOST = 50  # in one letter; the next takes the rest


def bundle(*, user: User, at: datetime | None = None) -> Letter | None:
    """Write down that everything which waits for a mail goes in one; None if another worker was quicker."""
    at = at or timezone.now()
    with transaction.atomic():
        waiting = list(Notification.objects.to_mail().select_for_update().filter(user=user).order_by("pk")[:MOST])
        if not waiting:
            return None
        keys = [f"{each.kind} {each.key} {each.at.isoformat()}" for each in waiting]
        key = new_key(settings.FF_BASE_URL, "news", user.pk, *keys)
        letter = Letter.objects.create(user=user, key=key, created_at=at, due_at=at)
        Notification.objects.filter(pk__in=[each.pk for each in waiting]).update(letter=letter)
    return letter
