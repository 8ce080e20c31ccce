"""After a restore from a backup: what was posted since the backup was made is not known here any more."""

from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_noop

from recommendations.models import Channel, NativeList


@transaction.atomic
def begin_after_restore(*, at: datetime | None = None) -> int:
    """Pause every channel that posts. From now on, whatever is to be sent is looked for first (deliver, LOOK_BACK).

    A curator or the server's admin lets each go on. How many were paused.
    """
    at = at or timezone.now()
    live = list(Channel.objects.filter(state=Channel.State.LIVE))
    for channel in live:
        channel.move(
            Channel.State.PAUSED, trouble=gettext_noop("We were restored from a backup. Let it go on when all is well.")
        )
    Channel.objects.exclude(state=Channel.State.REHEARSAL).update(restored_at=Now())
    NativeList.objects.all().look_again(at)  # who stands there is read, not remembered
    return len(live)
