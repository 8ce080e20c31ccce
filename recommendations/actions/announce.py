"""Tell a community's members that an edition is out: a line in the app, and mail to those who asked for it."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from recommendations.actions.notify import notify_all
from recommendations.models import Edition, Letter, Membership, Notification
from recommendations.models.letter import new_key
from recommendations.models.notification import KEPT_FOR

BATCH = 1000


def announce(*, edition: Edition, at: datetime | None = None) -> None:
    """Write down what each member is to hear, and that it was done. Killed half way it may be run again.

    Not in the transaction that publishes, for there may be thousands. What has been out for long (after a restore,
    say) is no news that one would write to people about.
    """
    at = at or timezone.now()
    assert edition.published_at is not None
    members = Membership.objects.active().filter(community=edition.community_id).order_by("pk")
    with transaction.atomic():
        notify_all(
            users=members.values_list("user", flat=True),
            kind=Notification.Kind.EDITION,
            key=f"edition:{edition.pk}",
            community=edition.community,
            about=edition.headline,
            link=edition.get_absolute_url(),
            at=edition.published_at,
        )
        if at - edition.published_at < settings.FF_LATE_AFTER:
            readers = members.filter(digest=True).values_list("user", flat=True)
            letters = [
                Letter(
                    user_id=user,
                    edition=edition,
                    key=new_key(settings.FF_BASE_URL, "edition", edition.pk, user),
                    created_at=at,
                    due_at=at,
                )
                for user in readers
            ]
            Letter.objects.bulk_create(letters, batch_size=BATCH, ignore_conflicts=True)
        Edition.objects.filter(pk=edition.pk).update(announced_at=at)
        _forget(at)


def _forget(at: datetime) -> None:
    """On this occasion: old news is nobody's business any more."""
    Notification.objects.filter(at__lt=at - KEPT_FOR).delete()
    Letter.objects.filter(created_at__lt=at - KEPT_FOR).delete()
